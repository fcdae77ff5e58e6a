from collections import Counter

from odoo import models

from ...rules.tracking import plain_number, split_numbers


class StockPicking(models.Model):
    """The packages of a delivery: each is a parcel, and may come back alone."""

    _inherit = "stock.picking"

    def _rakuten_packages(self, packages=None):
        """Packages that these goods leave in or have left in, with all that those lie in.

        :param packages: those that lines name; all of this transfer when not given
        """
        self.ensure_one()
        if packages is None:
            # A box that came back holds nothing of this transfer any more; its parcel knows it.
            packages = self.move_line_ids.result_package_id | self.rakuten_parcel_ids.package_id
        field = "parent_package_id" if self.state == "done" else "package_dest_id"
        return packages._rakuten_containers(field)

    def _rakuten_package_numbers(self, package):
        """Numbers that a package has, or had when it left: it may be used again."""
        self.ensure_one()
        if self.state == "done" and self not in package.sudo().rakuten_picking_ids:
            parcels = self.rakuten_parcel_ids.filtered(
                lambda p: p.package_id == package and p.removal != "corrected"
            )
            return parcels.mapped("tracking_number")
        return split_numbers(package.rakuten_tracking_number)

    def _rakuten_unnumbered_packages(self):
        """Once a package has a number, each needs one, in or on what the carrier takes; numbers of
        the transfer itself may stand for the rest."""
        self.ensure_one()
        numbered = self._rakuten_packages().filtered(self._rakuten_package_numbers)
        if not numbered:
            return numbered
        lacking = self.env["stock.package"]
        returned = self._rakuten_returned_packages()
        for package in self.move_line_ids.result_package_id - returned:
            chain = self._rakuten_packages(package)
            if not chain & numbered:
                lacking |= chain[-1:]
        # A box counts as a whole: one number in it is enough.
        lacking -= numbered.union(*(self._rakuten_packages(p) for p in numbered))
        spare = sum(not package for package in self._rakuten_numbers().values())
        return lacking.browse() if len(lacking) <= spare else lacking

    def _rakuten_returned_packages(self):
        """Packages whose whole contents came back."""
        self.ensure_one()
        back, out = Counter(), Counter()
        for line in self.move_ids.returned_move_ids.move_line_ids:
            if line.state == "done" and line.package_id:
                back[line.package_id, line.product_id] += line.quantity_product_uom
        if not back:
            return self.env["stock.package"]
        for line in self.move_line_ids.filtered("result_package_id"):
            out[line.result_package_id, line.product_id] += line.quantity_product_uom
        still_out = self.env["stock.package"].union(
            *(package for (package, product), n in out.items() if back[package, product] < n)
        )
        # A box is back when all that lay in it is.
        return self._rakuten_packages() - self._rakuten_packages(still_out)

    def _rakuten_returned_numbers(self):
        """Plain numbers of parcels of which nothing is out any more."""
        self.ensure_one()
        numbers = self._rakuten_numbers()
        if self._is_rakuten_returned():
            return set(map(plain_number, numbers))
        returned = self._rakuten_returned_packages()
        return {plain_number(number) for number, package in numbers.items() if package & returned}

    def _rakuten_together(self, others):
        """Whether these transfers leave in one parcel with others: those of one order may."""
        return bool(self.rakuten_order_id & others.rakuten_order_id)

    def _note_rakuten_packages(self):
        """Remember which packages these transfers took out, or brought back: a package that is
        back waits for its next number."""
        for picking in self.filtered(lambda picking: picking._is_rakuten_delivery()).sudo():
            for package in picking._rakuten_packages():
                others = package.rakuten_picking_ids
                stay = others if others._rakuten_together(picking) else others.browse()
                package.rakuten_picking_ids = stay | picking
        for picking in self.move_ids.origin_returned_move_id.picking_id.sudo():
            for package in picking._rakuten_returned_packages():
                out = package.rakuten_picking_ids
                if picking in out and all(package in p._rakuten_returned_packages() for p in out):
                    # In this order: the number that is gone is no correction of the parcel.
                    package.rakuten_picking_ids = False
                    package.rakuten_tracking_number = False
