"""A printout as one accessible HTML page: landmarks, headings in order, a skip link, no scripts, nothing fetched. Pure.

Every text is escaped, and the page's own policy lets nothing run and nothing be loaded but the style sheet in it.
"""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Final

from tenants.procedures.printing.contents import Block, Entry, Printout, Run
from tenants.procedures.vocabulary import Form

STYLE: Final = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
POLICY: Final = (
    "default-src 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'; base-uri 'none'; form-action 'none'"
)
_SECTIONS: Final = (("terms", "glossary", "Glossary"), ("index", "index", "Alphabetical index"),
                    ("moved", "earlier-numbers", "Where earlier numbers stand now"))  # fmt: skip


def page(made: Printout) -> bytes:
    """The whole page in UTF-8."""
    return "".join(_page(made)).encode()


def _page(made: Printout) -> Iterator[str]:
    cover = made.cover
    yield (
        '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(cover.title)} - {escape(cover.partnership)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#text">Skip to the text</a>\n'
        f"<header>\n<p>{escape(cover.partnership)}</p>\n<h1>{escape(cover.title)}</h1>\n"
    )
    yield from (f"<p>{escape(line)}</p>\n" for line in cover.lines)
    yield "</header>\n"
    yield from _contents(made)
    yield '<main id="text" tabindex="-1">\n'
    yield from _blocks(made.blocks)
    for name, anchor, title in _SECTIONS:
        entries: Sequence[Entry] = getattr(made, name)
        if entries:
            yield f'<section aria-labelledby="{anchor}" class="{anchor}">\n<h2 id="{anchor}">{title}</h2>\n'
            yield from _glossary(entries) if name == "terms" else _places(entries)
            yield "</section>\n"
    foot = f"{escape(cover.title)}, {escape(cover.partnership)}."
    yield f"</main>\n<footer>\n<p>{foot}</p>\n</footer>\n</body>\n</html>\n"


def _contents(made: Printout) -> Iterator[str]:
    yield '<nav aria-labelledby="contents">\n<h2 id="contents">Contents</h2>\n<ul>\n'
    for block in made.headings:
        label = f"{block.marker} {block.heading}".strip()
        yield f'<li class="d{block.level}"><a href="#{block.anchor}">{escape(label)}</a></li>\n'
    for name, anchor, title in _SECTIONS:
        if getattr(made, name):
            yield f'<li class="d1"><a href="#{anchor}">{title}</a></li>\n'
    yield "</ul>\n</nav>\n"


def _blocks(blocks: Sequence[Block]) -> Iterator[str]:
    listing = False
    for block in blocks:
        item = block.form is Form.ITEM and not block.heading and not block.rows
        if item != listing:
            yield "<ul>\n" if item else "</ul>\n"
            listing = item
        yield from _item(block) if item else _block(block)
    if listing:
        yield "</ul>\n"


def _item(block: Block) -> Iterator[str]:
    kind = f"d{block.depth} marked" if block.marker else f"d{block.depth}"  # its own mark, and no bullet before it
    yield f'<li id="{block.anchor}" class="{kind}">{_earlier(block)}{_marked(block)}'
    yield from (f"<br>{_words(line)}" for line in block.lines[1:])
    yield f"{_said(block)}</li>\n"


def _block(block: Block) -> Iterator[str]:
    place = f'id="{block.anchor}"'
    if block.heading:
        level = block.level + 1
        label = f"{block.marker} {block.heading}".strip()
        yield f"<h{level} {place}>{_earlier(block)}{escape(label)}</h{level}>\n"
        yield from (f'<p class="d{block.depth}">{_words(line)}</p>\n' for line in block.lines)
        yield f'<p class="kind">{escape(" ".join(block.notes))}</p>\n' if block.notes else ""
    elif not block.rows:
        kind = f"note d{block.depth}" if block.form is Form.NOTE else f"d{block.depth}"
        yield f'<div {place} class="{kind}">{_earlier(block)}<p>{_marked(block)}</p>'
        yield from (f"<p>{_words(line)}</p>" for line in block.lines[1:])
        yield f"{_said(block)}</div>\n"
    if block.rows:
        yield from _table(block, "" if block.heading else f" {place}")


def _table(block: Block, place: str) -> Iterator[str]:
    """A table with its first row as the heads of its columns, which a narrow window scrolls by itself."""
    head, *rest = block.rows
    caption = escape(" ".join([block.marker or "Table", *block.notes]).strip())
    yield f'<div class="wide" role="group" aria-label="{caption}" tabindex="0">\n'
    yield f"<table{place}>\n<caption>{'' if block.heading else _earlier(block)}{caption}</caption>\n<thead>"
    heads = "".join(f'<th scope="col">{escape(cell) or "&nbsp;"}</th>' for cell in head)
    yield f"{_row(block, 0)}{heads}</tr></thead>\n<tbody>\n"
    for number, cells in enumerate(rest, 1):
        yield f"{_row(block, number)}{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>\n"
    yield "</tbody>\n</table>\n</div>\n"


def _row(block: Block, number: int) -> str:
    anchor = block.row_anchors.get(number)
    return f'<tr id="{anchor}">' if anchor else "<tr>"


def _earlier(block: Block) -> str:
    """Empty marks that let a link by an earlier number arrive."""
    return "".join(f'<span id="{anchor}"></span>' for anchor in block.also)


def _marked(block: Block) -> str:
    marker = f'<span class="marker">{escape(block.marker)}</span> ' if block.marker else ""
    return marker + (_words(block.lines[0]) if block.lines else "")


def _said(block: Block) -> str:
    return f' <span class="kind">{escape(" ".join(block.notes))}</span>' if block.notes else ""


def _words(runs: Sequence[Run]) -> str:
    return "".join(f'<a href="#{one.to}">{escape(one.text)}</a>' if one.to else escape(one.text) for one in runs)


def _glossary(entries: Sequence[Entry]) -> Iterator[str]:
    yield "<dl>\n"
    yield from (f"<dt>{escape(one.name)}</dt>\n<dd>{escape(one.text)}</dd>\n" for one in entries)
    yield "</dl>\n"


def _places(entries: Sequence[Entry]) -> Iterator[str]:
    yield "<ul>\n"
    for one in entries:
        yield f"<li>{escape(one.name)}: {', '.join(_words([place]) for place in one.places)}</li>\n"
    yield "</ul>\n"
