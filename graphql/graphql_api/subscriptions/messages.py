"""The messages and close codes of the protocol ``graphql-transport-ws``. Pure."""

from enum import IntEnum
from typing import Any, Final

import msgspec

PROTOCOL: Final = "graphql-transport-ws"
LONGEST: Final = 128 * 1024  # characters of one message; a document has at most 15,000


class Code(IntEnum):
    """Why a connection was closed. Those of the protocol, and 4499 for a client that no longer answers."""

    GOING_AWAY = 1001
    TOO_SLOW = 1013
    BAD_MESSAGE = 4400
    UNAUTHORISED = 4401
    FORBIDDEN = 4403
    BAD_PROTOCOL = 4406
    INIT_TIMEOUT = 4408
    SUBSCRIBER_EXISTS = 4409
    TOO_MANY_INITS = 4429
    SILENT = 4499
    INTERNAL = 4500


class ClosedError(Exception):
    """Ends a connection with a code and a reason of at most 123 bytes, which holds nothing a client sent."""

    def __init__(self, code: Code, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message, either way. What it means depends on its type."""

    type: str
    id: str | None = None
    payload: Any = None


_decoder: Final = msgspec.json.Decoder(Message)
_encoder: Final = msgspec.json.Encoder()


def read(text: str) -> Message:
    """The message of a text frame. Raises ``ClosedError`` for anything else."""
    if len(text) > LONGEST:
        raise ClosedError(Code.BAD_MESSAGE, "The message is too long")
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        raise ClosedError(Code.BAD_MESSAGE, "Invalid message") from None


def write(message: Message) -> str:
    return _encoder.encode(message).decode()
