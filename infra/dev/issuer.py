"""A development OpenID Connect issuer whose access tokens are JWTs.

The usual stand-in, oidc-provider-mock, gives opaque access tokens. The product is a resource server
that verifies RFC 9068 access tokens against the issuer's published keys, as NHS CIS2 and Entra ID
issue them, so its tests and its demonstration need an issuer that signs them.

Anyone may sign in as anyone: it listens on loopback only and must never be reachable from elsewhere.
"""

import base64
import hashlib
import os
import secrets
import time
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import msgspec
from joserfc import jwt
from joserfc.jwk import RSAKey
from litestar import Litestar, MediaType, Request, Response, get, post
from litestar.datastructures import State
from litestar.params import Parameter
from litestar.response import Redirect

from infra.dev.signin import page

ACCESS_SECONDS = 600
CODE_SECONDS = 60


class Grant(msgspec.Struct, frozen=True):
    """What a sign-in was granted for; a code exchanges for it once, within a minute."""

    subject: str
    client_id: str
    redirect_uri: str
    challenge: str
    scope: str
    nonce: str
    expires_at: float


class Mint(msgspec.Struct, frozen=True):
    """Body of `POST /dev/token`. A negative `expires_in` mints a token already expired."""

    subject: str
    audience: str | None = None
    expires_in: int = ACCESS_SECONDS
    claims: dict[str, Any] = {}


class Person(msgspec.Struct, frozen=True):
    subject: str
    name: str


@dataclass
class Issuer:
    """Keys, newest first, the people offered on the sign-in page, and the codes not yet exchanged."""

    url: str
    audience: str
    keys: list[RSAKey] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    codes: dict[str, Grant] = field(default_factory=dict)

    def rotate(self) -> None:
        """Sign with a new key from now on; the one before stays published so its tokens stay valid."""
        key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256", "kid": secrets.token_hex(8)})
        self.keys = [key, *self.keys[:1]]

    def sign(self, kind: str, claims: dict[str, Any], expires_in: int = ACCESS_SECONDS) -> str:
        now = int(time.time())
        header = {"alg": "RS256", "typ": kind, "kid": self.keys[0].kid}
        return jwt.encode(header, {"iss": self.url, "iat": now, "exp": now + expires_in, **claims}, self.keys[0])

    def access_token(self, subject: str, client_id: str, scope: str) -> str:
        claims = {"sub": subject, "aud": self.audience, "client_id": client_id, "scope": scope}
        return self.sign("at+jwt", claims | {"jti": secrets.token_hex(16)})


def refused(error: str, description: str, status: int = 400) -> Response[dict[str, str]]:
    told = {"error": error, "error_description": description}
    return Response(told, status_code=status, media_type=MediaType.JSON)


@get("/.well-known/openid-configuration")
async def discovery(state: State) -> dict[str, Any]:
    url = state.issuer.url
    return {
        "issuer": url,
        "authorization_endpoint": f"{url}/authorize",
        "token_endpoint": f"{url}/token",
        "jwks_uri": f"{url}/jwks",
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        "scopes_supported": ["openid", "profile"],
    }


@get("/jwks")
async def jwks(state: State) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False) for key in state.issuer.keys]}


@get("/authorize", media_type=MediaType.HTML)
async def sign_in_page(
    request: Request[Any, Any, State],
    state: State,
    redirect_uri: str,
    method: Annotated[str, Parameter(query="code_challenge_method")] = "",
) -> Response[Any]:
    """The sign-in page, or 400 when the request could never end in a token."""
    if not loopback(redirect_uri):
        return refused("invalid_request", "redirect_uri must be on this machine")
    if request.query_params.get("response_type") != "code" or method != "S256":
        return refused("invalid_request", "response_type=code with code_challenge_method=S256 is required")
    people = [(person.subject, person.name) for person in state.issuer.people]
    return Response(page(dict(request.query_params), people), media_type=MediaType.HTML)


