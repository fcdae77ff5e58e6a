"""Which delivery method and which payment terms an order has, by what its shop has set up."""

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import RakutenCase, item, order, package

YAMATO, SAGAWA, JAPANPOST = "1001", "1002", "1003"


def delivered(sequence, name, *, company=None, kind=None, code=1, **values):
    """An order by a 配送方法 of RMS.

    :param str company: defaultDeliveryCompanyCode
    :param int kind: deliveryClass
    :param int code: settlementMethodCode
    """
    entry = order(sequence, [package(sequence, [item()])], **values)
    entry["DeliveryModel"] = {"deliveryName": name, "deliveryClass": kind}
    entry["SettlementModel"] = {"settlementMethodCode": code}
    for destination in entry["PackageModelList"]:
        destination["defaultDeliveryCompanyCode"] = company
    return entry


class MethodsCase(RakutenCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Method = cls.env["rakuten.delivery.method"]
        cls.yamato, cls.sagawa, cls.japanpost = (
            cls.env.ref(f"smartship_rakuten.delivery_carrier_{name}")
            for name in ("yamato", "sagawa", "japanpost")
        )
        cls.nekopos, cls.cool = cls.yamato.copy(), cls.yamato.copy()
        cls.nekopos.name, cls.cool.name = "ネコポス", "クール宅急便"
        cls.shop.carrier_id = cls.sagawa

    def method(self, name, carrier, **values):
        return self.Method.create(
            {"shop_id": self.shop.id, "name": name, "carrier_id": carrier.id, **values}
        )

    def import_one(self, *args, **values):
        (record,) = self.import_orders(delivered(*args, **values))
        return record

    def assert_carrier(self, record, carrier):
        self.assertEqual(record.sale_order_id.carrier_id, carrier)
        self.assertEqual(record.sale_order_id.picking_ids.carrier_id, carrier)

    def change(self, record, **values):
        """Something changes at Rakuten, and is read."""
        self.rms.orders[record.name].update(values)
        self.shop._run("refresh")


@tagged("post_install", "-at_install")
class TestDelivery(MethodsCase):
    def test_order_of_specificity(self):
        """A class before cash on delivery, that before the name, that before Rakuten's carrier,
        that before the shop's default."""
        lines = [
            self.method("クール便", self.japanpost),
            self.method("クール便", self.nekopos, cash_on_delivery=True),
            self.method("クール便", self.cool, delivery_class="2"),
            self.method("クール便", self.yamato, delivery_class="2", cash_on_delivery=True),
        ]
        cases = [
            ({"kind": 2, "code": 2}, self.yamato),
            ({"kind": 2}, self.cool),
            ({"kind": 3, "code": 2}, self.nekopos),
            ({"kind": 3}, self.japanpost),
            ({}, self.japanpost),
        ]
        for sequence, (values, carrier) in enumerate(cases, start=1):
            with self.subTest(values):
                self.assert_carrier(
                    self.import_one(sequence, "クール便", company=SAGAWA, **values), carrier
                )
        # A line without a delivery method decides nothing, an archived one neither.
        lines[3].carrier_id = False
        lines[2].active = False
        record = self.import_one(11, "クール便", kind=2, code=2)
        self.assert_carrier(record, self.nekopos)
        self.assertEqual(record.delivery_method_id, lines[1])

    def test_carrier_at_purchase(self):
        """Where exactly one delivery method is that carrier's."""
        self.assert_carrier(self.import_one(1, "宅配便", company=JAPANPOST), self.japanpost)
        # ヤマト運輸 has three here; その他 is nobody's.
        self.assert_carrier(self.import_one(2, "宅配便", company=YAMATO), self.sagawa)
        self.japanpost.copy({"rakuten_company_code": "1000"})
        self.assert_carrier(self.import_one(3, "宅配便", company="1000"), self.sagawa)
        # Another company's delivery method is none.
        other = self.env["res.company"].create({"name": "別会社"})
        self.japanpost.copy(
            {
                "rakuten_company_code": "1008",
                # A delivery method is its product's company's.
                "product_id": self.japanpost.product_id.copy({"company_id": other.id}).id,
            }
        )
        self.assert_carrier(self.import_one(4, "宅配便", company="1008"), self.sagawa)

    def test_nothing_said(self):
        self.assert_carrier(self.import_one(1, None), self.sagawa)
        self.shop.carrier_id = False
        record = self.import_one(2, "宅配便")
        self.assertFalse(record.sale_order_id.carrier_id)
        self.assertTrue(record.delivery_unknown)

    def test_names_are_listed(self):
        """Each once, those that are archived or typed with blanks are known."""
        self.method("メール便 ", self.nekopos)
        self.method("国際配送", self.sagawa, active=False)
        self.import_orders(
            *(
                delivered(sequence, name, progress=progress)
                for sequence, (name, progress) in enumerate(
                    [
                        ("宅配便", 300),
                        ("宅配便", 300),
                        ("メール便", 300),
                        ("国際配送", 300),
                        ("クール便", 100),
                        (None, 300),
                    ],
                    start=1,
                )
            )
        )
        listed = self.Method.search([("shop_id", "=", self.shop.id), ("carrier_id", "=", False)])
        self.assertEqual(sorted(listed.mapped("name")), ["クール便", "宅配便"])
        self.assertEqual(self.shop.unknown_delivery_count, 2)
        listed.carrier_id = self.yamato
        self.shop.invalidate_recordset(["unknown_delivery_count"])
        self.assertEqual(self.shop.unknown_delivery_count, 0)
        self.assertEqual(self.import_one(9, "宅配便").sale_order_id.carrier_id, self.yamato)

    def test_preview(self):
        """Says what is unknown, and lists it so that it can be chosen before the import."""
        self.method("メール便", self.nekopos)
        self.rms.put(
            delivered(1, "宅配便"),
            delivered(2, "宅配便"),
            delivered(3, "メール便"),
            delivered(4, "クール便", company=JAPANPOST),
        )
        wizard = self.env["rakuten.order.import"].create({"shop_id": self.shop.id})
        wizard.action_preview()
        self.assertEqual(wizard.unknown_deliveries, "宅配便 (2)")
        self.assertEqual(
            wizard.line_ids.sorted("name").mapped("carrier_name"),
            ["佐川急便", "佐川急便", "ネコポス", "日本郵便"],
        )
        reasons = wizard.line_ids.sorted("name").mapped("reason")
        self.assertIn("宅配便", reasons[0])
        self.assertEqual(reasons[2:], [False, False])
        self.assertFalse(self.Order.search([("shop_id", "=", self.shop.id)]))
        action = wizard.action_choose_deliveries()
        listed = self.Method.search(action["domain"])
        listed.filtered(lambda line: line.name == "宅配便").carrier_id = self.yamato
        wizard.action_preview()
        self.assertFalse(wizard.unknown_deliveries)
        wizard.action_import()
        records = self.Order.search([("shop_id", "=", self.shop.id)], order="name")
        self.assertEqual(
            [record.sale_order_id.carrier_id for record in records],
            [self.yamato, self.yamato, self.nekopos, self.japanpost],
        )

    def test_apply_to_open_orders(self):
        """Imported before the choice: what nobody has worked on gets it."""
        records = self.import_orders(*(delivered(number, "メール便") for number in range(1, 6)))
        plain, printed, other, shipped, quotation = records.sorted("name")
        printed.sale_order_id.picking_ids.printed = True
        other.sale_order_id.picking_ids.carrier_id = self.japanpost
        self.rms.orders[shipped.name]["orderProgress"] = 500
        self.shop._run("refresh")
        quotation.sale_order_id._action_cancel()
        quotation.sale_order_id.action_draft()
        (line,) = self.Method.search([("name", "=", "メール便")])
        with self.assertRaises(UserError):
            line.action_apply()
        line.carrier_id = self.nekopos
        user = new_test_user(
            self.env,
            "keeper",
            "smartship_rakuten.group_user",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        line.with_user(user).action_apply()
        self.assert_carrier(plain, self.nekopos)
        self.assertEqual(quotation.sale_order_id.carrier_id, self.nekopos)
        self.assert_carrier(printed, self.sagawa)
        self.assert_carrier(shipped, self.sagawa)
        self.assertEqual(other.sale_order_id.carrier_id, self.sagawa)
        self.assertEqual(other.sale_order_id.picking_ids.carrier_id, self.japanpost)

    def test_one_line_for_each_condition(self):
        self.method("宅配便", self.yamato)
        self.method("宅配便", self.yamato, delivery_class="2")
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            self.method("宅配便", self.sagawa)

    def test_who_may(self):
        """Whoever works with orders sets it up; the warehouse sees it."""
        line = self.method("宅配便", self.yamato)
        for groups, may in (
            ("smartship_rakuten.group_user", True),
            ("stock.group_stock_user", False),
        ):
            user = new_test_user(
                self.env,
                f"may-{may}",
                groups,
                company_id=self.company.id,
                company_ids=[(6, 0, self.company.ids)],
            )
            own = line.with_user(user)
            self.assertEqual(own.name, "宅配便")
            if may:
                with Form(own) as form:
                    form.carrier_id = self.sagawa
            else:
                with self.assertRaises(AccessError):
                    own.carrier_id = self.sagawa
        stranger = new_test_user(
            self.env,
            "stranger",
            "smartship_rakuten.group_user",
            company_id=self.env["res.company"].create({"name": "別会社"}).id,
        )
        self.assertFalse(
            self.Method.with_user(stranger).with_context(allowed_company_ids=None).search([])
        )


@tagged("post_install", "-at_install")
class TestChanges(MethodsCase):
    """The buyer or the shop changes the method at Rakuten after the import."""

    def setUp(self):
        super().setUp()
        self.method("宅配便", self.yamato)
        self.method("メール便", self.nekopos)

    def to_mail(self, record, **values):
        mail = {"deliveryName": "メール便", "deliveryClass": None}
        self.change(record, DeliveryModel=mail, **values)

    def test_untouched_transfers_follow(self):
        record = self.import_one(1, "宅配便")
        self.assert_carrier(record, self.yamato)
        self.to_mail(record)
        self.assert_carrier(record, self.nekopos)
        self.assertFalse(record.changed)
        self.assertIn("宅配便 → メール便", record.message_ids[:1].body)

    def test_together_with_the_contents(self):
        """The transfers are made anew, and go the new way."""
        record = self.import_one(1, "宅配便")
        packages = [package(1, [item(units=2)])]
        packages[0]["defaultDeliveryCompanyCode"] = None
        amounts = {"goodsPrice": 2200, "totalPrice": 2200, "requestPrice": 2200}
        self.to_mail(record, PackageModelList=packages, **amounts)
        (picking,) = record.sale_order_id.picking_ids.filtered(lambda p: p.state != "cancel")
        self.assertEqual(picking.move_ids.product_uom_qty, 2)
        self.assertEqual(picking.carrier_id, self.nekopos)
        self.assertFalse(record.changed)

    def test_what_somebody_works_on_is_held(self):
        record = self.import_one(1, "宅配便")
        record.sale_order_id.picking_ids.printed = True
        self.to_mail(record)
        self.assert_carrier(record, self.yamato)
        self.assertIn("宅配便 → メール便", record.changed)

    def test_choice_of_a_person_stays(self):
        record = self.import_one(1, "宅配便")
        record.sale_order_id.carrier_id = self.japanpost
        self.to_mail(record)
        self.assertEqual(record.sale_order_id.carrier_id, self.japanpost)
        self.assertEqual(record.sale_order_id.picking_ids.carrier_id, self.yamato)

    def test_another_name_of_the_same_way(self):
        self.method("小型宅配便", self.yamato)
        record = self.import_one(1, "宅配便")
        self.change(record, DeliveryModel={"deliveryName": "小型宅配便"})
        self.assert_carrier(record, self.yamato)
        self.assertFalse(record.changed)


@tagged("post_install", "-at_install")
class TestWaybills(MethodsCase):
    """One carrier, several services."""

    def setUp(self):
        super().setUp()
        self.method("宅配便", self.yamato)
        self.mail = self.method("メール便", self.yamato, waybill_service="A")

    def line(self, record):
        action = record.sale_order_id.picking_ids.action_rakuten_waybills()
        return self.env["rakuten.waybill.export"].browse(action["res_id"]).line_ids

    def service(self, record):
        line = self.line(record)
        values, _problems, _notes = line.picking_id._prepare_rakuten_waybill(
            line.format_id, line.wizard_id.ship_date
        )
        return values["service"]

    def test_service(self):
        """The line's, else the delivery method's, else the format's."""
        plain = self.import_one(1, "宅配便")
        self.assertEqual(self.service(plain), "0")
        self.yamato.rakuten_waybill_service = "8"
        self.assertEqual(self.service(plain), "8")
        self.assertEqual(self.service(self.import_one(2, "メール便")), "A")

    def test_format(self):
        record = self.import_one(1, "メール便")
        form = self.yamato.rakuten_waybill_format_id
        self.assertEqual(self.line(record).format_id, form)
        own = form.copy()
        self.mail.waybill_format_id = own
        line = self.line(record)
        self.assertEqual(line.format_id, own)
        # Somebody sends it otherwise: what the line says is of the other carrier.
        line.carrier_id = self.sagawa
        self.assertEqual(line.format_id, self.sagawa.rakuten_waybill_format_id)
        self.assertNotEqual(self.service(record), "A")


@tagged("post_install", "-at_install")
class TestLabels(MethodsCase):
    """Taking over a label of ヤマト運輸, which has three delivery methods here."""

    def test_carrier_of_a_label(self):
        self.method("メール便", self.nekopos)
        entry = delivered(1, "メール便")
        entry["PackageModelList"][0]["ShippingModelList"] = [
            {
                "shippingDetailId": 1,
                "shippingNumber": "412345678901",
                "deliveryCompany": YAMATO,
                "deliveryCompanyName": "ヤマト運輸",
                "shippingDate": None,
            }
        ]
        (record,) = self.import_orders(entry)
        self.assertEqual(record.problem_code, "label_exists")
        record.action_take_over_labels()
        self.assert_carrier(record, self.nekopos)


@tagged("post_install", "-at_install")
class TestPayment(MethodsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Payment = cls.env["rakuten.payment.method"]
        cls.term = cls.env["account.payment.term"].create({"name": "見本の条件"})

    def payment(self, code):
        return self.Payment.search([("shop_id", "=", self.shop.id), ("code", "=", code)])

    def test_methods_are_listed(self):
        self.import_orders(
            *(delivered(number, "宅配便", code=code) for number, code in enumerate([1, 1, 2], 1))
        )
        listed = self.Payment.search([("shop_id", "=", self.shop.id)])
        self.assertEqual(
            [(line.code, line.name) for line in listed.sorted("code")],
            [("1", "クレジットカード"), ("2", "代金引換")],
        )

    def test_terms_and_journal(self):
        """What is not mapped is as for any sale order."""
        before = self.import_one(1, "宅配便", code=9).sale_order_id
        self.assertFalse(before.journal_id)
        customers = before.payment_term_id
        journal = self.env["account.journal"].create(
            {"name": "見本", "code": "SAMP", "type": "sale", "company_id": self.company.id}
        )
        self.payment("9").write({"payment_term_id": self.term.id, "journal_id": journal.id})
        record = self.import_one(2, "宅配便", code=9)
        self.assertEqual(record.sale_order_id.payment_term_id, self.term)
        self.assertEqual(record.sale_order_id.journal_id, journal)
        invoice = record.sale_order_id._create_invoices()
        self.assertEqual(invoice.journal_id, journal)
        self.assertEqual(invoice.invoice_payment_term_id, self.term)
        other = self.import_one(3, "宅配便", code=1).sale_order_id
        self.assertEqual(other.payment_term_id, customers)
        self.assertFalse(other.journal_id)

    def test_another_method_at_rakuten(self):
        first = self.import_one(1, "宅配便", code=9)
        customers = first.sale_order_id.payment_term_id
        self.payment("9").payment_term_id = self.term
        record = self.import_one(2, "宅配便", code=9)
        self.change(record, SettlementModel={"settlementMethodCode": 1})
        self.assertEqual(record.sale_order_id.payment_term_id, customers)
        self.change(record, SettlementModel={"settlementMethodCode": 9})
        self.assertEqual(record.sale_order_id.payment_term_id, self.term)
        # Not what a person has chosen.
        own = self.term.copy()
        record.sale_order_id.payment_term_id = own
        self.change(record, SettlementModel={"settlementMethodCode": 1})
        self.assertEqual(record.sale_order_id.payment_term_id, own)

    def test_changed_contents_keep_the_terms(self):
        self.import_one(1, "宅配便", code=9)
        self.payment("9").payment_term_id = self.term
        record = self.import_one(2, "宅配便", code=9)
        packages = [package(2, [item(units=2)])]
        amounts = {"goodsPrice": 2200, "totalPrice": 2200, "requestPrice": 2200}
        self.change(record, PackageModelList=packages, **amounts)
        self.assertEqual(record.sale_order_id.amount_total, 2200)
        self.assertEqual(record.sale_order_id.payment_term_id, self.term)

    def test_readers(self):
        """Salespeople and accountants read, group and filter by payment."""
        record = self.import_one(1, "宅配便", code=9)
        for groups in (
            "sales_team.group_sale_salesman_all_leads",
            "account.group_account_readonly",
        ):
            user = new_test_user(
                self.env,
                groups,
                groups,
                company_id=self.company.id,
                company_ids=[(6, 0, self.company.ids)],
            )
            found = (
                self.env["sale.order"]
                .with_user(user)
                ._read_group(
                    [("rakuten_collected", "=", True)], ["rakuten_payment_name"], ["__count"]
                )
            )
            self.assertEqual(found, [("銀行振込", 1)])
            as_user = record.with_user(user)
            self.assertEqual((as_user.payment_code, as_user.payment_name), ("9", "銀行振込"))
            self.assertTrue(self.payment("9").with_user(user).name)
