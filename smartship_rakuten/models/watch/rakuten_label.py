"""The label of 最強配送, by the shop's own side: what left, when, and when it should have.

Two readings of the transfers, which tell the days of a promise and of a shipment; only SQL can ask
for the day in Japan of a moment and compare it with another column.
"""

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class RakutenLabelShipment(models.Model):
    """One row for each transfer of a destination that has left."""

    _name = "rakuten.label.shipment"
    _description = "Shipments for the Label of 最強配送"
    _auto = False
    _order = "left_on desc, id desc"
    _rec_name = "picking_id"
    _depends = {
        "stock.picking": [
            "rakuten_shop_id",
            "rakuten_order_id",
            "company_id",
            "state",
            "date_done",
            "rakuten_ship_by",
            "picking_type_id",
            "location_dest_id",
        ],
        "stock.picking.type": ["code"],
        "stock.location": ["usage"],
        "rakuten.order": ["order_date"],
        "rakuten.shop": ["label_days"],
    }

    picking_id = fields.Many2one("stock.picking", string="Transfer", readonly=True)
    order_id = fields.Many2one("rakuten.order", string="Rakuten Order", readonly=True)
    shop_id = fields.Many2one("rakuten.shop", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    left_on = fields.Date(readonly=True, help="The day in Japan on which the goods left.")
    ship_by = fields.Date(readonly=True, help="発送期限")
    days_taken = fields.Integer(
        string="Days to Ship",
        readonly=True,
        aggregator="avg",
        help="From the order to the shipment.",
    )
    in_time = fields.Boolean(string="Shipped in Time", readonly=True)
    quick = fields.Boolean(string="Shipped Within the Days", readonly=True)
    in_time_share = fields.Float(string="In Time (%)", readonly=True, aggregator="avg")
    quick_share = fields.Float(string="Within the Days (%)", readonly=True, aggregator="avg")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT
                shipment.*,
                in_time::int * 100.0 AS in_time_share,
                quick::int * 100.0 AS quick_share
            FROM (
                SELECT
                    part.*,
                    COALESCE(left_on <= ship_by, TRUE) AS in_time,
                    COALESCE(days_taken <= shop.label_days, TRUE) AS quick
                FROM (
                    SELECT
                        picking.id,
                        picking.id AS picking_id,
                        picking.rakuten_order_id AS order_id,
                        picking.rakuten_shop_id AS shop_id,
                        picking.company_id,
                        picking.rakuten_ship_by AS ship_by,
                        %(left_on)s AS left_on,
                        %(left_on)s - %(ordered_on)s AS days_taken
                    FROM stock_picking picking
                    JOIN rakuten_order o ON o.id = picking.rakuten_order_id
                    JOIN stock_picking_type kind ON kind.id = picking.picking_type_id
                    JOIN stock_location destination ON destination.id = picking.location_dest_id
                    WHERE picking.state = 'done' AND picking.date_done IS NOT NULL
                        AND (kind.code = 'outgoing' OR destination.usage = 'customer')
                ) part
                JOIN rakuten_shop shop ON shop.id = part.shop_id
            ) shipment
            """,
            left_on=_day("picking", "date_done"),
            ordered_on=_day("o", "order_date"),
        )


class RakutenLabelMonth(models.Model):
    """A shop's month beside the limits that the shop has now."""

    _name = "rakuten.label.month"
    _description = "Label of 最強配送 by Month"
    _auto = False
    _order = "month desc, shop_id"
    _rec_name = "month"
    _depends = {
        **RakutenLabelShipment._depends,
        "rakuten.shop": [
            "company_id",
            "label_days",
            "label_in_time_min",
            "label_quick_min",
            "label_shipments_min",
        ],
    }

    shop_id = fields.Many2one("rakuten.shop", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    month = fields.Date(readonly=True, help="Its first day.")
    shipments = fields.Integer(readonly=True)
    spoiled = fields.Integer(
        string="Late or Slow", readonly=True, help="Shipments that were not in time or took longer."
    )
    in_time_share = fields.Float(
        string="In Time (%)",
        readonly=True,
        aggregator="avg",
        help="Left by 発送期限. Rakuten's 納期遵守率 counts by the day of arrival.",
    )
    quick_share = fields.Float(
        string="Within the Days (%)",
        readonly=True,
        aggregator="avg",
        help="Left within the shop's days after the order. Rakuten counts by the day of arrival.",
    )
    in_time_reached = fields.Boolean(readonly=True)
    quick_reached = fields.Boolean(readonly=True)
    shipments_reached = fields.Boolean(readonly=True)
    reached = fields.Boolean(
        string="Limits Reached", readonly=True, help="All three limits of the shop."
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT
                counted.*,
                in_time_reached AND quick_reached AND shipments_reached AS reached
            FROM (
                SELECT
                    summed.*,
                    in_time_share >= shop.label_in_time_min AS in_time_reached,
                    quick_share >= shop.label_quick_min AS quick_reached,
                    shipments >= shop.label_shipments_min AS shipments_reached
                FROM (
                    SELECT
                        min(id) AS id,
                        shop_id,
                        company_id,
                        date_trunc('month', left_on)::date AS month,
                        count(*) AS shipments,
                        count(*) FILTER (WHERE NOT (in_time AND quick)) AS spoiled,
                        avg(in_time_share) AS in_time_share,
                        avg(quick_share) AS quick_share
                    FROM (%(shipments)s) AS shipment
                    GROUP BY shop_id, company_id, date_trunc('month', left_on)
                ) summed
                JOIN rakuten_shop shop ON shop.id = summed.shop_id
            ) counted
            """,
            shipments=self.env["rakuten.label.shipment"]._table_query,
        )

    def action_view_spoiled(self):
        """The shipments that were late or slow in this month."""
        return self._action_view_shipments(
            self.env._("Late or slow"), Domain("in_time", "=", False) | Domain("quick", "=", False)
        )

    def action_view_shipments(self):
        """All shipments of this month."""
        return self._action_view_shipments(self.env._("Shipments"), Domain.TRUE)

    def _action_view_shipments(self, name, domain):
        self.ensure_one()
        until = fields.Date.end_of(self.month, "month")
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "rakuten.label.shipment",
            "view_mode": "list,graph,pivot",
            "domain": list(
                domain
                & Domain("shop_id", "=", self.shop_id.id)
                & Domain("left_on", ">=", self.month)
                & Domain("left_on", "<=", until)
            ),
        }


def _day(table, column):
    """The day in Japan of a moment that Odoo stores."""
    return SQL(
        "(%s AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Tokyo')::date", SQL.identifier(table, column)
    )
