"""MessageModel of the order API (RMS API section 2.2) and its codes."""

from ..ground.gateway import JSON_ORDER, ApiError, json_response
from ..ground.operation import Operation

PREFIX = "ORDER_EXT_API_"


def message(operation, kind, number, text, **extra):
    """One MessageModel. ``operation`` is the middle of the code, such as SEARCH_ORDER."""
    return {
        "messageType": kind,
        "messageCode": f"{PREFIX}{operation}_{kind}_{number:03d}",
        "message": text,
        **extra,
    }


def info(operation, number, text, **extra):
    return message(operation, "INFO", number, text, **extra)


def error(operation, number, text, **extra):
    return message(operation, "ERROR", number, text, **extra)


def missing(operation, field, **extra):
    """009: a required item is missing."""
    return error(operation, 9, f"{field}の項目を指定して下さい。", **extra)


def malformed(operation, field, **extra):
    """011: an item has the wrong format."""
    return error(operation, 11, f"{field}の書式が不正です。", **extra)


def plain_characters(text):
    """False for machine-dependent characters (機種依存文字): circled digits, emoji and so on."""
    try:
        # Python's shift_jis is JIS X 0208 without the additions of vendors; full-width tilde,
        # dash and double bar differ between systems only in their number.
        text.translate({0xFF5E: "-", 0xFF0D: "-", 0x2225: "-"}).encode("shift_jis")
    except UnicodeEncodeError:
        return False
    return True


def answer(messages, status=200, **extra):
    return json_response({"MessageModelList": messages, **extra}, status, JSON_ORDER)


def refuse(messages, **extra):
    """Raise HTTP 400 with these messages; ``extra`` are the empty lists of the operation."""
    raise ApiError(answer(messages, 400, **extra))


def no_object(code):
    """The answer to a body that is no JSON object: 011 without a field."""
    return answer([error(code, 11, "リクエストの書式が不正です。")], 400)


def field_message(code, problem, **extra):
    """009 or 011 for a problem that a shape has found."""
    say = missing if problem.kind == "missing" else malformed
    return say(code, problem.field, **extra)


def refuse_fields(**empty):
    """``refuse`` of an order call: one message for each problem, and its empty lists."""

    def refuse(operation, _request, problems, _in_body):
        messages = [field_message(operation.code, problem) for problem in problems]
        return answer(messages, 400, **empty)

    return refuse


def order_call(name, code, section, body, example, refuse=None):
    """Declare the decorated function as the handler of an order call."""

    def declare(handler):
        return Operation(
            name,
            "order",
            "POST",
            f"/es/2.0/order/{name}",
            f"rpay.order.{name}",
            section,
            handler,
            refuse or refuse_fields(),
            code=code,
            body=body,
            examples={"body": example},
        )

    return declare
