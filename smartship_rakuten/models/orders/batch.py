"""What Odoo would ask once for each order, asked once for a batch of new sale orders.

Odoo confirms sale orders one by one where it could do so together: each transfer is made alone,
each line asks for analytic models, each move for reordering rules, each need for its route. Making
sale orders of Rakuten's orders (``_create_batch``) puts a :class:`Batch` into the context, and a
few methods of Odoo look there. What they answer is what Odoo answers: ``test_batch.py`` compares
all records that come of it, field by field. Whatever runs without that context is Odoo's own.
"""

CONTEXT = "rakuten_batch"


def batch_of(records):
    """The :class:`Batch` in whose making these records' method is called, None outside of one."""
    return records.env.context.get(CONTEXT)


class Batch:
    """Answers that hold while one batch of orders is made, in one transaction.

    ``moves`` are the ids of the moves that were created meanwhile, ``waiting`` those of them that
    were not looked at for a transfer yet, ``placed`` those that have theirs from the batch.
    """

    def __init__(self):
        self._answers = {}
        self.moves, self.waiting, self.placed = [], [], set()

    def add_moves(self, ids):
        self.moves += ids
        self.waiting += ids

    def once(self, question, answer):
        """
        :param question: hashable
        :param answer: callable that gives the answer, asked the first time only
        """
        if question not in self._answers:
            self._answers[question] = answer()
        return self._answers[question]
