"""What is written down and who is told: information, forms, notifications, meetings, access."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Literal, Self

from pydantic import Field, model_validator

from backend.clocks.limits import Confidence, Force
from backend.pathways.definitions.minuting import OF_PEOPLE, FromMeeting, MeetingFact
from backend.pathways.definitions.vocabulary import (
    AgencyCode,
    Citation,
    ClockCode,
    Code,
    EventCode,
    FormCode,
    GateCode,
    Grammar,
    InformationCode,
    Line,
    MaskCode,
    MeetingCode,
    NotificationCode,
    RoleCode,
    StageCode,
    Words,
)  # fmt: skip


class Kind(StrEnum):
    """The shape of a value."""

    TEXT = "text"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"
    DATE = "date"
    INSTANT = "instant"
    NUMBER = "number"
    PERSON = "person"
    PEOPLE = "people"
    AREA = "area"
    AGENCY = "agency"
    FILE = "file"


_TEXT: Final = frozenset({Kind.TEXT})
# What of a meeting has which shape; items of its agenda are minuted as text.
_FILLS: Final[Mapping[MeetingFact, frozenset[Kind]]] = {
    **dict.fromkeys(OF_PEOPLE, frozenset({Kind.PEOPLE, Kind.TEXT})),
    MeetingFact.HELD: frozenset({Kind.INSTANT}),
    MeetingFact.CALLED_BY: frozenset({Kind.PERSON, Kind.TEXT}),
    MeetingFact.DECISIONS: frozenset({Kind.CHOICE, Kind.CHOICES, Kind.TEXT}),
    MeetingFact.DECISIONS_WITH_REASONS: _TEXT,
    MeetingFact.ACTIONS: _TEXT,
}


class Information(Grammar):
    """One thing that is asked for."""

    id: InformationCode
    label: Line
    kind: Kind = Kind.TEXT
    choices: tuple[Line, ...] = ()
    force: Force | None = None
    """How strongly it is asked for; without it, where it is known."""
    never_empty: bool = False
    """Nothing found has to be typed in: an empty answer does not count."""
    mask: MaskCode | None = None
    from_meeting: FromMeeting | None = None
    """What of a meeting fills it in the form of the minutes, as a proposal."""
    citation: Citation | None = None

    @model_validator(mode="after")
    def _a_choice_has_choices(self) -> Self:
        if (self.kind in {Kind.CHOICE, Kind.CHOICES}) != bool(self.choices):
            message = "has choices if and only if its kind is choice or choices; add or remove them"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _a_meeting_tells_what_fits(self) -> Self:
        given = self.from_meeting
        unfit = [one.value for one in given.tells if self.kind not in _FILLS[one]] if given else []
        if given and given.agenda and self.kind is not Kind.TEXT:
            unfit.append("agenda")
        if unfit:
            message = f"is of the kind {self.kind}, which {', '.join(unfit)} of a meeting cannot fill; choose another"
            raise ValueError(message)
        return self


class Form(Grammar):
    """A record made at one time, from items of information."""

    id: FormCode
    title: Line
    stage: StageCode | None = None
    """Without one it may be made at any time."""
    roles: tuple[RoleCode, ...] = Field(min_length=1)
    """Who makes it."""
    requires: tuple[GateCode, ...] = ()
    """Gates that have to be open before it is made: what it records may not be done until then."""
    information: tuple[InformationCode, ...] = Field(min_length=1)
    signed: bool = False
    copies_to: tuple[RoleCode, ...] = ()
    clocks: tuple[ClockCode, ...] = ()
    """How long it is kept, and by when it is made."""
    rules: tuple[Words, ...] = ()
    citation: Citation


class Channel(StrEnum):
    """How a notification goes out."""

    ALERT = "alert"
    """By an alert policy: it wakes whoever is on call until somebody answers."""
    TASK = "task"
    """On the recipients' lists of things to do."""
    CALL = "call"
    """Somebody telephones, and records when and whom."""
    LETTER = "letter"
    """Written, and sent by secure means."""
    MEETING_PAPERS = "meeting-papers"


