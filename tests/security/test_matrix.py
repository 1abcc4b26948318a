"""Who is shown what of a person or a case: every field of the schema has a rule, and each is tried on the API.

The rules stand in the files of ``matrix``. Each role asks for every record whole, in each situation that it can be in
towards the case, and is shown exactly what the rules say.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import pytest
from sqlalchemy import text

from backend.cases.access import bars
from backend.cases.access import service as access
from backend.cases.children import service as children
from backend.cases.children.checks import AddressTold
from backend.cases.people import practitioners
from backend.cases.people import service as people
from backend.cases.policies import PartyRole
from backend.identity.policies import ROLES, Caller, Permission
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from graphql_api.ids import encode, key_of
from support.api import Api, Door
from support.matrix import WITHOUT, Question, Way, batches, document, found, matrix, questions, shown_fields
from support.neighbours import Things, ids_of
from support.partnership import HOME, Partnership
from support.seeds.whole import seed_whole

FIRST: Final = "cambs-peterborough"
SUBJECT: Final = "sorrel.unconcerned"
NO_CASES: Final = "city-social-care"
"""An agency of which nobody works on any case."""
WHERE: Final = "Refuge, 9 Invented Row"
HIDDEN: Final = (WHERE, HOME, "Nettle Whisper", "01632 960777")

REACH_ALL: Final = frozenset({
    "paediatrician", "designated_doctor", "sio", "detective_superintendent", "social_worker", "cdop_manager",
    "duty_manager", "designated_manager",
})  # fmt: skip
SITUATIONS: Final = ("no concern of theirs", "works on it", "restricted", "listed", "about them")


OF_A_CASE: Final = {
    "ChildEnquiry": "SELECT enquiry_id FROM enquiry_answer WHERE child_id IS NOT NULL",
    "EnquiryDuty": "SELECT id FROM enquiry_duty WHERE case_id IS NOT NULL",
    "DeathNotice": "SELECT notice_id FROM death_match WHERE death_id IS NOT NULL",
}
"""Which records are of a case, of types of which others are of none."""


def there(of: str | None, role: str, situation: str) -> bool:
    """Whether a record of a case is there at all for somebody whose role lets them ask."""
    if of is None:
        return True
    seen = {"no concern of theirs": role in REACH_ALL, "works on it": True, "listed": True}
    return seen.get(situation, False)


@dataclass(frozen=True)
class Records:
    """What is asked about, and what whoever may do everything is shown of it."""

    partnership: Partnership
    person_id: UUID
    ids: Mapping[str, Sequence[str]]
    whole: Mapping[Question, Counter[tuple[str, str, str]]]


def test_every_field_that_shows_something_has_one_rule() -> None:
    fields, rules = set(shown_fields()), matrix().rules
    without = sorted(f"{kind}.{name}" for kind, name in fields - rules.keys())
    assert not without, f"Say in tests/security/matrix who is shown {', '.join(without)}."
    gone = sorted(f"{kind}.{name}" for kind, name in rules.keys() - fields)
    assert not gone, f"tests/security/matrix names what is no longer there: {', '.join(gone)}"


def test_every_rule_about_a_record_is_tried() -> None:
    asked = {one for kind in matrix().ways for question in questions(kind) for one in question.tries}
    tried = {one for one, rule in matrix().rules.items() if rule == "record" or WITHOUT.fullmatch(rule)}
    untried = sorted(f"{kind}.{name}" for kind, name in tried - asked)
    assert not untried, f"No way in tests/security/matrix leads to {', '.join(untried)}"


async def _everything(partnership: Partnership) -> Caller:
    """Whoever made all that is there, and may do everything."""
    return Caller(partnership.id, partnership.slug, await partnership.on_call("paediatrician"), tuple(ROLES))


async def _hide(partnership: Partnership) -> None:
    """Let every case have what only some may see: a protected informant, and addresses that are kept hidden."""
    caller = await _everything(partnership)
    informant = people.PartyTold((PartyRole.WHISTLEBLOWER,), name="Nettle Whisper", telephone="01632 960777",
                                 address=WHERE)  # fmt: skip
    async with partnership.session() as session:
        for case_id in await _cases(session):
            party = await people.add_party(session, caller, case_id, informant, uuid7())
            await session.flush()
            who = people.Who(party_id=party.id)
            await people.add_household_member(session, caller, case_id, who, people.Span(), uuid7())
        for child_id in await session.scalars(text("SELECT child_id FROM case_subject")):
            for where in (HOME, WHERE):
                await children.add_address(session, caller, child_id, AddressTold(where, hidden=True))
        await session.commit()


async def _cases(session: Any) -> list[UUID]:
    return list(await session.scalars(text("SELECT id FROM case_file ORDER BY id")))


async def _stand(partnership: Partnership, person_id: UUID, situation: str) -> None:
    """Bring somebody into a situation towards every case. They follow each other in the order of ``SITUATIONS``."""
    caller = await _everything(partnership)
    async with partnership.session() as session:
        for case_id in await _cases(session) if situation != SITUATIONS[0] else ():
            if situation == "works on it":
                told = practitioners.AssignmentTold("of-a-test", person_id=person_id)
                await practitioners.assign(session, caller, case_id, told, uuid7())
            elif situation == "about them":
                await bars.bar(session, caller, case_id, person_id, "It is about them.")
            else:
                on_list = [person_id] if situation == "listed" else []
                await access.restrict(session, caller, case_id, on_list, "Of a test")
        await session.commit()


async def _ask(api: Api, asked: Iterable[tuple[Question, str]]) -> dict[Question, tuple[str, Any]]:
    """What comes of each question about the record with an id: ``refused``, ``gone`` or ``there``, and its answer."""
    told = dict(asked)
    outcomes: dict[Question, tuple[str, Any]] = {}
    for batch in batches(list(told)):
        given = {f"q{number}": told[one] for number, one in enumerate(batch) if one.way.argument}
        answer = await api.send(document(batch), given)
        codes = {str(error["path"][0]): error["extensions"]["code"] for error in answer.get("errors", [])}
        assert set(codes.values()) <= {"FORBIDDEN"}, answer["errors"]
        data = answer.get("data") or {}  # of a refusal where an answer is never null, nothing is left
        for number, one in enumerate(batch):
            value = one.way.record(data.get(f"q{number}"), told[one])
            standing = "refused" if f"q{number}" in codes else "gone" if value is None else "there"
            outcomes[one] = (standing, value)
    return outcomes


def _values(kind: str, answers: Iterable[Any]) -> Counter[tuple[str, str, str]]:
    """How often each value is shown, by type and field."""
    into: Counter[tuple[str, str, str]] = Counter()
    for answer in answers:
        into.update((*field, value) for field, values in found(kind, answer).items() for value in values)
    return into


async def _shown(api: Api, records: Mapping[str, Sequence[str]]) -> dict[Question, tuple[set[str], Counter[Any]]]:
    """What comes of every question about every record."""
    into: dict[Question, tuple[set[str], list[Any]]] = {}
    for number in range(max(len(ids) for ids in records.values())):
        asked = [(one, ids[number]) for kind, ids in records.items() if number < len(ids) for one in questions(kind)]
        for one, (standing, value) in (await _ask(api, asked)).items():
            into.setdefault(one, (set(), []))[0].add(standing)
            into[one][1].append(value)
    return {one: (standings, _values(one.way.type, values)) for one, (standings, values) in into.items()}


async def _lists(api: Api, kind: str, under: str) -> bool:
    question = questions(kind)[0]
    return (await _ask(api, [(question, under)]))[question][0] == "there"


def _some(found_ids: Sequence[str]) -> list[str]:
    """The newest of a kind, of which is told what seldom is, and the oldest."""
    return list(dict.fromkeys([*found_ids[:3], *found_ids[-1:]]))


async def _ids(session: TenantSession, kind: str, way: Way, all_seeing: Api, people: list[UUID]) -> list[str]:
    """Which records of a type are asked about."""
    if way.lists and not way.argument:  # a list says itself what it lists
        page = await all_seeing.run(f"{{ {way.ask}(first: 8) {{ edges {{ node {{ id }} }} }} }}")
        found_ids = [edge["node"]["id"] for edge in page[way.ask]["edges"]]
    else:
        keys = people if way.takes == "Person" else (await ids_of(session))[way.takes]
        if kind == "Alert":  # others are of no case, and anybody's who may see alerts
            about = "SELECT id FROM alert WHERE subject_kind = 'case' ORDER BY id LIMIT 4"
            keys = list(await session.scalars(text(about)))
        found_ids = [encode(way.takes, one) for one in keys]
    if query := OF_A_CASE.get(way.type):
        of_one = {encode(way.type, one) for one in await session.scalars(text(query))}
        found_ids = [one for one in found_ids if (one in of_one) == (way.of == "case")]
    ids = _some(found_ids)
    if way.lists and way.argument:  # under some of which nothing is listed
        return [one for one in ids if await _lists(all_seeing, kind, one)]
    return ids


@pytest.fixture(scope="module")
async def records(door: Door, things: dict[str, Things]) -> Records:
    """The first partnership's records, and somebody who has nothing to do with any of them."""
    partnership = things[FIRST].partnership
    gone = await seed_whole(partnership)
    await _hide(partnership)
    administrator = await door.member(partnership, "administrator")
    sorrel = {"code": "sorrel", "name": "Sorrel Unconcerned", "post": "x", "agency": NO_CASES}
    added = await administrator.mutate("AddPerson", **sorrel)
    person_id = added["record"]["person"]["id"]
    await administrator.mutate("SetMembership", personId=person_id, subject=SUBJECT, roles=["administrator"])
    all_seeing = await door.on_call(partnership, "paediatrician")
    people = [await partnership.on_call("paediatrician"), gone]
    async with partnership.session() as session:
        ids = {kind: await _ids(session, kind, way, all_seeing, people) for kind, way in matrix().ways.items()}
    all_of_it = await _shown(all_seeing, ids)
    assert {one.way.type for one, (standings, _) in all_of_it.items() if "refused" in standings} == set()
    return Records(
        partnership, key_of("Person", person_id), ids, {one: values for one, (_, values) in all_of_it.items()}
    )


