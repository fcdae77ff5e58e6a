{
    "name": "Rakuten Ichiba Connector: Accounting",
    "summary": "Rakuten orders billed at shipment, owed by who pays, matched with the statements",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "license": "LGPL-3",
    "author": "Smartship",
    "maintainers": ["Smartship"],
    "development_status": "Alpha",
    "depends": ["smartship_rakuten", "account", "l10n_jp"],
    "data": [
        "data/ir_cron.xml",
        "views/setup/rakuten_shop_views.xml",
        "views/billing/billing_views.xml",
    ],
}
