"""What the receiver of one message can show: a link's token, a reply code, a code that proves a number. Pure.

All are derived from the delivery with a secret that is not in the database. A message that is
sent again therefore carries the same ones, nothing needs to be kept that could be read later, and
whoever reads the database can make none.
"""

import base64
import binascii
import hashlib
import hmac
from typing import Final
from uuid import UUID

_MAC_BYTES: Final = 12  # 96 bits: nobody guesses one in the minutes that it lives
_CODES: Final = 10_000
_CONTACT_CODES: Final = 1_000_000


def link_token(secret: str, tenant_id: UUID, delivery_id: UUID) -> str:
    """59 URL-safe characters: the partnership, the delivery, and a proof that we wrote them."""
    named = tenant_id.bytes + delivery_id.bytes
    return base64.urlsafe_b64encode(named + _mac(secret, b"link", named)[:_MAC_BYTES]).decode().rstrip("=")


def parse_link_token(secret: str, token: str) -> tuple[UUID, UUID] | None:
    """Partnership and delivery of a token that ``link_token`` made with the same secret; None for any other text."""
    try:
        raw = base64.b64decode(token.encode("ascii") + b"=", altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    named, proof = raw[:32], raw[32:]
    # The last character has bits to spare: one link is one text, or a link could be spelt four ways.
    if base64.urlsafe_b64encode(raw).decode().rstrip("=") != token:
        return None
    if not hmac.compare_digest(proof, _mac(secret, b"link", named)[:_MAC_BYTES]):
        return None
    return UUID(bytes=named[:16]), UUID(bytes=named[16:])


def reply_code(secret: str, tenant_id: UUID, delivery_id: UUID) -> str:
    """Four digits. They prove something only beside the number that the message went to."""
    return f"{_number(secret, b'code', tenant_id, delivery_id) % _CODES:04}"


def contact_code(secret: str, tenant_id: UUID, delivery_id: UUID) -> str:
    """Six digits: whoever gives them back has had the message."""
    return f"{_number(secret, b'contact', tenant_id, delivery_id) % _CONTACT_CODES:06}"


def _number(secret: str, purpose: bytes, tenant_id: UUID, delivery_id: UUID) -> int:
    return int.from_bytes(_mac(secret, purpose, tenant_id.bytes + delivery_id.bytes)[:8], "big")


def _mac(secret: str, purpose: bytes, named: bytes) -> bytes:
    return hmac.digest(secret.encode(), purpose + b"\0" + named, hashlib.sha256)
