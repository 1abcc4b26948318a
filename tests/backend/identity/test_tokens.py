"""Which access tokens are believed: those that the one issuer signed, for us, and that are valid now."""

import asyncio
import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import RSAKey

from backend.identity.tokens import LEEWAY_SECONDS, Identity, Verifier
from backend.kit.problems import Unauthenticated
from infra.dev.services import AUDIENCE
from infra.dev.supervisor import Supervisor, free_port

SUBJECT = "wren.saltmarsh"


def minted(issuer: str, **change: Any) -> str:
    """A token that the development issuer signed."""
    answer = httpx.post(f"{issuer}/dev/token", json={"subject": SUBJECT, **change})
    return str(answer.raise_for_status().json()["access_token"])


async def refusal(verifier: Verifier, token: str) -> str:
    with pytest.raises(Unauthenticated) as caught:
        await verifier.verify(token)
    assert len(token) < 20 or token not in caught.value.message
    return caught.value.reason


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims(issuer: str, **change: Any) -> dict[str, Any]:
    now = int(time.time())
    return {"iss": issuer, "sub": SUBJECT, "aud": AUDIENCE, "iat": now, "exp": now + 600, **change}


@pytest.fixture(scope="module")
def issuer(environment: dict[str, str]) -> str:
    return environment["OIDC_ISSUER"]


@pytest.fixture
def verifier(issuer: str) -> Verifier:
    return Verifier(issuer, AUDIENCE)


@pytest.fixture
def published(issuer: str) -> dict[str, Any]:
    """The issuer's current public key."""
    key: dict[str, Any] = httpx.get(f"{issuer}/jwks").json()["keys"][0]
    return key


async def test_a_valid_token_is_its_subjects(verifier: Verifier, issuer: str) -> None:
    assert await verifier.verify(minted(issuer)) == Identity(issuer, SUBJECT)


async def test_one_of_several_audiences_may_be_ours(verifier: Verifier, issuer: str) -> None:
    token = minted(issuer, claims={"aud": ["another-api", AUDIENCE]})
    assert (await verifier.verify(token)).subject == SUBJECT


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"expires_in": -60}, "TOKEN_EXPIRED"),
        ({"claims": {"exp": None}}, "INVALID_TOKEN"),
        ({"claims": {"exp": "tomorrow"}}, "INVALID_TOKEN"),
        ({"claims": {"nbf": 99999999999}}, "INVALID_TOKEN"),
        ({"claims": {"iss": "https://elsewhere.example.org"}}, "WRONG_ISSUER"),
        ({"claims": {"iss": None}}, "WRONG_ISSUER"),
        ({"audience": "another-api"}, "WRONG_AUDIENCE"),
        ({"claims": {"aud": ["another-api"]}}, "WRONG_AUDIENCE"),
        ({"claims": {"aud": None}}, "WRONG_AUDIENCE"),
        ({"claims": {"aud": {AUDIENCE: 1}}}, "WRONG_AUDIENCE"),
        ({"claims": {"aud": AUDIENCE[:-1]}}, "WRONG_AUDIENCE"),
        ({"subject": ""}, "INVALID_TOKEN"),
        ({"claims": {"sub": None}}, "INVALID_TOKEN"),
        ({"claims": {"sub": ["wren"]}}, "INVALID_TOKEN"),
    ],
)
async def test_a_signed_token_that_is_not_for_us_now_is_refused(
    verifier: Verifier, issuer: str, change: dict[str, Any], reason: str
) -> None:
    assert await refusal(verifier, minted(issuer, **change)) == reason


async def test_clocks_may_differ_by_some_seconds(verifier: Verifier, issuer: str) -> None:
    assert (await verifier.verify(minted(issuer, expires_in=-10))).subject == SUBJECT


async def test_a_key_of_somebody_else_signs_nothing(verifier: Verifier, issuer: str, published: dict[str, Any]) -> None:
    for kid in ("unknown", published["kid"]):
        key = RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})
        token = jwt.encode({"alg": "RS256", "kid": kid}, claims(issuer), key)
        assert await refusal(verifier, token) == "INVALID_TOKEN"
        # A key that the token brings along, or says where to fetch, is not the issuer's.
        header = {"alg": "RS256", "kid": kid, "jwk": key.as_dict(private=False), "jku": f"{issuer}/jwks"}
        token = jwt.encode(header, claims(issuer), key)
        assert await refusal(verifier, token) == "INVALID_TOKEN"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", None])
