"""Named posts: made, held from a day until another, deputised in; who holds one on a day."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import Select, select
from sqlmodel import col

from backend.kit.audit import Entry
from backend.kit.problems import Conflict, FieldError, Invalid, NotFound
from backend.kit.reading import by_parent
from backend.kit.session import TenantSession
from backend.kit.texts import text_faults
from tenants.contacts.addresses import normal_address
from tenants.contacts.models import Channel, Person
from tenants.contacts.service_models import DirectoryHolder, DirectoryOrganisation, DirectoryPost, Visibility
from tenants.partnerships import repository as partnerships

NO_POST: Final = "There is no such post in this partnership's directory."
NO_HOLDER: Final = "There is no such holder of a post in this partnership's directory."


@dataclass(frozen=True, slots=True)
class PostTold:
    """A post of an organisation that the directory has, by that one's code; in an area or in all."""

    code: str
    organisation: str
    title: str
    role: str | None = None
    area_id: UUID | None = None
    visibility: Visibility = Visibility.PROFESSIONAL


@dataclass(frozen=True, slots=True)
class AppointmentTold:
    """Who holds a post, or deputises in it: a person of the partnership, or anybody by name. Until is exclusive."""

    from_on: date
    person_id: UUID | None = None
    name: str | None = None
    deputy: bool = False
    until_on: date | None = None
    telephone: str | None = None
    email: str | None = None


def posts(tenant_id: UUID) -> Select[DirectoryPost]:
    """Posts in use."""
    return select(DirectoryPost).where(
        col(DirectoryPost.tenant_id) == tenant_id, col(DirectoryPost.retired_at).is_(None)
    )


async def post(session: TenantSession, post_id: UUID, *, lock: bool = False) -> DirectoryPost:
    """Raises ``NotFound``."""
    found = await session.get(
        DirectoryPost, (session.tenant_id, post_id), with_for_update={"key_share": True} if lock else None,
        populate_existing=lock,
    )  # fmt: skip
    if found is None:
        raise NotFound(NO_POST)
    return found


async def holder(session: TenantSession, holder_id: UUID) -> DirectoryHolder:
    """Raises ``NotFound``."""
    found = await session.get(DirectoryHolder, (session.tenant_id, holder_id))
    if found is None:
        raise NotFound(NO_HOLDER)
    return found


async def holders_of(session: TenantSession, post_ids: Iterable[UUID]) -> dict[UUID, list[DirectoryHolder]]:
    """Everybody who held or holds posts, holders before deputies, by day."""
    return await by_parent(session, DirectoryHolder, "post_id", post_ids, order=("deputy", "from_on", "id"))


def holds(one: DirectoryHolder, day: date) -> bool:
    """Whether somebody holds or deputises on a day."""
    return one.from_on <= day and (one.until_on is None or day < one.until_on)


def serves(one: DirectoryHolder, day: date, here: Collection[UUID]) -> bool:
    """Whether somebody holds or deputises on a day and has not left; ``here`` are the people who have not."""
    return holds(one, day) and (one.person_id is None or one.person_id in here)


async def create(session: TenantSession, told: PostTold, post_id: UUID, *, by: UUID) -> DirectoryPost:
    """A new post, which nobody holds. Raises ``Invalid``, ``NotFound`` for an area, ``Conflict`` for a code in use."""
    faults = text_faults(title=(told.title, 200))
    organisation = await session.scalar(
        select(col(DirectoryOrganisation.id)).where(
            col(DirectoryOrganisation.tenant_id) == session.tenant_id,
            col(DirectoryOrganisation.code) == told.organisation,
        )
    )
    if organisation is None:
        faults.append(FieldError("organisation", "is not in the directory; use the code of one that is"))
    if faults or organisation is None:
        raise Invalid(faults)
    if told.area_id is not None and not await partnerships.areas_by_id(session, [told.area_id]):
        raise NotFound("There is no such area in this partnership.")
    known = select(1).where(col(DirectoryPost.tenant_id) == session.tenant_id, col(DirectoryPost.code) == told.code)
    if await session.scalar(known) is not None:
        raise Conflict(f"There is a post called {told.code} already; choose another code.")
    row = DirectoryPost(
        tenant_id=session.tenant_id, id=post_id, code=told.code, organisation_id=organisation, title=told.title,
        role=told.role, area_id=told.area_id, visibility=told.visibility, created_at=await session.now(),
    )  # fmt: skip
    session.insert(row)
    await session.flush()
    _record(session, "directory_post.created", "directory_post", row.id, by)
    return row


