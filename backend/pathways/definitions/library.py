"""All definitions of a folder, with what they share: read, checked one by one and against each other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path as FilePath
from typing import Final

from backend.pathways.definitions.checks import Known, findings, never_spoken_of
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.faults import Fault, Faulty, choose
from backend.pathways.definitions.positions import Document, read
from backend.pathways.definitions.reading import parse
from backend.pathways.definitions.shared import Catalogue, Role, Roles, Row, Source, Sources

ROLES: Final = "roles.yaml"
SOURCES: Final = "sources.yaml"
CATALOGUE: Final = "catalogue.yaml"
# The folder beside the families' that says which definition carries each section of the texts.
COVERAGE: Final = "coverage"


@dataclass(frozen=True, slots=True)
class Entry:
    """A definition and the file it was read from."""

    definition: Definition
    document: Document
    family: str


@dataclass(frozen=True, slots=True)
class Library:
    """The national baseline: what is written of it, and what it may refer to."""

    roles: Mapping[str, Role]
    agencies: frozenset[str]
    sources: Mapping[str, Source]
    catalogue: Mapping[str, tuple[str, Row]]
    entries: Mapping[str, Entry]

    @property
    def known(self) -> Known:
        return Known(frozenset(self.roles), self.agencies, frozenset(self.catalogue), self.sources)

    def entry(self, pathway: str) -> Entry:
        """The definition by its id. Raises ``Faulty`` for one that is not written."""
        if pathway not in self.entries:
            known = ", ".join(sorted(self.entries))
            fault = f"there is no definition of {pathway}"
            raise Faulty([Fault("tenants/baseline", 1, fault, choose(pathway, self.entries) if known else "write one")])
        return self.entries[pathway]


@cache
def shipped() -> Library:
    """The baseline that comes with the product."""
    return load(resources.files("tenants.baseline"))


def load(folder: Traversable) -> Library:
    """The library in ``folder``. Raises ``Faulty`` with every fault of every file."""
    roles = parse(document(folder / ROLES), Roles)
    sources = {source.title: source for source in parse(document(folder / SOURCES), Sources).sources}
    catalogue = {row.id: (family, row) for family, row in parse(document(folder / CATALOGUE), Catalogue).rows()}
    empty = Library(
        {role.code: role for role in roles.roles}, frozenset(agency.code for agency in roles.agencies),
        sources, catalogue, {},
    )  # fmt: skip
    faults = list(_role_faults(roles, document(folder / ROLES)))
    entries: dict[str, Entry] = {}
    for family, file in _files(folder):
        try:
            entry = read_entry(file, family, empty)
        except Faulty as error:
            faults += error.faults
            continue
        faults += _clock_faults(entry, entries)
        entries[entry.definition.id] = entry
    faults += [fault for entry in entries.values() for fault in _shared_faults(entry, entries)]
    if faults:
        raise Faulty(faults)
    return Library(empty.roles, empty.agencies, empty.sources, empty.catalogue, entries)


def read_entry(file: Traversable, family: str, library: Library) -> Entry:
    """One file of the baseline, checked by itself and for its place. Raises ``Faulty`` with all its faults."""
    found = document(file)
    entry = checked(found, family, library)
    faults = list(_place_faults(entry.definition, found, family, library))
    if faults:
        raise Faulty(faults)
    return entry


def checked(found: Document, family: str, library: Library) -> Entry:
    """A definition wherever it lies, checked by itself. Raises ``Faulty`` with all its faults."""
    definition = parse(found, Definition)
    faults = [
        Fault(found.file, found.line(path), fault, remedy)
        for path, fault, remedy in [*findings(definition, library.known), *never_spoken_of(definition)]
    ]
    if faults:
        raise Faulty(faults)
    return Entry(definition, found, family)


def document(file: Traversable) -> Document:
    """The file's document, named as seen from the working directory. Raises ``Faulty`` where it cannot be read."""
    name = _shown(file)
    try:
        return read(file.read_text("utf-8"), name)
    except UnicodeDecodeError as error:
        raise Faulty([Fault(name, 1, "the file is not UTF-8 text", "save it as UTF-8")]) from error
    except OSError as error:
        raise Faulty(
            [Fault(name, 1, f"the file cannot be read: {error.strerror}", "check its name and rights")]
        ) from error


