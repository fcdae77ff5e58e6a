"""Client of the RMS WEB SERVICE API, the API of Rakuten Ichiba shops. Plain Python, no Odoo.

"RMS API section N" in the docstrings is a section of docs/rms-api.md, which this client was
written from.
"""

from .client import RmsClient
from .codes import MEANINGS, plain_code
from .dates import JST, format_date, format_datetime, parse_date, parse_datetime, windows
from .errors import (
    CredentialsRejected,
    FunctionNotEnabled,
    MalformedAnswer,
    OutcomeUnknown,
    RequestRefused,
    RmsError,
    TemporarilyUnavailable,
    WritesPaused,
)
from .inventory import UpsertResult
from .messages import Message, OrderOutcome, RowResult
from .orders import ORDERS_PER_CALL, GetOrderResult, WriteResult
from .pace import LocalPacer, Pacer
from .reservations import ReservationPage
from .shop import ShopMaster
from .transport import DEFAULT_BASE_URL, CallRecord

__all__ = [
    "DEFAULT_BASE_URL",
    "JST",
    "MEANINGS",
    "ORDERS_PER_CALL",
    "CallRecord",
    "CredentialsRejected",
    "FunctionNotEnabled",
    "GetOrderResult",
    "LocalPacer",
    "MalformedAnswer",
    "Message",
    "OrderOutcome",
    "OutcomeUnknown",
    "Pacer",
    "RequestRefused",
    "ReservationPage",
    "RmsClient",
    "RmsError",
    "RowResult",
    "ShopMaster",
    "TemporarilyUnavailable",
    "UpsertResult",
    "WriteResult",
    "WritesPaused",
    "format_date",
    "format_datetime",
    "parse_date",
    "parse_datetime",
    "plain_code",
    "windows",
]
