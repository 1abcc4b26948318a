"""What a resolver knows: who asks, in which partnership, and the one session of the request."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from uuid import UUID

import strawberry
from litestar import Request

from backend.applications import service as applications
from backend.applications.signing import Bearer, issuer_of, signing
from backend.identity import service as identity
from backend.identity.policies import Caller
from backend.identity.tokens import Identity, Verifier
from backend.kit.database import engine
from backend.kit.problems import Forbidden, Unauthenticated
from backend.kit.session import TenantSession, open_session
from graphql_api.applications.admission import admit
from graphql_api.errors import HTTPProblem
from graphql_api.loaders import Loaders
from graphql_api.protocol import call_of
from tenants.partnerships.models import Partnership

HEADER: Final = "Safeguard-Partnership"
_ENTRY_SECONDS: Final = 5.0  # how long a partnership's new name may go unseen

HTTPRequest: TypeAlias = Request[Any, Any, Any]


@dataclass
class Context:
    """One request. Fields resolve side by side, so the session is used under a lock."""

    session: TenantSession
    caller: Caller
    partnership: Partnership
    looks: set[UUID] = field(default_factory=set)
    """Records that this request has shown and logged as seen."""
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.loaders = Loaders(self.db, self.caller)

    @asynccontextmanager
    async def db(self) -> AsyncIterator[TenantSession]:
        """The session, for one field at a time."""
        async with self._lock:
            yield self.session


Info: TypeAlias = strawberry.Info[Context, None]


class Entrance:
    """Lets verified members in. Remembers for a few seconds which partnership an identity enters."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier
        self._known: dict[tuple[Identity, str | None], tuple[float, Partnership]] = {}

    async def partnership(self, who: Identity, slug: str | None) -> Partnership:
        now = time.monotonic()
        known = self._known.get((who, slug))
        if known is not None and known[0] > now:
            return known[1]
        found = await identity.enter(engine(), who, slug)
        if len(self._known) > 10_000:
            self._known.clear()
        self._known[who, slug] = (now + _ENTRY_SECONDS, found)
        return found

    async def identify(self, request: HTTPRequest) -> tuple[Identity, Bearer | None]:
        """Who asks, and for an application the token that says so. Raises ``Unauthenticated``."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("NO_TOKEN", "Send an access token: Authorization: Bearer …")
        ours = signing()
        if ours is not None and issuer_of(token.strip()) == ours.issuer:
            bearer = ours.read(token.strip())
            return Identity(ours.issuer, str(bearer.application_id)), bearer
        return await self._verifier.verify(token.strip()), None


def request_context(verifier: Verifier) -> Callable[[HTTPRequest], AbstractAsyncContextManager[Context]]:
    """The context of each request: identified, in a partnership, in one transaction that ends with it."""
    entrance = Entrance(verifier)

    @asynccontextmanager
    async def enter(request: HTTPRequest) -> AsyncIterator[Context]:
        try:
            who, bearer = await entrance.identify(request)
            partnership = await entrance.partnership(who, request.headers.get(HEADER))
        except Unauthenticated as problem:
            raise HTTPProblem(401, problem.reason, problem.message) from None
        except Forbidden as problem:
            raise HTTPProblem(403, problem.code, problem.message) from None
        async with open_session(partnership.id) as session:
            try:
                if bearer is None:
                    caller = await identity.caller(session, who, partnership)
                else:
                    caller = await applications.caller(session, bearer, partnership)
            except Forbidden as problem:
                raise HTTPProblem(403, problem.code, problem.message) from None
            if bearer is not None:
                call = call_of(request)
                fields = await admit(session, caller, call)
                await applications.note(session, bearer, fields, call.correlation_id)
            yield Context(session, caller, partnership)
            await session.commit()

    return enter
