"""Lists in pages: every row once, in either direction, whatever is added meanwhile."""

import base64
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, Final
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.cases.children.identity import Sex
from backend.cases.models import CaseEvent, CaseFile
from backend.child_deaths.models import ChildDeath, Setting, Suspicion
from backend.clocks.limits import Force
from backend.clocks.models import Clock
from backend.clocks.rules import parse_rule
from backend.clocks.timing import Effect
from backend.identity.policies import ROLES
from backend.kit.ids import spoken_reference, uuid7
from backend.kit.session import TenantSession
from graphql_api.ids import encode
from notifications.alerts.models import Alert, AlertState
from support.api import JSON, OPERATIONS, Api, Door
from support.partnership import Partnership
from support.statements import noted
from tenants.partnerships.models import Area, AreaKind

ROWS: Final = 25
HOURLY: Final = parse_rule({
    "id": "hourly", "action": "Invented", "role": "sio", "force": "must", "citation": "none",
    "start": {"event": "none"}, "limit": {"value": 1, "unit": "hours"},
})  # fmt: skip
START: Final = datetime(2026, 10, 1, 9, 0, 0, 123_457, tzinfo=UTC)
ARGUMENTS: Final = {
    "forward": "first: $size, after: $cursor",
    "backward": "last: $size, before: $cursor",
}
PAGE: Final = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
LISTS: Final = {
    "alerts": "alerts(%s) { edges { cursor node { key: reference } } %s }",
    "childDeaths": "childDeaths(%s) { edges { cursor node { key: childName } } %s }",
    "clocks": "clocks(%s) { edges { cursor node { key: definition } } %s }",
    "timeline": "case(id: $case) { timeline(%s) { edges { cursor node { key: kind } } %s } }",
}
_NEEDS_A_SIZE: Final = re.compile(r"^query \w+\(\$first: Int!(, \$\w+: \w+)*\)", re.MULTILINE)
NEWEST_FIRST: Final = {"alerts", "childDeaths"}


@dataclass
class Shelf:
    """Rows in every list, five at each instant, and a person who may see them all."""

    partnership: Partnership
    api: Api
    case_id: UUID
    agreed: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in LISTS})
    _numbers: "count[int]" = field(default_factory=count)

    async def add(self, *instants: datetime) -> None:
        """One more row in each list at each of these instants."""
        person = (await self.partnership.member("clinician")).person_id
        async with self.partnership.session() as session:
            ground = await areas(session)
            for at in instants:
                await self._add(session, at, person, ground)
            await session.commit()

    async def _add(self, session: TenantSession, at: datetime, person: UUID, ground: dict[AreaKind, UUID]) -> None:
        number = next(self._numbers)
        session.add(case := case_file(session, at))
        await session.flush()
        row = [
            alert := Alert(
                tenant_id=session.tenant_id, type=f"type-{number % 2}", reference=spoken_reference(),
                subject_kind="test", subject_id=uuid7(), policy_version=1, accepted_at=at,
                state=AlertState.MET if number % 5 == 0 else AlertState.OPEN,
            ),
            death := child_death(session, case.id, person, ground, at, number),
            clock := Clock(
                tenant_id=session.tenant_id, case_id=self.case_id, definition=f"clock-{number}", title="Invented",
                rule=HOURLY.model_dump(mode="json"), pathway="none", edition="none", effect=Effect.BREACH,
                force=Force.MUST, citation="none", owner_role=f"role-{number % 2}", start_event="none",
                started_at=at, due_at=at,
            ),
            event := CaseEvent(
                tenant_id=session.tenant_id, case_id=self.case_id, kind=f"event-{number}", occurred_at=at,
                recorded_at=at,
            ),
        ]  # fmt: skip
        session.add_all(row)
        keys = (alert.reference, death.child_name, clock.definition, event.kind)
        for name, key in zip(LISTS, keys, strict=True):
            self.agreed[name].append(key)

    def order(self, name: str) -> list[str]:
        """What the list holds, in its order."""
        rows = self.agreed[name]
        return rows[::-1] if name in NEWEST_FIRST else list(rows)

    async def page(self, name: str, arguments: str, **variables: Any) -> JSON:  # JSON values
        answer = await self.api.run(document(name, arguments), **self.given(name, variables))
        found: JSON = answer["case"]["timeline"] if name == "timeline" else answer[name]
        return found

    async def refusal(self, name: str, arguments: str, **variables: Any) -> list[str]:  # JSON
        return await self.api.codes(document(name, arguments), **self.given(name, variables))

    def given(self, name: str, variables: JSON) -> JSON:
        return {**variables, **({"case": encode("Case", self.case_id)} if name == "timeline" else {})}

    async def walk(self, name: str, direction: str, size: int, cursor: str | None = None) -> AsyncIterator[JSON]:
        """Page after page, in one direction, until the list says that there is no other."""
        more = True
        while more:
            found = await self.page(name, ARGUMENTS[direction], size=size, cursor=cursor)
            yield found
            info = found["pageInfo"]
            more = info["hasNextPage"] if direction == "forward" else info["hasPreviousPage"]
            cursor = info["endCursor"] if direction == "forward" else info["startCursor"]


