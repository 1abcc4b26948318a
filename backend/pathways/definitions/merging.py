"""Local values laid over national ones, with a note of what each replaced. Plain data in, plain data out."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final, get_args

from backend.clocks.rules import Rule
from backend.pathways.definitions.local_overlay import RESERVED, LocalOverlay, NotApplied
from backend.pathways.definitions.positions import Path

# Where a list lies in a definition, when it is not at the top.
_INSIDE: Final = {"criteria": ("entry", "criteria"), "variants": ("entry", "variants")}
# What people read, and so what local wording is used in.
_READ: Final = frozenset({
    "title", "text", "guidance", "summary", "trigger", "question", "action", "label", "when", "unless", "before",
    "only_if", "until", "decided_by", "withheld", "purpose", "entry", "skipped_if", "invited_if",
})  # fmt: skip
_KINDS: Final = {
    model.model_fields["kind"].default: model
    for tagged in get_args(get_args(Rule)[0])
    for model in get_args(tagged)[:1]
}


@dataclass(frozen=True, slots=True)
class Mark:
    """Why a value is not the national one. ``replaced`` is that one, if there was any."""

    replaced: Any = None
    citation: str | None = None
    ground: str | None = None
    authority: str | None = None


@dataclass(slots=True)
class Merged:
    """A definition's data with the local values in it, and the marks of those by the ids on their path."""

    data: dict[str, Any]
    marks: dict[Path, Mark] = field(default_factory=dict)
    unknown: list[tuple[str, str]] = field(default_factory=list)
    """Lists and ids that a change names and the definition has not."""
    added: dict[tuple[str, str], int] = field(default_factory=dict)
    """Items that the overlay adds, by list and id, with their number in the overlay."""


def merged(national: Mapping[str, Any], overlay: LocalOverlay) -> Merged:
    """The national data with the overlay's in it. What does not fit is left for the checks to find."""
    result = Merged(deepcopy(dict(national)))
    if overlay.title:
        result.marks[("title",)] = Mark(result.data.get("title"))
        result.data["title"] = overlay.title
    for section, items in overlay.change.items():
        for code, values in items.items():
            _change(result, section, code, values)
    for section, added in overlay.add.items():
        for number, item in enumerate(added):
            _add(result, section, dict(item), number)
    for clock, event in overlay.starts.items():
        _start_from(result, clock, event)
    for dropped in overlay.not_applied:
        _drop(result, dropped)
    for wording in overlay.wording:
        mark = Mark(wording.national, wording.citation)
        result.data = _worded(result, result.data, (), wording.national, wording.local, mark)
    return result


def place_of(section: str) -> tuple[str, ...]:
    """The path to the list that a section names."""
    return _INSIDE.get(section, (section,))


def section_of(data: Mapping[str, Any], section: str) -> list[Any]:
    """The list that a section names; an empty one where the definition has none."""
    value: Any = data
    for part in place_of(section):
        value = value.get(part, {} if part == "entry" else [])
    return value if isinstance(value, list) else []


def _change(result: Merged, section: str, code: str, values: Mapping[str, Any]) -> None:
    items = section_of(result.data, section)
    number = next((place for place, item in enumerate(items) if item.get("id") == code), None)
    if number is None:
        result.unknown.append((section, code))
        return
    why = {key: values[key] for key in RESERVED & values.keys()}
    mark = Mark(citation=values.get("citation"), **why)
    new = {key: value for key, value in values.items() if key not in RESERVED}
    item = items[number]
    if section == "clocks":
        item = _of_kind(item, new.get("kind", item.get("kind", "deadline")))
        new["origin"] = "local"
        if "authority" in why:
            new["authority"] = why["authority"]
    items[number] = _laid(result, item, new, (*place_of(section), code), mark)


