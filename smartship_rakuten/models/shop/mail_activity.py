from odoo import fields, models

from .sentences import columns, identity, said_by


class MailActivity(models.Model):
    """What an activity of ours is about, whatever its summary says and in whichever language."""

    _name = "mail.activity"
    _inherit = ["mail.activity", "rakuten.system.fields"]

    rakuten_reason_code = fields.Char(readonly=True, copy=False, index="btree_not_null")
    rakuten_reason_details = fields.Json(readonly=True, copy=False)

    def _rakuten_says(self, sentence):
        """Those of these activities that say the same.

        :param .sentences.Sentence sentence: in any language
        """
        said = identity(said_by(sentence))
        return self.filtered(lambda activity: identity(activity._rakuten_said()) == said)

    def _rakuten_said(self):
        """:return: dict as of :class:`.sentences.Sentence`, None of an activity that is not ours"""
        self.ensure_one()
        code = self.rakuten_reason_code
        return {"code": code, **(self.rakuten_reason_details or {})} if code else None


def reason(sentence):
    """Values of an activity: what it says in its summary, and by what it is found again.

    :param .sentences.Sentence sentence:
    """
    return {"summary": str(sentence), **columns("rakuten_reason", sentence)}
