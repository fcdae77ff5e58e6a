"""What the demo leaves out: codes of a contract, a format of the shop's own, a kit, dropshipping.

dev/odoo shell -d DATABASE <dev/release_dump.py
"""

from odoo.fields import Command

shop = env.ref("smartship_rakuten.demo_shop")  # noqa: F821
env = env(context={"allowed_company_ids": shop.company_id.ids, "lang": "en_US"})  # noqa: F821
shop = shop.with_env(env)

# A company's codes, and a layout that it has changed.
env.ref("smartship_rakuten.waybill_format_yamato").write(
    {"customer_code": "000000000000", "option_2": "02", "cash_limit": 250000}
)
own = env.ref("smartship_rakuten.waybill_format_sagawa").copy({"name": "見本の様式"})
own.write({"company_id": shop.company_id.id, "customer_code": "1111", "with_header": True})
own.column_ids[-1:].write({"name": "見本の列", "source": "fixed", "text": "見本"})

# A SKU that is a kit, one that a supplier sends, one that nobody has mapped.
kit, supplied, component = env["product.product"].create(
    [
        {"name": "見本セット", "default_code": "KIT-1", "is_storable": True},
        {"name": "見本直送品", "default_code": "DROP-1", "is_storable": True},
        {"name": "見本部品", "default_code": "PART-1", "is_storable": True},
    ]
)
env["mrp.bom"].create(
    {
        "product_tmpl_id": kit.product_tmpl_id.id,
        "type": "phantom",
        "bom_line_ids": [Command.create({"product_id": component.id, "product_qty": 2})],
    }
)
env["stock.quant"]._update_available_quantity(component, shop.warehouse_id.lot_stock_id, 20)
vendor = env["res.partner"].create({"name": "見本仕入先"})
supplied.write(
    {
        "route_ids": [Command.link(env.ref("stock_dropshipping.route_drop_shipping").id)],
        "seller_ids": [Command.create({"partner_id": vendor.id, "price": 100})],
    }
)
env["rakuten.sku"].create(
    [
        {"shop_id": shop.id, "manage_number": number, "variant_id": "normal-inventory", **vals}
        for number, vals in (
            ("kit-1", {"product_id": kit.id, "in_catalogue": True}),
            ("drop-1", {"product_id": supplied.id, "quantity": 2}),
            ("set-1", {"component_ids": [Command.create({"product_id": component.id})]}),
            ("open-1", {}),
        )
    ]
)
env["rakuten.rule"].create(
    {
        "name": "見本の条件",
        "shop_id": shop.id,
        "domain": "[('total_price', '>', 300000)]",
        "hold": True,
        "state": "on",
    }
)
env.cr.commit()
