"""The notice of a death to the panel of the child's home, put together from the report, and who is told by it."""

from uuid import UUID

from backend.cases.children import repository as children
from backend.cases.children.checks import AddressTold, ChildTold
from backend.cases.children.identity import address_key
from backend.child_deaths.models import ChildDeath
from backend.child_deaths.rules import local_date
from backend.kit.session import TenantSession
from backend.sharing.packet import Packet
from tenants.partnerships import repository as partnerships
from tenants.partnerships.models import Partnership


async def packet_of(session: TenantSession, death: ChildDeath) -> Packet:
    """Who the child was, when and where they died, who has notified, and what is done there: nothing else."""
    areas = {area.id: area.name for area in await partnerships.areas(session)}
    zone = (await partnerships.own(session)).zone
    child = ChildTold(
        name=death.child_name, date_of_birth=death.date_of_birth, nhs_number=death.nhs_number, sex=death.sex,
        died_on=local_date(death.died_at, zone),
        addresses=(AddressTold(death.usual_home_address, hidden=await _is_hidden(session, death)),),
    )  # fmt: skip
    items = {
        "died-at": death.died_at.isoformat(),
        "area-of-death": f"{areas[death.area_of_death_id]}: {death.place_of_death}",
        "usual-home": death.home_area_outside or "Not known for certain",
        "notified-by": f"{death.reporter_name}, {death.reporter_role}, {death.reporter_telephone}",
        "coroner": areas[death.coroner_area_id],
        "response": "A joint agency response" if death.unexpected else "None: the death was expected",
    }
    return Packet((child,), items)


async def _is_hidden(session: TenantSession, death: ChildDeath) -> bool:
    """Whether the child's record keeps the same address from most; it stays so on the other side."""
    subjects = (await children.subjects(session, [death.case_id])).get(death.case_id, [])
    known = await children.addresses(session, [child.id for _, child in subjects])
    told = address_key(death.usual_home_address)
    return any(one.hidden and one.match_key == told for found in known.values() for one in found)


async def home_of(session: TenantSession, words: str) -> tuple[Partnership, str] | None:
    """The partnership whose area the words name, and the area's code; None where they name none, or more than one.

    Only the whole name or the code of an area counts: nobody is told of a child by a guess.
    """
    others = {one.id: one for one in await partnerships.addressable(session) if one.id != session.tenant_id}
    wanted = _plain(words)
    named: list[tuple[UUID, str]] = [
        (area.partnership_id, area.code)
        for area in await partnerships.areas_of(session, others)
        if wanted in {_plain(area.name), _plain(area.code)}
    ]
    if len(named) != 1:
        return None
    ((partner_id, code),) = named
    return others[partner_id], code


def _plain(words: str) -> str:
    return " ".join(words.casefold().split())
