"""The one way into a meeting that somebody may change: seen, its run and itself locked, at the version they know."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from backend.cases import service as cases
from backend.identity.policies import Caller, Permission
from backend.kit.problems import Conflict, NotFound
from backend.kit.session import TenantSession
from backend.meetings import repository
from backend.meetings.models import TO_COME, Meeting, MeetingInvitation, MeetingItem
from backend.meetings.record_models import MeetingAttendance, MeetingRemoval
from backend.meetings.repository import NO_INVITATION, NO_ITEM, NO_MEETING
from backend.pathways.definitions.records import Meeting as Definition
from backend.pathways.editions import repository as editions
from backend.pathways.editions.stored import effective_of
from backend.pathways.judging import Act, in_role
from backend.pathways.models import ActionKind
from backend.pathways.standing import Standing
from backend.pathways.standing import entered as entered_run


@dataclass
class Sitting:
    """A locked meeting with its definition, the standing of its run, and who acts."""

    caller: Caller
    at: Standing
    row: Meeting
    definition: Definition

    def as_role(self, roles: tuple[str, ...], to_do: str) -> str:
        """The first of ``roles`` that the caller holds; as chair, the chair's. Raises ``Refused``."""
        if self.row.chair_id == self.caller.person_id and self.row.chair_role in roles:
            return self.row.chair_role
        return in_role(Act(ActionKind.MEETING_HELD, roles=self.at.roles), roles, to_do)

    def refuse_unless_at(self, version: int) -> None:
        """Raises ``Conflict`` for a meeting that has changed since. Asked once every id of the input is known."""
        if self.row.version != version:
            message = f"The meeting has changed since you looked; it is at version {self.row.version} now."
            raise Conflict(f"{message} Look again.")

    @property
    def keepers(self) -> tuple[str, ...]:
        """The roles that call, chair and minute it."""
        minuted = (self.definition.minutes.by,) if self.definition.minutes else ()
        return tuple(dict.fromkeys((self.row.chair_role, self.definition.called_by, *minuted)))


async def entered(session: TenantSession, caller: Caller, meeting_id: UUID, *, otherwise: str = NO_MEETING) -> Sitting:
    """The meeting for a caller who may hold meetings in its case.

    Raises ``NotFound`` in the words of ``otherwise`` for what is not there for the caller, ``Forbidden``, and
    ``Conflict`` for a closed case.
    """
    caller.require(Permission.HOLD_MEETINGS)
    known = await repository.meeting(session, meeting_id, otherwise=otherwise)
    at = await entered_run(session, caller, known.run_id, otherwise=otherwise)
    row = await repository.locked(session, meeting_id)
    return Sitting(caller, at, row, await definition_of(session, row))


async def definition_of(session: TenantSession, row: Meeting) -> Definition:
    """The meeting as the edition it was called under describes it."""
    one = effective_of(await editions.edition(session, row.edition_id))
    return next(each for each in one.definition.meetings if each.id == row.code)


async def seen(session: TenantSession, caller: Caller, meeting_id: UUID, *, otherwise: str = NO_MEETING) -> Meeting:
    """The meeting, for a caller who may see its case. Raises ``NotFound``."""
    row = await repository.meeting(session, meeting_id, otherwise=otherwise)
    await cases.seen(session, caller, row.case_id, otherwise=otherwise)
    return row


def refuse_unless_to_come(row: Meeting) -> None:
    """Raises ``Conflict`` for a meeting that was held or cancelled."""
    if row.state not in TO_COME:
        raise Conflict(f"This meeting is {row.state.value} already. Call another one if it is needed.")


async def invitations(session: TenantSession, row: Meeting) -> dict[UUID, MeetingInvitation]:
    """The invitations that stand: those that were taken back are not among them."""
    taken = {each.invitation_id for each in await repository.of_meeting(session, MeetingRemoval, row.id)}
    asked = await repository.of_meeting(session, MeetingInvitation, row.id)
    return {each.id: each for each in asked if each.id not in taken}


async def items(session: TenantSession, row: Meeting) -> dict[UUID, MeetingItem]:
    return {each.id: each for each in await repository.of_meeting(session, MeetingItem, row.id)}


async def attendances(session: TenantSession, row: Meeting) -> list[MeetingAttendance]:
    """Whether each who was asked came, by what holds now."""
    return list(latest(await repository.of_meeting(session, MeetingAttendance, row.id)).values())


def latest(rows: Iterable[MeetingAttendance]) -> dict[UUID, MeetingAttendance]:
    """What holds of each invitation: the latest of it, by invitation. Pure."""
    return {row.invitation_id: row for row in sorted(rows, key=lambda row: (row.recorded_at, row.id))}


def must_hold(known: dict[UUID, MeetingInvitation], wanted: set[UUID]) -> None:
    """Raises ``NotFound`` when an invitation is not one to this meeting."""
    if not wanted <= known.keys():
        raise NotFound(NO_INVITATION)


def must_list(known: dict[UUID, MeetingItem], wanted: set[UUID]) -> None:
    """Raises ``NotFound`` when an item is not on this meeting's agenda."""
    if not wanted <= known.keys():
        raise NotFound(NO_ITEM)
