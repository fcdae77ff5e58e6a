"""Odoo's points, coupons and gift cards beside Rakuten's orders."""

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.smartship_rakuten.tests.common import RakutenCase, order


@tagged("post_install", "-at_install")
class TestLoyalty(RakutenCase):
    def setUp(self):
        super().setUp()
        self.env["loyalty.program"].search([]).active = False
        discount = {"reward_type": "discount", "discount": 10, "discount_applicability": "order"}
        rule = {"reward_point_mode": "order", "reward_point_amount": 1, "minimum_qty": 1}
        common = {
            "company_id": self.company.id,
            "rule_ids": [Command.create(rule)],
            "reward_ids": [Command.create({**discount, "required_points": 1})],
        }
        self.points, self.promotion, self.next_order, self.code = self.env[
            "loyalty.program"
        ].create(
            [
                {
                    **common,
                    "name": "Points",
                    "program_type": "loyalty",
                    "trigger": "auto",
                    "applies_on": "both",
                },
                {
                    **common,
                    "name": "Promotion",
                    "program_type": "promotion",
                    "trigger": "auto",
                    "applies_on": "current",
                },
                {
                    **common,
                    "name": "Next order",
                    "program_type": "next_order_coupons",
                    "trigger": "auto",
                    "applies_on": "future",
                },
                {
                    **common,
                    "name": "Code",
                    "program_type": "promo_code",
                    "trigger": "with_code",
                    "applies_on": "current",
                    "rule_ids": [Command.create({**rule, "mode": "with_code", "code": "MIHON"})],
                },
            ]
        )

    def cards(self):
        return self.env["loyalty.card"].search([])

    def assert_untouched(self, sale_order):
        self.assertEqual(sale_order.state, "sale")
        self.assertEqual((sale_order.amount_total, len(sale_order.order_line)), (1100, 1))
        self.assertFalse(sale_order.coupon_point_ids)
        self.assertFalse(self.cards())
        self.assertFalse(self.env["loyalty.history"].search([("order_id", "=", sale_order.id)]))

    def test_nothing_is_earned(self):
        (record,) = self.import_orders(order(1))
        self.assert_untouched(record.sale_order_id)

    def test_nothing_is_earned_by_hand(self):
        """Who confirms it himself sees no reward to claim, and no code is taken."""
        self.shop.auto_fulfil = False
        (record,) = self.import_orders(order(1))
        sale_order = record.sale_order_id
        self.assertTrue(sale_order.action_open_reward_wizard())
        self.assertIn("error", sale_order._try_apply_code("MIHON"))
        self.assertIn("error", sale_order._try_apply_program(self.promotion))
        self.assertIs(sale_order.action_confirm(), True)
        self.assert_untouched(sale_order)

    def test_card_that_the_buyer_has_from_elsewhere(self):
        """It is not used up either."""
        self.shop.auto_fulfil = False
        (record,) = self.import_orders(order(1))
        sale_order = record.sale_order_id
        card = self.env["loyalty.card"].create(
            {
                "program_id": self.points.id,
                "partner_id": sale_order.partner_id.id,
                "points": 5,
            }
        )
        sale_order._update_programs_and_rewards()
        self.assertFalse(sale_order._get_claimable_rewards(forced_coupons=card))
        sale_order.action_confirm()
        self.assertEqual((card.points, sale_order.amount_total), (5, 1100))

    def test_cancelled(self):
        (record,) = self.import_orders(order(1))
        record.sale_order_id._action_cancel()
        self.assertFalse(self.cards())

    def test_other_orders(self):
        """Whoever buys elsewhere earns as ever."""
        other = self.env["sale.order"].create(
            {
                "partner_id": self.env["res.partner"].create({"name": "試験 太郎"}).id,
                "order_line": [
                    Command.create({"product_id": self.product_a.id, "price_unit": 1100})
                ],
            }
        )
        other._update_programs_and_rewards()
        self.assertTrue(other._get_claimable_rewards())
        other.action_confirm()
        self.assertEqual(
            self.cards().program_id & (self.points | self.next_order),
            self.points | self.next_order,
        )