@post("/authorize")
async def sign_in(request: Request[Any, Any, State], state: State) -> Response[Any]:
    form = await form_of(request)
    redirect_uri = form.get("redirect_uri", "")
    if not loopback(redirect_uri) or not form.get("subject") or not form.get("code_challenge"):
        return refused("invalid_request", "subject, code_challenge and a loopback redirect_uri are required")
    code = secrets.token_urlsafe(32)
    state.issuer.codes[code] = Grant(
        subject=form["subject"],
        client_id=form.get("client_id", ""),
        redirect_uri=redirect_uri,
        challenge=form["code_challenge"],
        scope=form.get("scope", ""),
        nonce=form.get("nonce", ""),
        expires_at=time.time() + CODE_SECONDS,
    )
    answer = urlencode({"code": code, "state": form.get("state", ""), "iss": state.issuer.url})
    return Redirect(f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{answer}", status_code=303)


@post("/token", status_code=200)
async def token(request: Request[Any, Any, State], state: State) -> Response[Any]:
    form = await form_of(request)
    match form.get("grant_type"):
        case "authorization_code":
            return exchange(state.issuer, form)
        case "client_credentials":
            client_id, secret = client_of(request, form)
            if not client_id or not secret:
                return refused("invalid_client", "client_id and client_secret are required", 401)
            return issued(state.issuer.access_token(client_id, client_id, form.get("scope", "")))
        case _:
            return refused("unsupported_grant_type", "authorization_code and client_credentials are supported")


def exchange(issuer: Issuer, form: dict[str, str]) -> Response[Any]:
    """Tokens for a code: once, in time, for the same redirect address, and with the PKCE verifier."""
    grant = issuer.codes.pop(form.get("code", ""), None)
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if grant is None or grant.expires_at < time.time():
        return refused("invalid_grant", "the code is unknown, used or expired")
    if challenge != grant.challenge or form.get("redirect_uri") != grant.redirect_uri:
        return refused("invalid_grant", "the code was given for another verifier or redirect_uri")
    identity = {"sub": grant.subject, "aud": grant.client_id} | ({"nonce": grant.nonce} if grant.nonce else {})
    extra = {"id_token": issuer.sign("JWT", identity)} if "openid" in grant.scope.split() else {}
    return issued(issuer.access_token(grant.subject, grant.client_id, grant.scope), extra)


def issued(access_token: str, extra: dict[str, str] | None = None) -> Response[Any]:
    body = {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": ACCESS_SECONDS,
        **(extra or {}),
    }
    return Response(body, headers={"cache-control": "no-store"})


async def form_of(request: Request[Any, Any, State]) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}


def client_of(request: Request[Any, Any, State], form: dict[str, str]) -> tuple[str, str]:
    """The client's id and secret, from HTTP Basic (RFC 6749 2.3.1: each part form-encoded) or the form."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    name, _, secret = base64.b64decode(credentials).decode().partition(":")
    return unquote(name), unquote(secret)


def loopback(address: str) -> bool:
    return urlsplit(address).hostname in {"127.0.0.1", "localhost"}


@post("/dev/token", status_code=200)
async def mint(data: Mint, state: State) -> dict[str, str]:
    """A signed access token with any subject, audience, lifetime and claims."""
    claims = {"sub": data.subject, "aud": data.audience or state.issuer.audience, "client_id": "dev"}
    claims |= {"jti": secrets.token_hex(16), **data.claims}
    return {"access_token": state.issuer.sign("at+jwt", claims, data.expires_in)}


@post("/dev/people", status_code=204)
async def offer(data: list[Person], state: State) -> None:
    """Replace the people offered on the sign-in page."""
    state.issuer.people = data


@post("/dev/rotate", status_code=204)
async def rotate(state: State) -> None:
    state.issuer.rotate()


@get("/dev/health")
async def health() -> str:
    return "ok"


def create_app() -> Litestar:
    """The application; `ISSUER_URL` and `ISSUER_AUDIENCE` come from the environment."""
    issuer = Issuer(os.environ["ISSUER_URL"], os.environ["ISSUER_AUDIENCE"])
    issuer.rotate()
    handlers = [discovery, jwks, sign_in_page, sign_in, token, mint, offer, rotate, health]
    return Litestar(handlers, state=State({"issuer": issuer}), openapi_config=None)
