from odoo import api, models

from ..rules.catalogue import read_skus
from .rakuten_sku import codes_of
from .text import storable

#: SKUs that are recorded at a time.
BATCH = 400


class RakutenSku(models.Model):
    """Reading of the shop's catalogue (RMS API section 7)."""

    _inherit = "rakuten.sku"  # pylint: disable=consider-merging-classes-inherited

    # === BUSINESS METHODS - Catalogue === #

    @api.model
    def _import_catalogue(self, shop):
        """Read all SKUs that the shop sells and propose their products by code.

        :return: a sentence on what was found
        """
        count = 0
        batch = []
        for item in shop._client().items_search():
            batch += read_skus(item)
            if len(batch) >= BATCH:
                count += self._store_catalogue(shop, batch)
                batch = []
                shop._commit()
        count += self._store_catalogue(shop, batch)
        shop._commit()
        unmapped = self.search_count([("shop_id", "=", shop.id), ("product_id", "=", False)])
        return self.env._(
            "%(count)s SKUs read from Rakuten, %(unmapped)s of the shop's SKUs have no product.",
            count=count,
            unmapped=unmapped,
        )

    @api.model
    def _store_catalogue(self, shop, entries):
        """Record SKUs of the item API.

        :param list entries: values with manage_number and variant_id, see rules.catalogue
        :return: how many there were
        """
        # A page may repeat an item that changed meanwhile: the last one counts.
        entries = list(
            {
                (entry["manage_number"], entry["variant_id"]): storable(entry) for entry in entries
            }.values()
        )
        known = {
            (sku.manage_number, sku.variant_id): sku
            for sku in self.search(
                [
                    ("shop_id", "=", shop.id),
                    ("manage_number", "in", [entry["manage_number"] for entry in entries]),
                ]
            )
        }
        codes = {}
        for entry in entries:
            is_single = entry.pop("is_single")
            codes[entry["manage_number"], entry["variant_id"]] = codes_of(
                entry["merchant_sku"], entry["item_number"], is_single
            )
        products = self.env["product.product"]._rakuten_by_code(
            shop.company_id, {code for pairs in codes.values() for _rule, code in pairs}
        )
        to_create = []
        for entry in entries:
            key = entry["manage_number"], entry["variant_id"]
            vals = {**entry, "in_catalogue": True}
            sku = known.get(key)
            rule, candidates = self._by_code(codes[key], products)
            if len(candidates) == 1 and not (sku and sku.product_id):
                vals.update(product_id=candidates.id, found_by=rule)
            if not sku:
                to_create.append({**vals, "shop_id": shop.id})
            elif any((sku[name] or "") != (value or "") for name, value in entry.items()) or (
                "product_id" in vals or not sku.in_catalogue
            ):
                sku.write(vals)
        self.create(to_create)
        return len(entries)
