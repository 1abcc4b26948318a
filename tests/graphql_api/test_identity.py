"""Who is let in over HTTP, and what the others are told."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any, cast

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.asgi import create_app
from backend.kit.database import make_engine
from backend.kit.session import open_session
from backend.kit.settings import settings
from backend.onboarding import service as onboarding
from infra.dev.supervisor import free_port
from support.partnership import Partnership

ME = "{ me { partnership roles person { name } } }"
MERLE = "merle.brackenbury"
NOT_A_MEMBER = "You are not a member of this partnership."


def calling() -> httpx.AsyncClient:
    """A client of the application, in the event loop that the test's own database connections are in."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(cast("Any", create_app())), base_url="http://api")


@pytest.fixture
async def client(environment: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    async with calling() as made:
        yield made


@pytest.fixture
def issuer(environment: dict[str, str]) -> str:
    return environment["OIDC_ISSUER"]


@pytest.fixture
async def owner(environment: dict[str, str]) -> AsyncIterator[AsyncEngine]:
    made = make_engine(environment["DATABASE_OWNER_URL"], pool_size=1)
    yield made
    await made.dispose()


def minted(issuer: str, subject: str = MERLE, **change: Any) -> str:  # a token's claims
    answer = httpx.post(f"{issuer}/dev/token", json={"subject": subject, **change})
    return str(answer.raise_for_status().json()["access_token"])


async def ask(client: httpx.AsyncClient, token: str | None = None, partnership: str | None = None) -> httpx.Response:
    headers = {"accept": "application/graphql-response+json"}
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    if partnership is not None:
        headers["safeguard-partnership"] = partnership
    return await client.post("/graphql", json={"query": ME}, headers=headers)


def refused(answer: httpx.Response, status: int, code: str) -> str:
    """The message of an answer that is one error and nothing else."""
    assert answer.status_code == status, answer.text
    # RFC 9110 11.6.1: a 401 says how to sign in. A 403 does not: signing in again would change nothing.
    assert answer.headers.get("www-authenticate") == ("Bearer" if status == 401 else None)
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body.keys() == {"errors"}
    (error,) = body["errors"]
    assert error.keys() == {"message", "extensions"}
    assert error["extensions"] == {"code": code}
    return str(error["message"])


async def as_owner(owner: AsyncEngine, partnership: Partnership, statement: str, **values: object) -> None:
    async with open_session(partnership.id, on=owner) as session:
        await session.execute(text(statement), values)
        await session.commit()


async def test_a_member_is_let_in(client: httpx.AsyncClient, issuer: str) -> None:
    answer = await ask(client, minted(issuer))
    assert answer.status_code == 200
    me = {"partnership": "hertfordshire", "roles": ["paediatrician"], "person": {"name": "Dr Merle Brackenbury"}}
    assert answer.json()["data"] == {"me": me}


async def test_who_shows_no_token_is_asked_for_one(client: httpx.AsyncClient) -> None:
    assert "Authorization: Bearer" in refused(await ask(client), 401, "NO_TOKEN")
    for header in ("Basic d3JlbjpzZWNyZXQ=", "Bearer", "bearer"):
        answer = await client.post("/graphql", json={"query": ME}, headers={"authorization": header})
        refused(answer, 401, "NO_TOKEN")


async def test_a_token_says_which_check_it_failed(client: httpx.AsyncClient, issuer: str) -> None:
    elsewhere = minted(issuer, claims={"iss": "https://elsewhere.example.org"})
    key = RSAKey.generate_key(2048, {"kid": "own"})
    forged = jwt.encode({"alg": "RS256", "kid": "own"}, {"iss": issuer, "sub": MERLE, "exp": 9999999999}, key)
    for token, code in (
        (minted(issuer, expires_in=-60), "TOKEN_EXPIRED"), (minted(issuer, audience="another"), "WRONG_AUDIENCE"),
        (elsewhere, "WRONG_ISSUER"), (forged, "INVALID_TOKEN"), ("nonsense", "INVALID_TOKEN"),
    ):  # fmt: skip
        said = refused(await ask(client, token), 401, code)
        assert "Sign in again" in said
        assert token not in said


@contextmanager
def issuer_away() -> Iterator[None]:
    """The application is told of an issuer that nobody runs."""
    before = os.environ["OIDC_ISSUER"]
    os.environ["OIDC_ISSUER"] = f"http://127.0.0.1:{free_port()}"
    settings.cache_clear()
    try:
        yield
    finally:
        os.environ["OIDC_ISSUER"] = before
        settings.cache_clear()


async def test_an_issuer_that_is_away_is_no_fault_of_ours_or_the_clients(
    environment: dict[str, str], issuer: str
) -> None:
    with issuer_away():
        async with calling() as client:
            answer = await ask(client, minted(issuer))
            assert "Try again" in refused(answer, 401, "ISSUER_UNAVAILABLE")


@pytest.mark.parametrize(
    "statement",
    ["UPDATE membership SET state = 'suspended'", "UPDATE person SET active = false"],
    ids=["suspended", "left"],
)
async def test_who_was_suspended_or_has_left_is_kept_out_at_once(
    client: httpx.AsyncClient, issuer: str, owner: AsyncEngine, herts: Partnership, statement: str
) -> None:
    token = minted(issuer)
    assert (await ask(client, token)).status_code == 200
    await as_owner(owner, herts, statement)
    assert "suspended" in refused(await ask(client, token), 403, "FORBIDDEN")


async def test_a_suspended_partnership_lets_nobody_in(
    client: httpx.AsyncClient, issuer: str, owner: AsyncEngine
) -> None:
    await onboarding.suspend(owner, "hertfordshire")
    assert "suspended" in refused(await ask(client, minted(issuer)), 403, "FORBIDDEN")
    assert (await ask(client, minted(issuer, "wren.saltmarsh"))).status_code == 200


async def test_a_member_of_two_partnerships_says_which(
    client: httpx.AsyncClient, issuer: str, owner: AsyncEngine, cambs: Partnership
) -> None:
    await as_owner(owner, cambs, "UPDATE membership SET subject = :s WHERE subject = 'bram.cartwheel'", s=MERLE)
    await as_owner(
        owner, cambs, "INSERT INTO routing.sign_in (issuer, subject, tenant_id) VALUES (:i, :s, :t)",
        i=issuer, s=MERLE, t=cambs.id,
    )  # fmt: skip
    token = minted(issuer)
    said = refused(await ask(client, token), 403, "FORBIDDEN")
    assert "Safeguard-Partnership" in said
    for slug, role in (("cambs-peterborough", "sio"), ("hertfordshire", "paediatrician")):
        assert slug in said
        me = (await ask(client, token, slug)).json()["data"]["me"]
        assert (me["partnership"], me["roles"]) == (slug, [role])
    assert refused(await ask(client, token, "never-was"), 403, "FORBIDDEN") == NOT_A_MEMBER


async def test_another_partnership_and_one_that_never_was_look_the_same(client: httpx.AsyncClient, issuer: str) -> None:
    answers = [
        await ask(client, minted(issuer), slug)
        for slug in ("cambs-peterborough", "never-was", "Hertfordshire", "hertfordshire'--")
    ]
    assert {refused(answer, 403, "FORBIDDEN") for answer in answers} == {NOT_A_MEMBER}
    bodies = {answer.content for answer in answers}
    headers = [{k: v for k, v in answer.headers.items() if k != "x-correlation-id"} for answer in answers]
    assert len(bodies) == 1
    assert all(one == headers[0] for one in headers)
    unnamed = [(await ask(client, minted(issuer), slug)).json()["data"] for slug in (None, "")]
    assert unnamed[0] == unnamed[1], "an empty name is none: this person has one partnership"


async def test_a_stranger_with_a_good_token_learns_of_no_partnership(client: httpx.AsyncClient, issuer: str) -> None:
    token = minted(issuer, "nobody.known")
    for slug in (None, "hertfordshire", "never-was"):
        assert refused(await ask(client, token, slug), 403, "FORBIDDEN") == NOT_A_MEMBER


async def test_nothing_is_run_for_who_is_kept_out(client: httpx.AsyncClient, issuer: str, herts: Partnership) -> None:
    """Even introspection, which needs no row, is for members."""
    headers = {"accept": "application/graphql-response+json", "authorization": f"Bearer {minted(issuer, 'no.one')}"}
    answer = await client.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
    refused(answer, 403, "FORBIDDEN")
