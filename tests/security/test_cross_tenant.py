"""Every way that the API takes an id, tried with the ids of another partnership.

The ways are found in the schema, so that a field added later is tried too. For each the answer must be
the one that an id gets which never existed, and the other partnership must be left as it was. That the
field does take ids of the kind is shown by the caller's own: for one of them the answer must differ.
"""

import base64
import itertools
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import Range

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
from backend.documents import service as documents
from backend.identity.policies import ROLES, Caller
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.pathways import casework, deciding, departing, opening, overlaying
from backend.pathways.moments import MomentTold
from graphql_api.ids import TAGS, encode
from graphql_api.limits import MAX_TOKENS
from graphql_api.schema import schema
from notifications.alerts import drills, offers
from notifications.alerts import repository as alerts
from notifications.alerts.service import override, raise_alert
from notifications.coverage.findings import WarningKind
from notifications.coverage.models import RotaWarning
from notifications.feeds import service as feeds
from notifications.handovers import service as handovers
from notifications.ladders.drills import DrillRule
from notifications.rotas import repository as rotas
from notifications.rotas import service as rota_service
from notifications.rotas import swaps
from notifications.rotas.materialisation import ends_of
from notifications.rotas.models import Shift
from support.api import Api, Door, death, fresh_key, open_door
from support.casework import OVERLAY, REFERRAL, put_in_force
from support.partnership import Partnership
from tenants.contacts import service as contacts
from tenants.contacts.models import Channel

CORE = schema.core

# Where a thing of each type with an id is stored. A type that is given a tag needs its table here.
TABLES = {
    "Alert": "alert",
    "AlertPolicy": "alert_policy",
    "AlertSlot": "alert_slot",
    "Area": "area",
    "CalendarFeed": "calendar_feed",
    "Case": "case_file",
    "CaseLink": "case_link",
    "CasePractitioner": "case_practitioner",
    "Child": "child",
    "ChildDeath": "child_death",
    "ChronologyEntry": "chronology_entry",
    "Clock": "clock",
    "ConfigurationAlarm": "configuration_alarm",
    "ContactMethod": "contact_method",
    "Delivery": "delivery",
    "Document": "document",
    "Draft": "draft",
    "DrillSchedule": "drill_schedule",
    "Handover": "handover",
    "HouseholdMember": "household_member",
    "Party": "party",
    "PathwayDecision": "pathway_decision",
    "PathwayDeparture": "pathway_departure",
    "PathwayEdition": "pathway_edition",
    "PathwayEvent": "pathway_event",
    "PathwayOverlay": "pathway_overlay",
    "PathwayRun": "pathway_run",
    "PathwayTask": "pathway_task",
    "Person": "person",
    "Relationship": "relationship",
    "Rota": "rota",
    "RotaAdjustment": "rota_adjustment",
    "RotaWarning": "rota_warning",
    "Shift": "shift",
    "ShiftSwap": "shift_swap",
    "SlotOffer": "slot_offer",
    "Team": "team",
}

# Strings that name a thing of a partnership, beside its id: by the field's name, how it is looked up.
NAMES = {
    "reference": "SELECT reference FROM alert",
    "caseReference": "SELECT reference FROM case_file",
    "areaOfDeath": "SELECT code FROM area WHERE kind = 'local_authority'",
    "homeArea": "SELECT code FROM area WHERE kind = 'local_authority'",
    "coronerArea": "SELECT code FROM area WHERE kind = 'coroner'",
    "areas": "SELECT code FROM area WHERE kind = 'local_authority'",
}  # fmt: skip
# Strings that are only text, or that choose among what every partnership has.
TEXT = frozenset({
    "address", "after", "at", "authority", "before", "calendar", "childName", "circumstances", "citation", "code",
    "communicationNeeds", "confirmedBy", "contentType", "criteria", "decision", "end", "ethnicity", "evidence",
    "firstHandover", "firstLanguage", "form", "gate", "givenTo", "ground", "homeAreaOutside", "idempotencyKey",
    "instead", "kinds", "members", "name", "nhsNumber", "note", "notification", "occurred", "occurredOn", "options",
    "organisation", "otherNames", "outsideAgency", "outsideName", "overlay", "overlayText", "ownerRole", "pathway",
    "placeOfDeath", "provision", "qualification", "reason", "reasons", "role", "sha256", "signOff", "source", "stage",
    "start", "subjectCode", "subjectKind", "telephone", "template", "text", "title", "type", "uncoveredRole",
    "usualHomeAddress", "variant", "zone",
})  # fmt: skip

