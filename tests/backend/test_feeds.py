"""The door of the calendar feeds: what opens it, and that nothing else can be told apart."""

import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import httpx
import pytest
from icalendar import Calendar
from sqlalchemy import text

from backend.asgi import create_app
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, Forbidden, NotFound
from backend.kit.session import open_session
from infra.dev.clock import Clock
from notifications.feeds import service
from notifications.feeds.tokens import new_token
from support.environment import owner_engine
from support.partnership import CHILD, Partnership


@pytest.fixture
async def http(environment: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app())  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://safeguard.test") as client:
        yield client


async def rota_of(partnership: Partnership, role: str) -> UUID:
    async with partnership.session() as session:
        found: UUID = await session.scalar(text("SELECT id FROM rota WHERE role = :role"), {"role": role})
    return found


async def feed_of(partnership: Partnership, owner: UUID, rota_id: UUID | None = None) -> tuple[UUID, str]:
    """A new feed's id and path."""
    async with partnership.session() as session:
        feed, token = await service.create(session, feed_id=uuid7(), owner_id=owner, rota_id=rota_id)
        await session.commit()
    return feed.id, f"/feeds/{token}.ics"


async def change(environment: dict[str, str], partnership: Partnership, statement: str, **values: object) -> None:
    async with open_session(partnership.id, on=owner_engine()) as session:
        await session.execute(text(statement), values)
        await session.commit()


def events(answer: httpx.Response) -> list[Any]:
    assert answer.status_code == 200, answer.text
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


async def test_a_rotas_feed_says_who_is_on_call_and_when(http: httpx.AsyncClient, cambs: Partnership) -> None:
    owner = (await cambs.member("sio")).person_id
    _, path = await feed_of(cambs, owner, await rota_of(cambs, "sio"))
    answer = await http.get(path)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    found = events(answer)
    assert {str(event["SUMMARY"]).removeprefix("On call: ") for event in found} == {
        "Detective Inspector Bram Cartwheel", "Detective Inspector Odette Larkspur",
        "Detective Chief Inspector Piers Quillfeather",
    }  # fmt: skip
    for earlier, later in pairwise(found):
        assert earlier["DTEND"].dt >= later["DTSTART"].dt


async def test_a_persons_feed_holds_their_own_turns_only(http: httpx.AsyncClient, cambs: Partnership) -> None:
    owner = (await cambs.member("sio")).person_id
    _, path = await feed_of(cambs, owner)
    found = events(await http.get(path))
    async with cambs.session() as session:
        number = await session.scalar(text("SELECT count(*) FROM shift WHERE person_id = :owner"), {"owner": owner})
    assert len(found) == number > 0
    assert {str(event["SUMMARY"]) for event in found} == {"On call: Senior investigating officers"}


async def test_it_says_nothing_of_any_case(http: httpx.AsyncClient, cambs: Partnership) -> None:
    death = await cambs.report_death()
    _, path = await feed_of(cambs, await cambs.on_call("sio"))
    body = (await http.get(path)).text
    assert not [word for word in (CHILD, str(death.case_id), "alert", "death") if word.lower() in body.lower()]


