from odoo import api, models

from ..rules.catalogue import is_deleted, read_skus
from .text import storable

#: SKUs that are recorded at a time.
BATCH = 400


class RakutenSku(models.Model):
    """Reading of the shop's catalogue (RMS API section 7)."""

    _inherit = "rakuten.sku"  # pylint: disable=consider-merging-classes-inherited

    # === BUSINESS METHODS - Catalogue === #

    @api.model
    def _import_catalogue(self, shop, *, updated_from=None):
        """Read the SKUs that the shop sells and propose their products by code.

        :param date updated_from: read only items that were changed since this day in Japan; None
            reads all, and what is not among them is no longer in the catalogue
        :return: a sentence on what was found
        """
        Sku = self.with_context(active_test=False)
        before = Sku.search([("shop_id", "=", shop.id), ("in_catalogue", "=", True)])
        params = {"updated_from": updated_from.isoformat()} if updated_from else {}
        seen, batch, deleted = self.browse(), [], []
        for item in shop._client().items_search(**params):
            if is_deleted(item):
                deleted.append(item["manageNumber"])
            batch += read_skus(item)
            if len(batch) >= BATCH:
                seen |= self._store_catalogue(shop, batch)
                batch = []
                shop._commit()
        seen |= self._store_catalogue(shop, batch)
        gone = before.filtered(lambda sku: sku.manage_number in set(deleted))
        if not updated_from:
            gone = before - seen
        gone.in_catalogue = False
        if shop.create_products:
            seen.filtered(lambda sku: sku.mapping_state == "unmapped")._make_products()
        shop._commit()
        unmapped = self.search_count(
            [("shop_id", "=", shop.id), ("mapping_state", "=", "unmapped")]
        )
        return self.env._(
            "%(count)s SKUs read from Rakuten, %(unmapped)s of the shop's SKUs have no product.",
            count=len(seen),
            unmapped=unmapped,
        )

    def _make_products(self):
        """Make a product for each item of these SKUs, with a variant for each SKU.

        The seller-defined code is システム連携用SKU番号, else 商品番号 or 商品管理番号 of an item
        without options.
        """
        for skus in self.grouped(lambda sku: (sku.shop_id, sku.manage_number)).values():
            template = self.env["product.template"].create(
                {
                    "name": skus[0].name or skus[0].manage_number,
                    "is_storable": True,
                    "company_id": skus.company_id.id,
                }
            )
            for axis, values in skus._axes().items():
                template._rakuten_add_axis(axis, values)
            for sku in skus:
                single = len(skus) == 1 and not sku.option_text
                product = template._rakuten_variant(sku.option_text)
                code = sku.merchant_sku or (single and (sku.item_number or sku.manage_number))
                product.write({"default_code": code or False, "barcode": sku._free_jan()})
                sku.write({"product_id": product.id, "found_by": "created"})

    def _axes(self):
        """Axes of the options of an item's SKUs and their choices, in the order of the SKUs."""
        axes = {}
        for sku in self:
            for line in (sku.option_text or "").splitlines():
                axis, _colon, choice = line.partition(":")
                axes.setdefault(axis, {})[choice] = True
        return {axis: list(choices) for axis, choices in axes.items()}

    def _free_jan(self):
        """The JAN, unless some product has it already: Odoo allows a barcode once."""
        taken = self.jan and self.env["product.product"].search_count(
            [("barcode", "=", self.jan)], limit=1
        )
        return self.jan if self.jan and not taken else False

    @api.model
    def _store_catalogue(self, shop, entries):
        """Record SKUs of the item API.

        :param list entries: values with manage_number and variant_id, see rules.catalogue
        :return: the SKUs
        """
        # A page may repeat an item that changed meanwhile: the last one counts.
        entries = list({_entry_key(entry): storable(entry) for entry in entries}.values())
        known = {
            (sku.manage_number, sku.variant_id): sku
            for sku in self.search(
                [
                    ("shop_id", "=", shop.id),
                    ("manage_number", "in", [entry["manage_number"] for entry in entries]),
                ]
            )
        }
        codes = {_entry_key(entry): shop._enabled_codes(entry) for entry in entries}
        products = self.env["product.product"]._rakuten_by_code(
            shop.company_id, {code for pairs in codes.values() for _rule, code in pairs}
        )
        jans = {entry["jan"] for entry in entries if entry["jan"]} if shop.match_barcode else ()
        barcodes = (
            self.env["product.product"]._rakuten_by_barcode(shop.company_id, jans) if jans else {}
        )
        to_create, kept = [], self.browse()
        for entry in entries:
            key = _entry_key(entry)
            vals = {**entry, "in_catalogue": True}
            sku = known.get(key)
            rule, candidates = self._by_code(codes[key], products)
            if not candidates:
                rule, candidates = "barcode", barcodes.get(entry["jan"], candidates)
            if len(candidates) == 1 and not (sku and sku.product_id):
                vals.update(product_id=candidates.id, found_by=rule)
            if not sku:
                to_create.append({**vals, "shop_id": shop.id})
                continue
            kept |= sku
            changed = any((sku[name] or "") != (value or "") for name, value in entry.items())
            if changed or "product_id" in vals or not sku.in_catalogue:
                sku.write(vals)
        return kept | self.create(to_create)


def _entry_key(entry):
    return entry["manage_number"], entry["variant_id"]
