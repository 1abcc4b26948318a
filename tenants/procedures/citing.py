"""Which addresses of a manual a cited part of a pathway leads to. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from tenants.procedures.link_models import ProcedureLink

LONGEST_RANGE: Final = 200
"""Of a longer range only the first and the last place are looked for."""
_RANGE: Final = re.compile(r"(?P<before>.*?)(?P<first>\d{1,6})-(?P<again>\D[^\d]*|(?:\d+\.)*)(?P<last>\d{1,6})")


@dataclass(frozen=True, slots=True)
class Cited:
    """A part of a pathway: its kind, such as ``obligation``, its code, and what the definition cites for it.

    ``citation`` names sources with their places: ``Working Together 2005 ¶4.19, 4.20; County manual ¶1.4.2``.
    """

    pathway: str
    kind: str
    code: str
    citation: str | None = None


def addresses(links: Iterable[ProcedureLink], part: Cited) -> list[str]:
    """The addresses of one edition, whose links these are, that bind a part; each once, as linked, then as cited."""
    found: dict[str, None] = {}
    cited: dict[str, None] = {}
    for link in links:
        if link.pathway is not None:
            if link.address and (link.pathway, link.kind, link.code) == (part.pathway, part.kind, part.code):
                found[link.address] = None
        elif link.source is not None:
            places = list(places_in(part.citation or "", link.source))
            if link.place is None:
                cited |= dict.fromkeys(places)
            elif link.address and normal(link.place) in places:
                found[link.address] = None
    return list(found | cited)


def places_in(citation: str, source: str) -> Iterator[str]:
    """The places of one source that a citation names, ranges as the places within them."""
    for part in citation.split(";"):
        said = part.strip()
        if said.startswith(f"{source} "):
            for place in said.removeprefix(source).split(","):
                yield from _expanded(normal(place))


def normal(place: str) -> str:
    """A place as it is compared: without the signs for paragraph and section."""
    return place.strip().lstrip("¶§").strip()


def _expanded(place: str) -> Iterator[str]:
    """``4.19-4.22`` and ``L3-9`` as the places within; any other as it stands."""
    found = _RANGE.fullmatch(place)
    if found is None:
        yield place
        return
    before, first, last = found["before"], int(found["first"]), int(found["last"])
    same = found["again"] in {"", before}
    if same and 0 <= last - first <= LONGEST_RANGE:
        yield from (f"{before}{number}" for number in range(first, last + 1))
    else:
        yield f"{before}{first}"
        yield f"{found['again'] or before}{last}"
