"""Screens, alerts, exports and paper give one answer to who is on call, whatever was laid over the rule."""

from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import text

from backend.identity import people
from backend.kit.ids import uuid7
from backend.kit.problems import Invalid
from notifications.feeds import service as feeds
from notifications.printed_rotas import repository as printed
from notifications.printed_rotas import service as printing
from notifications.rota_imports import service as imports
from notifications.rotas import service
from notifications.rotas.materialisation import ends_of
from notifications.rotas.resolution import AdjustmentKind
from support.ladders import call, put_in_force, rota, slot
from support.rota_desk import Desk
from tenants.calendars import repository as calendars
from tenants.contacts import repository as contacts
from tenants.partnerships import repository as partnerships

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

DETECTIVES = {"bram-cartwheel", "odette-larkspur", "piers-quillfeather"}


async def named(desk: Desk, person: str) -> str:
    async with desk.session() as session:
        return (await contacts.people(session, [desk.people[person]]))[desk.people[person]].name


async def calendar_of(desk: Desk, role: str) -> list[tuple[str, str]]:
    """Who the exported calendar says begins when."""
    wanted = (await desk.rota(role)).id
    async with desk.session() as session:
        feed, _ = await feeds.create(session, feed_id=uuid7(), owner_id=desk.people["bram-cartwheel"], rota_id=wanted)
        body = (await feeds.read(session, feed)).body.decode()
    found, begins = [], ""
    for line in body.replace("\r\n ", "").splitlines():
        if line.startswith("DTSTART"):
            begins = line.rsplit(":", maxsplit=1)[1]
        if line.startswith("SUMMARY:On call: "):
            found.append((begins, line.removeprefix("SUMMARY:On call: ")))
    return found


async def test_an_override_and_a_leaver_are_honoured_by_all_of_them(desk: Desk) -> None:
    shift = await desk.running("sio")
    holder = desk.name(shift.person_id)
    other, third = sorted(DETECTIVES - {holder})
    async with desk.session() as session:
        await service.adjust(
            session, shift.rota_id, AdjustmentKind.ASSIGNED, desk.now, ends_of(shift.during)[1],
            person=shift.person_id, instead=desk.people[other], position=1, by=desk.people["corin-waterbeck"],
            reason="ill",
        )  # fmt: skip
    by = await desk.scene.partnership.member("administrator")
    async with desk.session() as session:
        await people.leave(session, desk.people[third], "Moved away", by=by)
    await desk.scene.work.run_due()
    stored = await desk.read("sio")
    assert await desk.on_call("sio") == [other] == [stored[1][0]]
    assert third not in {name for name, begins, _ in stored if begins > desk.now}
    names = {code: await named(desk, code) for code in DETECTIVES}
    exported = await calendar_of(desk, "sio")
    assert [who for begins, who in exported if begins == f"{desk.now:%Y%m%dT%H%M%SZ}"] == [names[other]]
    assert names[third] not in {who for begins, who in exported if begins > f"{desk.now:%Y%m%dT%H%M%SZ}"}
    await put_in_force(desk.scene, slot(rota("sio"), rota("detective_superintendent")), check=False)
    await call(desk.scene)
    assert [page.person_id for page in await desk.scene.pages("first")] == [desk.people[other]]
    async with desk.session() as session:
        assert await printed.latest(session) is not None  # printed anew for the change


async def test_a_second_on_call_that_only_an_override_makes_is_on_paper(desk: Desk) -> None:
    rota = await desk.rota("sio")
    second = desk.people["odette-larkspur"]
    if (await desk.running("sio")).person_id == second:
        second = desk.people["bram-cartwheel"]
    async with desk.session() as session:
        await service.adjust(session, rota.id, AdjustmentKind.ADDED, desk.now, desk.now + HOUR, person=None,
                             instead=second, position=2, by=desk.people["alder-inkwell"], reason="busy")  # fmt: skip
    assert await desk.on_call("sio", desk.now, 2) == [desk.name(second)]
    async with desk.session() as session:
        partnership = await partnerships.own(session)
        calendar = await calendars.calendar(session, partnership.zone)
        sheet = (await printing._sheet(session, partnership, calendar, desk.now, desk.now + DAY)).data()
        names = await session.scalar(text("SELECT name FROM person WHERE id = :id"), {"id": second})
    (own,) = [one for one in sheet["rotas"] if one["name"] == rota.name]
    said = [turn["name"] for position in own["positions"] for turn in position["turns"]]
    assert any(names in one for one in said), said


async def test_a_turn_that_ends_early_is_a_new_revision_in_the_feed(desk: Desk) -> None:
    on = await desk.running("sio")
    async with desk.session() as session:
        feed, _ = await feeds.create(session, feed_id=uuid7(), owner_id=on.person_id, rota_id=None)
        before: list[Any] = Calendar.from_ical((await feeds.read(session, feed)).body).walk("VEVENT")
    await desk.scene.clock.advance(HOUR)
    taker = next(one.person_id for one in await desk.shifts("sio") if one.person_id != on.person_id)
    async with desk.session() as session:
        await service.take_over(session, on.id, by=taker, reason="ill")
    async with desk.session() as session:
        after: list[Any] = Calendar.from_ical((await feeds.read(session, feed)).body).walk("VEVENT")
    one = next(each for each in before if each["DTSTART"].dt == ends_of(on.during)[0])
    other = next(each for each in after if each["UID"] == one["UID"])
    assert one["DTEND"].dt != other["DTEND"].dt
    assert other["SEQUENCE"] > one["SEQUENCE"]


async def test_a_dry_run_says_what_applying_refuses(desk: Desk) -> None:
    first = await desk.coming("paediatrician")
    begins, until = ends_of(first.during)
    second = next(one for one in await desk.shifts("paediatrician", 2) if ends_of(one.during)[0] == begins)
    written = "\r\n".join([
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", "UID:1", f"DTSTART:{begins:%Y%m%dT%H%M%SZ}",
        f"DTEND:{until:%Y%m%dT%H%M%SZ}", "SUMMARY:W", "END:VEVENT", "END:VCALENDAR", "",
    ])  # fmt: skip
    wanted = imports.Request(first.rota_id, 1, written, {"W": second.person_id}, begins, until)
    async with desk.session() as session:
        with pytest.raises(Invalid):
            await imports.apply(session, wanted, by=desk.people["alder-inkwell"])
        await session.rollback()
    async with desk.session() as session:
        with pytest.raises(Invalid):
            await imports.preview(session, wanted)