async def test_a_token_without_a_signature_is_refused(
    verifier: Verifier, issuer: str, published: dict[str, Any], algorithm: str | None
) -> None:
    header = part({"alg": algorithm, "kid": published["kid"]})
    for signature in ("", part(b"signed")):
        token = f"{header}.{part(claims(issuer))}.{signature}"
        assert await refusal(verifier, token) == "INVALID_TOKEN"


async def test_the_public_key_is_no_shared_secret(verifier: Verifier, issuer: str, published: dict[str, Any]) -> None:
    """The public key is known to all; taken for an HMAC key it would let anyone sign."""
    key = RSAKey.import_key(published)
    forms = [key.as_pem(private=False), key.as_pem(private=False).strip(), key.as_der(private=False)]
    for secret in forms:
        for algorithm, digest in (("HS256", hashlib.sha256), ("HS512", hashlib.sha512)):
            signed = f"{part({'alg': algorithm, 'kid': published['kid']})}.{part(claims(issuer))}"
            token = f"{signed}.{part(hmac.new(secret, signed.encode(), digest).digest())}"
            assert await refusal(verifier, token) == "INVALID_TOKEN"


async def test_a_token_that_was_changed_is_refused(verifier: Verifier, issuer: str) -> None:
    header, _, signature = minted(issuer).split(".")
    token = f"{header}.{part(claims(issuer, sub='hazel.thornapple'))}.{signature}"
    assert await refusal(verifier, token) == "INVALID_TOKEN"


@pytest.mark.parametrize(
    "token",
    [
        "x", ".", "..", "...", "a.b.c", "a.b.c.d.e", "é.é.é", "\0", "e30.e30.e30", f"{part([])}.{part([])}.",
        f"{part({'alg': ['RS256']})}.e30.AA", f"{part({'alg': 'RS256', 'kid': {}})}.e30.AA",
        f"{part({'alg': 'RS256', 'crit': ['x']})}.e30.AA", f"{part({'alg': 'RS256', 'b64': False})}.e30.AA",
        f"{part(b'[' * 30_000)}.e30.AA", "x" * 100_000, f"{part({'alg': 5})}.e30.AA", f"{part(None)}.e30.AA",
    ],
    ids=range(18),
)  # fmt: skip
async def test_garbage_is_refused_as_garbage(verifier: Verifier, token: str) -> None:
    assert await refusal(verifier, token) == "INVALID_TOKEN"


@pytest.fixture(scope="module")
async def with_keys(issuer: str) -> Verifier:
    """A verifier that has the issuer's keys and need not ask again."""
    made = Verifier(issuer, AUDIENCE)
    await made.verify(minted(issuer))
    made._asked = float("inf")
    return made


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_headers = st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "jwk", "b64", "zip"]), _json) | _json


@given(header=_headers, body=_json, signature=st.binary(max_size=12))
@hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_in_a_token_it_is_refused(
    with_keys: Verifier,
    header: Any,
    body: Any,
    signature: bytes,  # any JSON
) -> None:
    if isinstance(header, dict) and header.get("alg") is None:
        header["alg"] = "RS256"
    token = f"{part(header)}.{part(body)}.{part(signature)}"
    assert asyncio.run(refusal(with_keys, token)) == "INVALID_TOKEN"


async def test_strangers_cannot_make_us_ask_the_issuer_again_and_again(verifier: Verifier, issuer: str) -> None:
    await verifier.verify(minted(issuer))
    verifier._asked -= 60  # a while ago
    key = RSAKey.generate_key(2048, {"kid": "forged"})
    await refusal(verifier, jwt.encode({"alg": "RS256", "kid": "forged"}, claims(issuer), key))
    asked = verifier._asked
    for number in range(20):
        token = jwt.encode({"alg": "RS256", "kid": f"forged-{number}"}, claims(issuer), key)
        assert await refusal(verifier, token) == "INVALID_TOKEN"
    assert verifier._asked == asked


async def test_a_token_seen_before_expires_like_any_other(verifier: Verifier, issuer: str) -> None:
    token = minted(issuer, expires_in=4 - LEEWAY_SECONDS)
    assert (await verifier.verify(token)).subject == SUBJECT
    await asyncio.sleep(5)
    assert await refusal(verifier, token) == "TOKEN_EXPIRED"


