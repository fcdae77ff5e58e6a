from odoo import api, fields, models


class RakutenSku(models.Model):
    """One sellable SKU of a shop and the product behind it.

    The key at Rakuten is (商品管理番号, SKU管理番号); a mapping by name leaves both empty.
    """

    _name = "rakuten.sku"
    _description = "Rakuten SKU"
    _order = "shop_id, manage_number, variant_id, name, id"
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
    found_by = fields.Selection(
        [
            ("manual", "By Hand"),
            ("merchant_sku", "System SKU"),
            ("item_number", "Item Number"),
        ],
        string="Mapped By",
        default="manual",
        readonly=True,
        help="How the product was found; what a rule found can be reviewed here.",
    )
    in_catalogue = fields.Boolean(
        readonly=True,
        help="Seen in Rakuten's catalogue or in an order. Only such SKUs get stock, because "
        "Rakuten takes the stock of unknown ones without an error.",
    )
    stock_sent = fields.Integer(readonly=True, copy=False, default=-1)
    stock_sent_at = fields.Datetime(string="Stock Sent On", readonly=True, copy=False)
    stock_error = fields.Char(readonly=True, copy=False)

    _key_uniq = models.UniqueIndex(
        "(shop_id, manage_number, variant_id)"
        " WHERE manage_number IS NOT NULL AND variant_id IS NOT NULL",
        "This SKU of the shop is mapped already.",
    )
    _quantity_positive = models.Constraint(
        "CHECK(quantity > 0)", "A SKU holds at least one unit of its product."
    )

    # === COMPUTE AND CONSTRAINTS === #

    @api.depends("name", "option_text", "manage_number", "variant_id")
    def _compute_display_name(self):
        for sku in self:
            key = "/".join(filter(None, (sku.manage_number, sku.variant_id)))
            sku.display_name = sku.merchant_sku or sku.item_number or key or sku.name or str(sku.id)

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._by_hand(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._by_hand(vals))

    @staticmethod
    def _by_hand(vals):
        """A product that a person chooses is no rule's finding any more; blank keys are no keys."""
        vals = dict(vals)
        if "product_id" in vals:
            vals.setdefault("found_by", "manual")
        for key in ("manage_number", "variant_id"):
            if key in vals:
                vals[key] = (vals[key] or "").strip() or False
        return vals

    # === BUSINESS METHODS - Mapping === #

    @api.model
    def _match(self, shop, items):
        """Find the SKU of each order line, with a constant number of queries.

        Rules, in this order: the explicit SKU by its key; システム連携用SKU番号 as seller-defined
        code; 商品番号 as seller-defined code for items without options; name and option text,
        equal to the letter. What a rule finds is remembered.

        :param items: iterable of ..rules.order.Item
        :return: dict of Item to rakuten.sku with a product, or to the problem code
            ``unmapped_sku`` / ``ambiguous_sku``
        """
        items = list(items)
        by_key, by_name = self._explicit(shop, items)
        products = self.env["product.product"]._rakuten_by_code(
            shop.company_id, {code for item in items for _rule, code in item_codes(item)}
        )
        matches, found = {}, {}
        for item in items:
            sku = by_key.get(_key(item))
            if sku and sku.product_id:
                matches[item] = sku
                continue
            rule, candidates = self._by_code(item_codes(item), products)
            named = by_name.get((item.name, item.option_text))
            if len(candidates) == 1:
                found[item] = (rule, candidates)
            elif candidates:
                matches[item] = "ambiguous_sku"
            elif named:
                matches[item] = named
            else:
                matches[item] = "unmapped_sku"
        matches.update(self._remember(shop, found, by_key))
        return matches

    @api.model
    def _by_code(self, codes, products):
        """The first rule whose code some product has.

        :param codes: list of (rule, code)
        :param products: dict of code to products
        :return: (rule, products); no products where no rule fits
        """
        for rule, code in codes:
            if products.get(code):
                return rule, products[code]
        return False, self.env["product.product"]

    def _explicit(self, shop, items):
        """SKUs of a shop that items name by key, and those that they name by name."""
        skus = self.search(
            [
                ("shop_id", "=", shop.id),
                "|",
                ("manage_number", "in", list({item.manage_number for item in items} - {""})),
                "&",
                ("manage_number", "=", False),
                ("name", "in", list({item.name for item in items} - {""})),
            ]
        )
        by_key, by_name = {}, {}
        for sku in skus:
            if sku.manage_number and sku.variant_id:
                by_key[sku.manage_number, sku.variant_id] = sku
            elif sku.product_id:
                by_name[sku.name, sku.option_text or ""] = sku
        return by_key, by_name

    @api.model
    def _remember(self, shop, found, by_key):
        """Keep what rules found as SKUs, so that a person can review it and stock can be sent.

        :param found: dict of Item to (rule, product)
        :return: dict of Item to rakuten.sku
        """
        to_create, owners = [], []
        matches, by_new_key = {}, {}
        for item, (rule, product) in found.items():
            vals = {"product_id": product.id, "found_by": rule, "in_catalogue": True}
            sku = by_key.get(_key(item))
            if not all(_key(item)):
                # Before the SKU migration the variants of an item share one key: what was found
                # for one of them says nothing about the next, so it is not kept.
                matches[item] = self.new({**vals, "shop_id": shop.id})
            elif sku:
                if not sku.product_id:
                    sku.write(vals)
                matches[item] = sku
            elif _key(item) in by_new_key:
                by_new_key[_key(item)].append(item)
            else:
                by_new_key[_key(item)] = [item]
                owners.append(_key(item))
                to_create.append(
                    {
                        **vals,
                        "shop_id": shop.id,
                        "manage_number": item.manage_number,
                        "variant_id": item.variant_id,
                        "item_number": item.item_number,
                        "merchant_sku": item.merchant_sku,
                        "name": item.name,
                        "option_text": item.option_text,
                    }
                )
        for key, sku in zip(owners, self.create(to_create), strict=True):
            matches.update(dict.fromkeys(by_new_key[key], sku))
        return matches


def codes_of(merchant_sku, item_number, is_single):
    """Seller-defined codes of a SKU in the order of the rules: (rule, code).

    商品番号 names the item, so it names a SKU only where the item has no options.
    """
    codes = [("merchant_sku", merchant_sku), ("item_number", item_number if is_single else "")]
    return [(rule, code) for rule, code in codes if code]


def item_codes(item):
    return codes_of(item.merchant_sku, item.item_number, item.is_single)


def _key(item):
    return item.manage_number, item.variant_id
