"""Data loaders: each asks once for all that a request wants of one kind."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias, TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader

from backend.child_deaths import repository as child_deaths
from backend.clocks import repository as clocks
from backend.documents import repository as documents
from backend.identity import repository as identity
from backend.kit.session import TenantSession
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


class Loaders:
    """The loaders of one request."""

    def __init__(self, db: Open) -> None:
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
        self.documents_of_case = _many(db, documents.of_cases)
        self.death_of_case = _one(db, child_deaths.of_cases)
