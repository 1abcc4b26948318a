"""How a case comes to follow a pathway, and what starts its clocks."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from backend.clocks.limits import Confidence, Force
from backend.pathways.definitions.vocabulary import (
    Citation,
    ClockCode,
    Code,
    DecisionCode,
    EventCode,
    FormCode,
    Grammar,
    InformationCode,
    Line,
    MeetingCode,
    NotificationCode,
    PathwayCode,
    RoleCode,
    SignOffCode,
    StageCode,
    VariantCode,
    Words,
)  # fmt: skip


class Effect(StrEnum):
    """What it means that a criterion is met."""

    OPENS = "opens"
    """Any one of these opens the pathway."""
    REQUIRED = "required"
    """All of these have to be met besides."""
    CONSIDERED = "considered"
    """Somebody has to weigh it, and record why the pathway was or was not opened."""
    EXCLUDES = "excludes"
    """The pathway is not for this case."""


class Criterion(Grammar):
    """One test of whether the pathway is for a case."""

    id: Code
    text: Words
    effect: Effect = Effect.OPENS
    force: Force | None = None
    citation: Citation
    confidence: Confidence = Confidence.STATED
    clocks: tuple[ClockCode, ...] = ()
    """Counts, ages and look-backs that decide it."""
    starts_at: StageCode | None = None
    """Where a case that meets it begins, if not at the first stage."""
    opens: tuple[PathwayCode, ...] = ()
    """Pathways that are opened besides."""


class Recorder(Grammar):
    """What records an event: exactly one of these."""

    stage: StageCode | None = None
    variant: VariantCode | None = None
    """A case that begins in this variant begins with the event."""
    decision: DecisionCode | None = None
    meeting: MeetingCode | None = None
    form: FormCode | None = None
    notification: NotificationCode | None = None
    sign_off: SignOffCode | None = None
    by_hand: RoleCode | None = None
    child: Literal["expected", "born"] | None = None
    """The record of a child of the case: the day when the birth is expected, which may move, or when it was."""
    elsewhere: PathwayCode | None = None
    """The event is passed on from another pathway of the same case."""

    def model_post_init(self, _context: object, /) -> None:
        if len(self.model_fields_set) != 1:
            ways = ", ".join(type(self).model_fields)
            message = f"names what records the event; give exactly one of {ways}"
            raise ValueError(message)


class Event(Grammar):
    """A fact with an instant. Clocks start from events, and stop by them."""

    id: EventCode
    title: Line
    recorded_by: tuple[Recorder, ...] = ()
    """May stay empty where an option of a decision starts the event."""
    moment: InformationCode | None = None
    """The item of the form that says when it happened, so that clocks count from there and not from the writing."""
    ahead: bool = False
    """The item may name a moment that is still to come, such as the day until which an order is extended."""
    aliases: tuple[Line, ...] = ()
    """Other names that the sources give it."""
    citation: Citation | None = None
    note: Words | None = None


class Variant(Grammar):
    """A form of the case that begins elsewhere or adds questions, such as an unborn child."""

    id: Code
    title: Line
    text: Words
    starts_at: StageCode | None = None
    opens: tuple[PathwayCode, ...] = ()
    """Pathways that are opened besides."""
    citation: Citation


class Entry(Grammar):
    """The criteria, and what the pathway is called elsewhere."""

    trigger: Words
    criteria: tuple[Criterion, ...] = Field(min_length=1)
    variants: tuple[Variant, ...] = ()
