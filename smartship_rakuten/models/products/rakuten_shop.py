from datetime import timedelta

from odoo import fields, models
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

    def _compute_unmapped_count(self):
        unmapped = dict(
            self.env["rakuten.sku"]._read_group(
                [("shop_id", "in", self.ids), ("mapping_state", "=", "unmapped")],
                ["shop_id"],
                ["__count"],
            )
        )
        for shop in self:
            shop.unmapped_count = unmapped.get(shop, 0)

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

    def action_view_skus(self):
        return self._view("smartship_rakuten.action_rakuten_sku", {"search_default_unmapped": True})
