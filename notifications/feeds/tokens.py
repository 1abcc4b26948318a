"""A feed's token: which partnership, and a secret. Pure but for the randomness.

Calendar programs cannot sign in, so the address itself is the key. The partnership is in it because the
row that the secret opens can be read within the partnership only.
"""

import base64
import binascii
import hashlib
import secrets
from uuid import UUID

_SECRET_BYTES = 32
_LENGTH = 64  # of the base64 of 16 + 32 bytes


def new_token(tenant_id: UUID) -> str:
    """A token of 64 URL-safe characters with 256 random bits."""
    return base64.urlsafe_b64encode(tenant_id.bytes + secrets.token_bytes(_SECRET_BYTES)).decode()


def tenant_of(token: str) -> UUID | None:
    """The partnership that a token would be of; None for what is no token. Says nothing of whether it is good."""
    if len(token) != _LENGTH:
        return None
    try:
        return UUID(bytes=base64.b64decode(token.encode(), altchars=b"-_", validate=True)[:16])
    except (binascii.Error, ValueError):
        return None


def digest(token: str) -> str:
    """What is stored of a token. It is random throughout, so a plain hash cannot be searched backwards."""
    return hashlib.sha256(token.encode()).hexdigest()
