"""Threshold documents as YAML: read strictly, each fault with its file, its line and the remedy."""

from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Final

from backend.pathways.definitions.faults import Fault, Faulty, choose
from backend.pathways.definitions.library import Library, document, shipped
from backend.pathways.definitions.positions import Document, read
from backend.pathways.definitions.reading import parse
from tenants.thresholds.continuum import Continuum
from tenants.thresholds.references import findings

FILE: Final = "thresholds.yaml"


def parsed(found: Document, library: Library | None = None) -> Continuum:
    """The continuum in a document. Raises ``Faulty`` with every fault.

    A pathway that a criterion opens is one of the catalogue; where its text is written, its criterion is there.
    """
    one = parse(found, Continuum)
    faults = [Fault(found.file, found.line(path), said, remedy) for path, said, remedy in findings(one)]
    faults += _of_pathways(one, found, library or shipped())
    if faults:
        raise Faulty(faults)
    return one


def from_text(text: str, file: str = "thresholds") -> Continuum:
    """As ``parsed``, of a text."""
    return parsed(read(text, file))


def from_file(file: Path) -> Continuum:
    """As ``parsed``, of a file."""
    return parsed(document(file))


def of_archetype(name: str) -> Continuum | None:
    """The threshold document that is shipped with a reference partnership; None where it has none."""
    file = resources.files("tenants.archetypes") / name / FILE
    return parsed(document(file)) if file.is_file() else None


def _of_pathways(one: Continuum, found: Document, library: Library) -> Iterator[Fault]:
    for number, criterion in enumerate(one.criteria):
        for place, opens in enumerate(criterion.opens):
            path = ("criteria", number, "opens", place)
            line = found.line((*path, "pathway"))
            if opens.pathway not in library.catalogue:
                remedy = choose(opens.pathway, library.catalogue)
                yield Fault(found.file, line, f"the catalogue has no {opens.pathway}", remedy)
            elif opens.criterion is not None and opens.pathway in library.entries:
                known = [each.id for each in library.entry(opens.pathway).definition.entry.criteria]
                if opens.criterion not in known:
                    line = found.line((*path, "criterion"))
                    fault = f"{opens.pathway} has no criterion {opens.criterion}"
                    yield Fault(found.file, line, fault, choose(opens.criterion, known))
