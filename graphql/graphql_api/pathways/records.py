"""What is recorded in a run: events, actions, decisions, forms, notices, sign-offs, departures, overlays."""

from collections.abc import Collection, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

import strawberry
from strawberry.scalars import JSON

from backend.identity.policies import Caller, Permission
from backend.pathways.casework_models import DecisionState as DecisionStateValue
from backend.pathways.casework_models import DepartureState as DepartureStateValue
from backend.pathways.casework_models import PathwayDecision as DecisionRow
from backend.pathways.casework_models import PathwayDeparture as DepartureRow
from backend.pathways.casework_models import PathwayNotice as NoticeRow
from backend.pathways.casework_models import PathwayOverlay as OverlayRow
from backend.pathways.casework_models import PathwaySignOff as SignOffRow
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.records import Mask
from backend.pathways.models import ActionKind as ActionKindValue
from backend.pathways.models import PathwayAction as ActionRow
from backend.pathways.models import PathwayEvent as EventRow
from backend.pathways.models import PathwayForm as FormRow
from backend.pathways.models import Source as SourceValue
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.pathways.disagreements import PathwayDisagreement
from graphql_api.pathways.provisions import BINDING, OnDay, binding_of
from graphql_api.procedures.types import ProcedureProvision
from graphql_api.scalars import Instant

ActionKind: type[Enum] = strawberry.enum(ActionKindValue, name="PathwayActionKind", description="What moved a run on.")
EventSource: type[Enum] = strawberry.enum(SourceValue, name="PathwayEventSource", description="What recorded an event.")
EVERYTHING_HIDES: Final[Mapping[str, Any]] = MappingProxyType({})
"""What is told of a run of which nothing is known: every mask holds."""
DecisionState: type[Enum] = strawberry.enum(
    DecisionStateValue, name="PathwayDecisionState",
    description="A PENDING decision waits for an authority, and has no effect before.",
)  # fmt: skip
DepartureState: type[Enum] = strawberry.enum(
    DepartureStateValue, name="PathwayDepartureState", description="An ACKNOWLEDGED departure waits for authority."
)


@strawberry.type(description="An event of a run. It never changes: a correction is an entry of its own.")
class PathwayEvent:
    id: strawberry.ID
    code: str
    occurred_at: Instant | None = strawberry.field(description="When it happened, or is expected to.")
    occurred_on: str | None = strawberry.field(description="The date as far as it is known, such as April 2008.")
    anticipated: bool = strawberry.field(description="It was still to come when it was recorded.")
    withdrawn: bool = strawberry.field(description="This entry says that the corrected event did not happen.")
    source: EventSource  # type: ignore[valid-type]
    reason: str | None
    recorded_at: Instant
    corrects_id: strawberry.ID | None = strawberry.field(description="The event that this one corrects.")
    row: strawberry.Private[EventRow]

    @strawberry.field(description="Who recorded it.")
    def recorded_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.recorded_by)

    @classmethod
    def of(cls, row: EventRow) -> "PathwayEvent":
        return cls(
            id=strawberry.ID(encode("PathwayEvent", row.id)), code=row.code,
            occurred_at=Instant(row.occurred_at) if row.occurred_at else None, occurred_on=row.occurred_on,
            anticipated=row.anticipated, withdrawn=row.withdrawn, source=SourceValue(row.source), reason=row.reason,
            recorded_at=Instant(row.recorded_at),
            corrects_id=strawberry.ID(encode("PathwayEvent", row.corrects_id)) if row.corrects_id else None, row=row,
        )  # fmt: skip