# What else a field needs to get as far as looking up its id: by its name.
VALUES: dict[str, Any] = {
    **death(), "role": "sio", "title": "Minutes, first meeting", "contentType": "application/pdf", "size": 30,
    "sha256": "a" * 64, "reason": "Abroad", "first": 20, "zone": "Europe/London", "firstHandover": "2026-01-05T09:00",
    "start": "00:00", "end": "00:00", "weekdays": 0, "kind": "REPLACE", "periodUnit": "WEEKS",
    # What would otherwise be done to a rota is refused, but only after every id has been looked up.
    "begins": "2020-01-01T00:00:00Z", "until": "2020-01-02T00:00:00Z", "name": "base", "qualification": "nobody_has_it",
    "from": "2020-01-01T00:00:00Z", "calendar": "BEGIN:VCALENDAR", "address": "another@example.org", "code": "123456",
    "type": "missing-from-care", "answerWithin": 300, "ground": "court",
    "startedAt": "2020-01-01T00:00:00Z",
    "pattern": "RANDOM", "template": "urgent-call", "channels": "SMS",
    "pathway": "initial-assessment", "roles": "PARENT", "form": "a-form", "content": {}, "version": 0, "minutes": 5,
    "expectedOn": "2020-01-01", "text": "Only Of", "outsideName": "Dr Outside", "details": {"name": "x"},
    "criteria": "significant-harm", "stage": "intake", "answers": {}, "notification": "acknowledgement",
    "givenTo": "The referrer", "decision": "next-step", "options": "emergency", "reasons": "Seen", "signOff": "none",
    "gate": "none", "overlay": "none", "subjectKind": "obligation", "subjectCode": "none", "instead": "Nothing",
    "inForceFrom": "2020-01-01", "authority": "Board minute 1",
    "event": {"kind": "VISIT", "title": "x", "text": "x", "occurred": "2026"}, "occurred": "2026",
}  # fmt: skip
OPTIONAL = frozenset(
    {"homeArea", "coronerArea", "personId", "insteadId", "qualification"}
)  # given although the schema does not ask for them
ELSEWHERE = ("",)  # a path that leads to no field
NEIGHBOURS = {"cambs-peterborough": "hertfordshire", "hertfordshire": "cambs-peterborough"}


@dataclass(frozen=True)
class Way:
    """One place where a field takes an id or a name: the argument, and the input fields down to it."""

    operation: str
    name: str
    path: tuple[str, ...]
    is_id: bool

    def __str__(self) -> str:
        return f"{self.operation}.{self.name}({'.'.join(self.path)})"


@dataclass(frozen=True)
class Things:
    """What a partnership has: ids of rows by type, names by field, and words that only it uses."""

    partnership: Partnership
    ids: Mapping[str, list[UUID]]
    names: Mapping[str, list[str]]
    words: set[str] = field(default_factory=set)


def roots() -> Iterator[tuple[str, str, GraphQLField]]:
    for operation, root in (("query", CORE.query_type), ("mutation", CORE.mutation_type)):
        for name, definition in (root.fields if root else {}).items():
            yield operation, name, definition


