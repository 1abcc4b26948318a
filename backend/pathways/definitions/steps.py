"""What is done in a case: stages, obligations, decisions, gates, sign-offs, prohibitions, escalation."""

from collections.abc import Collection
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from backend.clocks.limits import Confidence, Force
from backend.pathways.definitions.vocabulary import (
    Citation,
    ClockCode,
    Code,
    DecisionCode,
    EventCode,
    FormCode,
    GateCode,
    Grammar,
    InformationCode,
    Line,
    MeetingCode,
    NotificationCode,
    ObligationCode,
    PathwayCode,
    RoleCode,
    SettingCode,
    SignOffCode,
    StageCode,
    Words,
)  # fmt: skip


class GoesUp(Grammar):
    """Where a case goes by itself when a clock of its stage has passed: up the line."""

    after: ClockCode
    to: StageCode


class Stage(Grammar):
    """A part of the pathway that a case is in. The first one listed is where a case begins."""

    id: StageCode
    title: Line
    guidance: Words | None = None
    lead: RoleCode
    """Who answers for the stage."""
    actors: tuple[RoleCode, ...] = ()
    """Who else may act in it."""
    requires: tuple[GateCode, ...] = ()
    """Gates that have to be open before a case may enter."""
    leads_to: tuple[StageCode, ...] = ()
    """Where the case goes without a decision."""
    goes_up: GoesUp | None = None
    """Where the case goes by itself when its time here has passed."""
    throughout: bool = False
    """Runs beside the other stages for as long as the case is open."""
    ends: bool = False
    """A case may stay here for good."""
    citation: Citation | None = None


class Obligation(Grammar):
    """A duty, how strong it is, and what shows that it was done."""

    id: ObligationCode
    stage: StageCode
    text: Words
    roles: tuple[RoleCode, ...] = Field(min_length=1)
    """Whose duty it is: any of them, unless ``each``."""
    each: bool = False
    """Every one of the roles has to do it."""
    when: Words | None = None
    """The circumstances in which it is owed. Without them it is always owed."""
    unless: Words | None = None
    force: Force
    citation: Citation
    confidence: Confidence = Confidence.STATED
    clocks: tuple[ClockCode, ...] = ()
    forms: tuple[FormCode, ...] = ()
    information: tuple[InformationCode, ...] = ()
    notifications: tuple[NotificationCode, ...] = ()
    meetings: tuple[MeetingCode, ...] = ()
    sign_offs: tuple[SignOffCode, ...] = ()


class Option(Grammar):
    """One answer to a decision, and what follows from it."""

    id: Code
    text: Line
    when: Words | None = None
    goes_to: StageCode | None = None
    opens: tuple[PathwayCode, ...] = ()
    closes: bool = False
    stays: bool = False
    """The case goes on in the same stage."""
    asked_again: bool = False
    """It leaves the question open: a refusal, after which it may be asked anew in the same stage."""
    starts: tuple[EventCode, ...] = ()
    requires: tuple[GateCode, ...] = ()
    forms: tuple[FormCode, ...] = ()
    notifications: tuple[NotificationCode, ...] = ()
    authority: RoleCode | None = None
    """Who has to agree, where it is not the decider."""
    reopens: bool = False
    """In the settling of a disagreement: the decision it is with is taken anew."""
    citation: Citation | None = None


class Decision(Grammar):
    """A question that somebody answers, with reasons each time."""

    id: DecisionCode
    stage: StageCode
    question: Words
    deciders: tuple[RoleCode, ...] = Field(min_length=1)
    consulted: tuple[RoleCode, ...] = ()
    reason: Literal["always"] = "always"
    several: bool = False
    """More than one option may be chosen, such as a police notification beside the next step."""
    repeats: bool = False
    """May be taken at any time while the case is in the stage, and taken again."""
    authority: RoleCode | None = None
    """Who has to approve whatever is decided."""
    suspended_by_disagreement: bool = False
    """It is not acted on while somebody disagrees with it. Otherwise it stays in force until that is settled."""
    force: Force | None = None
    citation: Citation
    confidence: Confidence = Confidence.STATED
    information: tuple[InformationCode, ...] = ()
    clocks: tuple[ClockCode, ...] = ()
    sign_offs: tuple[SignOffCode, ...] = ()
    options: tuple[Option, ...] = Field(min_length=2)

    def is_left_open_by(self, answers: Collection[str]) -> bool:
        """Whether it may be answered again in the same stage, after these answers.

        It may where each of them says so, or leaves the case where it is while another would lead it on.
        """
        given = [one for one in self.options if one.id in answers]
        leads_on = [one for one in self.options if one.goes_to or one.closes]
        return all(one.asked_again for one in given) or (bool(leads_on) and not any(one in leads_on for one in given))


