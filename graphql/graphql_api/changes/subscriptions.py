"""Following changes as they come: one's alerts, one alert, one's tasks, one case.

Each event is a place in the log of changes, looked at anew when it is sent: what the member may see then is what
they are told. Whoever was cut off subscribes again with the last cursor they had, and misses nothing.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Final, TypeAlias
from uuid import UUID

import strawberry
from sqlalchemy import select
from sqlmodel import col

from backend.cases import service as cases
from backend.changes import repository, service
from backend.changes.cursors import Place, Stale, encode, rights
from backend.changes.folding import Entry, fold
from backend.changes.models import ChangeKind
from backend.changes.repository import Narrowing
from backend.changes.service import Page
from backend.identity.policies import Caller, Permission
from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from backend.pathways import repository as pathways
from backend.pathways.casework_models import PathwayTask
from graphql_api.alerts.sight import require_alert
from graphql_api.changes.sight import Shown, shown
from graphql_api.changes.types import Change
from graphql_api.context import Context
from graphql_api.errors import ExpectedError
from graphql_api.ids import key_of
from graphql_api.subscriptions.running import Watch
from notifications.alerts.repository import called

LOOK_AGAIN_SECONDS: Final = 30.0
"""How long the end of an emergency access, of a list's time or of a role may go unseen, which nothing announces."""
PAGE: Final = 20

