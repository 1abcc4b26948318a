"""Access tokens of any OpenID Connect issuer, verified with the keys it publishes."""

import asyncio
import hashlib
import time
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import structlog
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import KeySet

from backend.kit.problems import Unauthenticated

log = structlog.get_logger(__name__)

ALGORITHMS: Final = [
    "RS256",
    "PS256",
    "ES256",
    "ES384",
    "EdDSA",
]  # signatures only; never "none", never a shared secret
LEEWAY_SECONDS: Final = 30
_REFRESH_SECONDS: Final = 3600
# What reading raises that is no discovery document, key set or token, but some other JSON.
_NONSENSE: Final = (AttributeError, KeyError, TypeError, ValueError, JoseError)
_KEPT: Final = 10_000  # tokens whose signature need not be checked again
_REFRESH_AT_MOST_EVERY: Final = 2  # a stranger's key ids must not make us hammer the issuer


@dataclass(frozen=True, slots=True)
class Identity:
    """A verified subject of an issuer."""

    issuer: str
    subject: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a verified token says: whose it is, and how and until when they are signed in. Instants in Unix seconds."""

    identity: Identity
    expires_at: float
    authenticated_at: float | None = None
    assurance: str | None = None
    session: str | None = None


@dataclass
class Verifier:
    """Checks tokens of one issuer for one audience. Keeps its keys, and asks again for an unknown key."""

    issuer: str
    audience: str
    _keys: KeySet | None = None
    _decoded: dict[bytes, tuple[KeySet, dict[str, Any]]] = field(default_factory=dict)
    _fetched: float = field(default=0.0)
    _asked: float = field(default=float("-inf"))
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def prepare(self) -> None:
        """Have the keys at hand. Raises ``Unauthenticated`` when the issuer cannot be asked."""
        await self._key_set(fresh=False)

    async def verify(self, token: str) -> Identity:
        """The token's identity. Raises ``Unauthenticated`` saying which check failed."""
        return (await self.signed_in(token)).identity

    async def signed_in(self, token: str) -> SignedIn:
        """All that is known of the token's sign-in. Raises as ``verify`` does."""
        claims = await self._decode(token)
        if claims.get("iss") != self.issuer:
            raise Unauthenticated("WRONG_ISSUER", "This token comes from another issuer. Sign in again.")
        audience = claims.get("aud")
        if self.audience not in (audience if isinstance(audience, list) else [audience]):
            raise Unauthenticated("WRONG_AUDIENCE", "This token is meant for another service. Sign in again.")
        self._check_times(claims)
        subject = claims.get("sub")
        if not isinstance(subject, str) or not subject:
            raise Unauthenticated("INVALID_TOKEN", "This token names nobody. Sign in again.")
        return SignedIn(
            Identity(self.issuer, subject), float(claims["exp"]), _number(claims, "auth_time"),
            _text(claims, "acr"), _text(claims, "sid"),
        )  # fmt: skip

    def _check_times(self, claims: dict[str, Any]) -> None:
        registry = jwt.JWTClaimsRegistry(leeway=LEEWAY_SECONDS, exp={"essential": True})
        try:
            registry.validate(claims)
        except ExpiredTokenError:
            raise Unauthenticated("TOKEN_EXPIRED", "This token has expired. Sign in again.") from None
        except JoseError:
            raise Unauthenticated("INVALID_TOKEN", "This token is not valid now. Sign in again.") from None

    async def _decode(self, token: str) -> dict[str, Any]:
        """The claims, the signature checked once for as long as the issuer's keys stay the same."""
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        known = self._decoded.get(digest)
        if known is not None and known[0] is await self._key_set(fresh=False):
            return known[1]
        keys, claims = await self._check_signature(token)
        if len(self._decoded) >= _KEPT:
            self._decoded.clear()
        self._decoded[digest] = keys, claims
        return claims

    async def _check_signature(self, token: str) -> tuple[KeySet, dict[str, Any]]:
        for fresh in (False, True):
            keys = await self._key_set(fresh=fresh)
            try:
                return keys, dict(jwt.decode(token, keys, algorithms=ALGORITHMS).claims)
            except (*_NONSENSE, RecursionError):  # joserfc does not expect everything that a stranger can send
                continue
        raise Unauthenticated("INVALID_TOKEN", "This token's signature cannot be verified. Sign in again.")

    async def _key_set(self, *, fresh: bool) -> KeySet:
        async with self._lock:
            now = time.monotonic()
            stale = self._keys is None or now - self._fetched > _REFRESH_SECONDS
            if (stale or fresh) and now - self._asked > (_REFRESH_AT_MOST_EVERY if self._keys else 1):
                try:
                    self._keys, self._fetched = await self._discover(), now
                except (httpx.HTTPError, httpx.InvalidURL, *_NONSENSE) as error:
                    log.warning("issuer_unreachable", exc_info=error)
                finally:
                    # When it was answered, not when it was asked: those who waited meanwhile do not ask in turn.
                    self._asked = time.monotonic()
            if self._keys is None:
                raise Unauthenticated("ISSUER_UNAVAILABLE", "Sign-in cannot be checked right now. Try again.")
            return self._keys

    async def _discover(self) -> KeySet:
        async with httpx.AsyncClient(timeout=5) as http:
            found = (await http.get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")).raise_for_status()
            document = found.json()
            if document["issuer"] != self.issuer:
                message = "the discovery document names another issuer"
                raise ValueError(message)
            keys = (await http.get(document["jwks_uri"])).raise_for_status()
            return KeySet.import_key_set(keys.json())


def _number(claims: dict[str, Any], name: str) -> float | None:
    value = claims.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text(claims: dict[str, Any], name: str) -> str | None:
    value = claims.get(name)
    return value if isinstance(value, str) and 0 < len(value) <= 255 else None