class Notification(Grammar):
    """Who is told, and by what way. The words that go out are fixed and never hold anything of the case."""

    id: NotificationCode
    title: Line
    to: tuple[RoleCode, ...] = ()
    agencies: tuple[AgencyCode, ...] = ()
    of_area: Literal["incident", "home", "death", "body", "found", "placing", "case"] = "case"
    """Which area's people: where the incident or the death was, where the body lies, where the child was found or has
    a home, or the placing authority's."""
    by: Channel
    policy: Code | None = None
    """The alert policy, for an alert."""
    when: Words
    stage: StageCode | None = None
    on: EventCode | None = None
    """Sent by itself when this is recorded; otherwise somebody sends it."""
    unless: Words | None = None
    acknowledged: bool = False
    """Has to be acknowledged."""
    force: Force
    citation: Citation
    confidence: Confidence = Confidence.STATED
    clocks: tuple[ClockCode, ...] = ()

    @model_validator(mode="after")
    def _reaches_somebody(self) -> Self:
        if not self.to and not self.agencies:
            message = "goes to nobody; name roles in to, or agencies"
            raise ValueError(message)
        if (self.by is Channel.ALERT) != (self.policy is not None):
            message = "names an alert policy if and only if it goes by alert; add or remove policy"
            raise ValueError(message)
        return self


class Quorum(Grammar):
    """Who has to be there. Agencies count, not people."""

    at_least: int | None = Field(None, ge=1, le=50)
    agencies: tuple[AgencyCode, ...] = ()
    """Those that have to be among them."""
    text: Words
    fewer_if: Words | None = None
    citation: Citation


class AgendaItem(Grammar):
    """Something that is spoken of. ``never_empty`` items are minuted even when there is nothing to say."""

    text: Line
    force: Force | None = None
    never_empty: bool = False
    citation: Citation | None = None


class Minutes(Grammar):
    """The record of a meeting."""

    by: RoleCode
    form: FormCode | None = None
    approved_by: tuple[RoleCode, ...] = ()
    clocks: tuple[ClockCode, ...] = ()
    force: Force | None = None
    rules: tuple[Words, ...] = ()
    citation: Citation


class Circulation(Grammar):
    """What goes to whom after a meeting, and what is left out for them."""

    what: Line
    to: tuple[RoleCode, ...] = ()
    who: Literal["attended", "invited", "attended-and-invited", "named"] = "named"
    withheld: Words | None = None
    clocks: tuple[ClockCode, ...] = ()
    force: Force | None = None
    citation: Citation

    @model_validator(mode="after")
    def _reaches_somebody(self) -> Self:
        if self.who == "named" and not self.to:
            message = "goes to nobody; name roles in to, or say who: attended, invited"
            raise ValueError(message)
        return self


class Meeting(Grammar):
    """A discussion or conference, under all the names that the sources give it."""

    id: MeetingCode
    title: Line
    aliases: tuple[Line, ...] = ()
    stage: StageCode
    called_by: RoleCode
    chair: RoleCode
    attend: tuple[RoleCode, ...] = Field(min_length=1)
    """Who is invited always."""
    may_attend: tuple[RoleCode, ...] = ()
    invited_if: Words | None = None
    by: Literal["in-person", "telephone", "either"] = "either"
    mode_rule: Words | None = None
    quorum: Quorum | None = None
    agenda: tuple[AgendaItem, ...] = ()
    minutes: Minutes | None = None
    circulation: tuple[Circulation, ...] = ()
    clocks: tuple[ClockCode, ...] = ()
    repeats: bool = False
    skipped_if: Words | None = None
    """When it need not be held. That it was not is recorded, with this rule."""
    force: Force
    citation: Citation
    confidence: Confidence = Confidence.STATED


class Told(Grammar):
    """One of these answers to an item of information, as it was last given in the case."""

    information: InformationCode
    among: tuple[bool | str, ...] = Field(min_length=1)


class Mask(Grammar):
    """Information that most people of the case do not see."""

    id: MaskCode
    text: Words
    hidden_from: tuple[RoleCode, ...] = ()
    """Without any, from everybody but those it is shown to."""
    shown_to: tuple[RoleCode, ...] = Field(min_length=1)
    unless: Told | None = None
    """It hides nothing where this was told. As long as nothing is told it hides."""
    until: Words | None = None
    """What lifts it."""
    lifted_if: Told | None = None
    """It is lifted once this is told."""
    lifted_by: tuple[RoleCode, ...] = ()
    force: Force
    citation: Citation
    confidence: Confidence = Confidence.STATED


class AccessLimit(Grammar):
    """Who may see or do something in a case, beyond the ordinary rules. It only ever takes access away."""

    id: Code
    text: Words
    only: tuple[RoleCode, ...] = ()
    never: tuple[RoleCode, ...] = ()
    named_people: bool = False
    """Only people on the case's own list, whatever their roles."""
    force: Force
    citation: Citation
    confidence: Confidence = Confidence.STATED

    @model_validator(mode="after")
    def _limits_somebody(self) -> Self:
        if not self.only and not self.never and not self.named_people:
            message = "limits nobody; add only, never or named_people"
            raise ValueError(message)
        return self
