"""The heartbeat: a sign of life while all is well, and silence for every single thing that is not."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from backend import watching
from backend.kit.broker import broker
from backend.kit.database import engine
from backend.kit.session import open_session
from backend.kit.settings import settings
from backend.kit.tasks import owe
from notifications.rotas import repository as rotas
from notifications.rotas.service import EXTEND_ROTA
from support.partnership import Partnership
from support.scene import WINDOW, Scene


@pytest.fixture
async def well(scene: Scene, herts: Partnership) -> Scene:
    """Two partnerships in good order, with an alert that runs."""
    for partnership in (scene.partnership, herts):
        async with partnership.session() as session:
            for rota in await rotas.rotas(session):
                await owe(session, EXTEND_ROTA, rota.id, due_at=await session.now() + timedelta(hours=20))
            await session.commit()
    await scene.report()
    return scene


def beats(carrier: httpx.Client) -> int:
    return len(carrier.get("/dev/heartbeats").json())


async def audited(carrier: httpx.Client) -> tuple[str, int]:
    """What came of the heartbeat, and how many were heard outside."""
    before = beats(carrier)
    outcome = await watching.audit_all(engine())
    return outcome, beats(carrier) - before


async def test_all_is_well_and_somebody_outside_hears_it(well: Scene, carrier: httpx.Client) -> None:
    assert await audited(carrier) == ("sent", 1)
    async with engine().connect() as connection:
        row = (await connection.execute(text("SELECT finished_at, app.now(), findings FROM routing.duty"))).one()
    assert (row[0], row[2]) == (row[1], 0)


async def test_a_page_that_is_late_is_told_by_silence(well: Scene, carrier: httpx.Client) -> None:
    await well.clock.advance(WINDOW + timedelta(seconds=16))
    assert await audited(carrier) == ("page_overdue", 0)
    await well.work.run_due()
    assert await audited(carrier) == ("sent", 1)


async def test_a_broken_alert_is_told_by_silence(well: Scene, carrier: httpx.Client) -> None:
    await well.change("UPDATE alert_slot SET state = 'cancelled' WHERE alert_id = :alert", alert=well.alert_id)
    assert await audited(carrier) == ("alert_stalled", 0)


async def test_a_fault_that_was_just_repaired_is_told_by_one_silence(well: Scene, carrier: httpx.Client) -> None:
    await well.change("DELETE FROM routing.task WHERE actor = 'page_ended'")
    assert await audited(carrier) == ("timer_missing", 0)
    assert await audited(carrier) == ("sent", 1)


async def test_a_rota_that_can_wait_till_morning_is_no_silence(well: Scene, carrier: httpx.Client) -> None:
    await well.change("DELETE FROM routing.task WHERE actor = 'extend_rota'")
    assert await audited(carrier) == ("sent", 1)


@pytest.mark.parametrize(
    ("variable", "outcome"),
    [("NOTIFY_BASE_URL", "provider_away"), ("FCM_BASE_URL", "provider_away"), ("BROKER_URL", "broker_away")],
)
async def test_what_does_not_answer_is_told_by_silence(
    well: Scene, carrier: httpx.Client, monkeypatch: pytest.MonkeyPatch, variable: str, outcome: str
) -> None:
    monkeypatch.setenv(variable, "redis://127.0.0.1:1/0" if variable == "BROKER_URL" else "http://127.0.0.1:1")
    settings.cache_clear()
    broker.cache_clear()
    assert await audited(carrier) == (outcome, 0)
    broker.cache_clear()


async def test_a_database_that_takes_no_writes_is_told_by_silence(
    well: Scene, carrier: httpx.Client, environment: dict[str, str]
) -> None:
    before = beats(carrier)
    await well.change("REVOKE UPDATE ON routing.duty FROM safeguard_app")
    with pytest.raises(Exception, match="permission denied"):
        await watching.audit_all(engine())
    assert beats(carrier) == before


async def test_one_partnership_that_cannot_be_audited_silences_it_and_the_others_are_audited(
    well: Scene, herts: Partnership, carrier: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def opened(tenant_id: object, **options: object) -> object:
        if tenant_id == well.partnership.id:
            message = "of this test"
            raise OSError(message)
        seen.append(tenant_id)
        return open_session(tenant_id, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(watching, "open_session", opened)
    assert await audited(carrier) == ("audit_failed", 0)
    assert seen == [herts.id]


@pytest.mark.parametrize(
    ("url", "outcome"),
    [("http://127.0.0.1:1/ping", "not_heard"), ("not a url", "not_heard"), ("", "not_configured")],
)
async def test_a_listener_that_is_not_there_does_no_harm(
    well: Scene, carrier: httpx.Client, monkeypatch: pytest.MonkeyPatch, url: str, outcome: str
) -> None:
    monkeypatch.setenv("HEARTBEAT_URL", url)
    settings.cache_clear()
    assert await audited(carrier) == (outcome, 0)
