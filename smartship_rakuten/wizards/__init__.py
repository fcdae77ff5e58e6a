from . import portal_wizard_user
from . import rakuten_onboarding
from . import rakuten_order_cancel
from . import rakuten_order_import
