from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models

#: Marks of a shop that nobody has taken for so long are replaced by one look at all its SKUs.
STALE_AFTER = timedelta(days=2)
#: How many marks are taken at a time.
MARKS_PER_READ = 5000
_PENDING = "rakuten.stock.change"


class RakutenStockChange(models.Model):
    """Products whose stock changed since a shop was last told: the inbox of the stock push.

    Whoever moves goods only *adds* rows here, one INSERT at the end of the transaction, and the
    shop's own worker takes them away. No two transactions ever touch one row, so a warehouse user
    never waits for a push and neither makes the other fail to serialize, as they would if every
    transfer wrote on ``rakuten.sku``. For the same reason the columns are plain numbers: the check
    of a foreign key locks the shop's row, which its worker writes.

    Nothing is looked up while goods move: which SKUs a product is in, alone, in a set or in a kit,
    is found out when the rows are taken. That a row says too much costs a look at a SKU; that one
    is missing costs up to a day, because the daily comparison looks at all.

    A shop gets rows from its first push on (``rakuten.shop.stock_followed``); before, and after it
    has been left alone for days, its next push looks at all SKUs anyway.
    """

    _name = "rakuten.stock.change"
    _description = "Rakuten Stock Change"
    _log_access = False

    shop_id = fields.Integer(required=True, index=True)
    product_id = fields.Integer(help="Empty: all SKUs of the shop.")
    created_at = fields.Datetime(required=True, default=fields.Datetime.now)

    @api.model
    def _mark(self, products):
        """Note that the stock of products, or the demand for them, has changed."""
        if products and self.env["rakuten.shop"]._stock_followed_ids():
            self._pending()[1].update(products._origin.ids)

    @api.model
    def _mark_all(self, shops):
        """Note that every SKU of some shops may have another number now."""
        self._pending()[0].update(
            set(shops.ids) & set(self.env["rakuten.shop"]._stock_followed_ids())
        )

    def _pending(self):
        """:return: (ids of shops, ids of products) that this transaction has marked so far"""
        precommit = self.env.cr.precommit
        if _PENDING not in precommit.data:
            precommit.data[_PENDING] = (set(), set())
            precommit.add(self.with_user(SUPERUSER_ID)._write_marks)
        return precommit.data[_PENDING]

    def _write_marks(self):
        shops, products = self.env.cr.precommit.data.pop(_PENDING, ((), ()))
        followed = self.env["rakuten.shop"]._stock_followed_ids() if products else ()
        rows = [{"shop_id": shop_id} for shop_id in sorted(shops)]
        rows += [
            {"shop_id": shop_id, "product_id": product_id}
            for shop_id in followed
            for product_id in sorted(products)
        ]
        if rows:
            self.create(rows)

    @api.model
    def _pop_marks(self, shop):
        """Take the marks of a shop away; whoever calls works for it alone.

        :return: (products, whether all SKUs are meant)
        """
        self._write_marks()
        ids, everything = set(), False
        while rows := self.search([("shop_id", "=", shop.id)], limit=MARKS_PER_READ):
            ids.update(rows.mapped("product_id"))
            rows.unlink()
        if 0 in ids:
            ids.remove(0)
            everything = True
        return self.env["product.product"].browse(sorted(ids)), everything

    @api.model
    def _is_waiting(self):
        """Whether a shop has something to look at."""
        self._write_marks()
        return bool(self.search([], limit=1))

    @api.autovacuum
    def _gc_changes(self):
        """Shops that nobody works for do not fill the table."""
        limit = fields.Datetime.now() - STALE_AFTER
        ids = [
            shop_id
            for shop_id, _oldest in self._read_group(
                [], ["shop_id"], ["created_at:min"], having=[("created_at:min", "<", limit)]
            )
        ]
        shops = self.env["rakuten.shop"].sudo().with_context(active_test=False)
        shops.browse(ids).exists().stock_followed = False
        self.search([("shop_id", "in", ids)]).try_lock_for_update().unlink()
