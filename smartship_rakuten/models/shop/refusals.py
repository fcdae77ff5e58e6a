"""Where Rakuten's failures and refusals are put into words: what happened, and what to do."""

from odoo.tools import LazyTranslate

from ...rms import (
    CredentialsRejected,
    FunctionNotEnabled,
    MalformedAnswer,
    OutcomeUnknown,
    RequestRefused,
    RmsError,
    TemporarilyUnavailable,
    WritesPaused,
    plain_code,
)
from .functions import what_stops, with_family
from .sentences import declare_sentences, say, together

_lt = LazyTranslate(__name__)

#: Failures of a call by class and, where it says more, by code; see :func:`_failure`.
FAILURES = {
    "rms.failed": _lt(
        "A call to Rakuten did not succeed. Try again, and tell your administrator if it happens "
        "again."
    ),
    "rms.key": _lt(
        "Rakuten does not accept the keys of %(shop)s. Check serviceSecret and licenseKey in RMS: "
        "the licence key ends after 90 days, and a new one is accepted about 30 minutes after it "
        "was issued."
    ),
    "rms.missing_key": _lt("Enter the serviceSecret and the licenseKey of the shop."),
    "rms.function": _lt(
        "The key is accepted, but the function %(operation)s is not enabled for it. Tick it in RMS "
        "(%(functions_page)s) and try again."
    ),
    "rms.paused": _lt(
        "Writing to Rakuten is paused in this database, so nothing was sent. Check on the shop "
        "whether this database is the real one."
    ),
    "rms.maintenance": _lt(
        "Rakuten's RMS is under maintenance. Nothing was changed; try again later."
    ),
    "rms.certificate": _lt(
        "The secure connection to Rakuten's RMS could not be verified, and nothing was changed. "
        "Tell your administrator: the API address and the certificates of this server are to be "
        "checked."
    ),
    "rms.timeout": _lt(
        "Rakuten's RMS did not answer in time. Nothing was changed; try again later."
    ),
    "rms.connection": _lt(
        "Rakuten's RMS cannot be reached at the moment. Nothing was changed; try again later."
    ),
    "rms.busy": _lt(
        "Rakuten is busy with another change of the same data. Nothing was changed; try again "
        "later."
    ),
    "rms.too_many": _lt(
        "Rakuten asks to send fewer requests. Nothing was changed; try again later."
    ),
    "rms.overloaded": _lt(
        "Rakuten's RMS is overloaded or under maintenance. Nothing was changed; try again later."
    ),
    "rms.unknown": _lt(
        "It is not known whether Rakuten carried it out: no usable answer came after it was sent. "
        "Look at the present state in RMS before it is sent again."
    ),
    "rms.order_unknown": _lt(
        "Rakuten's answer does not say what became of this order. Look at the order in RMS before "
        "it is sent again."
    ),
    "rms.too_large": _lt(
        "Rakuten's answer is too large to be read. Nothing was changed; try again, and tell your "
        "administrator if it happens again."
    ),
    "rms.wrong_type": _lt(
        "Rakuten's answer has an unexpected value in %(field)s. Nothing was changed; try again, "
        "and tell your administrator if it happens again."
    ),
    "rms.missing": _lt(
        "Rakuten's answer lacks %(field)s. Nothing was changed; try again, and tell your "
        "administrator if it happens again."
    ),
    "rms.unreadable": _lt(
        "Rakuten's answer could not be read. Nothing was changed; try again, and tell your "
        "administrator if it happens again."
    ),
}
#: Refusals by RMS's code, as ..rms.MEANINGS spells them.
REFUSALS = {
    "rms.CONFIRM_ORDER_ERROR_102": _lt(
        "The order has already been cancelled, it cannot be confirmed. Check it in RMS."
    ),
    "rms.CONFIRM_ORDER_ERROR_103": _lt(
        "The order no longer waits for confirmation; it has been confirmed already. Import it "
        "again to see its present status."
    ),
    "rms.CONFIRM_ORDER_ERROR_105": _lt(
        "An amount of the order, mostly the postage, is not decided yet. Set it in RMS, then "
        "confirm the order again."
    ),
    "rms.UPDATE_ORDERSHIPPING_ERROR_101": _lt(
        "Rakuten does not take a shipment for this order: it does not know the order, or its "
        "status does not allow it. Open it in RMS and check."
    ),
    "rms.UPDATE_ORDERSHIPPING_ERROR_102": _lt(
        "The order has been cancelled at Rakuten, its shipment cannot be reported. Keep the "
        "parcel back, or call the buyer if it has left."
    ),
    "rms.UPDATE_ORDERSUBSTATUS_ERROR_101": _lt(
        "The order has been cancelled at Rakuten, its sub-status cannot be changed. Check it in "
        "RMS."
    ),
    "rms.UPDATE_ORDERSUBSTATUS_ERROR_102": _lt(
        "This sub-status is not allowed for the order in its present status. Choose a sub-status "
        "that belongs to the order's status."
    ),
    "rms.UPDATE_ORDERSENDER_ERROR_136": _lt(
        "A change to cash on delivery needs the cash-on-delivery fee. Enter the fee and send the "
        "change again."
    ),
    "rms.UPDATE_ORDERSENDER_ERROR_139": _lt(
        "An item with several SKUs needs its SKU information. Add it and send the change again."
    ),
    "rms.CE0001": _lt("Rakuten is busy with another change of the same data. Try again later."),
    "rms.GE0007": _lt(
        "Rakuten does not know the address that was called. Check the API address of the shop."
    ),
    "rms.GE0011": _lt("Rakuten received an empty request. Report this to your administrator."),
    "rms.GE0014": _lt(
        "Rakuten does not know this item or SKU. Check the item management number and the SKU "
        "number."
    ),
    "rms.GE0017": _lt("Rakuten's RMS is in read-only mode for maintenance. Try again later."),
    "rms.GE0019": _lt(
        "The status of the shop does not allow this call. Check in RMS that the shop is open."
    ),
    "rms.IE0105": _lt("Give the lowest or the highest quantity to look for."),
    "rms.IE0113": _lt("The lowest quantity lies above the highest quantity. Correct the two."),
    "rms.IE0116": _lt("More than 1,000 SKUs match. Narrow the range of quantities."),
    "rms.IE0117": _lt("The quantity would leave the range from 0 to 99,999. Correct the quantity."),
    "rms.IE0118": _lt(
        "The lead time or the shipping origin is not set up in RMS. Set it up there first."
    ),
    "rms.IE0121": _lt(
        "The item would have more than 400 SKUs. Remove SKUs that are no longer used."
    ),
    "rms.IE0500": _lt("The SKU has no stock record yet. Send an absolute quantity first."),
    "rms.IE1102": _lt(
        "The same SKU was sent twice in one request. Report this to your administrator."
    ),
    "rms.IE1105": _lt(
        "The shop has not been migrated to Rakuten's SKU system, this function needs it. Ask "
        "Rakuten for the migration."
    ),
    "rms.IE1106": _lt(
        "The state of the shop's SKU migration does not allow this call. Check it in RMS."
    ),
    "rms.ES04-03": _lt(
        "Rakuten does not accept the form of the request. Report it to your administrator."
    ),
    "rms.C003": _lt("Rakuten does not know what was asked for. Check the name."),
    "rms.missing_value": _lt("A value that Rakuten requires is missing. Fill it in and try again."),
    "rms.missing_value.field": _lt(
        "A value that Rakuten requires is missing in %(field)s. Fill it in and try again."
    ),
    "rms.invalid_value": _lt("Rakuten does not accept a value. Correct it and try again."),
    "rms.invalid_value.field": _lt(
        "Rakuten does not accept a value in %(field)s. Correct it and try again."
    ),
    "rms.address": _lt(
        "The API address of the shop is not a valid address. Correct it on the shop."
    ),
    "rms.unwritable": _lt(
        "The request holds a character that cannot be sent. Look for odd characters in the values "
        "and type them again."
    ),
    "rms.search_limit": _lt(
        "More than 15,000 orders fall into one second of the search; Rakuten lists no more. Narrow "
        "the search."
    ),
}
#: Refusals under a code that nobody has explained.
UNEXPLAINED = {
    "rms.refused": _lt("Rakuten refused the request (%(where)s). Open it in RMS and check."),
    "rms.refused_silently": _lt(
        "Rakuten refused the request and did not say why. Open it in RMS and check."
    ),
}
declare_sentences({**FAILURES, **REFUSALS, **UNEXPLAINED})


