import io
from base64 import b64encode
from datetime import timedelta

import xlsxwriter

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import LazyTranslate

from ...rules import japan
from ...rules.mapping import codes_of
from ..jobs.job import job
from ..shop.clock import is_since, not_ahead
from ..shop.rakuten_shop import PATIENCE
from ..shop.sentences import say, together

_lt = LazyTranslate(__name__)

#: How often all is read, to notice what is gone.
FULL_CATALOGUE = timedelta(days=7)
#: Columns of the file of SKUs without a product, as they are imported again.
FILE_FIELDS = (
    "shop_id",
    "manage_number",
    "variant_id",
    "product_code",
    "quantity",
    "name",
    "option_text",
    "item_number",
    "merchant_sku",
)


class RakutenShop(models.Model):
    """What a shop sells: the rules that find its SKUs' products, the reading of the catalogue."""

    _inherit = "rakuten.shop"

    match_merchant_sku = fields.Boolean(
        string="By System SKU",
        default=True,
        help="システム連携用SKU番号 equals the seller-defined code.",
    )
    match_item_number = fields.Boolean(
        string="By Item Number",
        default=True,
        help="商品番号 equals the seller-defined code, for items without options.",
    )
    match_old_code = fields.Boolean(
        string="By Item Number With Option",
        default=True,
        help="In orders from before the SKU migration: 商品番号 with the option's code behind it "
        "equals the seller-defined code.",
    )
    match_manage_number = fields.Boolean(
        string="By Item Management Number",
        default=True,
        help="商品管理番号 equals the seller-defined code, for items without options.",
    )
    match_name = fields.Boolean(
        string="By Name and Options",
        default=True,
        help="Item name and option text equal those of a mapping without keys, to the letter, "
        "spacing and case included.",
    )
    match_barcode = fields.Boolean(
        string="By Barcode",
        default=True,
        help="The JAN that the item has at Rakuten equals the product's barcode.",
    )
    create_products = fields.Boolean(
        string="Make Missing Products",
        help="Make a product for each item of Rakuten that no rule finds one for, with a variant "
        "for each of its SKUs.",
    )
    last_catalogue_import = fields.Datetime(string="SKUs Last Read", readonly=True, copy=False)
    last_full_catalogue = fields.Datetime(string="All SKUs Last Read", readonly=True, copy=False)
    unmapped_count = fields.Integer(compute="_compute_unmapped_count")
    unmapped_file = fields.Binary(
        compute="_compute_unmapped_file",
        attachment=False,
        groups="smartship_rakuten.group_user",
        help="The SKUs without a product as a file for Excel, to fill in and import.",
    )

    def _compute_unmapped_count(self):
        Sku = self.env["rakuten.sku"].sudo()
        unmapped = dict(
            Sku._read_group(
                Domain("shop_id", "in", self.ids) & Sku._without_product(),
                ["shop_id"],
                ["__count"],
            )
        )
        for shop in self:
            shop.unmapped_count = unmapped.get(shop, 0)

    @api.depends_context("lang")
    def _compute_unmapped_file(self):
        Sku = self.env["rakuten.sku"]
        labels = {name: Sku._fields[name]._description_string(self.env) for name in FILE_FIELDS}
        for shop in self:
            content = io.BytesIO()
            with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
                sheet = book.add_worksheet()
                sheet.write_row(0, 0, labels.values())
                for row, sku in enumerate(Sku.search(shop._unmapped_domain()), start=1):
                    for column, name in enumerate(FILE_FIELDS):
                        value = shop.name if name == "shop_id" else sku[name] or ""
                        # As text: an item's name is no formula, whatever it begins with.
                        sheet.write_string(row, column, str(value))
                sheet.autofit()
            shop.unmapped_file = b64encode(content.getvalue())

    def _unmapped_domain(self):
        """The SKUs at Rakuten for which a product is still to be made or chosen."""
        return [
            ("shop_id", "in", self.ids),
            ("mapping_state", "=", "unmapped"),
            ("manage_number", "!=", False),
            ("in_catalogue", "=", True),
        ]

    @job("catalogue", logged_as="catalogue", patience=PATIENCE)
    def _import_skus(self):
        """Read the whole catalogue."""
        return self._read_catalogue(None)

    @job(
        "catalogue_changes",
        label=_lt("Read SKUs"),
        logged_as="catalogue",
        sequence=60,
        cron="smartship_rakuten.ir_cron_import_skus",
        # Only where somebody has read the catalogue once: the item API is a paid option.
        option="last_full_catalogue",
    )
    def _import_changed_skus(self):
        """Read what changed since the last time, and once a week all, to notice what is gone.

        items.search shows changes after up to 24 hours (RMS API section 7.2): the day before the
        last reading is read again.
        """
        place = self.env.context.get("rakuten_place")
        if place or not is_since(self.last_full_catalogue, fields.Datetime.now() - FULL_CATALOGUE):
            return self._read_catalogue(place)
        since = japan.day(not_ahead(self.last_catalogue_import) - timedelta(days=1))
        return self._read_catalogue(None, updated_from=since)

    @job("products", logged_as="catalogue", patience=PATIENCE)
    def _make_missing_products(self):
        """Make products for the SKUs that are known and have none, without reading any anew."""
        lacking = self.env["rakuten.sku"].search(self._unmapped_domain())
        # A reading of which all pages were read.
        read_at = not_ahead(self.last_catalogue_import or fields.Datetime.now())
        place = {
            "began": fields.Datetime.to_string(read_at),
            "updated_from": japan.day(read_at).isoformat(),
            "cursor": None,
            "items": [],
            "kept": lacking.ids,
            "lacking": lacking.ids,
        }
        whole = lacking._make_lacking_products(self, place)
        made = len(lacking.filtered("product_id"))
        sentence = say(self.env, "products.made", count=made, unmapped=len(lacking) - made)
        if whole:
            return sentence
        self._leave_to_schedule("catalogue_changes", place=place)
        return together(self.env, sentence, say(self.env, "job.goes_on"))

    def _read_catalogue(self, place, *, updated_from=None):
        """Read the catalogue as far as Odoo leaves time.

        :param place: what was noted of a reading that is gone on with, None to begin one
        :param date updated_from: read only items that were changed since this day in Japan
        :return: a sentence on what was read
        """
        place = place or {
            "began": fields.Datetime.to_string(fields.Datetime.now()),
            "updated_from": updated_from and updated_from.isoformat(),
        }
        sentence, whole = self.env["rakuten.sku"]._import_catalogue(self, place)
        if not whole:
            self._leave_to_schedule("catalogue_changes", place=place)
            return together(self.env, sentence, say(self.env, "job.goes_on"))
        began = fields.Datetime.to_datetime(place["began"])
        full = {} if place["updated_from"] else {"last_full_catalogue": began}
        self._stamp(last_catalogue_import=began, **full)
        return sentence

    def _enabled_codes(self, values):
        """Codes of a SKU that the shop's rules look at.

        :param dict values: names and texts as in ..rules.mapping.codes_of
        :return: list of (rule, code)
        """
        return [(rule, code) for rule, code in codes_of(**values) if self[f"match_{rule}"]]

    def _options(self):
        """Free options that bring a product.

        :return: dict of (name, choice) to rakuten.option
        """
        options = self.env["rakuten.option"].search(
            [("shop_id", "=", self.id), ("product_id.active", "=", True)]
        )
        return options.grouped(lambda option: (option.name, option.value))

    def action_import_skus(self):
        return self._run_action("catalogue", self.env._("SKUs imported."))

    def action_make_products(self):
        return self._run_action("products", self.env._("Products made."))

    def action_import_mapping(self):
        """Odoo's import of the SKU mapping; its template lists what has no product."""
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "import",
            "name": self.env._("SKU Mapping"),
            "params": {
                "active_model": "rakuten.sku",
                "context": {"default_shop_id": self.id},
            },
        }

    def action_view_skus(self):
        return self._view("smartship_rakuten.action_rakuten_sku", {"search_default_unmapped": True})
