"""What a person asks of many records at once is done with each for itself."""

from odoo.exceptions import UserError

#: Refusals that one message tells; the others are still in the list, each says its own.
REFUSALS_SHOWN = 5


def each_alone(records, work):
    """Do something with each record, each in a savepoint: what cannot be done with one of them
    stops no other and leaves nothing half done.

    :param records: recordset
    :param work: callable(record)
    :return: dict of record to why it was refused
    """
    refusals = {}
    for record in records:
        try:
            with records.env.cr.savepoint():
                work(record)
        except UserError as error:
            refusals[record] = str(error)
    return refusals


def one_by_one(records, work, done=None, then=None):
    """As :func:`each_alone`, and tell the person what was refused.

    :param done: callable(count): a sentence on those that it was done with
    :param then: callable(records): what follows once for all of those
    :return: what ``then`` returns, else True; where some were refused, a notification before it
    :raises UserError: where all were refused
    """
    refusals = each_alone(records, work)
    rest = records.filtered(lambda record: record not in refusals)
    if records and not rest:
        raise UserError(_sentence(records, refusals, "\n"))
    result = then(rest) if then else True
    if not refusals:
        return result
    env = records.env
    sentence = env._("Not done: %(refusals)s", refusals=_sentence(records, refusals, " "))
    following = result if isinstance(result, dict) else {}
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": {
            "message": " ".join([done(len(rest)), sentence] if done else [sentence]),
            "type": "warning",
            "sticky": True,
            "next": following or {"type": "ir.actions.client", "tag": "soft_reload"},
        },
    }


def _sentence(records, refusals, separator):
    """What was refused of these records; a record that stands alone need not be named."""
    lines = [
        text if len(records) == 1 else f"{record.display_name}: {text}"
        for record, text in refusals.items()
    ]
    more = ["…"] if len(lines) > REFUSALS_SHOWN else []
    return separator.join(lines[:REFUSALS_SHOWN] + more)
