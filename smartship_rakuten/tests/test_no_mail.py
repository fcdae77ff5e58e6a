"""Nothing that Odoo writes leaves for a Rakuten buyer, by any path.

Somebody has typed a mail address and a phone number into the contact: even then.
"""

import json
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import ADDRESS as PERSON
from .common import RakutenCase, order

ADDRESS = "buyer@relay.example.com"
ADDRESS_OF_ANOTHER = {**PERSON, "familyName": "別", "firstName": "花子"}


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


@tagged("post_install", "-at_install")
class TestOthersMail(RakutenCase):
    """Who is more than a buyer of Rakuten gets his mail."""

    def setUp(self):
        super().setUp()
        self.product_a.invoice_policy = "order"
        (self.record,) = self.import_orders(order(1))
        self.buyer = self.record.sale_order_id.partner_id
        self.buyer.email = ADDRESS
        self.author = new_test_user(self.env, "rakuten-author", "base.group_user", lang="ja_JP")

    def mail(self, **vals):
        return self.env["mail.mail"].create({"subject": "x", "body_html": "x", **vals})

    def assert_leaves(self, *, leaves):
        """By address and by contact, at the creation and once more before it is sent."""
        to_address, to_contact = (
            self.mail(email_to=ADDRESS),
            self.mail(recipient_ids=[(6, 0, self.buyer.ids)]),
        )
        for mail in (to_address, to_contact):
            self.assertEqual(mail.state, "outgoing" if leaves else "cancel")
            mail.state = "outgoing"
            mail._rakuten_strike_out()
            self.assertEqual(mail.state, "outgoing" if leaves else "cancel")
        thread = self.env["res.partner"].create({"name": "見本"})
        message = self.env["mail.message"]
        found = thread._notify_get_recipients(
            message, {"partner_ids": self.buyer.ids, "author_id": self.author.partner_id.id}
        )
        self.assertEqual([data["id"] for data in found], self.buyer.ids if leaves else [])

    def test_a_buyer_and_nothing_else(self):
        self.record.sale_order_id._create_invoices().action_post()
        self.assert_leaves(leaves=False)

    def test_a_regular_customer_with_the_same_address(self):
        self.env["res.partner"].create({"name": "Regular", "email": f"Regular <{ADDRESS}>"})
        self.assert_leaves(leaves=True)

    def test_an_archived_customer_and_another_company_s(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        self.env["res.partner"].create(
            {"name": "Regular", "email": ADDRESS, "active": False, "company_id": other.id}
        )
        self.assert_leaves(leaves=True)

    def test_another_buyer_with_the_same_address(self):
        self.buyer.copy({"email": ADDRESS}).sudo().rakuten_buyer = True
        self.assert_leaves(leaves=False)

    def test_a_buyer_who_has_another_order(self):
        sale_order = self.env["sale.order"].create({"partner_id": self.buyer.id})
        self.assert_leaves(leaves=True)
        sale_order._action_cancel()
        self.assert_leaves(leaves=False)

    def test_a_buyer_who_has_another_invoice(self):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.buyer.id,
                "invoice_line_ids": [(0, 0, {"product_id": self.product_a.id})],
            }
        )
        self.assert_leaves(leaves=True)
        invoice.button_cancel()
        self.assert_leaves(leaves=False)

    def test_a_password_is_reset(self):
        """Somebody has typed an administrator's address on a buyer."""
        admin = self.env.ref("base.user_admin")
        admin.email = ADDRESS
        sent = []

        def send(mails, **_options):
            # Odoo rolls the mail back once it was sent.
            mails._rakuten_strike_out()
            sent.extend((mail.state, mail.email_to) for mail in mails)

        self.startPatcher(patch.object(type(self.env["mail.mail"]), "send", send))
        admin.action_reset_password()
        self.assertEqual(sent, [("outgoing", ADDRESS)])
        self.assert_leaves(leaves=True)

    def test_a_buyer_who_becomes_a_user(self):
        new_test_user(self.env, "rakuten-buyer", "base.group_portal", partner_id=self.buyer.id)
        self.buyer.email = ADDRESS
        self.assert_leaves(leaves=True)

    def merge(self, contacts, into):
        merger = new_test_user(
            self.env, "rakuten-merger", "base.group_partner_manager,base.group_system"
        )
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(merger).create({})
        wizard._merge((contacts | into).ids, into.with_user(merger))

    def test_merged_into_a_regular_customer(self):
        regular = self.env["res.partner"].create({"name": "Regular", "email": ADDRESS})
        buyer = self.buyer
        self.buyer = regular
        self.merge(buyer, into=regular)
        self.assertFalse(regular.rakuten_buyer or regular.rakuten_identity)
        self.assertEqual(self.record.sale_order_id.partner_id, regular)
        self.assert_leaves(leaves=True)

    def test_a_regular_customer_merged_into_a_buyer(self):
        regular = self.env["res.partner"].create({"name": "Regular", "email": ADDRESS})
        self.merge(regular, into=self.buyer)
        self.assertFalse(self.buyer.rakuten_buyer or self.buyer.rakuten_identity)
        self.assert_leaves(leaves=True)

    def test_two_buyers_merged(self):
        (other,) = self.import_orders(
            order(2, OrdererModel={**ADDRESS_OF_ANOTHER, "emailAddress": "x@relay.example.com"})
        )
        other = other.sale_order_id.partner_id
        self.assertNotEqual(other, self.buyer)
        identity = self.buyer.rakuten_identity
        other.email = ADDRESS
        self.merge(other, into=self.buyer)
        self.assertTrue(self.buyer.rakuten_buyer)
        self.assertEqual(self.buyer.rakuten_identity, identity)
        self.assert_leaves(leaves=False)

    def told(self):
        """What is sent to the author's screen when the work is kept."""
        before = self.env["bus.bus"].search([])
        self.env.cr.precommit.run()
        sent = self.env["bus.bus"].sudo().search([]) - before
        messages = [json.loads(entry.message) for entry in sent]
        return [
            entry["payload"]["message"]
            for entry in messages
            if entry["type"] == "simple_notification"
        ]

    def test_the_author_is_told_in_his_language(self):
        self.assertEqual(self.told(), [])
        sentence = "送信されませんでした"
        mail = self.mail(email_to=ADDRESS, author_id=self.author.partner_id.id)
        self.assertIn(sentence, mail.failure_reason)
        (told,) = self.told()
        self.assertIn(sentence, told)
        self.assertIn(ADDRESS, told)
        before = self.record.message_ids
        self.record.with_user(self.author).sudo().message_post(
            body="x",
            partner_ids=self.buyer.ids,
            subtype_xmlid="mail.mt_comment",
            author_id=self.author.partner_id.id,
        )
        (told,) = self.told()
        self.assertIn(sentence, told)
        self.assertIn("見本 太郎", told)
        note = (self.record.message_ids - before).filtered(lambda m: sentence in m.body)
        self.assertEqual(len(note), 1)

    def test_a_batch_costs_what_one_mail_costs(self):
        def cost(count):
            vals = [
                {
                    "subject": "x",
                    "email_to": f"{n}-{ADDRESS}",
                    "recipient_ids": [(6, 0, self.buyer.ids)],
                }
                for n in range(count)
            ]
            mails = self.env["mail.mail"].create(vals)
            mails.write({"state": "outgoing", "recipient_ids": [(6, 0, [])]})
            buyers = self.buyer.create(
                [{"name": str(n), "email": f"{n}-{ADDRESS}"} for n in range(count)]
            )
            buyers.sudo().rakuten_buyer = True
            for mail, buyer in zip(mails, buyers, strict=True):
                mail.recipient_ids = buyer
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found, struck = mails.recipient_ids._rakuten_strike(
                "email_normalized", mails.mapped("email_to")
            )
            self.assertEqual((len(found), len(struck)), (count, count))
            return self.env.cr.sql_log_count - before

        cost(1)
        few = cost(2)
        self.assertGreater(few, 3)
        self.assertEqual(cost(30), few)