def document(name: str, arguments: str) -> str:
    declared = [
        f"${n}: {t}" for n, t in (("size", "Int"), ("cursor", "String"), ("other", "Int")) if f"${n}" in arguments
    ]
    declared += ["$case: ID!"] if name == "timeline" else []
    head = f"query ({', '.join(declared)})" if declared else "query"
    return f"{head} {{ {LISTS[name] % (arguments, PAGE)} }}"


def keys(page: JSON) -> list[str]:
    return [edge["node"]["key"] for edge in page["edges"]]


def case_file(session: TenantSession, at: datetime) -> CaseFile:
    return CaseFile(tenant_id=session.tenant_id, pathway="none", reference=spoken_reference(), opened_at=at)


async def areas(session: TenantSession) -> dict[AreaKind, UUID]:
    return {AreaKind(area.kind): area.id for area in await session.scalars(select(Area))}


def child_death(
    session: TenantSession, case_id: UUID, person: UUID, areas: dict[AreaKind, UUID], at: datetime, number: int
) -> ChildDeath:
    return ChildDeath(
        tenant_id=session.tenant_id, case_id=case_id, child_name=f"Invented {number}", date_of_birth=date(2020, 1, 1),
        sex=Sex.NOT_KNOWN, nhs_number=None, usual_home_address="none", setting=Setting.HOME, place_of_death="none",
        area_of_death_id=areas[AreaKind.LOCAL_AUTHORITY], coroner_area_id=areas[AreaKind.CORONER], died_at=at,
        confirmed_at=at, confirmed_by="none", anticipated_24h_before=False, unexpected_collapse=False,
        unexpected=number % 2 == 0, circumstances="none", suspicion=Suspicion.NONE, reporter_name="none",
        reporter_role="none", reporter_telephone="none", reported_by=person, reported_at=at,
    )  # fmt: skip


