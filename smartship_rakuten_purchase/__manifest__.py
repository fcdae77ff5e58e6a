{
    "name": "Rakuten Ichiba Connector: Purchase",
    "summary": "Dropshipped Rakuten orders go to their own recipients",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "license": "LGPL-3",
    "author": "Smartship",
    "maintainers": ["Smartship"],
    "development_status": "Beta",
    "depends": ["smartship_rakuten", "sale_purchase_stock"],
    "auto_install": True,
}
