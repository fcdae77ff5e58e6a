"""Compares freshly exported terms with i18n/: the template must be current, ja.po complete.

    python dev/check_translations.py EXPORTED.pot smartship_rakuten/i18n [--update]

``--update`` writes the template and adds new terms, without a translation, to ja.po.
"""

import re
import sys
from pathlib import Path

import polib


def terms(path):
    return {entry.msgid: entry for entry in polib.pofile(str(path)) if not entry.obsolete}


def update(exported, folder):
    (folder / exported.name).write_text(exported.read_text())
    template = polib.pofile(str(folder / exported.name))
    template.metadata.pop("POT-Creation-Date", None)
    template.metadata.pop("PO-Revision-Date", None)
    template.save()
    path = folder / "ja.po"
    known = {e.msgid: e.msgstr for e in polib.pofile(str(path))} if path.exists() else {}
    translated = polib.pofile(str(folder / exported.name))
    for entry in translated:
        entry.msgstr = known.get(entry.msgid, "")
    translated.metadata["Language"] = "ja"
    translated.save(str(path))


def main():
    exported, folder = Path(sys.argv[1]), Path(sys.argv[2])
    if "--update" in sys.argv:
        update(exported, folder)
    wanted = terms(exported)
    template, japanese = terms(folder / exported.name), terms(folder / "ja.po")
    faults = [f"not in {exported.name}: {term!r}" for term in wanted.keys() - template.keys()]
    faults += [f"not exported any more: {term!r}" for term in template.keys() - wanted.keys()]
    faults += [
        f"no Japanese: {term!r}"
        for term in sorted(wanted)
        # Odoo leaves out what is marked fuzzy.
        if term not in japanese or not japanese[term].msgstr or japanese[term].fuzzy
    ]
    for term in wanted.keys() & japanese.keys():
        # What stands in a record, or in code, is translated only where that is named.
        for place in sorted(places(wanted[term]) - places(japanese[term])):
            faults.append(f"the Japanese of {term!r} does not reach {place}: --update")
        for name in placeholders(term) ^ placeholders(japanese[term].msgstr or term):
            faults.append(f"placeholder {name} differs in the Japanese of {term!r}")
    for fault in faults:
        print(fault)
    sys.exit(bool(faults))


def places(entry):
    """Records and kinds of code that a term stands in."""
    records = {place for place, _line in entry.occurrences if place.startswith("model")}
    return records | {kind for kind in ("odoo-python", "odoo-javascript") if kind in entry.comment}


def placeholders(text):
    return set(re.findall(r"%\(\w+\)s", text))


if __name__ == "__main__":
    main()