class Gate(Grammar):
    """What has to be done before the case may go on. ``block`` refuses, ``warn`` asks for a reason."""

    id: GateCode
    text: Words
    effect: Literal["block", "warn"] = "block"
    before: Words
    """What the case may not do until then."""
    obligations: tuple[ObligationCode, ...] = ()
    forms: tuple[FormCode, ...] = ()
    information: tuple[InformationCode, ...] = ()
    notifications: tuple[NotificationCode, ...] = ()
    meetings: tuple[MeetingCode, ...] = ()
    sign_offs: tuple[SignOffCode, ...] = ()
    decisions: tuple[DecisionCode, ...] = ()
    holds_case: bool = False
    """The case itself is not closed while it is shut, also after the run has ended."""
    unless: Words | None = None
    authority: RoleCode | None = None
    """Who may open it without what it asks for, with reasons."""
    force: Force
    citation: Citation
    confidence: Confidence = Confidence.STATED

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        asked = (
            self.obligations,
            self.forms,
            self.information,
            self.notifications,
            self.meetings,
            self.sign_offs,
            self.decisions,
        )
        if not any(asked):
            message = "asks for nothing; name obligations, forms, information, sign_offs or the like"
            raise ValueError(message)
        return self


class Answer(Grammar):
    """An option of a decision, as it was chosen in a case."""

    decision: DecisionCode
    option: Code


class SignOff(Grammar):
    """An approval by name. Nobody approves what they did themselves, unless ``own_work`` says so."""

    id: SignOffCode
    text: Words
    roles: tuple[RoleCode, ...] = Field(min_length=1)
    each: bool = False
    own_work: bool = False
    asked_if: tuple[Answer, ...] = ()
    """It is asked for only where one of these answers was given; without any, always."""
    forms: tuple[FormCode, ...] = ()
    force: Force
    citation: Citation
    confidence: Confidence = Confidence.STATED


class Permission(StrEnum):
    """Whether an act is allowed, from the strictest."""

    FORBIDDEN = "forbidden"
    RESTRICTED = "restricted"
    """Only in the circumstances, or with the authority, that are named."""
    ALLOWED = "allowed"


class Prohibition(Grammar):
    """What may not be done, by a name that all pathways share, such as ``mediation``.

    Where two pathways or overlays of one case speak of the same act, the strictest prevails.
    """

    id: Code
    permission: Permission
    text: Words
    roles: tuple[RoleCode, ...] = ()
    """Whom it binds; without any, everybody."""
    only_if: Words | None = None
    authority: RoleCode | None = None
    force: Force
    citation: Citation
    confidence: Confidence = Confidence.STATED

    @model_validator(mode="after")
    def _a_restriction_says_when(self) -> Self:
        if self.permission is Permission.RESTRICTED and not (self.only_if or self.authority):
            message = "is restricted, so it has to say when it is allowed; add only_if or authority"
            raise ValueError(message)
        return self


class Rung(Grammar):
    """Whom to turn to next, and after how long."""

    to: RoleCode
    after: SettingCode | None = None
    """The setting that holds how long to wait. Without it, at once."""
    text: Line | None = None


class Escalation(Grammar):
    """What is done when a duty is not done or people disagree."""

    id: Code
    when: Words
    ladder: tuple[Rung, ...] = ()
    opens: tuple[PathwayCode, ...] = ()
    force: Force | None = None
    citation: Citation
    confidence: Confidence = Confidence.STATED

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if not self.ladder and not self.opens:
            message = "leads nowhere; add a ladder of roles or the pathways it opens"
            raise ValueError(message)
        return self
