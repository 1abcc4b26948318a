"""Cases with everything that a case can have: people, pathways, levels of need."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import text

from backend.cases import service as cases
from backend.cases.access import teams
from backend.cases.children import service as children
from backend.cases.children.checks import ChildTold
from backend.cases.chronology import service as chronology
from backend.cases.chronology.models import EventKind
from backend.cases.drafts import service as drafts
from backend.cases.links import link_cases
from backend.cases.models import LinkKind
from backend.cases.people import practitioners
from backend.cases.people import service as people
from backend.cases.people.models import RelationshipKind
from backend.cases.policies import PartyRole
from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.pathways import casework, deciding, departing, disagreeing, opening, overlaying
from backend.pathways.moments import MomentTold
from backend.thresholds import deciding as levels_of_need
from backend.thresholds import observing, publishing, viewing
from backend.thresholds.deciding import DecisionTold
from backend.thresholds.observing import IndicatorTold
from backend.thresholds.viewing import ViewTold
from support.casework import OVERLAY, REFERRAL, put_in_force

NEWEST_AREA = text("SELECT id FROM area ORDER BY id DESC LIMIT 1")


async def seed_case(session: TenantSession, caller: Caller) -> None:
    """A case with everything that a case can have, in the newest of the areas, linked to one before it."""
    area = await session.scalar(NEWEST_AREA)
    team = await teams.create(session, caller, "north", "North", uuid7())
    await session.flush()
    before = await cases.open_by_hand(session, caller, cases.Opening("none"), uuid7())
    case = await cases.open_by_hand(session, caller, cases.Opening("none", area, team_id=team.id), uuid7())
    child = ChildTold(name=f"Only Of {caller.partnership.title()} Too", date_of_birth=date(2024, 2, 29))
    subject = await children.add_new_subject(session, caller, case.id, child, uuid7())
    party = await people.add_party(session, caller, case.id, people.PartyTold((PartyRole.PARENT,)), uuid7())
    await session.flush()
    mother, them = people.Who(party_id=party.id), people.Who(subject.child_id)
    await people.add_household_member(session, caller, case.id, mother, people.Span(), uuid7())
    await people.record_relationship(
        session, caller, case.id, mother, RelationshipKind.PARENT, them, people.Span(), uuid7()
    )
    assignment = practitioners.AssignmentTold("gp", outside_name="Dr Outside")
    await practitioners.assign(session, caller, case.id, assignment, uuid7())
    await link_cases(session, caller, case.id, before.id, LinkKind.SIBLING, None, uuid7())
    event = chronology.EventTold(EventKind.VISIT, "Visit", "Seen", occurred="2026")
    await chronology.enter(session, caller, case.id, event, uuid7())
    await drafts.save(session, caller, "seeded", case.id, {"written": True}, 0, uuid7())
    await session.flush()


async def seed_pathway(session: TenantSession, caller: Caller) -> None:
    """A team's referral with a decision, a departure and an overlay."""
    await put_in_force(session, OVERLAY)
    team = await teams.create(session, caller, "intake", "Intake", uuid7())
    await session.flush()
    area = await session.scalar(NEWEST_AREA)
    case = await cases.open_by_hand(session, caller, cases.Opening(REFERRAL, area, team_id=team.id), uuid7())
    await session.flush()
    for role in ("social-care-intake", "social-care-manager"):
        assignment = practitioners.AssignmentTold(role, person_id=caller.person_id)
        await practitioners.assign(session, caller, case.id, assignment, uuid7())
    entry = opening.EntryTold(REFERRAL, ("significant-harm",))
    run = await opening.start(session, caller, case.id, entry, uuid7(), "start")
    for stage in ("intake", "consideration"):
        await casework.move(session, caller, run.id, stage, MomentTold(), None, casework.Known(None, stage))
    told = deciding.DecisionTold("possible-offence", ("no-offence-seen",), "None.")
    decided = await deciding.decide(session, caller, run.id, told, uuid7(), version=None, transaction_id="decide")
    dispute = disagreeing.DisagreementTold("An offence is possible.", "The police are told.")
    await disagreeing.disagree(session, caller, decided.id, dispute, uuid7(), "disagree")
    departure = departing.DepartureTold("obligation", "acknowledge", "Nothing.", "They rang.")
    await departing.acknowledge(session, caller, run.id, departure, uuid7())
    await overlaying.attach_by_hand(
        session, caller, run.id, "forced-marriage", "Feared.", uuid7(), version=None, transaction_id="attach"
    )
    await session.flush()


async def seed_threshold(session: TenantSession, caller: Caller) -> None:
    """The newest case's level of need, decided and disputed, by a document in force; and a draft of another."""
    text_of = "title: Levels\nedition: Of {}\ncitation: Minute 1\nlevels:\n{}domains: [{{code: d, name: D}}]\n{}"
    levels = "".join(f"  - {{code: {one}, name: N, description: D, citation: C}}\n" for one in ("low", "high"))
    seen = "indicators: [{code: seen, name: Seen, domain: d, nature: state, of: family}]\n"
    words = text_of.format(caller.partnership, levels, seen)
    day = (await session.now()).date() - timedelta(days=1)
    await publishing.put_in_force(session, publishing.compiled(words), day, role="test", authority="test")
    case_id: UUID = await session.scalar(text("SELECT id FROM case_file ORDER BY id DESC LIMIT 1"))
    await observing.record(session, caller, case_id, IndicatorTold("seen"), uuid7())
    decided = await levels_of_need.decide(session, caller, case_id, DecisionTold("low", "x"), uuid7(), "level")
    disputed = ViewTold(agrees=False, reasons="x", wanted="high")
    await viewing.give(session, caller, decided.id, disputed, uuid7(), "view")
    await publishing.draft(session, caller, words, uuid7())
    await session.flush()
