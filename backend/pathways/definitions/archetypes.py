"""The shipped reference partnerships' overlays, and the definitions in force under them, from the files alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final

from backend.pathways.definitions.compiling import compiled
from backend.pathways.definitions.effective import Effective, national
from backend.pathways.definitions.faults import Fault, Faulty, choose
from backend.pathways.definitions.library import Library, document
from backend.pathways.definitions.local_overlay import PATHWAY_OVERLAYS, LocalOverlay
from backend.pathways.definitions.positions import Document
from backend.pathways.definitions.reading import parse

BASELINE: Final = "baseline"


@dataclass(frozen=True, slots=True)
class OverlayFile:
    """An overlay and the file it was read from."""

    overlay: LocalOverlay
    document: Document


def names() -> list[str]:
    """The reference partnerships that have overlays, and ``baseline``."""
    folders = resources.files("tenants.archetypes").iterdir()
    return sorted([BASELINE, *(one.name for one in folders if one.is_dir() and (one / "pathways").is_dir())])


def overlays(name: str) -> list[OverlayFile]:
    """The overlays of a reference partnership; none of the baseline. Raises ``Faulty``."""
    if name == BASELINE:
        return []
    if name not in names():
        raise Faulty(
            [Fault("tenants/archetypes", 1, f"there is no reference partnership {name}", choose(name, names()))]
        )
    return list(read_overlays(resources.files("tenants.archetypes") / name / "pathways", name))


def read_overlays(folder: Traversable, partnership: str) -> Iterator[OverlayFile]:
    """The overlays in a folder, each in a file named as its pathway. Raises ``Faulty``."""
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".yaml"):
            found = document(file)
            overlay = parse(found, LocalOverlay)
            if file.name != f"{overlay.pathway}.yaml":
                remedy = f"rename it {overlay.pathway}.yaml"
                raise Faulty([Fault(found.file, found.line(("pathway",)), f"the file is called {file.name}", remedy)])
            if overlay.partnership != partnership:
                line = found.line(("partnership",))
                fault = f"the overlay of {overlay.partnership} lies with {partnership}"
                raise Faulty([Fault(found.file, line, fault, "correct partnership or move the file")])
            yield OverlayFile(overlay, found)


def kept_overlays(setting: Sequence[Any]) -> list[OverlayFile]:
    """The overlays as a partnership's setting ``pathway.overlays`` holds them. Raises ``Faulty``."""
    documents = [Document(f"{PATHWAY_OVERLAYS} {number}", data, {}) for number, data in enumerate(setting)]
    return [OverlayFile(parse(one, LocalOverlay), one) for one in documents]


def effective(library: Library, files: list[OverlayFile]) -> dict[str, Effective]:
    """Every definition that is written, with the overlays laid over theirs. Raises ``Faulty`` with all faults."""
    own = {file.overlay.pathway: file for file in files}
    faults: list[Fault] = []
    found: dict[str, Effective] = {}
    for code in sorted(set(own) - set(library.entries)):
        file = own[code]
        line = file.document.line(("pathway",))
        faults.append(
            Fault(file.document.file, line, f"there is no definition of {code}", choose(code, library.entries))
        )
    for code, entry in library.entries.items():
        try:
            found[code] = (
                compiled(entry, own[code].overlay, own[code].document, library) if code in own else national(entry)
            )
        except Faulty as error:
            faults += error.faults
    faults += _clocks_twice(found, own)
    if faults:
        raise Faulty(faults)
    return found


def _clocks_twice(found: dict[str, Effective], own: dict[str, OverlayFile]) -> Iterator[Fault]:
    """A clock that an overlay adds has an id that no other definition uses."""
    owners: dict[str, str] = {}
    for code, one in found.items():
        for clock in one.definition.clocks:
            other = owners.setdefault(clock.id, code)
            if other != code:
                document = (own.get(code) or own[other]).document
                yield Fault(
                    document.file,
                    document.line(("add", "clocks")),
                    f"the clock {clock.id} stands in {other} too",
                    "give it another id",
                )
