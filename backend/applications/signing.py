"""The tokens that Safeguard itself issues: signed with the first of its keys, read with any of them. Pure but for time.

A token says which application it is, on which credential and for which scopes. What the application may do
is decided anew for each request; a token never says more than was granted.
"""

import base64
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import msgspec
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey

from backend.kit.ids import uuid7
from backend.kit.problems import Unauthenticated
from backend.kit.settings import settings

LIFETIME_SECONDS: Final = 600
TYPE: Final = "at+jwt"  # RFC 9068 §2.1
_ALGORITHMS: Final = {("OKP", "Ed25519"): "Ed25519", ("EC", "P-256"): "ES256"}
_LEEWAY_SECONDS: Final = 5  # our own clock signs and reads
_UNREADABLE: Final = (AttributeError, KeyError, TypeError, ValueError, JoseError, RecursionError)


@dataclass(frozen=True, slots=True)
class Bearer:
    """A verified token of an application. ``expires_at`` in Unix seconds."""

    application_id: UUID
    credential_id: UUID
    scopes: frozenset[str]
    expires_at: float


@dataclass(frozen=True)
class Signing:
    """Keys, the first of which signs; the others still verify what they have signed."""

    issuer: str
    audience: str
    keys: tuple[ECKey | OKPKey, ...]

    def issue(self, application_id: UUID, credential_id: UUID, scopes: frozenset[str]) -> str:
        """A token for ``LIFETIME_SECONDS``."""
        now, key = int(time.time()), self.keys[0]
        header = {"alg": algorithm(key), "typ": TYPE, "kid": key.kid}
        claims = {
            "iss": self.issuer, "aud": self.audience, "sub": str(application_id), "client_id": str(application_id),
            "iat": now, "exp": now + LIFETIME_SECONDS, "jti": str(uuid7()), "scope": " ".join(sorted(scopes)),
            "cred": str(credential_id),
        }  # fmt: skip
        return jwt.encode(header, claims, key, algorithms=[algorithm(key)])

    def read(self, token: str) -> Bearer:
        """The token's bearer. Raises ``Unauthenticated`` saying which check failed."""
        try:
            read = jwt.decode(token, KeySet(list(self.keys)), algorithms=list(_ALGORITHMS.values()))
            claims = read.claims
            if read.header.get("typ") != TYPE or claims["iss"] != self.issuer or claims["aud"] != self.audience:
                raise Unauthenticated("INVALID_TOKEN", "This token is meant for something else. Ask for another one.")
            registry = jwt.JWTClaimsRegistry(leeway=_LEEWAY_SECONDS, exp={"essential": True}, iat={"essential": True})
            registry.validate(claims)
            scopes = frozenset(str(claims["scope"]).split())
            return Bearer(UUID(claims["sub"]), UUID(claims["cred"]), scopes, float(claims["exp"]))
        except ExpiredTokenError:
            raise Unauthenticated("TOKEN_EXPIRED", "This token has expired. Ask for another one.") from None
        except _UNREADABLE:
            raise Unauthenticated("INVALID_TOKEN", "This token cannot be verified. Ask for another one.") from None

    def public(self) -> dict[str, Any]:
        """The keys by which others may verify tokens, as a JWK Set (RFC 7517 §5)."""
        return {
            "keys": [
                {**key.as_dict(private=False), "kid": key.kid, "use": "sig", "alg": algorithm(key)} for key in self.keys
            ]
        }


def issuer_of(token: str) -> object:
    """Who a token says that it is from, before anything of it is verified; None for what is no token."""
    try:
        body = token.split(".")[1]
        return msgspec.json.decode(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["iss"]
    except (IndexError, *_UNREADABLE):
        return None


def algorithm(key: ECKey | OKPKey) -> str:
    """By what a key signs. Raises ``KeyError`` for a key of another kind."""
    return _ALGORITHMS[key.key_type, str(key.curve_name)]


@lru_cache(maxsize=4)
def _signing(text: str, issuer: str, audience: str) -> Signing:
    try:
        keys = tuple(KeySet.import_key_set(msgspec.json.decode(text)).keys)
        if not keys or not all(isinstance(key, ECKey | OKPKey) and key.is_private and algorithm(key) for key in keys):
            raise ValueError
    except _UNREADABLE:
        message = "APPLICATION_TOKEN_KEYS must be a JWK Set of private Ed25519 or P-256 keys, the one that signs first"
        raise RuntimeError(message) from None
    for key in keys:
        key.ensure_kid()
    return Signing(issuer, audience, keys)  # type: ignore[arg-type]  # checked above


def signing() -> Signing | None:
    """How tokens are signed here; None where no keys are set, and applications have no way in.

    Raises ``RuntimeError`` for keys that cannot be read.
    """
    configured = settings()
    if configured.application_token_keys is None:
        return None
    return _signing(
        configured.application_token_keys.get_secret_value(), configured.app_url.rstrip("/"), configured.oidc_audience
    )
