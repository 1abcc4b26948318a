"""Who may see a case, who may change it, and what of it stays masked. Pure.

``may_see`` decides on one case; ``backend.cases.access.repository.visible`` is the same decision as a
fragment of a query, for lists, counts and searches. A property test holds the two together.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from typing import Final

from backend.identity.policies import ROLES, Caller, Permission


class Scope(IntEnum):
    """How far a role's verbs on cases reach; each scope holds those under it."""

    SELF = 1
    TEAM = 2
    AGENCY = 3
    PARTNERSHIP = 4


REACH: Final[dict[str, Scope]] = {
    "clinician": Scope.AGENCY,
    "practitioner": Scope.SELF,
    "team_manager": Scope.TEAM,
    "agency_lead": Scope.AGENCY,
    # Called out across agencies at any hour, or answerable for all of them.
    "paediatrician": Scope.PARTNERSHIP,
    "designated_doctor": Scope.PARTNERSHIP,
    "sio": Scope.PARTNERSHIP,
    "detective_superintendent": Scope.PARTNERSHIP,
    "social_worker": Scope.PARTNERSHIP,
    "cdop_manager": Scope.PARTNERSHIP,
    "designated_manager": Scope.PARTNERSHIP,
    "duty_manager": Scope.PARTNERSHIP,
}
"""By role; a role that is not named here reaches the person's own cases alone."""


@dataclass(frozen=True, slots=True)
class Ties:
    """What ties one person to one case at one instant.

    ``barred``: the case is about them, which comes before all that follows. ``listed``: on the case's own list.
    ``emergency``: broke the glass, and the time has not run out.
    ``own``: opened it, owns it, or works on it. ``of_team`` and ``of_agency``: a team of theirs holds it;
    their agency holds it, opened it or has somebody working on it.
    """

    barred: bool
    restricted: bool
    listed: bool
    emergency: bool
    own: bool
    of_team: bool
    of_agency: bool


OPENED_JUST_NOW: Final = Ties(
    barred=False, restricted=False, listed=False, emergency=False, own=True, of_team=False, of_agency=False
)
"""The ties of whoever has opened a case in this very transaction."""


def reach(caller: Caller) -> Scope | None:
    """The widest scope in which the caller may see cases; None for nobody's who may see none."""
    seeing = [role for role in caller.roles if Permission.VIEW_CASES in ROLES.get(role, frozenset())]
    return max((REACH.get(role, Scope.SELF) for role in seeing), default=None)


def may_see(case: Ties, caller: Caller) -> bool:
    """Whether the case is there for the caller at all.

    A restricted case is there for its list and for who has broken the glass, whatever anybody's role. To whom it
    is about it is not there, whatever else lets them in.
    """
    scope = reach(caller)
    if scope is None or case.barred:
        return False
    if case.listed or case.emergency:
        return True
    if case.restricted:
        return False
    by_team = case.of_team and scope >= Scope.TEAM
    by_agency = case.of_agency and scope >= Scope.AGENCY
    return case.own or by_team or by_agency or scope is Scope.PARTNERSHIP


def may_change(case: Ties, caller: Caller, needs: Permission = Permission.EDIT_CASES) -> bool:
    """Whether the caller may add to the case. Who sees it by breaking the glass alone may only read."""
    return caller.may(needs) and may_see(replace(case, emergency=False), caller)


class Mask(StrEnum):
    """Why something is withheld."""

    PUBLIC_REFERRER = "public_referrer"
    ACCUSER = "accuser"
    WHISTLEBLOWER = "whistleblower"
    HIDDEN_ADDRESS = "hidden_address"


class PartyRole(StrEnum):
    """What somebody is to a case. A professional referrer is never anonymous; a member of the public may be."""

    PARENT = "parent"
    CARER = "carer"
    RELATIVE = "relative"
    HOUSEHOLD_MEMBER = "household_member"
    PUBLIC_REFERRER = "public_referrer"
    PROFESSIONAL_REFERRER = "professional_referrer"
    ALLEGED_PERSON = "alleged_person"
    ACCUSER = "accuser"
    WHISTLEBLOWER = "whistleblower"
    VICTIM = "victim"
    WITNESS = "witness"
    OTHER = "other"


_MASKED: Final = {
    PartyRole.WHISTLEBLOWER: Mask.WHISTLEBLOWER,
    PartyRole.ACCUSER: Mask.ACCUSER,
    PartyRole.PUBLIC_REFERRER: Mask.PUBLIC_REFERRER,
}


def identity_mask(roles: Collection[PartyRole], caller: Caller) -> Mask | None:
    """Why a party's identity is withheld from the caller: name, ways to reach them, everything told of them."""
    if caller.may(Permission.SEE_PROTECTED_IDENTITIES):
        return None
    return next((mask for role, mask in _MASKED.items() if role in roles), None)


def address_mask(*, hidden: bool, caller: Caller) -> Mask | None:
    """Why an address is withheld from the caller."""
    return Mask.HIDDEN_ADDRESS if hidden and not caller.may(Permission.SEE_HIDDEN_ADDRESSES) else None
