"""What is asked of a running process: does it live, is it ready, how does it do."""

import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import pytest
from prometheus_client import CONTENT_TYPE_LATEST

from backend.kit.database import engine
from backend.kit.proxies import NOT_TOLD, TOO_MANY
from infra.dev.services import DevelopmentServices
from support.api import Door, death, open_door
from support.environment import product_settings
from support.partnership import SEEDED
from support.work import Work


@pytest.fixture
async def door(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    # The tests' process alone measures: it was not started with a folder to share with others.
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    async with open_door(environment) as opened:
        yield opened


async def test_live(door: Door) -> None:
    answer = await door.client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_ready(door: Door) -> None:
    answer = await door.client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "database": True, "broker": True})


async def test_without_its_database_it_lives_but_is_not_ready(environment: dict[str, str]) -> None:
    elsewhere = urlsplit(environment["DATABASE_URL"])._replace(path="/nowhere").geturl()
    async with product_settings({**environment, "DATABASE_URL": elsewhere}), open_door(environment) as door:
        answer = await door.client.get("/health/ready")
        assert answer.status_code == 503
        assert answer.json() == {"status": "unavailable", "database": False, "broker": True}
        assert (await door.client.get("/health/live")).status_code == 200


async def test_a_database_without_the_schema_is_not_ready(door: Door, environment: dict[str, str]) -> None:
    owner = await asyncpg.connect(environment["DATABASE_OWNER_URL"])
    try:
        await owner.execute("ALTER TABLE routing.partnership RENAME TO lost")
    finally:
        await owner.close()
    answer = await door.client.get("/health/ready")
    assert (answer.status_code, answer.json()["database"]) == (503, False)


async def test_without_its_broker_it_is_still_ready(door: Door, services: DevelopmentServices) -> None:
    services.stop_valkey()
    try:
        answer = await door.client.get("/health/ready")
        reported = await door.person("juniper.blythe").mutate("ReportChildDeath", **death())
    finally:
        services.start_valkey()
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "database": True, "broker": False})
    assert reported["__typename"] == "ReportChildDeathPayload"


async def test_it_says_once_and_for_all_that_it_was_not_told_of_a_proxy(
    environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    forwarded = {"x-forwarded-for": "192.0.2.1"}
    for told, headers, expected in (("0", {}, None), ("1", forwarded, None), ("2", forwarded, TOO_MANY),
                                    ("0", forwarded, NOT_TOLD)):  # fmt: skip
        async with product_settings({**environment, "PROXIES_IN_FRONT": told}), open_door(environment) as door:
            for path in ("/health/live", "/developers", "/health/live"):
                await door.client.get(path, headers=headers)
            answer = await door.client.get("/health/ready")  # a probe comes straight to the process
            assert answer.status_code == 200
            assert answer.json().get("warning") == expected
    logged = capsys.readouterr().out
    assert [logged.count(event) for event in ("proxies_in_front_not_set", "proxies_in_front_too_many")] == [1, 1]
    assert "192.0.2.1" not in logged


async def test_health_tells_nothing_more(door: Door) -> None:
    for path in ("/health/live", "/health/ready"):
        text = (await door.client.get(path)).text
        assert not re.search(r"postgres|redis|127\.0\.0\.1|:\d{4}", text)


async def test_metrics_count_and_name_nobody(door: Door, work: Work, environment: dict[str, str]) -> None:
    async def requests() -> float:
        text = (await door.client.get("/metrics")).text
        found = re.search(r'safeguard_graphql_seconds_count\{status="200"\} (\S+)', text)
        return float(found[1]) if found else 0.0

    before = await requests()
    reported = await door.person("juniper.blythe").mutate("ReportChildDeath", **death())
    assert await requests() == before + 1
    await work.run_due()
    answer = await door.client.get("/metrics")
    assert answer.headers["content-type"] == CONTENT_TYPE_LATEST
    for name in ("safeguard_graphql_seconds_bucket", "safeguard_accept_to_first_page_seconds_bucket",
                 "safeguard_timer_lag_seconds", "safeguard_tasks_due", "safeguard_oldest_due_task_seconds",
                 "safeguard_deliveries_total", "safeguard_configuration_alarms_total"):  # fmt: skip
        assert f"\n{name}" in answer.text or f" {name}" in answer.text, name
    async with engine().connect() as connection:
        rows = await connection.exec_driver_sql("SELECT id::text, slug, name FROM routing.partnership")
        partnerships = [str(value) for row in rows for value in row]
    secrets = [*SEEDED, *partnerships, reported["alert"]["reference"], "juniper", "Blythe", "example.org"]
    assert [secret for secret in secrets if secret.lower() in answer.text.lower()] == []
    # A figure such as 0.0077009003 is no telephone number.
    assert re.findall(r"(?<![\d.])(?:0|\+?44)7700\d+", answer.text) == []
