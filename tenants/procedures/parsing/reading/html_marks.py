"""What HTML says by its elements and their names: which are not read and why, what a list prints, how it is encoded."""

import re
from typing import Final, cast

from lxml import etree

from tenants.procedures.parsing.manual import Doubt, DoubtKind, Reason
from tenants.procedures.parsing.marks import as_roman
from tenants.procedures.parsing.reading.text import decode

HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
BLOCKS: Final = frozenset([
    "p", "div", "section", "article", "main", "header", "footer", "nav", "aside", "ul", "ol", "li", "dl", "dt",
    "dd", "table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption", "blockquote", "pre", "form",
    "fieldset", "address", "figure", "figcaption", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "body", "html",
    "title", "textarea", "option", "summary", "details",
])  # fmt: skip
PICTURES: Final = frozenset(("img", "object", "svg", "canvas", "iframe", "embed"))
_AWAY: Final = {
    "script": Reason.SCRIPT, "style": Reason.SCRIPT, "noscript": Reason.SCRIPT, "template": Reason.SCRIPT,
    "nav": Reason.NAVIGATION, "title": Reason.METADATA, "button": Reason.NAVIGATION, "select": Reason.NAVIGATION,
    "del": Reason.DELETED_TEXT,
}  # fmt: skip
_CHANGES: Final = {
    "del": (DoubtKind.DELETED_TEXT, "deleted by a marked change, and reported"),
    "ins": (DoubtKind.INSERTED_TEXT, "inserted by a marked change, and read"),
    "s": (DoubtKind.STRUCK_TEXT, "struck through, and read"),
    "strike": (DoubtKind.STRUCK_TEXT, "struck through, and read"),
}
_NAVIGATION = re.compile(
    r"(?:(?:site|main|page|top|side|primary|secondary|footer)[-_]?)?(?:bread-?crumbs?|crumbs?|navigation|nav|navbar|menu"
    r"|skip-?links?|pager|cookies?(?:[-_](?:bar|banner|notice|consent))?|search|banner|contentinfo)",
    re.IGNORECASE,
)
_CONTENTS = re.compile(r"mso(?:toc|index)\w*|toc|table-of-contents", re.IGNORECASE)
_WHOLE: Final = frozenset(("html", "body", "main", "article"))
"""What holds a page's text whatever it is called."""

_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_CHARSET = re.compile(
    rb"(?:<meta[^>]{0,200}charset|<\?xml[^>]{0,100}encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,20})", re.IGNORECASE
)
_BOMS: Final = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")
_AS_BROWSERS: Final = {"iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252"}
"""Pages that say so were nearly always written in Windows' own characters, and browsers read them as that."""

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


def decoded(data: bytes) -> tuple[str, tuple[Doubt, ...]]:
    """The text in the encoding that the page says, as browsers take it; else as any text."""
    declared = _CHARSET.search(data[:2048]) if not data.startswith(_BOMS) else None
    name = declared[1].decode("ascii").lower() if declared is not None else "utf-8"
    if not name.startswith(("utf", "unicode")):
        try:
            return data.decode(_AS_BROWSERS.get(name, name)), ()
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(data)


def not_read(element: etree._Element, tag: str) -> Reason | None:
    """Why an element is not read: what it is, or what its names say that it is for."""
    if tag in _WHOLE:
        return None
    if tag in _AWAY:
        return _AWAY[tag]
    names = f"{element.get('class') or ''} {element.get('id') or ''} {element.get('role') or ''}".split()
    if any(_CONTENTS.fullmatch(name) for name in names):
        return Reason.CONTENTS_PAGE
    around = tag in ("header", "footer", "aside") and not any(
        True for _ in element.iterancestors(*_WHOLE - {"html", "body"})
    )
    if around and (tag == "footer" or _has_main(element)):
        return Reason.NAVIGATION
    return Reason.NAVIGATION if any(_NAVIGATION.fullmatch(name) for name in names) else None


def _has_main(element: etree._Element) -> bool:
    """Whether the page says elsewhere which part of it is its text."""
    return next(element.getroottree().iter("main", "article"), None) is not None


def unseen(element: etree._Element, tag: str) -> tuple[DoubtKind, str] | None:
    """What a reader should know of the words in an element: hidden, struck out, inserted, deleted."""
    if element.get("hidden") is not None or _HIDDEN.search(element.get("style") or "") is not None:
        return (DoubtKind.HIDDEN_TEXT, "hidden in the page, and read") if tag not in _AWAY else None
    return _CHANGES.get(tag)


def line_of(element: etree._Element, otherwise: int) -> int:
    """The line of the file on which an element begins, where that is known."""
    line = cast("int | None", element.sourceline)
    return line or otherwise


def first_number(ordered: etree._Element) -> int:
    start = ordered.get("start") or "1"
    return int(start) if start.lstrip("-").isdecimal() and len(start) < 6 else 1


def own_number(item: etree._Element, counted: int) -> int:
    value = item.get("value") or ""
    return int(value) if value.isdecimal() and len(value) < 6 else counted


def printed(number: int, kind: str | None) -> str:
    """What a browser prints before the item."""
    if kind in ("a", "A") and 1 <= number <= 26:
        letter = _LETTERS[number - 1]
        return f"{letter.upper() if kind == 'A' else letter})"
    if kind in ("i", "I") and 1 <= number < 40:
        return f"{as_roman(number)})"
    return f"{number}."
