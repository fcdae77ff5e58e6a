"""Lists to which each topic adds by decorating a method of its own part of a model.

Read from the model's class, so a method that another module adds counts like ours, and an override
needs no decorator of its own.
"""

from types import FunctionType

_KNOWN = "_rakuten_declared"


def declare(declaration):
    """Decorator: what a method says of itself.

    :param declaration: an object of the kind that :func:`declared` is asked for
    """

    def decorator(method):
        method.rakuten_declares = declaration
        return method

    return decorator


def declared(model_class, kind):
    """What the methods of a model declare, from the last part that was loaded to the first, in each
    in the order of the file.

    :param type model_class: of a recordset
    :param type kind: of the declarations
    :return: dict of method name to declaration; of several at one name the last one counts
    """
    # Installing a module gives the class another order of bases.
    bases = model_class.__mro__
    known_bases, known = vars(model_class).get(_KNOWN, (None, None))
    if known_bases is not bases:
        known = {}
        setattr(model_class, _KNOWN, (bases, known))
    if kind not in known:
        known[kind] = found = {}
        for base in bases:
            for name, method in vars(base).items():
                declaration = isinstance(method, FunctionType) and getattr(
                    method, "rakuten_declares", None
                )
                if isinstance(declaration, kind):
                    found.setdefault(name, declaration)
    return known[kind]
