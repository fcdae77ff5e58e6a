"""What can go wrong with a call to RMS, as few exceptions with a meaning.

The line that matters runs between "certainly not applied" and "perhaps applied":

============================  ==========================================================
:class:`CredentialsRejected`  the key is wrong, expired or not yet known; nothing applied
:class:`FunctionNotEnabled`   the key is accepted, this API function is not; nothing applied
:class:`TemporarilyUnavailable`  not now, later; nothing applied
:class:`WritesPaused`            this client may only read; nothing was sent
:class:`RequestRefused`       RMS read the request and said no; nothing applied
:class:`OutcomeUnknown`       a write that may have been applied: read back, never resend
:class:`MalformedAnswer`      a read whose answer cannot be used
============================  ==========================================================

No exception carries a URL, a header, a request body or the text of an answer in its message:
``str()`` and ``repr()`` are made of our own few words, codes and field names, and meant for logs.
What a person reads is made elsewhere, in his language, from class, code, field and operation. RMS's
own words are kept in :attr:`RequestRefused.messages` for whoever shows them to a person on purpose.
"""

from .codes import clean_code, clean_field, meaning_of


class RmsError(Exception):
    """Base of everything this package raises about a call.

    :cvar str text: what happened, in few words for logs
    :ivar str operation: RMS's name of the operation, ``getOrder``
    :ivar int | None status: HTTP status, None when no answer came
    :ivar str code: RMS's code (``GA0001``, ``ORDER_EXT_API_…_ERROR_011``, ``IE0004``), a code of
        ours in lower case (``connection``, ``timeout`` …), or ''
    :ivar str field: the field or property path that RMS or the parser complains about, or ''
    :ivar str | None request_id: RMS's id of the HTTP exchange, to quote to Rakuten's support
    """

    text = "failed"

    def __init__(self, *, operation="", status=None, code="", field="", request_id=None):
        super().__init__()
        self.operation = operation
        self.status = status
        self.code = clean_code(code)
        self.field = clean_field(field)
        self.request_id = request_id

    def locate(self, operation, status, request_id):
        """Fill in where it happened, as far as it is not known yet."""
        self.operation = self.operation or operation
        self.status = self.status if self.status is not None else status
        self.request_id = self.request_id or request_id
        return self

    def __str__(self):
        details = [self.operation]
        if self.status is not None:
            details.append(f"HTTP {self.status}")
        details += [self.code, self.field]
        if self.request_id:
            details.append(f"RequestId {self.request_id}")
        details = ", ".join(detail for detail in details if detail)
        return f"{self.text} [{details}]" if details else self.text

    def __repr__(self):
        return f"<{type(self).__name__}: {self}>"


class CredentialsRejected(RmsError):
    """serviceSecret and licenseKey are wrong, expired or not yet recognised. Never retried.

    RMS gives the same code when the *function* is not ticked for the key; only
    ``RmsClient.check_functions`` can tell the two apart.
    """

    text = "key not accepted"


class FunctionNotEnabled(RmsError):
    """The key is accepted, but the shop has not enabled the function that was called."""

    text = "function not enabled"


class TemporarilyUnavailable(RmsError):
    """Not now, later: throttled, overloaded, in maintenance or not to be reached.

    Raised for a write only when it is certain that nothing was applied.

    :ivar float | None retry_after: seconds that RMS asked to wait, None when it did not say
    :ivar bool maintenance: RMS said that it is in maintenance or in read-only mode
    """

    text = "not available now, nothing applied"

    def __init__(self, *, retry_after=None, maintenance=False, **where):
        super().__init__(**where)
        self.retry_after = retry_after
        self.maintenance = maintenance


class WritesPaused(TemporarilyUnavailable):
    """This client may read only: a write was asked of it and not sent."""

    text = "writing is paused, nothing sent"


class RequestRefused(RmsError):
    """RMS understood the request and refused it. Nothing was applied.

    :ivar list[Message] messages: what RMS said, in its own words
    :ivar list[RowResult] rows: the shipping rows that RMS complained about, if any
    """

    def __init__(self, *, messages=(), rows=(), **where):
        super().__init__(**where)
        self.messages = list(messages)
        self.rows = list(rows)

    @property
    def text(self):
        return ", ".join(filter(None, ("refused", meaning_of(self.code))))

    @property
    def rms_text(self):
        """RMS's own words, mostly Japanese, one message a line. May repeat what was sent."""
        return "\n".join(message.text for message in self.messages if message.text)


class OutcomeUnknown(RmsError):
    """A write was sent and nobody can say whether it was applied.

    Read the order or the stock back before anything is sent again.
    """

    text = "outcome unknown"


class MalformedAnswer(RmsError):
    """The answer to a read is not what RMS documents: unreadable, too large, keys missing.

    ``code``: ``unreadable``, ``too_large``, ``wrong_type`` or ``missing``; ``field`` names where.

    :ivar str raw_text: the answer as it came, '' where it was not read to its end
    """

    text = "answer not usable"
    raw_text = ""
