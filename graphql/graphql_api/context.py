"""What a resolver knows: who asks, in which partnership, and the one session of the request."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeAlias
from uuid import UUID

import strawberry
from litestar import Request

from backend.applications import service as applications
from backend.applications.signing import Bearer, issuer_of, signing
from backend.identity import service as identity
from backend.identity.policies import Caller
from backend.identity.tokens import Identity, SignedIn, Verifier
from backend.kit.database import engine
from backend.kit.problems import Forbidden, Unauthenticated
from backend.kit.session import TenantSession, open_session
from backend.kit.settings import settings
from graphql_api import step_up
from graphql_api.applications.admission import admit, root_fields
from graphql_api.console import admission as console
from graphql_api.errors import HTTPProblem
from graphql_api.loaders import Loaders
from graphql_api.protocol import GraphQLCall, call_of
from graphql_api.throttling import Throttle
from tenants.partnerships.models import Partnership

HEADER: Final = "Safeguard-Partnership"
_ENTRY_SECONDS: Final = 5.0  # how long a partnership's new name may go unseen

HTTPRequest: TypeAlias = Request[Any, Any, Any]
# What a field starts while it has the session, such as the batch of a loader, inherits this.
_HOLDING: ContextVar["Context | None"] = ContextVar("holding", default=None)


@dataclass
class Context:
    """One request. Fields resolve side by side, so the session is used under a lock."""

    session: TenantSession
    caller: Caller
    partnership: Partnership
    signed_in: SignedIn
    looks: set[UUID] = field(default_factory=set)
    """Records that this request has shown and logged as seen."""
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.loaders = Loaders(self.db, self.caller)

    @cached_property
    def stepped_up(self) -> bool:
        """Whether the sign-in is as strong and as fresh as restricted records and histories want."""
        return step_up.stepped_up(self.signed_in, settings(), time.time())

    def require_step_up(self) -> None:
        """Raise ``StepUpNeeded`` where it is not."""
        step_up.require(self.signed_in, settings(), time.time())

    @asynccontextmanager
    async def db(self) -> AsyncIterator[TenantSession]:
        """The session, for one field at a time.

        Raises ``RuntimeError`` for whoever has it already: a loader that is asked within would wait for ever.
        """
        if _HOLDING.get() is self:
            raise RuntimeError("this field has the session already")
        async with self._lock:
            holding = _HOLDING.set(self)
            try:
                yield self.session
            finally:
                _HOLDING.reset(holding)


Info: TypeAlias = strawberry.Info[Context, None]


class Entrance:
    """Lets verified members in. Remembers for a few seconds which partnership an identity enters."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier
        self._known: dict[tuple[Identity, str | None], tuple[float, Partnership]] = {}

    async def partnership(self, who: Identity, slug: str | None) -> Partnership:
        """The one of this name, or the only one where none is named; an empty name is none. Raises ``Forbidden``."""
        slug = slug or None
        now = time.monotonic()
        known = self._known.get((who, slug))
        if known is not None and known[0] > now:
            return known[1]
        found = await identity.enter(engine(), who, slug)
        if len(self._known) > 10_000:
            self._known.clear()
        self._known[who, slug] = (now + _ENTRY_SECONDS, found)
        return found

    async def identify(self, authorization: str) -> tuple[SignedIn, Bearer | None]:
        """Who sends an ``Authorization`` header, and for an application its token. Raises ``Unauthenticated``."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("NO_TOKEN", "Send an access token: Authorization: Bearer …")
        ours = signing()
        if ours is not None and issuer_of(token.strip()) == ours.issuer:
            bearer = ours.read(token.strip())
            return SignedIn(Identity(ours.issuer, str(bearer.application_id)), bearer.expires_at), bearer
        return await self._verifier.signed_in(token.strip()), None


class NoMemberError(Forbidden):
    """Whoever is signed in may not enter this partnership, or not any more."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who is signed in, at one partnership. Whether they still may enter is asked at each entrance."""

    signed_in: SignedIn
    partnership: Partnership

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[Context]:
        """A transaction of their own, committed on leaving. Raises ``NoMemberError`` for who may not enter."""
        async with open_session(self.partnership.id) as session:
            try:
                who = self.signed_in
                caller = await identity.caller(session, who.identity, self.partnership, who)
            except (Forbidden, Unauthenticated) as problem:
                raise NoMemberError(problem.message) from None
            yield Context(session, caller, self.partnership, self.signed_in)
            await session.commit()


async def _caller(
    session: TenantSession, bearer: Bearer, partnership: Partnership, call: GraphQLCall, throttle: Throttle
) -> Caller:
    """As ``applications.caller``, and writes down what is asked for after the grant or credential was taken back."""
    try:
        return await applications.caller(session, bearer, partnership)
    except (applications.Revoked, Unauthenticated) as refusal:
        told = refusal.reason if isinstance(refusal, Unauthenticated) else refusal.code
        await _write_down(session, bearer, call, throttle, told)
        raise


async def _admitted(
    session: TenantSession, caller: Caller, call: GraphQLCall, bearer: Bearer, throttle: Throttle
) -> Sequence[str]:
    """As ``admit``, and writes down what an application was refused for want of a grant."""
    try:
        return await admit(session, caller, call)
    except HTTPProblem as refusal:
        if refusal.status == 403:
            await _write_down(session, bearer, call, throttle, refusal.code)
        raise


async def _write_down(
    session: TenantSession, bearer: Bearer, call: GraphQLCall, throttle: Throttle, refused_as: str
) -> None:
    """Keep a refusal, whatever becomes of the request. Raises ``HTTPProblem`` 429 where there were many of late."""
    await throttle.refused(session.tenant_id, bearer.application_id)
    fields = root_fields(call.document.syntax, call.operation.node)
    await applications.note(session, bearer, fields, call.correlation_id, refused_as=refused_as)
    await session.commit()


def request_context(
    entrance: Entrance, throttle: Throttle
) -> Callable[[HTTPRequest], AbstractAsyncContextManager[Context]]:
    """The context of each request: identified, in a partnership, charged, in one transaction that ends with it."""

    @asynccontextmanager
    async def enter(request: HTTPRequest) -> AsyncIterator[Context]:
        bearer: Bearer | None = None
        try:
            who, bearer = await entrance.identify(request.headers.get("authorization", ""))
            partnership = await entrance.partnership(who.identity, request.headers.get(HEADER))
        except Unauthenticated as problem:
            raise HTTPProblem(401, problem.reason, problem.message) from None
        except identity.NoEntry as problem:
            message = problem.message if bearer is None else applications.NOT_GRANTED
            raise HTTPProblem(403, problem.code, message) from None
        except Forbidden as problem:
            raise HTTPProblem(403, problem.code, problem.message) from None
        call = call_of(request)
        async with open_session(partnership.id) as session:
            try:
                if bearer is None:
                    caller = await identity.caller(session, who.identity, partnership, who)
                else:
                    caller = await _caller(session, bearer, partnership, call, throttle)
            except Unauthenticated as problem:
                raise HTTPProblem(401, problem.reason, problem.message) from None
            except Forbidden as problem:
                raise HTTPProblem(403, problem.code, problem.message) from None
            console.check(request.headers, call, settings(), sandbox=partnership.sandbox)
            fields = () if bearer is None else await _admitted(session, caller, call, bearer, throttle)
            async with throttle.charged(partnership.id, caller.person_id, call):
                yield Context(session, caller, partnership, who)
            if bearer is not None:  # afterwards: a mutation that is refused takes back all that was written before
                await applications.note(session, bearer, fields, call.correlation_id)
            await session.commit()

    return enter