async def test_the_samples_show_every_field(records: Records) -> None:
    """Else a rule could be broken, and nobody would see it."""
    shown = {(kind, name) for values in records.whole.values() for kind, name, _ in values}
    asked = {one for question in records.whole for one in question.tries}
    never = {f"{kind}.{name}" for kind, name in asked - shown}
    unsaid = sorted(never - matrix().unseeded)
    assert not unsaid, f"Seed something, or say under 'unseeded' why there is none, for {' '.join(unsaid)}"
    assert matrix().unseeded == never, f"There are samples of {' '.join(sorted(matrix().unseeded - never))}"


async def test_each_role_is_shown_what_the_rules_say_in_each_situation(door: Door, records: Records) -> None:
    api, wrong = door.person(SUBJECT), []
    for situation in SITUATIONS:
        await _stand(records.partnership, records.person_id, situation)
        for role, permissions in ROLES.items():
            await door.change_roles(records.partnership, SUBJECT, role)
            for one, (standings, values) in (await _shown(api, records.ids)).items():
                wanted = _wanted(one, role, permissions, situation)
                if (fault := _fault(one, wanted, standings, values, records.whole[one])) is not None:
                    wrong.append(
                        f"{role}, {situation}: {one.way.type} under '{one.rule}' {fault}: {one.selection[:90]}"
                    )
    assert not wrong, "\n".join(wrong)


