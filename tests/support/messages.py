"""What a message lets its receiver do without the app: open its link, press a button, text its code back."""

import re
from dataclasses import dataclass
from typing import Any

import httpx

from support.scene import Phones

_LINK = re.compile(r"http\S+/r/([\w-]{59})")
_CODE = re.compile(r"reply (\d{4});")


@dataclass(frozen=True)
class Received:
    """A message on somebody's phone or in their mailbox."""

    to: str
    body: str

    @property
    def path(self) -> str:
        """Path of its one-time link."""
        (token,) = _LINK.findall(self.body)
        return f"/r/{token}"

    @property
    def code(self) -> str:
        (code,) = _CODE.findall(self.body)
        return str(code)


def messages_to(phones: Phones, address: str) -> list[Received]:
    """Messages to an address that can be answered, oldest first."""
    return [Received(m["to"], m["body"]) for m in phones.messages() if m["to"] == address and "/r/" in m["body"]]


def text(number: str, message: str, received_id: str = "a-text-of-a-test") -> dict[str, Any]:
    """A received text as Notify posts it."""
    return {"id": received_id, "source_number": f"44{number.lstrip('0')}", "destination_number": "07700900999",
            "message": message, "date_received": "2026-11-22T03:12:05.000000Z"}  # fmt: skip


async def press(client: httpx.AsyncClient, path: str, answer: str, **more: str) -> httpx.Response:
    """Press a button of the page behind a link."""
    return await client.post(path, data={"answer": answer, **more})
