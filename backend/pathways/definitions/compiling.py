"""The definition that is in force in a partnership, and where each of its values comes from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

from pydantic import ValidationError

from backend.clocks.limits import Confidence, Force
from backend.clocks.rules import Deadline, Expiry, FixedDate, MinimumTerm, Qualitative, Rule
from backend.pathways.definitions.checks import Known, findings
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.faults import Fault, Faulty, choose
from backend.pathways.definitions.library import Entry, Library
from backend.pathways.definitions.local_overlay import LocalOverlay
from backend.pathways.definitions.loosening import Loosened, loosened
from backend.pathways.definitions.merging import Mark, Merged, merged, section_of
from backend.pathways.definitions.positions import Document, Path
from backend.pathways.definitions.reading import grammar_faults

Origin = Literal["baseline", "local", "inferred"]
_READINGS: Final = frozenset({"start", "limit", "latest", "earliest", "test"})


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a value comes from, and the national value that it replaced, if it did."""

    origin: Origin
    edition: str
    citation: str | None = None
    replaced: Any = None
    ground: str | None = None
    authority: str | None = None


@dataclass(frozen=True, slots=True)
class Unset:
    """A choice that only the partnership can make. The pathway cannot be published until it does."""

    setting: str
    clock: str | None
    wording: str


