"""The table of every clock that a board can sign: one row a limit, words without a figure with none."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from backend.clocks.figures import limits_of
from backend.clocks.limits import Confidence, Limit, Span, Unit
from backend.clocks.rules import AgreedDate, Deadline, Gate, Qualitative, Rule
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.effective import Effective

_BY_TEXT: Final = {Unit.SAME_DAY: Unit.CALENDAR_DAYS}
_OWN_FIGURE: Final = "; the figure is the partnership's own"
_ADDED: Final = ", when extended: counted from the end of the first limit"


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One limit. ``value`` and ``unit`` are empty where the source has words alone and the partnership no figure.

    A figure that the partnership set for words is inferred and says in its citation whose it is: the place cited has
    the words alone.
    """

    pathway: str
    start_event: str
    value: str
    unit: str
    direction: str
    recurring: str
    action: str
    role: str
    force: str
    citation: str
    origin: str
    confidence: str


COLUMNS: Final = tuple(field.name for field in fields(ClockRow))


def rows(definitions: Iterable[Effective]) -> list[ClockRow]:
    """All rows, by pathway, and within one in the order of its file."""
    return [row for one in definitions for row, _ in _rows(one)]


def detailed_rows(definitions: Iterable[Effective]) -> Iterator[dict[str, Any]]:
    """The same with the clock's id, kind, wording and conditions, and what the partnership replaced."""
    for one in definitions:
        for row, clock in _rows(one):
            start = getattr(clock, "start", None)
            condition = clock.condition.model_dump(mode="json") if clock.condition else None
            replaced = {
                ".".join(str(part) for part in path[2:]): mark.replaced
                for path, mark in one.marks.items()
                if path[:2] == ("clocks", clock.id) and mark.replaced is not None
            }
            yield {
                **asdict(row), "clock": clock.id, "kind": clock.kind, "wording": clock.wording,
                "setting": getattr(clock, "setting", None), "soft": getattr(clock, "soft", None),
                "start_unstated": bool(start and start.unstated), "start_occurrence": str(start.of) if start else None,
                "other_starts": list(start.or_events) if start else [], "condition": condition, "duty": clock.duty,
                "per_cent": getattr(clock, "per_cent", None), "authority": clock.authority, "replaced": replaced,
                "edition": one.overlay.edition if one.overlay and clock.origin == "local" else one.definition.edition,
            }  # fmt: skip


def _rows(one: Effective) -> Iterator[tuple[ClockRow, Rule]]:
    for clock in one.definition.clocks:
        figures = limits_of(clock)
        if figures:
            for limit in figures:
                yield _row(one.definition, clock, limit), clock
        else:
            yield _without_figure(one, clock), clock


def _row(definition: Definition, clock: Rule, limit: Limit) -> ClockRow:
    unstated = limit.start is not None and limit.start.unstated
    inferred = unstated or limit.confidence is Confidence.INFERRED
    value, unit = _printed(limit)
    start = limit.start.event if limit.start else ""
    longer = getattr(clock, "extension", None)
    action = f"{clock.action}{_ADDED}" if longer and longer.granted == start else clock.action
    return ClockRow(
        definition.id, start, value, unit, limit.direction,
        _recurs(clock), action, clock.role, str(limit.force or clock.force),
        limit.citation or clock.citation, clock.origin, str(Confidence.INFERRED if inferred else Confidence.STATED),
    )  # fmt: skip


def _without_figure(one: Effective, clock: Rule) -> ClockRow:
    """A row of words. A figure that the partnership set for them is its own, and shown as such."""
    chosen = one.settings.get(clock.setting) if isinstance(clock, Qualitative) else None
    value, unit = _printed(chosen) if isinstance(chosen, Span) else ("", "")
    match clock:
        case Qualitative():
            start, direction = clock.start.event, "after"
        case Gate():
            start, direction = clock.before, "before"
        case AgreedDate():
            start, direction = clock.event, "after"
        case _:
            start, direction = "", "after"
    citation, origin, confidence = clock.citation, str(clock.origin), clock.confidence
    if value:
        citation, origin, confidence = f"{citation}{_OWN_FIGURE}", "local", Confidence.INFERRED
    return ClockRow(
        one.definition.id, start, value, unit, direction, _recurs(clock), clock.action, clock.role, str(clock.force),
        citation, origin, str(confidence),
    )  # fmt: skip


def _printed(span: Span) -> tuple[str, str]:
    """Minutes are printed as parts of an hour: the table has no smaller unit."""
    if span.unit is Unit.MINUTES:
        return f"{span.value / 60:g}", str(Unit.HOURS)
    return f"{span.value:g}", str(_BY_TEXT.get(span.unit, span.unit))


def _recurs(clock: Rule) -> str:
    regular = isinstance(clock, Qualitative) and clock.needs == "interval"
    return "yes" if regular or (isinstance(clock, Deadline) and clock.recurs is not None) else "no"
