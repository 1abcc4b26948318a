"""Screens, alerts, exports and paper give one answer to who is on call, whatever was laid over the rule."""

from backend.identity import people
from backend.kit.ids import uuid7
from notifications.feeds import service as feeds
from notifications.printed_rotas import repository as printed
from notifications.rotas import service
from notifications.rotas.materialisation import ends_of
from notifications.rotas.resolution import AdjustmentKind
from support.ladders import call, put_in_force, rota, slot
from support.rota_desk import Desk
from tenants.contacts import repository as contacts

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
