"""Places in the log of changes, and the opaque cursors that name them. Pure.

A place is a transaction and a number within it; what is served lies strictly after one place and below a horizon.
The horizon is the lowest id of any transaction that still runs. All transactions below it have ended, so the rows
there never become more or fewer: whoever has read up to a horizon has missed nothing, in whatever order the
transactions committed. A transaction that runs long holds the horizon back; it delays and loses nothing.
"""

import base64
import binascii
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from backend.identity.policies import Caller, Permission

KEPT: Final = timedelta(days=14)
"""How old a cursor may be. Rows are kept a day longer: none that a valid cursor leads to can be gone."""
KEPT_LONGER: Final = KEPT + timedelta(days=1)
LOOKS_KEPT: Final = timedelta(days=7)
"""For how long after a look a person may still hold a copy of a case. No kind of thing may be kept for longer."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_VERSION: Final = "2"
_NO_LONGER_GIVEN: Final = {"1"}
_MOST_NUMBER: Final = 2**63 - 1  # a bigint


class Stale(Exception):
    """A cursor that can no longer be followed: all copies must be fetched anew."""

    code: Final = "RESYNC_NEEDED"
    message: Final = "This cursor can no longer be followed. Drop what you keep and fetch it anew."


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """After this row: the one of a transaction with a number, or with 0 all before the transaction."""

    transaction: int
    number: int = 0


@dataclass(frozen=True, slots=True)
class Log:
    """The log as one statement saw it: which database it is, its horizon, and the database clock.

    ``system`` is another one once a standby has taken over or a backup was restored: what had been told may be lost
    there, and its transactions' numbers may be given again.
    """

    system: int
    horizon: int
    next_transaction: int
    now: datetime


def rights(caller: Caller) -> int:
    """What a caller's roles let them see, as a number: another one once a role is given or taken, or means more.

    The log tells what was touched. A role opens and shuts what nobody has touched.
    """
    may = sorted(permission.value for permission in Permission if caller.may(permission))
    return zlib.crc32(" ".join([*sorted(caller.roles), *may]).encode())


def encode(log: Log, place: Place, rights: int) -> str:
    """The cursor of a place, given out now to somebody of these ``rights``."""
    seconds = int((log.now - _EPOCH).total_seconds())
    parts = (_VERSION, *(f"{part:x}" for part in (log.system, place.transaction, place.number, seconds, rights)))
    return base64.urlsafe_b64encode(".".join(parts).encode()).decode().rstrip("=")


def decode(cursor: str, log: Log, rights: int) -> Place:
    """The place that a cursor names.

    Raises ``ValueError`` for what is no cursor, ``Stale`` for one that is too old, was given to somebody of other
    ``rights``, is of another database, or of a future that a restored backup does not have.
    """
    try:
        text = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode("ascii")
        version, *numbers = text.split(".")
        if version in _NO_LONGER_GIVEN:
            raise Stale
        system, transaction, number, seconds, given_rights = (int(part, 16) for part in numbers)
        given_at = _EPOCH + timedelta(seconds=seconds)
    except (binascii.Error, UnicodeError, OverflowError) as error:
        raise ValueError(str(error)) from None
    if version != _VERSION or min(transaction, number) < 0 or number > _MOST_NUMBER:
        raise ValueError(cursor)
    elsewhere = system != log.system or transaction > log.next_transaction
    if elsewhere or given_rights != rights or given_at < log.now - KEPT:
        raise Stale
    return Place(transaction, number)
