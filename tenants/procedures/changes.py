"""Amendments on their way, nominated managers, subscriptions and adoptions: the queries, and the plain records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import Select, delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from backend.kit.audit import Entry
from backend.kit.ids import uuid7
from backend.kit.problems import FieldError, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.kit.tables import link
from backend.kit.texts import text_faults
from tenants.contacts.models import Agency, Person
from tenants.procedures import repository
from tenants.procedures.change_models import (
    ProcedureAmendment,
    ProcedureCirculation,
    ProcedureManager,
    ProcedureSubscription,
)
from tenants.procedures.models import ProcedureEdition
from tenants.procedures.register_models import ProcedureAdoption
from tenants.procedures.vocabulary import AdoptionClass, AmendmentState

NO_AMENDMENT: Final = "There is no such amendment in this partnership."
NO_CIRCULATION: Final = "There is no such circulation in this partnership."


@dataclass(frozen=True, slots=True)
class AdoptionTold:
    """How an agency by its code, or another body by its name, holds to an edition."""

    adoption: AdoptionClass
    adopted_on: date
    agency: str | None = None
    body: str | None = None
    scope: str | None = None
    clause_sought_on: date | None = None
    clause_obtained: bool | None = None
    reason: str | None = None


async def amendment(session: TenantSession, amendment_id: UUID, *, lock: bool = False) -> ProcedureAmendment:
    """Raises ``NotFound``."""
    return await repository.row(session, ProcedureAmendment, amendment_id, NO_AMENDMENT, lock=lock)


async def circulation(session: TenantSession, circulation_id: UUID, *, lock: bool = False) -> ProcedureCirculation:
    """Raises ``NotFound``."""
    return await repository.row(session, ProcedureCirculation, circulation_id, NO_CIRCULATION, lock=lock)


def amendments(tenant_id: UUID) -> Select[ProcedureAmendment]:
    return select(ProcedureAmendment).where(col(ProcedureAmendment.tenant_id) == tenant_id)


def circulations_to(tenant_id: UUID, person_id: UUID) -> Select[ProcedureCirculation]:
    """Those that went to somebody, or to whoever was the manager of their agency before them."""
    managed = select(col(ProcedureManager.agency_id)).where(
        col(ProcedureManager.tenant_id) == tenant_id, col(ProcedureManager.person_id) == person_id,
        col(ProcedureManager.to_at).is_(None),
    )  # fmt: skip
    return select(ProcedureCirculation).where(
        col(ProcedureCirculation.tenant_id) == tenant_id,
        or_(col(ProcedureCirculation.person_id) == person_id, col(ProcedureCirculation.agency_id).in_(managed)),
    )


async def not_passed_on(session: TenantSession, agency_id: UUID) -> list[ProcedureCirculation]:
    """What went to an agency and has not gone to everybody there, the first sent first."""
    found = await session.scalars(
        select(ProcedureCirculation)
        .where(
            col(ProcedureCirculation.tenant_id) == session.tenant_id,
            col(ProcedureCirculation.agency_id) == agency_id,
            col(ProcedureCirculation.forwarded_at).is_(None),
        )
        .order_by(col(ProcedureCirculation.sent_at), col(ProcedureCirculation.id))
    )
    return list(found)


async def circulations(session: TenantSession, amendment_id: UUID) -> list[tuple[ProcedureCirculation, str]]:
    """Whom an amendment was sent to, with the agency's code, by agency."""
    found = await session.execute(
        select(ProcedureCirculation, col(Agency.code))
        .join(Agency, link(ProcedureCirculation, "agency_id", Agency))
        .where(
            col(ProcedureCirculation.tenant_id) == session.tenant_id,
            col(ProcedureCirculation.amendment_id) == amendment_id,
        )
        .order_by(col(Agency.code))
    )
    return [(row[0], row[1]) for row in found]


async def agreed_words(session: TenantSession, edition: ProcedureEdition) -> list[ProcedureAmendment]:
    """The amendments whose words a draft ought to have, in the order in which they were agreed.

    Those that wait for the manual's next edition, and urgent ones whose words the newest approved text still has.
    """
    found = await session.scalars(
        select(ProcedureAmendment)
        .join(ProcedureEdition, link(ProcedureAmendment, "edition_id", ProcedureEdition))
        .where(
            col(ProcedureAmendment.tenant_id) == session.tenant_id,
            col(ProcedureEdition.manual) == edition.manual,
            col(ProcedureAmendment.state).in_([AmendmentState.AGREED, AmendmentState.CIRCULATED]),
        )
        .order_by(col(ProcedureAmendment.agreed_at), col(ProcedureAmendment.id))
    )
    newest = (await repository.in_force(session, date.max, edition.manual))[:1]
    return [one for one in found.all() if one.text_id is None or await _stands(session, one, newest)]


async def _stands(session: TenantSession, one: ProcedureAmendment, texts: Sequence[ProcedureEdition]) -> bool:
    for text in texts:
        address = await repository.followed(session, text.id, one.edition_id, one.address)
        found = await repository.provision(session, text.id, address)
        return found is not None and found.text == one.new_text
    return False


