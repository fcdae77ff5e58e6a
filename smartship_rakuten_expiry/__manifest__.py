{
    "name": "Rakuten Ichiba Connector: Expiration Dates",
    "summary": "Lots whose removal date has come are not offered at Rakuten",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "license": "LGPL-3",
    "author": "Smartship",
    "maintainers": ["Smartship"],
    "development_status": "Beta",
    "depends": ["smartship_rakuten", "product_expiry"],
    "auto_install": True,
}
