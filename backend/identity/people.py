"""Who belongs to the partnership, and what they may do there: kept by its administrator."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from backend.identity import repository
from backend.identity.models import Membership, MembershipState
from backend.identity.policies import ROLES, Caller
from backend.kit.audit import Entry
from backend.kit.problems import Conflict, FieldError, Forbidden, Invalid
from backend.kit.session import TenantSession
from backend.kit.settings import settings
from notifications.alerts import leaving as alerts
from notifications.rotas import leaving as rotas
from tenants.contacts import people
from tenants.contacts import people_repository as contacts
from tenants.contacts.models import Person

ADMINISTRATOR: Final = "administrator"
_LONGEST_SUBJECT: Final = 200
_OWN: Final = "Nobody changes what they may do themselves. Ask another administrator."
_LAST: Final = "This is the partnership's last administrator. Give somebody else the role first."


async def set_membership(
    session: TenantSession, person_id: UUID, *, subject: str, roles: Sequence[str], active: bool, by: Caller
) -> Membership:
    """Say by which identity a person signs in and what roles they have; ``active`` false keeps them out.

    The change holds from their next request on. Raises ``NotFound``; ``Forbidden`` for one's own;
    ``Invalid`` for a role or an identity that cannot be; ``Conflict`` for an identity that is somebody
    else's, for somebody who has left, and when no administrator would be left.
    """
    if person_id == by.person_id:
        raise Forbidden(_OWN)
    _check(subject, roles)
    await repository.alone_with_memberships(session)
    person = await contacts.locked_person(session, person_id)
    if not person.active:
        raise Conflict("This person has left the partnership. Mark them as back first.")
    issuer = settings().oidc_issuer
    taken = await repository.by_identity(session, issuer, subject)
    if taken is not None and taken.person_id != person_id:
        raise Conflict("This identity belongs to somebody else of the partnership.")
    wanted = sorted(set(roles))
    state = MembershipState.ACTIVE if active else MembershipState.SUSPENDED
    known = await repository.membership(session, person_id)
    if known is not None and not (active and ADMINISTRATOR in wanted):
        await _keep_an_administrator(session, person_id)
    if known is None:
        known = Membership(tenant_id=session.tenant_id, person_id=person_id, issuer=issuer, subject=subject,
                           roles=wanted, state=state)  # fmt: skip
        session.insert(known)
    else:
        known.issuer, known.subject, known.roles, known.state = issuer, subject, wanted, state
    await session.flush()
    await repository.route_sign_in(session, issuer, subject)
    detail = {"roles": wanted, "state": state.value}
    session.audit_entries.append(Entry("membership.set", "person", person_id, by.person_id, detail))
    await people.follow(session)
    return known


async def leave(session: TenantSession, person_id: UUID, reason: str, *, by: Caller) -> Person:
    """Mark somebody as having left: they are kept out, off every rota and called no more, from this moment on.

    Their turns ahead fall to a lower layer, to the role for uncovered hours, or become warnings; alerts that
    wait for them go on to whoever is next. Nothing of the past changes. Raises ``NotFound``, ``Forbidden`` for
    oneself, ``Conflict`` for somebody who has left already and for the last administrator.
    """
    if person_id == by.person_id:
        raise Forbidden("You cannot mark yourself as having left. Ask another administrator.")
    await repository.alone_with_memberships(session)
    person = await contacts.locked_person(session, person_id)
    if not person.active:
        raise Conflict("This person has left already.")
    await _keep_an_administrator(session, person_id)
    await people.set_active(session, person, active=False, by=by.person_id)
    known = await repository.membership(session, person_id)
    if known is not None:
        known.state = MembershipState.SUSPENDED
    await rotas.leave_for_good(session, person_id, by=by.person_id, reason=reason)
    await alerts.move_on(session, person_id, by=by.person_id)
    return person


async def come_back(session: TenantSession, person_id: UUID, *, by: Caller) -> Person:
    """Mark somebody who had left as back. They take the turns that rules still give them, and cannot sign in yet.

    What they may do is given anew with ``set_membership``. Raises ``NotFound``, ``Conflict``.
    """
    person = await contacts.locked_person(session, person_id)
    if person.active:
        raise Conflict("This person has not left.")
    await people.set_active(session, person, active=True, by=by.person_id)
    await rotas.come_back(session, person_id, by=by.person_id)
    return person


def _check(subject: str, roles: Sequence[str]) -> None:
    faults = []
    if not subject.strip() or len(subject) > _LONGEST_SUBJECT or not subject.isprintable():
        faults.append(
            FieldError("subject", f"must be 1 to {_LONGEST_SUBJECT} characters, as the identity provider has it")
        )
    if not roles or not set(roles) <= ROLES.keys():
        faults.append(FieldError("roles", f"must be one or more of {', '.join(sorted(ROLES))}"))
    if faults:
        raise Invalid(faults)


async def _keep_an_administrator(session: TenantSession, person_id: UUID) -> None:
    """Raise ``Conflict`` when the person is the only administrator who can sign in."""
    if await repository.members_with(session, ADMINISTRATOR) == {person_id}:
        raise Conflict(_LAST)
