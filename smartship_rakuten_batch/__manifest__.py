{
    "name": "Rakuten Ichiba Connector: Batch Transfers",
    "summary": "A change at Rakuten leaves transfers alone that are picked in a batch",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "license": "LGPL-3",
    "author": "Smartship",
    "maintainers": ["Smartship"],
    "development_status": "Beta",
    "depends": ["smartship_rakuten", "stock_picking_batch"],
    "auto_install": True,
}
