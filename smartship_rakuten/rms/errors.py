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
``str()`` and ``repr()`` are made of our own sentences, codes and field names. RMS's own words are
kept in :attr:`RequestRefused.messages` for whoever shows them to a person on purpose.
"""

import re

_CODE = re.compile(r"[A-Za-z0-9_.-]{1,128}")
_FIELD = re.compile(r"[A-Za-z0-9_.\[\]-]{1,128}")


def clean_code(value):
    """A code as RMS sent it, or '' where it is not one (never free text)."""
    return value if isinstance(value, str) and _CODE.fullmatch(value) else ""


def clean_field(value):
    """A field name or property path as RMS sent it, or '' where it is not one."""
    return value if isinstance(value, str) and _FIELD.fullmatch(value) else ""


class RmsError(Exception):
    """Base of everything this package raises about a call.

    :ivar str sentence: what happened and what to do, in English, for the shop keeper
    :ivar str operation: RMS's name of the operation, ``getOrder``
    :ivar int | None status: HTTP status, None when no answer came
    :ivar str code: RMS's code (``GA0001``, ``ORDER_EXT_API_…_ERROR_011``, ``IE0004``), a code of
        ours in lower case (``connection``, ``timeout`` …), or ''
    :ivar str field: the field or property path that RMS or the parser complains about, or ''
    :ivar str | None request_id: RMS's id of the HTTP exchange, to quote to Rakuten's support
    """

    def __init__(
        self, sentence="", *, operation="", status=None, code="", field="", request_id=None
    ):
        super().__init__()
        self._sentence = sentence
        self.operation = operation
        self.status = status
        self.code = clean_code(code)
        self.field = clean_field(field)
        self.request_id = request_id

    @property
    def sentence(self):
        return self._sentence or self._describe()

    def _describe(self):
        return f"The call of {self.operation or 'RMS'} did not succeed."

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
        return f"{self.sentence} [{details}]" if details else self.sentence

    def __repr__(self):
        return f"<{type(self).__name__}: {self}>"


class CredentialsRejected(RmsError):
    """serviceSecret and licenseKey are wrong, expired or not yet recognised. Never retried.

    RMS gives the same code when the *function* is not ticked for the key; only
    ``RmsClient.check_functions`` can tell the two apart.
    """

    def _describe(self):
        if self.code == "missing_key":
            return "Fill in the serviceSecret and the licenseKey of the shop."
        return (
            "Rakuten does not accept the key of this shop. Check serviceSecret and licenseKey "
            "in RMS: a licence key ends after 90 days, a new one may need 30 minutes until it is "
            "accepted, and the functions used here must be ticked for it."
        )


class FunctionNotEnabled(RmsError):
    """The key is accepted, but the shop has not enabled the function that was called."""

    def _describe(self):
        return (
            f"The key of this shop is accepted, but the function {self.operation or 'called'} is "
            "not enabled for it. Tick the function in RMS under WEB API and try again."
        )


class TemporarilyUnavailable(RmsError):
    """Not now, later: throttled, overloaded, in maintenance or not to be reached.

    Raised for a write only when it is certain that nothing was applied.

    :ivar float | None retry_after: seconds that RMS asked to wait, None when it did not say
    :ivar bool maintenance: RMS said that it is in maintenance or in read-only mode
    """

    def __init__(self, sentence="", *, retry_after=None, maintenance=False, **where):
        super().__init__(sentence, **where)
        self.retry_after = retry_after
        self.maintenance = maintenance

    def _describe(self):
        if self.maintenance:
            return "Rakuten's RMS is under maintenance. Nothing was changed; try again later."
        if self.code == "certificate":
            reason = (
                "The secure connection to Rakuten's RMS could not be verified; check the API "
                "address and the certificates of this server."
            )
        elif self.code == "timeout":
            reason = "Rakuten's RMS did not answer in time."
        elif self.code == "connection" or self.status is None:
            reason = "Rakuten's RMS cannot be reached at the moment."
        elif self.status == 429:
            reason = "Rakuten asks to send fewer requests."
        elif self.status == 409:
            reason = "Rakuten is busy with another change of the same data."
        else:
            reason = "Rakuten's RMS is overloaded or under maintenance."
        return f"{reason} Nothing was changed; try again later."


class WritesPaused(TemporarilyUnavailable):
    """This client may read only: a write was asked of it and not sent."""

    def _describe(self):
        return (
            f"Writing to Rakuten is paused, so {self.operation or 'the request'} was not sent. "
            "Nothing was changed."
        )


class RequestRefused(RmsError):
    """RMS understood the request and refused it. Nothing was applied.

    :ivar list[Message] messages: what RMS said, in its own words
    :ivar list[RowResult] rows: the shipping rows that RMS complained about, if any
    """

    def __init__(self, sentence="", *, messages=(), rows=(), **where):
        super().__init__(sentence, **where)
        self.messages = list(messages)
        self.rows = list(rows)

    def _describe(self):
        from .messages import sentence_for

        return sentence_for(self.code, field=self.field, operation=self.operation)

    @property
    def rms_text(self):
        """RMS's own words, mostly Japanese, one message a line. May repeat what was sent."""
        return "\n".join(message.text for message in self.messages if message.text)


class OutcomeUnknown(RmsError):
    """A write was sent and nobody can say whether it was applied.

    Read the order or the stock back before anything is sent again.
    """

    def _describe(self):
        return (
            f"It is not known whether Rakuten carried out {self.operation or 'the request'}: no "
            "usable answer came after it was sent. Look at the present state in RMS before it is "
            "sent again."
        )


class MalformedAnswer(RmsError):
    """The answer to a read is not what RMS documents: unreadable, too large, keys missing.

    ``code``: ``unreadable``, ``too_large``, ``wrong_type`` or ``missing``; ``field`` names where.
    """

    def _describe(self):
        name = self.operation or "the request"
        what = {
            "too_large": f"Rakuten's answer to {name} is too large.",
            "wrong_type": f"Rakuten's answer to {name} has an unexpected value in {self.field}.",
            "missing": f"Rakuten's answer to {name} lacks {self.field}.",
        }.get(self.code, f"Rakuten's answer to {name} could not be read.")
        return f"{what} Nothing was changed; try again, and report it if it happens again."
