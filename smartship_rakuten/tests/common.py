"""What the tests of the models share: a shop of a Japanese company and payloads.

The payloads are written by hand from RMS API sections 3 and 4.
"""

from contextlib import contextmanager
from datetime import datetime
from unittest.mock import patch

from odoo.tests import TransactionCase

from .fake_rms import FakeRms

SHOP_NUMBER = "123456"
ADDRESS = {
    "zipCode1": "100",
    "zipCode2": "0001",
    "prefecture": "東京都",
    "city": "千代田区",
    "subAddress": "千代田0-0-0",
    "familyName": "見本",
    "firstName": "太郎",
    "familyNameKana": "ミホン",
    "firstNameKana": "タロウ",
    "phoneNumber1": "03",
    "phoneNumber2": "0000",
    "phoneNumber3": "1234",
}


def item(number="1", code="CODE-A", price=1100, units=1, rate=0.1, **values):
    """One ItemModel: a single-SKU item whose 商品番号 is ``code``, tax included."""
    return {
        "itemDetailId": int(number),
        "itemName": f"見本商品{number}",
        "itemId": 10000000 + int(number),
        "itemNumber": code,
        "manageNumber": f"item-{number}",
        "price": price,
        "units": units,
        "includePostageFlag": 0,
        "includeTaxFlag": 1,
        "selectedChoice": None,
        "restoreInventoryFlag": 0,
        "deleteItemFlag": 0,
        "taxRate": rate,
        "priceTaxIncl": price,
        "SkuModelList": [
            {"variantId": "normal-inventory", "merchantDefinedSkuId": None, "skuInfo": None}
        ],
        **values,
    }


def package(basket, items, postage=0, cod=0, **values):
    """One PackageModel."""
    return {
        "basketId": basket,
        "postagePrice": postage,
        "postageTaxRate": 0.1,
        "deliveryPrice": cod,
        "deliveryTaxRate": 0.1,
        "noshi": None,
        "packageDeleteFlag": 0,
        "SenderModel": {**ADDRESS, "isolatedIslandFlag": 0},
        "ItemModelList": items,
        "ShippingModelList": [],
        **values,
    }


def order(sequence, packages=None, *, total=1100, request=None, progress=300, **values):
    """One OrderModel of version 10; the amounts are the caller's."""
    cod = sum(entry["deliveryPrice"] for entry in packages or [])
    return {
        "orderNumber": f"{SHOP_NUMBER}-20260110-{sequence:010d}",
        "orderProgress": progress,
        "orderDatetime": "2026-01-10T09:15:02+0900",
        "deliveryDate": None,
        "remarks": None,
        "rakutenConfirmFlag": 0,
        "goodsPrice": total,
        "postagePrice": 0,
        "deliveryPrice": cod,
        "paymentCharge": 0,
        "paymentChargeTaxRate": 0.1,
        "totalPrice": total,
        "requestPrice": total + cod if request is None else request,
        "couponAllTotalPrice": 0,
        "couponShopPrice": 0,
        "couponOtherPrice": 0,
        "additionalFeeOccurAmountToUser": 0,
        "OrdererModel": {**ADDRESS, "emailAddress": "sample@relay.example.com"},
        "PointModel": {"usedPoint": 0},
        "WrappingModel1": None,
        "WrappingModel2": None,
        "PackageModelList": packages or [package(7001, [item()])],
        "CouponModelList": None,
        "TaxSummaryModelList": [],
        **values,
    }