def refusal(env, source, *, shop=""):
    """What Rakuten's failure or refusal means and what to do, with RMS's own words beside it.

    :param source: an RmsError, or what RMS said about one order, row or SKU: a Message,
        OrderOutcome or RowResult
    :param str shop: name of the shop whose keys they are
    :rtype: .sentences.Sentence
    """
    code = _failure(source) if isinstance(source, RmsError) else None
    if not code and not getattr(source, "known", True):
        code = "rms.order_unknown"
    field = getattr(source, "field", "")
    operation = getattr(source, "operation", "")
    words = _words(source)
    details = {"shop": shop, "field": field, "operation": operation, "quote": words}
    if not code:
        plain = plain_code(source.code)
        code = f"rms.{plain}"
        if field and f"{code}.field" in REFUSALS:
            code = f"{code}.field"
        elif code not in REFUSALS:
            details["where"] = ", ".join(filter(None, (operation, plain, field)))
            code = "rms.refused" if plain else "rms.refused_silently"
        elif words:
            # What support asks for.
            details["quote"] = f"{source.code.removeprefix('ORDER_EXT_API_')} {words}"
    elif code == "rms.function":
        details["operation"] = operation and with_family(operation)
    told = say(env, code, **{name: value for name, value in details.items() if value})
    return together(env, told, *what_stops(env, [operation] if code == "rms.function" else ()))


def _failure(error):
    """The code in :data:`FAILURES` of a failed call, None where RMS refused what was asked."""
    if isinstance(error, CredentialsRejected):
        return "rms.missing_key" if error.code == "missing_key" else "rms.key"
    if isinstance(error, FunctionNotEnabled):
        return "rms.function"
    if isinstance(error, WritesPaused):
        return "rms.paused"
    if isinstance(error, OutcomeUnknown):
        return "rms.unknown"
    if isinstance(error, MalformedAnswer):
        code = f"rms.{error.code}"
        return code if code in FAILURES else "rms.unreadable"
    if isinstance(error, TemporarilyUnavailable):
        if error.maintenance:
            return "rms.maintenance"
        if error.code in ("certificate", "timeout", "connection"):
            return f"rms.{error.code}"
        if error.code == "pace":
            return "rms.too_many"
        by_status = {None: "rms.connection", 409: "rms.busy", 429: "rms.too_many"}
        return by_status.get(error.status, "rms.overloaded")
    return None if isinstance(error, RequestRefused) else "rms.failed"


def _words(source):
    """RMS's own words: of an error, a Message, or an outcome."""
    if isinstance(source, RmsError):
        return getattr(source, "rms_text", "")
    return getattr(source, "text", "") or getattr(source, "message", "")
