"""What differs between two definitions, value by value: two editions, or the national and the local one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from backend.pathways.definitions.effective import Effective, Provenance
from backend.pathways.definitions.positions import Path


@dataclass(frozen=True, slots=True)
class Difference:
    """One value. ``before`` is None for what was added, ``after`` for what is gone; ``origin`` is that of ``after``."""

    path: Path
    change: Literal["added", "removed", "changed"]
    before: Any
    after: Any
    provenance: Provenance

    @property
    def place(self) -> str:
        """The path as it is printed: ``clocks.referral-acknowledged.force``."""
        return ".".join(str(part) for part in self.path)


def differences(before: Effective, after: Effective) -> list[Difference]:
    """Everything that differs, in the order of the newer definition; what is gone stands at the end.

    ``origin`` of a clock is left out: it says only that something else of the clock differs.
    """
    old, new = _values(before), _values(after)
    found = [
        Difference(path, "changed" if path in old else "added", old.get(path), value, after.provenance(path))
        for path, value in new.items()
        if path not in old or old[path] != value
    ]
    found += [
        Difference(path, "removed", value, None, after.provenance(path))
        for path, value in old.items()
        if path not in new
    ]
    return found


def readable(found: list[Difference]) -> Iterator[str]:
    """A line a value, with its source; an item that was added or taken away as a whole is one line."""
    whole: set[Path] = {one.path[:-1] for one in found if one.path[-1] == "id" and one.change != "changed"}
    for one in found:
        item = next((path for path in whole if one.path[: len(path)] == path), None)
        if item is not None:
            if one.path == (*item, "id"):
                sign = "+" if one.change == "added" else "-"
                yield f"{sign} {'.'.join(str(part) for part in item)}{_from(one.provenance)}"
            continue
        if one.path[-1] == "citation" and one.change == "changed":
            continue  # each line ends with its source
        yield f"{'~' if one.change == 'changed' else '+' if one.change == 'added' else '-'} {one.place}: {_change(one)}"


def as_json(found: list[Difference]) -> list[dict[str, Any]]:
    """The same for programs."""
    return [
        {
            "path": one.place, "change": one.change, "before": one.before, "after": one.after,
            "origin": one.provenance.origin, "edition": one.provenance.edition, "citation": one.provenance.citation,
            "ground": one.provenance.ground, "authority": one.provenance.authority,
        }
        for one in found
    ]  # fmt: skip


def _change(one: Difference) -> str:
    if one.change == "added":
        return f"{_shown(one.after)}{_from(one.provenance)}"
    if one.change == "removed":
        return f"{_shown(one.before)} is gone{_from(one.provenance)}"
    return f"{_shown(one.before)} -> {_shown(one.after)}{_from(one.provenance)}"


def _from(provenance: Provenance) -> str:
    said = [provenance.citation or (provenance.edition if provenance.origin == "local" else "")]
    said += [f"authority: {provenance.authority}"] if provenance.authority else []
    said += [f"ground: {provenance.ground}"] if provenance.ground else []
    words = "; ".join(part for part in said if part)
    return f"  [{words}]" if words else ""


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_shown(item) for item in value) + "]"
    return "nothing" if value is None else str(value)


def _values(one: Effective) -> Mapping[Path, Any]:
    return {path: value for path, value, _ in one.values() if path[-1] != "origin" and value is not None}
