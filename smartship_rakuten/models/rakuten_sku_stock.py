from odoo import api, fields, models

from ..rms import CredentialsRejected

#: Stock that the inventory API takes at most (RMS API section 6.2).
LARGEST_STOCK = 99_999


class RakutenSku(models.Model):
    """Rakuten's stock in step with Odoo's (RMS API section 6)."""

    _inherit = "rakuten.sku"  # pylint: disable=consider-merging-classes-inherited

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
                ("mapping_state", "!=", "unmapped"),
                ("in_catalogue", "=", True),
                ("manage_number", "!=", False),
                ("variant_id", "!=", False),
            ]
        )
        skus = skus.filtered(
            lambda sku: all(product.is_storable for product, _units in sku._components())
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
        parts = {sku: sku._components() for sku in self}
        products = self.env["product.product"].union(
            *(product for components in parts.values() for product, _units in components)
        )
        products = products.with_context(warehouse_id=shop.warehouse_id.id)
        # Reservations of this very transaction count too.
        products.invalidate_recordset(["free_qty"])
        demand = self._demand(shop.warehouse_id, products)
        free = {product: product.free_qty - demand.get(product.id, 0) for product in products}

        def sellable(sku):
            # A set is there as often as its scarcest component.
            units = min(int(free[product]) // units for product, units in parts[sku])
            return min(max(units - shop.stock_buffer, 0), LARGEST_STOCK)

        return {sku: sellable(sku) for sku in self}

    @api.model
    def _demand(self, warehouse, products):
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
                ("product_id", "in", products.ids),
            ],
            ["product_id"],
            ["product_qty:sum", "quantity:sum"],
        )
        for product, quantity in lines:
            demand[product.id] = demand.get(product.id, 0) + quantity
        for product, ordered, reserved in moves:
            demand[product.id] = demand.get(product.id, 0) + ordered - reserved
        return demand