@pytest.fixture
async def shelf(door: Door, cambs: Partnership) -> Shelf:
    async with cambs.session() as session:
        session.add(case := case_file(session, START))
        await session.commit()
    made = Shelf(cambs, await door.member(cambs, "designated_doctor"), case.id)
    await made.add(*[START + timedelta(minutes=number // 5) for number in range(ROWS)])
    return made


async def test_every_row_is_met_once_in_either_direction(shelf: Shelf) -> None:
    for name in LISTS:
        for size in (7, 25):
            there = [key async for page in shelf.walk(name, "forward", size) for key in keys(page)]
            assert there == shelf.order(name), (name, size)
            pages = [keys(page) async for page in shelf.walk(name, "backward", size)]
            assert [key for page in reversed(pages) for key in page] == shelf.order(name), (name, size)


async def test_a_page_says_what_lies_either_side(shelf: Shelf) -> None:
    for name in LISTS:
        pages = [page["pageInfo"] async for page in shelf.walk(name, "forward", 10)]
        assert [page["hasNextPage"] for page in pages] == [True, True, False]
        assert [page["hasPreviousPage"] for page in pages] == [False, True, True]
        end = await shelf.page(name, ARGUMENTS["forward"], size=1, cursor=pages[-1]["endCursor"])
        assert end["edges"] == []
        assert (end["pageInfo"]["startCursor"], end["pageInfo"]["endCursor"]) == (None, None)


async def test_rows_added_meanwhile_neither_hide_nor_repeat_others(shelf: Shelf) -> None:
    added = iter([START + timedelta(minutes=9), START, START + timedelta(minutes=2), START + timedelta(minutes=4)])
    for name in LISTS:
        for direction in ARGUMENTS:
            before, found = shelf.order(name), list[str]()
            async for page in shelf.walk(name, direction, 10):
                found += keys(page) if direction == "forward" else reversed(keys(page))
                if at := next(added, None):
                    await shelf.add(at)
            assert len(found) == len(set(found)), (name, direction)
            old = [key for key in found if key in before]
            assert sorted(old) == sorted(before), (name, direction)


async def test_a_window_between_two_cursors(shelf: Shelf) -> None:
    for name in LISTS:
        whole = await shelf.page(name, "first: 100")
        cursors = [edge["cursor"] for edge in whole["edges"]]
        for size in ("first: 100", "last: 100"):
            part = await shelf.page(name, f'{size}, after: "{cursors[3]}", before: "{cursors[12]}"')
            assert keys(part) == shelf.order(name)[4:12]


async def test_a_page_needs_one_size_from_1_to_100(shelf: Shelf) -> None:
    written = ("first: 0", "first: 101", "last: -1", "last: 101", "first: 1, last: 1", "first: null", 'after: "x"')
    for name in LISTS:
        for arguments in written:
            assert await shelf.refusal(name, arguments) == ["PAGE_SIZE_INVALID"], (name, arguments)
        for size in (0, 101, -5, None):
            assert await shelf.refusal(name, "first: $size", size=size) == ["PAGE_SIZE_INVALID"], (name, size)
        assert await shelf.refusal(name, "first: $size, last: $other", size=1, other=1) == ["PAGE_SIZE_INVALID"]
    document = "query ($size: Int) { clocks(last: $size) { edges { cursor } } }"
    refused = await shelf.api.send(document, {"size": 101})
    assert refused["errors"][0]["message"] == "A page holds 1 to 100 items."


def forged(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


async def test_what_is_no_cursor_is_refused_by_its_name(shelf: Shelf) -> None:
    garbage = ("", "x", "é", "\ud7ff", "AAAA", forged("1 2"), forged("a " + "0" * 32), forged(f"{10**30} " + "0" * 32),
               forged(f"{-(10**17)} " + "0" * 32), encode("Alert", uuid7()), "x" * 10_000)  # fmt: skip
    for name in LISTS:
        for cursor in garbage:
            for argument in ("after", "before"):
                codes = await shelf.refusal(name, f"first: 1, {argument}: $cursor", cursor=cursor)
                assert codes == ["INVALID"], (name, argument, cursor)
    answer = await shelf.api.send('{ alerts(first: 1, before: "nonsense") { edges { cursor } } }', {})
    assert "before: is not a cursor of this list" in answer["errors"][0]["message"]


async def test_filters(shelf: Shelf) -> None:
    async def some(name: str, arguments: str) -> set[str]:
        return set(keys(await shelf.page(name, f"first: 100, {arguments}")))

    alerts, deaths, clocks = (shelf.agreed[name] for name in ("alerts", "childDeaths", "clocks"))
    assert await some("alerts", "state: MET") == set(alerts[::5])
    assert await some("alerts", 'type: "type-1"') == set(alerts[1::2])
    assert await some("alerts", 'state: MET, type: "type-0"') == set(alerts[::10])
    assert await some("alerts", "state: CLOSED") == set()
    assert await some("alerts", "mine: true") == set()
    assert await some("childDeaths", "unexpected: true") == set(deaths[::2])
    assert await some("childDeaths", "unexpected: false") == set(deaths[1::2])
    assert await some("clocks", 'ownerRole: "role-1"') == set(clocks[1::2])
    assert await some("clocks", "state: RUNNING") == set(clocks)
    assert await some("clocks", "state: MET") == set()
    limit = (START + timedelta(minutes=2)).isoformat()
    assert await some("clocks", f'dueBefore: "{limit}"') == set(clocks[:10])
    assert await some("clocks", f'dueBefore: "{limit}", ownerRole: "role-0"') == set(clocks[:10:2])
    for name, argument in (("alerts", "type"), ("clocks", "ownerRole")):
        assert await shelf.refusal(name, f'first: 1, {argument}: "\\u0000"') == ["INVALID"]


async def test_ids_of_another_type_or_of_nothing_find_nothing(shelf: Shelf) -> None:
    a_case = encode("Case", shelf.case_id)
    strangers = ["", "x", "é", "\\", "AAAA", a_case + "AA", encode("Person", shelf.case_id), "x" * 10_000]
    for field_name in ("case", "alert", "childDeath"):
        query = f"query ($id: ID!) {{ {field_name}(id: $id) {{ id }} }}"
        for identifier in [*strangers, encode("Clock", shelf.case_id)]:
            assert await shelf.api.run(query, id=identifier) == {field_name: None}, identifier
    assert (await shelf.api.run("query ($id: ID!) { case(id: $id) { id } }", id=a_case))["case"] == {"id": a_case}
    for reference in ("", "x", "\0", "'; --", "é" * 1000):
        query = "query ($r: String!) { alert(reference: $r) { id } }"
        assert await shelf.api.run(query, r=reference) == {"alert": None}
    assert await shelf.api.run("{ alert { id } }") == {"alert": None}
    arguments = {
        "AcknowledgeAlert": "slotId", "DeclineAlert": "slotId", "StartDocumentUpload": "caseId",
        "CompleteDocumentUpload": "documentId", "RequestDocumentDownload": "documentId",
    }  # fmt: skip
    for name, argument in arguments.items():
        more: JSON = {"reason": "none"} if name == "DeclineAlert" else {}
        if name == "StartDocumentUpload":
            more = {"title": "x", "contentType": "text/plain", "size": 1, "sha256": "0" * 64}
        for identifier in [*strangers, encode("Area", uuid7())]:
            answer = await shelf.api.mutate(name, **more, **{argument: identifier})
            assert answer["__typename"] == "NotFoundProblem", (name, identifier)


async def test_a_longer_page_costs_no_more_statements(shelf: Shelf, door: Door) -> None:
    """Of every trusted list that needs nothing but a size, for somebody who may see all of them."""
    member = await shelf.partnership.member("administrator")
    subject = await door.subject_of(shelf.partnership, member.person_id)
    await door.change_roles(shelf.partnership, subject, *ROLES)
    api = door.person(subject)
    documents = [path.read_text() for path in sorted(OPERATIONS.glob("*.graphql"))]
    lists = [text for text in documents if _NEEDS_A_SIZE.search(text)]
    assert len(lists) > 20
    costs, longer = {}, 0
    for text in lists:
        for size in (1, 1, 20):  # what a partnership remembers of its settings is asked for once
            with noted() as sent:
                answer = await api.run(text, first=size)
            costs[size] = len(sent)
            longer += size == 20 and len(str(answer)) > 1000
        assert costs[20] <= costs[1], (text, costs)
    assert longer > 5


async def test_a_page_is_planned_for_what_is_asked_of_it(shelf: Shelf) -> None:
    query = f"query ($size: Int) {{ {LISTS['alerts'] % ('first: $size', PAGE)} }}"
    with noted() as sent:
        await shelf.api.run(query, size=3)
    asks = next(place for place, one in enumerate(sent) if "plan_cache_mode = force_custom_plan" in one)
    assert [place > asks for place, one in enumerate(sent) if "FROM alert" in one and "LIMIT" in one] == [True]
