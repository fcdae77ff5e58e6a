"""Texts of before that read like a sentence of ours get its code and details, in whichever language
they were written: what was told once is found again, and closed, and everybody reads it in his own.

At the end of the upgrade, when the modules that went their own way have declared theirs.
"""

import re
from functools import cache

from odoo.api import SUPERUSER_ID, Environment

from odoo.addons.smartship_rakuten.models.shop.sentences import (
    OTHER,
    said_by,
    tell,
    templates,
)

#: Model and field, without the NAME_code and NAME_details that keep it.
TEXTS = (
    ("rakuten.parcel", "error"),
    ("rakuten.job", "sentence"),
    ("rakuten.job", "error"),
    ("rakuten.sku", "stock_error"),
    ("rakuten.stock.push", "message"),
    ("rakuten.shop", "connection_message"),
    ("rakuten.shop", "next_key_message"),
)
#: Sentences that read otherwise until then.
BEFORE = (
    ("rms.refused", "Rakuten refused the request (code %(where)s). Open it in RMS and check."),
    (
        "rms.CONFIRM_ORDER_ERROR_102",
        "The order has already been cancelled, it cannot be confirmed.",
    ),
    (
        "rms.UPDATE_ORDERSUBSTATUS_ERROR_101",
        "The order has been cancelled at Rakuten, its sub-status cannot be changed.",
    ),
    (
        "rms.function",
        "The key is accepted, but the function %(operation)s is not enabled for it. Tick it in RMS "
        "(WEB APIサービス > 利用機能編集) and try again.",
    ),
    (
        "rms.function",
        "キーは有効ですが、機能「%(operation)s」の利用が設定されていません。RMS（WEB APIサービス > "
        "利用機能編集）でチェックを入れて、もう一度お試しください。",
    ),
    (
        "key.functions_missing",
        "The key is accepted, but these functions are not enabled: %(functions)s. Tick them in RMS "
        "(WEB APIサービス > 利用機能編集) and test again.",
    ),
    (
        "key.functions_missing",
        "キーは有効ですが、次の機能の利用設定がありません: %(functions)s。RMS (WEB APIサービス > "
        "利用機能編集) でチェックを入れ、もう一度接続テストをしてください。",
    ),
    ("order.not_confirmed", "楽天で注文を確認できませんでした: %(reason)s"),
)
#: Parts of a change, which are read by what has changed, and what was not told before.
PARTS = ("change", "person.", "charge.", "guard.")
#: Details that are numbers.
NUMBERS = {"count"}


def migrate(cr, version):
    env = Environment(cr, SUPERUSER_ID, {"active_test": False})
    reader = Reader(env)
    for model, name in TEXTS:
        found = env[model].search([(f"{name}_code", "=", OTHER)])
        for text, records in found.grouped(
            lambda row, n=name: row[f"{n}_details"]["reason"]
        ).items():
            said = reader.read(text)
            if said:
                records.write(values(name, said))
    for order in env["rakuten.order"].search([("changed_code", "=", OTHER)]):
        said = reader.difference(order, order.changed_details["reason"])
        if said:
            order.write(values("changed", said))
    for order in env["rakuten.order"].search([("problem_details", "!=", False)]):
        reason = order.problem_details.get("reason")
        said = isinstance(reason, str) and reader.read(reason)
        if said:
            order.problem_details = {**order.problem_details, "reason": said}
    for parcel in env["rakuten.parcel"].search([("warned", "!=", False)]):
        said = parcel.warned.get("code") == OTHER and reader.read(parcel.warned["reason"])
        if said:
            parcel.warned = said
    activities = env["mail.activity"].search(
        [
            ("res_model", "=", "rakuten.order"),
            ("activity_type_id", "=", env.ref("mail.mail_activity_data_warning").id),
            ("rakuten_reason_code", "=", False),
            ("summary", "!=", False),
        ]
    )
    for activity in activities:
        order = env["rakuten.order"].browse(activity.res_id)
        said = reader.read(activity.summary)
        if not said:
            # Rakuten's own words, of which the parcel knows that they were told.
            told = {"code": OTHER, "reason": activity.summary}
            said = told in order.parcel_ids.mapped("warned") and told
        elif "difference" in said:
            text = said["difference"]["reason"]
            said["difference"] = reader.difference(order, text) or said["difference"]
        if said:
            activity.write(values("rakuten_reason", said))


def values(name, said):
    details = {key: value for key, value in said.items() if key != "code"}
    return {f"{name}_code": said["code"], f"{name}_details": details or False}


class Reader:
    """Knows again what was said, by its text."""

    def __init__(self, env):
        # Rakuten's refusals were told in English to everybody.
        languages = {"en_US", *(lang for lang, _name in env["res.lang"].get_installed())}
        self.envs = [env(context={"lang": lang}) for lang in sorted(languages)]
        sentences = {
            (code, text)
            for localized in self.envs
            for code, text in templates(localized).items()
            if not code.startswith(PARTS)
        }
        # What says more by itself goes first.
        self.patterns = [
            (code, pattern(text))
            for code, text in sorted(sentences.union(BEFORE), key=weight, reverse=True)
        ]
        self.read = cache(self._read)

    def _read(self, text):
        """:return: dict as of ``Sentence``, None for what is no sentence of ours, or several"""
        for blank in re.finditer(" ", text):
            first = self._read_one(text[: blank.start()])
            rest = first and self._read(text[blank.end() :])
            if rest:
                return {"code": "together", "parts": [first, *rest.get("parts", [rest])], "by": " "}
        return self._read_one(text)

    def _read_one(self, text):
        for code, regex in self.patterns:
            found = regex.fullmatch(text)
            if found:
                details = found.groupdict().items()
                return {"code": code, **{name: self._detail(name, part) for name, part in details}}
        return None

    def _detail(self, name, text):
        if name in NUMBERS:
            return int(text)
        if name in ("reason", "difference"):
            return self._read(text) or {"code": OTHER, "reason": text}
        return text

    def difference(self, order, text):
        """:return: what an order's change says, where that reads like a text in one of the
        languages, else None"""
        if not order.imported_payload:
            return None
        said = said_by(order._difference(order.imported_payload, order.payload)[0])
        return said if any(tell(env, said) == text for env in self.envs) else None


def pattern(template):
    """A regular expression for a text with named placeholders."""
    parts = re.split(r"%\((\w+)\)s", template)
    parts[::2] = [re.escape(text) for text in parts[::2]]
    parts[1::2] = [f"(?P<{name}>{'[0-9]+' if name in NUMBERS else '.+'})" for name in parts[1::2]]
    return re.compile("".join(parts), re.DOTALL)


def weight(sentence):
    return len(re.sub(r"%\(\w+\)s", "", sentence[1])), sentence
