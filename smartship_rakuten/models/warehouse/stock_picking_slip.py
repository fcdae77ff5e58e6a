import base64

from reportlab.graphics.utils import RenderPMError

from odoo import models

from ...rules import japan


class StockPicking(models.Model):
    """What the papers of a Rakuten transfer say, see ``reports/``."""

    _inherit = "stock.picking"

    def _prepare_rakuten_slip(self, *, unchecked=False):
        """:param bool unchecked: Rakuten could not be asked
        :return: dict of what a delivery slip or packing list shows; amounts are whole yen
        """
        self.ensure_one()
        facts = self._rakuten_facts()
        order = self.sudo().rakuten_order_id
        lines = [
            self._prepare_rakuten_slip_line(move)
            for move in self.move_ids
            if move.state != "cancel"
        ]
        return {
            "picking": self,
            "facts": facts,
            "hold": self.rakuten_hold_reason
            or (self.state == "cancel" and self.env._("the transfer is cancelled")),
            "unchecked": unchecked,
            "barcode": self._rakuten_barcode(),
            "shop": self.sudo().rakuten_shop_id,
            "company": self.company_id,
            "ordered_on": japan.day(order.order_date) if order.order_date else "",
            "lines": lines,
            "pieces": sum(line["quantity"] for line in lines),
            "prices": not facts.gift,
            "totals": self._rakuten_slip_totals(),
            "bundled": self.rakuten_bundled_ids - self,
        }

    def _rakuten_barcode(self):
        """The transfer's name for scanners, as a data URI; '' where reportlab cannot draw."""
        self.ensure_one()
        try:
            png = self.env["ir.actions.report"].barcode("Code128", self.name, width=400, height=70)
        except (ImportError, RenderPMError):
            return ""
        return f"data:image/png;base64,{base64.b64encode(png).decode()}"

    def _prepare_rakuten_slip_line(self, move):
        line = move.sudo().sale_line_id
        quantity = move.quantity if move.state == "done" else move.product_uom_qty
        amount = line.price_total * quantity / line.product_uom_qty if line.product_uom_qty else 0
        sources = move.move_line_ids.location_id or move.location_id
        return {
            "code": move.product_id.default_code or "",
            "name": (line.name or move.product_id.display_name).partition("\n")[0],
            "options": (line.name or "").partition("\n")[2],
            "quantity": int(quantity) if quantity == int(quantity) else quantity,
            "amount": round(amount),
            "places": "、".join(sources.mapped("complete_name")),
            "lots": "、".join(move.move_line_ids.lot_id.mapped("name")),
        }

    def _rakuten_slip_totals(self):
        """Charges and totals as Rakuten bills them, where all that was ordered is in this transfer,
        to the last piece.

        :return: list of (term, whole yen)
        """
        sale_order = self.sudo().sale_id
        goods = sale_order.order_line.filtered(lambda line: line.product_id.type == "consu")
        moves = self.sudo().move_ids.filtered(lambda move: move.state != "cancel")
        pieces = {
            line: sum(m.quantity if m.state == "done" else m.product_uom_qty for m in own)
            for line, own in moves.grouped("sale_line_id").items()
        }
        if any(pieces.get(line, 0) < line.product_uom_qty for line in goods):
            return []
        charges = sale_order.order_line - goods
        totals = [
            ("商品合計", sum(goods.mapped("price_total"))),
            *((line.name.partition("\n")[0], line.price_total) for line in charges),
            ("合計", sale_order.amount_total),
            ("ポイント利用", -sale_order.rakuten_used_point),
            ("楽天クーポン", -sale_order.rakuten_coupon_rakuten),
            ("ご請求額", sale_order.rakuten_request_price),
        ]
        kept = ("商品合計", "合計", "ご請求額")
        return [(term, round(yen)) for term, yen in totals if yen or term in kept]
