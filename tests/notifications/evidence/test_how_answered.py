"""How each answer came is recorded once and for all, and said wherever an alert is told."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.kit.ids import uuid7
from notifications.alerts import closing, handover, offers, repository, service
from notifications.alerts.means import Means
from notifications.alerts.models import Ending, Factor, Given, SlotAnswer, SlotState, Via
from notifications.evidence import service as evidence
from notifications.evidence.story import sentence
from support.api import rows
from support.ladders import call, put_in_force, rota, slot
from support.scene import Scene

REASON = "He rang the switchboard:\n  his phone is broken."


async def told(scene: Scene) -> list[str]:
    """Every sentence of the alert's story, as it stands in the evidence too."""
    async with scene.partnership.session() as session:
        made = await evidence.evidence(session, scene.alert_id, asked_by=None)
        assert (await evidence.printed(made)).startswith(b"%PDF-")
    sentences = [sentence(event) for event in made.story.events]
    assert [entry["said"] for entry in made.document["entries"]] == sentences
    return sentences


async def name(scene: Scene, person: UUID) -> str:
    async with scene.partnership.session() as session:
        return str(await session.scalar(text("SELECT name FROM person WHERE id = :id"), {"id": person}))


async def answer(scene: Scene) -> SlotAnswer:
    (found,) = await rows(scene.partnership, SlotAnswer)
    return found


@pytest.mark.parametrize(
    ("means", "how"),
    [
        (None, "signed in"),
        (Means(Via.LINK, Factor.NUMBER), "by the link of a message to their verified number"),
        (Means(Via.LINK, Factor.MAILBOX), "by the link of a message to their verified mailbox"),
        (Means(Via.SMS, Factor.NUMBER, received_id="a text"), "by text to their verified number"),
        (Means(Via.VOICE, Factor.NUMBER, received_id="a call"),
         "by a key pressed in a call to their verified number"),
    ],
)  # fmt: skip
async def test_each_way_of_answering_is_told_apart(scene: Scene, means: Means | None, how: str) -> None:
    await scene.report()
    sio, doctor = await scene.on_call("sio"), await scene.on_call("paediatrician")
    given: tuple[Any, ...] = () if means is None else (means,)
    async with scene.partnership.session() as session:
        await service.acknowledge(session, scene.slot_ids["sio"], sio, *given)
        await service.decline(session, scene.slot_ids["paediatrician"], doctor, "I am unwell", *given)
        await session.commit()
    said = await told(scene)
    assert f"{await name(scene, sio)} accepted the call as sio, {how}." in said
    assert f"{await name(scene, doctor)} could not come as paediatrician, {how}: I am unwell." in said
    by_role = {one.person_id: one for one in await rows(scene.partnership, SlotAnswer)}
    assert (by_role[sio].given, by_role[doctor].given) == (Given.ACCEPTED, Given.DECLINED)
    assert by_role[sio].via == (means.via if means else Via.SIGNED_IN)
    assert by_role[sio].received_id == (means.received_id if means else None)


async def test_a_duty_managers_override_names_who_and_why(scene: Scene) -> None:
    await scene.report()
    coming, by = await scene.person("magnus-tallow"), await scene.person("corin-waterbeck")
    async with scene.partnership.session() as session:
        await service.override(session, scene.slot_ids["sio"], coming, by, REASON)
        await session.commit()
    said = await told(scene)
    assert (
        f"{await name(scene, by)} answered for {await name(scene, coming)} as sio, as duty manager:"
        " He rang the switchboard: his phone is broken." in said
    )
    found = await answer(scene)
    assert (found.via, found.person_id, found.given_by, found.reason) == (Via.OVERRIDE, coming, by, REASON)
    assert found.page_id is None, "they were never called"


