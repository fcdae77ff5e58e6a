"""Parts of URL paths and query values."""

from urllib.parse import quote


def path_part(value):
    """A path parameter, encoded.

    :raise ValueError: empty, ``.`` or ``..``, which would name another address
    """
    text = str(value).strip()
    if text in ("", ".", ".."):
        raise ValueError("an item or SKU number is missing")
    return quote(text, safe="")


def query_value(value):
    """A query parameter as RMS writes it: booleans in lower case."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