async def retire(session: TenantSession, post_id: UUID, *, by: UUID) -> DirectoryPost:
    """Take a post out of use; who held it stays readable. Retiring it twice is no error. Raises ``NotFound``."""
    row = await post(session, post_id, lock=True)
    if row.retired_at is None:
        row.retired_at = await session.now()
        await session.flush()
        _record(session, "directory_post.retired", "directory_post", row.id, by)
    return row


async def appoint(
    session: TenantSession, post_id: UUID, told: AppointmentTold, holder_id: UUID, *, by: UUID
) -> DirectoryHolder:
    """Let somebody hold a post from a day on, or deputise in it.

    A post has one holder at a time: the one before ends on that day. Deputies stand beside each other. Raises
    ``NotFound``, ``Invalid``, and ``Conflict`` for a retired post, or days that somebody else was given already.
    """
    row = await post(session, post_id, lock=True)
    if row.retired_at is not None:
        raise Conflict("This post is retired; nobody can be appointed to it.")
    await _check(session, told)
    if not told.deputy:
        await _make_way(session, row.id, told)
    made = DirectoryHolder(
        tenant_id=session.tenant_id, id=holder_id, post_id=row.id, person_id=told.person_id, name=told.name,
        deputy=told.deputy, from_on=told.from_on, until_on=told.until_on,
        telephone=normal_address(Channel.VOICE, told.telephone) if told.telephone else None,
        email=normal_address(Channel.EMAIL, told.email) if told.email else None,
    )  # fmt: skip
    session.insert(made)
    await session.flush()
    _record(session, "directory_holder.appointed", "directory_holder", made.id, by)
    return made


async def end(session: TenantSession, holder_id: UUID, until_on: date, *, by: UUID) -> DirectoryHolder:
    """Let an appointment end before a day. Raises ``NotFound``, ``Invalid``, ``Conflict`` for one that ends sooner."""
    known = await holder(session, holder_id)
    await post(session, known.post_id, lock=True)
    await session.refresh(known)
    if until_on <= known.from_on:
        raise Invalid([FieldError("untilOn", f"must be after {known.from_on}, the day on which it began")])
    if known.until_on is not None and known.until_on < until_on:
        raise Conflict(f"This appointment ends on {known.until_on} already; appoint them again from then.")
    known.until_on = until_on
    await session.flush()
    _record(session, "directory_holder.ended", "directory_holder", known.id, by)
    return known


async def _check(session: TenantSession, told: AppointmentTold) -> None:
    faults = text_faults(name=(told.name, 200))
    if (told.person_id is None) == (told.name is None):
        faults.append(FieldError("personId", "give a person of the partnership, or the name of anybody else"))
    if told.until_on is not None and told.until_on <= told.from_on:
        faults.append(FieldError("untilOn", "must be after fromOn"))
    if told.person_id is not None:
        person = await session.get(Person, (session.tenant_id, told.person_id))
        if person is None:
            raise NotFound("There is no such person in this partnership.")
        if not person.active:
            faults.append(FieldError("personId", "has left; name somebody who is here"))
    if faults:
        raise Invalid(faults)


async def _make_way(session: TenantSession, post_id: UUID, told: AppointmentTold) -> None:
    """End the appointment that an appointment from a day on follows. Raises ``Conflict`` for one after it."""
    for one in (await holders_of(session, [post_id])).get(post_id, []):
        if one.deputy or (one.until_on is not None and one.until_on <= told.from_on):
            continue
        if told.until_on is not None and one.from_on >= told.until_on:
            continue
        if one.from_on >= told.from_on or told.until_on is not None:
            raise Conflict(f"Somebody holds this post from {one.from_on}; end that appointment first.")
        one.until_on = told.from_on


def _record(session: TenantSession, action: str, kind: str, subject: UUID, by: UUID) -> None:
    session.audit_entries.append(Entry(action, kind, subject, by, {}))