async def managers(session: TenantSession, agency_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Who is the nominated manager of each agency that has one who is still here."""
    found = await session.execute(
        select(col(ProcedureManager.agency_id), col(ProcedureManager.person_id))
        .join(Person, link(ProcedureManager, "person_id", Person))
        .where(
            col(ProcedureManager.tenant_id) == session.tenant_id,
            col(ProcedureManager.agency_id).in_(agency_ids),
            col(ProcedureManager.to_at).is_(None),
            col(Person.active),
        )
    )
    return {row.agency_id: row.person_id for row in found}


async def nominate(session: TenantSession, agency: str, person_id: UUID, by: UUID) -> UUID:
    """Make a person who is here an agency's manager in place of the one before. Returns the agency's id.

    Raises ``NotFound``, ``Invalid``.
    """
    agency_id = await agency_of(session, agency)
    person = await repository.row(session, Person, person_id, "There is no such person in this partnership.")
    if not person.active:
        raise Invalid([FieldError("personId", "has left; name somebody who is here")])
    now = await session.now()
    for row in await session.scalars(
        select(ProcedureManager)
        .where(
            col(ProcedureManager.tenant_id) == session.tenant_id,
            col(ProcedureManager.agency_id) == agency_id,
            col(ProcedureManager.to_at).is_(None),
        )
        .with_for_update(key_share=True)
    ):
        row.to_at = now
    session.append(ProcedureManager, agency_id=agency_id, person_id=person_id, nominated_by=by, from_at=now)
    session.audit_entries.append(
        Entry("procedure_manager.nominated", "agency", agency_id, by, {"person_id": str(person_id)})
    )
    return agency_id


async def agency_of(session: TenantSession, code: str, field: str = "agency") -> UUID:
    """The agency with a code. Raises ``Invalid``, naming the field."""
    found: UUID | None = await session.scalar(
        select(col(Agency.id)).where(col(Agency.tenant_id) == session.tenant_id, col(Agency.code) == code)
    )
    if found is None:
        raise Invalid([FieldError(field, "is no agency of this partnership; use the code of one")])
    return found


async def adopt(
    session: TenantSession, edition_id: UUID, told: AdoptionTold, by: UUID, adoption_id: UUID
) -> ProcedureAdoption:
    """Record how a body holds to an edition. Raises ``NotFound``, ``Invalid``.

    A body that is ENCOURAGED has no clause, and nobody can be in breach of one that was sought and refused.
    """
    edition = await repository.edition(session, edition_id)
    faults = text_faults(body=(told.body, 200), scope=(told.scope, 500), reason=(told.reason, 2_000))
    if (told.agency is None) == (told.body is None):
        faults.append(FieldError("agency", "give an agency's code, or the name of a body outside; not both"))
    contract = told.adoption is AdoptionClass.CONTRACT
    if not contract and (told.clause_obtained is not None or told.clause_sought_on is not None):
        faults.append(FieldError("clauseObtained", "belongs to a body under contract"))
    if contract and told.clause_sought_on is None:
        faults.append(FieldError("clauseSoughtOn", "say when the clause was sought"))
    if told.clause_obtained is False and told.reason is None:
        faults.append(FieldError("reason", "say why the clause was not obtained"))
    if faults:
        raise Invalid(faults)
    row = ProcedureAdoption(
        tenant_id=session.tenant_id, id=adoption_id, edition_id=edition.id,
        agency_id=await agency_of(session, told.agency) if told.agency else None, body=told.body,
        adoption=told.adoption, adopted_on=told.adopted_on, scope=told.scope, clause_sought_on=told.clause_sought_on,
        clause_obtained=told.clause_obtained, reason=told.reason, recorded_by=by, recorded_at=await session.now(),
    )  # fmt: skip
    session.insert(row)
    session.audit_entries.append(
        Entry("procedure_adoption.recorded", "procedure_edition", edition.id, by, {"adoption": told.adoption.value})
    )
    return row


async def adoptions(session: TenantSession, edition_id: UUID) -> list[ProcedureAdoption]:
    """How each body holds to an edition, by its newest record."""
    found = await session.scalars(
        select(ProcedureAdoption)
        .where(col(ProcedureAdoption.tenant_id) == session.tenant_id, col(ProcedureAdoption.edition_id) == edition_id)
        .order_by(col(ProcedureAdoption.id))
    )
    return list({row.agency_id or row.body: row for row in found}.values())


async def agreed_agencies(session: TenantSession, manual: str) -> dict[UUID, str]:
    """The agencies that have agreed to a manual by their newest word on any edition of it, with their codes."""
    found = await session.execute(
        select(ProcedureAdoption, col(Agency.code))
        .join(Agency, link(ProcedureAdoption, "agency_id", Agency))
        .join(ProcedureEdition, link(ProcedureAdoption, "edition_id", ProcedureEdition))
        .where(col(ProcedureAdoption.tenant_id) == session.tenant_id, col(ProcedureEdition.manual) == manual)
        .order_by(col(ProcedureAdoption.id))
    )
    latest = {row[0].agency_id: (row[0].adoption, row[1]) for row in found}
    return {key: code for key, (adoption, code) in latest.items() if key and adoption is AdoptionClass.AGREED}


async def subscribe(session: TenantSession, manual: str, person_id: UUID) -> None:
    """Let somebody be told of every new text of a manual. Raises ``NotFound`` for one that is not there."""
    if not (await session.scalars(repository.editions(session.tenant_id, manual, drafts=False).limit(1))).all():
        raise NotFound("There is no such manual in this partnership.")
    values = {"tenant_id": session.tenant_id, "id": uuid7(), "manual": manual, "person_id": person_id,
              "since": await session.now()}  # fmt: skip
    await session.execute(insert(ProcedureSubscription).values(values).on_conflict_do_nothing())


async def unsubscribe(session: TenantSession, manual: str, person_id: UUID) -> None:
    await session.execute(
        delete(ProcedureSubscription).where(
            col(ProcedureSubscription.tenant_id) == session.tenant_id,
            col(ProcedureSubscription.manual) == manual,
            col(ProcedureSubscription.person_id) == person_id,
        )
    )
