"""One ``write`` for each model, and what each topic has to do with it.

A topic declares a consequence in its own part of the model::

    @on_write("carrier_id")
    def _rakuten_note_carrier(self, vals):
        yield
        self._sync_rakuten_parcels()

``yield`` stands for the write: guards stand before it, ``yield other_vals`` hands on other values,
and what follows happens after it. Who returns before it has nothing to do with this write.
"""

from dataclasses import dataclass
from inspect import isgeneratorfunction

from .declared import declare, declared


@dataclass(frozen=True)
class Consequence:
    """What happens when one of these fields is written."""

    #: Names of fields, or a callable(records) that gives them.
    names: tuple

    def concerns(self, records, vals):
        names = self.names
        if len(names) == 1 and callable(names[0]):
            names = names[0](records)
        return any(name in vals for name in names)


def on_write(*names):
    """Decorator: the method is a consequence of writing one of these fields.

    :param str names: of fields, or one callable(records) that gives them
    """

    def decorator(method):
        if not isgeneratorfunction(method):
            raise TypeError(f"{method.__name__} does not say by yield when the write happens")
        return declare(Consequence(names))(method)

    return decorator


def write_with_consequences(records, vals, write):
    """Write, with all that the topics have declared.

    They lie around each other as overrides would: the room that was loaded last begins and ends,
    and in a file what stands first. Each sees the values as those around it hand them on.

    What a topic adds to fields that only the system writes is written by the system; where a user
    gives such a field himself, he is refused as anywhere else.

    :param dict vals: stays as it is
    :param write: callable(records, vals) -> result, which writes
    """
    given, vals, begun = vals, dict(vals), []
    for name, consequence in declared(type(records), Consequence).items():
        if consequence.concerns(records, vals):
            steps = getattr(records, name)(vals)
            vals = next(steps, None) or vals
            begun.append(steps)
    own = {
        name: value
        for name, value in vals.items()
        if not records.env.su
        and name not in given
        and records._is_rakuten_system_field(records._fields[name])
    }
    result = write(records, {name: value for name, value in vals.items() if name not in own})
    if own:
        write(records.sudo(), own)
    for steps in reversed(begun):
        next(steps, None)
    return result
