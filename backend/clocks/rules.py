"""The grammar of clocks: everything that the sources say about time, as data. Pure.

One model a kind, told apart by ``kind``; a rule without one is a deadline. ``parse_rule`` reads any of them
from plain data, ``backend.clocks.figures`` gives the figures in it, ``backend.clocks.kernel`` works out its dates.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, TypeAdapter, model_validator

from backend.clocks.common import ClockRule, WordedRule
from backend.clocks.criteria import Test
from backend.clocks.dates import PrintedDate
from backend.clocks.limits import (
    Code,
    Extension,
    Lead,
    Limit,
    Limits,
    Line,
    OwnFallBack,
    Pause,
    Recurrence,
    Span,
    Start,
    each_limit,
)


class Deadline(WordedRule):
    """Do it by then: 15 working days, the same day, four weeks before a birth, every six months.

    ``met_by`` is the event that meets it; ``recurs`` needs it, for the next one counts from there. A limit
    before its start needs a ``fall_back``, a limit with a start of its own that holds where the anchor is
    already too near when it becomes known (the day on which the move is known); where no source prints one, the
    partnership's own. ``soft`` holds the words
    that soften it ("wherever possible"): a miss then needs a reason. ``warn_before`` are leads at which the
    owner is reminded; ``tell_on_breach`` is a role told besides the owner.
    """

    kind: Literal["deadline"] = "deadline"
    start: Start
    limit: Limits
    met_by: Code | None = None
    recurs: Recurrence | None = None
    fall_back: Limit | OwnFallBack | None = None
    soft: Line | None = None
    pauses: tuple[Pause, ...] = ()
    extension: Extension | None = None
    warn_before: tuple[Lead, ...] = ()
    tell_on_breach: Code | None = None

    @model_validator(mode="after")
    def _backward_with_fall_back(self) -> Self:
        backward = [limit for limit in each_limit(self.limit) if limit.direction == "before"]
        if bool(backward) != (self.fall_back is not None):
            raise ValueError(
                "a limit before its start needs a fall_back, and no other limit has one; add it, or take it out"
            )
        printed = self.fall_back if isinstance(self.fall_back, Limit) else None
        if printed and (printed.start is None or printed.direction == "before"):
            raise ValueError("a fall_back needs a start of its own, and runs after it; give it start, and no direction")
        if backward and (not isinstance(self.limit, Limit) or self.pauses or self.extension or self.recurs):
            raise ValueError("a limit before its start stands alone; take out pauses, extension and recurs")
        return self

    @model_validator(mode="after")
    def _recurs_from_an_event(self) -> Self:
        if self.recurs and self.met_by is None:
            raise ValueError("a recurring clock has to be met; add met_by, the event from which the next one counts")
        if self.recurs and (not isinstance(self.limit, Limit) or self.extension):
            raise ValueError("a recurring clock has one interval; write a single limit, and no extension")
        return self


class Gate(WordedRule):
    """Do it before ``before`` may happen: before a discharge, a visit, a closure. It has no date of its own.

    It holds that transition back until ``met_by`` is recorded: ``block`` and ``warn`` refuse it, and unless it is
    blocked by what must be done, somebody may go on with a reason, as a departure. ``remind`` holds nothing back: it
    is for what nobody here can, such as a referral that has arrived. ``exempt_if`` is a fact which, once true, opens
    the gate.
    """

    kind: Literal["gate"] = "gate"
    before: Code
    met_by: Code
    effect: Literal["block", "warn", "remind"] = "block"
    exempt_if: Code | None = None


class Expiry(WordedRule):
    """It lapses by law: a lawful maximum with alarms ahead, never a task that may slip.

    At the end of its last day, or at the beginning where ``lapses`` says so (a plan ends as the child turns
    18). ``ended_by`` is the event that ends it sooner.
    """

    kind: Literal["expiry"] = "expiry"
    start: Start
    limit: Limits
    lapses: Literal["end_of_day", "beginning_of_day"] = "end_of_day"
    extension: Extension | None = None
    ended_by: Code | None = None
    warn_before: tuple[Lead, ...] = ()


class MinimumTerm(WordedRule):
    """Not before then: an order lasts at least five years, a file is kept until retirement or ten years."""

    kind: Literal["minimum_term"] = "minimum_term"
    start: Start
    limit: Limits


class Criterion(WordedRule):
    """Whether something is so: it opens ``opens``, or changes what follows, and is never a deadline."""

    kind: Literal["criterion"] = "criterion"
    test: Test
    opens: Code | None = None


class LookBack(WordedRule):
    """Whether ``looks_for`` happened within a span before an event: a plan that ended in the last six months."""

    kind: Literal["look_back"] = "look_back"
    start: Start
    limit: Span
    looks_for: Code


class Range(WordedRule):
    """A planning reminder between two dates, or at one provisional date; passing it is no breach."""

    kind: Literal["range"] = "range"
    start: Start
    earliest: Span | None = None
    latest: Span
    met_by: Code | None = None


class RiskWindow(WordedRule):
    """A raised watch for so long after an event: 72 hours after arrival in care. No task becomes overdue."""

    kind: Literal["risk_window"] = "risk_window"
    start: Start
    limit: Span


class Target(WordedRule):
    """A share of all cases within a time, in per cent: reported over a portfolio, never a breach of one case."""

    kind: Literal["target"] = "target"
    start: Start
    limit: Span
    met_by: Code
    per_cent: Annotated[int, Field(ge=1, le=100)]


class Qualitative(ClockRule):
    """Words without a figure: at once, promptly, regularly. The partnership writes the figure under ``setting``.

    No figure is ever shipped. With ``needs: interval`` ("regular", "continuous") it starts again whenever
    ``met_by`` is recorded.
    """

    kind: Literal["qualitative"] = "qualitative"
    wording: Line
    setting: Code
    start: Start
    needs: Literal["limit", "interval"] = "limit"
    met_by: Code | None = None
    warn_before: tuple[Lead, ...] = ()

    @model_validator(mode="after")
    def _interval_from_an_event(self) -> Self:
        if self.needs == "interval" and self.met_by is None:
            raise ValueError("an interval has to be met; add met_by, the event from which the next one counts")
        return self


class AgreedDate(WordedRule):
    """A date that a meeting, a plan or a court sets in the case: the moment recorded for ``event``.

    Where ``before`` is given, that transition waits until the date is set (monitoring needs a review date,
    Working Together 2005 ¶4.60).
    """

    kind: Literal["agreed_date"] = "agreed_date"
    event: Code
    before: Code | None = None
    met_by: Code | None = None
    warn_before: tuple[Lead, ...] = ()


class FixedDate(WordedRule):
    """Something takes effect on a date of the calendar, which a source may print as loosely as a season.

    A partnership's ``setting``, where named, stands in its place.
    """

    kind: Literal["fixed_date"] = "fixed_date"
    date: PrintedDate
    setting: Code | None = None


def _kind(value: Any) -> Any:
    return value.get("kind", "deadline") if isinstance(value, dict) else getattr(value, "kind", None)


Rule = Annotated[
    Annotated[Deadline, Tag("deadline")]
    | Annotated[Gate, Tag("gate")]
    | Annotated[Expiry, Tag("expiry")]
    | Annotated[MinimumTerm, Tag("minimum_term")]
    | Annotated[Criterion, Tag("criterion")]
    | Annotated[LookBack, Tag("look_back")]
    | Annotated[Range, Tag("range")]
    | Annotated[RiskWindow, Tag("risk_window")]
    | Annotated[Target, Tag("target")]
    | Annotated[Qualitative, Tag("qualitative")]
    | Annotated[AgreedDate, Tag("agreed_date")]
    | Annotated[FixedDate, Tag("fixed_date")],
    Discriminator(_kind),
]
"""Any clock. As a field of a model it is read by its ``kind``; without one it is a deadline."""

RULE: TypeAdapter[Rule] = TypeAdapter(Rule)


def parse_rule(data: Any) -> Rule:
    """One rule from plain data. Raises ``pydantic.ValidationError`` naming each field and what it needs."""
    return RULE.validate_python(data)


def stored_rule(data: dict[str, Any]) -> Rule:
    """As ``parse_rule``, for a rule as a row keeps it. Clocks of one definition share it; it never changes."""
    return _stored(json.dumps(data, sort_keys=True))


@lru_cache(maxsize=2048)
def _stored(text: str) -> Rule:
    return RULE.validate_json(text)
