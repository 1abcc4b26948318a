"""Data loaders: each asks once for all that a request wants of one kind."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from functools import cached_property, partial
from typing import TypeAlias, TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader

from backend.cases import repository as cases
from backend.cases.access import repository as access
from backend.cases.children import repository as children
from backend.cases.chronology import repository as chronology
from backend.cases.people import repository as case_people
from backend.child_deaths import repository as child_deaths
from backend.clocks import repository as clocks
from backend.documents import withholding
from backend.documents.models import Document
from backend.identity import repository as identity
from backend.identity.policies import Caller
from backend.kit.session import TenantSession
from backend.meetings import repository as meetings
from backend.meetings.models import MeetingInvitation, MeetingItem, MeetingOutcome, MeetingStep
from backend.meetings.record_models import (
    MeetingAction,
    MeetingAnswer,
    MeetingApproval,
    MeetingAttendance,
    MeetingCopy,
    MeetingDecision,
    MeetingMinutes,
    MeetingReading,
    MeetingRemoval,
    MeetingWithholding,
)
from backend.pathways import repository as pathways
from backend.pathways.casework_models import (
    PathwayDecision,
    PathwayDeparture,
    PathwayNotice,
    PathwayOverlay,
    PathwaySignOff,
    PathwayTask,
)
from backend.pathways.editions import repository as editions
from backend.pathways.models import PathwayAction, PathwayEvent, PathwayForm
from backend.sharing import repository as sharing
from backend.thresholds import repository as threshold_casework
from notifications.alerts import repository as alerts
from notifications.deliveries import repository as deliveries
from notifications.handovers import repository as handovers
from notifications.ladders import service as ladders
from notifications.rotas import repository as rotas
from notifications.verifications import service as verifications
from notifications.webhooks import repository as webhooks
from tenants.contacts import posts
from tenants.contacts import repository as contacts
from tenants.contacts import service_repository as services
from tenants.partnerships import repository as partnerships
from tenants.procedures import links as procedure_links
from tenants.procedures import registering as procedure_registers
from tenants.procedures import repository as procedures
from tenants.qualifications import repository as qualifications
from tenants.thresholds import repository as thresholds

T = TypeVar("T")
KeyT = TypeVar("KeyT", bound=Hashable)
RunRow = TypeVar(
    "RunRow", PathwayTask, PathwayDecision, PathwayDeparture, PathwayNotice, PathwaySignOff, PathwayEvent, PathwayForm,
    PathwayAction, PathwayOverlay,
)  # fmt: skip
MeetingRow = TypeVar(
    "MeetingRow", MeetingStep, MeetingItem, MeetingOutcome, MeetingInvitation, MeetingAnswer, MeetingAttendance,
    MeetingMinutes, MeetingApproval, MeetingWithholding, MeetingCopy, MeetingReading, MeetingAction, MeetingDecision,
    MeetingRemoval,
)  # fmt: skip
Open: TypeAlias = Callable[[], AbstractAsyncContextManager[TenantSession]]
Find: TypeAlias = Callable[[TenantSession, Sequence[UUID]], Awaitable[Mapping[UUID, T]]]
FindBy: TypeAlias = Callable[[TenantSession, Sequence[KeyT]], Awaitable[Mapping[KeyT, list[T]]]]
FindFor: TypeAlias = Callable[[TenantSession, Caller, Sequence[UUID]], Awaitable[Mapping[UUID, T]]]


# Each is made when it is first asked for: a request wants few of them.
def _one(find: Find[T]) -> "cached_property[DataLoader[UUID, T | None]]":
    return _one_for_caller(lambda session, _, keys: find(session, keys))


def _one_for_caller(find: FindFor[T]) -> "cached_property[DataLoader[UUID, T | None]]":
    def made(loaders: "Loaders") -> DataLoader[UUID, T | None]:
        async def load(keys: list[UUID]) -> list[T | None]:
            async with loaders.db() as session:
                found = await find(session, loaders.caller, keys)
            return [found.get(key) for key in keys]

        return DataLoader(load_fn=load)

    return cached_property(made)


def _many(find: Find[list[T]]) -> "cached_property[DataLoader[UUID, list[T]]]":
    return _many_for_caller(lambda session, _, keys: find(session, keys))


def _many_by(find: FindBy[KeyT, T]) -> "cached_property[DataLoader[KeyT, list[T]]]":
    def made(loaders: "Loaders") -> DataLoader[KeyT, list[T]]:
        async def load(keys: list[KeyT]) -> list[list[T]]:
            async with loaders.db() as session:
                found = await find(session, keys)
            return [found.get(key, []) for key in keys]

        return DataLoader(load_fn=load)

    return cached_property(made)


def _many_for_caller(find: FindFor[list[T]]) -> "cached_property[DataLoader[UUID, list[T]]]":
    def made(loaders: "Loaders") -> DataLoader[UUID, list[T]]:
        async def load(keys: list[UUID]) -> list[list[T]]:
            async with loaders.db() as session:
                found = await find(session, loaders.caller, keys)
            return [found.get(key, []) for key in keys]

        return DataLoader(load_fn=load)

    return cached_property(made)


async def _of_runs(model: type[RunRow], session: TenantSession, run_ids: Sequence[UUID]) -> dict[UUID, list[RunRow]]:
    return await pathways.of_runs(session, model, run_ids)


async def _of_meetings(
    model: type[MeetingRow], session: TenantSession, meeting_ids: Sequence[UUID]
) -> dict[UUID, list[MeetingRow]]:
    return await meetings.of_meetings(session, model, meeting_ids)


async def _documents(session: TenantSession, caller: Caller, case_ids: Sequence[UUID]) -> dict[UUID, list[Document]]:
    return await withholding.of_cases(session, caller.person_id, case_ids)


class Loaders:
    """The loaders of one request. A case or a child that is not there for the caller is not found."""

    def __init__(self, db: Open, caller: Caller) -> None:
        self.db, self.caller = db, caller

    person = _one(contacts.people)
    event_of_webhook_message = _one(webhooks.events_of_messages)
    area = _one(partnerships.areas_by_id)
    membership_of_person = _one(identity.memberships)
    qualifications_of_person = _many(qualifications.of_people)
    areas_of_person = _many(qualifications.areas_of_people)
    rota = _one(rotas.rotas_by_id)
    areas_of_rota = _many(rotas.areas_of_rotas)
    rota_adjustment = _one(rotas.adjustments_by_id)
    faults_of_policy = _many(ladders.faults_of)
    slots_of_alert = _many(alerts.slots)
    answers_of_slot = _many(alerts.answers)
    offers_of_slot = _many(alerts.offers)
    pages_of_slot = _many(alerts.pages)
    deliveries_of_slot = _many(deliveries.by_slot)
    history_of_delivery = _many(deliveries.history)
    code_of_method = _one(verifications.standing)
    alerts_of_handover = _many(handovers.alerts_of)
    reference_of_alert = _one(handovers.references)
    alerts_about = _many(alerts.by_subject)
    clocks_of_case = _many(clocks.of_cases)
    changes_of_clock = _many(clocks.changes_of)
    notices_of_clock = _many(clocks.notices_of)
    documents_of_case = _many_for_caller(_documents)
    death_of_case = _one(child_deaths.of_cases)
    duplicates_of_death = _many_for_caller(child_deaths.duplicates)
    case = _one_for_caller(access.open_to)
    child = _one_for_caller(children.seen)
    subjects_of_case = _many(children.subjects)
    addresses_of_child = _many(children.addresses)
    changes_of_child = _many(children.changes)
    parties_of_case = _many(case_people.parties)
    party = _one(case_people.parties_by_id)
    household_of_case = _many(case_people.household)
    relationships_of_case = _many(case_people.relationships)
    practitioners_of_case = _many(case_people.practitioners)
    links_of_case = _many(cases.links)
    list_of_case = _many(access.lists)
    bars_of_case = _many(access.bars)
    changes_of_case = _many(cases.changes)
    team = _one(access.teams)
    members_of_team = _many(access.members)
    chronology_entry = _one(chronology.entries)
    correction_of_entry = _one(chronology.corrections)
    agency = _one(contacts.agencies)
    directory_service = _one(services.services_by_id)
    holders_of_post = _many(posts.holders_of)
    directory_organisation = _one(services.organisations_by_id)
    areas_of_service = _many(services.areas_of)
    points_of_service = _many(services.points_of)
    threshold_edition = _one(thresholds.editions_by_id)
    views_of_threshold = _many(threshold_casework.views)
    papers_of_transfer = _many(sharing.papers)
    acts_of_transfer = _many(sharing.acts)
    exports_of_transfer = _many(sharing.exports)
    procedure_edition = _one(procedures.editions_by_id)
    procedure_references = _many(procedures.references_of)
    register_checks = _many(procedure_registers.checks)
    provisions_binding = _many_by(procedure_links.bound)
    pathway_edition = _one(editions.editions_by_id)
    pathway_run = _one(pathways.runs_by_id)
    pathway_runs_of_case = _many(pathways.runs_of_cases)
    actions_of_run = _many(partial(_of_runs, PathwayAction))
    events_of_run = _many(partial(_of_runs, PathwayEvent))
    forms_of_run = _many(partial(_of_runs, PathwayForm))
    tasks_of_run = _many(partial(_of_runs, PathwayTask))
    notices_of_run = _many(partial(_of_runs, PathwayNotice))
    decisions_of_run = _many(partial(_of_runs, PathwayDecision))
    sign_offs_of_run = _many(partial(_of_runs, PathwaySignOff))
    departures_of_run = _many(partial(_of_runs, PathwayDeparture))
    disagreements_with_decision = _many(pathways.disagreements)
    disagreement_settled_in = _one(pathways.settled_in)
    overlays_of_run = _many(partial(_of_runs, PathwayOverlay))
    meeting = _one(meetings.by_id)
    steps_of_meeting = _many(partial(_of_meetings, MeetingStep))
    items_of_meeting = _many(partial(_of_meetings, MeetingItem))
    outcomes_of_meeting = _many(partial(_of_meetings, MeetingOutcome))
    invitations_of_meeting = _many(partial(_of_meetings, MeetingInvitation))
    answers_of_meeting = _many(partial(_of_meetings, MeetingAnswer))
    attendances_of_meeting = _many(partial(_of_meetings, MeetingAttendance))
    minutes_of_meeting = _many(partial(_of_meetings, MeetingMinutes))
    approvals_of_meeting = _many(partial(_of_meetings, MeetingApproval))
    withholdings_of_meeting = _many(partial(_of_meetings, MeetingWithholding))
    copies_of_meeting = _many(partial(_of_meetings, MeetingCopy))
    readings_of_meeting = _many(partial(_of_meetings, MeetingReading))
    actions_of_meeting = _many(partial(_of_meetings, MeetingAction))
    removals_of_meeting = _many(partial(_of_meetings, MeetingRemoval))
    decisions_of_meeting = _many(partial(_of_meetings, MeetingDecision))
    notices_about = _many(deliveries.notices)
