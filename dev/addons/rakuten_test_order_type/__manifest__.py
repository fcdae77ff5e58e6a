{
    "name": "Rakuten Ichiba Connector: Test of Recomputed Orders",
    "summary": "Recomputes a sale order as modules for order types do; for tests only",
    "version": "19.0.1.0.0",
    "category": "Hidden/Tests",
    "license": "LGPL-3",
    "author": "Smartship",
    "depends": ["sale_stock"],
}
