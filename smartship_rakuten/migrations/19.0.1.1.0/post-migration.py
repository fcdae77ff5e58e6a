"""Codes that come with a format have fields of their own, which noupdate data do not fill."""

from odoo.api import SUPERUSER_ID, Environment

DEFAULTS = {
    "smartship_rakuten.waybill_format_yamato": {"option_2_default": "01"},
    "smartship_rakuten.waybill_format_sagawa": {"option_1_default": "001"},
}


def migrate(cr, version):
    env = Environment(cr, SUPERUSER_ID, {})
    for xmlid, vals in DEFAULTS.items():
        form = env.ref(xmlid, raise_if_not_found=False)
        if form:
            form.write(vals)
