"""Write a planned family: its children once, then each of its cases with everything that happened on it."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from backend.cases import service as cases
from backend.cases.children import service as children
from backend.cases.children.checks import AddressTold, ChildTold
from backend.cases.children.models import CaseSubject, Child
from backend.cases.models import CaseChange, CaseChangeKind, CaseFile, CaseState
from backend.cases.people.models import CasePractitioner, Party
from backend.cases.policies import PartyRole
from backend.child_deaths.models import ChildDeath, Setting
from backend.kit.audit import Entry
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.pathways.models import RunState
from backend.sandbox import names
from backend.sandbox.ground import Ground
from backend.sandbox.limits import wind
from backend.sandbox.plans import CasePlan, ChildPlan, DeathPlan, FamilyPlan, chance_of
from backend.sandbox.runs import Desk, carry_out

GENERATED: Final = "case.generated"
"""What the timeline and the audit log of each generated case say of it."""
_ROLES: Final = (("worker", ("social-care-intake", "social-worker", "key-worker")),
                 ("lead", ("social-care-manager", "conference-chair")))  # fmt: skip


async def write(session: TenantSession, ground: Ground, plan: FamilyPlan) -> int:
    """Write a family, in the caller's transaction. Returns how many cases it has.

    All of it lies in the past, told by nobody: no alert is raised, and the audit log says of each case that it was
    generated instead of who did what in it.
    """
    known: dict[int, UUID] = {}
    for case in plan.cases:
        await _case(session, ground, plan, case, known)
    session.wakes.clear()
    return len(plan.cases)


async def _case(
    session: TenantSession, ground: Ground, family: FamilyPlan, plan: CasePlan, known: dict[int, UUID]
) -> None:
    chance = chance_of(plan.seed, 0)
    case_id, lead = uuid7(), chance.choice(ground.leads)
    others = [staff for staff in ground.workers if staff.person_id != lead.person_id] or list(ground.workers)
    desk = Desk(session, ground, case_id, chance.choice(others), lead, chance)
    session.know_now(plan.opened_at)
    case = CaseFile(
        tenant_id=session.tenant_id, id=case_id, pathway=plan.pathway, reference=plan.reference,
        area_id=ground.areas[family.area % len(ground.areas)], opened_at=plan.opened_at,
        opened_by=desk.worker.person_id, owner_id=lead.person_id, agency_id=lead.agency_id,
    )  # fmt: skip
    session.insert(case)
    before = len(session.audit_entries)
    await cases.add_event(session, case_id, "case.opened", desk.worker.person_id, detail={"pathway": plan.pathway})
    _practitioners(desk, plan.opened_at)
    await _subjects(desk, family, plan, known)
    if plan.death is not None:
        await _death(desk, family, plan, plan.death)
    _referrer(desk, plan)
    deeds = [(leg.begins, number, -1) for number, leg in enumerate(plan.legs)]
    deeds += [(deed.at, number, place) for number, leg in enumerate(plan.legs) for place, deed in enumerate(leg.deeds)]
    for _, number, place in sorted(deeds):
        leg = plan.legs[number]
        await carry_out(desk, leg, leg.deeds[place] if place >= 0 else None)
    for at in desk.runs.values():
        await wind(desk, at, departs=plan.departs)
    await _close(desk, case)
    session.know_now(ground.until)
    await cases.add_event(session, case_id, GENERATED, None)
    session.audit_entries[before:] = [Entry(GENERATED, "case", case_id, None, {"sandbox": True})]


def _practitioners(desk: Desk, at: datetime) -> None:
    for name, roles in _ROLES:
        staff = getattr(desk, name)
        for role in roles:
            desk.session.insert(
                CasePractitioner(
                    tenant_id=desk.session.tenant_id, id=uuid7(), case_id=desk.case_id, person_id=staff.person_id,
                    agency_id=staff.agency_id, role=role, from_at=at, assigned_by=desk.lead.person_id,
                    outside_name=None, outside_agency=None,
                )
            )  # fmt: skip


async def _subjects(desk: Desk, family: FamilyPlan, plan: CasePlan, known: dict[int, UUID]) -> None:
    session, by = desk.session, desk.worker.person_id
    for place in plan.children:
        if place not in known:
            child = await children.enter(session, _told(family.children[place], family.address), recorded_by=by)
            known[place] = child.id
        session.append(
            CaseSubject, case_id=desk.case_id, child_id=known[place], added_by=by, added_at=plan.opened_at
        )  # fmt: skip


def _told(child: ChildPlan, address: str) -> ChildTold:
    return ChildTold(
        name=child.name, date_of_birth=child.born, expected_on=child.expected_on, nhs_number=child.nhs_number,
        sex=child.sex, addresses=(AddressTold(address),),
    )  # fmt: skip


def _referrer(desk: Desk, plan: CasePlan) -> None:
    role = PartyRole.PROFESSIONAL_REFERRER if plan.organisation else PartyRole.PUBLIC_REFERRER
    desk.session.insert(
        Party(
            tenant_id=desk.session.tenant_id, id=uuid7(), case_id=desk.case_id, roles=[role.value], name=plan.referrer,
            organisation=plan.organisation, telephone=plan.telephone, recorded_by=desk.worker.person_id,
            recorded_at=plan.opened_at,
        )
    )  # fmt: skip


async def _death(desk: Desk, family: FamilyPlan, plan: CasePlan, death: DeathPlan) -> None:
    ground, child, area = desk.ground, family.children[plan.children[0]], family.area % len(desk.ground.areas)
    for entered in desk.session.inserted(Child):
        if entered.name == child.name:
            entered.died_on = cases.local_day(death.at, ground.zone)
    told = {
        "child_name": child.name, "date_of_birth": child.born, "sex": child.sex, "nhs_number": child.nhs_number,
        "usual_home_address": family.address, "home_area_id": ground.areas[area], "setting": death.setting,
        "place_of_death": "A made-up hospital" if death.setting is Setting.WARD else "A made-up place",
        "area_of_death_id": ground.areas[area], "died_at": death.at, "suspicion": death.suspicion,
        "coroner_area_id": ground.coroners[area % len(ground.coroners)] if ground.coroners else None,
        "confirmed_at": death.at + timedelta(minutes=20), "confirmed_by": names.person_name(desk.chance),
        "anticipated_24h_before": death.anticipated, "unexpected_collapse": False,
        "unexpected": not death.anticipated, "circumstances": "Made up for a sandbox.",
        "other_children_in_household": len(family.children) > 1, "reporter_name": plan.referrer,
        "reporter_role": "made-up consultant", "reporter_telephone": plan.telephone,
        "reported_by": desk.worker.person_id, "reported_at": plan.opened_at,
    }  # fmt: skip
    row = ChildDeath(tenant_id=desk.session.tenant_id, id=uuid7(), case_id=desk.case_id, **_known(told))
    desk.session.insert(row)
    detail = {"unexpected": row.unexpected, "suspicion": row.suspicion.value, "possible_duplicates": 0}
    await cases.add_event(desk.session, desk.case_id, "child_death.reported", row.reported_by,
                          occurred_at=row.confirmed_at, detail=detail)  # fmt: skip


def _known(told: dict[str, Any]) -> dict[str, Any]:
    """What is known: a partnership without coroner areas of its own keeps none."""
    return {name: value for name, value in told.items() if value is not None}


async def _close(desk: Desk, case: CaseFile) -> None:
    """Close the file once nothing runs on it any more."""
    ends = [at.run.closed_at for at in desk.runs.values() if at.run.closed_at is not None]
    if not desk.runs or any(at.run.state is RunState.OPEN for at in desk.runs.values()) or not ends:
        return
    now = desk.session.know_now(max(ends))
    case.state = CaseState.CLOSED
    desk.session.insert(
        CaseChange(
            tenant_id=desk.session.tenant_id, id=uuid7(), case_id=case.id, kind=CaseChangeKind.CLOSED,
            reason="Nothing runs on it any more.", made_by=desk.lead.person_id, made_at=now,
            was_owner_id=case.owner_id, owner_id=case.owner_id,
        )
    )  # fmt: skip
    await cases.add_event(desk.session, case.id, "case.closed", desk.lead.person_id)
