"""What the stand-in has received: messages accepted, and every byte of every request."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

import msgspec

Channel = Literal["sms", "email", "push", "voice", "webhook"]


class Template(msgspec.Struct, frozen=True):
    """A provider-side template; placeholders are written ((name))."""

    id: str
    name: str
    type: Literal["sms", "email", "push", "voice"]
    body: str
    subject: str | None = None


class Message(msgspec.Struct, kw_only=True):
    """An accepted message. Instants are nanoseconds since 1970; each arrival is later than the one before."""

    id: str
    channel: Channel
    provider: str
    to: str
    body: str
    received_ns: int
    subject: str | None = None
    reference: str | None = None
    template_id: str | None = None
    data: dict[str, str] = {}
    status: str = "sending"
    sent_ns: int | None = None
    completed_ns: int | None = None


@dataclass
class Store:
    messages: list[Message] = field(default_factory=list)
    by_id: dict[str, Message] = field(default_factory=dict)
    by_reference: dict[str, list[Message]] = field(default_factory=dict)
    requests: list[bytes] = field(default_factory=list)
    _last_ns: int = 0
    _cleared_ns: int = 0

    def now_ns(self) -> int:
        """The wall clock, nudged so that no two answers are equal and none goes back."""
        self._last_ns = max(time.time_ns(), self._last_ns + 1)
        return self._last_ns

    def add(self, message: Message, *, arrives: bool = True) -> None:
        """Accept a message. One that does not arrive is known when asked for, and shown to nobody.

        One that came before `clear`, and was held back by a slow provider until after it, is left out too.
        """
        if message.received_ns <= self._cleared_ns:
            return
        if arrives:
            self.messages.append(message)
        self.by_id[message.id] = message
        if message.reference is not None:
            self.by_reference.setdefault(message.reference, []).append(message)

    def clear(self) -> None:
        """Forget everything that has come so far."""
        self._cleared_ns = self.now_ns()
        self.messages.clear()
        self.by_id.clear()
        self.by_reference.clear()
        self.requests.clear()


def normal(recipient: str) -> str:
    """One spelling for a UK number, however it was written; addresses and tokens are left as they are."""
    compact = recipient.replace(" ", "")
    return f"0{compact[3:]}" if compact.startswith("+44") else compact


def international(number: str) -> str:
    """A UK number with its country code and no plus sign."""
    return f"44{number[1:]}" if number.startswith("0") else number.removeprefix("+")


def iso(nanoseconds: int | None) -> str | None:
    """The instant as Notify writes it, in UTC with microseconds."""
    if nanoseconds is None:
        return None
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
