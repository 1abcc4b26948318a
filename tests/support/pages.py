"""What a page of the product must have, whoever reads it and however: read from its HTML, without a browser."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser

_VOID = {"meta", "br", "link", "img", "input", "hr"}
_TOLD = {"title", "h1", "h2", "h3", "h4", "h5", "h6", "a", "button", "label", "legend", "caption"}


class Outline(HTMLParser):
    """What of a page assistive technology goes by."""

    def __init__(self, html: bytes | str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.headings: list[int] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, Mapping[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.unlabelled: list[str | None] = []
        self.silent: list[str] = []
        self._said: list[bool] = []
        self.feed(html if isinstance(html, str) else html.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self.attributes.append((tag, found))
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if tag == "a":
            self.targets.append(str(found.get("href")))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "input" and found.get("type") != "hidden" and "label" not in self.open:
            self.unlabelled.append(found.get("id"))
        if tag not in _VOID:
            self.open.append(tag)
            self._said.append(False)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"{tag} ends where another element is open"
        if not self._said.pop() and tag in _TOLD:
            self.silent.append(tag)

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if data.strip():
            self._said = [True] * len(self._said)


def usable(html: bytes | str, *, scripted: bool = False) -> Outline:
    """Assert what WCAG 2.1 AA asks of every page and its HTML alone can tell, and that nothing in it acts by itself."""
    found = Outline(html)
    assert found.open == [], "an element is not closed"
    assert found.silent == [], "a heading, link or button says nothing"
    assert len(set(found.ids)) == len(found.ids), "an id is there twice"
    assert {one[1:] for one in found.targets if one.startswith("#")} <= set(found.ids), "a link leads nowhere"
    assert found.headings[0] == 1
    assert found.headings.count(1) == found.tags.count("main") == found.tags.count("title") == 1
    assert all(after <= before + 1 for before, after in zip(found.headings, found.headings[1:], strict=False))
    assert found.attributes[0] == ("html", {"lang": "en-GB"})
    metas = [told for tag, told in found.attributes if tag == "meta"]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in metas, (
        "a telephone would shrink it"
    )
    assert not [told for told in metas if told.get("http-equiv") == "refresh"], "it would leave before it is read"
    labels = {told.get("for") for tag, told in found.attributes if tag == "label"}
    assert set(found.unlabelled) <= labels, "a field has no label"
    assert found.tags.count("table") == found.tags.count("thead") == found.tags.count("caption")
    assert all(told.get("scope") for tag, told in found.attributes if tag == "th")
    acting = {"iframe", "object", "base"} | (set() if scripted else {"script"})
    assert not acting & set(found.tags)
    assert not [name for _, told in found.attributes for name in told if name.startswith("on") or name == "style"]
    return found


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, such as ``#0b0c0c``: 1 to 21. Text wants 4.5 (WCAG 1.4.3), edges 3 (1.4.11)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = digits if len(digits) == 6 else "".join(each * 2 for each in digits)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
