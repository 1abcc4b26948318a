"""What is read out of rotas over the API: warnings, fairness, feeds, the printed rota, and imports."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest
from icalendar import Calendar
from sqlalchemy import text

from backend.cases.models import AccessEntry
from backend.kit.session import open_session
from graphql_api.ids import encode
from notifications.coverage.service import check
from notifications.printed_rotas.service import issue
from support.api import JSON, Api, Door, database_now, fresh_key, operation, rows
from support.environment import owner_engine
from support.partnership import Partnership

LONDON = ZoneInfo("Europe/London")
WARNINGS = operation("RotaWarnings")
FAIRNESS = operation("RotaFairness")
FEEDS = operation("CalendarFeeds")
PRINTED = operation("PrintedRota")


async def rota_of(partnership: Partnership, role: str) -> UUID:
    async with partnership.session() as session:
        found: UUID = await session.scalar(text("SELECT id FROM rota WHERE role = :role"), {"role": role})
    return found


async def id_of(partnership: Partnership, role: str) -> str:
    return encode("Rota", await rota_of(partnership, role))


async def looked_at(partnership: Partnership) -> None:
    async with partnership.session() as session:
        await check(session, partnership.id)
        await session.commit()


async def emptied(partnership: Partnership, role: str) -> None:
    async with partnership.session() as session:
        await session.execute(
            text("DELETE FROM shift WHERE rota_id = :rota"), {"rota": await rota_of(partnership, role)}
        )
        await session.commit()


def nodes(answer: JSON, name: str) -> list[JSON]:
    return [edge["node"] for edge in answer[name]["edges"]]


def event(person: str, begins: datetime, until: datetime, uid: str) -> str:
    return (
        f"BEGIN:VEVENT\r\nUID:{uid}\r\nSUMMARY:{person}\r\nDTSTART:{begins:%Y%m%dT%H%M%SZ}\r\n"
        f"DTEND:{until:%Y%m%dT%H%M%SZ}\r\nEND:VEVENT\r\n"
    )


def calendar(*events: str) -> str:
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\n{''.join(events)}END:VCALENDAR\r\n"


@pytest.fixture
async def doctor(door: Door, cambs: Partnership) -> Api:
    return await door.member(cambs, "paediatrician")


@pytest.fixture
async def administrator(door: Door, cambs: Partnership) -> Api:
    return await door.member(cambs, "administrator")


async def test_warnings_are_listed_by_rota_kind_and_whether_they_are_open(doctor: Api, cambs: Partnership) -> None:
    await looked_at(cambs)
    assert nodes(await doctor.run(WARNINGS, first=20), "rotaWarnings") == []
    await emptied(cambs, "sio")
    await looked_at(cambs)
    (found,) = nodes(await doctor.run(WARNINGS, first=20), "rotaWarnings")
    assert (found["kind"], found["rota"]["role"], found["person"], found["endedAt"]) == (
        "EMPTY_ROTA",
        "sio",
        None,
        None,
    )
    assert found["message"]
    assert found["remedy"]
    for choice, number in (
        ({"rota": await id_of(cambs, "sio")}, 1), ({"rota": await id_of(cambs, "paediatrician")}, 0),
        ({"rota": encode("Person", cambs.id)}, 0), ({"rota": "nonsense"}, 0), ({"kind": "EMPTY_ROTA"}, 1),
        ({"kind": "UNCOVERED"}, 0), ({"open": True}, 1), ({"open": False}, 0),
    ):  # fmt: skip
        assert len(nodes(await doctor.run(WARNINGS, first=20, **choice), "rotaWarnings")) == number, choice


async def test_fairness_counts_everybody_and_names_the_overload(doctor: Api, cambs: Partnership) -> None:
    now = await database_now(cambs)
    given = {
        "rota": await id_of(cambs, "sio"),
        "from": now.isoformat(),
        "until": (now + timedelta(days=10)).isoformat(),
    }
    found = (await doctor.run(FAIRNESS, **given))["rotaFairness"]
    assert len(found["shares"]) == 3
    hours = [share["loads"][0]["hours"] for share in found["shares"]]
    assert sum(hours) == pytest.approx(240)
    assert hours == sorted(hours, reverse=True)
    assert found["averages"][0] == {"measure": "HOURS", "hours": pytest.approx(80)}
    assert found["shares"][0]["loads"][0]["overload"] is True
    assert found["shares"][2]["loads"][0]["percentOverAverage"] < 0


@pytest.mark.parametrize(
    ("begins", "until"),
    [("2026-11-22T00:00:00Z", "2026-11-22T00:00:00Z"), ("2026-11-22T00:00:00Z", "2029-11-22T00:00:00Z"),
     ("0001-01-01T00:00:00Z", "0001-02-01T00:00:00Z"), ("9999-01-01T00:00:00Z", "9999-12-31T23:59:59Z")],
)  # fmt: skip
async def test_fairness_over_no_time_or_too_much_is_refused(
    doctor: Api, cambs: Partnership, begins: str, until: str
) -> None:
    given = {"rota": await id_of(cambs, "sio"), "from": begins, "until": until}
    assert await doctor.codes(FAIRNESS, **given) == ["INVALID"]


async def test_a_feed_is_made_shown_once_listed_and_revoked(doctor: Api, door: Door, cambs: Partnership) -> None:
    given = {"rotaId": await id_of(cambs, "sio"), "idempotencyKey": fresh_key()}
    made = await doctor.mutate("CreateCalendarFeed", **given)
    again = await doctor.mutate("CreateCalendarFeed", **given)
    assert again == {**made, "url": None}
    path = urlsplit(made["url"]).path
    calendar = await door.client.get(path)
    assert Calendar.from_ical(calendar.content).walk("VEVENT")
    feed = made["feed"]["id"]
    (listed,) = nodes(await doctor.run(FEEDS, first=20), "calendarFeeds")
    assert (listed["id"], listed["revokedAt"], listed["rota"]["role"]) == (feed, None, "sio")
    other = await door.member(cambs, "sio")
    assert nodes(await other.run(FEEDS, first=20), "calendarFeeds") == []
    close = {"feedId": feed, "idempotencyKey": fresh_key()}
    refused = await other.mutate("RevokeCalendarFeed", **close)
    assert refused["__typename"] == "ForbiddenProblem"
    assert (await door.client.get(path)).status_code == 200
    for _ in range(2):
        assert (await doctor.mutate("RevokeCalendarFeed", **close))["feed"]["revokedAt"]
    assert (await door.client.get(path)).status_code == 404


async def test_the_printed_rota_is_given_by_a_short_lived_link_and_the_look_is_recorded(
    doctor: Api, cambs: Partnership
) -> None:
    async with open_session(cambs.id, on=owner_engine()) as session:
        await session.execute(text("DELETE FROM printed_rota"))
        await session.commit()
    assert (await doctor.run(PRINTED))["printedRota"] is None
    assert await rows(cambs, AccessEntry) == []
    async with cambs.session() as session:
        await issue(session)
        await session.commit()
    found = (await doctor.run(PRINTED))["printedRota"]
    assert found["version"] == 1
    async with httpx.AsyncClient() as http:
        assert (await http.get(found["url"])).content.startswith(b"%PDF-")
    assert datetime.fromisoformat(found["urlExpiresAt"]) <= datetime.now(UTC) + timedelta(seconds=60)
    (look,) = await rows(cambs, AccessEntry)
    assert (look.subject_kind, look.action) == ("printed_rota", "download")


async def test_who_may_not_see_telephone_numbers_gets_no_paper(door: Door, cambs: Partnership) -> None:
    clinician = await door.member(cambs, "clinician")
    assert await clinician.codes(PRINTED) == ["FORBIDDEN"]


@pytest.fixture
async def sent(cambs: Partnership) -> dict[str, Any]:
    """A calendar that puts one person on call for two days from tomorrow, and the other for the day after."""
    begins = (await database_now(cambs)).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=1)
    async with cambs.session() as session:
        query = text("SELECT code, id FROM person WHERE code IN ('bram-cartwheel', 'odette-larkspur')")
        people = {row.code: row.id for row in await session.execute(query)}
    return {
        "rotaId": await id_of(cambs, "sio"), "dryRun": True,
        "calendar": calendar(event("Bram", begins, begins + timedelta(days=2), "one"),
                             event("Odette", begins + timedelta(days=2), begins + timedelta(days=3), "two")),
        "people": [{"name": "bram", "personId": encode("Person", people["bram-cartwheel"])},
                   {"name": "odette", "personId": encode("Person", people["odette-larkspur"])}],
        "from": begins.isoformat(),
    }  # fmt: skip


async def shifts(partnership: Partnership) -> list[str]:
    async with partnership.session() as session:
        return list(await session.scalars(text("SELECT s::text FROM shift AS s ORDER BY 1")))


async def imported(api: Api, given: JSON, **changes: Any) -> JSON:
    return await api.mutate("ImportRota", **{**given, **changes})


async def test_a_dry_run_says_what_would_come_and_changes_nothing(
    administrator: Api, cambs: Partnership, sent: JSON
) -> None:
    before = await shifts(cambs)
    found = await imported(administrator, sent)
    assert found["applied"] is False
    assert [turn["person"]["name"].split()[-2:] for turn in found["turns"]] == [
        ["Bram", "Cartwheel"],
        ["Odette", "Larkspur"],
    ]
    assert found["diagnostics"] == []
    assert found["until"] == found["turns"][-1]["until"]
    assert await shifts(cambs) == before


async def test_applied_the_people_of_the_calendar_answer(administrator: Api, cambs: Partnership, sent: JSON) -> None:
    key = fresh_key()
    found = await imported(administrator, sent, dryRun=False, idempotencyKey=key)
    assert found["applied"] is True, found
    begins = datetime.fromisoformat(found["from"])
    who = '{ onCallNow(role: "sio", at: "%s") { people { name } } }'
    for hours, name in ((1, "Bram Cartwheel"), (47, "Bram Cartwheel"), (49, "Odette Larkspur")):
        answer = await administrator.run(who % (begins + timedelta(hours=hours)).isoformat())
        assert [person["name"].endswith(name) for person in answer["onCallNow"]["people"]] == [True]
    after = await shifts(cambs)
    again = await imported(administrator, sent, dryRun=False, idempotencyKey=key)
    assert (again["applied"], again["turns"]) == (True, found["turns"])
    assert await shifts(cambs) == after


async def test_hours_that_the_calendar_leaves_to_nobody_are_said_before_it_is_applied(
    administrator: Api, cambs: Partnership, sent: JSON
) -> None:
    begins = datetime.fromisoformat(sent["from"]) - timedelta(days=1)
    found = await imported(administrator, sent, **{"from": begins.isoformat()})
    (gap,) = found["diagnostics"]
    assert (gap["severity"], gap["fault"], gap["uid"]) == ("WARNING", "GAP", None)
    assert f"to {(begins + timedelta(days=1)).astimezone(LONDON):%H:%M on %-d %B %Y}" in gap["message"]


async def test_who_could_not_be_put_on_call_is_named_by_the_dry_run(
    administrator: Api, cambs: Partnership, sent: JSON
) -> None:
    async with cambs.session() as session:
        doctor = await session.scalar(text("SELECT id FROM person WHERE code = 'wren-saltmarsh'"))
    people = [{**sent["people"][0], "personId": encode("Person", doctor)}, sent["people"][1]]
    refused = await imported(administrator, sent, people=people)
    (fault,) = refused["fields"]
    assert fault["field"] == "people"
    assert fault["message"].startswith("names Dr Wren Saltmarsh, who lacks what this rota asks for")


async def test_one_event_that_is_not_understood_keeps_the_whole_of_it_out(
    administrator: Api, cambs: Partnership, sent: JSON
) -> None:
    before = await shifts(cambs)
    people = sent["people"][:1]
    found = await imported(administrator, sent, people=people)
    assert [(said["severity"], said["fault"], said["uid"]) for said in found["diagnostics"]] == [
        ("ERROR", "UNKNOWN_PERSON", "two")
    ]
    refused = await imported(administrator, sent, people=people, dryRun=False)
    assert refused["__typename"] == "ValidationProblem"
    assert [fault["field"] for fault in refused["fields"]] == ["calendar"]
    assert "two" in refused["fields"][0]["message"]
    assert await shifts(cambs) == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"calendar": "x" * (1024 * 1024 + 1)}, "calendar"), ({"calendar": "\0"}, "calendar"),
        ({"until": "2020-01-01T00:00:00Z"}, "until"), ({"until": "9999-01-01T00:00:00Z"}, "until"),
        ({"from": "9999-01-01T00:00:00Z"}, "from"), ({"position": 0}, "position"), ({"position": 99}, "position"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)  # fmt: skip
async def test_what_cannot_be_read_is_refused_by_field(
    administrator: Api, sent: JSON, changes: JSON, field: str
) -> None:
    refused = await imported(administrator, sent, **changes)
    assert refused["__typename"] == "ValidationProblem", refused
    assert field in [fault["field"] for fault in refused["fields"]]


async def test_somebody_who_has_left_cannot_be_put_on_call(
    administrator: Api, cambs: Partnership, sent: JSON, environment: dict[str, str]
) -> None:
    twice = [*sent["people"], {**sent["people"][0], "name": "BRAM"}]
    assert (await imported(administrator, sent, people=twice))["fields"][0]["field"] == "people"
    unknown = [{**sent["people"][0], "personId": encode("Person", cambs.id)}]
    assert (await imported(administrator, sent, people=unknown))["__typename"] == "NotFoundProblem"


async def test_only_who_manages_rotas_imports_one(doctor: Api, sent: JSON) -> None:
    assert (await imported(doctor, sent))["__typename"] == "ForbiddenProblem"