WatchInfo: TypeAlias = strawberry.Info[Watch, None]
Since = Annotated[
    str | None,
    strawberry.argument(description="A cursor from changes or an event, to miss nothing; left out, from now on."),
]
Keep = Callable[[TenantSession, Caller, list[Entry]], Awaitable[list[Entry]]]
Require = Callable[[TenantSession, Caller], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Touched:
    """A row of the log as ``fold`` reads it."""

    kind: str
    subject_id: UUID
    case_id: UUID | None
    person_id: UUID
    transaction: int
    number: int


@dataclass(frozen=True, slots=True)
class Told:
    """An event: a thing that was touched, and the cursor after it."""

    entry: Entry
    cursor: str

    async def told(self, context: Context) -> Change | None:
        """The change as the member may see it at this moment: perhaps no longer."""
        entry, caller = self.entry, context.caller
        row = _Touched(entry.kind, entry.subject_id, entry.case_id, caller.person_id, entry.place.transaction,
                       entry.place.number)  # fmt: skip
        async with context.db() as session:
            found = await shown(session, caller, [row], await session.now())
        if entry.gone:
            return Change.of(entry, found, self.cursor)
        now, _ = fold([row], found.sight, most=1)
        return Change.of(now[0], found, self.cursor) if now else None


@contextmanager
def _resyncing() -> Iterator[None]:
    try:
        yield
    except Stale as stale:
        raise ExpectedError(stale.code, stale.message) from None


async def _mine(
    info: WatchInfo, kind: ChangeKind, needs: Permission, keep: Keep, since: str | None
) -> AsyncIterator[Told]:
    """Things of one kind that concern the member, and the cases that they lose."""
    member, hub = info.context.member, info.context.hub
    async with member.enter() as context:
        person_id = context.caller.person_id
        since = since or await service.start(context.session, context.caller)
    with hub.following(member.partnership.id, Narrowing({kind}), person_id) as follower:
        while True:
            async with member.enter() as context:
                context.caller.require(needs)
                with _resyncing():
                    page = await service.page(context.session, context.caller, since, [kind], shown, most=PAGE)
                kept = await keep(context.session, context.caller, page.entries)
            for entry in kept:
                yield Told(entry, page.cursor_after(entry))
            since = page.cursor
            if not page.more:
                await follower.stirred(LOOK_AGAIN_SECONDS)


async def _of_one(
    info: WatchInfo, narrowing: Narrowing, needs: Permission, require: Require, since: str | None, end: Entry
) -> AsyncIterator[Told]:
    """What happens to one thing, until the member sees it no more: then ``end``, and no further.

    Raises ``NotFound`` where it is not there to begin with.
    """
    member, hub, begun = info.context.member, info.context.hub, False
    place: Place | None = None
    with hub.following(member.partnership.id, narrowing, None) as follower:
        while True:
            async with member.enter() as context:
                context.caller.require(needs)
                session = context.session
                log = await repository.log(session)
                with _resyncing():
                    place = place or (service.place_of(since, log, context.caller) if since else Place(log.horizon))
                there = await _is_there(require, session, context.caller)
                if not there and not begun:
                    raise NotFound("There is no such thing in this partnership.")
                page: Page[Shown] = await service.read(session, context.caller, log, place, narrowing, shown, most=PAGE)
            if not there:
                yield Told(end, encode(log, place, rights(context.caller)))
                return
            begun = True
            for entry in page.entries:
                yield Told(entry, page.cursor_after(entry))
            place = page.reached
            if not page.more:
                await follower.stirred(LOOK_AGAIN_SECONDS)


async def _is_there(require: Require, session: TenantSession, caller: Caller) -> bool:
    try:
        await require(session, caller)
    except NotFound:
        return False
    return True


async def _my_alerts(session: TenantSession, caller: Caller, entries: list[Entry]) -> list[Entry]:
    alerts = await called(session, [entry.subject_id for entry in entries if not entry.gone])
    return [entry for entry in entries if entry.gone or caller.person_id in alerts.get(entry.subject_id, ())]


async def _my_tasks(session: TenantSession, caller: Caller, entries: list[Entry]) -> list[Entry]:
    """Those that are the caller's, and those that were: the owner before is named too."""
    ids = [entry.subject_id for entry in entries if not entry.gone]
    mine = set(
        await session.scalars(
            select(col(PathwayTask.id)).where(
                col(PathwayTask.tenant_id) == session.tenant_id, col(PathwayTask.id).in_(ids), pathways.mine(caller)
            )
        )
    )
    return [entry for entry in entries if entry.gone or entry.named or entry.subject_id in mine]


@strawberry.type
class ChangeSubscriptions:
    @strawberry.subscription(description="Alerts that you are called for, whenever anything of one changes.")
    async def my_alerts(self, info: WatchInfo, since: Since = None) -> AsyncIterator[Change]:
        async for event in _mine(info, ChangeKind.ALERT, Permission.VIEW_ALERTS, _my_alerts, since):
            yield event  # type: ignore[misc]

    @strawberry.subscription(description="Tasks that are yours, and those that were until now.")
    async def my_tasks(self, info: WatchInfo, since: Since = None) -> AsyncIterator[Change]:
        async for event in _mine(info, ChangeKind.TASK, Permission.VIEW_CASES, _my_tasks, since):
            yield event  # type: ignore[misc]

    @strawberry.subscription(description="One alert: its slots, who answered, how its messages fare.")
    async def alert_slots(
        self, info: WatchInfo, alert_id: Annotated[strawberry.ID, strawberry.argument(description="An alert's id.")],
        since: Since = None,
    ) -> AsyncIterator[Change]:  # fmt: skip
        key = key_of("Alert", alert_id)

        async def require(session: TenantSession, caller: Caller) -> None:
            await require_alert(session, caller, key)

        end = Entry(ChangeKind.ALERT, key, None, gone=True, place=Place(0))
        narrowing = Narrowing({ChangeKind.ALERT}, subject_id=key)
        async for event in _of_one(info, narrowing, Permission.VIEW_ALERTS, require, since, end):
            yield event  # type: ignore[misc]

    @strawberry.subscription(description="A case that you have open, and all that belongs to it.")
    async def case_changes(
        self, info: WatchInfo, case_id: Annotated[strawberry.ID, strawberry.argument(description="A case's id.")],
        since: Since = None,
    ) -> AsyncIterator[Change]:  # fmt: skip
        key = key_of("Case", case_id)

        async def require(session: TenantSession, caller: Caller) -> None:
            await cases.seen(session, caller, key)

        end = Entry(ChangeKind.CASE, key, key, gone=True, place=Place(0))
        async for event in _of_one(info, Narrowing(case_id=key), Permission.VIEW_CASES, require, since, end):
            yield event  # type: ignore[misc]
