"""Each module's README.rst and static/description/index.html, in OCA's form, from its readme/.

    python dev/readme.py            writes them
    python dev/readme.py --check    names those that are not up to date, and exits with 1

Fragments are Markdown as far as :func:`to_rst` knows it: paragraphs, headings, lists, emphasis,
code, links and pictures. DESCRIPTION.ja is the Japanese part. What docutils does not understand is
an error.
"""

import ast
import re
import sys
import unicodedata
from pathlib import Path

import jinja2
from docutils.core import publish_parts
from docutils.utils import SystemMessage

ROOT = Path(__file__).resolve().parents[1]
FRAGMENTS = "DESCRIPTION DESCRIPTION.ja INSTALL CONFIGURE USAGE ROADMAP HISTORY".split()
#: As in OCA's generator.
COLOURS = {
    "Alpha": "red",
    "Beta": "yellow",
    "Production/Stable": "brightgreen",
    "Mature": "brightgreen",
}
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
</head>
<body>
{body}
</body>
</html>
"""
INLINE = re.compile(
    r"(?P<code>`[^`]+`)"
    r"|!\[(?P<alt>[^\]]*)\]\((?P<picture>[^)\s]+)\)"
    r"|\[(?P<text>[^\]]+)\]\((?P<link>[^)\s]+)\)"
    r"|(?P<bold>\*\*[^*]+\*\*)"
    r"|(?P<italic>\*[^*]+\*)"
)


class Fault(Exception):
    pass


def width(text):
    """Columns of a heading: docutils counts a wide letter as two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def to_rst(markdown):
    """A fragment in reStructuredText.

    :raises Fault: for tables, quotes, fenced code and links within the repository
    """
    lines = []
    for line in markdown.strip().splitlines():
        if re.match(r"\s*(\||>|```)", line):
            raise Fault(f"{line.strip()[:40]}: tables, quotes and fences are not known")
        if heading := re.match(r"#+ (.+)", line):
            line = f"{heading[1]}\n{'-' * width(heading[1])}"
        lines.append(line)
    return INLINE.sub(_inline, "\n".join(lines))


def _inline(found):
    if found["picture"]:
        picture = found["picture"].removeprefix("../")
        return f".. image:: {picture}\n    :alt: {found['alt']}\n    :width: 100%"
    if found["link"]:
        if not found["link"].startswith("https://"):
            raise Fault(f"{found['link']}: from Odoo's page nobody can follow it")
        markup = f"`{found['text']} <{found['link']}>`__"
    elif found["code"]:
        markup = f"`{found['code']}`"
    else:
        markup = found[0]
    # Letters may not touch markup, as Japanese ones do.
    if found.string[: found.start()][-1:].isalnum():
        markup = "\\ " + markup
    if found.string[found.end() :][:1].isalnum():
        markup += "\\ "
    return markup


def readme(module, *, badges):
    """The text of README.rst."""
    manifest = ast.literal_eval((module / "__manifest__.py").read_text())
    if lacking := {"development_status", "maintainers"} - manifest.keys():
        raise Fault(f"the manifest lacks {', '.join(sorted(lacking))}")
    folder = module / "readme"
    fragments = {
        name: to_rst(file.read_text())
        for name in FRAGMENTS
        if (file := folder / f"{name}.md").exists()
    }
    if "DESCRIPTION" not in fragments:
        raise Fault("there is no readme/DESCRIPTION.md")
    template = jinja2.Environment(
        undefined=jinja2.ChainableUndefined, autoescape=False
    ).from_string((ROOT / "dev/readme.rst.jinja").read_text())
    return (
        template.render(
            manifest,
            status=manifest["development_status"],
            colour=COLOURS[manifest["development_status"]],
            series=".".join(manifest["version"].split(".")[:2]),
            fragments=fragments,
            badges=badges,
            width=width,
        ).strip()
        + "\n"
    )


def page(module):
    """The text of index.html. Odoo takes pictures from beside it."""
    text = readme(module, badges=False)
    settings = {
        "report_level": 2,
        "halt_level": 2,
        "warning_stream": False,
        "embed_stylesheet": False,
        "stylesheet_path": None,
    }
    settings |= {"file_insertion_enabled": False, "raw_enabled": False, "initial_header_level": 2}
    try:
        parts = publish_parts(text, writer="html5", settings_overrides=settings)
    except SystemMessage as error:
        raise Fault(str(error)) from error
    body = parts["html_body"].replace('src="static/description/', 'src="')
    return PAGE.format(title=parts["title"], body=body.strip())


def files(module):
    """What a module's files are to be: path -> text."""
    return {
        module / "README.rst": readme(module, badges=True),
        module / "static/description/index.html": page(module),
    }


def main():
    check, faults = sys.argv[1:] == ["--check"], []
    for manifest in sorted(ROOT.glob("smartship_rakuten*/__manifest__.py")):
        module = manifest.parent
        try:
            wanted = files(module)
        except Fault as fault:
            faults.append(f"{module.name}: {fault}")
            continue
        for path, text in wanted.items():
            if path.exists() and path.read_text() == text:
                continue
            if check:
                faults.append(f"{path.relative_to(ROOT)} is not up to date: run dev/readme")
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
    print("\n".join(faults), end="\n" if faults else "")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
