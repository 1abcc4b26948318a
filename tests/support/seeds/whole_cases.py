"""A case of which everything is told that may be left out: its people, its children, its access, its level of need."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import text

from backend.cases import handing
from backend.cases import service as cases
from backend.cases.access import bars, teams
from backend.cases.access import service as access
from backend.cases.children import service as children
from backend.cases.children.checks import AddressTold, ChildTold
from backend.cases.children.identity import Sex
from backend.cases.chronology import service as chronology
from backend.cases.chronology.models import EventKind
from backend.cases.links import link_cases
from backend.cases.models import LinkKind
from backend.cases.people import practitioners
from backend.cases.people import service as people
from backend.cases.people.models import RelationshipKind
from backend.cases.policies import PartyRole
from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.thresholds import deciding, observing, publishing
from backend.thresholds.deciding import DecisionTold
from backend.thresholds.observing import IndicatorTold
from support.partnership import HOME
from support.seeds.cases import NEWEST_AREA

LONG_AGO, LATELY = date(2020, 1, 1), date(2024, 5, 1)
_LEVELS = """
title: Levels in full
edition: Second
citation: Board minute 2
levels:
  - {code: low, name: Low, description: Low need., citation: Board minute 2}
  - code: high
    name: High
    description: High need.
    citation: Board minute 2
    signs: [Hunger]
    responses: [A plan]
    outcomes: [Food]
    national: [child-in-need]
    step_up: {asks: What was done before?, citation: Board minute 2}
domains: [{code: harm, name: Harm}]
indicators:
  - {code: bruise, name: Bruise, domain: harm}
  - {code: drink, name: Drinks, domain: harm, nature: state, of: adult}
criteria:
  - code: bruised
    text: A bruise.
    suggests: high
    all: [{indicator: bruise}]
    opens: [{pathway: referral-to-childrens-social-care}]
    force: must
    citation: Board minute 2
    inferred: That one is enough.
  - {code: grown, text: Of school age., suggests: low, all: [{age: {from: {years: 5}}}], citation: Board minute 2}
"""


async def seed_whole_case(session: TenantSession, caller: Caller, other: Caller) -> UUID:
    """The newest case. Its child was expected, was born and has a twin's record; ``other`` had it for a while."""
    team = await teams.create(session, caller, "south", "South", uuid7())
    await session.flush()
    await teams.set_members(session, caller, team.id, [caller.person_id, other.person_id])
    before: UUID = await session.scalar(text("SELECT id FROM case_file ORDER BY id DESC LIMIT 1"))
    opening = cases.Opening("none", await session.scalar(NEWEST_AREA))
    case = await cases.open_by_hand(session, caller, opening, uuid7())
    await session.flush()
    await _access(session, caller, other, case.id, team.id)
    await link_cases(session, caller, case.id, before, LinkKind.SAME_INCIDENT, "One flat", uuid7())
    gp = practitioners.AssignmentTold("gp", outside_name="Dr Outside")
    gone = await practitioners.assign(session, caller, case.id, gp, uuid7())
    await session.flush()
    await practitioners.end(session, caller, gone.id, "Retired")
    child_id = await _children(session, caller, case.id)
    party_id = await _family(session, caller, case.id, child_id)
    event = chronology.EventTold(EventKind.VISIT, "Visit", "Seen", occurred="2024", child_id=child_id, source="x")
    wrong = await chronology.enter(session, caller, case.id, event, uuid7())
    await session.flush()
    await chronology.correct(session, caller, wrong.id, event, uuid7())
    await _level(session, caller, other, case.id, (child_id, party_id))
    return case.id


async def _access(session: TenantSession, caller: Caller, other: Caller, case_id: UUID, team_id: UUID) -> None:
    """Handed over and back, kept from somebody, and looked at by breaking the glass while it was restricted."""
    for owner, reason in ((other, "Leave"), (caller, "Back")):
        told = handing.HandingTold(owner.person_id, team_id, reason)
        await handing.hand_over(session, caller, case_id, told, uuid7())
        await session.flush()
    await access.restrict(session, caller, case_id, [], "Theirs")
    stranger = replace(other, person_id=await _somebody_else(session, caller, other))
    await access.break_glass(session, stranger, case_id, "A child is in danger tonight", 15, uuid7())
    await access.lift_restriction(session, caller, case_id, "No more")
    await bars.bar(session, caller, case_id, stranger.person_id, "It is about them.")
    await session.flush()