@dataclass(frozen=True)
class Effective:
    """A compiled definition. Without an overlay it is the national one."""

    definition: Definition
    national: Entry
    overlay: LocalOverlay | None
    data: Mapping[str, Any]
    marks: Mapping[Path, Mark]

    @property
    def settings(self) -> Mapping[str, Any]:
        """The chosen values, by setting."""
        return self.overlay.settings if self.overlay else {}

    @cached_property
    def unset(self) -> tuple[Unset, ...]:
        """What blocks publication: words without a figure, starts that no source prints, required settings."""
        return tuple(_unset(self.definition, self.overlay))

    def values(self) -> Iterator[tuple[Path, Any, Provenance]]:
        """Every value by the ids on its path, with where it comes from; then what is no longer applied."""
        for path, value in _leaves(self.data, ()):
            yield path, value, self.provenance(path)
        present = {path[:2] for path, _ in _leaves(self.data, ())}
        for path, mark in self.marks.items():
            if path[:2] not in present and len(path) == 2:
                yield path, None, self._local(mark, ())

    def provenance(self, path: Path) -> Provenance:
        """Where the value at ``path`` comes from."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.marks:
                return self._local(self.marks[path[:end]], path[end:])
        item = _item(self.data, path)
        origin: Origin = "inferred" if _is_inferred(item, path) else "baseline"
        return Provenance(origin, self.national.definition.edition, item.get("citation") if item else None)

    def _local(self, mark: Mark, inside: Path) -> Provenance:
        edition = self.overlay.edition if self.overlay else self.national.definition.edition
        replaced = mark.replaced
        for part in inside:
            replaced = replaced.get(part) if isinstance(replaced, dict) else None
        return Provenance("local", edition, mark.citation, replaced, mark.ground, mark.authority)


def national(entry: Entry) -> Effective:
    """The definition as it stands in the baseline."""
    return Effective(entry.definition, entry, None, entry.document.data, {})


def compiled(entry: Entry, overlay: LocalOverlay, found: Document, library: Library) -> Effective:
    """The definition in force under ``overlay``, which was read from ``found``.

    Raises ``Faulty`` for values that do not fit the grammar, for codes that name nothing, and for whatever asks for
    less than the national definition without the ground or the authority that it takes.
    """
    result = merged(entry.document.data, overlay)
    faults = [
        Fault(
            found.file,
            found.line(("change", section, code)),
            f"there is no {code} in {section}",
            _chosen(entry, section, code),
        )
        for section, code in result.unknown
    ]
    if overlay.pathway != entry.definition.id:
        faults.append(
            Fault(
                found.file, found.line(("pathway",)), f"this is no overlay of {entry.definition.id}", "correct pathway"
            )
        )
    if faults:
        raise Faulty(faults)
    places = _Places(result, overlay, entry.document, found)
    try:
        definition = Definition.model_validate(result.data)
    except ValidationError as error:
        synthetic = Document(found.file, result.data, {})
        raise Faulty(places.moved(grammar_faults(error, Definition, synthetic), error)) from error
    faults = [places.fault(path, said, remedy) for path, said, remedy in findings(definition, _known(overlay, library))]
    faults += _loosened_faults(entry.definition, definition, overlay, found)
    faults += _setting_faults(definition, overlay, found)
    if faults:
        raise Faulty(faults)
    return Effective(definition, entry, overlay, result.data, result.marks)


def _known(overlay: LocalOverlay, library: Library) -> Known:
    known = library.known
    roles = known.roles | {role.code for role in overlay.roles}
    return Known(
        roles, known.agencies, known.pathways, {**known.sources, **{one.title: one for one in overlay.sources}}
    )


def _chosen(entry: Entry, section: str, code: str) -> str:
    return choose(code, {item["id"] for item in section_of(entry.document.data, section)})


def _loosened_faults(base: Definition, local: Definition, overlay: LocalOverlay, found: Document) -> Iterator[Fault]:
    for one in loosened(base, local):
        why = overlay.change.get(one.section, {}).get(one.code, {})  # type: ignore[call-overload]
        if one.refused:
            yield _loose(one, found, "take it out: of two prohibitions the stricter prevails")
        elif one.bound and not why.get("authority"):
            yield _loose(one, found, "name the authority for it in authority, such as: Board minute 12, 3 March 2026")
        elif not one.bound and not (why.get("authority") or why.get("ground")):
            yield _loose(one, found, "give the reason in ground")
    forces = {clock.id: clock.force for clock in base.clocks}
    for number, dropped in enumerate(overlay.not_applied):
        if forces[dropped.clock] is Force.MUST and not dropped.authority:
            line = found.line(("not_applied", number))
            said = f"the clock {dropped.clock} must be kept and is not applied"
            yield Fault(found.file, line, said, "name the authority for it in authority")


def _loose(one: Loosened, found: Document, remedy: str) -> Fault:
    line = found.line(("change", one.section, one.code))
    kind = "a must is loosened" if one.bound else "less is asked than nationally"
    return Fault(found.file, line, f"{kind} in {one.section} {one.code}: {one.what}", remedy)


def _setting_faults(definition: Definition, overlay: LocalOverlay, found: Document) -> Iterator[Fault]:
    declared = {setting.id: setting for setting in definition.settings}
    known = {setting for setting, _, _ in _by_clocks(definition)} | set(declared)
    unstated = {clock.id for clock in definition.clocks if getattr(getattr(clock, "start", None), "unstated", False)}
    for code in overlay.starts:
        if code not in unstated:
            line = found.line(("starts", code))
            yield Fault(
                found.file, line, f"the start of {code} is printed", "change the clock instead, with the ground"
            )
    for code, value in overlay.settings.items():
        line = found.line(("settings", code))
        if code not in known:
            yield Fault(found.file, line, f"there is no setting {code}", choose(code, known))
        elif code in declared and declared[code].choices and value not in declared[code].choices:
            yield Fault(found.file, line, f"{code} cannot be {value!r}", choose(value, declared[code].choices))


def _by_clocks(definition: Definition) -> Iterator[tuple[str, Rule, str]]:
    """Settings that clocks name: the code, the clock, and the words that have no figure."""
    for clock in definition.clocks:
        if isinstance(clock, Qualitative):
            yield clock.setting, clock, clock.wording
        elif isinstance(clock, FixedDate) and clock.setting:
            yield clock.setting, clock, str(clock.date)


def _unset(definition: Definition, overlay: LocalOverlay | None) -> Iterator[Unset]:
    settings = overlay.settings if overlay else {}
    starts = overlay.starts if overlay else {}
    for setting, clock, wording in _by_clocks(definition):
        if isinstance(clock, Qualitative) and setting not in settings:
            yield Unset(setting, clock.id, wording)
    for clock in definition.clocks:
        if isinstance(clock, Deadline | Expiry | MinimumTerm) and clock.start.unstated and clock.id not in starts:
            yield Unset(f"starts.{clock.id}", clock.id, f"no start is printed; the default is {clock.start.event}")
    for declared in definition.settings:
        if declared.required and declared.id not in settings:
            yield Unset(declared.id, None, declared.question)


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for number, item in enumerate(value):
            yield from _leaves(item, (*path, item.get("id", number) if isinstance(item, dict) else number))
    else:
        yield path, value


def _item(data: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """The item with an id that ``path`` leads into, or the whole."""
    if len(path) > 1:
        for item in section_of(data, str(path[0])):
            if isinstance(item, dict) and item.get("id") == path[1]:
                return item
    return {}


def _is_inferred(item: Mapping[str, Any], path: Path) -> bool:
    if path[-1] == "id" or not item:
        return False
    if item.get("confidence") == Confidence.INFERRED:
        return path[0] != "clocks" or bool(_READINGS & set(path))
    start = item.get("start")
    return isinstance(start, dict) and bool(start.get("unstated")) and "start" in path


class _Places:
    """Whose file and line a place of the compiled definition is."""

    def __init__(self, result: Merged, overlay: LocalOverlay, base: Document, found: Document) -> None:
        self._result, self._overlay, self._base, self._found = result, overlay, base, found

    def fault(self, path: Path, said: str, remedy: str) -> Fault:
        document, place = self._at(path)
        return Fault(document.file, document.line(place), said, remedy)

    def moved(self, faults: list[Fault], error: ValidationError) -> list[Fault]:
        """Faults of the merged data, at the lines of the overlay that brought them."""
        paths = [tuple(details["loc"]) for details in error.errors()]
        places = [self._at(path) for path in paths]
        lines = [(document, place) for document, place in places if document is self._found] or places
        document, place = lines[0]
        return [Fault(document.file, document.line(place), fault.message, fault.remedy) for fault in faults]

    def _at(self, path: Path) -> tuple[Document, Path]:
        """The document and the path in it, of a path in the compiled data."""
        section, inside = str(path[0]) if path else "", path[1:]
        if section == "entry" and len(path) > 2:
            section, inside = str(path[1]), path[2:]
        if not inside or not isinstance(inside[0], int):
            return self._base, path
        items = section_of(self._result.data, section)
        code = items[inside[0]].get("id") if inside[0] < len(items) else None
        if (section, str(code)) in self._result.added:
            return self._found, ("add", section, self._result.added[section, str(code)], *inside[1:])
        changes = self._overlay.change.get(section, {})  # type: ignore[call-overload]
        if code in changes and (len(inside) < 2 or {inside[1], f"{inside[1]}+"} & changes[code].keys()):
            return self._found, ("change", section, code, *inside[1:])
        original = [item.get("id") for item in section_of(self._base.data, section)]
        if code in original:
            around = path[: len(path) - len(inside)]
            return self._base, (*around, original.index(code), *inside[1:])
        return self._base, path
