"""What a provider can answer, in our terms, and what every provider module offers."""

from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

LEAST_TIME_TO_LIVE: Final = 600
"""Seconds. A phone out of reach for minutes must still ring when it is back."""
MOST_TIME_TO_LIVE: Final = 86_400
"""Seconds. Providers refuse a message that is to wait for longer than they keep one: Sinch three days."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one address. ``reference`` is stable over every attempt and every provider.

    ``personalisation`` holds a spoken reference and a link, never anything about a child.
    ``time_to_live`` is in seconds and never shorter than the time the step gives for an answer.
    ``critical`` marks a call that somebody must answer, as against a notice.
    """

    reference: str
    address: str
    template: str
    personalisation: dict[str, str]
    time_to_live: int = LEAST_TIME_TO_LIVE
    critical: bool = False

    @property
    def for_device(self) -> dict[str, str]:
        """What a push carries: the app asks who is there, so nothing that answers a call without it."""
        answers = {"answer_link", "code"} if "answer_link" in self.personalisation else set()
        return {name: value for name, value in self.personalisation.items() if value and name not in answers}

    @property
    def collapse_key(self) -> str:
        """The same for every message of an alert, so that a device shows the latest alone; at most 32 characters."""
        return self.personalisation.get("reference") or self.reference.replace("-", "")[-32:]


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The provider has it, under its own id."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """It will never be sent: bad or dead address, unknown template. ``dead`` retires the address."""

    reason: str
    dead: bool = False


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Certainly not sent, but may be later: throttled, or no connection."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may or may not have been sent: time-out, server error, unparseable answer. Ask before repeating."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotNeeded:
    """Never left, and is not wanted any more."""


Outcome = NotNeeded | HandedOver | Refused | NotTaken | Unknown


class Provider(Protocol):
    """A channel's provider. No method raises: every fault is an outcome.

    ``send`` ends within ``http.SEND_SECONDS``, ``find`` within ``http.ASK_SECONDS``, ``ready`` within both.
    """

    name: str

    async def send(self, message: Message) -> Outcome:
        """Hand the message over, once."""
        ...

    async def find(self, reference: str) -> Outcome | None:
        """What became of an earlier attempt; None when sending again repeats nothing that anybody notices.

        That is so when the provider certainly never had it, or when a repeat replaces the first on
        the device. ``Unknown`` when it cannot be told.
        """
        ...

    async def ready(self) -> bool | None:
        """Whether it answers and knows us, asked without a message; None when it is not set up or cannot be asked."""
        ...


def reference_of(tenant_id: UUID, delivery_id: UUID) -> str:
    """The reference a provider holds and returns in its receipts."""
    return f"{tenant_id}.{delivery_id}"


NOBODYS: Final = reference_of(UUID(int=0), UUID(int=0))
"""A reference that no message ever has."""


def parse_reference(reference: str) -> tuple[UUID, UUID]:
    """Partnership and delivery of a reference. Raises ``ValueError`` for anything else."""
    tenant_id, delivery_id = reference.split(".")
    return UUID(tenant_id), UUID(delivery_id)