def leaves(
    kind: GraphQLInputType, path: tuple[str, ...], above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every scalar in an input, by its path, with its type's name."""
    named = get_named_type(kind)
    if isinstance(named, GraphQLInputObjectType):
        assert named.name not in above, f"{named.name} holds itself: say here how deep to go"
        for name, inner in named.fields.items():
            yield from leaves(inner.type, (*path, name), (*above, named.name))
    else:
        yield path, named.name


def ways() -> list[Way]:
    found = []
    for operation, name, definition in roots():
        for argument, given in definition.args.items():
            for path, kind in leaves(given.type, (argument,)):
                if kind == "ID" or (kind == "String" and path[-1] in NAMES):
                    found.append(Way(operation, name, path, kind == "ID"))
    return found


def filled(
    kind: GraphQLInputType, name: str, path: tuple[str, ...], value: str, values: Mapping[str, Any], way: str
) -> Any:  # JSON
    """A value of an input: ``value`` at the end of ``path``, and otherwise what is required."""
    named = get_named_type(kind)
    is_list = "[" in str(kind)
    made: Any
    if isinstance(named, GraphQLInputObjectType) and path == ELSEWHERE and name in values:
        made = values[name]
    elif isinstance(named, GraphQLInputObjectType):
        made = {
            key: filled(inner.type, key, path[1:] if path[:1] == (key,) else ELSEWHERE, value, values, way)
            for key, inner in named.fields.items()
            if is_required_input_field(inner) or path[:1] == (key,) or key in OPTIONAL
        }
    elif path == ():
        made = value
    elif name == "idempotencyKey":
        made = fresh_key()
    elif isinstance(named, GraphQLEnumType):
        # Two enumerations may share a field's name.
        made = values[name] if values.get(name) in named.values else next(iter(named.values))
    elif name in values:
        made = values[name]
    elif named.name == "Boolean":
        made = False
    elif named.name == "ID":
        made = encode("Case", uuid4())
    else:
        pytest.fail(f"{way} needs a value for '{name}': add a valid one to VALUES in this file.")
    return [made] if is_list else made


def selection(kind: GraphQLOutputType) -> str:
    """Everything that can be selected of a type without going round in a circle, as deep as one document may."""
    for deepest in range(8, 0, -1):
        chosen = _selection(kind, (), deepest)
        if len(re.findall(r"\w+|[^\w\s]", chosen)) < MAX_TOKENS - 150:
            return chosen
    pytest.fail(f"{kind} is too large to select anything of")


def _selection(kind: GraphQLOutputType, above: tuple[str, ...], deepest: int) -> str:
    named = get_named_type(kind)
    if is_leaf_type(named):
        return ""
    if isinstance(named, GraphQLUnionType | GraphQLInterfaceType):
        parts = [f"... on {one.name} {_selection(one, above, deepest)}" for one in CORE.get_possible_types(named)]
        return "{ __typename " + " ".join(parts) + " }"
    assert isinstance(named, GraphQLObjectType)
    if named.name in above or len(above) > deepest:
        return "{ __typename }"
    fields = ["__typename"]
    for name, inner in named.fields.items():
        if any(is_required_argument(argument) for argument in inner.args.values()):
            continue
        page = "(first: 5)" if "first" in inner.args else ""
        fields.append(f"{name}{page} {_selection(inner.type, (*above, named.name), deepest)}")
    return "{ " + " ".join(fields) + " }"


def request(way: Way, value: str, values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """A document and its variables that put ``value`` at the way's place."""
    root = CORE.query_type if way.operation == "query" else CORE.mutation_type
    assert root is not None
    definition = root.fields[way.name]
    variables, declared, passed = {}, [], []
    for name, argument in definition.args.items():
        if name == way.path[0] or is_required_argument(argument) or name == "first":
            path = way.path[1:] if name == way.path[0] else ELSEWHERE
            variables[name] = filled(argument.type, name, path, value, values, str(way))
            declared.append(f"${name}: {argument.type}")
            passed.append(f"{name}: ${name}")
    chosen = selection(definition.type)
    document = f"{way.operation} Try({', '.join(declared)}) {{ {way.name}({', '.join(passed)}) {chosen} }}"
    return document, variables


async def rota_things(session: TenantSession) -> None:
    """A swap that waits for its answer, somebody's leave, and a shift that is over."""
    rota = next(rota for rota in await rotas.rotas(session) if rota.role == "sio")
    now = await session.now()
    found = await rotas.shifts(session, [rota.id], now, now + timedelta(days=60))
    mine, theirs = [shift for shift in found if ends_of(shift.during)[0] > now][:2]
    await swaps.ask(session, mine.id, theirs.person_id, by=mine.person_id, swap_id=uuid7())
    off = now + timedelta(days=80)
    await rota_service.leave(session, mine.person_id, off, off + timedelta(days=1), by=mine.person_id, reason="Away")
    # The newest of the shifts, which is tried first, is over: what is asked of it is refused and it stays.
    over = Range(now - timedelta(days=2000), now - timedelta(days=1999))
    session.add(Shift(tenant_id=session.tenant_id, rota_id=rota.id, person_id=mine.person_id, during=over, turn=over))
    await session.flush()


async def rota_views(session: TenantSession, partnership: Partnership) -> None:
    """A warning about a rota, and a calendar feed of whoever is on call."""
    rota = (await rotas.rotas(session))[0]
    now = await session.now()
    session.append(RotaWarning, kind=WarningKind.EMPTY_ROTA, rota_id=rota.id, first_seen_at=now)
    owner = await partnership.on_call("paediatrician")
    await feeds.create(session, feed_id=uuid7(), owner_id=owner, rota_id=rota.id)


async def seeded(partnership: Partnership) -> Things:
    """Let a partnership have something of every kind."""
    row = await partnership.report_death(child_name=f"Only Of {partnership.slug.title()}")
    person = await partnership.member("paediatrician")
    async with partnership.session() as session:
        await documents.start_upload(
            session, document_id=uuid7(), case_id=row.case_id, title=f"Minutes of {partnership.slug}",
            content_type="application/pdf", size=30, sha256="b" * 64, person_id=person.person_id,
        )  # fmt: skip
        await rota_things(session)
        await rota_views(session, partnership)
        on_call = await partnership.on_call("paediatrician")
        await contacts.add(session, on_call, uuid7(), Channel.EMAIL, f"me@{partnership.slug}.example.org")
        leaving = (await rotas.roster(session, await session.now())).find("paediatrician")
        await handovers.write(session, leaving[1], leaving[0][0], f"Note of {partnership.slug}")
        await _seed_alerts(session, person.person_id)
        await _seed_pathway(session, Caller(partnership.id, partnership.slug, on_call, tuple(ROLES)))
        await _seed_case(session, Caller(partnership.id, partnership.slug, on_call, tuple(ROLES)))
        await session.commit()
        ids = {
            kind: list(await session.scalars(text(f"SELECT id FROM {table} ORDER BY id DESC LIMIT 8")))  # noqa: S608
            for kind, table in TABLES.items()
        }
        names = {name: list(await session.scalars(text(query))) for name, query in NAMES.items()}
        names = {name: [one for one in found if one] for name, found in names.items()}
    words = {row.child_name, f"Minutes of {partnership.slug}", f"Note of {partnership.slug}", *names["reference"]}
    words |= {encode(kind, one) for kind, found in ids.items() for one in found}
    return Things(partnership, ids, names, words)


async def _seed_alerts(session: TenantSession, person_id: UUID) -> None:
    """An offered slot, a schedule of drills, and an alarm of a type without a policy."""
    await raise_alert(session, "never-heard-of", subject_kind="test", subject_id=uuid7())
    made = await raise_alert(session, "child-death-police-oncall-alert", subject_kind="test", subject_id=uuid7())
    assert made is not None
    await session.flush()
    slot = (await alerts.slots(session, [made.id]))[made.id][0]
    giver, receiver = list(
        await session.scalars(text("SELECT id FROM person WHERE post = 'Senior investigating officer' LIMIT 2"))
    )
    await override(session, slot.id, giver, person_id, "seeded")
    await session.flush()
    await offers.offer(session, slot.id, giver, receiver, within=3_600, offer_id=uuid7())
    rule = DrillRule.model_validate({"pattern": "weekly", "weekday": 2, "at": "14:00"})
    await drills.schedule(session, "missing-from-care", rule, by=person_id, schedule_id=uuid7())
    await raise_alert(
        session, "missing-from-care", subject_kind="drill", subject_id=uuid7(), drill=True, raised_by=person_id
    )
    await session.flush()


async def _seed_case(session: TenantSession, caller: Caller) -> None:
    """A case with everything that a case can have, in the newest of the areas, linked to one before it."""
    area = await session.scalar(text("SELECT id FROM area ORDER BY id DESC LIMIT 1"))
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


async def _seed_pathway(session: TenantSession, caller: Caller) -> None:
    """A referral with a decision, a departure and an overlay."""
    await put_in_force(session, OVERLAY)
    case = await cases.open_by_hand(session, caller, cases.Opening(REFERRAL), uuid7())
    await session.flush()
    for role in ("social-care-intake", "social-care-manager"):
        assignment = practitioners.AssignmentTold(role, person_id=caller.person_id)
        await practitioners.assign(session, caller, case.id, assignment, uuid7())
    entry = opening.EntryTold(REFERRAL, ("significant-harm",))
    run = await opening.start(session, caller, case.id, entry, uuid7(), "start")
    for stage in ("intake", "consideration"):
        await casework.move(session, caller, run.id, stage, MomentTold(), None, casework.Known(None, stage))
    told = deciding.DecisionTold("possible-offence", ("no-offence-seen",), "None.")
    await deciding.decide(session, caller, run.id, told, uuid7(), version=None, transaction_id="decide")
    departure = departing.DepartureTold("obligation", "acknowledge", "Nothing.", "They rang.")
    await departing.acknowledge(session, caller, run.id, departure, uuid7())
    await overlaying.attach_by_hand(
        session, caller, run.id, "forced-marriage", "Feared.", uuid7(), version=None, transaction_id="attach"
    )
    await session.flush()


class State:
    """All that is stored of a partnership, read as nobody in the product can."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def of(self, partnership: Partnership) -> dict[str, list[str]]:
        tables = await self._connection.fetch(
            "SELECT attrelid::regclass::text AS name FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
            " WHERE attname = 'tenant_id' AND relkind = 'r'"
        )
        found = {}
        for name in sorted(row["name"] for row in tables):
            query = f"SELECT t::text FROM {name} AS t WHERE tenant_id = $1 ORDER BY 1"  # noqa: S608
            found[name] = [row[0] for row in await self._connection.fetch(query, partnership.id)]
        assert found["audit_entry"]
        assert found["child_death"]
        return found


@dataclass(frozen=True)
class Scene:
    """A member of one partnership who may do everything there, and another partnership."""

    member: Api
    own: Things
    other: Things
    state: State

    @property
    def values(self) -> dict[str, Any]:
        """What else an input needs, with the caller's own areas, slots and people."""
        names = {name: self.own.names[name][0] for name in NAMES if name != "reference"}
        kinds = {
            "areaIds": "Area", "slotId": "AlertSlot", "rotaId": "Rota", "shiftId": "Shift", "personId": "Person",
            "toPersonId": "Person", "insteadId": "Person", "otherId": "Person", "members": "Person", "caseId": "Case",
            "childId": "Child", "entryId": "ChronologyEntry", "personIds": "Person", "teamId": "Team",
            "runId": "PathwayRun", "editionId": "PathwayEdition", "taskId": "PathwayTask",
        }  # fmt: skip
        ids = {name: encode(kind, self.own.ids[kind][0]) for name, kind in kinds.items()}
        other = {"otherCaseId": encode("Case", self.own.ids["Case"][1])}
        return VALUES | names | other | {"people": {"name": "x", "personId": ids["personId"]}} | ids

    async def answer(self, way: Way, value: str) -> Any:  # JSON
        answer = await self.member.send(*request(way, value, self.values))
        return {key: answer.get(key) for key in ("data", "errors")}

    def candidates(self, way: Way, things: Things) -> list[str]:
        if not way.is_id:
            return list(things.names[way.path[-1]])
        return [encode(kind, one) for kind, found in things.ids.items() for one in found[:2]]

    def never(self, way: Way, like: str) -> str:
        """What looks the same and never existed."""
        if not way.is_id:
            return "ZZZZ-9999" if way.path[-1] == "reference" else "never-was"
        tag = base64.urlsafe_b64decode(like)[:2]
        return encode(next(kind for kind, own in TAGS.items() if own == tag), uuid4())


async def may_do_everything(door: Door, partnership: Partnership) -> None:
    """Give who is on call every role, so that no way is closed for want of a permission."""
    subject = await door.subject_of(partnership, await partnership.on_call("paediatrician"))
    await door.change_roles(partnership, subject, *ROLES)


@pytest.fixture(params=list(NEIGHBOURS))
async def scene(request: pytest.FixtureRequest, environment: dict[str, str]) -> AsyncIterator[Scene]:
    own = await Partnership.named(request.param)
    other = await Partnership.named(NEIGHBOURS[request.param])
    admin = environment["POSTGRES_ADMIN_URL"].rsplit("/", 1)[0]
    connection = await asyncpg.connect(f"{admin}/{environment['DATABASE_URL'].rsplit('/', 1)[1]}")
    things = await seeded(own), await seeded(other)
    async with open_door(environment) as door:
        await may_do_everything(door, own)
        yield Scene(await door.on_call(own, "paediatrician"), *things, State(connection))
    await connection.close()


def nothing(way: Way, answer: Mapping[str, Any]) -> bool:
    """Whether the answer is that there is no such thing."""
    result: Any = (answer["data"] or {}).get(way.name)
    if answer["errors"] is not None:
        # A question about an area that is not there is refused; there is no such answer as nobody.
        return way.operation == "query" and {one["extensions"]["code"] for one in answer["errors"]} == {"INVALID"}
    if way.operation == "query":
        return result is None or result.get("edges") == []
    problems = {"NotFoundProblem"} if way.is_id else {"NotFoundProblem", "ValidationProblem"}
    return result["__typename"] in problems


def test_every_type_with_an_id_is_seeded() -> None:
    missing = TAGS.keys() - TABLES.keys()
    assert not missing, f"Types {sorted(missing)} have ids: add their tables to TABLES, and a row of each in seeded()."


def test_every_string_is_known_to_be_a_name_or_mere_text() -> None:
    strings = {
        path[-1]
        for _, _, definition in roots()
        for argument, given in definition.args.items()
        for path, kind in leaves(given.type, (argument,))
        if kind == "String"
    }
    unknown = strings - TEXT - NAMES.keys()
    assert not unknown, (
        f"Say of {sorted(unknown)} whether it names a thing of a partnership (add to NAMES how to look one up)"
        " or is mere text (add it to TEXT)."
    )


def test_the_ways_are_found() -> None:
    found = {str(way) for way in ways()}
    assert {
        "query.case(id)", "query.alert(id)", "query.alert(reference)", "mutation.acknowledgeAlert(input.slotId)",
        "mutation.startDocumentUpload(input.caseId)", "mutation.reportChildDeath(input.areaOfDeath)",
    } <= found  # fmt: skip


async def test_another_partnerships_ids_are_like_ids_that_never_existed(scene: Scene) -> None:
    empty = [kind for things in (scene.own, scene.other) for kind, found in things.ids.items() if not found]
    assert not empty, f"There is no {empty} to try with: make one in seeded()."
    before = await scene.state.of(scene.other.partnership)
    for way in ways():
        for value in scene.candidates(way, scene.other):
            if value in scene.candidates(way, scene.own):
                continue  # a code that both happen to use is the caller's own
            answer = await scene.answer(way, value)
            never = await scene.answer(way, scene.never(way, value))
            assert answer == never, f"{way} tells another partnership's thing from nothing"
            assert nothing(way, answer), f"{way} answers {answer} for another partnership's thing"
            told = json.dumps(answer)
            assert not [word for word in scene.other.words if word in told], way
    assert await scene.state.of(scene.other.partnership) == before


async def test_each_field_does_take_ids_of_the_callers_own(scene: Scene) -> None:
    """Without this the test above would pass for a field that answers nothing whatever it is given."""
    before = await scene.state.of(scene.other.partnership)
    for way in ways():
        values = scene.candidates(way, scene.own)
        for value in values:
            if await scene.answer(way, value) != await scene.answer(way, scene.never(way, value)):
                break
        else:
            pytest.fail(
                f"{way} answers for every seeded thing of the caller's own partnership as for one that never existed."
                " Seed a thing that it takes in seeded(), or add to VALUES what else it needs."
            )
    assert await scene.state.of(scene.other.partnership) == before


def lists() -> list[tuple[str, str]]:
    """Every query that needs no id: its name, and a document that selects all it can."""
    found = []
    for operation, name, definition in roots():
        needed = {key for key, argument in definition.args.items() if is_required_argument(argument)}
        if operation != "query" or any(way.name == name and way.path[0] in needed for way in ways()):
            continue
        given = [
            f"{key}: {json.dumps(VALUES[key])}"
            for key, argument in definition.args.items()
            if is_required_argument(argument) or key == "first"
            if key in VALUES
        ]
        given_text = f"({', '.join(given)})" if given else ""
        found.append((name, f"query {{ {name}{given_text} {selection(definition.type)} }}"))
    return found


@pytest.mark.parametrize(("name", "document"), lists(), ids=lambda value: value if " " not in value else "")
async def test_no_list_holds_anything_of_another_partnership(scene: Scene, name: str, document: str) -> None:
    answer = await scene.member.run(document)
    told = json.dumps(answer)
    assert not [word for word in scene.other.words if word in told]
    if isinstance(answer[name], dict) and "edges" in answer[name]:
        assert [word for word in scene.own.words if word in told], f"{name} is empty: seed something for it in seeded()"


async def test_another_partnerships_cursor_opens_nothing(scene: Scene, environment: dict[str, str]) -> None:
    """A cursor is an instant and an id: one may guess it, and then gets one's own rows."""
    async with open_door(environment) as door:
        await may_do_everything(door, scene.other.partnership)
        stranger = await door.on_call(scene.other.partnership, "paediatrician")
        for name, definition in CORE.query_type.fields.items() if CORE.query_type else ():
            if "after" not in definition.args:
                continue
            needed = [
                f"{key}: {json.dumps(VALUES[key])}" for key, one in definition.args.items() if is_required_argument(one)
            ]
            more = "".join(f", {each}" for each in needed)
            theirs = (await stranger.run(f"{{ {name}(first: 1{more}) {{ pageInfo {{ endCursor }} }} }}"))[name]
            cursor = theirs["pageInfo"]["endCursor"]
            assert cursor, f"{name} is empty: seed something for it in seeded()"
            for side, size in itertools.product(("after", "before"), ("first", "last")):
                ids = "{ edges { node { id } } }"
                answer = await scene.member.run(f'{{ {name}({size}: 20, {side}: "{cursor}"{more}) {ids} }}')
                found = {edge["node"]["id"] for edge in answer[name]["edges"]}
                assert not found & scene.other.words
