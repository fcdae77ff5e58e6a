"""Nothing that Odoo writes leaves for a Rakuten buyer, by any path.

Somebody has typed a mail address and a phone number into the contact: even then.
"""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import RakutenCase, order

ADDRESS = "buyer@relay.example.com"


@tagged("post_install", "-at_install")
class TestNoMail(RakutenCase):
    def setUp(self):
        super().setUp()
        self.product_a.invoice_policy = "order"
        (self.record,) = self.import_orders(order(1))
        self.sale_order = self.record.sale_order_id
        self.buyer = self.sale_order.partner_id
        self.buyer.email = ADDRESS
        self.before = self.env["mail.mail"].search([])

    def assert_silent(self):
        self.env.flush_all()
        mails = self.env["mail.mail"].search([]) - self.before
        leaving = mails.filtered(
            lambda mail: (
                mail.state in ("outgoing", "sent")
                and (self.buyer in mail.recipient_ids or ADDRESS in (mail.email_to or ""))
            )
        )
        self.assertFalse(leaving)
        self.assertFalse(
            self.env["mail.notification"].search(
                [
                    ("res_partner_id", "=", self.buyer.id),
                    ("notification_type", "!=", "inbox"),
                    ("notification_status", "!=", "canceled"),
                ]
            )
        )

    def test_the_guard_is_what_keeps_it_silent(self):
        """The same message does leave for a contact that is no buyer of Rakuten."""
        other = self.env["res.partner"].create({"name": "Other", "email": "other@example.com"})
        self.sale_order.message_post(
            body="x", partner_ids=(self.buyer | other).ids, subtype_xmlid="mail.mt_comment"
        )
        self.assert_silent()
        mails = self.env["mail.mail"].search([]) - self.before
        self.assertEqual(mails.recipient_ids, other)

    def test_order_confirmation(self):
        self.sale_order._send_order_confirmation_mail()
        self.assert_silent()

    def test_quotation_and_its_composer(self):
        action = self.sale_order.action_quotation_send()
        composer = (
            self.env["mail.compose.message"]
            .with_context(**action["context"])
            .create({"partner_ids": [(6, 0, self.buyer.ids)]})
        )
        composer.action_send_mail()
        self.assert_silent()

    def test_mass_mail(self):
        composer = self.env["mail.compose.message"].create(
            {
                "composition_mode": "mass_mail",
                "model": "res.partner",
                "res_ids": self.buyer.ids,
                "body": "x",
                "subject": "x",
            }
        )
        composer.action_send_mail()
        self.assert_silent()

    def test_template(self):
        template = self.env.ref("sale.mail_template_sale_confirmation")
        template.send_mail(self.sale_order.id)
        self.assert_silent()

    def test_mail_by_address_alone(self):
        mail = self.env["mail.mail"].create(
            {"email_to": f"Somebody <{ADDRESS}>", "subject": "x", "body_html": "x"}
        )
        self.assertEqual(mail.state, "cancel")
        self.assertIn("Rakuten", mail.failure_reason)
        both = self.env["mail.mail"].create(
            {"email_to": f"{ADDRESS}, other@example.com", "subject": "x", "body_html": "x"}
        )
        self.assertEqual(both.email_to, "other@example.com")
        self.assertEqual(both.state, "outgoing")

    def test_copy(self):
        alone = self.env["mail.mail"].create({"email_cc": ADDRESS, "subject": "x"})
        self.assertEqual(alone.state, "cancel")
        both = self.env["mail.mail"].create(
            {"email_to": "other@example.com", "email_cc": ADDRESS, "subject": "x"}
        )
        self.assertEqual((both.email_to, both.email_cc), ("other@example.com", False))
        self.assert_silent()

    def test_follower(self):
        self.sale_order.message_subscribe(self.buyer.ids)
        self.sale_order.message_post(body="x", subtype_xmlid="mail.mt_comment")
        self.assert_silent()

    def test_delivery(self):
        self.company.stock_move_email_validation = True
        self.ship(self.sale_order.picking_ids, "400000000007")
        self.sale_order.picking_ids._send_confirmation_email()
        self.assert_silent()

    def test_portal_invitation(self):
        wizard = (
            self.env["portal.wizard"]
            .with_context(active_model="res.partner", active_ids=self.buyer.ids)
            .create({})
        )
        with self.assertRaisesRegex(UserError, "must not invite"):
            wizard.user_ids.action_grant_access()
        with self.assertRaisesRegex(UserError, "must not invite"):
            wizard.user_ids.action_invite_again()
        self.assert_silent()

    def test_shared_link(self):
        share = self.env["portal.share"].create(
            {
                "res_model": "sale.order",
                "res_id": self.sale_order.id,
                "partner_ids": [(6, 0, self.buyer.ids)],
            }
        )
        share.action_send_mail()
        self.assert_silent()

    def test_invoice(self):
        invoice = self.sale_order._create_invoices()
        invoice.action_post()
        template = self.env.ref("account.email_template_edi_invoice")
        template.send_mail(invoice.id)
        invoice.message_post(body="x", partner_ids=self.buyer.ids, subtype_xmlid="mail.mt_comment")
        self.assert_silent()

    def test_recipient_is_a_buyer_too(self):
        entry = order(2)
        entry["PackageModelList"][0]["SenderModel"]["firstName"] = "花子"
        (record,) = self.import_orders(entry)
        self.assertTrue(record.sale_order_id.partner_shipping_id.rakuten_buyer)
