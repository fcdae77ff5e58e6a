"""Texts that people read, kept so that everybody reads them in his own language.

What is stored is what a text says, a code and details, never the sentence: two people may read
different languages, and a sentence is no identity. Each topic declares its sentences here.
"""

import re

from odoo.fields import Domain
from odoo.tools import LazyTranslate

from ...rules.payload import MAX_NAMED, cut
from .text import storable

_lt = LazyTranslate(__name__)

#: Code to the sentence, with named placeholders for the details.
_SENTENCES = {}
#: Codes of what is told beside a fault and may become more or less while the fault lasts.
_BESIDE = set()
#: What a sentence may name without being told: places in RMS, the same in every language.
_WORDS = {}
#: Somebody else's own words, beside what they mean.
QUOTED = _lt("%(sentence)s (Rakuten: %(quote)s)")
#: Texts without a code of their own: Odoo's errors, and what was stored before there were codes.
OTHER = "other"
_TOGETHER = "together"


class Sentence(str):
    """A sentence in one language that knows what it says.

    :ivar dict said: ``code`` and details, a JSON value; a detail may be what another sentence says.
        ``quote``: somebody else's own words, put beside the sentence.
    """

    def __new__(cls, text, said):
        sentence = super().__new__(cls, text)
        sentence.said = said
        return sentence


def declare_sentences(sentences, *, beside=()):
    """Add a topic's sentences.

    :param dict sentences: code to the lazily translated text
    :param beside: those codes of them that are told beside a fault, which stays the same fault
        when they change
    """
    twice = _SENTENCES.keys() & sentences.keys()
    if twice:
        raise ValueError(f"declared twice: {', '.join(sorted(twice))}")
    _SENTENCES.update(sentences)
    _BESIDE.update(beside)


def declare_words(words):
    """Add words that any sentence may name by a placeholder, also those of older rows.

    :param dict words: placeholder to the word
    """
    _WORDS.update(words)


def say(env, code, **details):
    """A declared sentence in the environment's language.

    :param details: JSON values, or Sentences; texts are cut to 200 letters
    :rtype: Sentence
    """
    said = {
        name: value.said if isinstance(value, Sentence) else storable(_shortened(value))
        for name, value in details.items()
    }
    return tell(env, {"code": code, **said})


def _shortened(value):
    """A detail as a sentence has it: whatever a buyer wrote, it is no page."""
    return cut(value, MAX_NAMED) if isinstance(value, str) else value


def together(env, *parts, by=" "):
    """Sentences one after the other; empty ones are left out.

    :param str by: what stands between them
    :rtype: Sentence
    """
    parts = [said_by(part) for part in parts if part]
    if len(parts) == 1:
        return tell(env, parts[0])
    return tell(env, {"code": _TOGETHER, "parts": parts, "by": by} if parts else None)


def tell(env, said):
    """What was said, in the environment's language.

    :param said: a dict as of :class:`Sentence`, or nothing
    :rtype: Sentence
    """
    if not said:
        return Sentence("", None)
    code = said["code"]
    details = _Details(
        (name, tell(env, value) if isinstance(value, dict) else value)
        for name, value in said.items()
    )
    if code == _TOGETHER:
        text = said["by"].join(tell(env, part) for part in said["parts"])
    elif code in _SENTENCES:
        sentence = env._(_SENTENCES[code])
        text = sentence % details
    else:
        text = str(details["reason"])
    if said.get("quote"):
        quoted = env._(QUOTED)
        text = quoted % {"sentence": text, "quote": said["quote"]}
    return Sentence(text, said)


class _Details(dict):
    def __missing__(self, name):
        # A detail that an older version did not write is not known.
        return _WORDS.get(name, "?")


def templates(env):
    """What the sentences are made from, in the environment's language.

    :return: dict of code to text with placeholders for its details
    """

    def worded(text):
        return re.sub(r"%\((\w+)\)s", lambda found: _WORDS.get(found[1], found[0]), text)

    return {code: worded(env._(sentence)) for code, sentence in _SENTENCES.items()}


def said_by(text):
    """What a text says, to be stored.

    :param text: a Sentence or other text, or the exception that was raised with it
    :return: dict as of :class:`Sentence`, None for no text
    """
    if isinstance(text, Exception):
        text = text.args[0] if text.args else ""
    if not text:
        return None
    if isinstance(text, Sentence):
        return text.said
    return {"code": OTHER, "reason": storable(str(text))}


def identity(said):
    """What a text is recognised by: its code and its named details, in no language.

    Words of others are left out, since one fault may be told in other words: those of RMS that are
    quoted beside a sentence, and those of an error of Odoo's that a sentence names. So is what was
    declared to be told beside a fault.

    :param said: dict as of :class:`Sentence`, or None
    """
    if said and said["code"] == _TOGETHER:
        parts = [part for part in said["parts"] if part["code"] not in _BESIDE]
        if len(parts) == 1:
            return identity(parts[0])
        said = {**said, "parts": parts}
    return said and {name: _recognised(value) for name, value in said.items() if name != "quote"}


def _recognised(value):
    """Of a detail: a value, what another sentence says, or a list of them."""
    if isinstance(value, list):
        return [_recognised(entry) for entry in value]
    if isinstance(value, dict):
        return {"code": OTHER} if value.get("code") == OTHER else identity(value)
    return value


# === FIELDS: NAME_code (Char), NAME_details (Json), and NAME, computed from the two === #


def columns(name, text):
    """Values that keep a text in the fields NAME_code and NAME_details.

    :param text: as :func:`said_by` takes it
    """
    said = said_by(text) or {}
    details = {key: value for key, value in said.items() if key != "code"}
    return {f"{name}_code": said.get("code", False), f"{name}_details": details or False}


def read(record, name):
    """The Sentence of a field in the reader's language, False where there is none."""
    code = record[f"{name}_code"]
    said = code and {"code": code, **(record[f"{name}_details"] or {})}
    return tell(record.env, said) or False


def find(records, name, operator, value):
    """Domain of a search in such a text, as its reader sees it.

    :param records: the model
    """
    if operator == "!=" or operator.startswith("not "):
        # Odoo asks for the opposite.
        return NotImplemented
    code = f"{name}_code"
    empty = Domain(code, "=", False) if operator == "in" and False in value else Domain.FALSE
    if operator == "in" and set(value) == {False}:
        return empty
    # Without the search's other conditions: those apply besides.
    told = records.with_context(active_test=False).search([(code, "!=", False)])
    return empty | Domain("id", "in", told.filtered_domain([(name, operator, value)]).ids)
