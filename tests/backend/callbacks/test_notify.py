"""Notify's delivery receipts over HTTP: only Notify is heard, and nonsense changes nothing."""

import asyncio
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from backend.callbacks import gathering
from backend.kit.database import engine
from backend.kit.settings import settings
from support.partnership import Partnership
from support.statements import noted

Api = httpx.AsyncClient
PATH = "/callbacks/notify/receipts"


@pytest.fixture
def notify(environment: dict[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {environment['NOTIFY_CALLBACK_TOKEN']}"}


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
    environment: dict[str, str], reference: str, monkeypatch: pytest.MonkeyPatch, served: Callable[[], Any]
) -> None:
    monkeypatch.delenv("NOTIFY_CALLBACK_TOKEN")
    settings.cache_clear()
    async with served() as client:
        for token in ("", "None"):
            answer = await client.post(PATH, json=receipt(reference), headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 401


async def test_receipts_of_one_moment_share_a_transaction_of_a_few_statements(
    api: Api, notify: dict[str, str], cambs: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "MOMENT", 1.0)  # in which ten receipts come on the busiest machine
    for _ in range(5):
        await cambs.report_death()
    async with cambs.session() as session:
        found = (await session.scalars(text("SELECT id FROM delivery WHERE channel = 'sms'"))).all()
    with noted() as statements:
        began = time.monotonic()
        answers = await asyncio.gather(
            *(api.post(PATH, json=receipt(f"{cambs.id}.{one}"), headers=notify) for one in found)
        )
        took = time.monotonic() - began
    assert {answer.status_code for answer in answers} == {204}
    assert len(found) == 10
    assert len(statements) == 1
    assert took > 0.99
    assert (await states(cambs)).count("delivered") == 2 * len(found)


async def test_a_receipt_that_cannot_be_recorded_is_asked_for_again(
    api: Api, notify: dict[str, str], cambs: Partnership, reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:nothing@127.0.0.1:1/nowhere")
    settings.cache_clear()
    engine.cache_clear()
    answer = await api.post(PATH, json=receipt(reference), headers=notify)
    assert answer.status_code == 500
    monkeypatch.undo()
    settings.cache_clear()
    engine.cache_clear()
    assert (await api.post(PATH, json=receipt(reference), headers=notify)).status_code == 204
    assert (await states(cambs)).count("delivered") == 2
