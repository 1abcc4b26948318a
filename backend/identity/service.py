"""From a verified identity to a caller in one partnership."""

from typing import Any
from uuid import UUID

from sqlalchemy import String, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from backend.identity.models import Membership, MembershipState, SignIn, SignOut
from backend.identity.policies import Caller, Permission
from backend.identity.tokens import Identity, SignedIn
from backend.kit.audit import Entry
from backend.kit.problems import Forbidden, Unauthenticated
from backend.kit.session import TenantSession
from backend.kit.tables import link, table_of
from tenants.contacts.models import Person
from tenants.partnerships.models import Partnership, PartnershipState

_MemberT, _PersonT, _HereT, _OutT = (table_of(model) for model in (Membership, Person, Partnership, SignOut))
# Asked by every request, so built once, and of tables: building and hashing a statement costs more than sending it,
# and rows of entities' columns take the ORM twice the time.
_MEMBERSHIP: Any = (  # of more columns than the types of SQLAlchemy can follow
    select(
        _MemberT.c.person_id, _MemberT.c.roles, _MemberT.c.state, _PersonT.c.active,
        func.app.now().label("now"), _HereT.c.state.label("partnership"), _HereT.c.revision,
        select(1)
        .where(
            _OutT.c.tenant_id == _MemberT.c.tenant_id, _OutT.c.person_id == _MemberT.c.person_id,
            _OutT.c.session == bindparam("session", type_=String()),
        )
        .exists()
        .label("signed_out"),
    )
    .select_from(_MemberT)
    .join(_PersonT, link(Membership, "person_id", Person))
    .join(_HereT, _HereT.c.id == _MemberT.c.tenant_id)
    .where(
        _MemberT.c.tenant_id == bindparam("tenant"),
        _MemberT.c.issuer == bindparam("issuer"),
        _MemberT.c.subject == bindparam("subject"),
    )
)  # fmt: skip


class NoEntry(Forbidden):
    """Nobody of this identity may enter any partnership that was meant."""


async def enter(on: AsyncEngine, identity: Identity, slug: str | None) -> Partnership:
    """The partnership this request is for: the one named, or the only one the identity belongs to.

    Raises ``NoEntry`` for none and for one the identity does not belong to (whether or not it
    exists), and ``Forbidden`` for a choice that was not made.
    """
    async with on.connect() as connection:
        rows = await connection.execute(
            select(*Partnership.__table__.c)  # type: ignore[attr-defined]  # SQLModel hides the table
            .join(SignIn, col(SignIn.tenant_id) == col(Partnership.id))
            .where(col(SignIn.issuer) == identity.issuer, col(SignIn.subject) == identity.subject)
            .order_by(col(Partnership.slug))
        )
        mine = [Partnership(**row) for row in rows.mappings()]
    chosen = [p for p in mine if slug is None or p.slug == slug]
    if not chosen:
        raise NoEntry("You are not a member of this partnership.")
    if len(chosen) > 1:
        names = ", ".join(p.slug for p in chosen)
        raise Forbidden(f"You belong to several partnerships: name one in Safeguard-Partnership ({names}).")
    return chosen[0]


async def caller(
    session: TenantSession, identity: Identity, partnership: Partnership, signed_in: SignedIn | None = None
) -> Caller:
    """The caller, from a membership read anew for every request.

    Raises ``Forbidden`` when the membership or the partnership is suspended or the person has left, and
    ``Unauthenticated`` when they were signed out since they signed in.
    """
    values = {
        "tenant": session.tenant_id, "issuer": identity.issuer, "subject": identity.subject,
        "session": signed_in.session if signed_in else None,
    }  # fmt: skip
    row = (await session.execute(_MEMBERSHIP, values)).one_or_none()
    if row is None:
        raise Forbidden("You are not a member of this partnership.")
    if row.state != MembershipState.ACTIVE or not row.active:
        raise Forbidden("Your membership of this partnership is suspended. Ask its administrator.")
    if row.partnership == PartnershipState.SUSPENDED:
        raise Forbidden("This partnership is suspended. Ask its administrator.")
    if row.signed_out:
        raise Unauthenticated("SIGNED_OUT", "You were signed out. Sign in again.")
    session.know_now(row.now)
    session.know_revision(row.revision)
    return Caller(session.tenant_id, partnership.slug, UUID(str(row.person_id)), tuple(row.roles))


async def sign_out(session: TenantSession, person_id: UUID, ended: str, *, by: UUID) -> None:
    """Refuse all tokens of one of a person's sign-ins, named by their ``sid``."""
    now = await session.now()
    row_id = session.append(SignOut, person_id=person_id, session=ended, ordered_by=by, at=now)
    detail = {"person": str(person_id)}
    session.audit_entries.append(Entry("person.signed_out", "sign_out", row_id, by, detail))


async def person_may(session: TenantSession, person_id: UUID, permission: Permission) -> bool:
    """Whether a person, who is not here to be asked, still has the permission: active, and a member in a role."""
    query = (
        select(col(Membership.roles), col(Membership.state), col(Person.active))
        .join(Person, link(Membership, "person_id", Person))
        .where(col(Membership.tenant_id) == session.tenant_id, col(Membership.person_id) == person_id)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None or row.state != MembershipState.ACTIVE or not row.active:
        return False
    return Caller(session.tenant_id, "", person_id, tuple(row.roles)).may(permission)
