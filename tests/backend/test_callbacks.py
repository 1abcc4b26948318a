"""Notify's delivery receipts over HTTP: only Notify is heard, and nonsense changes nothing."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from backend.asgi import create_app
from backend.kit.settings import settings
from support.partnership import Partnership

Api = httpx.AsyncClient
PATH = "/callbacks/notify/receipts"


def served() -> Api:
    """A client of the application on this test's database."""
    app = httpx.ASGITransport(create_app())  # type: ignore[arg-type]
    return Api(transport=app, base_url="http://safeguard.test")


@pytest.fixture
async def api(environment: dict[str, str]) -> AsyncIterator[Api]:
    async with served() as client:
        yield client


@pytest.fixture
def notify(environment: dict[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {environment['NOTIFY_CALLBACK_TOKEN']}"}


@pytest.fixture
async def reference(cambs: Partnership) -> str:
    """The reference of a text message that has not been sent yet."""
    await cambs.report_death()
    async with cambs.session() as session:
        found = await session.scalar(text("SELECT id FROM delivery WHERE channel = 'sms' ORDER BY id LIMIT 1"))
    return f"{cambs.id}.{found}"


def receipt(reference: str, status: str = "delivered") -> dict[str, Any]:
    return {"id": str(uuid4()), "reference": reference, "to": "07700900100", "status": status}


async def states(partnership: Partnership) -> list[str]:
    """State of every delivery, and every state that one was ever in."""
    async with partnership.session() as session:
        now = await session.scalars(text("SELECT state FROM delivery ORDER BY id"))
        ever = await session.scalars(text("SELECT state FROM delivery_event ORDER BY id"))
        return [*now, *ever]


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("delivered", "delivered"),
        ("permanent-failure", "failed"),
        ("temporary-failure", "failed"),
        ("technical-failure", "failed"),
    ],
)
async def test_a_receipt_is_recorded_once_however_often_it_comes(
    api: Api, notify: dict[str, str], cambs: Partnership, reference: str, status: str, state: str
) -> None:
    for _ in range(3):
        answer = await api.post(PATH, json=receipt(reference, status), headers=notify)
        assert (answer.status_code, answer.content) == (204, b"")
    assert (await states(cambs)).count(state) == 2  # as it is, and as it came to be


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic {token}"},
        {"Authorization": "Bearer {token}x"},
        {"Authorization": "{token}"},
        {"Authorization": "Bearer ä"},
    ],
)
async def test_nobody_else_is_heard(
    api: Api, environment: dict[str, str], cambs: Partnership, reference: str, headers: dict[str, str]
) -> None:
    before = await states(cambs)
    token = environment["NOTIFY_CALLBACK_TOKEN"]
    sent = {name.encode(): value.format(token=token).encode("latin-1") for name, value in headers.items()}
    answer = await api.post(PATH, json=receipt(reference), headers=sent)
    assert answer.status_code == 401
    assert await states(cambs) == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'"delivered"',
        b"{}",
        b'{"reference": null, "status": "delivered", "id": "1"}',
        b'{"reference": "REFERENCE", "status": "delivered"}',
        b'{"reference": "REFERENCE", "id": "1"}',
        b'{"reference": "REFERENCE", "status": ["delivered"], "id": "1"}',
        b'{"reference": "REFERENCE", "status": "sending", "id": "1"}',
        b'{"reference": "REFERENCE.more", "status": "delivered", "id": "1"}',
        b'{"reference": "not-an-id.neither", "status": "delivered", "id": "1"}',
    ],
)
async def test_what_cannot_be_understood_is_taken_and_changes_nothing(
    api: Api, notify: dict[str, str], cambs: Partnership, reference: str, body: bytes
) -> None:
    before = await states(cambs)
    content = body.replace(b"REFERENCE", reference.encode())
    answer = await api.post(PATH, content=content, headers={**notify, "Content-Type": "application/json"})
    assert answer.status_code == 204
    assert await states(cambs) == before


async def test_a_delivery_nobody_knows_is_taken_and_changes_nothing(
    api: Api, notify: dict[str, str], cambs: Partnership, herts: Partnership, reference: str
) -> None:
    before = await states(cambs)
    delivery = reference.split(".")[1]
    for unknown in (f"{cambs.id}.{uuid4()}", f"{uuid4()}.{delivery}", f"{herts.id}.{delivery}"):
        assert (await api.post(PATH, json=receipt(unknown), headers=notify)).status_code == 204
    assert await states(cambs) == before


async def test_without_a_configured_token_nobody_is_heard(
    environment: dict[str, str], reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOTIFY_CALLBACK_TOKEN")
    settings.cache_clear()
    async with served() as client:
        for token in ("", "None"):
            answer = await client.post(PATH, json=receipt(reference), headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 401
