"""Make, read and revoke calendar feeds."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text

from backend.kit.audit import Entry
from backend.kit.entity_tags import tag_of
from backend.kit.problems import Conflict, Forbidden
from backend.kit.session import TenantSession
from notifications.feeds import repository
from notifications.feeds.calendar import FeedTurn, render
from notifications.feeds.models import CalendarFeed
from notifications.feeds.tokens import digest, new_token
from notifications.rotas import repository as rotas
from notifications.rotas.models import Shift
from notifications.rotas.service import HORIZON
from tenants.contacts import repository as contacts
from tenants.partnerships import repository as partnerships

KEPT: Final = timedelta(days=31)  # how long a turn stays in the calendar after it is over
MOST: Final = 20
_NOTED_EVERY: Final = timedelta(hours=1)
_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:owner, 0))")


@dataclass(frozen=True, slots=True)
class Feed:
    """What a calendar program gets; ``etag`` changes with the bytes and with nothing else."""

    body: bytes
    etag: str


async def create(
    session: TenantSession, *, feed_id: UUID, owner_id: UUID, rota_id: UUID | None
) -> tuple[CalendarFeed, str]:
    """A feed of a rota, or of the owner's own turns, and its token, which is never to be had again.

    Raises ``NotFound`` for a rota of nobody's here, ``Conflict`` for more than ``MOST`` feeds.
    """
    if rota_id is not None:
        await rotas.rota(session, rota_id)
    # Without the lock two requests at once would each see room for one more.
    await session.execute(_ONE_AT_A_TIME, {"owner": f"calendar feeds of {owner_id}"})
    if await repository.live(session, owner_id) >= MOST:
        raise Conflict(f"You have {MOST} calendar feeds. Revoke one that you no longer use.")
    token = new_token(session.tenant_id)
    feed = CalendarFeed(
        tenant_id=session.tenant_id, id=feed_id, owner_id=owner_id, rota_id=rota_id,
        token_hash=digest(token), created_at=await session.now(),
    )  # fmt: skip
    session.insert(feed)
    _audit(session, "calendar_feed.created", feed, owner_id)
    return feed, token


async def revoke(session: TenantSession, feed_id: UUID, by: UUID) -> CalendarFeed:
    """Close the feed for good; closing it twice is no error. Raises ``NotFound``, ``Forbidden`` for another's."""
    feed = await repository.feed(session, feed_id, lock=True)
    if feed.owner_id != by:
        raise Forbidden("Only its owner may revoke a calendar feed.")
    if feed.revoked_at is None:
        feed.revoked_at = await session.now()
        _audit(session, "calendar_feed.revoked", feed, by)
    return feed


async def opened(session: TenantSession, token: str) -> CalendarFeed | None:
    """The feed that the token opens; None for one that is wrong, revoked or whose owner has left."""
    feed = await repository.by_hash(session, digest(token))
    if feed is None:
        return None
    owner = (await contacts.people(session, [feed.owner_id])).get(feed.owner_id)
    return feed if owner is not None and owner.active else None


async def read(session: TenantSession, feed: CalendarFeed) -> Feed:
    """The feed's calendar, from ``KEPT`` ago to as far as shifts are laid out. It says nothing of any case."""
    now = await session.now()
    begins, until = now - KEPT, now + HORIZON
    known = {rota.id: rota for rota in await rotas.rotas(session, ended=True)}
    if feed.rota_id is None:
        shifts = await rotas.shifts_of_person(session, feed.owner_id, begins, until)
        name = "On call"
    else:
        shifts = await rotas.shifts(session, [feed.rota_id], begins, until)
        name = f"On call: {known[feed.rota_id].name}"
    people = await contacts.people(session, {shift.person_id for shift in shifts})
    turns = [
        _turn(shift, known[shift.rota_id].name if feed.rota_id is None else people[shift.person_id].name)
        for shift in shifts
    ]
    if feed.last_read_at is None or now - feed.last_read_at >= _NOTED_EVERY:
        feed.last_read_at = now
    body = render(name, (await partnerships.own(session)).zone, turns)
    return Feed(body, tag_of(body))


def _turn(shift: Shift, who_or_what: str) -> FeedTurn:
    place = "" if shift.position == 1 else f", number {shift.position} on call"
    begins, until = shift.during.lower, shift.during.upper
    if begins is None or until is None:
        message = "a shift has both ends"
        raise ValueError(message)
    return FeedTurn(
        shift.id,
        shift.rota_id,
        shift.position,
        shift.turn_key,
        begins,
        until,
        f"On call: {who_or_what}{place}",
        shift.moved_at,
    )


def _audit(session: TenantSession, action: str, feed: CalendarFeed, by: UUID) -> None:
    detail = {"rota_id": str(feed.rota_id)} if feed.rota_id else {}
    session.audit_entries.append(Entry(action, "calendar_feed", feed.id, by, detail))
