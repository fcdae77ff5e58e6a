from odoo import api, fields, models

from ..rms import CredentialsRejected
from ..rules.catalogue import read_skus
from .text import storable

#: Stock that the inventory API takes at most (RMS API section 6.2).
LARGEST_STOCK = 99_999
CHUNK = 400


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
            if len(batch) >= CHUNK:
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

    # === BUSINESS METHODS - Stock === #

    @api.model
    def _push_stock(self, shop):
        """Send to Rakuten what differs from what it last acknowledged.

        ABSOLUTE numbers are sent: the number says what is sellable whatever was lost before, while
        a lost RELATIVE call could never be noticed. The price is the race with buyers, who take
        stock at Rakuten before Odoo knows; so what is ordered there and not reserved here yet is
        subtracted (:meth:`_demand`).

        :return: a sentence on what was sent
        """
        skus = self.search(
            [
                ("shop_id", "=", shop.id),
                ("product_id.is_storable", "=", True),
                ("in_catalogue", "=", True),
                ("manage_number", "!=", False),
                ("variant_id", "!=", False),
            ]
        )
        targets = skus._sellable(shop)
        by_key = {
            (sku.manage_number, sku.variant_id): sku
            for sku in skus
            if targets[sku] != sku.stock_sent or sku.stock_error
        }
        entries = [
            {
                "manageNumber": sku.manage_number,
                "variantId": sku.variant_id,
                "mode": "ABSOLUTE",
                "quantity": targets[sku],
            }
            for sku in by_key.values()
        ]
        client = shop._client()
        failure, sent = None, 0
        for result in self._upsert(client, entries):
            chunk = self.union(
                *(by_key[entry["manageNumber"], entry["variantId"]] for entry in result.entries)
            )
            if result.error:
                failure = result.error
                chunk.write({"stock_error": shop._explain(result.error)})
                for entry, message in result.rejected:
                    by_key[
                        entry["manageNumber"], entry["variantId"]
                    ].stock_error = f"{message.code}: {message.text}"
            else:
                sent += len(chunk)
                now = fields.Datetime.now()
                for sku in chunk:
                    sku.stock_sent = targets[sku]
                chunk.write({"stock_sent_at": now, "stock_error": False})
            shop._commit()
        if isinstance(failure, CredentialsRejected) or (failure and not sent):
            raise failure
        return self.env._("Stock of %(count)s SKUs sent to Rakuten.", count=sent)

    @api.model
    def _upsert(self, client, entries):
        """Send stock; what is refused by name does not stop the rest of its call."""
        for result in client.inventories_bulk_upsert(entries):
            yield result
            refused = [entry for entry, _message in result.rejected]
            if refused:
                rest = [entry for entry in result.entries if entry not in refused]
                yield from client.inventories_bulk_upsert(rest)

    def _sellable(self, shop):
        """Units of each SKU that Rakuten may sell.

        :return: dict of rakuten.sku to whole units, 0 to 99,999
        """
        products = self.product_id.with_context(warehouse_id=shop.warehouse_id.id)
        # Reservations of this very transaction count too.
        products.invalidate_recordset(["free_qty"])
        free = {product.id: product.free_qty for product in products}
        demand = self._demand(shop.warehouse_id)
        return {
            sku: min(
                max(
                    int(free[sku.product_id.id] - demand.get(sku.product_id.id, 0)) // sku.quantity
                    - shop.stock_buffer,
                    0,
                ),
                LARGEST_STOCK,
            )
            for sku in self
        }

    @api.model
    def _demand(self, warehouse):
        """Units ordered at Rakuten that Odoo has not reserved yet.

        Rakuten took them off its own stock when they were bought, so they must not be offered
        again: orders without a sale order, quotations, and moves without a full reservation.

        :return: dict of product id to units
        """
        shops = self.env["rakuten.shop"].search([("warehouse_id", "=", warehouse.id)])
        demand = self.env["rakuten.order"]._open_demand(shops)
        lines = self.env["sale.order.line"]._read_group(
            [
                ("order_id.rakuten_shop_id", "in", shops.ids),
                ("order_id.state", "in", ("draft", "sent")),
                ("product_id.is_storable", "=", True),
            ],
            ["product_id"],
            ["product_uom_qty:sum"],
        )
        moves = self.env["stock.move"]._read_group(
            [
                ("picking_id.rakuten_shop_id", "in", shops.ids),
                ("state", "in", ("confirmed", "partially_available")),
                ("location_id", "child_of", warehouse.view_location_id.id),
                ("product_id", "in", self.product_id.ids),
            ],
            ["product_id"],
            ["product_qty:sum", "quantity:sum"],
        )
        for product, quantity in lines:
            demand[product.id] = demand.get(product.id, 0) + quantity
        for product, ordered, reserved in moves:
            demand[product.id] = demand.get(product.id, 0) + ordered - reserved
        return demand


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
