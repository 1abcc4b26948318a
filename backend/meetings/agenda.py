"""What is minuted of an agenda, and what is still missing. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from backend.kit.problems import FieldError
from backend.kit.texts import text_fault
from backend.meetings.models import ItemState, MeetingItem, MeetingOutcome

MOST_TEXT: Final = 10_000


@dataclass(frozen=True, slots=True)
class OutcomeTold:
    """What is to be minuted of an item."""

    item_id: UUID
    state: ItemState
    text: str | None = None


def standing(outcomes: Iterable[MeetingOutcome]) -> dict[UUID, MeetingOutcome]:
    """What holds of each item: the latest of it."""
    return {row.item_id: row for row in sorted(outcomes, key=lambda row: (row.recorded_at, row.id))}


def outcome_faults(told: Sequence[OutcomeTold], items: Collection[MeetingItem], field: str) -> list[FieldError]:
    """What is wrong with outcomes; the items are known to be there.

    Something that has to be minuted cannot be left unreached, and nothing found has to be typed in.
    """
    by_id = {item.id: item for item in items}
    faults = []
    for number, one in enumerate(told):
        at = f"{field}.{number}"
        item = by_id[one.item_id]
        if one.state is ItemState.OPEN:
            faults.append(FieldError(f"{at}.state", "must be DISCUSSED, NOTHING_FOUND or NOT_REACHED"))
        elif one.state is ItemState.NOT_REACHED and item.never_empty:
            faults.append(FieldError(f"{at}.state", "is never left out; if there is nothing, say NOTHING_FOUND"))
        elif one.text is not None and (fault := text_fault(f"{at}.text", one.text, MOST_TEXT)):
            faults.append(fault)
        elif one.text is None and one.state is ItemState.NOTHING_FOUND:
            faults.append(FieldError(f"{at}.text", "say what was looked for, and that it was not found"))
        elif one.text is None and one.state is ItemState.DISCUSSED:
            faults.append(FieldError(f"{at}.text", "say what was said"))
    if len({one.item_id for one in told}) < len(told):
        faults.append(FieldError(field, "names an item twice"))
    return faults


def unanswered(items: Iterable[MeetingItem], outcomes: Mapping[UUID, MeetingOutcome]) -> list[MeetingItem]:
    """Items that are never left empty and of which nothing is minuted."""
    return [
        item
        for item in items
        if item.never_empty and (item.id not in outcomes or outcomes[item.id].state is ItemState.NOT_REACHED)
    ]
