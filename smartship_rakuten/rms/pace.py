"""How fast RMS is called.

RMS asks for one order-API call a second and shop (RMS API section 1.5). A :class:`Pacer` stands in
front of every HTTP attempt. The default keeps the pace inside one process; whoever runs several
workers gives the client a pacer that they share.
"""

import threading
import time
from collections.abc import Callable
from typing import Protocol

#: Longest pause that :meth:`Pacer.back_off` is ever asked for. Longer waits are not slept through:
#: they reach the caller as ``TemporarilyUnavailable.retry_after``.
MAX_BACK_OFF = 30.0


class Pacer(Protocol):
    """What the client expects of a pacer. ``back_off`` is optional."""

    def wait(self, family: str) -> None:
        """Return when the next request of ``family`` may go out.

        :param family: ``order``, ``inventory``, ``item``, ``reserve``, ``shop`` or ``license``
        """

    def back_off(self, family: str, seconds: float) -> None:
        """RMS throttles (429, 503): hold ``family`` back for ``seconds``, at most 30."""


#: RMS takes five a second of the item calls; no limit is known for the others (section 1.5).
QUICK_FAMILIES = {"item": 0.2, "shop": 0.2, "license": 0.2}


class LocalPacer:
    """Keeps requests of a family apart, for all threads of this process.

    :param float interval: seconds between two requests of the families ``order``,
        ``inventory`` and ``reserve``, and at most between those of the others
    """

    def __init__(
        self,
        interval: float = 1.0,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self.interval = interval
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next = {}

    def wait(self, family: str) -> None:
        with self._lock:
            now = self._clock()
            slot = max(now, self._next.get(family, now))
            quick = QUICK_FAMILIES.get(family, self.interval)
            self._next[family] = slot + min(quick, self.interval)
        if slot > now:
            self._sleep(slot - now)

    def back_off(self, family: str, seconds: float) -> None:
        until = self._clock() + min(max(seconds, 0.0), MAX_BACK_OFF)
        with self._lock:
            self._next[family] = max(self._next.get(family, until), until)
