"""How a method of ``rakuten.shop`` says that it is a job."""

from dataclasses import dataclass

from odoo.fields import Domain

from ..shop.declared import declare
from ..shop.rakuten_shop import ONE_CALL


@dataclass(frozen=True, eq=False, kw_only=True)
class Job:
    """Work for a shop: who starts it, when, and where it is shown.

    Everything else is derived from this: the dispatch of ``_run`` and ``_cron_run``, the rows and
    the Selection of ``rakuten.job``, the dashboard, and which of the shop's fields switch work on.
    """

    #: What ``_run`` and the scheduled actions call it by.
    name: str
    #: The method that does it for one shop, and returns a sentence on what was done or None.
    method: str
    #: LazyGettext: its name in the job log and on the dashboard. A job without one has no row of
    #: its own there. One with a label has a scheduled action, too.
    label: object = None
    #: The row of the job log, where it is not the job's own.
    logged_as: str = ""
    #: Its place in the log and on the dashboard.
    sequence: int = 1000
    #: XML id of its scheduled action.
    cron: str = ""
    #: The field of the shop without which the scheduled action leaves the shop alone.
    option: str = ""
    #: What else a shop must be, for the scheduled action and after another job.
    domain: Domain = Domain.TRUE
    #: Done after this job, by scheduled action or button.
    after: str = ""
    #: Begins at once when Rakuten accepts a shop's key again.
    catches_up: bool = False
    #: It has the shop for itself from beginning to end. One that has not takes the shop's lock
    #: for what needs it, or reads nothing but single orders, which needs none.
    alone: bool = True
    #: Seconds that it waits for another job of the shop. After that one with a scheduled action is
    #: left to it.
    patience: int = ONE_CALL
    #: Seconds after which what a person has started is left to the scheduled action at its next
    #: step; 0 for a job that is done to its end.
    in_person: int = 0
    #: A shop that is not connected is connected first.
    connects: bool = True
    #: It has no turn for each shop: the method looks after all of them.
    at_once: bool = False
    #: Method that gives the shops for which the scheduled action has work besides the connected.
    beyond: str = ""
    #: Method that is a shop's turn in the scheduled action; by default the job alone.
    turn: str = ""
    #: Method that is called once the scheduled action has been to all shops.
    finish: str = ""

    def __post_init__(self):
        if self.in_person and not self.cron:
            raise TypeError(f"The job {self.name} is left to a schedule, and has none.")
        if self.label and not self.cron:
            raise TypeError(f"The job {self.name} is shown with its schedule, and has none.")

    @property
    def row(self):
        """The row of the job log, '' for a job that is not logged."""
        return self.logged_as or (self.name if self.label else "")

    @property
    def switches(self):
        """Domain of the shops that have switched it on."""
        return (Domain(self.option, "!=", False) if self.option else Domain.TRUE) & self.domain


def job(name, **how):
    """Decorator: a method of ``rakuten.shop`` is a job.

    :param str name: see :class:`Job`, as for the other parameters
    """

    def decorator(method):
        return declare(Job(name=name, method=method.__name__, **how))(method)

    return decorator