async def test_a_token_seen_before_is_refused_once_its_key_is_withdrawn(own_issuer: tuple[str, Supervisor]) -> None:
    url, _ = own_issuer
    verifier = Verifier(url, AUDIENCE)
    token = minted(url)
    await verifier.verify(token)
    async with httpx.AsyncClient() as http:
        for _ in range(2):  # the key before stays published for one change
            (await http.post(f"{url}/dev/rotate")).raise_for_status()
    assert (await verifier.verify(token)).subject == SUBJECT, "until the keys are asked for again"
    verifier._asked, verifier._fetched = verifier._asked - 7200, verifier._fetched - 7200
    assert await refusal(verifier, token) == "INVALID_TOKEN"


async def test_a_new_key_is_followed_and_the_issuer_may_go_away(own_issuer: tuple[str, Supervisor]) -> None:
    url, supervisor = own_issuer
    verifier = Verifier(url, AUDIENCE)
    before = minted(url)
    await verifier.verify(before)
    verifier._asked -= 60  # a while ago
    async with httpx.AsyncClient() as http:
        (await http.post(f"{url}/dev/rotate")).raise_for_status()
    after = minted(url)
    # Many at once, as it happens when a key has just changed.
    found = await asyncio.gather(*(verifier.verify(after) for _ in range(8)))
    assert {one.subject for one in found} == {SUBJECT}
    assert (await verifier.verify(before)).subject == SUBJECT, "the key before stays published for a while"
    supervisor.kill("issuer")
    verifier._asked, verifier._fetched = verifier._asked - 7200, verifier._fetched - 7200
    assert (await verifier.verify(after)).subject == SUBJECT, "known keys serve while the issuer is away"


async def test_an_issuer_that_is_away_is_said_to_be_away() -> None:
    verifier = Verifier(f"http://127.0.0.1:{free_port()}", AUDIENCE)
    assert await refusal(verifier, "a.b.c") == "ISSUER_UNAVAILABLE"


async def test_an_issuer_that_hangs_holds_nobody_up_in_turn() -> None:
    """All who wait are answered when the first one's question has timed out, after five seconds."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        verifier = Verifier(f"http://127.0.0.1:{deaf.getsockname()[1]}", AUDIENCE)
        async with asyncio.timeout(25):
            answers = await asyncio.gather(*(refusal(verifier, "a.b.c") for _ in range(10)))
    assert set(answers) == {"ISSUER_UNAVAILABLE"}


@contextmanager
def answering(paths: dict[str, bytes]) -> Iterator[str]:
    """A server that answers each path with a fixed body; ``%s`` in it becomes the server's address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(paths.get(self.path, b"{}").replace(b"%s", url.encode()))

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield url
    finally:
        server.shutdown()
        server.server_close()


DISCOVERY = "/.well-known/openid-configuration"
FOUND = b'{"issuer": "%s", "jwks_uri": "%s/jwks"}'


@pytest.mark.parametrize(
    "paths",
    [
        {DISCOVERY: b"<html>maintenance</html>"}, {DISCOVERY: b"[]"}, {DISCOVERY: b"null"}, {DISCOVERY: b"{}"},
        {DISCOVERY: b'{"issuer": "https://another.example.org", "jwks_uri": "%s/jwks"}'},
        {DISCOVERY: b'{"issuer": "%s", "jwks_uri": null}'}, {DISCOVERY: b'{"issuer": "%s", "jwks_uri": "nonsense"}'},
        {DISCOVERY: FOUND, "/jwks": b"nonsense"}, {DISCOVERY: FOUND, "/jwks": b"[]"},
        {DISCOVERY: FOUND, "/jwks": b"{}"},
        {DISCOVERY: FOUND, "/jwks": b'{"keys": null}'}, {DISCOVERY: FOUND, "/jwks": b'{"keys": [1]}'},
        {DISCOVERY: FOUND, "/jwks": b'{"keys": [{"kty": "RSA"}]}'},
    ],
)  # fmt: skip
async def test_an_issuer_that_answers_nonsense_is_as_good_as_away(paths: dict[str, bytes]) -> None:
    with answering(paths) as url:
        assert await refusal(Verifier(url, AUDIENCE), "a.b.c") == "ISSUER_UNAVAILABLE"
