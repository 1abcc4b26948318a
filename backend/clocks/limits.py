"""Parts that a clock's rule is made of: limits, starts, conditions, pauses, extensions. Pure data."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$", max_length=60)]
"""A name in lower case: of an event, a fact, a setting, a role."""
ClockId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=80)]
Line = Annotated[str, Field(min_length=1, max_length=300)]


class Unit(StrEnum):
    """How a limit counts. The values are stored with each clock and never change.

    Minutes are for a partnership's own settings ("at once" means 30 minutes); no source prints any, so no
    rule has a limit in them.
    """

    MINUTES = "minutes"
    HOURS = "hours"
    SAME_DAY = "same_day"
    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"

    __hash__ = str.__hash__  # every deadline looks its unit up; Enum's own hash is in Python


class Force(StrEnum):
    """The modal verb that governs the time. A statutory limit printed with no verb is a ``must``."""

    MUST = "must"
    SHOULD = "should"
    WILL = "will"
    MAY = "may"


class Confidence(StrEnum):
    """Whether value, unit and start are printed, or one of them is this product's reading of the text."""

    STATED = "stated"
    INFERRED = "inferred"


class Occurrence(StrEnum):
    """Which of several recorded starts counts; ``each`` runs one clock for every one of them."""

    FIRST = "first"
    LAST = "last"
    EACH = "each"


class Part(BaseModel):
    """What every part of a rule has: it never changes, and a misspelt field is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(Part):
    """So many of a unit, such as 28 calendar days. Same day carries the value 0.

    Whole numbers only, save half years (17.5 years is the seventeenth birthday and six months).
    """

    value: Annotated[int | float, Field(ge=0, le=100_000)]
    unit: Unit

    @model_validator(mode="after")
    def _value_fits_unit(self) -> Self:
        if self.unit is Unit.SAME_DAY and self.value:
            raise ValueError(f"a same-day limit has the value 0, not {self.value}")
        if not float(self.value).is_integer() and (self.unit is not Unit.YEARS or self.value % 0.5):
            raise ValueError(f"{self.value} {self.unit}: only years may be halved; write a whole number")
        return self

    def __str__(self) -> str:
        if self.unit is Unit.SAME_DAY:
            return "the same day"
        name = self.unit.replace("_", " ")
        return f"{self.value:g} {name.removesuffix('s') if self.value == 1 else name}"


class Lead(Span):
    """How far ahead of its due instant a clock warns."""

    @model_validator(mode="after")
    def _is_ahead(self) -> Self:
        if not self.value:
            raise ValueError("a warning comes ahead of the limit; give a lead of one or more")
        return self


class Start(Part):
    """The recorded event that a limit counts from; ``or_events`` are others that start it as well.

    ``of`` says which one counts where several are recorded: with ``last`` the first is kept beside it and
    repeated resets are warned of (a conference runs from the last strategy discussion, Working Together
    2005 ¶4.67). ``unstated`` marks a start that the source does not print: ``event`` is then the default
    named here, and the clock runs only once the partnership has chosen it or one of ``or_events``.
    """

    event: Code
    or_events: tuple[Code, ...] = ()
    of: Occurrence = Occurrence.FIRST
    unstated: bool = False

    @property
    def events(self) -> tuple[str, ...]:
        return (self.event, *self.or_events)


class Limit(Span):
    """A span after a start, or before it. ``start``, ``citation``, ``force`` and ``confidence`` differ from the
    clock's own only where they are given: leave of 30 months from the grant or to 17½ years from birth.
    """

    direction: Literal["after", "before"] = "after"
    start: Start | None = None
    citation: Line | None = None
    force: Force | None = None
    confidence: Confidence | None = None

    @model_validator(mode="after")
    def _in_a_printed_unit(self) -> Self:
        if self.unit is Unit.MINUTES:
            raise ValueError("no source prints minutes; a partnership sets them for a qualitative clock")
        return self


class OwnFallBack(Part):
    """Where no source prints what holds instead of a limit before its start: the partnership's figure after ``start``,
    under ``setting``. Until it is set the limit itself stands, passed or not.
    """

    start: Start
    setting: Code


class ShorterOf(Part):
    """Whichever limit ends first. It waits for no start: the earliest of those that run is shown."""

    shorter_of: Annotated[tuple[Limit, ...], Field(min_length=2)]


class LongerOf(Part):
    """Whichever limit ends last. It has no end until every one of its starts is recorded."""

    longer_of: Annotated[tuple[Limit, ...], Field(min_length=2)]


def _form(value: Any) -> str:
    if isinstance(value, ShorterOf | LongerOf | Limit):
        return type(value).__name__
    given = value if isinstance(value, dict) else {}
    return "ShorterOf" if "shorter_of" in given else "LongerOf" if "longer_of" in given else "Limit"


Limits = Annotated[
    Annotated[Limit, Tag("Limit")] | Annotated[ShorterOf, Tag("ShorterOf")] | Annotated[LongerOf, Tag("LongerOf")],
    Discriminator(_form),
]
"""One limit, or several of which one counts."""


def each_limit(limits: Limits) -> Iterator[Limit]:
    """The single limits in their printed order."""
    match limits:
        case ShorterOf():
            yield from limits.shorter_of
        case LongerOf():
            yield from limits.longer_of
        case _:
            yield limits


class OtherClock(Part):
    """In the other case the clock with this id runs."""

    clock: ClockId


class OtherSetting(Part):
    """In the other case the partnership has to write the limit, under this setting."""

    setting: Code


class Condition(Part):
    """The clock runs only while ``fact`` has the value ``equals``. Until the fact is recorded, nothing runs.

    ``wording`` is the source's ("if in the working week"). What holds otherwise is always said: another
    clock, a setting that the partnership must fill, or that the source has no limit then.
    """

    fact: Code
    equals: bool | int | str = True
    wording: Line | None = None
    otherwise: Literal["no_limit"] | OtherClock | OtherSetting


class Pause(Part):
    """A reason for which this clock, and no other that does not name it, stands still between two events."""

    reason: Code
    begins: Code
    ends: Code
    citation: Line


class Extension(Part):
    """One longer time, recorded by the event ``granted`` before the limit has run out; it is never given twice.

    ``limit`` is the most it may add, counted from the end of the first limit (an emergency protection order:
    up to seven days more, Working Together 2005 appendix 1 ¶16); None leaves it to whoever agrees, such as
    the inspectorate. The moment recorded for the event ``until``, where one is named, is the end that was
    agreed; beyond ``limit`` it counts as ``limit``.
    """

    granted: Code
    limit: Span | None = None
    until: Code | None = None
    agreed_by: Line | None = None

    @model_validator(mode="after")
    def _ends_somewhere(self) -> Self:
        if self.limit is None and self.until is None:
            raise ValueError("an extension needs the limit that it adds, or the event that records its agreed end")
        return self


class Recurrence(Part):
    """The clock starts again: from when it was last held, or from when that was due if ``counts_from`` says so.

    A partnership may choose the other way for itself.
    """

    counts_from: Literal["last_held", "due"] = "last_held"
