"""How every page for developers looks: a heading, a way round, and words that a screen reader can find."""

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from typing import Final

_STYLE: Final = (
    "body{font:1.0625rem/1.6 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;"
    "background:#fff;overflow-wrap:anywhere}"
    "nav{display:flex;flex-wrap:wrap;gap:0 1rem}nav a{padding:.5rem 0}nav [aria-current]{font-weight:600}"
    "a{color:#0b4f9e}.skip{position:absolute;left:-100vw}.skip:focus{position:static}"
    "pre,.wide{overflow-x:auto}pre{background:#f4f5f7;padding:1rem;overflow-wrap:normal}"
    "code{font:.9375rem ui-monospace,monospace}dt{font-weight:600;margin-top:1rem}dd{margin-left:1rem}"
    "table{border-collapse:collapse;overflow-wrap:normal}caption{font-weight:600;text-align:left}"
    "td,th{border:1px solid #6f7780;padding:.25rem .75rem;text-align:left;vertical-align:top}"
    "td:first-child{min-width:7rem;overflow-wrap:anywhere}td:last-child{min-width:10rem}"
    ":focus-visible{outline:3px solid #0b4f9e;outline-offset:2px}.old{color:#6b2a00}"
)
POLICY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    + "'"
)
"""The content security policy: nothing is loaded, and the one style is named by its hash."""
PLACES: Final = {
    "": "Getting started", "phones": "Phones", "reference": "Reference", "documents": "Documents",
    "webhooks": "Webhooks", "errors": "Errors", "limits": "Limits", "changelog": "Changes",
}  # fmt: skip


def page(title: str, *content: str, at: str | None = None) -> str:
    """A whole page. ``title`` is text; ``content`` is HTML; ``at`` is which of ``PLACES`` it is, if it is one."""
    links = "".join(_place(place, name, here=place == at) for place, name in PLACES.items())
    return (
        '<!doctype html>\n<html lang="en-GB">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} - Safeguard for developers</title><style>{_STYLE}</style></head>\n"
        '<body><a class="skip" href="#main-text">Skip to the text</a>\n'
        f'<header><nav aria-label="Pages for developers">{links}</nav></header>\n'
        f'<main id="main-text" tabindex="-1"><h1>{escape(title)}</h1>\n{"".join(content)}</main></body>\n</html>\n'
    )


def _place(place: str, name: str, *, here: bool) -> str:
    current = ' aria-current="page"' if here else ""
    return f'<a href="/developers/{place}"{current}>{escape(name)}</a>'


def paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>\n"


def heading(text: str, anchor: str) -> str:
    return f'<h2 id="{escape(anchor)}">{escape(text)}</h2>\n'


def code(text: str) -> str:
    return f'<pre tabindex="0"><code>{escape(text)}</code></pre>\n'


def table(caption: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table of text, which a narrow window scrolls by itself."""
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f'<div class="wide" role="region" aria-label="{escape(caption)}" tabindex="0"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>\n"
    )
