"""Nothing that Odoo writes leaves for a Rakuten buyer as an SMS either, on all paths of mail."""

from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.smartship_rakuten.tests import test_no_mail


@tagged("post_install", "-at_install")
class TestNoSms(test_no_mail.TestNoMail):
    def assert_silent(self):
        self.assertFalse(
            self.env["sms.sms"].search(
                [("partner_id", "=", self.buyer.id), ("state", "!=", "canceled")]
            )
        )
        return super().assert_silent()

    def test_sms_that_somebody_puts_back(self):
        message = self.env["sms.sms"].create(
            {"partner_id": self.buyer.id, "number": "+81300001234", "body": "x"}
        )
        message.state = "outgoing"
        message.send()
        self.assertEqual(message.state, "canceled")

    def test_sms(self):
        message = self.env["sms.sms"].create(
            {"partner_id": self.buyer.id, "number": "+81300001234", "body": "x"}
        )
        self.assertEqual(message.state, "canceled")
        self.sale_order._message_sms("x", partner_ids=self.buyer.ids)
        self.assert_silent()

    def test_sms_at_the_delivery(self):
        if "stock_sms_confirmation_template_id" not in self.company._fields:
            self.skipTest("stock_sms is not installed")
        self.company.write({"stock_text_confirmation": True, "stock_confirmation_type": "sms"})
        self.company.has_received_warning_stock_sms = True
        picking = self.sale_order.picking_ids
        self.ship(picking, "400000000007")
        self.assertEqual(picking.state, "done")
        # Odoo sends no SMS from within tests unless it does not know that it is in one.
        with patch("odoo.modules.module.current_test", False):
            picking._send_confirmation_email()
        self.assert_silent()
