"""The token endpoint of applications: client credentials (RFC 6749 §4.4), keys and metadata (RFC 8414).

What is posted here holds secrets, so nothing of it is logged or echoed.
"""

import base64
import binascii
from collections.abc import Mapping
from math import ceil
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_plus

import msgspec
from litestar import Request, Response, post
from litestar.exceptions import ClientException

from backend.applications.authentication import (
    ADDRESS,
    ALGORITHMS,
    ASSERTION_TYPE,
    CLIENT,
    Presented,
    UnknownClient,
    authenticate,
)
from backend.applications.signing import LIFETIME_SECONDS, Signing, signing
from backend.kit import proxies
from backend.kit.buckets import Allowance, Buckets
from backend.kit.database import engine
from backend.kit.fetching import fetched
from backend.kit.settings import settings
from tenants.applications.scopes import SCOPES

_NO_STORE: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_KEPT: Final = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
_LARGEST_FORM: Final = 16 * 1024
_FORM: Final = "application/x-www-form-urlencoded"
_NONE: Final[Mapping[str, str]] = MappingProxyType({})


class _Refused(Exception):
    """An error answer of RFC 6749 §5.2."""

    def __init__(self, error: str, description: str, status: int = 400, headers: Mapping[str, str] = _NONE) -> None:
        super().__init__(error)
        self.answer = _answer({"error": error, "error_description": description}, status, headers)


@post("/oauth/token", status_code=200, include_in_schema=False, request_max_body_size=_LARGEST_FORM)
async def token(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """A token for ten minutes at most. It says what was asked for; each partnership's grant decides what it opens."""
    ours = signing()
    if ours is None:
        return _answer(
            {"error": "temporarily_unavailable", "error_description": "No applications are served here."}, 503
        )
    try:
        await _charge(request, f"address:{_address(request)}", ADDRESS)
        form = await _form(request)
        if form.get("grant_type") != "client_credentials":
            raise _Refused("unsupported_grant_type", "Send grant_type=client_credentials.")
        presented = _presented(request, form)
        client = await authenticate(engine(), presented, (f"{ours.issuer}/oauth/token", ours.issuer))
        # Not before it has shown who it is: nobody can empty another's bucket with its id alone.
        await _charge(request, str(client.application_id), CLIENT)
        scopes = _scopes(form.get("scope"), client.scopes)
    except _Refused as refused:
        return refused.answer
    except UnknownClient:
        return _answer({"error": "invalid_client", "error_description": "The client could not be authenticated."}, 401)
    return _answer({
        "access_token": ours.issue(client.application_id, client.credential_id, scopes), "token_type": "Bearer",
        "expires_in": LIFETIME_SECONDS, "scope": " ".join(sorted(scopes)),
    })  # fmt: skip


@fetched("/oauth/jwks.json", sync_to_thread=False)
def keys() -> Response[dict[str, Any]]:
    """The keys that verify our tokens."""
    ours = signing()
    return Response(ours.public() if ours else {"keys": []}, headers=_KEPT)


@fetched("/.well-known/oauth-authorization-server", sync_to_thread=False)
def metadata() -> Response[dict[str, Any]]:
    """Where and how a client gets a token; 404 where there are no keys to sign one."""
    ours = signing()
    return Response(_metadata(ours), headers=_KEPT) if ours else Response({}, status_code=404, headers=_NO_STORE)


def _metadata(ours: Signing) -> dict[str, Any]:
    return {
        "issuer": ours.issuer,
        "token_endpoint": f"{ours.issuer}/oauth/token",
        "jwks_uri": f"{ours.issuer}/oauth/jwks.json",
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic", "client_secret_post"],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "scopes_supported": list(SCOPES),
        "service_documentation": f"{ours.issuer}/developers/",
    }


async def _form(request: Request[Any, Any, Any]) -> dict[str, str]:
    if request.content_type[0].lower() != _FORM:
        raise _Refused("invalid_request", f"Send the request as {_FORM}.")
    try:
        pairs = parse_qsl((await request.body()).decode("ascii"), keep_blank_values=True, max_num_fields=20)
    except (ClientException, ValueError):
        raise _Refused("invalid_request", "The form cannot be read.") from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise _Refused("invalid_request", "Give each parameter once.")
    return form


def _presented(request: Request[Any, Any, Any], form: dict[str, str]) -> Presented:
    """What the client has shown: by exactly one of the three ways (RFC 6749 §2.3)."""
    header = request.headers.get("authorization")
    ways = [header is not None, "client_secret" in form, "client_assertion" in form]
    if sum(ways) != 1:
        raise _Refused("invalid_request", "Authenticate once: by HTTP Basic, client_secret or client_assertion.")
    if header is not None:
        name, secret = _basic(header)
        if form.get("client_id", name) != name:
            raise _Refused("invalid_request", "The client_id differs from that of the Authorization header.")
        return Presented(name, secret=secret)
    if "client_secret" in form:
        return Presented(form.get("client_id", ""), secret=form["client_secret"])
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise _Refused("invalid_request", f"Send client_assertion_type={ASSERTION_TYPE}.")
    client_id = form.get("client_id") or _subject(form["client_assertion"])
    return Presented(client_id, assertion=form["client_assertion"])


def _basic(header: str) -> tuple[str, str]:
    """Both parts are form-encoded before they are joined (RFC 6749 §2.3.1)."""
    scheme, _, credentials = header.partition(" ")
    try:
        if scheme.lower() != "basic":
            raise ValueError
        name, _, secret = base64.b64decode(credentials.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise _Refused("invalid_client", "The Authorization header cannot be read.", 401) from None
    return unquote_plus(name), unquote_plus(secret)


def _subject(assertion: str) -> str:
    """Who an assertion says that it is from, before it is verified with that client's keys."""
    try:
        body = assertion.split(".")[1]
        claims = msgspec.json.decode(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return str(claims["sub"])
    except (IndexError, KeyError, TypeError, ValueError, RecursionError):
        raise UnknownClient from None


def _scopes(asked: str | None, most: frozenset[str]) -> frozenset[str]:
    wanted = frozenset(asked.split()) if asked else most
    if not wanted <= most:
        raise _Refused("invalid_scope", "The application was not registered for all of these scopes.")
    return wanted


def _answer(body: dict[str, Any], status: int = 200, more: Mapping[str, str] = _NONE) -> Response[dict[str, Any]]:
    asked = {"WWW-Authenticate": 'Basic realm="safeguard"'} if status == 401 else {}
    return Response(body, status_code=status, headers={**_NO_STORE, **asked, **more})


async def _charge(request: Request[Any, Any, Any], whose: str, allowance: Allowance) -> None:
    """Take one of a bucket. Raises ``_Refused`` with 429 and ``Retry-After`` when it is empty."""
    buckets: Buckets = request.app.state.buckets
    _, waiting = await buckets.take(f"safeguard:tokens:{whose}", 1, allowance)
    if waiting:
        seconds = str(ceil(waiting / 1000))
        message = f"Tokens were asked for too often. Keep one until it expires, and ask again in {seconds} seconds."
        raise _Refused("temporarily_unavailable", message, 429, {"Retry-After": seconds})


def _address(request: Request[Any, Any, Any]) -> str:
    """Where a request is from: the last address that a proxy of ours has added, or else who is connected."""
    peer = request.client.host if request.client is not None else None
    return proxies.address(request.headers, peer, settings().proxies_in_front)


OAUTH: Final = (token, keys, metadata)
