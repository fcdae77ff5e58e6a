from odoo import api, models
from odoo.tools import LazyTranslate

from ...rules.catalogue import read_skus
from ...rules.halving import filled
from ..shop.sentences import columns, declare_sentences, say
from ..shop.text import storable

_lt = LazyTranslate(__name__)

declare_sentences(
    {
        "catalogue.read": _lt(
            "%(count)s SKUs read from Rakuten, %(unmapped)s of the shop's SKUs have no product."
        ),
        "products.made": _lt(
            "%(count)s SKUs have a product that was made for them, %(unmapped)s have none."
        ),
        "step.catalogue": _lt("Reading the SKU"),
        "step.products": _lt("Making the product"),
    }
)

#: SKUs of the catalogue that are recorded before they are committed.
SKUS_PER_COMMIT = 400


class RakutenSku(models.Model):
    """Reading of the shop's catalogue (RMS API section 7)."""

    _inherit = "rakuten.sku"

    # === BUSINESS METHODS - Catalogue === #

    @api.model
    def _import_catalogue(self, shop, place):
        """Read the SKUs that the shop sells and propose their products by code, as far as Odoo
        leaves time.

        :param dict place: where the reading stands, moved on here. ``updated_from``: read only
            items that were changed since this day in Japan; None reads all, and what is not among
            them is no longer in the catalogue. ``cursor``: page that is read next, None once all
            were. ``items``, ``kept``: manage numbers and ids of the SKUs that were read.
            ``lacking``: ids of those that a product is still to be made for
        :return: (a sentence on what was found, whether all was done)
        """
        place.setdefault("cursor", "*")
        place.setdefault("items", [])
        place.setdefault("kept", [])
        whole = self._read_pages(shop, place)
        seen = self.browse(place["kept"]).exists()
        if whole and "lacking" not in place:
            self._leave_catalogue(shop, seen, place)
            lacking = seen.filtered(lambda sku: sku.mapping_state == "unmapped")
            place["lacking"] = lacking.ids if shop.create_products else []
        if whole and place["lacking"]:
            whole = self._make_lacking_products(shop, place)
        unmapped = self.search_count(
            [("shop_id", "=", shop.id), ("mapping_state", "=", "unmapped")]
        )
        return say(self.env, "catalogue.read", count=len(seen), unmapped=unmapped), whole

    @api.model
    def _read_pages(self, shop, place):
        """Record the SKUs of one page after the other.

        :return: whether all were read
        """
        if place["cursor"] is None:
            return True
        params = {"updated_from": place["updated_from"]} if place["updated_from"] else {}
        # What was kept of the page that was begun.
        begun = set(place["items"])
        pages = shop._client().items_search_pages(place["cursor"], begun, **params)
        for page, cursor in pages:
            found = [(item["manageNumber"].strip(), read_skus(item)) for item in page]
            found = [(name, skus) for name, skus in found if name not in begun]
            left = len(found)
            for part in filled(
                found,
                lambda entry: len(entry[1]),
                most=SKUS_PER_COMMIT,
                heaviest=SKUS_PER_COMMIT,
            ):
                place["kept"] += self._keep_catalogue(
                    shop, [sku for _, skus in part for sku in skus]
                )
                place["items"] += [name for name, _skus in part]
                left -= len(part)
                # However large the catalogue is, only a batch of it is held.
                self.env.invalidate_all()
                if left and not shop._commit():
                    return False
            place["cursor"], begun = cursor, ()
            if cursor and not shop._commit():
                return False
        return True

    @api.model
    def _leave_catalogue(self, shop, seen, place):
        """What was not seen is no longer in the catalogue."""
        gone = self.search([("shop_id", "=", shop.id), ("in_catalogue", "=", True)]) - seen
        if place["updated_from"]:
            # Also what is left of a deleted item: its manageNumber alone (section 7.2).
            items = set(place["items"])
            gone = gone.filtered(lambda sku: sku.manage_number in items)

        def leave(part):
            part.in_catalogue = False

        shop._guard(
            gone, leave, step="step.catalogue", mark=type(self)._mark_failure, most=SKUS_PER_COMMIT
        )

    @api.model
    def _make_lacking_products(self, shop, place):
        """An item has one template, with a variant for each of its SKUs.

        :return: whether all were made
        """
        lacking = self.browse(place["lacking"]).exists()
        left = shop._guard_in_time(
            list(lacking.grouped("manage_number").values()),
            lambda part: self.union(*part)._make_products(),
            step="step.products",
            mark=lambda skus, failure: skus._mark_failure(failure),
            name=lambda skus: skus[0].display_name,
            weigh=len,
        )
        place["lacking"] = self.union(*left).ids
        return not left

    def _make_products(self):
        """Make a product for each item of these SKUs, with a variant for each SKU.

        The seller-defined code is システム連携用SKU番号, else 商品番号 or 商品管理番号 of an item
        without options.
        """
        items = list(self.grouped(lambda sku: (sku.shop_id, sku.manage_number)).values())
        templates = self.env["product.template"].create(
            [
                {
                    "name": skus[0].name or skus[0].manage_number,
                    "is_storable": True,
                    "company_id": skus.company_id.id,
                }
                for skus in items
            ]
        )
        values = self.env["product.attribute"]._rakuten_values(self._choices())
        jans = [sku.jan for sku in self if sku.jan]
        # Odoo allows a barcode once.
        taken = set(self.env["product.product"].search([("barcode", "in", jans)]).mapped("barcode"))
        for template, skus in zip(templates, items, strict=True):
            template._rakuten_add_axes(skus._choices(), values)
            for sku in skus:
                single = len(skus) == 1 and not sku.option_text
                code = sku.merchant_sku or (single and (sku.item_number or sku.manage_number))
                product = template._rakuten_variant(sku._choices())
                product.write(
                    {
                        "default_code": code or False,
                        "barcode": sku.jan if sku.jan not in taken else False,
                    }
                )
                taken.add(sku.jan)
                sku.write(
                    {"product_id": product.id, "found_by": "created", **columns("problem", None)}
                )

    def _choices(self):
        """(axis, choice) of the options of these SKUs, each once, in their order."""
        lines = (line for sku in self for line in (sku.option_text or "").splitlines())
        return list(dict.fromkeys(line.partition(":")[::2] for line in lines))

    @api.model
    def _keep_catalogue(self, shop, entries):
        """Record SKUs of the item API, all that can be.

        :return: ids of these SKUs, also of those in which something could not be recorded
        """
        # A page may repeat an item that changed meanwhile: the last one counts.
        entries = list({_entry_key(entry): storable(entry) for entry in entries}.values())
        # Whatever becomes of a SKU that is known: it is in the catalogue.
        known = self._known_by_key(shop, entries)
        kept = {known[key].id for key in map(_entry_key, entries) if key in known}

        def mark(entry, failure):
            self._known_by_key(shop, [entry]).get(_entry_key(entry), self)._mark_failure(failure)

        done = shop._guard(
            entries,
            lambda part: self._store_catalogue(shop, part).ids,
            step="step.catalogue",
            mark=mark,
            name=lambda entry: "/".join(_entry_key(entry)),
            most=SKUS_PER_COMMIT,
        )
        return list(kept.union(*(ids for _part, ids in done)))

    @api.model
    def _store_catalogue(self, shop, entries):
        """Record SKUs of the item API.

        :param list entries: values with manage_number and variant_id, see rules.catalogue
        :return: the SKUs
        """
        entries = [dict(entry) for entry in entries]
        known = self._known_by_key(shop, entries)
        found = self._find_by_rules(shop, {_entry_key(entry): entry for entry in entries})
        to_create, kept = [], []
        for entry in entries:
            key = _entry_key(entry)
            entry.pop("is_single")
            vals = {**entry, "in_catalogue": True, **columns("problem", None)}
            sku = known.get(key)
            rule, products = found[key]
            usable = len(products) == 1 and products.type != "combo"
            if usable and not (sku and sku._is_mapped()):
                vals.update(product_id=products.id, found_by=rule)
            if not sku:
                to_create.append({**vals, "shop_id": shop.id})
                continue
            kept.append(sku.id)
            changed = any((sku[name] or "") != (value or "") for name, value in entry.items())
            if changed or "product_id" in vals or not sku.in_catalogue or sku.problem_code:
                sku.write(vals)
        return self.browse(kept) | self.create(to_create)

    @api.model
    def _known_by_key(self, shop, entries):
        """:return: dict of (manageNumber, variantId) to the SKU that has them"""
        skus = self.search(
            [
                ("shop_id", "=", shop.id),
                ("manage_number", "in", [entry["manage_number"] for entry in entries]),
            ]
        )
        return {(sku.manage_number, sku.variant_id): sku for sku in skus}


def _entry_key(entry):
    return entry["manage_number"], entry["variant_id"]
