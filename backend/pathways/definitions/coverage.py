"""Which definition carries each section of the texts, so that nothing in them is left out in silence.

One file a family in ``tenants/baseline/coverage``. A section has a code, such as ``004a P15``: the part of the
collected texts and the number of the process in it. ``text`` says where that is in the product's own sources.
"""

from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path as FilePath
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from backend.pathways.definitions import archetypes
from backend.pathways.definitions.definition import SECTIONS, Definition
from backend.pathways.definitions.faults import Fault, Faulty, choose
from backend.pathways.definitions.library import COVERAGE, Library, document, shipped
from backend.pathways.definitions.local_overlay import LocalOverlay, Section
from backend.pathways.definitions.positions import Document, Path
from backend.pathways.definitions.reading import parse
from backend.pathways.definitions.vocabulary import Code, Grammar, Line, Words

SECTION: Final = r"^00[0-4][a-c]? [A-D]?P?\d{1,2}[a-d]?$"
SectionCode = Annotated[str, Field(pattern=SECTION)]


class Carrier(Grammar):
    """A definition that holds a section or a part of it, and where in it."""

    definition: Code
    partnership: Code | None = None
    """The reference partnership whose overlay holds it; without one the national definition does."""
    stages: tuple[Code, ...] = ()
    parts: dict[Section, tuple[Code, ...]] = Field(default_factory=dict)
    """Other items by their list and id, where they say more than the stages do."""

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if not self.stages and not self.parts:
            message = "says nothing of where; name its stages, or other parts of it"
            raise ValueError(message)
        return self


class CoveredSection(Grammar):
    """A section of the texts: what carries it or, where nothing does, why."""

    code: SectionCode
    text: Line
    """The place in the product's own sources, such as ``Working Together 2005 ¶5.33``."""
    title: Line
    carried_by: tuple[Carrier, ...] = ()
    reason: Words | None = None
    """Why no definition carries it, or the part that none does."""

    @model_validator(mode="after")
    def _carried_or_excused(self) -> Self:
        if not self.carried_by and not self.reason:
            message = "is neither carried nor excused; name definitions in carried_by, or the reason"
            raise ValueError(message)
        return self


class Coverage(Grammar):
    """One file of ``tenants/baseline/coverage``."""

    family: Code
    sections: tuple[CoveredSection, ...]


def coverage(folder: Traversable, library: Library, overlays: Mapping[str, tuple[LocalOverlay, ...]]) -> list[Coverage]:
    """The coverage of every family in ``folder``, such as ``tenants.baseline``.

    ``overlays`` are those of the reference partnerships by name. Raises ``Faulty`` with every definition, stage or
    other part that is named and does not exist, and with every section that a family names twice.
    """
    faults: list[Fault] = []
    found: list[Coverage] = []
    for file in sorted((folder / COVERAGE).iterdir(), key=lambda one: one.name):
        if not file.name.endswith(".yaml"):
            continue
        read = document(file)
        one = parse(read, Coverage)
        faults += _place_faults(one, read, library)
        for path, said, remedy in _dangling(one, library, overlays):
            faults.append(Fault(read.file, read.line(path), said, remedy))
        found.append(one)
    if faults:
        raise Faulty(faults)
    return found


def shipped_coverage() -> list[Coverage]:
    """The coverage that is shipped, by the definitions and overlays beside it. Raises as ``coverage`` does."""
    overlays = {name: tuple(file.overlay for file in archetypes.overlays(name)) for name in archetypes.names()}
    return coverage(resources.files("tenants.baseline"), shipped(), overlays)


def _place_faults(one: Coverage, found: Document, library: Library) -> Iterator[Fault]:
    families = {family for family, _ in library.catalogue.values()}
    if one.family not in families:
        line = found.line(("family",))
        yield Fault(found.file, line, f"there is no family {one.family}", choose(one.family, families))
    elif FilePath(found.file).name != f"{one.family}.yaml":
        said = f"the file is called {FilePath(found.file).name}"
        yield Fault(found.file, found.line(("family",)), said, f"rename it {one.family}.yaml")
    codes = [section.code for section in one.sections]
    for number, code in enumerate(codes):
        if codes.index(code) != number:
            line = found.line(("sections", number, "code"))
            yield Fault(found.file, line, f"there are two sections {code}", "make one of them")


def _dangling(
    one: Coverage, library: Library, overlays: Mapping[str, tuple[LocalOverlay, ...]]
) -> Iterator[tuple[Path, str, str]]:
    for number, section in enumerate(one.sections):
        for place, carrier in enumerate(section.carried_by):
            at: Path = ("sections", number, "carried_by", place)
            entry = library.entries.get(carrier.definition)
            if entry is None:
                said = f"there is no definition of {carrier.definition}"
                yield (*at, "definition"), said, choose(carrier.definition, library.entries)
            elif carrier.partnership and _overlay(carrier, overlays) is None:
                said = f"{carrier.partnership} has no overlay of {carrier.definition}"
                yield (*at, "partnership"), said, "write it, or leave partnership out"
            else:
                yield from _parts(carrier, entry.definition, _overlay(carrier, overlays), at)


def _overlay(carrier: Carrier, overlays: Mapping[str, tuple[LocalOverlay, ...]]) -> LocalOverlay | None:
    of_partnership = overlays.get(carrier.partnership or "", ())
    return next((overlay for overlay in of_partnership if overlay.pathway == carrier.definition), None)


def _parts(
    carrier: Carrier, definition: Definition, overlay: LocalOverlay | None, at: Path
) -> Iterator[tuple[Path, str, str]]:
    for section, codes in {"stages": carrier.stages, **carrier.parts}.items():
        ids = _ids(definition, section) | {str(item.get("id")) for item in _added(overlay, section)}
        for code in codes:
            if code not in ids:
                inside: Path = (*at, "stages") if section == "stages" else (*at, "parts", section)
                called = SECTIONS.get(section, section)
                yield inside, f"{definition.id} has no {called} {code}", choose(code, ids)


def _ids(definition: Definition, section: str) -> set[str]:
    holder = definition.entry if section in {"criteria", "variants"} else definition
    return {item.id for item in getattr(holder, section)}


def _added(overlay: LocalOverlay | None, section: str) -> tuple[dict[str, object], ...]:
    return overlay.add.get(section, ()) if overlay else ()  # type: ignore[call-overload]
