from odoo import api, models
from odoo.fields import Domain

from ...rules.order import OPEN_PROGRESS
from ...rules.privacy import anonymise
from ..shop.sentences import columns
from ..waybills.stock_picking_waybill import LABEL_TEXTS

#: An order that can still change or ship keeps its data.
FINISHED = ("done", "cancelled", "ignored")
#: What is attached to a record or was said beside it.
CHATTER_MODELS = (
    ("mail.activity", "res_model"),
    ("mail.message", "model"),
    ("ir.attachment", "res_model"),
)


def delete_chatter(records):
    """Take away messages, attachments and activities, done ones as well, of records: a name may
    stand in any of them."""
    for model, field in CHATTER_MODELS:
        records.env[model].sudo().with_context(active_test=False).search(
            [(field, "=", records._name), ("res_id", "in", records.ids)]
        ).unlink()


class RakutenOrder(models.Model):
    """Personal data are kept as long as the shop says."""

    _inherit = "rakuten.order"

    @api.model
    def _past_retention(self, shop, limit):
        """Orders with personal data that are as old as the shop keeps them, whether everything
        about them is finished or not.

        :param datetime limit: UTC
        """
        # One that could not be read has no date but Odoo's own, and nothing will become of it.
        unread = Domain("order_date", "=", False) & Domain("create_date", "<", limit)
        over = Domain("order_date", "<", limit)
        if shop.active:
            over &= Domain("state", "in", FINISHED)
        return self.search(
            Domain("shop_id", "=", shop.id)
            & Domain("personal_data_removed", "=", False)
            & (over | unread),
            order="id",
        )

    def _is_finished(self, limit):
        """Whether nothing has to be sent to the recipients or told to Rakuten any more, and what
        was sent has left before a limit.

        :param datetime limit: UTC
        """
        self.ensure_one()
        sale_order = self.sale_order_id
        transfers = sale_order.picking_ids
        if any(transfer.state not in ("done", "cancel") for transfer in transfers):
            return False
        left = transfers.filtered(lambda transfer: transfer.state == "done")
        if any(transfer.date_done and transfer.date_done >= limit for transfer in left):
            return False
        if (
            self.progress not in OPEN_PROGRESS
            or sale_order.state == "cancel"
            or sale_order.rakuten_reference
        ):
            return True
        if not self.shop_id.active:
            # Nothing is read or told any more.
            return bool(left) or not sale_order
        parcels = self.parcel_ids
        return bool(parcels) and set(parcels.mapped("state")) == {"reported"}

    def _anonymise(self):
        """Take the personal data out of these orders and of contacts that nothing else needs.

        Amounts, goods, tracking numbers and prefectures stay.
        """
        for order in self:
            order.write(
                {
                    "payload": anonymise(order.payload),
                    "imported_payload": False,
                    "buyer_name": False,
                    **columns("changed", None),
                    "memo_due": False,
                    "personal_data_removed": True,
                }
            )
        sale_orders = self.sale_order_id
        transfers = self._all_transfers()
        transfers.write(dict.fromkeys((*LABEL_TEXTS, "note"), False))
        sale_orders.note = False
        lines = sale_orders.order_line.with_context(rakuten_anonymise=True)
        for line in lines.filtered("rakuten_item_detail_id"):
            # What follows the item's name are the buyer's choices, names to engrave among them.
            line.name = line.name.partition("\n")[0]
        for records in (self, sale_orders, transfers):
            delete_chatter(records)
        partners = (
            sale_orders.partner_id
            | sale_orders.partner_shipping_id
            | sale_orders.order_line.rakuten_recipient_id
            | transfers.partner_id
        )
        partners._rakuten_unneeded()._rakuten_anonymise()

    def _all_transfers(self):
        """The transfers that these orders have or had: one that a change at Rakuten has replaced
        has lost its lines, not its reference. A receipt has the references of all that it was
        bought for, and is none of these orders."""
        sale_orders = self.sale_order_id
        replaced = self.env["stock.picking"].search(
            [
                ("reference_ids.sale_ids", "in", sale_orders.ids),
                ("state", "=", "cancel"),
                ("picking_type_code", "!=", "incoming"),
            ]
        )
        return sale_orders.picking_ids | replaced.filtered(
            lambda transfer: transfer.reference_ids.sale_ids <= sale_orders
        )
