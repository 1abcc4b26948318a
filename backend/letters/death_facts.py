"""What a letter says of a child's death, as it was reported."""

from backend.child_deaths import repository as deaths
from backend.child_deaths.models import ChildDeath
from backend.kit.session import TenantSession
from backend.letters.case_facts import CaseFacts, is_hidden
from backend.letters.sight import Sight
from backend.letters.values import KEPT, Value, coded, day, moment, said, yes_or_no
from tenants.partnerships import repository as partnerships


async def death_values(session: TenantSession, facts: CaseFacts, sight: Sight, zone: str) -> dict[str, Value]:
    """The source ``death``; nothing where the case is of no death."""
    row: ChildDeath | None = (await deaths.of_cases(session, [facts.case.id])).get(facts.case.id)
    if row is None:
        return {}
    wanted = [one for one in (row.home_area_id, row.area_of_death_id, row.coroner_area_id) if one]
    areas = {one.id: one.name for one in (await partnerships.areas_by_id(session, wanted)).values()}
    home = areas.get(row.home_area_id) if row.home_area_id else row.home_area_outside
    shown = sight.address(hidden=is_hidden(facts, row.usual_home_address))
    return {
        "death.name": said(row.child_name), "death.born": day(row.date_of_birth), "death.sex": coded(row.sex.value),
        "death.nhs-number": said(row.nhs_number),
        "death.address": said(row.usual_home_address) if shown else KEPT,
        "death.home-area": said(home), "death.setting": coded(row.setting.value),
        "death.place": said(row.place_of_death), "death.area": said(areas.get(row.area_of_death_id)),
        "death.coroner-area": said(areas.get(row.coroner_area_id)), "death.died": moment(row.died_at, zone),
        "death.confirmed": moment(row.confirmed_at, zone), "death.confirmed-by": said(row.confirmed_by),
        "death.unexpected": yes_or_no(row.unexpected), "death.anticipated": yes_or_no(row.anticipated_24h_before),
        "death.collapse": yes_or_no(row.unexpected_collapse), "death.circumstances": said(row.circumstances),
        "death.suspicion": coded(row.suspicion.value),
        "death.other-children": yes_or_no(row.other_children_in_household),
        "death.reporter": said(f"{row.reporter_name}, {row.reporter_role}"),
        "death.reporter-telephone": said(row.reporter_telephone), "death.reported": moment(row.reported_at, zone),
    }  # fmt: skip
