from collections import defaultdict
from dataclasses import asdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..shop.on_write import on_write, write_with_consequences
from ..shop.sentences import columns, find, read


class RakutenSku(models.Model):
    """One sellable SKU of a shop and the product behind it.

    The key at Rakuten is (商品管理番号, SKU管理番号); a mapping by name leaves both empty.
    """

    _name = "rakuten.sku"
    _description = "Rakuten SKU"
    _inherit = "rakuten.system.fields"
    _order = "shop_id, manage_number, variant_id, name, id"
    _rec_names_search = ("merchant_sku", "item_number", "manage_number", "variant_id", "name")
    _check_company_auto = True

    shop_id = fields.Many2one("rakuten.shop", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="shop_id.company_id", store=True, index=True)
    manage_number = fields.Char(
        index=True,
        help="商品管理番号: the item's key, part of its address.",
    )
    variant_id = fields.Char(string="SKU Number", help="SKU管理番号: the SKU's key in its item.")
    item_number = fields.Char(help="商品番号")
    merchant_sku = fields.Char(string="System SKU", help="システム連携用SKU番号")
    name = fields.Char(string="Item Name", help="商品名")
    option_text = fields.Text(
        string="Options", help="SKU情報: one axis:choice a line, as Rakuten writes it."
    )
    product_id = fields.Many2one(
        "product.product",
        index="btree_not_null",
        check_company=True,
        domain="[('type', '=', 'consu')]",
        ondelete="restrict",
    )
    quantity = fields.Integer(
        default=1, required=True, help="Units of the product in one SKU at Rakuten."
    )
    component_ids = fields.One2many(
        "rakuten.sku.component",
        "sku_id",
        string="Set",
        help="The products of a set (セット商品). Empty: the SKU is its product alone.",
    )
    product_code = fields.Char(
        compute="_compute_product_code",
        readonly=False,
        help="The product's seller-defined code, for exports and imports.",
    )
    found_by = fields.Selection(
        [
            ("manual", "By Hand"),
            ("merchant_sku", "System SKU"),
            ("item_number", "Item Number"),
            ("old_code", "Item Number With Option"),
            ("manage_number", "Item Management Number"),
            ("barcode", "Barcode"),
            ("created", "Made From the Item"),
        ],
        string="Mapped By",
        default="manual",
        readonly=True,
        copy=False,
        help="How the product was found; what a rule found can be reviewed here.",
    )
    reviewed = fields.Boolean(
        readonly=True, copy=False, help="A person has looked at what a rule found."
    )
    mapping_state = fields.Selection(
        [("unmapped", "Without Product"), ("proposed", "Found by Rule"), ("mapped", "Mapped")],
        string="Mapping",
        compute="_compute_mapping_state",
        store=True,
        index=True,
        help="What a rule found is used at once; it can be accepted or corrected here.",
    )
    jan = fields.Char(
        string="JAN", readonly=True, copy=False, help="カタログID (articleNumber) of the SKU."
    )
    item_url = fields.Char(string="Item Page", compute="_compute_item_url")
    in_catalogue = fields.Boolean(
        readonly=True,
        copy=False,
        help="Seen in Rakuten's catalogue or in an order. Only such SKUs get stock, because "
        "Rakuten takes the stock of unknown ones without an error.",
    )

    problem_code = fields.Char(readonly=True, copy=False)
    problem_details = fields.Json(readonly=True, copy=False)
    problem = fields.Char(
        compute="_compute_problem",
        search="_search_problem",
        help="What could not be done with this SKU of the catalogue, in the reader's language.",
    )

    _key_uniq = models.UniqueIndex(
        "(shop_id, manage_number, variant_id)"
        " WHERE manage_number IS NOT NULL AND variant_id IS NOT NULL",
        "This SKU of the shop is in the list already.",
    )
    _quantity_positive = models.Constraint(
        "CHECK(quantity > 0)", "A SKU holds at least one unit of its product."
    )

    # === COMPUTE AND CONSTRAINTS === #

    @api.depends(
        "name", "option_text", "manage_number", "variant_id", "item_number", "merchant_sku"
    )
    def _compute_display_name(self):
        for sku in self:
            code = sku.item_number or sku.manage_number
            if code and sku.option_text and sku.variant_id:
                # The item's code is that of all its variants.
                code = f"{code}/{sku.variant_id}"
            sku.display_name = sku.merchant_sku or code or sku.name or str(sku.id)

    @api.depends("problem_code", "problem_details")
    @api.depends_context("lang")
    def _compute_problem(self):
        for sku in self:
            sku.problem = read(sku, "problem")

    @api.model
    def _search_problem(self, operator, value):
        return find(self, "problem", operator, value)

    @api.depends("product_id", "component_ids", "found_by", "reviewed")
    def _compute_mapping_state(self):
        for sku in self:
            if not (sku.product_id or sku.component_ids):
                sku.mapping_state = "unmapped"
            elif sku.component_ids or sku.found_by == "manual" or sku.reviewed:
                sku.mapping_state = "mapped"
            else:
                sku.mapping_state = "proposed"

    @api.depends("product_id.rakuten_sku_code", "product_id.default_code")
    def _compute_product_code(self):
        for sku in self:
            product = sku.product_id
            sku.product_code = product.rakuten_sku_code or product.default_code

    @api.depends("shop_id.shop_url", "manage_number")
    def _compute_item_url(self):
        for sku in self:
            sku.item_url = (
                sku.shop_id.shop_url
                and sku.manage_number
                and f"https://item.rakuten.co.jp/{sku.shop_id.shop_url}/{sku.manage_number}/"
            )

    # === ACTIONS === #

    def action_accept(self):
        """Say that what rules found is right."""
        self.check_access("write")
        self.filtered(lambda sku: sku.mapping_state == "proposed").sudo().reviewed = True

    def action_accept_rule(self):
        """Accept all that the same rules found in the same shops."""
        self.check_access("write")
        for (shop, rule), _skus in self.grouped(lambda sku: (sku.shop_id, sku.found_by)).items():
            self.search(
                [
                    ("shop_id", "=", shop.id),
                    ("found_by", "=", rule),
                    ("mapping_state", "=", "proposed"),
                ]
            ).action_accept()

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._strip_keys(vals) for vals in self._resolve_codes(vals_list)]
        known = self._known(vals_list) if self.env.context.get("import_file") else {}
        new = super().create([vals for vals in vals_list if self._vals_key(vals) not in known])
        if not known:
            return new
        # A file that is imported a second time corrects what the first time has made.
        created, ids = iter(new), []
        for vals in vals_list:
            sku = known.get(self._vals_key(vals))
            if sku and sku._differs(vals):
                sku.write(vals)
            ids.append((sku or next(created)).id)
        return self.browse(ids)

    def _differs(self, vals):
        """Whether some of the values, as they are written, are other than this SKU's."""
        self.ensure_one()
        return any(
            (self._fields[name].convert_to_write(self[name], self) or False) != (value or False)
            for name, value in vals.items()
            if name not in ("found_by", "reviewed")
        )

    @staticmethod
    def _vals_key(vals):
        return vals.get("shop_id"), vals.get("manage_number"), vals.get("variant_id")

    @api.model
    def _known(self, vals_list):
        """:return: dict of (shop id, manageNumber, variantId) to the SKU that has them"""
        skus = self.search(
            [
                ("shop_id", "in", [vals.get("shop_id") for vals in vals_list]),
                (
                    "manage_number",
                    "in",
                    [vals["manage_number"] for vals in vals_list if vals.get("manage_number")],
                ),
            ]
        )
        return {(sku.shop_id.id, sku.manage_number, sku.variant_id): sku for sku in skus}

    def write(self, vals):
        return write_with_consequences(self, vals, lambda records, values: super().write(values))

    @on_write("product_code")
    def _on_write_product_code(self, vals):
        (vals,) = self._resolve_codes([vals])
        yield vals

    @on_write("product_id", "manage_number", "variant_id")
    def _on_write_mapping(self, vals):
        vals = self._strip_keys(vals)
        if "product_id" in vals:
            # What a person chooses is no rule's finding any more.
            vals = {"found_by": "manual", **vals, "reviewed": False}
        yield vals

    @api.model
    def _resolve_codes(self, vals_list):
        """Replace seller-defined codes by the products that have them.

        :raises ValidationError: naming the codes that no product has, or more than one
        """
        codes = {vals["product_code"] for vals in vals_list if vals.get("product_code")}
        if not codes and not any("product_code" in vals for vals in vals_list):
            return vals_list
        shops = self.env["rakuten.shop"].browse(
            {vals.get("shop_id") for vals in vals_list} - {None}
        )
        companies = (shops | self.shop_id).company_id or self.env.company
        products = self.env["product.product"]._rakuten_by_code(companies, codes)
        wrong = sorted(code for code in codes if len(products.get(code, ())) != 1)
        if wrong and len(vals_list) > 1 and self.env.context.get("import_file"):
            # Odoo then tries row by row, and only the rows that are wrong are named.
            raise ValueError(wrong)
        if wrong:
            raise ValidationError(
                self.env._(
                    "No product, or more than one, has the code %(codes)s.",
                    codes=", ".join(wrong),
                )
            )
        resolved = []
        for vals in vals_list:
            vals = dict(vals)
            code = vals.pop("product_code", None)
            if code:
                vals["product_id"] = products[code].id
            resolved.append(vals)
        return resolved

    @staticmethod
    def _strip_keys(vals):
        """Blank keys are no keys."""
        vals = dict(vals)
        for key in ("manage_number", "variant_id"):
            if key in vals:
                vals[key] = (vals[key] or "").strip() or False
        return vals

    @api.model
    def get_import_templates(self):
        """Override of `base_import` to offer a template: of a shop its SKUs without a product, else
        one with Japanese headings."""
        shop = self.env["rakuten.shop"].browse(self.env.context.get("default_shop_id")).exists()
        if shop.unmapped_count:
            return [
                {
                    "label": self.env._("SKUs without a product, to fill in"),
                    "template": f"/web/content/rakuten.shop/{shop.id}/unmapped_file/"
                    f"rakuten_sku_{shop.shop_number}.xlsx?download=true",
                }
            ]
        return [
            {
                "label": self.env._("Template of the SKU mapping"),
                "template": "/smartship_rakuten/static/xls/rakuten_sku.xlsx",
            }
        ]

    def _mark_failure(self, failure):
        """Something could not be done with these SKUs; it is over when the catalogue is read well.

        :param ..shop.rakuten_guard.Failure failure:
        """
        self.write(columns("problem", failure.reason))

    # === BUSINESS METHODS - Mapping === #

    def _components(self):
        """What one SKU consists of.

        :return: list of (product, units)
        """
        self.ensure_one()
        if self.component_ids:
            return [(part.product_id, part.quantity) for part in self.component_ids]
        return [(self.product_id, self.quantity)]

    def _is_mapped(self):
        """Whether all products of the SKU are there and in use."""
        return bool(self) and all(product.active for product, _units in self._components())

    def _has_combo(self):
        """Whether a product of the SKU is a combo, of which Odoo ships nothing."""
        return any(product.type == "combo" for product, _units in self._components())

    @api.model
    def _without_product(self):
        """:return: Domain of the SKUs that a person has to choose products for"""
        return Domain("mapping_state", "=", "unmapped")

    @api.model
    def _match(self, shop, items):
        """Find the SKU of each order line, with a constant number of queries.

        Rules, in this order, each but the first with its switch on the shop: the explicit SKU by
        its key; システム連携用SKU番号 as seller-defined code; 商品番号 likewise, for items without
        options; 商品番号 with the option's code, in orders from before the SKU migration;
        商品管理番号 likewise; name and option text, equal to the letter; the barcode. The first
        rule that knows the SKU decides, and two products for it are never guessed between. What a
        rule finds is remembered, and so is what none finds, for a person to choose its product.

        :param items: iterable of ..rules.order.Item
        :return: dict of Item to rakuten.sku with a product, or to the problem code
            ``unmapped_sku`` / ``ambiguous_sku`` / ``combo_sku``
        """
        matches, _rows = self._match_in_list(shop, items)
        return matches

    @api.model
    def _match_in_list(self, shop, items):
        """As :meth:`_match`, and where in the list products are to be chosen.

        :return: (what that returns, dict of Item to rakuten.sku, of items without a product)
        """
        items = list(items)
        matches, found, by_key = self._look_up(shop, items)
        lacking = [item for item in items if isinstance(matches.get(item), str)]
        matches.update(self._remember(shop, found, lacking, by_key))
        places = {item: self._place_of(item) for item in lacking}
        return matches, {item: by_key[place] for item, place in places.items() if place in by_key}

    @api.model
    def _goods_of(self, shop, items):
        """The products of order lines as far as they are known, without remembering anything.

        :param list items: of ..rules.order.Item
        :return: dict of Item to a list of (product, units)
        """
        matches, found, _by_key = self._look_up(shop, items)
        known = {
            item: sku._components() for item, sku in matches.items() if not isinstance(sku, str)
        }
        return known | {item: [(product, 1)] for item, (_rule, product) in found.items()}

    def _look_up(self, shop, items):
        """:return: (dict of Item to rakuten.sku or to a problem code, dict of Item to (rule,
        product) of what only a rule found, dict of :meth:`_place_of` to rakuten.sku)
        """
        by_key, by_name = self._explicit(shop, items)
        matches, entries, named = {}, {}, {}
        for item in items:
            sku = by_key.get(item.key)
            if sku and sku._is_mapped():
                matches[item] = "combo_sku" if sku._has_combo() else sku
                continue
            # Without a key its name is all by which a person can have mapped it.
            by_hand = shop.match_name or not all(item.key)
            named[item] = by_hand and by_name.get((item.name, item.option_text))
            jan = sku.jan if sku and not named[item] else ""
            entries[item] = {**asdict(item), "jan": jan}
        found = {}
        for item, (rule, products) in self._find_by_rules(shop, entries).items():
            usable = len(products) == 1 and products.type != "combo"
            # A person has chosen where a rule cannot: of an item with a key, its SKU says so.
            chosen = named[item] and not all(item.key)
            if usable:
                found[item] = (rule, products)
            elif named[item] and (chosen or not products):
                sku = named[item]._same_goods()
                matches[item] = (
                    "ambiguous_sku" if not sku else "combo_sku" if sku._has_combo() else sku
                )
            elif products:
                matches[item] = "combo_sku" if len(products) == 1 else "ambiguous_sku"
            else:
                matches[item] = "unmapped_sku"
        return matches, found, by_key

    @api.model
    def _find_by_rules(self, shop, entries):
        """Products of SKUs by the shop's rules: codes in their order, the barcode after them. The
        first rule that knows a product decides.

        :param dict entries: any key to the values of a SKU: names and texts as in
            ..rules.mapping.codes_of, and ``jan``, '' where the barcode is not to be looked at
        :return: dict of the same keys to (rule, products); no product where no rule fits, several
            where the one that fits is ambiguous
        """
        Product = self.env["product.product"]
        codes = {key: shop._enabled_codes(values) for key, values in entries.items()}
        by_code = Product._rakuten_by_code(
            shop.company_id, {code for pairs in codes.values() for _rule, code in pairs}
        )
        jans = {values["jan"] for values in entries.values()} - {"", False}
        by_barcode = (
            Product._rakuten_by_barcode(shop.company_id, jans)
            if jans and shop.match_barcode
            else {}
        )
        found = {}
        for key, pairs in codes.items():
            chain = [(rule, by_code.get(code)) for rule, code in pairs]
            chain.append(("barcode", by_barcode.get(entries[key]["jan"])))
            hits = ((rule, products) for rule, products in chain if products)
            found[key] = next(hits, (False, Product))
        return found

    @staticmethod
    def _place_of(item):
        """By what an item stands in the list: its key, or its name in orders from before the SKU
        migration, where the variants of an item share one."""
        return item.key if all(item.key) else (None, item.name, item.option_text)

    def _explicit(self, shop, items):
        """SKUs of a shop by their place in the list (see :meth:`_place_of`), and those that have
        products by name and options."""
        skus = self.search(
            [
                ("shop_id", "=", shop.id),
                "|",
                ("manage_number", "in", list({item.key[0] for item in items} - {""})),
                "&",
                ("manage_number", "=", False),
                ("name", "in", list({item.name for item in items} - {""})),
            ]
        )
        by_key, by_name = {}, {}
        for sku in skus:
            if sku.manage_number and sku.variant_id:
                by_key[sku.manage_number, sku.variant_id] = sku
                continue
            text = sku.name, sku.option_text or ""
            by_key.setdefault((None, *text), sku)
            if sku._is_mapped():
                by_name[text] = by_name.get(text, self.browse()) | sku
        return by_key, by_name

    def _same_goods(self):
        """:return: the first of these SKUs if all of them are the same goods, else None"""
        goods = {tuple(sku._components()) for sku in self}
        return self[:1] if len(goods) == 1 else None

    @api.model
    def _remember(self, shop, found, lacking, by_key):
        """Keep what rules found as SKUs, so that a person can review it and stock can be sent; and
        without a product what no rule found, for a person to choose one: the catalogue may not
        show it, or RMS may not let the shop read it.

        :param found: dict of Item to (rule, product)
        :param lacking: list of Item
        :param dict by_key: of :meth:`_look_up`; gets what is new
        :return: dict of Item to rakuten.sku, of what was found
        """
        matches, new, owners = {}, {}, defaultdict(list)
        for item, (rule, product) in found.items():
            vals = {**self._vals_of(shop, item), "product_id": product.id, "found_by": rule}
            sku = by_key.get(item.key)
            if not all(item.key):
                # Before the SKU migration the variants of an item share one key: what was found
                # for one of them says nothing about the next, so it is not kept.
                matches[item] = self.new(vals)
            elif sku:
                if not sku._is_mapped():
                    sku.write(
                        {name: vals[name] for name in ("product_id", "found_by", "in_catalogue")}
                    )
                matches[item] = sku
            else:
                owners[item.key].append(item)
                new.setdefault(item.key, vals)
        for item in lacking:
            place = self._place_of(item)
            if place not in by_key and (all(item.key) or item.name):
                new.setdefault(place, self._vals_of(shop, item))
        for key, sku in zip(new, self.create(list(new.values())), strict=True):
            by_key[key] = sku
            matches.update(dict.fromkeys(owners[key], sku))
        return matches

    @api.model
    def _vals_of(self, shop, item):
        has_key = all(item.key)
        return {
            "shop_id": shop.id,
            "manage_number": has_key and item.manage_number,
            "variant_id": has_key and item.variant_id,
            "item_number": item.item_number,
            "merchant_sku": item.merchant_sku,
            "name": item.name,
            "option_text": item.option_text,
            # Of a name there is no stock to be sent.
            "in_catalogue": has_key,
        }
