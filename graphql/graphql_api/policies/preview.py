"""Who would be told, when and how: a policy tried out at a moment of one's choice."""

from datetime import datetime, timedelta
from enum import Enum
from typing import Annotated
from uuid import UUID

import strawberry

from backend.identity.policies import Permission
from backend.kit.problems import FieldError, Invalid, NotFound
from backend.kit.session import TenantSession
from graphql_api.alerts.raising import known_areas
from graphql_api.alerts.types import Channel
from graphql_api.connections import plain
from graphql_api.context import Info
from graphql_api.ids import decode_as
from graphql_api.partnerships.types import Person
from graphql_api.policies.types import PolicyStep
from graphql_api.scalars import Instant
from notifications.alerts import diagram
from notifications.alerts.climbing import PassedOver
from notifications.alerts.preview import PreviewedRung, PreviewedSlot, preview
from notifications.alerts.responders import Responder
from notifications.ladders import repository as policies
from notifications.ladders.models import AlertPolicy as PolicyRow
from notifications.rotas.service import HORIZON
from tenants.contacts import repository as contacts
from tenants.contacts.models import Channel as ChannelValue

_JUST_PASSED = timedelta(minutes=5)  # "now" by a clock that is a little slow, or to the minute

RungPassedOver: type[Enum] = strawberry.enum(
    PassedOver, name="RungPassedOver", description="Why a rung would be passed over. NOBODY is a gap to be mended."
)


@strawberry.type(description="A channel that would be used.")
class PreviewedChannel:
    channel: Channel  # type: ignore[valid-type]
    after: int = strawberry.field(description="Seconds after the call, by the person's own rules.")


@strawberry.type(description="Somebody who would be called.")
class PreviewedResponder:
    found_by: str = strawberry.field(description="Why: the rota that answers, perhaps another's, or a desk.")
    person: Person | None = strawberry.field(description="Null for a desk or an endpoint.")
    desk: str | None = strawberry.field(description="The desk's name.")
    channels: list[PreviewedChannel]


@strawberry.type(description="A rung, if nobody had answered by then.")
class PreviewedCall:
    offset: int = strawberry.field(description="Seconds after the alert.")
    at: Instant
    step: PolicyStep
    passed_over: RungPassedOver | None  # type: ignore[valid-type]
    again_at: list[int] = strawberry.field(description="Seconds after the alert at which it would be repeated.")
    responders: list[PreviewedResponder]


@strawberry.type(description="A slot's ladder in time.")
class PreviewedLadder:
    role: str
    required: bool
    needs_answer: bool
    calls: list[PreviewedCall]
    exhausted_at: int | None = strawberry.field(description="Seconds after the alert when nobody would be left to try.")
    cut: bool = strawberry.field(description="True when the ladder goes on beyond what is shown.")
    gaps: int = strawberry.field(description="How many rungs would reach nobody.")


@strawberry.type(description="Who would be told, when and how, if an alert were raised and nobody answered.")
class AlertPreview:
    type: str
    version: int
    at: Instant
    slots: list[PreviewedLadder]
    diagram: str = strawberry.field(description="The same as a Mermaid sequence diagram.")


class _Names:
    """People and desks of a preview, by id."""

    def __init__(self, people: dict[UUID, Person], desks: dict[UUID, str]) -> None:
        self._people, self._desks = people, desks

    def plain(self) -> dict[str, str]:
        people = {str(key): person.name for key, person in self._people.items()}
        return people | {str(key): name for key, name in self._desks.items()}

    def responder(self, found: Responder) -> PreviewedResponder:
        return PreviewedResponder(
            found_by=found.found_by, person=self._people.get(found.person_id) if found.person_id else None,
            desk=self._desks.get(found.entry_id) if found.entry_id else None,
            channels=[PreviewedChannel(channel=ChannelValue(w.channel), after=w.after) for w in found.addresses],
        )  # fmt: skip

    def call(self, rung: PreviewedRung, at: datetime) -> PreviewedCall:
        return PreviewedCall(
            offset=rung.offset, at=Instant(at + timedelta(seconds=rung.offset)), step=PolicyStep.of(rung.rung.step),
            passed_over=rung.rung.passed_over, again_at=list(rung.again_at),
            responders=[self.responder(found) for found in rung.rung.reached],
        )  # fmt: skip

    def ladder(self, slot: PreviewedSlot, at: datetime) -> PreviewedLadder:
        return PreviewedLadder(
            role=slot.plan.role, required=slot.plan.required, needs_answer=slot.plan.needs_answer,
            calls=[self.call(rung, at) for rung in slot.rungs], exhausted_at=slot.exhausted_at, cut=slot.cut,
            gaps=sum(rung.rung.passed_over is PassedOver.NOBODY for rung in slot.rungs),
        )  # fmt: skip


async def _names(session: TenantSession, slots: list[PreviewedSlot]) -> _Names:
    found = [responder for slot in slots for rung in slot.rungs for responder in rung.rung.reached]
    people = await contacts.people(session, {one.person_id for one in found if one.person_id})
    wanted = {one.entry_id for one in found if one.entry_id}
    desks = {desk.id: desk.name for desk in await contacts.whole_directory(session) if desk.id in wanted}
    return _Names({key: Person.of(person) for key, person in people.items()}, desks)


async def _policy(session: TenantSession, alert_type: str, policy_id: strawberry.ID | None) -> PolicyRow | None:
    if policy_id is None:
        return await policies.in_force(session, plain("type", alert_type))
    key = decode_as("AlertPolicy", policy_id)
    return await policies.policy(session, key) if key is not None else None


@strawberry.type
class AlertPreviewQueries:
    @strawberry.field(
        description="Who would be told, when and how, if an alert were raised at a moment and nobody answered."
        " Null where there is no such policy or area. It climbs by the functions that call people."
    )
    async def alert_preview(
        self,
        info: Info,
        type: Annotated[str, strawberry.argument(description="A type of alert.")],
        at: Annotated[
            Instant | None,
            strawberry.argument(description="What has just passed counts as now, which it is by default."),
        ] = None,
        area_ids: Annotated[list[strawberry.ID] | None, strawberry.argument(description="Areas concerned.")] = None,
        policy_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="A version to try out; default: the one in force.")
        ] = None,
    ) -> AlertPreview | None:
        info.context.caller.require(Permission.VIEW_ALERT_POLICIES)
        async with info.context.db() as session:
            now = await session.now()
            moment = at or now
            if now - _JUST_PASSED <= moment < now:
                moment = now
            if not now <= moment <= now + HORIZON:
                raise Invalid([FieldError("at", f"must lie between now and {HORIZON.days} days ahead")])
            try:
                areas = await known_areas(session, area_ids or [])
                policy = await _policy(session, type, policy_id)
            except NotFound:
                return None
            if policy is None:
                return None
            slots = await preview(session, policy.slots, moment, areas)
            names = await _names(session, slots)
        drawn = diagram.sequence(f"{policy.alert_type}, version {policy.version}", slots, names.plain())
        return AlertPreview(
            type=policy.alert_type, version=policy.version, at=Instant(moment),
            slots=[names.ladder(slot, moment) for slot in slots], diagram=drawn,
        )  # fmt: skip
