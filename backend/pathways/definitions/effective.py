"""A compiled definition: what is in force, where each value comes from, and what is still to be chosen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

from backend.clocks.limits import Confidence
from backend.clocks.rules import Deadline, Expiry, FixedDate, MinimumTerm, Qualitative, Rule
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.library import Entry
from backend.pathways.definitions.local_overlay import LocalOverlay
from backend.pathways.definitions.merging import Mark, section_of
from backend.pathways.definitions.positions import Path

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
        clocks = {clock.id for clock in self.definition.clocks}
        for path, mark in self.marks.items():
            if path[0] == "clocks" and len(path) == 2 and path[1] not in clocks:
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


def chosen_by_clocks(definition: Definition) -> Iterator[tuple[str, Rule, str]]:
    """Settings that clocks name: the code, the clock, and the words that have no figure."""
    for clock in definition.clocks:
        if isinstance(clock, Qualitative):
            yield clock.setting, clock, clock.wording
        elif isinstance(clock, FixedDate) and clock.setting:
            yield clock.setting, clock, str(clock.date)


def _unset(definition: Definition, overlay: LocalOverlay | None) -> Iterator[Unset]:
    settings = overlay.settings if overlay else {}
    starts = overlay.starts if overlay else {}
    settled = overlay is not None and overlay.words_stand is not None
    for setting, clock, wording in chosen_by_clocks(definition):
        if isinstance(clock, Qualitative) and setting not in settings and not settled:
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
    """The item with an id that ``path`` leads into, or nothing."""
    parts = list(path[1:] if path[0] == "entry" and len(path) > 2 else path)
    section, inside = parts[0], parts[1:]
    for item in section_of(data, str(section)) if inside else ():
        if isinstance(item, dict) and item.get("id") == inside[0]:
            return item
    return {}


def _is_inferred(item: Mapping[str, Any], path: Path) -> bool:
    if path[-1] == "id" or not item:
        return False
    if item.get("confidence") == Confidence.INFERRED:
        return path[0] != "clocks" or bool(_READINGS & set(path))
    start = item.get("start")
    return isinstance(start, dict) and bool(start.get("unstated")) and "start" in path
