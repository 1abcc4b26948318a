"""Sinch's delivery reports over HTTP: only what Sinch signed just now is heard."""

import base64
import hashlib
import hmac
import json
import time

import httpx
import pytest
from sqlalchemy import text

from support.partnership import Partnership

Api = httpx.AsyncClient
PATH = "/callbacks/sinch/reports"


def report(reference: str, status: str = "Delivered") -> bytes:
    told = {"type": "recipient_delivery_report_sms", "batch_id": "01FC66621XXXXX119Z8PMV1QPQ", "code": 0,
            "client_reference": reference, "recipient": "447700900100", "status": status}  # fmt: skip
    return json.dumps(told).encode()


def signed(body: bytes, secret: str, at: float | None = None) -> dict[str, str]:
    stamp = str(int(at if at is not None else time.time()))
    signature = base64.b64encode(hmac.digest(secret.encode(), body + f".nonce.{stamp}".encode(), hashlib.sha256))
    prefix = "x-sinch-webhook-signature"
    return {prefix: signature.decode(), f"{prefix}-nonce": "nonce", f"{prefix}-timestamp": stamp}


async def state(partnership: Partnership, reference: str) -> str:
    async with partnership.session() as session:
        statement = text("SELECT state FROM delivery WHERE id = :id")
        return str(await session.scalar(statement, {"id": reference.split(".")[1]}))


@pytest.fixture
def secret(environment: dict[str, str]) -> str:
    return environment["SINCH_CALLBACK_SECRET"]


@pytest.mark.parametrize(
    ("status", "ends"),
    [
        ("Delivered", "delivered"),
        ("DELIVERED", "delivered"),
        ("Failed", "failed"),
        ("Expired", "failed"),
        ("Rejected", "failed"),
        ("Queued", "pending"),
        ("Dispatched", "pending"),
        ("Something new", "pending"),
    ],
)
async def test_a_report_moves_the_delivery_where_its_status_says(
    api: Api, secret: str, cambs: Partnership, reference: str, status: str, ends: str
) -> None:
    body = report(reference, status)
    answer = await api.post(PATH, content=body, headers=signed(body, secret))
    assert answer.status_code == 204
    assert await state(cambs, reference) == ends


async def test_a_late_report_never_moves_it_back(api: Api, secret: str, cambs: Partnership, reference: str) -> None:
    for status in ("Delivered", "Dispatched", "Failed", "Queued", "Delivered"):
        body = report(reference, status)
        assert (await api.post(PATH, content=body, headers=signed(body, secret))).status_code == 204
        assert await state(cambs, reference) == "delivered"


async def test_nobody_else_is_heard(api: Api, secret: str, cambs: Partnership, reference: str) -> None:
    body = report(reference)
    for headers in (
        {},
        signed(body, "another secret"),
        signed(report(reference, "Failed"), secret),
        signed(body, secret, at=time.time() - 3600),
        signed(body, secret, at=time.time() + 3600),
        {**signed(body, secret), "x-sinch-webhook-signature-timestamp": "now"},
        {**signed(body, secret), "x-sinch-webhook-signature-nonce": "another"},
    ):
        assert (await api.post(PATH, content=body, headers=headers)).status_code == 401
    assert await state(cambs, reference) == "pending"


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{}", b'{"client_reference": "x", "status": "Delivered"}'])
async def test_what_cannot_be_understood_is_taken_and_changes_nothing(
    api: Api, secret: str, cambs: Partnership, reference: str, body: bytes
) -> None:
    assert (await api.post(PATH, content=body, headers=signed(body, secret))).status_code == 204
    assert await state(cambs, reference) == "pending"
