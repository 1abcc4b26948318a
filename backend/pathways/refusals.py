"""Why a step of a pathway is refused, in terms that whoever asked can act on."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from backend.kit.problems import Conflict


class Why(StrEnum):
    """What stands in the way. The ``subject`` of the refusal names it."""

    CLOSED = "closed"
    NOT_STARTED = "not_started"
    PENDING = "pending"
    """Another action waits for its authority: it is authorised or declined first."""
    NOTHING_PENDING = "nothing_pending"
    UNKNOWN = "unknown"
    """The definition has nothing of that name, or not here."""
    GATE = "gate"
    ROLE = "role"
    SIGN_OFF = "sign_off"
    OWN_WORK = "own_work"
    OVERLAYS = "overlays"
    DUTIES = "duties"
    OPTIONS = "options"
    PROHIBITED = "prohibited"
    DISPUTED = "disputed"
    """Somebody disagrees with a decision that is suspended until that is settled."""


class Refused(Conflict):
    """A step that the definition or the state of the run does not allow.

    ``subject`` names the gate, role, sign-off or stage, ``missing`` what would let it through, as kind and code:
    ``form referral-record``. ``provision`` asks for it, where one is named; ``opens_at`` is when it opens by itself.
    """

    code: ClassVar[str] = "REFUSED"

    def __init__(
        self, why: Why, message: str, subject: str | None = None, missing: Iterable[str] = (), *,
        provision: str | None = None, opens_at: datetime | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.why, self.subject, self.missing = why, subject, tuple(missing)
        self.provision, self.opens_at = provision, opens_at
