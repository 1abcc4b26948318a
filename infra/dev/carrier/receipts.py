"""Delivery receipts, as Notify posts them to a service's callback address."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec

from infra.dev.carrier.behaviour import Mode
from infra.dev.carrier.store import Message, Store, iso

ATTEMPTS = 6
OUTCOME: dict[Mode, str] = {
    "permanent_failure": "permanent-failure",
    "temporary_failure": "temporary-failure",
}


class Callback(msgspec.Struct, frozen=True):
    """Where receipts go and the bearer token they carry; `delay` changes how soon, in seconds."""

    url: str
    token: str
    delay: float | None = None


@dataclass
class Receipts:
    """Completes each accepted message `delay` seconds after its arrival and reports it.

    A receipt that is not answered with 2xx is sent again, later each time, up to ATTEMPTS times. The
    product may therefore get the same receipt twice, as from Notify.
    """

    store: Store
    delay: float
    callback: Callback | None = None
    _client: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=10))
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def expect(self, message: Message, mode: Mode) -> None:
        if mode == "no_receipt":
            return
        task = asyncio.get_running_loop().create_task(self._complete(message, OUTCOME.get(mode, "delivered")))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def forget(self) -> None:
        """Send none of the receipts still due."""
        for task in self._tasks:
            task.cancel()

    async def _complete(self, message: Message, status: str) -> None:
        await asyncio.sleep(self.delay)
        message.status, message.completed_ns = status, self.store.now_ns()
        for attempt in range(ATTEMPTS):
            # Asked each time: the address may be set after the message arrived.
            if self.callback is not None and await self._post(self.callback, message):
                return
            await asyncio.sleep(self.delay * 2**attempt)

    async def _post(self, callback: Callback, message: Message) -> bool:
        headers = {"authorization": f"Bearer {callback.token}"}
        try:
            answer = await self._client.post(callback.url, json=receipt(message), headers=headers)
        except httpx.TransportError:
            return False
        return answer.is_success


def receipt(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "reference": message.reference,
        "to": message.to,
        "status": message.status,
        "created_at": iso(message.received_ns),
        "completed_at": iso(message.completed_ns),
        "sent_at": iso(message.sent_ns),
        "notification_type": message.channel,
        "template_id": message.template_id,
        "template_version": 1,
    }
