"""What differs between two texts of a manual, provision by provision. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

from tenants.procedures.models import ProcedureProvision

_SAID: Final = ("number", "heading", "text", "kind", "force", "audience", "area", "cells")


class Change(StrEnum):
    """MOVED stands elsewhere in the same words; CHANGED stands where it was, or is led on to, in others."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Words:
    """A run of words that both texts have, or one of them."""

    text: str
    change: Change | None = None


@dataclass(frozen=True)
class Difference:
    """One provision that differs; ``before`` or ``after`` is None where only one text has it.

    ``words`` are both texts in one, with what was taken out and put in; ``fields`` what else differs.
    """

    change: Change
    before: ProcedureProvision | None
    after: ProcedureProvision | None
    fields: tuple[str, ...] = ()

    def words(self) -> list[Words]:
        return compared(self.before.text if self.before else "", self.after.text if self.after else "")


def differences(
    earlier: Sequence[ProcedureProvision], later: Sequence[ProcedureProvision], redirects: Mapping[str, str]
) -> list[Difference]:
    """Everything that differs, in the order of the later text; what it lacks comes where the earlier had it.

    ``redirects`` say where the later text has what the earlier had at an address.
    """
    now = {row.address: row for row in later}
    made: dict[str, Difference | None] = {}
    removed: list[tuple[int, Difference]] = []
    place = 0
    for row in earlier:
        after = now.get(redirects.get(row.address, row.address))
        if after is None or after.address in made:
            removed.append((place, Difference(Change.REMOVED, row, None)))
            continue
        place = max(place, after.position)
        made[after.address] = _between(row, after)
    found = [
        (row.position, made.get(row.address)) if row.address in made
        else (row.position, Difference(Change.ADDED, None, row))
        for row in later
    ]  # fmt: skip
    ordered = sorted([*((at, 1, one) for at, one in removed), *((at, 0, one) for at, one in found)], key=_place)
    return [one for _, _, one in ordered if one is not None]


def _place(item: tuple[int, int, Difference | None]) -> tuple[int, int]:
    return item[0], item[1]


def _between(before: ProcedureProvision, after: ProcedureProvision) -> Difference | None:
    fields = tuple(name for name in _SAID if getattr(before, name) != getattr(after, name))
    moved = before.address != after.address
    if not fields and not moved:
        return None
    same_words = not set(fields) - {"number"}
    return Difference(Change.MOVED if moved and same_words else Change.CHANGED, before, after, fields)


def compared(before: str, after: str) -> list[Words]:
    """Both texts in one, by words: what was taken out, then what was put in its place."""
    old, new = before.split(), after.split()
    found: list[Words] = []
    for kind, i, j, m, n in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Words(" ".join(old[i:j])))
            continue
        if i < j:
            found.append(Words(" ".join(old[i:j]), Change.REMOVED))
        if m < n:
            found.append(Words(" ".join(new[m:n]), Change.ADDED))
    return found


def digest(rows: Iterable[ProcedureProvision]) -> str:
    """SHA-256 of a text: of what every provision says, and where."""
    said = [[row.address, *(_plain(getattr(row, name)) for name in _SAID)] for row in rows]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _plain(value: object) -> object:
    return str(value) if isinstance(value, StrEnum) else value
