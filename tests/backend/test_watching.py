"""The heartbeat: a sign of life while all is well, and silence for every single thing that is not."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from backend import watching
from backend.kit.broker import broker
from backend.kit.database import engine, make_engine
from backend.kit.ids import uuid7
from backend.kit.session import open_session
from backend.kit.settings import settings
from backend.kit.tasks import owe
from backend.scheduler import sweep
from notifications.channels.providers import _providers, silent
from notifications.deliveries.service import DELIVER_NOTICES
from notifications.rotas import repository as rotas
from notifications.rotas.service import EXTEND_ROTA
from notifications.watch import repository
from support.partnership import Partnership
from support.scene import WINDOW, Scene

NOBODY = "http://127.0.0.1:1"


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
    await sweep(engine())
    outcome = await watching.audit_all(engine())
    return outcome, beats(carrier) - before


async def test_all_is_well_and_somebody_outside_hears_it(well: Scene, carrier: httpx.Client) -> None:
    assert await audited(carrier) == ("sent", 1)
    async with engine().connect() as connection:
        duty = text("SELECT finished_at, app.now(), findings FROM routing.duty WHERE name = 'audit'")
        row = (await connection.execute(duty)).one()
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
    ("variable", "value", "outcome"),
    [
        ("NOTIFY_BASE_URL", NOBODY, "provider_away"),
        ("NOTIFY_API_KEY", f"of-another-{UUID(int=1)}-{UUID(int=2)}", "provider_away"),
        ("SINCH_BASE_URL", NOBODY, "provider_away"),
        ("SINCH_API_TOKEN", "of another", "provider_away"),
        ("SMTP_PORT", "1", "provider_away"),
        ("SMTP_PASSWORD", "of another", "provider_away"),
        ("FCM_BASE_URL", NOBODY, "provider_away"),
        ("APNS_BASE_URL", "https://localhost:1", "provider_away"),
        ("APNS_KEY_FILE", "/nowhere/apns.p8", "provider_away"),
        ("VONAGE_BASE_URL", NOBODY, "provider_away"),
        ("VONAGE_APPLICATION_ID", "of another", "provider_away"),
        ("BROKER_URL", "redis://127.0.0.1:1/0", "broker_away"),
    ],
)
async def test_what_does_not_answer_or_does_not_know_us_is_told_by_silence(
    well: Scene, carrier: httpx.Client, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, outcome: str
) -> None:
    _providers.cache_clear()
    monkeypatch.setenv(variable, value)
    settings.cache_clear()
    broker.cache_clear()
    assert await audited(carrier) == (outcome, 0)
    broker.cache_clear()
    _providers.cache_clear()


async def test_a_provider_that_is_not_set_up_is_not_missed(
    well: Scene, carrier: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("SINCH_SERVICE_PLAN_ID", "SMTP_HOST", "VONAGE_APPLICATION_ID"):
        monkeypatch.setenv(variable, "")
    for variable in ("APNS_KEY_FILE", "FCM_SERVICE_ACCOUNT_FILE", "WEBPUSH_PRIVATE_KEY", "WEBHOOK_SIGNING_KEY"):
        monkeypatch.delenv(variable)
    settings.cache_clear()
    assert await audited(carrier) == ("sent", 1)


async def test_asking_the_providers_sends_nothing_to_anybody(well: Scene, carrier: httpx.Client) -> None:
    well.phones.new()
    for _ in range(3):
        assert await silent() == []
    assert well.phones.new() == {}


async def test_a_scheduler_that_has_stopped_sweeping_is_told_by_silence(well: Scene, carrier: httpx.Client) -> None:
    """The process that audits may be well while no task is woken any more."""
    assert await audited(carrier) == ("sent", 1)
    await well.clock.advance(timedelta(seconds=31))
    before = beats(carrier)
    assert await watching.audit_all(engine()) == "scheduler_silent"
    assert beats(carrier) == before
    assert await audited(carrier) == ("sent", 1)


async def test_a_notice_that_is_late_is_told_by_silence(well: Scene, carrier: httpx.Client) -> None:
    """The outbox grows old although no page is late: the workers of the notices are away."""
    async with well.partnership.session() as session:
        await owe(session, DELIVER_NOTICES, uuid7())
        await session.commit()
    for role in well.slot_ids:
        await well.acknowledge(role, await well.on_call(role))
    await well.clock.advance(timedelta(minutes=14))
    assert await audited(carrier) == ("sent", 1)
    await well.clock.advance(timedelta(minutes=2))
    assert await audited(carrier) == ("task_overdue", 0)


async def test_an_audit_that_does_not_come_to_its_end_is_told_by_silence(
    well: Scene, carrier: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unfinished(*_: object) -> None:
        """The end is not recorded."""

    assert await audited(carrier) == ("sent", 1)
    for role in well.slot_ids:
        await well.acknowledge(role, await well.on_call(role))
    monkeypatch.setattr(repository, "finish", unfinished)
    await well.clock.advance(timedelta(seconds=100))
    assert await audited(carrier) == ("sent", 1)
    await well.clock.advance(timedelta(seconds=100))
    assert await audited(carrier) == ("audit_stale", 0)


async def test_a_database_that_is_away_is_told_by_silence(well: Scene, carrier: httpx.Client) -> None:
    before = beats(carrier)
    nowhere = make_engine("postgresql://nobody:nothing@127.0.0.1:1/nowhere", 1)
    with pytest.raises(OSError, match=r"(?i)connect"):
        await watching.audit_all(nowhere)
    await nowhere.dispose()
    assert beats(carrier) == before


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
    assert set(seen) == {herts.id}


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
