"""What the figures count: real alerts. What drills do stands apart from every one of them."""

from datetime import timedelta
from typing import Any

import httpx

from backend.kit import metrics
from notifications.alerts import closing
from notifications.alerts.models import Ending
from notifications.deliveries import receipts
from notifications.deliveries.models import DeliveryState
from notifications.deliveries.receipts import Receipt
from support.ladders import call, put_in_force, rota, slot
from support.messages import messages_to, press
from support.scene import Scene

# What a figure of real alerts is made of, and where drills are counted instead.
FIGURES = (metrics.DELIVERIES, metrics.PROVIDER_SENDS, metrics.PROVIDER_SECONDS, metrics.CONFIGURATION_ALARMS,
           metrics.ANSWERS, metrics.FIRST_PAGE_SECONDS)  # fmt: skip
APART = (metrics.DRILL_DELIVERIES, metrics.DRILL_SENDS, metrics.DRILL_ANSWERS)


def counted(*figures: Any) -> list[float]:
    """How much each figure has counted, whatever its labels."""
    return [
        sum(sample.value for family in figure.collect() for sample in family.samples if sample.name[-6:] != "create")
        for figure in figures
    ]


async def reports(scene: Scene, role: str, state: DeliveryState) -> list[Receipt]:
    """The providers' word on every message of a slot that they have."""
    return [
        Receipt(one.id, state, one.provider or "", one.provider_id or "")
        for one in await scene.deliveries(role)
        if one.state == DeliveryState.HANDED_OVER
    ]


async def test_nothing_that_a_drill_does_is_in_any_figure(scene: Scene, browser: httpx.AsyncClient) -> None:
    """Sent, receipted, refused, escalated, answered by link and by text, and stood down."""
    real, apart = counted(*FIGURES), counted(*APART)
    number = await scene.address(await scene.on_call("sio"), "sms")
    scene.phones.misbehave("error500", number, count=1)
    await call(scene, alert_type="child-death-joint-response", drill=True)
    doctor = await scene.on_call("paediatrician")
    message = messages_to(scene.phones, await scene.address(doctor, "sms"))[0]
    await browser.get(message.path)
    async with scene.partnership.session() as session:
        delivered = await reports(scene, "paediatrician", DeliveryState.DELIVERED)
        failed = await reports(scene, "sio", DeliveryState.FAILED)
        assert delivered
        assert failed
        await receipts.take(session, [*delivered, *failed])
        await session.commit()
    await press(browser, message.path, "accept")
    await scene.wait(timedelta(seconds=130))
    async with scene.partnership.session() as session:
        await closing.close(session, scene.alert_id, doctor, Ending.STOOD_DOWN, "the drill is over")
        await session.commit()
    await scene.work.run_due()
    assert counted(*FIGURES) == real
    assert all(after > before for after, before in zip(counted(*APART), apart, strict=True))
    await call(scene, alert_type="child-death-joint-response")
    assert counted(metrics.DELIVERIES, metrics.PROVIDER_SENDS) > real[:2]


async def test_a_fault_that_a_drill_comes_upon_is_told_in_earnest_and_counted_apart(scene: Scene) -> None:
    await put_in_force(scene, slot(rota("sio")))
    await scene.change("UPDATE rota SET uncovered_role = NULL WHERE role = 'sio'")
    await scene.change("DELETE FROM shift WHERE rota_id = (SELECT id FROM rota WHERE role = 'sio')")
    real, apart = counted(metrics.CONFIGURATION_ALARMS), counted(metrics.DRILL_ALARMS)
    await call(scene, drill=True)
    assert await scene.alarms() != []
    assert counted(metrics.CONFIGURATION_ALARMS) == real
    assert counted(metrics.DRILL_ALARMS) > apart