def _wanted(one: Question, role: str, permissions: frozenset[Permission], situation: str) -> str:
    """What the rules say that comes of a question."""
    if one.way.needs not in permissions:
        return "refused"
    if not there(one.way.of, role, situation) or (one.way.shown_to or one.way.needs) not in permissions:
        return "gone"
    if (without := WITHOUT.fullmatch(one.rule)) and Permission(without[2]) not in permissions:
        return without[1]
    return "there"


def _fault(one: Question, wanted: str, standings: set[str], values: Counter[Any], whole: Counter[Any]) -> str | None:
    if wanted in {"refused", "gone"}:
        return None if standings == {wanted} and not values else f"is {standings}, not {wanted}"
    fields, all_fields = ({(kind, name) for kind, name, _ in each} for each in (values, whole))
    if wanted == "withheld":
        return None if standings == {"there"} and one.tries[0] not in fields else "is not withheld"
    hidden = [value for _, _, value in values if any(word in value for word in HIDDEN)]
    if wanted == "masked":
        return f"is {standings} and shows {hidden}" if hidden or standings != {"there"} else None
    if WITHOUT.fullmatch(one.rule) and one.rule.startswith("masked") and hidden == []:
        was = [value for _, _, value in whole if any(word in value for word in HIDDEN)]
        return "is masked" if was else None
    missing = sorted(f"{kind}.{name}" for kind, name in all_fields - fields)
    return f"is {standings} and shows no {missing}" if missing or standings != {"there"} else None


async def test_nobody_of_another_partnership_is_shown_anything(
    door: Door, things: dict[str, Things], records: Records
) -> None:
    """Whatever they may do in their own."""
    (other,) = [each.partnership for slug, each in things.items() if slug != FIRST]
    shown = await _shown(await door.on_call(other, "paediatrician"), records.ids)
    assert {one.way.type: standings for one, (standings, _) in shown.items() if standings != {"gone"}} == {}
    assert not [values for _, values in shown.values() if values]
