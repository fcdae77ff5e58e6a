"""Orders as Rakuten has them, and the sale orders that are made of them.

May use: shop to products.
"""

from . import account_analytic_distribution_model
from . import account_tax
from . import account_move
from . import account_move_send
from . import account_move_send_wizard
from . import ir_attachment
from . import res_partner
from . import rakuten_order
from . import rakuten_order_facts
from . import rakuten_order_tax
from . import rakuten_delivery_method
from . import rakuten_payment_method
from . import rakuten_order_methods
from . import rakuten_order_import
from . import rakuten_order_adopt
from . import rakuten_order_labels
from . import rakuten_order_changes
from . import rakuten_order_amend
from . import rakuten_order_mended
from . import rakuten_order_prefecture
from . import rakuten_order_conditions
from . import rakuten_rule
from . import rakuten_shop
from . import rakuten_reservation
from . import rakuten_order_reservation
from . import sale_order
from . import sale_order_line
from . import product_product
from . import product_template
from . import rakuten_sku
from . import rakuten_sku_component
from . import stock_picking
from . import stock_move
from . import stock_rule
