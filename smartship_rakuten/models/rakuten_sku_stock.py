from odoo import api, fields, models

from ..rms import CredentialsRejected

#: Stock that the inventory API takes at most (RMS API section 6.2).
LARGEST_STOCK = 99_999
#: Which figure of Odoo a shop sells from.
STOCK_KINDS = {"free": "free_qty", "on_hand": "qty_available", "forecast": "virtual_available"}


class RakutenSku(models.Model):
    """Rakuten's stock in step with Odoo's (RMS API section 6)."""

    _inherit = "rakuten.sku"  # pylint: disable=consider-merging-classes-inherited

    stock_mode = fields.Selection(
        [
            ("auto", "As in Odoo"),
            ("fixed", "Fixed Number"),
            ("unlimited", "Unlimited"),
            ("none", "Do Not Touch"),
        ],
        default="auto",
        required=True,
        help="What Rakuten is told. Unlimited sends 99,999, the most that Rakuten takes.",
    )
    stock_fixed = fields.Integer(string="Fixed Stock")
    own_buffer = fields.Boolean(help="This SKU has a stock buffer of its own.")
    stock_buffer = fields.Integer(
        string="Units Held Back", help="Instead of the shop's stock buffer."
    )
    stock_rakuten = fields.Integer(
        string="Stock at Rakuten", readonly=True, copy=False, help="As last read."
    )
    stock_read_at = fields.Datetime(string="Stock Read On", readonly=True, copy=False)

    _stock_numbers_positive = models.Constraint(
        "CHECK(stock_fixed >= 0 AND stock_buffer >= 0)", "Stock and buffer cannot be negative."
    )

    # === BUSINESS METHODS - Stock === #

    def _stocked(self, shop):
        """SKUs whose stock Odoo keeps at Rakuten. Only such as were seen in the catalogue: Rakuten
        takes the stock of unknown ones without an error and makes orphans of them."""
        skus = self.search(
            [
                ("shop_id", "=", shop.id),
                ("mapping_state", "!=", "unmapped"),
                ("stock_mode", "!=", "none"),
                ("in_catalogue", "=", True),
                ("manage_number", "!=", False),
                ("variant_id", "!=", False),
            ]
        )
        return skus.filtered(
            lambda sku: all(product.is_storable for product, _units in sku._components())
        )

    @api.model
    def _compare_stock(self, shop):
        """Read the stock of all SKUs at Rakuten, 1,000 a call, and mark what is not as it should
        be, so that the next push corrects it.

        :return: a sentence on what was found
        """
        skus = self._stocked(shop)
        targets = skus._sellable(shop)
        by_key = {(sku.manage_number, sku.variant_id): sku for sku in skus}
        held = {}
        for entry in shop._client().inventories_bulk_get(list(by_key)):
            sku = by_key.get((entry["manageNumber"], entry["variantId"]))
            if sku:
                held[sku] = sku.stock_rakuten = entry["quantity"]
        # What Rakuten does not have has never got a number.
        drifted = skus.filtered(lambda sku: held.get(sku) != targets[sku])
        skus.stock_read_at = fields.Datetime.now()
        drifted.stock_sent = -1
        return self.env._(
            "%(count)s SKUs compared, %(drift)s of them differ from Rakuten.",
            count=len(skus),
            drift=len(drifted),
        )

    @api.model
    def _push_stock(self, shop):
        """Send to Rakuten what differs from what it last acknowledged.

        Before a number is raised the newest orders are read: a number that does not know of them
        would offer what somebody has bought. While they cannot be read, numbers are only lowered.

        ABSOLUTE numbers are sent: the number says what is sellable whatever was lost before, while
        a lost RELATIVE call could never be noticed. The price is the race with buyers, who take
        stock at Rakuten before Odoo knows; so what is ordered there and not reserved here yet is
        subtracted (:meth:`_demand`).

        :return: a sentence on what was sent
        """
        skus = self._stocked(shop)
        targets = skus._sellable(shop)
        unread = None
        if any(targets[sku] > sku.stock_sent for sku in skus):
            unread = shop._read_new_orders()
            if unread:
                skus = skus.filtered(lambda sku: targets[sku] < sku.stock_sent)
            else:
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
        failure, sent = unread, 0
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
        if unread or isinstance(failure, CredentialsRejected) or (failure and not sent):
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
        counted = self.filtered(lambda sku: sku.stock_mode == "auto")
        parts = {sku: sku._components() for sku in counted}
        products = self.env["product.product"].union(
            *(product for components in parts.values() for product, _units in components)
        )
        quantity = STOCK_KINDS[shop.stock_kind]
        products = products.with_context(warehouse_id=shop.warehouse_id.id)
        # Reservations of this very transaction count too.
        products.invalidate_recordset([quantity])
        demand = self._demand(shop, products)
        free = {product: product[quantity] - demand.get(product.id, 0) for product in products}

        def sellable(sku):
            if sku.stock_mode == "unlimited":
                return LARGEST_STOCK
            if sku.stock_mode == "fixed":
                return min(sku.stock_fixed, LARGEST_STOCK)
            # A set is there as often as its scarcest component.
            units = min(int(free[product]) // units for product, units in parts[sku])
            buffer = sku.stock_buffer if sku.own_buffer else shop.stock_buffer
            return min(max(units - buffer, 0), LARGEST_STOCK)

        return {sku: sellable(sku) for sku in self}

    @api.model
    def _demand(self, shop, products):
        """Units ordered at Rakuten that the shop's kind of stock does not show as gone yet.

        Rakuten took them off its own stock when they were bought, so they must not be offered
        again: orders without a sale order, quotations, and moves as far as they are still in the
        figure. Shops that share the warehouse count together.

        :return: dict of product id to units
        """
        warehouse = shop.warehouse_id
        shops = self.env["rakuten.shop"].search([("warehouse_id", "=", warehouse.id)])
        demand = self.env["rakuten.order"]._open_demand(shops)
        lines = self.env["sale.order.line"]._read_group(
            [
                ("order_id.rakuten_shop_id", "in", shops.ids),
                ("order_id.rakuten_reference", "=", False),
                ("order_id.state", "in", ("draft", "sent")),
                ("product_id", "in", products.ids),
            ],
            ["product_id"],
            ["product_uom_qty:sum"],
        )
        for product, quantity in lines:
            demand[product.id] = demand.get(product.id, 0) + quantity
        if shop.stock_kind == "forecast":
            # The forecast has every move off already.
            return demand
        moves = self.env["stock.move"]._read_group(
            [
                ("picking_id.rakuten_shop_id", "in", shops.ids),
                ("state", "in", ("confirmed", "partially_available", "assigned")),
                ("location_id", "child_of", warehouse.view_location_id.id),
                ("product_id", "in", products.ids),
            ],
            ["product_id"],
            ["product_qty:sum", "quantity:sum"],
        )
        for product, ordered, reserved in moves:
            gone = reserved if shop.stock_kind == "free" else 0
            demand[product.id] = demand.get(product.id, 0) + ordered - gone
        return demand
