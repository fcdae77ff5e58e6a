"""The declared shape of a request: what a call is checked by, and what OpenAPI says of it.

A shape is an :class:`Object` of fields. ``problems`` finds what is wrong with a value without
saying it in words: each API family has its own (RMS API sections 2.2 and 6.4).
"""

from dataclasses import dataclass

from .clock import parse_date
from .values import as_int

#: Null and empty text count as not given; of lists and objects the empty list as well.
BLANK = (None, "")
EMPTY = (None, "", [])


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a request.

    ``kind`` is missing, invalid, choice, range, length, count, unknown or duplicate. ``path``
    leads to the field, list indexes included; ``field`` is the name that RMS blames; ``limits``
    are the bounds of a range, or the maximum of a length or count.
    """

    kind: str
    path: tuple
    field: str
    value: object = None
    limits: object = None


class Field:
    """A field of an object, or a parameter of a query or path.

    :param about: what a reader has to know of it
    :param empty: the values that count as not given; an empty tuple: none does
    :param null: null is a value of its own
    :param default: what :meth:`Object.read` gives when it is not given
    """

    def __init__(self, name, *, required=False, empty=BLANK, null=False, default=None, about=""):
        self.name = name
        self.required = required
        self.empty = empty
        self.null = null
        self.default = default
        self.about = about

    def given(self, model):
        return self.name in model and model[self.name] not in self.empty

    def problems(self, model, path=()):
        """Problems of this field in the object that it belongs to."""
        path = (*path, self.name)
        if self.null and self.name in model and model[self.name] is None:
            return
        if self.given(model):
            yield from self.check(model[self.name], path, model)
        elif self.required:
            kind = "missing" if self.empty else "invalid"
            yield Problem(kind, path, self.name, model.get(self.name))

    def check(self, value, path, model):
        """Problems of a value that is given."""
        return ()

    def read(self, value):
        """A sound value as the handlers use it."""
        return value

    def schema(self):
        """JSON schema, without what this field shares with all others."""
        return {}

    def described(self):
        schema = self.schema()
        if self.null and "type" in schema:
            schema["type"] = [schema["type"], "null"]
        return schema | ({"description": self.about} if self.about else {})


class Number(Field):
    """A whole number, also as text. ``choices``: a range, or the tuple of what is possible.

    :param within: function of the object to the range that counts there instead of ``choices``
    """

    def __init__(self, name, choices=None, *, within=None, form=None, **options):
        super().__init__(name, **options)
        self.choices = choices
        self.within = within
        self.form = form

    def check(self, value, path, model):
        number = as_int(value)
        choices = self.within(model) if self.within else self.choices
        if number is None or (self.form and not self.form(number)):
            yield Problem("invalid", path, self.name, value)
        elif choices is None or number in choices:
            return
        elif isinstance(choices, range):
            yield Problem("range", path, self.name, value, (choices[0], choices[-1]))
        else:
            yield Problem("choice", path, self.name, value)

    def read(self, value):
        return as_int(value)

    def schema(self):
        schema = {"type": "integer"}
        if isinstance(self.choices, range):
            schema |= {"minimum": self.choices[0], "maximum": self.choices[-1]}
        elif self.choices:
            schema["enum"] = list(self.choices)
        return schema


class Flag(Number):
    """0 or 1."""

    def __init__(self, name, **options):
        super().__init__(name, (0, 1), **options)


class Amount(Number):
    """Whole yen or units.

    :param also: a value beside the range, such as that of an undetermined amount
    """

    def __init__(self, name, *, also=None, **options):
        super().__init__(name, range(1_000_000_000), **options)
        self.also = also

    def check(self, value, path, model):
        return (
            ()
            if self.also is not None and as_int(value) == self.also
            else super().check(value, path, model)
        )

    def schema(self):
        schema = super().schema()
        return schema if self.also is None else {"anyOf": [schema, {"const": self.also}]}


class Rate(Field):
    """A tax rate, a number or a text."""

    TEXTS = ("0", "0.0", "0.08", "0.1")

    def check(self, value, path, model):
        if str(value) not in self.TEXTS:
            yield Problem("choice", path, self.name, value)

    def schema(self):
        return {"enum": [0, 0.08, 0.1, *self.TEXTS]}


class Text(Field):
    """A text.

    :param int length: most characters
    :param int size: most bytes
    :param choices: the possible texts
    :param pattern: compiled; the whole text has to match
    :param form: function of the text to whether it is well formed
    :param numbers: numbers are taken for their digits
    """

    def __init__(
        self,
        name,
        length=None,
        *,
        size=None,
        choices=None,
        pattern=None,
        form=None,
        numbers=False,
        **options,
    ):
        super().__init__(name, **options)
        self.length = length
        self.size = size
        self.choices = choices
        self.pattern = pattern
        self.form = form
        self.numbers = numbers

    def check(self, value, path, model):
        if self.numbers and isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            yield Problem("invalid", path, self.name, value)
        elif self.length is not None and len(self.read(value)) > self.length:
            yield Problem("length", path, self.name, value, self.length)
        elif self.size is not None and len(value.encode("utf-8", "replace")) > self.size:
            yield Problem("length", path, self.name, value, self.size)
        elif self.choices is not None and value not in self.choices:
            yield Problem("choice", path, self.name, value)
        elif (self.pattern and not self.pattern.fullmatch(value)) or (
            self.form and self.form(value) in (None, False)
        ):
            yield Problem("invalid", path, self.name, value)

    def schema(self):
        schema = {"type": ["string", "integer"] if self.numbers else "string"}
        if self.choices is not None:
            schema["enum"] = list(self.choices)
        for key, value in (
            ("maxLength", self.length or self.size),  # bytes are at least as many as characters
            ("pattern", self.pattern and f"^{self.pattern.pattern}$"),
        ):
            if value:
                schema[key] = value
        return schema


class Trimmed(Text):
    """A text without the blanks at its ends."""

    def read(self, value):
        return value.strip()


class Date(Text):
    """``YYYY-MM-DD``."""

    def __init__(self, name, **options):
        super().__init__(name, form=parse_date, **options)

    def schema(self):
        return {"type": "string", "format": "date"}


class Numbers(Field):
    """A list of whole numbers; what is wrong with one is blamed on the list."""

    def __init__(self, name, choices=None, **options):
        super().__init__(name, **({"empty": (None,), "default": ()} | options))
        self.choices = choices

    def check(self, value, path, model):
        numbers = [as_int(entry) for entry in value] if isinstance(value, list) else [None]
        if None in numbers or (self.choices and not set(numbers) <= set(self.choices)):
            yield Problem("invalid", path, self.name, value)

    def read(self, value):
        return [as_int(entry) for entry in value]

    def schema(self):
        items = {"type": "integer"} | ({"enum": list(self.choices)} if self.choices else {})
        return {"type": "array", "items": items}


class Texts(Field):
    """A list of texts that are not empty; what is wrong with one is blamed on the list."""

    def __init__(self, name, most, *, blanks=True, **options):
        super().__init__(name, **({"empty": EMPTY} | options))
        self.most = most
        self.blanks = blanks

    def check(self, value, path, model):
        if not isinstance(value, list) or not all(
            isinstance(entry, str) and (entry or self.blanks) for entry in value
        ):
            yield Problem("invalid", path, self.name)
        elif len(value) > self.most:
            yield Problem("count", path, self.name, limits=self.most)

    def schema(self):
        items = {"type": "string"} | ({} if self.blanks else {"minLength": 1})
        return {"type": "array", "items": items, "minItems": 1, "maxItems": self.most}


class Object(Field):
    """An object with these fields.

    :param closed: no others
    :param key: a field without which the object makes no sense: RMS blames the object
    :param any_of: names of fields, one of which has to be given; RMS blames the first
    :param together: {names of fields: how many bytes they may have together}; RMS blames the first
    :param rule: function of a sound object to the name of a field that contradicts the others
    """

    def __init__(
        self, name, *fields, closed=False, key=None, any_of=(), together=None, rule=None, **options
    ):
        super().__init__(name, **({"empty": EMPTY} | options))
        self.fields = fields
        self.closed = closed
        self.key = key
        self.any_of = any_of
        self.together = together or {}
        self.rule = rule

    def check(self, value, path=(), model=None):
        if not isinstance(value, dict):
            yield Problem("invalid", path, self.name)
            return
        found = [problem for field in self.fields for problem in field.problems(value, path)]
        if self.key and any(problem.field == self.key for problem in found):
            yield Problem("invalid", path, self.name)
            return
        if self.closed:
            known = {field.name for field in self.fields}
            for name in value:
                if name not in known:
                    yield Problem("unknown", (*path, name), name)
        if self.any_of and not any(f.given(value) for f in self.fields if f.name in self.any_of):
            yield Problem("missing", (*path, self.any_of[0]), self.any_of[0])
        yield from found
        for names, size in self.together.items():
            text = "".join(str(value.get(name) or "") for name in names)
            if len(text.encode("utf-8", "replace")) > size:
                yield Problem("length", (*path, names[0]), names[0], text, size)
        if self.rule and not found:
            wrong = self.rule(value)
            if wrong:
                yield Problem("invalid", (*path, wrong), wrong, value.get(wrong))

    def read(self, value):
        """{name of each field: its value, or its default}."""
        return {
            field.name: field.read(value[field.name]) if field.given(value) else field.default
            for field in self.fields
        }

    def schema(self):
        schema = {
            "type": "object",
            "properties": {field.name: field.described() for field in self.fields},
        }
        required = [field.name for field in self.fields if field.required]
        if required:
            schema["required"] = required
        if self.any_of:
            schema["anyOf"] = [{"required": [name]} for name in self.any_of]
        if self.closed:
            schema["additionalProperties"] = False
        return schema


class Objects(Field):
    """A list of objects.

    :param Object item: their shape
    :param str blamed: the field that RMS blames when two are the same
    :param same: function of an object to what may not come twice; None never counts
    """

    def __init__(self, name, item, *, most=None, blamed="", same=None, **options):
        super().__init__(name, **({"empty": EMPTY, "default": ()} | options))
        self.item = item
        self.most = most
        self.blamed = blamed
        self.same = same or (lambda entry: as_int(entry.get(blamed)))

    def check(self, value, path, model):
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            yield Problem("invalid", path, self.name)
            return
        if self.most is not None and len(value) > self.most:
            yield Problem("count", path, self.name, limits=self.most)
            return
        seen = set()
        for index, entry in enumerate(value):
            yield from self.item.check(entry, (*path, index))
            key = self.same(entry)
            if key is not None and key in seen:
                yield Problem("duplicate", (*path, index), self.blamed, key)
            seen.add(key)

    def schema(self):
        schema = {"type": "array", "items": self.item.schema()}
        if self.required:
            schema["minItems"] = 1
        return schema | ({"maxItems": self.most} if self.most else {})
