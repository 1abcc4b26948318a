"""How OpenDocument's styles show text: bold, struck through, hidden."""

from dataclasses import dataclass
from typing import Final

from lxml import etree

from tenants.procedures.parsing.reading.odt_lists import STYLE, TEXT

_FO: Final = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
_MOST_INHERITED: Final = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """What a style says; None where it leaves it to the style it is based on. Underlined counts as bold."""

    bold: bool | None = None
    struck: bool | None = None
    hidden: bool | None = None


class OdtLooks:
    """The looks of styles by family and name, what they inherit with them."""

    def __init__(self, content: etree._Element, styles: etree._Element) -> None:
        self._own: dict[tuple[str, str], Shown] = {}
        self._based: dict[tuple[str, str], str] = {}
        for root in (styles, content):
            for style in root.iter(f"{STYLE}style"):
                key = style.get(f"{STYLE}family") or "", style.get(f"{STYLE}name") or ""
                self._own[key] = _shown(style.find(f"{STYLE}text-properties"))
                if (based := style.get(f"{STYLE}parent-style-name")) is not None:
                    self._based[key] = based

    def of(self, family: str, name: str | None, otherwise: Shown) -> Shown:
        """How text of this style is shown within text that is shown as ``otherwise``."""
        bold, struck, hidden = None, None, None
        for _ in range(_MOST_INHERITED):
            own = self._own.get((family, name or ""))
            if own is None:
                break
            bold = own.bold if bold is None else bold
            struck = own.struck if struck is None else struck
            hidden = own.hidden if hidden is None else hidden
            name = self._based.get((family, name or ""))
        return Shown(
            otherwise.bold if bold is None else bold,
            otherwise.struck if struck is None else struck,
            otherwise.hidden if hidden is None else hidden,
        )


def _shown(properties: etree._Element | None) -> Shown:
    if properties is None:
        return Shown()
    weight, display = properties.get(f"{_FO}font-weight"), properties.get(f"{TEXT}display")
    under, through = (
        properties.get(f"{STYLE}text-{name}-style") or properties.get(f"{STYLE}text-{name}-type")
        for name in ("underline", "line-through")
    )
    strong = None if weight is None and under is None else weight == "bold" or under not in (None, "none")
    return Shown(strong, None if through is None else through != "none", None if display is None else display == "none")
