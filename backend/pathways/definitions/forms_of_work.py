"""What is peculiar to registers, cycles, alerts and overlays, and what every kind of definition may say."""

from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from backend.clocks.limits import Confidence, Force
from backend.pathways.definitions.vocabulary import (
    Citation,
    ClockCode,
    Code,
    EventCode,
    Grammar,
    InformationCode,
    Line,
    MeetingCode,
    PathwayCode,
    RoleCode,
    SettingCode,
    StageCode,
    Words,
)  # fmt: skip


class Kind(StrEnum):
    """What a definition describes."""

    PATHWAY = "pathway"
    """A case with stages."""
    OVERLAY = "overlay"
    """Questions, rules, prohibitions and access limits that are laid over the pathways of a case."""
    REGISTER = "register"
    """A list whose entries expire or have to be notified."""
    DECISION_RECORD = "decision-record"
    """One decision with its reasons and approvals."""
    CYCLE = "cycle"
    """Work that comes again."""
    ALERT = "alert"
    """Who is woken, and in what order."""


class Register(Grammar):
    """What one entry stands for, and what tells two entries apart."""

    entry: Line
    key: tuple[InformationCode, ...] = Field(min_length=1)
    information: tuple[InformationCode, ...] = Field(min_length=1)
    kept_by: RoleCode
    clocks: tuple[ClockCode, ...] = ()
    on_cases: bool = False
    """Each entry is a run on the case of whom it is about, with its stages, duties and clocks. A case may have several
    at once: one for each child, one for each time."""
    elsewhere: Words | None = None
    """Where its entries are kept, if not on cases."""


class Cycle(Grammar):
    """The clock by which the work comes again, and who answers for it."""

    clock: ClockCode
    role: RoleCode
    subject: Line


class Round(Grammar):
    """What begins the next round of work that is done again: a stage is entered again, or a meeting has been held.

    What was recorded in a round shows nothing in the next. A stage that is entered again has its duties owed again,
    and so has the stage of the meeting that ends a round.
    """

    stage: StageCode | None = None
    meeting: MeetingCode | None = None

    @model_validator(mode="after")
    def _begins_by_one(self) -> Self:
        if (self.stage is None) == (self.meeting is None):
            message = "names what begins the next round; give a stage or a meeting, and not both"
            raise ValueError(message)
        return self


class Ending(Grammar):
    """Events with which the work ends, wherever it stands: nothing more is owed in it, and it is closed by itself."""

    events: tuple[EventCode, ...] = Field(min_length=1)
    outlasted_by: tuple[ClockCode, ...] = ()
    """Clocks that are kept all the same, such as that of the last record; it is closed once they are met."""


class Slot(Grammar):
    """A role that has to answer an alert."""

    role: RoleCode
    required: bool = True


class Alert(Grammar):
    """The alert policy. How soon a page has to be answered is the partnership's to set: no source says."""

    policy: Code
    slots: tuple[Slot, ...] = Field(min_length=1)
    acknowledge_within: SettingCode
    on_cases: bool = False
    """What follows the call is a run on the case that it is about, as with the entries of a register."""
    elsewhere: Words | None = None
    """What calls, and where what follows is done, if not in a run of this on a case."""


class SharedClocks(Grammar):
    """Clocks of another definition that duties here are bound to. They run there, once, for the same case."""

    pathway: PathwayCode
    clocks: tuple[Code, ...] = Field(min_length=1)


class AttachPoint(Grammar):
    """What an overlay may be laid over: named pathways, or any."""

    pathways: tuple[PathwayCode, ...] = ()
    any: bool = False
    when: Words
    by: RoleCode | None = None
    """Who attaches it; without one, whoever may act in the stage."""

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if self.any == bool(self.pathways):
            message = "names what it is laid over; give pathways, or any: true, and not both"
            raise ValueError(message)
        return self


class Routing(Grammar):
    """Which area or body acts, and by what test."""

    id: Code
    question: Words
    decided_by: Words
    force: Force | None = None
    citation: Citation
    confidence: Confidence = Confidence.STATED


class Precedence(Grammar):
    """Which of two pathways goes before the other when both are open."""

    id: Code
    first: Line
    before: Line
    pathways: tuple[PathwayCode, ...] = ()
    """Those of the two that are pathways."""
    text: Words
    citation: Citation


class Caution(Grammar):
    """A place where the sources mislead, clash or are silent, and how it is read here."""

    id: Code
    text: Words
    citation: Citation | None = None


class Setting(Grammar):
    """Something that the partnership chooses. ``default`` is a product's reading, never law."""

    id: SettingCode
    question: Words
    kind: Literal["span", "choice", "text", "yes_no", "number", "role", "time"] = "text"
    choices: tuple[Code, ...] = ()
    default: Any = None
    required: bool = False
    """The pathway cannot be published until it is set."""
    citation: Citation | None = None

    @model_validator(mode="after")
    def _default_is_a_choice(self) -> Self:
        if (self.kind == "choice") != bool(self.choices):
            message = "has choices if and only if its kind is choice; add or remove them"
            raise ValueError(message)
        if self.choices and self.default is not None and self.default not in self.choices:
            known = ", ".join(self.choices)
            message = f"has the default {self.default!r}, which is not one of its choices; choose from {known}"
            raise ValueError(message)
        return self


class Principle(Grammar):
    """Something that holds throughout the work and is no single step."""

    id: Code
    text: Words
    force: Force | None = None
    citation: Citation