def _shown(file: Traversable) -> str:
    path = FilePath(str(file))
    return str(path.relative_to(FilePath.cwd())) if path.is_relative_to(FilePath.cwd()) else str(path)


def _files(folder: Traversable) -> Iterator[tuple[str, Traversable]]:
    families = sorted(
        (one for one in folder.iterdir() if one.is_dir() and one.name != COVERAGE), key=lambda one: one.name
    )
    for family in families:
        for file in sorted(family.iterdir(), key=lambda one: one.name):
            if file.name.endswith(".yaml"):
                yield family.name, file


def _role_faults(roles: Roles, found: Document) -> Iterator[Fault]:
    agencies = {agency.code for agency in roles.agencies}
    codes = [role.code for role in roles.roles]
    for number, role in enumerate(roles.roles):
        line = found.line(("roles", number, "code"))
        if codes.index(role.code) != number:
            yield Fault(found.file, line, f"there are two roles called {role.code}", "rename or remove one")
        if role.agency not in agencies:
            line = found.line(("roles", number, "agency"))
            yield Fault(found.file, line, f"there is no agency {role.agency}", choose(role.agency, agencies))


def _place_faults(definition: Definition, found: Document, family: str, library: Library) -> Iterator[Fault]:
    """A file lies in its family's folder under its own id, as the catalogue has it."""
    line = found.line(("id",))
    name = FilePath(found.file).name
    if name != f"{definition.id}.yaml":
        yield Fault(
            found.file, line, f"the file of {definition.id} is called {name}", f"rename it {definition.id}.yaml"
        )
    if definition.id not in library.catalogue:
        remedy = choose(definition.id, library.catalogue)
        yield Fault(found.file, line, f"the catalogue has no {definition.id}", remedy)
        return
    where, row = library.catalogue[definition.id]
    if where != family:
        yield Fault(found.file, line, f"{definition.id} lies in the family {family}", f"move it to {where}/")
    if row.kind is not definition.kind:
        line = found.line(("kind",))
        fault = f"the catalogue has {definition.id} as {row.kind}, not {definition.kind}"
        yield Fault(found.file, line, fault, "correct one of the two")
    for number, clock in enumerate(definition.clocks):
        if clock.origin != "baseline" or clock.authority:
            line = found.line(("clocks", number))
            yield Fault(
                found.file,
                line,
                f"the clock {clock.id} is marked as local",
                "leave origin and authority to local overlays",
            )


def _clock_faults(entry: Entry, others: Mapping[str, Entry]) -> Iterator[Fault]:
    owners = {clock.id: other for other in others.values() for clock in other.definition.clocks}
    for number, clock in enumerate(entry.definition.clocks):
        if clock.id in owners:
            line = entry.document.line(("clocks", number, "id"))
            fault = f"the clock {clock.id} stands in {owners[clock.id].document.file} too"
            yield Fault(entry.document.file, line, fault, "give one of them another id")


def _shared_faults(entry: Entry, entries: Mapping[str, Entry]) -> Iterator[Fault]:
    """Clocks that are said to run in another definition do."""
    for number, shared in enumerate(entry.definition.clocks_of):
        other = entries.get(shared.pathway)
        own = {clock.id for clock in other.definition.clocks} if other else set()
        for place, code in enumerate(shared.clocks):
            if code not in own:
                line = entry.document.line(("clocks_of", number, "clocks", place))
                yield Fault(entry.document.file, line, f"{shared.pathway} has no clock {code}", choose(code, own))
