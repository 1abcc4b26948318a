"""A whole definition, as a file of ``tenants/baseline`` holds it."""

from datetime import date
from typing import Final, Self

from pydantic import Field, model_validator

from backend.clocks.rules import Rule
from backend.pathways.definitions.entry import Entry, Event
from backend.pathways.definitions.forms_of_work import (
    Alert,
    AttachPoint,
    Caution,
    Cycle,
    Ending,
    Kind,
    Precedence,
    Principle,
    Register,
    Round,
    Routing,
    Setting,
    SharedClocks,
)  # fmt: skip
from backend.pathways.definitions.records import AccessLimit, Form, Information, Mask, Meeting, Notification
from backend.pathways.definitions.steps import Decision, Escalation, Gate, Obligation, Prohibition, SignOff, Stage
from backend.pathways.definitions.vocabulary import Citation, Code, Grammar, Line, Words

# The lists whose items have an ``id``, by their key in the file, and what such an item is called.
SECTIONS: Final = {
    "stages": "stage",
    "events": "event",
    "obligations": "obligation",
    "decisions": "decision",
    "gates": "gate",
    "sign_offs": "sign-off",
    "clocks": "clock",
    "information": "information",
    "forms": "form",
    "notifications": "notification",
    "meetings": "meeting",
    "prohibitions": "prohibition",
    "escalations": "escalation",
    "access": "access limit",
    "masks": "mask",
    "routing": "routing rule",
    "precedence": "precedence",
    "settings": "setting",
    "principles": "principle",
    "cautions": "caution",
}
# What a kind cannot do without, besides its clocks.
NEEDED: Final = {
    Kind.PATHWAY: "stages",
    Kind.OVERLAY: "attaches_to",
    Kind.REGISTER: "register",
    Kind.DECISION_RECORD: "decisions",
    Kind.CYCLE: "cycle",
    Kind.ALERT: "alert",
}


class Definition(Grammar):
    """One item of the catalogue: a pathway, overlay, register, decision record, cycle or alert.

    Ids are unique within their list; those of clocks within the whole baseline.
    """

    id: Code
    kind: Kind
    title: Line
    edition: Line
    """The national edition it is written from, as its sources call it."""
    revision: int = Field(1, ge=1)
    """Counts the product's own changes to this file within the edition."""
    effective_from: date | None = None
    aliases: tuple[Line, ...] = ()
    summary: Words
    citation: Citation
    entry: Entry
    stages: tuple[Stage, ...] = ()
    events: tuple[Event, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    decisions: tuple[Decision, ...] = ()
    gates: tuple[Gate, ...] = ()
    sign_offs: tuple[SignOff, ...] = ()
    clocks: tuple[Rule, ...] = ()
    clocks_of: tuple[SharedClocks, ...] = ()
    """Where a duty is one with that of another definition, its clock is written there and only named here."""
    information: tuple[Information, ...] = ()
    forms: tuple[Form, ...] = ()
    notifications: tuple[Notification, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    prohibitions: tuple[Prohibition, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    access: tuple[AccessLimit, ...] = ()
    masks: tuple[Mask, ...] = ()
    routing: tuple[Routing, ...] = ()
    precedence: tuple[Precedence, ...] = ()
    settings: tuple[Setting, ...] = ()
    principles: tuple[Principle, ...] = ()
    cautions: tuple[Caution, ...] = ()
    attaches_to: tuple[AttachPoint, ...] = ()
    register_of: Register | None = Field(None, alias="register")
    cycle: Cycle | None = None
    anew: Round | None = None
    """Where the work is done again and again: what begins it anew."""
    ends_with: Ending | None = None
    """Where something that is decided elsewhere ends the work: what."""
    alert: Alert | None = None

    @property
    def runs_on_cases(self) -> bool:
        """Whether there are runs of it on cases; an overlay's begin only when it is laid over another."""
        listed = self.register_of or self.alert
        return listed.on_cases if listed is not None else self.kind is not Kind.OVERLAY

    @property
    def is_of_occasions(self) -> bool:
        """Whether each run is one entry, or what follows one call: a case may have several at once."""
        return self.kind in {Kind.REGISTER, Kind.ALERT}

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Self:
        needed = NEEDED[self.kind]
        if not getattr(self, "register_of" if needed == "register" else needed):
            message = f"is of the kind {self.kind}, which needs {needed}; add it"
            raise ValueError(message)
        if self.attaches_to and self.kind is not Kind.OVERLAY:
            message = "has attaches_to, which only an overlay may have; remove it or make the kind overlay"
            raise ValueError(message)
        return self
