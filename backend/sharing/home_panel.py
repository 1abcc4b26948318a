"""The panel of a child's home is told of a death elsewhere by itself, or by a person where it cannot be."""

from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from backend.cases import repository as cases
from backend.cases.models import CaseState
from backend.cases.service import local_day
from backend.child_deaths import repository as child_deaths
from backend.child_deaths.models import ChildDeath
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.registers.deaths import telling
from backend.sharing import offering, packet, repository
from backend.sharing.death_notices import home_of, packet_of
from backend.sharing.kinds import Kind
from backend.sharing.models import PartnershipTransfer
from backend.sharing.offering import OfferTold
from tenants.contacts import repository as contacts
from tenants.partnerships import repository as partnerships
from tenants.partnerships.models import Partnership

log = structlog.get_logger(__name__)

WHY: Final = "The child's usual home is in your area."


async def tell(session: TenantSession, death_id: UUID) -> None:
    """Offer the notice of a death to the partnership of the child's home (Working Together 2005 ¶5.49).

    Once for each report, and not where somebody has offered it there before; a second report of the same death is
    told like the first. Where no partnership of the platform is known by the home's name, the notice becomes the
    duty of the panel's manager, with its clock. Nothing is told of a case that was void by then.
    """
    death = await child_deaths.child_death(session, death_id)
    case = await cases.locked(session, death.case_id)
    if case.state is CaseState.VOID or death.home_area_outside is None:
        return
    found = await home_of(session, death.home_area_outside)
    if found is None or not await _offered(session, death, *found):
        await telling.owe_telling(session, death)


async def _offered(session: TenantSession, death: ChildDeath, partner: Partnership, area: str) -> bool:
    """Whether the home's partnership has the notice, or it is on its way; False for one that cannot be put together."""
    if await repository.told_of_death(session, death.case_id, partner.id):
        return True
    content = await packet_of(session, death)
    today = local_day(await session.now(), (await partnerships.own(session)).zone)
    if faults := packet.faults(Kind.DEATH_NOTICE, content, today):
        log.error("death_notice_faulty", case_id=str(death.case_id), fields=[one.field for one in faults])
        return False
    told = OfferTold(
        Kind.DEATH_NOTICE, death.case_id, content.children, content.items, WHY, partner=partner.slug, area=area
    )
    reporter = (await contacts.people(session, [death.reported_by]))[death.reported_by]
    await offering.offer_unasked(session, told, partner, reporter, uuid7())
    return True


async def received(session: TenantSession, row: PartnershipTransfer, at: datetime) -> None:
    """Enter in the sender's register that a panel has the notice, by which the duty to tell it is done.

    It is the home's panel unless the report names the home of another partnership.
    """
    death = (await child_deaths.of_cases(session, [row.case_id])).get(row.case_id)
    if row.kind is not Kind.DEATH_NOTICE or death is None:
        return
    found = await home_of(session, death.home_area_outside) if death.home_area_outside else None
    elsewhere = found is not None and row.partner_id is not None and found[0].id != row.partner_id
    body = row.partner_name if elsewhere else death.home_area_outside or row.partner_name
    await telling.panel_told(session, death, body, at)
