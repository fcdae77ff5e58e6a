{
    "name": "Rakuten Ichiba Connector: Loyalty",
    "summary": "Rakuten's buyers earn no points, coupons or gift cards of Odoo",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "license": "LGPL-3",
    "author": "Smartship",
    "maintainers": ["Smartship"],
    "development_status": "Beta",
    "depends": ["smartship_rakuten", "sale_loyalty"],
    "auto_install": True,
}
