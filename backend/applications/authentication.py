"""Who a client is at the token endpoint: a secret (RFC 6749 §2.3.1) or a signed assertion (RFC 7523 §3)."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import import_key
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.applications import repository
from backend.kit.buckets import Allowance
from tenants.applications.models import ApplicationState

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS: Final = ("ES256", "EdDSA", "Ed25519", "PS256")
LONGEST_ASSERTION: Final = timedelta(minutes=5)
CLIENT: Final = Allowance("client", 60, 1)
ADDRESS: Final = Allowance("address", 120, 2)
"""How many tokens one application may ask for, and how many requests may come from one address, right or wrong."""
_LEEWAY: Final = timedelta(seconds=30)
_LONGEST_JTI: Final = 200
_UNREADABLE: Final = (
    AttributeError,
    KeyError,
    TypeError,
    ValueError,
    ArithmeticError,
    OSError,
    JoseError,
    RecursionError,
)


class UnknownClient(Exception):
    """The client is not who it says, or may not come in. One answer for every reason: a stranger learns nothing."""


@dataclass(frozen=True, slots=True)
class Presented:
    """What a client has shown: its id and one proof."""

    client_id: str
    secret: str | None = None
    assertion: str | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """A client that has proved itself. ``scopes`` is the most it was registered for."""

    application_id: UUID
    credential_id: UUID
    scopes: frozenset[str]


async def authenticate(on: AsyncEngine, presented: Presented, audiences: Sequence[str]) -> Client:
    """The client. An assertion counts once. Raises ``UnknownClient``.

    ``audiences`` are the names by which an assertion may mean this service.
    """
    try:
        application_id = UUID(presented.client_id)
    except ValueError:
        raise UnknownClient from None
    async with on.begin() as connection:
        credentials = await repository.credentials(connection, application_id)
        usable = [row for row in credentials if row.state == ApplicationState.ACTIVE]
        if presented.secret is not None:
            found = _by_secret(usable, presented.secret)
        else:
            found, claims = _by_assertion(usable, presented, audiences)
            digest = hashlib.sha256(claims["jti"].encode("utf-8", "surrogatepass")).hexdigest()
            expires = datetime.fromtimestamp(claims["exp"], UTC) + _LEEWAY
            if not await repository.first_use(connection, application_id, digest, expires):
                raise UnknownClient
    return Client(application_id, found.id, frozenset(found.scopes))


def hash_of(secret: str) -> str:
    """What is kept of a secret. It has 256 random bits, which no dictionary holds, so one round is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _by_secret(credentials: Sequence[Row[Any]], secret: str) -> Row[Any]:
    given = hash_of(secret)
    for row in credentials:
        if row.secret_hash is not None and hmac.compare_digest(row.secret_hash, given):
            return row
    raise UnknownClient


def _by_assertion(
    credentials: Sequence[Row[Any]], presented: Presented, audiences: Sequence[str]
) -> tuple[Row[Any], dict[str, Any]]:
    for row in credentials:
        if row.public_key is None:
            continue
        try:
            claims = dict(jwt.decode(presented.assertion or "", import_key(row.public_key), list(ALGORITHMS)).claims)
            _check(claims, presented.client_id, audiences, row.now)
        except _UNREADABLE:
            continue
        return row, claims
    raise UnknownClient


def _check(claims: dict[str, Any], client_id: str, audiences: Sequence[str], now: datetime) -> None:
    """Raise ``ValueError`` unless the claims are those of RFC 7523 §3, and short-lived."""
    named = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    expires = datetime.fromtimestamp(claims["exp"], UTC)
    begins = [datetime.fromtimestamp(claims[name], UTC) for name in ("iat", "nbf") if name in claims]
    holds = (
        claims["iss"] == claims["sub"] == client_id
        and any(one in audiences for one in named)
        and now - _LEEWAY < expires <= now + LONGEST_ASSERTION + _LEEWAY
        and all(begin <= now + _LEEWAY for begin in begins)
        and isinstance(claims["jti"], str)
        and 0 < len(claims["jti"]) <= _LONGEST_JTI
    )
    if not holds:
        raise ValueError
