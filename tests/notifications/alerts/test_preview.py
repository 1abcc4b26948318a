"""What a preview shows is what happens."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from notifications.alerts import diagram
from notifications.alerts import repository as alerts
from notifications.alerts.climbing import PassedOver
from notifications.alerts.preview import PreviewedSlot, preview
from notifications.ladders import repository as ladders
from support.ladders import TYPE, call, put_in_force, rota, slot, step
from support.scene import Scene, coming
from tenants.partnerships import repository as partnerships

LONDON = ZoneInfo("Europe/London")
CHRISTMAS = datetime(2026, 12, 25, tzinfo=UTC)
DAY = {"weekdays": [0, 1, 2, 3, 4], "start": "08:00", "end": "20:00", "bank_holidays": "except"}
TYPES = (
    "child-death-joint-response", "child-death-notification-fan-out", "removal-from-uk",
    "safeguarding-advice-cover", TYPE,
)  # fmt: skip
Told = list[tuple[str, str, UUID | None, UUID | None]]


async def previewed(scene: Scene, alert_type: str, at: datetime, areas: list[UUID]) -> list[PreviewedSlot]:
    async with scene.partnership.session() as session:
        policy = await ladders.in_force(session, alert_type)
        assert policy is not None
        return await preview(session, policy.slots, at, areas)


def first_pages(slots: list[PreviewedSlot]) -> Told:
    return sorted(
        (
            (one.plan.role, found.found_by, found.person_id, found.entry_id)
            for one in slots
            for rung in one.rungs
            if rung.offset == 0
            for found in rung.rung.reached
        ),
        key=str,
    )


async def paged(scene: Scene) -> Told:
    found: Told = []
    async with scene.partnership.session() as session:
        for slots in (await alerts.slots(session, [scene.alert_id])).values():
            pages = await alerts.pages(session, [one.id for one in slots])
            found += [(one.role, p.found_by, p.person_id, p.entry_id) for one in slots for p in pages[one.id]]
    return sorted(found, key=str)


def moments() -> list[datetime]:
    """Around Christmas: hours picked by chance, and the edges of cover, by night and on the bank holidays."""
    chance = Random(20261225)  # noqa: S311  # the same hours in every run
    edges = [CHRISTMAS + timedelta(days=d, hours=h, minutes=m) for d in (0, 3) for h, m in ((7, 59), (8, 0), (20, 0))]
    return edges + [CHRISTMAS + timedelta(minutes=chance.randrange(8 * 24 * 60)) for _ in range(8)]


async def test_the_first_pages_are_those_that_the_preview_showed(scene: Scene) -> None:
    await put_in_force(
        scene,
        slot(
            rota("paediatrician", only_between=[DAY]),
            step({"kind": "team", "team": "duty", "members": ["tansy-millrace", "corin-waterbeck"]}),
        ),
    )
    await scene.lay_out_shifts(CHRISTMAS + timedelta(days=4))
    places = ("peterborough", "coroner-city")
    async with scene.partnership.session() as session:
        areas = [area.id for area in await partnerships.areas(session) if area.code in places]
    for at in moments():
        for alert_type in TYPES:
            before = first_pages(await previewed(scene, alert_type, at, areas))
            await scene.at(at)
            await call(scene, alert_type=alert_type, areas=places)
            assert before == await paged(scene), f"{alert_type} at {at}"
            assert before


async def test_the_whole_ladder_comes_as_it_was_shown(scene: Scene) -> None:
    await put_in_force(scene, slot(rota("sio", page_again_every=50), rota("detective_superintendent"), repeat=1))
    at = coming(weekday=1, hour=12)
    (shown,) = await previewed(scene, TYPE, at, [])
    assert [rung.offset for rung in shown.rungs] == [0, 120, 240, 360]
    assert [rung.again_at for rung in shown.rungs] == [(50, 100), (), (290, 340), ()]
    assert shown.exhausted_at == 480
    await scene.at(at)
    await call(scene)
    for rung in shown.rungs:
        assert {page.person_id for page in (await scene.pages("first"))[-1:]} == {
            found.person_id for found in rung.rung.reached
        }
        await scene.wait(timedelta(seconds=120))
    assert ("ladder_exhausted", "first") in await scene.alarms()


async def test_a_gap_is_flagged_and_nobodys_turn_is_taken(scene: Scene) -> None:
    team = step({"kind": "team", "team": "duty", "members": ["tansy-millrace", "corin-waterbeck"]})
    await put_in_force(scene, slot(rota("sio"), team))
    await scene.change("DELETE FROM shift WHERE rota_id = (SELECT id FROM rota WHERE role = 'sio')")
    await scene.change("UPDATE rota SET uncovered_role = NULL WHERE role = 'sio'")
    for _ in range(2):
        (shown,) = await previewed(scene, TYPE, coming(weekday=1, hour=12), [])
        assert [rung.rung.passed_over for rung in shown.rungs] == [PassedOver.NOBODY, None]
        assert {found.person_id for found in shown.rungs[1].rung.reached} == {await scene.person("tansy-millrace")}
    assert await scene.alarms() == []


async def test_the_diagram_says_who_when_and_how_and_nothing_breaks_out_of_it(scene: Scene) -> None:
    await put_in_force(scene, slot(rota("sio"), rota("detective_superintendent", channels=["push", "sms"])))
    slots = await previewed(scene, TYPE, coming(weekday=1, hour=12), [])
    names = {str(await scene.on_call("sio")): "Bram;\nend; <b>x"}
    drawn = diagram.sequence("A call", slots, names).splitlines()
    assert drawn[0] == "sequenceDiagram"
    assert "  S->>R0: +00:00 Bram end b x by sms" in drawn
    assert any(line.startswith("  S->>R0: +02:00 ") and line.endswith(" by push, sms") for line in drawn)
    assert drawn[-1] == "  Note over R0: +04:00 nobody is left, an alarm is raised"


@pytest.mark.parametrize("hour", [3, 12])
async def test_on_a_sunday_the_rule_for_uncovered_hours_is_shown(scene: Scene, hour: int) -> None:
    at = coming(weekday=6, hour=hour)
    slots = await previewed(scene, "child-death-joint-response", at, [])
    by = {one.plan.role: one.rungs[0].rung.reached[0].found_by for one in slots}
    night = at.astimezone(LONDON).hour < 8
    assert by == {"paediatrician": "rota:designated_doctor" if night else "rota:paediatrician", "sio": "rota:sio"}
