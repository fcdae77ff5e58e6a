from ...rules.goods import short


def in_few_words(env, entries):
    """Goods as text for a line of a list, in the reader's language.

    :param dict entries: name to quantity
    """
    text, others = short(entries)
    if not others:
        return text
    return env._("%(goods)s and %(count)s more", goods=text, count=others)
