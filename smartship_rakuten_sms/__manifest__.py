{
    "name": "Rakuten Ichiba Connector: SMS",
    "summary": "No SMS reaches a Rakuten buyer",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "license": "LGPL-3",
    "author": "Smartship",
    "maintainers": ["Smartship"],
    "development_status": "Beta",
    "depends": ["smartship_rakuten", "sms"],
    "auto_install": True,
}
