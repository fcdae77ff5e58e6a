"""What a batch does with the one that spoils it: halves until the bad one stands alone.

It divides lists and recordsets alike. searchOrder's spans of time are halved in ``rms``, which
divides a period, not things, and imports nothing from here.
"""


def halves(values):
    """Both halves of two or more values, in their order.

    :return: pair of what slices of ``values`` are
    """
    middle = len(values) // 2
    return values[:middle], values[middle:]


def filled(values, weigh, *, most, heaviest):
    """Batches of values in their order. One that is too heavy stands alone.

    The next batch is weighed when it is asked for.

    :param values: list or recordset
    :param weigh: callable(value): how heavy it is
    :param int most: values of a batch
    :param int heaviest: what a batch of more than one may weigh
    :return: iterator of what slices of ``values`` are
    """
    start = weight = 0
    for position, value in enumerate(values):
        own = weigh(value)
        if position > start and (position - start >= most or weight + own > heaviest):
            yield values[start:position]
            start, weight = position, 0
        weight += own
    if start < len(values):
        yield values[start:]


def by_halves(values, attempt, errors):
    """Do something with all values at once; where it is refused, with halves of them.

    ``attempt`` leaves nothing half done where it raises one of ``errors``: it works in a savepoint,
    or only reads. Any other error passes through, and what was done before it stays done: a lost
    connection or a serialization failure is nobody's fault, and halves would not help.

    The next part is attempted when the next result is asked for, so whoever asks may commit in
    between.

    :param values: list or recordset; nothing is attempted with an empty one
    :param attempt: callable(values)
    :param errors: exception class, or a tuple of them
    :return: iterator of (values, result, error): of what was done at once the result of
        ``attempt`` and None, of each single value that was refused None and its error
    """
    if not values:
        return
    refused = None
    try:
        result = attempt(values)
    except errors as error:
        refused = error
    if refused is None:
        yield values, result, None
    elif len(values) == 1:
        yield values, None, refused
    else:
        for half in halves(values):
            yield from by_halves(half, attempt, errors)
