from . import base_partner_merge_automatic_wizard
from . import portal_wizard_user
from . import rakuten_onboarding
from . import rakuten_order_cancel
from . import rakuten_order_import
from . import rakuten_rule_trial
from . import rakuten_tracking_import
from . import rakuten_waybill_export
