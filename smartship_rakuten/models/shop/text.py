from ...rms.harmless import replaced


def storable(value):
    """A value as the database can hold it, whoever made it: NUL and lone surrogates become U+FFFD.

    :param value: text, or a JSON value made of dicts and lists
    """
    if isinstance(value, str):
        return replaced(value)
    if isinstance(value, dict):
        return {storable(key): storable(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [storable(entry) for entry in value]
    return value