async def _somebody_else(session: TenantSession, *known: Caller) -> UUID:
    query = text("SELECT id FROM person WHERE id <> ALL(:known) ORDER BY id LIMIT 1")
    found: UUID = await session.scalar(query, {"known": [one.person_id for one in known]})
    return found


async def _children(session: TenantSession, caller: Caller, case_id: UUID) -> UUID:
    """A child with everything on record, one who may be the same, and one of unknown age."""
    now = await session.now()
    day = now.date()
    told = ChildTold(
        name="Sorrel Samechild", other_names=("Sorrel Other",), nhs_number="9434765919", sex=Sex.FEMALE,
        ethnicity="White", first_language="Welsh", interpreter_needed=True, communication_needs="Signs",
    )  # fmt: skip
    home = AddressTold(HOME, from_on=LONG_AGO, to_on=LATELY)
    unborn = ChildTold(expected_on=day + timedelta(days=9), addresses=(home,))
    subject = await children.add_new_subject(session, caller, case_id, unborn, uuid7())
    await session.flush()
    soon = day + timedelta(days=2)
    await children.correct_expected_date(session, caller, subject.child_id, soon, "A scan")
    await children.record_birth(session, caller, subject.child_id, day, told)
    await children.correct_details(session, caller, subject.child_id, told, "Misheard")
    await children.add_new_subject(session, caller, case_id, replace(told, date_of_birth=day), uuid7())
    await children.add_new_subject(session, caller, case_id, ChildTold(name="Nobody Knownborn"), uuid7())
    await session.flush()
    return subject.child_id


async def _family(session: TenantSession, caller: Caller, case_id: UUID, child_id: UUID) -> UUID:
    """An adult of the household, with all that is known of them."""
    told = people.PartyTold(
        (PartyRole.PARENT,), "Bryony Parent", date_of_birth=date(1990, 1, 1), organisation="Mill",
        telephone="01632 960778", note="Works nights.",
    )  # fmt: skip
    party = await people.add_party(session, caller, case_id, told, uuid7())
    await session.flush()
    who, span = people.Who(party_id=party.id), people.Span(LONG_AGO, LATELY)
    await people.add_household_member(session, caller, case_id, who, span, uuid7())
    await people.record_relationship(
        session, caller, case_id, who, RelationshipKind.PARENT, people.Who(child_id), span, uuid7()
    )
    await session.flush()
    return party.id


async def _level(
    session: TenantSession, caller: Caller, other: Caller, case_id: UUID, of: tuple[UUID, UUID]
) -> None:  # fmt: skip
    """Decided twice in a run, by a document that somebody approved in place of one that was withdrawn."""
    child_id, party_id = of
    earlier: UUID = await session.scalar(text("SELECT edition_id FROM threshold_decision ORDER BY id DESC LIMIT 1"))
    edition = await publishing.draft(session, caller, _LEVELS, uuid7())
    await publishing.approve(session, other, edition.id, (await session.now()).date(), "Board minute 2")
    await publishing.withdraw(session, caller, earlier, "Replaced")
    await session.flush()
    drinks = IndicatorTold("drink", party_id=party_id, note="Seen twice.")
    state = await observing.record(session, caller, case_id, drinks, uuid7())
    await observing.record(session, caller, case_id, IndicatorTold("bruise", child_id=child_id), uuid7())
    await session.flush()
    await observing.end(session, caller, state.id, None, "No more.", uuid7(), withdrawn=False)
    first = await deciding.decide(session, caller, case_id, DecisionTold("low", "x"), uuid7(), "low")
    opened = DecisionTold("high", "x", earlier_help="A visit.", previous_id=first.id,
                          open=("referral-to-childrens-social-care",))  # fmt: skip
    second = await deciding.decide(session, caller, case_id, opened, uuid7(), "high")
    (run_id,) = second.opened["started"].values()
    settled = DecisionTold("high", "x", previous_id=second.id, run_id=UUID(run_id))
    await deciding.decide(session, caller, case_id, settled, uuid7(), "settled")
    await session.flush()