class RakutenCase(TransactionCase):
    """A connected shop of a company in yen with Japanese taxes and two mapped products."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].search([("chart_template", "=", "jp")], limit=1)
        cls.env.user.company_ids |= cls.company
        # Also who is told: activities are in the language of whom they are for.
        cls.env["res.users"].search([]).lang = "en_US"
        cls.env.user.lang = "en_US"
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        cls.shop = cls.env["rakuten.shop"].create(
            {
                "name": "見本ショップ",
                "shop_number": SHOP_NUMBER,
                "shop_url": "sample-shop",
                "service_secret": "SP123456_test",
                "license_key": "SL123456_test",
                "company_id": cls.company.id,
                "api_interval": 0,
                "auto_import": True,
                "auto_fulfil": True,
                "import_from": datetime(2025, 12, 1),
                "carrier_id": cls.env.ref("smartship_rakuten.delivery_carrier_yamato").id,
            }
        )
        cls.shop.state = "connected"
        # As Odoo names the warehouse of a further company: transfers are 株式会社サ/OUT/00001.
        cls.company.name = "株式会社サンプル"
        cls.shop.warehouse_id.code = cls.company.name[:5]
        cls.product_a, cls.product_b = cls.env["product.product"].create(
            [
                {"name": "Product A", "default_code": "CODE-A", "is_storable": True},
                {"name": "Product B", "default_code": "CODE-B", "is_storable": True},
            ]
        )
        stock = cls.shop.warehouse_id.lot_stock_id
        for product in (cls.product_a, cls.product_b):
            cls.env["stock.quant"]._update_available_quantity(product, stock, 50)
        cls.Order = cls.env["rakuten.order"]

    def setUp(self):
        super().setUp()
        self.rms = FakeRms()
        self.startPatcher(patch.object(type(self.shop), "_client", lambda shop: self.rms))
        self.startPatcher(
            patch("odoo.addons.smartship_rakuten.models.shipments.rakuten_parcel.POLL_SECONDS", 0)
        )
        self.startPatcher(
            patch(
                "odoo.addons.smartship_rakuten.models.stock.rakuten_sku_stock.READ_BACK_SECONDS", 0
            )
        )

    def import_orders(self, *orders):
        """Put orders at Rakuten, import them, return the records in the same order."""
        numbers = self.rms.put(*orders)
        self.shop.action_import_orders()
        found = self.Order.search([("shop_id", "=", self.shop.id), ("name", "in", numbers)])
        by_number = {record.name: record for record in found}
        return self.Order.union(*(by_number[number] for number in numbers))

    def make_dollar_pricelist(self):
        """Pricelists are on, and new customers get one in another currency."""
        dollar = self.env.ref("base.USD")
        dollar.active = True
        self.env["res.config.settings"].create({"group_product_pricelist": True}).execute()
        self.env["product.pricelist"].create(
            {
                "name": "Dollars",
                "sequence": 0,
                "currency_id": dollar.id,
                "company_id": self.company.id,
            }
        )

    def lock_what_is_confirmed(self):
        """Odoo's setting *Lock Confirmed Sales*."""
        self.env["res.config.settings"].create({"group_auto_done_setting": True}).execute()

    def make_analytic_account(self):
        plan = self.env["account.analytic.plan"].create({"name": "Campaigns"})
        return self.env["account.analytic.account"].create(
            {"name": "Spring", "plan_id": plan.id, "company_id": self.company.id}
        )

    @contextmanager
    def not_done(self):
        """What the guard could not do inside.

        :return: list of (name of the record, error)
        """
        found = []
        note = type(self.shop)._note_failed

        def spy(shop, part, error, step, mark, name):
            found.append((name(part[0]) if name else part.display_name, error))
            return note(shop, part, error, step, mark, name)

        with patch.object(type(self.shop), "_note_failed", spy):
            yield found

    @contextmanager
    def at(self, moment):
        """Freeze Odoo's clock."""
        with patch.object(self.env.cr, "now", lambda: moment), self.freeze(moment):
            yield

    def freeze(self, moment):
        from freezegun import freeze_time

        return freeze_time(moment)

    def ship(self, pickings, *numbers):
        """Validate transfers, each with its tracking number."""
        for picking, number in zip(pickings, numbers, strict=True):
            picking.move_ids.quantity = 0
            for move in picking.move_ids:
                move.quantity = move.product_uom_qty
            picking.move_ids.picked = True
            picking.carrier_tracking_ref = number
            picking.button_validate()


def open_return(picking, quantity):
    """The return of a transfer, not yet validated.

    :param quantity: function from a move of the transfer to how much of it comes back
    """
    wizard = (
        picking.env["stock.return.picking"]
        .with_context(active_ids=picking.ids, active_id=picking.id, active_model=picking._name)
        .create({})
    )
    for line in wizard.product_return_moves:
        line.quantity = quantity(line.move_id)
    return picking.browse(wizard.action_create_returns()["res_id"])


__all__ = ["RakutenCase", "item", "open_return", "order", "package"]