@strawberry.type(description="One step of a run. It never changes; all of them give the run as it stands.")
class PathwayAction:
    version: int
    kind: ActionKind  # type: ignore[valid-type]
    role: str | None = strawberry.field(description="The role in which it was done.")
    subject: str | None = strawberry.field(description="The stage, decision, form or gate it is about.")
    reason: str | None
    detail: JSON = strawberry.field(description="What it brought about; of a migration, what differs.")
    acted_at: Instant
    row: strawberry.Private[ActionRow]

    @strawberry.field(description="Who did it.")
    def acted_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.acted_by)

    @classmethod
    def of(cls, row: ActionRow) -> "PathwayAction":
        return cls(
            version=row.version, kind=ActionKindValue(row.kind), role=row.role, subject=row.detail.get("code"),
            reason=row.reason, detail=JSON(row.detail), acted_at=Instant(row.acted_at), row=row,
        )  # fmt: skip


@strawberry.type(description="An answer to a question of the pathway, with its reasons.")
class PathwayDecision:
    id: strawberry.ID
    code: str
    options: list[str]
    reasons: str
    state: DecisionState  # type: ignore[valid-type]
    role: str
    decided_at: Instant
    authority_role: str | None = strawberry.field(description="Whose agreement it takes.")
    authority_at: Instant | None
    authority_reasons: str | None
    follows: JSON = strawberry.field(description="What followed: the stage, runs started, events, notifications.")
    row: strawberry.Private[DecisionRow]

    @strawberry.field(description="Who decided.")
    def decided_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.decided_by)

    @strawberry.field(description="Who authorised or declined it.")
    def authority_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.authority_by)

    @strawberry.field(description=BINDING)
    async def provisions(self, info: Info, on: OnDay = None) -> list[ProcedureProvision]:
        return await binding_of(info, self.row.run_id, "decision", self.row.code, self.row.decided_at, on)

    @strawberry.field(description="Who disagrees with it, first to last, and what came of that.")
    async def disagreements(self, info: Info) -> list[PathwayDisagreement]:
        rows = await info.context.loaders.disagreements_with_decision.load(self.row.id)
        return [PathwayDisagreement.of(row) for row in rows]

    @strawberry.field(
        description="It is in force. A disagreement leaves it so until that is settled, unless the pathway suspends it."
    )
    async def in_force(self, info: Info) -> bool:
        if self.row.state is not DecisionStateValue.TAKEN:
            return False
        rows = await info.context.loaders.disagreements_with_decision.load(self.row.id)
        shown = [PathwayDisagreement.of(row) for row in rows if row.suspends]
        return not any([await one.open(info) for one in shown])

    @classmethod
    def of(cls, row: DecisionRow) -> "PathwayDecision":
        return cls(
            id=strawberry.ID(encode("PathwayDecision", row.id)), code=row.code, options=list(row.options),
            reasons=row.reasons, state=DecisionStateValue(row.state), role=row.role,
            decided_at=Instant(row.decided_at), authority_role=row.authority_role,
            authority_at=Instant(row.authority_at) if row.authority_at else None,
            authority_reasons=row.authority_reasons, follows=JSON(row.follows), row=row,
        )  # fmt: skip


@strawberry.type(description="A form as it was completed. It never changes.")
class PathwayForm:
    code: str
    role: str | None
    answers: JSON = strawberry.field(description="By item of information.")
    withheld: list[str] = strawberry.field(description="Items that a mask keeps from you.")
    completed_at: Instant
    row: strawberry.Private[FormRow]

    @strawberry.field(description="Who completed it.")
    def completed_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.completed_by)

    @classmethod
    def of(cls, row: FormRow, hidden: Collection[str]) -> "PathwayForm":
        shown = {code: value for code, value in row.answers.items() if code not in hidden}
        return cls(code=row.code, role=row.role, answers=JSON(shown), completed_at=Instant(row.completed_at), row=row,
                   withheld=sorted(row.answers.keys() & set(hidden)))  # fmt: skip


@strawberry.type(description="A notification that was given.")
class PathwayNotice:
    code: str
    channel: str = strawberry.field(description="alert, task, call, letter or meeting-papers.")
    given_to: str | None
    given_at: Instant
    acknowledged: bool
    note: str | None
    row: strawberry.Private[NoticeRow]

    @strawberry.field(description="Who gave it.")
    def given_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.given_by)

    @classmethod
    def of(cls, row: NoticeRow) -> "PathwayNotice":
        return cls(code=row.code, channel=row.channel, given_to=row.given_to, given_at=Instant(row.given_at),
                   acknowledged=row.acknowledged, note=row.note, row=row)  # fmt: skip


