"""Texts of before that say nothing but a sentence of ours get its code, in whichever language they
were written: what was told once is found again, and closed, and everybody reads it in his own."""

from odoo.api import SUPERUSER_ID, Environment

from odoo.addons.smartship_rakuten.models.shop.sentences import OTHER, plain_sentences

#: Model and field, without the NAME_code and NAME_details that keep it.
TEXTS = (
    ("rakuten.parcel", "error"),
    ("rakuten.job", "error"),
    ("rakuten.sku", "stock_error"),
    ("rakuten.shop", "connection_message"),
    ("rakuten.shop", "next_key_message"),
)


def migrate(cr, version):
    env = Environment(cr, SUPERUSER_ID, {"active_test": False})
    codes = {}
    for lang, _name in env["res.lang"].get_installed():
        codes |= plain_sentences(env(context={"lang": lang}))
    for model, name in TEXTS:
        for record in env[model].search([(f"{name}_code", "=", OTHER)]):
            code = codes.get(record[f"{name}_details"]["reason"])
            if code:
                record.write({f"{name}_code": code, f"{name}_details": False})
    for parcel in env["rakuten.parcel"].search([("warned", "!=", False)]):
        code = codes.get(parcel.warned.get("reason"))
        if code:
            parcel.warned = {"code": code}
    activities = env["mail.activity"].search(
        [("res_model", "=", "rakuten.order"), ("summary", "in", list(codes))]
    )
    for activity in activities:
        activity.rakuten_reason_code = codes[activity.summary]