async def test_what_has_not_changed_is_not_sent_again(
    http: httpx.AsyncClient, cambs: Partnership, environment: dict[str, str], clock: Clock
) -> None:
    _, path = await feed_of(cambs, await cambs.on_call("sio"))
    first = await http.get(path)
    etag = first.headers["etag"]
    for sent in (etag, f'W/{etag}, "other"', "*"):
        again = await http.get(path, headers={"If-None-Match": sent})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert (await http.get(path, headers={"If-None-Match": '"other"'})).status_code == 200
    await change(environment, cambs, "UPDATE rota SET name = 'Renamed'")
    changed = await http.get(path, headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag


async def test_whatever_does_not_open_it_is_answered_alike(
    http: httpx.AsyncClient, cambs: Partnership, herts: Partnership, environment: dict[str, str]
) -> None:
    owner = (await cambs.member("sio")).person_id
    feed_id, path = await feed_of(cambs, owner)
    token = path.removeprefix("/feeds/").removesuffix(".ics")
    never = await http.get(f"/feeds/{new_token(cambs.id)}.ics")
    assert never.status_code == 404

    async def is_closed(at: str = path) -> bool:
        answer = await http.get(at)
        return (answer.status_code, answer.content, dict(answer.headers)) == (
            404, never.content, dict(never.headers),
        )  # fmt: skip

    elsewhere = new_token(herts.id)[:22] + token[22:]
    for wrong in (token[:-1] + ("A" if token[-1] != "A" else "B"), elsewhere, token[:-1], "x", "%00", "é", "a" * 5000,
                  str(feed_id), new_token(uuid7())):  # fmt: skip
        assert await is_closed(f"/feeds/{wrong}.ics"), wrong
    assert not await is_closed()
    for closing, opening in (
        ("UPDATE person SET active = false WHERE id = :owner", "UPDATE person SET active = true WHERE id = :owner"),
        ("UPDATE membership SET state = 'suspended' WHERE person_id = :owner",
         "UPDATE membership SET state = 'active' WHERE person_id = :owner"),
        ("UPDATE membership SET roles = '[]' WHERE person_id = :owner",
         "UPDATE membership SET roles = '[\"sio\"]' WHERE person_id = :owner"),
        ("UPDATE routing.partnership SET state = 'suspended' WHERE slug = 'cambs-peterborough'",
         "UPDATE routing.partnership SET state = 'active' WHERE slug = 'cambs-peterborough'"),
    ):  # fmt: skip
        await change(environment, cambs, closing, **({"owner": owner} if ":owner" in closing else {}))
        assert await is_closed(), closing
        await change(environment, cambs, opening, **({"owner": owner} if ":owner" in opening else {}))
        assert not await is_closed()
    async with cambs.session() as session:
        await service.revoke(session, feed_id, owner)
        await session.commit()
    assert await is_closed()


async def test_the_token_is_in_no_log_metric_or_row(
    http: httpx.AsyncClient, cambs: Partnership, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    owner = await cambs.on_call("sio")
    _, path = await feed_of(cambs, owner)
    token = path.removeprefix("/feeds/").removesuffix(".ics")
    for asked in (path, path[:-6], f"{path}/more"):
        await http.get(asked)
    metrics = (await http.get("/metrics")).text
    seen = capfd.readouterr()
    # The test's own client logs what it asks for; the product's loggers do not.
    own = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    for place in (metrics, seen.out, seen.err, *own):
        assert token[22:40] not in place
    async with cambs.session() as session:
        stored = (await session.execute(text("SELECT f::text FROM calendar_feed AS f"))).scalars().all()
        audited = (await session.execute(text("SELECT a::text FROM audit_entry AS a"))).scalars().all()
    assert stored
    assert not [row for row in (*stored, *audited) if token[22:40] in row]


async def test_a_feed_that_fails_tells_nothing(
    http: httpx.AsyncClient, cambs: Partnership, environment: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    _, path = await feed_of(cambs, await cambs.on_call("sio"))
    await change(environment, cambs, "ALTER TABLE shift RENAME COLUMN turn TO gone")
    transport = httpx.ASGITransport(create_app(), raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://safeguard.test") as client:
        answer = await client.get(path)
    assert answer.status_code == 500
    seen = capfd.readouterr()
    for place in (answer.text, seen.out, seen.err):
        assert path[7:40] not in place
        assert "shift" not in place


async def test_reading_is_noted_to_the_hour(http: httpx.AsyncClient, cambs: Partnership, clock: Clock) -> None:
    feed_id, path = await feed_of(cambs, await cambs.on_call("sio"))
    async with cambs.session() as session:
        now = await session.now()
    noted = []
    for minutes in (1, 31, 62):
        await clock.freeze(now + timedelta(minutes=minutes))
        await http.get(path)
        async with cambs.session() as session:
            query = text("SELECT last_read_at FROM calendar_feed WHERE id = :id")
            noted.append((await session.scalar(query, {"id": feed_id}) - now) / timedelta(minutes=1))
    assert noted == [1, 1, 62]


async def test_a_person_has_twenty_feeds_and_no_more(cambs: Partnership) -> None:
    owner = (await cambs.member("sio")).person_id
    made = [await feed_of(cambs, owner) for _ in range(service.MOST)]
    with pytest.raises(Conflict, match="Revoke"):
        await feed_of(cambs, owner)
    async with cambs.session() as session:
        await service.revoke(session, made[0][0], owner)
        await session.commit()
    await feed_of(cambs, owner)


async def test_only_its_owner_revokes_a_feed_and_only_its_partnership_makes_one(
    cambs: Partnership, herts: Partnership
) -> None:
    owner, other = (await cambs.member("sio")).person_id, (await cambs.member("paediatrician")).person_id
    feed_id, _ = await feed_of(cambs, owner)
    async with cambs.session() as session:
        with pytest.raises(Forbidden):
            await service.revoke(session, feed_id, other)
        with pytest.raises(NotFound):
            await service.create(session, feed_id=uuid7(), owner_id=owner, rota_id=await rota_of(herts, "sio"))
    async with herts.session() as session:
        with pytest.raises(NotFound):
            await service.revoke(session, feed_id, owner)
