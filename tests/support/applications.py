"""Applications of third parties, registered as an operator would, and their way to a token."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from backend.applications import registering, service
from backend.applications.signing import signing
from backend.kit.database import make_engine
from backend.kit.settings import settings
from support.api import Api, Door
from support.partnership import Partnership
from tenants.applications.scopes import AD_HOC, SCOPES

EVERYTHING = tuple(SCOPES)


@dataclass(frozen=True)
class Registered:
    """An application with one secret."""

    id: UUID
    credential_id: UUID
    secret: str

    async def ask(self, client: httpx.AsyncClient, **more: str) -> httpx.Response:
        """What the token endpoint answers to its id and secret."""
        form = {"grant_type": "client_credentials", **more}
        return await client.post("/oauth/token", data=form, auth=(str(self.id), self.secret))

    async def api(self, door: Door, **more: str) -> Api:
        """The API with a token of its own."""
        answer = await self.ask(door.client, **more)
        assert answer.status_code == 200, answer.text
        return Api(door.client, answer.json()["access_token"])


def owner() -> Any:
    """An engine of the operator's, who owns the database."""
    url = settings().database_owner_url
    assert url is not None
    return make_engine(url.get_secret_value(), 1)


async def registered(name: str = "Rota screen", scopes: Sequence[str] = EVERYTHING) -> Registered:
    engine = owner()
    try:
        application_id = await registering.register(
            engine, name=name, organisation="Reedwater Systems", contact="support@example.org",
            purpose="Shows who is on call on the wall of a ward.", scopes=scopes,
        )  # fmt: skip
        credential_id, secret = await registering.add_secret(engine, application_id)
    finally:
        await engine.dispose()
    return Registered(application_id, credential_id, secret)


async def grant(partnership: Partnership, application: Registered, *scopes: str) -> None:
    """As an administrator of the partnership would; ad-hoc queries too."""
    ours = signing()
    assert ours is not None
    administrator = await partnership.member("administrator")
    async with partnership.session() as session:
        await service.grant(session, ours.issuer, application.id, [*scopes, AD_HOC], by=administrator)
        await session.commit()
