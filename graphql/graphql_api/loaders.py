"""Data loaders: each asks once for all that a request wants of one kind."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import TypeAlias, TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader

from backend.cases import repository as cases
from backend.cases.access import repository as access
from backend.cases.children import repository as children
from backend.cases.children.models import Child
from backend.cases.chronology import repository as chronology
from backend.cases.people import repository as case_people
from backend.cases.policies import may_see
from backend.child_deaths import repository as child_deaths
from backend.clocks import repository as clocks
from backend.documents import repository as documents
from backend.identity import repository as identity
from backend.identity.policies import Caller
from backend.kit.session import TenantSession
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
from notifications.alerts import repository as alerts
from notifications.deliveries import repository as deliveries
from notifications.handovers import repository as handovers
from notifications.rotas import repository as rotas
from notifications.verifications import service as verifications
from tenants.contacts import people_repository as people
from tenants.contacts import repository as contacts
from tenants.partnerships import repository as partnerships
from tenants.qualifications import repository as qualifications

T = TypeVar("T")
RunRow = TypeVar(
    "RunRow", PathwayTask, PathwayDecision, PathwayDeparture, PathwayNotice, PathwaySignOff, PathwayEvent, PathwayForm,
    PathwayAction, PathwayOverlay,
)  # fmt: skip
Open: TypeAlias = Callable[[], AbstractAsyncContextManager[TenantSession]]
Find: TypeAlias = Callable[[TenantSession, Sequence[UUID]], Awaitable[Mapping[UUID, T]]]


def _one(db: Open, find: Find[T]) -> DataLoader[UUID, T | None]:
    async def load(keys: list[UUID]) -> list[T | None]:
        async with db() as session:
            found = await find(session, keys)
        return [found.get(key) for key in keys]

    return DataLoader(load_fn=load)


def _many(db: Open, find: Find[list[T]]) -> DataLoader[UUID, list[T]]:
    async def load(keys: list[UUID]) -> list[list[T]]:
        async with db() as session:
            found = await find(session, keys)
        return [found.get(key, []) for key in keys]

    return DataLoader(load_fn=load)


async def _in_sight(session: TenantSession, case_ids: Sequence[UUID], *, caller: Caller) -> dict[UUID, access.Seen]:
    found = await access.seen(session, caller, case_ids)
    return {case_id: seen for case_id, seen in found.items() if may_see(seen.ties, caller)}


async def _children(session: TenantSession, child_ids: Sequence[UUID], *, caller: Caller) -> dict[UUID, Child]:
    return await children.seen(session, caller, child_ids)


async def _of_runs(model: type[RunRow], session: TenantSession, run_ids: Sequence[UUID]) -> dict[UUID, list[RunRow]]:
    return await pathways.of_runs(session, model, run_ids)


class Loaders:
    """The loaders of one request. A case or a child that is not there for the caller is not found."""

    def __init__(self, db: Open, caller: Caller) -> None:
        self.person = _one(db, contacts.people)
        self.area = _one(db, partnerships.areas_by_id)
        self.agency = _one(db, people.agencies_by_id)
        self.membership_of_person = _one(db, identity.memberships)
        self.qualifications_of_person = _many(db, qualifications.of_people)
        self.areas_of_person = _many(db, qualifications.areas_of_people)
        self.rota = _one(db, rotas.rotas_by_id)
        self.areas_of_rota = _many(db, rotas.areas_of_rotas)
        self.rota_adjustment = _one(db, rotas.adjustments_by_id)
        self.slots_of_alert = _many(db, alerts.slots)
        self.answers_of_slot = _many(db, alerts.answers)
        self.offers_of_slot = _many(db, alerts.offers)
        self.pages_of_slot = _many(db, alerts.pages)
        self.deliveries_of_slot = _many(db, deliveries.by_slot)
        self.history_of_delivery = _many(db, deliveries.history)
        self.code_of_method = _one(db, verifications.standing)
        self.alerts_of_handover = _many(db, handovers.alerts_of)
        self.reference_of_alert = _one(db, handovers.references)
        self.alerts_about = _many(db, alerts.by_subject)
        self.clocks_of_case = _many(db, clocks.of_cases)
        self.changes_of_clock = _many(db, clocks.changes_of)
        self.notices_of_clock = _many(db, clocks.notices_of)
        self.documents_of_case = _many(db, documents.of_cases)
        self.death_of_case = _one(db, child_deaths.of_cases)
        self.case = _one(db, partial(_in_sight, caller=caller))
        self.child = _one(db, partial(_children, caller=caller))
        self.subjects_of_case = _many(db, children.subjects)
        self.addresses_of_child = _many(db, children.addresses)
        self.changes_of_child = _many(db, children.changes)
        self.parties_of_case = _many(db, case_people.parties)
        self.party = _one(db, case_people.parties_by_id)
        self.household_of_case = _many(db, case_people.household)
        self.relationships_of_case = _many(db, case_people.relationships)
        self.practitioners_of_case = _many(db, case_people.practitioners)
        self.links_of_case = _many(db, cases.links)
        self.list_of_case = _many(db, access.lists)
        self.team = _one(db, access.teams)
        self.members_of_team = _many(db, access.members)
        self.chronology_entry = _one(db, chronology.entries)
        self.correction_of_entry = _one(db, chronology.corrections)
        self.agency = _one(db, contacts.agencies)
        self.pathway_edition = _one(db, editions.editions_by_id)
        self.pathway_run = _one(db, pathways.runs_by_id)
        self.pathway_runs_of_case = _many(db, pathways.runs_of_cases)
        self.actions_of_run = _many(db, partial(_of_runs, PathwayAction))
        self.events_of_run = _many(db, partial(_of_runs, PathwayEvent))
        self.forms_of_run = _many(db, partial(_of_runs, PathwayForm))
        self.tasks_of_run = _many(db, partial(_of_runs, PathwayTask))
        self.notices_of_run = _many(db, partial(_of_runs, PathwayNotice))
        self.decisions_of_run = _many(db, partial(_of_runs, PathwayDecision))
        self.sign_offs_of_run = _many(db, partial(_of_runs, PathwaySignOff))
        self.departures_of_run = _many(db, partial(_of_runs, PathwayDeparture))
        self.overlays_of_run = _many(db, partial(_of_runs, PathwayOverlay))