def _of_kind(clock: dict[str, Any], kind: str) -> dict[str, Any]:
    """The clock without what its new kind has no place for; words that had no figure give way to the one it has."""
    known = _KINDS.get(kind)
    if known is None or kind == clock.get("kind", "deadline"):
        return clock
    gone = {"kind", "wording"} if clock.get("kind") == "qualitative" else {"kind"}
    return {key: value for key, value in clock.items() if key in known.model_fields and key not in gone}


def _laid(result: Merged, old: Any, new: Mapping[str, Any], path: Path, mark: Mark) -> dict[str, Any]:
    """The mapping ``old`` with ``new`` in it."""
    laid = dict(old)
    for key, value in new.items():
        name = key.removesuffix("+")
        at = (*path, name)
        before = laid.get(name)
        if key.endswith("+") and isinstance(value, list) and isinstance(before, list | None):
            laid[name] = [*(before or []), *value]
        elif isinstance(value, dict) and isinstance(before, dict) and _same_shape(before, value):
            laid[name] = _laid(result, before, value, at, mark)
            continue
        else:
            laid[name] = value
        if name != "origin" and laid[name] != before:
            result.marks[at] = Mark(before, mark.citation, mark.ground, mark.authority)
    return laid


def _same_shape(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """One limit is not merged into the shorter of two."""
    several = {"shorter_of", "longer_of"}
    return not (several & old.keys() or several & new.keys())


def _add(result: Merged, section: str, item: dict[str, Any], number: int) -> None:
    place: Any = result.data
    *around, last = place_of(section)
    for part in around:
        place = place.setdefault(part, {})
    if section == "clocks":
        item["origin"] = "local"
    place.setdefault(last, []).append(item)
    code = str(item.get("id"))
    result.added[section, code] = number
    result.marks[(*place_of(section), code)] = Mark(citation=item.get("citation"))


def _start_from(result: Merged, code: str, event: str) -> None:
    clock = next((one for one in section_of(result.data, "clocks") if one.get("id") == code), None)
    if clock is None or not isinstance(clock.get("start"), dict):
        result.unknown.append(("clocks", code))
        return
    before = clock["start"].get("event")
    if before != event:
        clock["origin"] = "local"
    result.marks["clocks", code, "start", "event"] = Mark(before)
    clock["start"] = {**clock["start"], "event": event}


def _drop(result: Merged, dropped: NotApplied) -> None:
    clocks = section_of(result.data, "clocks")
    found = next((clock for clock in clocks if clock.get("id") == dropped.clock), None)
    if found is None:
        result.unknown.append(("clocks", dropped.clock))
        return
    clocks.remove(found)
    result.data = _without(result.data, dropped.clock)
    mark = Mark(found, dropped.citation, dropped.ground, dropped.authority)
    result.marks["clocks", dropped.clock] = mark


def _without(value: Any, clock: str) -> Any:
    """Data in which no list of ``clocks`` names ``clock``."""
    if isinstance(value, dict):
        return {
            key: [item for item in inner if item != clock]
            if key == "clocks" and clock in inner
            else _without(inner, clock)
            for key, inner in value.items()
        }
    return [_without(item, clock) for item in value] if isinstance(value, list) else value


def _worded(result: Merged, value: Any, path: Path, national: str, local: str, mark: Mark) -> Any:
    if isinstance(value, dict):
        return {key: _worded(result, inner, (*path, key), national, local, mark) for key, inner in value.items()}
    if isinstance(value, list):
        return [
            _worded(
                result,
                item,
                (*path, item.get("id", number) if isinstance(item, dict) else number),
                national,
                local,
                mark,
            )
            for number, item in enumerate(value)
        ]
    if isinstance(value, str) and _is_read(path) and national in value:
        result.marks.setdefault(path, Mark(value, mark.citation))
        return value.replace(national, local)
    return value


def _is_read(path: Path) -> bool:
    """Whether people read what stands there, or it repeats the words of an item of an agenda, which they read."""
    return bool(path) and (path[-1] in _READ or path[-2:-1] == ("agenda",))
