"""The menus that the READMEs and the manuals name are those on the screen, in both languages.

    python dev/check_docs.py

A menu is written between asterisks: ``*Rakuten > Products > SKU Mapping*``.
"""

import re
import sys
from pathlib import Path

import polib
from lxml import etree

ROOT = Path(__file__).resolve().parents[1]
MODULE = ROOT / "smartship_rakuten"
DOCS = {
    "en": [ROOT / "README.md", *ROOT.glob("docs/manual/en/*.md"), *MODULE.glob("readme/*.md")],
    "ja": [ROOT / "README.ja.md", *ROOT.glob("docs/manual/ja/*.md")],
}
JAPANESE = {entry.msgid: entry.msgstr for entry in polib.pofile(str(MODULE / "i18n/ja.po"))}


def paths(node, above, words):
    """The path of each menu, in the language of the words."""
    for menu in node.iterchildren("menuitem"):
        name = menu.get("name")
        path = [*above, words.get(name) or name]
        yield " > ".join(path)
        yield from paths(menu, path, words)


def main():
    menus = etree.parse(str(MODULE / "views/menus.xml")).getroot()
    faults = []
    for lang, files in DOCS.items():
        words = JAPANESE if lang == "ja" else {}
        known = set(paths(menus, [], words))
        top = f"{words.get('Rakuten', 'Rakuten')} > "
        for file in files:
            text = file.read_text()
            for written in re.findall(r"\*+([^*]+)\*+", text):
                path = " ".join(written.split())
                if path.startswith(top) and path not in known:
                    faults.append(f"{file.relative_to(ROOT)}: there is no menu {path}")
    print("\n".join(faults), end="\n" if faults else "")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
