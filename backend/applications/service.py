"""Grants as a partnership's administrators give and take them, and the caller that a grant makes."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from backend.applications import repository
from backend.applications.signing import Bearer
from backend.identity import repository as memberships
from backend.identity.policies import Caller, Permission
from backend.kit.audit import Entry
from backend.kit.problems import Conflict, FieldError, Forbidden, Invalid, Unauthenticated
from backend.kit.session import TenantSession
from tenants.applications import repository as stored
from tenants.applications.models import ApplicationGrant, ApplicationRequest, ApplicationState
from tenants.applications.scopes import SCOPES
from tenants.partnerships.models import Partnership, PartnershipState

OPENS: Final[dict[str, frozenset[Permission]]] = {
    "directory:read": frozenset({Permission.VIEW_DIRECTORY}),
    "directory:write": frozenset({Permission.MANAGE_DIRECTORY}),
    "rotas:read": frozenset({Permission.VIEW_ROTAS}),
    "alerts:read": frozenset({Permission.VIEW_ALERTS}),
    "pathways:read": frozenset({Permission.VIEW_PATHWAYS}),
    "referrals:write": frozenset({Permission.MAKE_REFERRALS}),
}
"""What a scope lets an application do, within the root fields that it opens."""
NOT_GRANTED: Final = (
    "No partnership of this name has granted your application anything. Check Safeguard-Partnership, or ask its"
    " administrator."
)
_REVOKED: Final = "This partnership has revoked what it granted your application. Ask its administrator."


class Revoked(Forbidden):
    """An application asks for what it had here once; its partnership is shown that it did."""


async def grant(
    session: TenantSession, issuer: str, application_id: UUID, scopes: Sequence[str], *, by: Caller
) -> ApplicationGrant:
    """Let an application do what ``scopes`` say, and nothing that was granted before and is not among them.

    It holds from the application's next request on. ``issuer`` is ours, who signs its tokens. Raises
    ``NotFound``, and ``Invalid`` for scopes that there are not or that the application was not registered for.
    """
    by.require(Permission.MANAGE_INTEGRATIONS)
    application = await stored.application(session, application_id)
    wanted = sorted(set(scopes))
    if not wanted or not set(wanted) <= set(application.scopes) & SCOPES.keys():
        possible = ", ".join(code for code in SCOPES if code in application.scopes)
        raise Invalid([FieldError("scopes", f"must be one or more of those the application asks for: {possible}")])
    now = await session.now()
    known = await stored.locked_grant(session, application_id)
    if known is None:
        known = ApplicationGrant(
            tenant_id=session.tenant_id, application_id=application_id, scopes=wanted, granted_by=by.person_id,
            granted_at=now,
        )  # fmt: skip
        session.insert(known)
    else:
        known.scopes, known.granted_by, known.granted_at = wanted, by.person_id, now
        known.revoked_at = known.revoked_by = None
    await session.flush()
    await memberships.route_sign_in(session, issuer, str(application_id))
    _audit(session, "granted", application_id, by, scopes=wanted)
    return known


async def revoke(session: TenantSession, application_id: UUID, *, by: Caller) -> ApplicationGrant:
    """Keep an application out from its next request on, whatever tokens it has; revoking twice is no error.

    Raises ``Conflict`` for one that was never let in.
    """
    by.require(Permission.MANAGE_INTEGRATIONS)
    known = await stored.locked_grant(session, application_id)
    if known is None:
        raise Conflict("This application was never granted anything here.")
    if known.revoked_at is None:
        known.revoked_at, known.revoked_by = await session.now(), by.person_id
        _audit(session, "revoked", application_id, by)
    return known


async def caller(session: TenantSession, bearer: Bearer, partnership: Partnership) -> Caller:
    """The caller that a token makes here, from the grant, the application and the credential as they are now.

    Raises ``Revoked`` once the grant or the application has been taken back, ``Unauthenticated`` once the credential
    has, so that a client with another one gets a token on that, and ``Forbidden`` where there was no grant.
    """
    row = await repository.standing(session, bearer.application_id, bearer.credential_id)
    if row is None:
        raise Forbidden(NOT_GRANTED)
    if row.revoked_at is not None:
        raise Revoked(_REVOKED)
    if row.state != ApplicationState.ACTIVE:
        raise Revoked("This application was suspended. Ask who runs the service.")
    if not row.usable:
        raise Unauthenticated("INVALID_TOKEN", "The credential of this token was revoked. Get another token.")
    if row.partnership == PartnershipState.SUSPENDED:
        raise Forbidden("This partnership is suspended. Ask its administrator.")
    session.know_now(row.now)
    session.know_revision(row.revision)
    scopes = bearer.scopes.intersection(row.scopes, row.most)
    permissions = frozenset[Permission]().union(*(OPENS.get(code, frozenset()) for code in scopes))
    return Caller(
        session.tenant_id, partnership.slug, bearer.application_id, (), application_scopes=scopes,
        permissions=permissions,
    )  # fmt: skip


async def note(
    session: TenantSession, bearer: Bearer, fields: Iterable[str], correlation_id: str, *, refused_as: str | None = None
) -> None:
    """Record that an application asks for root ``fields``: names of the schema, never what was given to them."""
    now = await session.now()
    session.append(
        ApplicationRequest, application_id=bearer.application_id, credential_id=bearer.credential_id, at=now,
        fields=sorted(set(fields)), correlation_id=correlation_id, refused_as=refused_as,
    )  # fmt: skip


def _audit(session: TenantSession, action: str, application_id: UUID, by: Caller, **detail: object) -> None:
    session.audit_entries.append(Entry(f"application.{action}", "application", application_id, by.person_id, detail))
