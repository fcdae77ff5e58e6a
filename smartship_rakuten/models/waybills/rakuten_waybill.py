from odoo import api, fields, models

from ...rules.tracking import plain_number, split_numbers


class RakutenWaybill(models.Model):
    """One parcel that a waybill (送り状) was asked for.

    Its key goes into the carrier's program and comes back with the number. It is ours and short:
    the carriers' key fields hold as few as 15 characters, an order number has more. A parcel whose
    file is made again keeps its key, so that the number finds it whichever file was used.

    Whoever works on the transfer makes it, and notes what became of it, by the wizards alone.
    """

    _name = "rakuten.waybill"
    _description = "Waybill"
    _inherit = "rakuten.system.fields"
    _order = "id desc"

    name = fields.Char(
        string="Parcel Key",
        compute="_compute_name",
        store=True,
        index=True,
        help="お客様管理番号: letters and digits, 12 of them.",
    )
    picking_id = fields.Many2one(
        "stock.picking", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="picking_id.company_id", store=True)
    package_id = fields.Many2one("stock.package", readonly=True, ondelete="cascade")
    piece = fields.Integer(
        default=1, readonly=True, help="Which of the transfer's parcels without a package."
    )
    format_id = fields.Many2one("rakuten.waybill.format", readonly=True, ondelete="restrict")
    service = fields.Char(readonly=True, help="送り状種類 that was asked for.")
    exported_on = fields.Datetime(readonly=True)
    tracking_numbers = fields.Char(
        readonly=True, help="送り状番号 that came back, divided by commas."
    )

    _parcel_uniq = models.UniqueIndex(
        "(picking_id, COALESCE(package_id, 0), piece)", "A parcel has one waybill."
    )

    @api.depends("picking_id")
    def _compute_name(self):
        for parcel in self:
            parcel.name = f"SR{parcel.id:010d}" if parcel.id else False

    @api.model
    def _of(self, wanted):
        """The parcels of transfers, each with the key that it has or gets: one for each package,
        else as many as are asked for.

        :param dict wanted: stock.picking to its number of parcels without a package
        :return: dict of stock.picking to rakuten.waybill
        :raises AccessError: for who may not work on one of the transfers
        """
        pickings = self.env["stock.picking"].union(*wanted)
        pickings.check_access("write")
        known = {(p.picking_id, p.package_id.id, p.piece): p for p in pickings.rakuten_waybill_ids}
        places = [
            (picking, package_id, piece)
            for picking, pieces in wanted.items()
            for package_id, piece in (
                [
                    (package.id, 1)
                    for package in picking.move_line_ids.result_package_id.sorted("id")
                ]
                or [(False, piece) for piece in range(1, max(pieces, 1) + 1)]
            )
        ]
        new = [place for place in places if place not in known]
        created = self.sudo().create(
            [
                {"picking_id": picking.id, "package_id": package_id, "piece": piece}
                for picking, package_id, piece in new
            ]
        )
        known |= dict(zip(new, created.sudo(self.env.su), strict=True))
        parcels = {picking: self.browse() for picking in wanted}
        for place in places:
            parcels[place[0]] |= known[place]
        return parcels

    def _note(self, **vals):
        """Write down what became of these parcels.

        :raises AccessError: for who may not work on their transfers
        """
        self.picking_id.check_access("write")
        self.sudo().write(vals)

    def _foreign_numbers(self):
        """Numbers that somebody typed on the transfer and that no other parcel of it brought.

        :return: text, divided by commas
        """
        self.ensure_one()
        others = (self.picking_id.rakuten_waybill_ids - self).mapped("tracking_numbers")
        known = {plain_number(number) for text in others for number in split_numbers(text or "")}
        return ",".join(
            number
            for number in split_numbers(self.picking_id.carrier_tracking_ref)
            if plain_number(number) not in known
        )
