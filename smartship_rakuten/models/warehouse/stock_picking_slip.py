import base64
import logging
from datetime import timedelta

from reportlab.graphics.barcode import createBarcodeDrawing

from odoo import fields, models

from ...rules import address, japan, paper, shipping
from ...rules.payload import LENIENT

_logger = logging.getLogger(__name__)
#: An order that was read so long ago was not looked at for this print.
JUST_READ = timedelta(minutes=10)


class StockPicking(models.Model):
    """What the papers of a Rakuten transfer say, see ``reports/``."""

    _inherit = "stock.picking"

    def _prepare_rakuten_slips(self, *, label=False):
        """What the papers of these transfers show, in their order. Rendering only reads: nothing
        here writes, and Rakuten is not called.

        :param bool label: on small sheets
        :return: list of dicts of texts and numbers, amounts in whole yen; a held one says why in
            ``hold`` and is to show nothing else
        """
        shops = self.sudo().rakuten_shop_id
        logos = {shop: shop._slip_logo() for shop in shops}
        return [
            picking._prepare_rakuten_slip(logos[picking.sudo().rakuten_shop_id], label)
            for picking in self
        ]

    def _prepare_rakuten_slip(self, logo, label):
        self.ensure_one()
        facts = self._rakuten_facts()
        order, shop = self.sudo().rakuten_order_id, self.sudo().rakuten_shop_id
        goods = self._rakuten_slip_goods()
        whole = self._is_rakuten_slip_whole(goods)
        prices = not facts.gift
        bought = [self._prepare_rakuten_slip_goods(*entry) for entry in goods]
        lines = [
            self._prepare_rakuten_slip_line(move)
            for move in self.move_ids
            if move.state != "cancel"
        ]
        return {
            "name": self.name,
            "order_number": self.rakuten_order_number,
            "hold": self.rakuten_hold_reason
            or (self.state == "cancel" and self.env._("the transfer is cancelled"))
            or "",
            "unchecked": self._is_rakuten_unread(),
            "facts": facts,
            "barcode": self._rakuten_barcode(),
            "logo": logo,
            "shop": shop.name,
            "sender": self._rakuten_slip_sender(),
            "ordered_on": japan.day(order.order_date) if order.order_date else "",
            "carrier": self.carrier_id.name or "",
            "number": self.carrier_tracking_ref or "",
            "ship_by": self.rakuten_ship_by or "",
            "cash": self.rakuten_cash,
            "notes": self.sudo().rakuten_applied_rule_ids.filtered("note").mapped("note"),
            "bundled": "、".join((self.rakuten_bundled_ids - self).mapped("name")),
            "line_pages": paper.pages(
                [
                    (
                        line,
                        (f"{line['code']} {line['name']}", line["options"] + line["lots"])
                        + (line["places"],),
                    )
                    for line in lines
                ],
                paper.PACKING_LIST_LABEL if label else paper.PACKING_LIST,
            ),
            "pieces": sum(line["quantity"] for line in lines),
            "prices": prices,
            "part": prices and not whole,
            "goods_pages": paper.pages(
                [(entry, (entry["name"], entry["options"])) for entry in bought],
                paper.DELIVERY_SLIP_LABEL if label else paper.DELIVERY_SLIP,
            ),
            "totals": self._rakuten_slip_totals() if prices and whole else [],
            "payment": shipping.payment_method(order.payload) if prices else "",
            "taxes": self._rakuten_slip_taxes() if prices and whole and shop.slip_tax else [],
            "registration": self.company_id.sudo().vat or "",
            "message": (shop.slip_message or "") if prices else "",
        }

    def _is_rakuten_unread(self):
        """Whether nobody has looked at Rakuten just now: what leaves may be cancelled there."""
        self.ensure_one()
        read = self.sudo().rakuten_order_id.last_read
        return self.state not in ("done", "cancel") and (
            not read or read < fields.Datetime.now() - JUST_READ
        )

    def _rakuten_slip_sender(self):
        """:return: list of lines: the company, its address, its phone"""
        company = self.company_id.sudo()
        state = company.state_id
        place = "".join(
            filter(
                None,
                (
                    address.prefecture_name(state.code) or state.name,
                    company.city,
                    company.street,
                    company.street2,
                ),
            )
        )
        return [
            line
            for line in (
                company.name,
                " ".join(filter(None, (company.zip and f"〒{company.zip}", place))),
                company.phone and f"TEL {company.phone}",
            )
            if line
        ]

    # === BUSINESS METHODS - Barcode === #

    def _rakuten_printed_key(self):
        """What the barcode says, and scanners give back (``rakuten.tracking.import``): the
        transfer's name. Odoo makes it of the company's name, which is Japanese here, and Code128
        has no such letters: then it is the order's number, or where that is ambiguous, a QR code.

        :return: (kind of barcode, text)
        """
        self.ensure_one()
        if self.name.isascii():
            return "Code128", self.name
        number = self.rakuten_order_number or ""
        if number.isascii() and number and self.sudo().rakuten_order_id._deliveries() == self:
            return "Code128", number
        return "QR", self.name

    def _rakuten_barcode(self):
        """The transfer's key for scanners, drawn in lines, not dots: it is sharp on any printer.

        :return: {"kind", "uri"}, or None where it cannot be drawn: no paper stays out for it
        """
        self.ensure_one()
        kind, text = self._rakuten_printed_key()
        # The page leaves the white around it.
        shape = (
            {"width": 400, "height": 50, "quiet": False}
            if kind == "Code128"
            else {"width": 200, "height": 200, "barBorder": 0}
        )
        try:
            drawn = createBarcodeDrawing(kind, value=text, **shape)
            svg = drawn.asString("svg")
        except Exception:
            # Whatever it is: the goods have to leave.
            _logger.warning("No barcode for %s", text, exc_info=True)
            return None
        return {
            "kind": kind,
            "uri": f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}",
        }

    # === BUSINESS METHODS - Goods === #

    def _prepare_rakuten_slip_line(self, move):
        """What is to be packed of one move."""
        line = move.sudo().sale_line_id
        sources = move.move_line_ids.location_id or move.location_id
        return {
            "code": move.product_id.default_code or "",
            "name": (line.name or move.product_id.display_name).partition("\n")[0],
            "options": (line.name or "").partition("\n")[2],
            "quantity": _whole(_moved(move)),
            "places": "、".join(sources.mapped("complete_name")),
            "lots": "、".join(move.move_line_ids.lot_id.mapped("name")),
        }

    def _rakuten_slip_goods(self):
        """What the recipient gets with this transfer, by what was bought: a line that is picked
        from two places is one, and so is a set of several products.

        :return: list of (name, sale.order.line, quantity of it); a set that is not here as a whole
            has none
        """
        self.ensure_one()
        moves = self.sudo().move_ids.filtered(lambda move: move.state != "cancel")
        goods = []
        for line, own in moves.grouped("sale_line_id").items():
            if not line:
                goods += [(move.product_id.display_name, line, _moved(move)) for move in own]
                continue
            itself = own.filtered(lambda move, bought=line: move.product_id == bought.product_id)
            quantity = sum(map(_moved, itself))
            if not itself:
                others = line.move_ids.filtered(lambda move: move.state != "cancel") - own
                apart = others.filtered(
                    lambda m, out=own: m.location_dest_id in out.location_dest_id
                )
                complete = not apart and all(_moved(m) >= m.product_uom_qty for m in own)
                quantity = line.product_uom_qty if complete else None
            goods.append((line.name, line, quantity))
        return goods

    def _is_rakuten_slip_whole(self, goods):
        """Whether all that was ordered is in this transfer, to the last piece."""
        here = {line: quantity or 0 for _name, line, quantity in goods}
        bought = self.sudo().sale_id.order_line.filtered(
            lambda line: line.product_id.type == "consu"
        )
        return all(here.get(line, 0) >= line.product_uom_qty for line in bought)

    def _prepare_rakuten_slip_goods(self, name, line, quantity):
        # What was not bought by itself has no price: part of a set, a present of the shop's.
        amount = price = None
        if quantity is not None and line.product_uom_qty:
            amount = round(line.price_total * quantity / line.product_uom_qty)
            price = round(line.price_total / line.product_uom_qty)
        return {
            "name": name.partition("\n")[0],
            "options": name.partition("\n")[2],
            "quantity": "一部" if quantity is None else _whole(quantity),
            "price": price,
            "amount": amount,
        }

    def _rakuten_slip_totals(self):
        """Charges and totals of the order as Rakuten bills them.

        :return: list of (term, whole yen)
        """
        sale_order = self.sudo().sale_id
        goods = sale_order.order_line.filtered(lambda line: line.product_id.type == "consu")
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

    def _rakuten_slip_taxes(self):
        """The tax block in Rakuten's own figures (RMS API section 4.4), which its qualified invoice
        has too.

        :return: list of (rate as 10%, what is billed at it, the tax in that); whole yen
        """
        payload = self.sudo().rakuten_order_id.payload
        taxes = []
        for entry in LENIENT.objects(payload, "TaxSummaryModelList"):
            rate = LENIENT.rate(entry, "taxRate")
            amounts = LENIENT.yen(entry, "reqPrice"), LENIENT.yen(entry, "reqPriceTax")
            if rate is None or None in amounts:
                # Half a block would be another bill than Rakuten's.
                return []
            taxes.append((rate, *amounts))
        return [(f"{float(rate * 100):g}%", *yen) for rate, *yen in sorted(taxes, reverse=True)]


def _moved(move):
    return move.quantity if move.state == "done" else move.product_uom_qty


def _whole(quantity):
    return int(quantity) if quantity == int(quantity) else quantity
