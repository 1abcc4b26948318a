"""What somebody who was asked to a meeting may not read of it: kept with the reason, and hidden from them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from backend.cases import service as cases
from backend.documents import withholding as documents
from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault
from backend.meetings import repository
from backend.meetings.models import MeetingInvitation, MeetingItem
from backend.meetings.record_models import MeetingMinutes, MeetingPaper, MeetingWithholding
from backend.meetings.standing import Sitting, invitations, items, must_hold, must_list

NONE: Final[Mapping[UUID, Collection[UUID]]] = {}


@dataclass(frozen=True, slots=True)
class WithheldTold:
    """An item that somebody may not read, and why."""

    invitation_id: UUID
    item_id: UUID
    reason: str


async def withhold(session: TenantSession, sitting: Sitting, told: Sequence[WithheldTold], field: str) -> None:
    """Withhold items from now on; one that is withheld already stays as it was recorded.

    Raises ``NotFound`` for invitations and items of other meetings, ``Invalid`` without a reason.
    """
    asked, agenda = await invitations(session, sitting.row), await items(session, sitting.row)
    must_hold(asked, {one.invitation_id for one in told})
    must_list(agenda, {one.item_id for one in told})
    faults = [f for n, one in enumerate(told) if (f := text_fault(f"{field}.{n}.reason", one.reason, 1_000))]
    if any(asked[one.invitation_id].person_id == sitting.row.chair_id is not None for one in told):
        faults.append(FieldError(field, "withholds an item from the chair, who approves the minutes"))
    if faults:
        raise Invalid(faults)
    known = await repository.of_meeting(session, MeetingWithholding, sitting.row.id)
    there = {(row.invitation_id, row.item_id) for row in known}
    for one in told:
        if (one.invitation_id, one.item_id) not in there:
            there.add((one.invitation_id, one.item_id))
            session.append(
                MeetingWithholding, meeting_id=sitting.row.id, invitation_id=one.invitation_id, item_id=one.item_id,
                reason=one.reason, withheld_by=sitting.caller.person_id, withheld_at=sitting.at.now,
            )  # fmt: skip
            await cases.record(session, sitting.row.case_id, "meeting.item_withheld", sitting.caller,
                               meeting=sitting.row.id, invitation=one.invitation_id, item=one.item_id)  # fmt: skip


async def withheld_by_invitation(session: TenantSession, sitting: Sitting) -> dict[UUID, set[UUID]]:
    """The items that are withheld, by invitation."""
    found: dict[UUID, set[UUID]] = {}
    for row in await repository.of_meeting(session, MeetingWithholding, sitting.row.id):
        found.setdefault(row.invitation_id, set()).add(row.item_id)
    return found


async def hide(session: TenantSession, sitting: Sitting, versions: Mapping[UUID, Collection[UUID]] = NONE) -> None:
    """Keep the minutes, and versions of them, from everybody from whom an item is withheld.

    ``versions`` are documents by the invitations that they were made for.
    """
    every = await repository.of_meeting(session, MeetingInvitation, sitting.row.id)
    people = {row.id: row.person_id for row in every}  # also of invitations that were taken back
    minutes = await repository.of_meeting(session, MeetingMinutes, sitting.row.id)
    whole: dict[UUID, Collection[UUID]] = {row.document_id: () for row in minutes}
    for invitation_id in await withheld_by_invitation(session, sitting):
        person_id = people[invitation_id]
        for document_id, made_for in {**versions, **whole}.items():
            if person_id is not None and invitation_id not in made_for:
                await documents.withhold(session, document_id, person_id, by=sitting.caller.person_id)
    await _hide_papers(session, sitting, people)


async def _hide_papers(session: TenantSession, sitting: Sitting, people: Mapping[UUID, UUID | None]) -> None:
    """Keep what was made of the meeting before from those from whom something of it is withheld since."""
    papers = await repository.of_meeting(session, MeetingPaper, sitting.row.id)
    for one in await repository.of_meeting(session, MeetingWithholding, sitting.row.id):
        person_id = people[one.invitation_id]
        for paper in papers:
            if person_id is not None and paper.made_at <= one.withheld_at:
                await documents.withhold(session, paper.document_id, person_id, by=sitting.caller.person_id)


def kept_from(
    person_id: UUID, invited: Iterable[MeetingInvitation], withheld: Iterable[MeetingWithholding]
) -> set[UUID]:
    """The items that a person may not read. Pure."""
    own = {row.id for row in invited if row.person_id == person_id}
    return {row.item_id for row in withheld if row.invitation_id in own}


def readable(agenda: Iterable[MeetingItem], hidden: set[UUID]) -> list[MeetingItem]:
    """The agenda without what is withheld. Pure."""
    return [item for item in agenda if item.id not in hidden]
