"""The shop's own figure for the label of 最強配送, counted by hand."""

from datetime import date, datetime, timedelta

from odoo.tests import tagged

from .common import RakutenCase, open_return, order

#: Noon of 2026-11-10 in Japan.
NOON = datetime(2026, 11, 10, 3)


@tagged("post_install", "-at_install")
class TestLabel(RakutenCase):
    def setUp(self):
        super().setUp()
        values = {"orderDatetime": "2026-11-10T09:00:00+0900"}
        with self.at(NOON):
            records = self.import_orders(
                *(
                    order(
                        number,
                        orderFixDatetime="2026-11-10T11:00:00+0900",
                        deliveryDate=wish,
                        **values,
                    )
                    for number, wish in enumerate((None, None, None, "2026-11-20", None), start=1)
                )
            )
        self.pickings = records.sale_order_id.picking_ids.sorted("rakuten_order_number")
        # By 2026-11-11: in time on its last second, late a second after, late and after six days;
        # by 2026-11-19: in time, and after six days. The last one leaves in December.
        for number, (picking, moment) in enumerate(
            zip(
                self.pickings,
                (
                    datetime(2026, 11, 11, 14, 59, 59),
                    datetime(2026, 11, 11, 15),
                    datetime(2026, 11, 17, 3),
                    datetime(2026, 11, 19, 3),
                    datetime(2026, 11, 30, 15),
                ),
                strict=True,
            )
        ):
            with self.at(moment):
                self.ship(picking, f"40000000000{number}")
        self.shop.write({"label_shipments_min": 4})

    def months(self):
        Month = self.env["rakuten.label.month"]
        Month.invalidate_model()
        return Month.search([("shop_id", "=", self.shop.id)])

    def test_months(self):
        december, november = self.months()
        self.assertEqual((november.month, november.shipments), (date(2026, 11, 1), 4))
        self.assertEqual((november.in_time_share, november.quick_share), (50.0, 50.0))
        self.assertEqual(november.spoiled, 3)
        self.assertEqual((december.month, december.shipments), (date(2026, 12, 1), 1))
        self.assertEqual((december.in_time_share, december.quick_share), (0.0, 0.0))

    def test_limits_of_the_shop(self):
        def reached(month):
            return (
                month.in_time_reached,
                month.quick_reached,
                month.shipments_reached,
                month.reached,
            )

        self.assertEqual(reached(self.months()[1]), (False, False, True, False))
        self.shop.write({"label_in_time_min": 50, "label_quick_min": 50})
        self.assertEqual(reached(self.months()[1]), (True, True, True, True))
        # Ordered on the 10th, left on the 17th.
        self.shop.label_days = 7
        self.assertEqual(self.months()[1].quick_share, 75.0)
        self.shop.label_shipments_min = 5
        self.assertEqual(reached(self.months()[1]), (True, True, False, False))

    def test_published_limits(self):
        shop = self.env["rakuten.shop"].new({})
        self.assertEqual(
            (
                shop.label_in_time_min,
                shop.label_days,
                shop.label_quick_min,
                shop.label_shipments_min,
            ),
            (96, 6, 80, 100),
        )

    def test_what_spoiled_it(self):
        action = self.months()[1].action_view_spoiled()
        rows = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(rows.picking_id, self.pickings[1:4])
        self.assertEqual(
            {row.picking_id: (row.in_time, row.quick, row.days_taken) for row in rows},
            {
                self.pickings[1]: (False, True, 2),
                self.pickings[2]: (False, False, 7),
                self.pickings[3]: (True, False, 9),
            },
        )
        action = self.months()[1].action_view_shipments()
        rows = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(rows.picking_id, self.pickings[:4])

    def test_figures_stay(self):
        """Other days of the shop, and what comes back, change nothing that was."""
        before = [(month.shipments, month.in_time_share) for month in self.months()]
        self.shop.ship_days = 30
        self.rms.orders[self.pickings[1].rakuten_order_number]["remarks"] = "[備考:]\n見本"
        with self.at(NOON + timedelta(days=30)):
            self.shop._run("refresh")
            back = open_return(self.pickings[0], lambda move: 1)
            back.move_ids.write({"quantity": 1, "picked": True})
            back.button_validate()
        self.assertEqual(self.pickings[1].rakuten_ship_by, date(2026, 11, 11))
        self.assertEqual(
            [(month.shipments, month.in_time_share) for month in self.months()], before
        )
