from odoo import fields, models

from .sentences import columns, said_by


class MailActivity(models.Model):
    """What an activity of ours is about, whatever its summary says and in whichever language."""

    _inherit = "mail.activity"

    rakuten_reason_code = fields.Char(readonly=True, index="btree_not_null")
    rakuten_reason_details = fields.Json(readonly=True)

    def _rakuten_says(self, sentence):
        """Those of these activities that say the same.

        :param .sentences.Sentence sentence: in any language
        """
        said = said_by(sentence)
        details = {key: value for key, value in said.items() if key != "code"}
        return self.filtered(
            lambda activity: (
                activity.rakuten_reason_code == said["code"]
                and (activity.rakuten_reason_details or {}) == details
            )
        )


def reason(sentence):
    """Values of an activity: what it says in its summary, and by what it is found again.

    :param .sentences.Sentence sentence:
    """
    return {"summary": str(sentence), **columns("rakuten_reason", sentence)}
