{
    "name": "Rakuten Ichiba Connector: Manufacturing",
    "summary": "Rakuten sells a kit as long as its components last",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "license": "LGPL-3",
    "author": "Smartship",
    "maintainers": ["Smartship"],
    "development_status": "Beta",
    "depends": ["smartship_rakuten", "mrp"],
    "auto_install": True,
}
