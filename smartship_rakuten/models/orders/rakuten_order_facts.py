from dataclasses import asdict

from odoo import api, fields, models

from ...rules.carriers import RAKUTEN_COMPANIES
from ...rules.facts import read_facts
from ..shop.text import storable


class RakutenOrder(models.Model):
    """What an order can be searched, grouped and decided by, from the moment it is stored.

    A fact is a value of :class:`...rules.facts.Facts` and, by the same name, a stored field here;
    ``migrations/19.0.1.2.0`` fills all of them for orders of before.
    """

    _inherit = "rakuten.order"

    payment_code = fields.Char(
        string="Payment Method Code",
        compute="_compute_facts",
        store=True,
        precompute=True,
        help="settlementMethodCode, e.g. 1 for クレジットカード.",
    )
    payment_name = fields.Char(
        string="Payment Method",
        compute="_compute_facts",
        store=True,
        precompute=True,
        help="支払方法, as RMS calls it.",
    )
    collected_by_rakuten = fields.Boolean(
        compute="_compute_facts",
        store=True,
        precompute=True,
        help="共通決済: Rakuten collects the money. Otherwise (選択制決済) the shop or its carrier "
        "does.",
    )
    cash_on_delivery = fields.Boolean(
        compute="_compute_facts", store=True, precompute=True, help="代金引換"
    )
    card_payment = fields.Selection(
        [
            ("0", "At Once"),
            ("1", "Revolving"),
            ("2", "Instalments"),
            ("3", "Other"),
            ("4", "At Once With the Bonus"),
        ],
        compute="_compute_facts",
        store=True,
        precompute=True,
        help="How the buyer pays his card.",
    )
    instalments = fields.Integer(
        compute="_compute_facts",
        store=True,
        precompute=True,
        aggregator=None,
        help="In how many payments the buyer pays his card (分割).",
    )
    payment_due = fields.Date(
        compute="_compute_facts",
        store=True,
        precompute=True,
        help="支払期限: until when the buyer has to pay before the shipment.",
    )
    delivery_name = fields.Char(
        string="Delivery Method at Rakuten",
        compute="_compute_facts",
        store=True,
        precompute=True,
        help="配送方法, as the shop calls it in RMS.",
    )
    delivery_class = fields.Selection(
        [
            ("1", "Normal"),
            ("2", "Chilled"),
            ("3", "Frozen"),
            ("4", "Other 1"),
            ("5", "Other 2"),
            ("6", "Other 3"),
            ("7", "Other 4"),
            ("8", "Other 5"),
        ],
        compute="_compute_facts",
        store=True,
        precompute=True,
        help="配送区分",
    )
    delivery_company_code = fields.Selection(
        RAKUTEN_COMPANIES,
        string="Carrier at Purchase",
        compute="_compute_facts",
        store=True,
        precompute=True,
        help="defaultDeliveryCompanyCode, where all destinations have the same.",
    )
    order_type = fields.Selection(
        [
            ("1", "Single Purchase"),
            ("4", "Subscription"),
            ("5", "Buying Club"),
            ("6", "Reservation"),
        ],
        compute="_compute_facts",
        store=True,
        precompute=True,
        help="注文種別",
    )

    @api.depends("payload")
    def _compute_facts(self):
        for order in self:
            for name, value in asdict(read_facts(order.payload)).items():
                order[name] = storable(value) or False