@strawberry.type(description="An approval by name.")
class PathwaySignOff:
    code: str
    role: str
    note: str | None
    signed_at: Instant
    row: strawberry.Private[SignOffRow]

    @strawberry.field(description="Who signed.")
    def signed_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.signed_by)

    @classmethod
    def of(cls, row: SignOffRow) -> "PathwaySignOff":
        return cls(code=row.code, role=row.role, note=row.note, signed_at=Instant(row.signed_at), row=row)


@strawberry.type(description="A departure from a provision: acknowledged, authorised, with reasons.")
class PathwayDeparture:
    id: strawberry.ID
    provision: str = strawberry.field(description="The place in the text that is departed from.")
    edition: str = strawberry.field(description="The text in force in the run.")
    subject_kind: str
    subject_code: str
    force: str | None
    instead: str = strawberry.field(description="What is done instead.")
    reasons: str
    state: DepartureState  # type: ignore[valid-type]
    acknowledged_at: Instant
    authority_role: str | None
    authority_at: Instant | None
    authority_reasons: str | None
    row: strawberry.Private[DepartureRow]

    @strawberry.field(description=BINDING)
    async def provisions(self, info: Info, on: OnDay = None) -> list[ProcedureProvision]:
        row = self.row
        return await binding_of(info, row.run_id, row.subject_kind, row.subject_code, row.acknowledged_at, on)

    @strawberry.field(description="Who departs, and acknowledges it.")
    def acknowledged_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.acknowledged_by)

    @strawberry.field(description="Who authorised or refused it.")
    def authority_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.authority_by)

    @classmethod
    def of(cls, row: DepartureRow) -> "PathwayDeparture":
        return cls(
            id=strawberry.ID(encode("PathwayDeparture", row.id)), provision=row.provision, edition=row.edition,
            subject_kind=row.subject_kind, subject_code=row.subject_code, force=row.force, instead=row.instead,
            reasons=row.reasons, state=DepartureStateValue(row.state), acknowledged_at=Instant(row.acknowledged_at),
            authority_role=row.authority_role, authority_reasons=row.authority_reasons,
            authority_at=Instant(row.authority_at) if row.authority_at else None, row=row,
        )  # fmt: skip


@strawberry.type(description="An overlay laid over a run. What it adds is a run of its own.")
class PathwayOverlay:
    id: strawberry.ID
    pathway: str
    reason: str
    attached_at: Instant
    detached_at: Instant | None
    detach_reason: str | None
    run_id: strawberry.ID = strawberry.field(description="The overlay's own run.")

    @classmethod
    def of(cls, row: OverlayRow) -> "PathwayOverlay":
        return cls(
            id=strawberry.ID(encode("PathwayOverlay", row.id)), pathway=row.pathway, reason=row.reason,
            attached_at=Instant(row.attached_at), detached_at=Instant(row.detached_at) if row.detached_at else None,
            detach_reason=row.detach_reason, run_id=strawberry.ID(encode("PathwayRun", row.overlay_run_id)),
        )  # fmt: skip


def hidden_items(
    definition: Definition, caller: Caller, roles: Collection[str], told: Mapping[str, Any] = EVERYTHING_HIDES
) -> set[str]:
    """Items of information that the definition's masks keep from somebody who holds these roles in the case.

    ``told`` is what was last answered in the run, by item; what is not told lifts no mask.
    """
    if caller.may(Permission.SEE_PROTECTED_IDENTITIES):
        return set()
    shut = {mask.id for mask in definition.masks if not set(mask.shown_to) & set(roles) and _hides(mask, told)}
    return {item.id for item in definition.information if item.mask in shut}


def _hides(mask: Mask, told: Mapping[str, Any]) -> bool:
    return not any(one and told.get(one.information) in one.among for one in (mask.unless, mask.lifted_if))
