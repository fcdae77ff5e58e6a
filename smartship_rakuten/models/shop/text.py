def storable(value):
    """A value as the database can hold it: NUL and lone surrogates become U+FFFD.

    :param value: text, or a JSON value made of dicts and lists
    """
    if isinstance(value, str):
        if value.isascii() and "\x00" not in value:
            return value
        return "".join(
            "\ufffd" if char == "\x00" or "\ud800" <= char <= "\udfff" else char for char in value
        )
    if isinstance(value, dict):
        return {storable(key): storable(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [storable(entry) for entry in value]
    return value
