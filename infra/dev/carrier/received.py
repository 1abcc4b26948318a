"""Text messages from a phone to the service, handed on as Notify does; and the heartbeat's listener."""

import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec
from litestar import Response, get, post
from litestar.datastructures import State

from infra.dev.carrier.receipts import Callback
from infra.dev.carrier.store import iso, normal

INBOUND_NUMBER = "07700900999"


class Text(msgspec.Struct, frozen=True):
    """What a phone sends; `id` is given to send the same message twice, as Notify does when it gets no 2xx."""

    source: str
    message: str
    id: str = ""


@dataclass
class Heard:
    """Where received texts go, and when heartbeats came (Unix seconds)."""

    callback: Callback | None = None
    beats: list[float] = field(default_factory=list)


def heard(state: State) -> Heard:
    if "heard" not in state:
        state["heard"] = Heard()
    found: Heard = state["heard"]
    return found


@post("/dev/inbound/callback", status_code=204)
async def set_inbound_callback(data: Callback, state: State) -> None:
    """Where received texts go from now on, and the bearer token that they carry."""
    heard(state).callback = data


@post("/dev/inbound", status_code=200)
async def receive_text(data: Text, state: State) -> Response[Any]:
    """Send a text to the service; answers with the status that the service gave."""
    callback = heard(state).callback
    if callback is None:
        return Response({"error": "no callback is set"}, status_code=409)
    number = normal(data.source)
    body = {
        "id": data.id or str(uuid.uuid4()),
        "source_number": f"44{number[1:]}" if number.startswith("0") else number,
        "destination_number": INBOUND_NUMBER,
        "message": data.message,
        "date_received": iso(time.time_ns()),
    }
    async with httpx.AsyncClient(timeout=10) as client:
        answer = await client.post(callback.url, json=body, headers={"authorization": f"Bearer {callback.token}"})
    return Response({"status": answer.status_code, "id": body["id"]})


@get("/dev/heartbeat", status_code=200)
async def beat(state: State) -> dict[str, str]:
    """What `HEARTBEAT_URL` leads to."""
    heard(state).beats.append(time.time())
    return {"status": "ok"}


@get("/dev/heartbeats")
async def beats(state: State) -> list[float]:
    """When heartbeats came, first to last."""
    return heard(state).beats
