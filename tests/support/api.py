"""The API as a client meets it: a signed-in person and documents sent over HTTP."""

import itertools
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast
from uuid import UUID

import asyncpg
import httpx
from sqlalchemy import select
from sqlmodel import col

from backend.asgi import create_app
from backend.identity.models import Membership
from backend.kit.tables import TenantRow
from support.partnership import CHILD, HOME, Partnership

OPERATIONS = Path(__file__).parents[2] / "graphql" / "operations"
JSON = dict[str, Any]
Row = TypeVar("Row", bound=TenantRow)

_numbers = itertools.count(1)


@lru_cache
def token(issuer: str, subject: str, **claims: Any) -> str:
    """An access token of the development issuer."""
    asked = {"subject": subject, "expires_in": 7200, "claims": claims}
    answer = httpx.post(f"{issuer}/dev/token", json=asked, timeout=60)
    return str(answer.raise_for_status().json()["access_token"])


def fresh_key() -> str:
    """An idempotency key that nothing else in this process uses."""
    return f"key-of-a-test-{next(_numbers)}"


def operation(name: str) -> str:
    """The text of a trusted document."""
    return (OPERATIONS / f"{name}.graphql").read_text()


@dataclass(frozen=True)
class Api:
    """One person's way into the API."""

    client: httpx.AsyncClient
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}

    async def send(self, document: str, variables: Mapping[str, Any]) -> JSON:
        """The whole answer, whatever it is."""
        body = {"query": document, "variables": variables}
        answer: JSON = (await self.client.post("/graphql", json=body, headers=self.headers)).json()
        return answer

    async def run(self, document: str, **variables: Any) -> JSON:  # JSON values
        """The data of an operation that must work."""
        answer = await self.send(document, variables)
        assert "errors" not in answer, answer["errors"]
        data: JSON = answer["data"]
        return data

    async def codes(self, document: str, **variables: Any) -> list[str]:  # JSON values
        """The codes of the errors of an operation that must not work."""
        answer = await self.send(document, variables)
        return [error["extensions"]["code"] for error in answer.get("errors", [])]

    async def mutate(self, name: str, /, **given: Any) -> JSON:  # JSON values
        """The result of the trusted mutation ``name``, with a key of its own unless one is given."""
        given.setdefault("idempotencyKey", fresh_key())
        (result,) = (await self.run(operation(name), input=given)).values()
        answer: JSON = result
        return answer


@dataclass(frozen=True)
class Door:
    """The application of one test, and the people who may come in."""

    client: httpx.AsyncClient
    issuer: str
    owner_url: str
    application: Any = None

    def person(self, subject: str, **claims: Any) -> Api:
        return Api(self.client, token(self.issuer, subject, **claims))

    async def member(self, partnership: Partnership, role: str) -> Api:
        """Somebody of a partnership who has a role."""
        return await self.of(partnership, (await partnership.member(role)).person_id)

    async def on_call(self, partnership: Partnership, role: str) -> Api:
        """Who is on call for a role."""
        return await self.of(partnership, await partnership.on_call(role))

    async def of(self, partnership: Partnership, person_id: UUID) -> Api:
        return self.person(await self.subject_of(partnership, person_id))

    async def subject_of(self, partnership: Partnership, person_id: UUID) -> str:
        """What the identity provider calls somebody."""
        return next(row.subject for row in await rows(partnership, Membership) if row.person_id == person_id)

    async def change_roles(self, partnership: Partnership, subject: str, *roles: str) -> None:
        """Give a member other roles, which the application itself may not."""
        connection = await asyncpg.connect(self.owner_url)
        try:
            async with connection.transaction():
                await connection.execute(f"SELECT set_config('app.tenant_id', '{partnership.id}', true)")
                await connection.execute(
                    "UPDATE membership SET roles = $1 WHERE subject = $2", json.dumps(roles), subject
                )
        finally:
            await connection.close()


@asynccontextmanager
async def open_door(environment: Mapping[str, str]) -> AsyncIterator[Door]:
    """The real application on the services of ``environment``, which throttles nobody unless that says so.

    It runs in the test's own loop: Litestar's test client would use another, which the engine cannot.
    """
    application = cast("Any", create_app())
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        yield Door(client, environment["OIDC_ISSUER"], environment["DATABASE_OWNER_URL"], application)


async def rows(partnership: Partnership, table: type[Row]) -> list[Row]:
    """Every row that a partnership has in a table, in the order they were made."""
    async with partnership.session() as session:
        return list(await session.scalars(select(table).order_by(col(table.id))))


async def database_now(partnership: Partnership) -> datetime:
    async with partnership.session() as session:
        return await session.now()


def death(now: datetime | None = None, /, **changes: Any) -> JSON:  # JSON values
    """What a clinician of the first partnership sends to report an unexpected death."""
    at = now or datetime.now(UTC)
    told: JSON = {
        "childName": CHILD, "dateOfBirth": "2024-02-29", "sex": "FEMALE", "usualHomeAddress": HOME,
        "homeArea": "cambridgeshire", "setting": "EMERGENCY_DEPARTMENT",
        "placeOfDeath": "Reedwater Hospital, emergency department", "areaOfDeath": "cambridgeshire",
        "coronerArea": "coroner-north", "diedAt": (at - timedelta(hours=1)).isoformat(),
        "confirmedAt": (at - timedelta(minutes=45)).isoformat(), "confirmedBy": "Dr Juniper Blythe",
        "anticipated24hBefore": False, "unexpectedCollapse": False,
        "circumstances": f"{CHILD} was found unresponsive in the cot.", "suspicion": "NONE",
        "otherChildrenInHousehold": True,
        "reporter": {"name": "Dr Juniper Blythe", "role": "consultant", "telephone": "01632 960123"},
    }  # fmt: skip
    return {**told, **changes}


def said(at: datetime) -> str:
    """An instant as the API prints it."""
    return at.isoformat().replace("+00:00", "Z")