async def test_a_slot_that_changes_hands_tells_who_gave_and_who_took_it(scene: Scene) -> None:
    await put_in_force(scene, slot(rota("sio")))
    await call(scene)
    sio, receiver = await scene.on_call("sio"), await scene.person("greta-stonecrop")
    await scene.acknowledge("first", sio)
    for accepts in (False, True):
        offer_id = uuid7()
        async with scene.partnership.session() as session:
            await offers.offer(session, scene.slot_ids["first"], sio, receiver, within=300, offer_id=offer_id)
            await session.commit()
        for _ in range(2):  # the same answer again is no second answer
            async with scene.partnership.session() as session:
                await (handover.accept if accepts else handover.decline)(session, offer_id, receiver)
                await session.commit()
    giver, taker = await name(scene, sio), await name(scene, receiver)
    said = await told(scene)
    assert said.count(f"{taker} did not take over the role first from {giver}, signed in.") == 1
    assert said.count(f"{taker} took over the role first from {giver}, signed in.") == 1
    assert said.count(f"{taker} was asked to take over the role first, to answer within 300 s.") == 2
    async with scene.partnership.session() as session:
        given = (await repository.answers(session, [scene.slot_ids["first"]]))[scene.slot_ids["first"]]
    assert [(one.given, one.offer_id is None) for one in given] == [
        (Given.ACCEPTED, True), (Given.DECLINED, False), (Given.ACCEPTED, False),
    ]  # fmt: skip


async def test_an_answer_that_nobody_followed_stays_in_the_story(scene: Scene) -> None:
    """The slot forgets its holder when attendance lapses; the evidence does not."""
    await put_in_force(scene, slot(rota("sio"), confirm_within=600))
    await call(scene)
    sio = await scene.on_call("sio")
    await scene.acknowledge("first", sio)
    await scene.wait(timedelta(seconds=600))
    assert (await scene.slot("first")).state == SlotState.PAGING
    await scene.acknowledge("first", sio)
    said = await told(scene)
    assert said.count(f"{await name(scene, sio)} accepted the call as first, signed in.") == 2
    assert "The audit log, entry" in " ".join(one for one in said if "slot.lapsed" in one)


async def test_an_answer_of_before_it_was_recorded_how_says_so(scene: Scene) -> None:
    await scene.report()
    sio = await scene.on_call("sio")
    await scene.acknowledge("sio", sio)
    await scene.change("DELETE FROM slot_answer")
    assert (
        f"{await name(scene, sio)} accepted the call as sio, in a way that was not recorded at the time."
        in await told(scene)
    )


async def test_a_drill_and_its_end_are_called_so(scene: Scene) -> None:
    await put_in_force(scene, slot(rota("sio")))
    await call(scene, drill=True)
    by = await scene.person("corin-waterbeck")
    async with scene.partnership.session() as session:
        await closing.close(session, scene.alert_id, by, Ending.STOOD_DOWN, "over")
        await session.commit()
    said = await told(scene)
    assert "was accepted, as a drill, under version" in said[0]
    assert f"{await name(scene, by)} closed the alert: stood down." in said
    assert not [one for one in said if "was called as first" in one and "rung 2" in one]
    sio = await name(scene, await scene.on_call("sio"))
    assert f"{sio} was to be told of the end of the alert, having been called as first." in said


@pytest.mark.parametrize("statement", ["UPDATE slot_answer SET via = 'signed_in'", "DELETE FROM slot_answer"])
async def test_what_is_recorded_is_never_changed(scene: Scene, statement: str) -> None:
    await scene.report()
    await scene.acknowledge("sio", await scene.on_call("sio"))
    async with scene.partnership.session() as session:
        with pytest.raises(DBAPIError, match="permission denied"):
            await session.execute(text(statement))


async def test_two_answers_by_message_to_one_call_cannot_stand(scene: Scene) -> None:
    """Whatever the code above it does, a call's link and code are used up by one row."""
    await scene.report()
    sio = await scene.on_call("sio")
    async with scene.partnership.session() as session:
        await service.acknowledge(session, scene.slot_ids["sio"], sio, Means(Via.SMS, Factor.NUMBER))
        await session.commit()
    given = await answer(scene)
    async with scene.partnership.session() as session:
        session.append(
            SlotAnswer, slot_id=given.slot_id, page_id=given.page_id, person_id=sio, given=Given.ACCEPTED,
            via=Via.LINK, factor=Factor.NUMBER, at=given.at,
        )  # fmt: skip
        with pytest.raises(DBAPIError, match="slot_answer_by_message"):
            await session.flush()
