from . import test_no_sms
