"""Who chairs a meeting: chosen when it is called, and anew as people come onto its case and go."""

from collections.abc import Iterable
from uuid import UUID

from backend.cases import service as cases
from backend.cases.people import following
from backend.cases.people.models import CasePractitioner
from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from backend.meetings import repository
from backend.pathways.definitions.records import Meeting as Definition
from backend.pathways.duties import holder
from backend.pathways.standing import Standing, working


def chosen(at: Standing, definition: Definition, chair_id: UUID | None) -> UUID | None:
    """The chair of a meeting that is called. Raises ``Invalid`` for one who does not hold the chair's role."""
    if chair_id is None:
        return holder(definition.chair, at.practitioners)
    if chair_id not in _holders(definition.chair, at.practitioners):
        message = f"must work on the case as {definition.chair}; put them on it in that role first"
        raise Invalid([FieldError("chairId", message)])
    return chair_id


async def follow(session: TenantSession, case_id: UUID) -> None:
    """Give each meeting to come whose chair does not hold the chair's role on the case any more to whoever does.

    So too one that was called while nobody held it; nobody chairs while nobody does. One that was held keeps its
    chair.
    """
    meetings = await repository.to_come_of_case(session, case_id)
    if not meetings:
        return
    at_work = await working(session, case_id)
    for row in meetings:
        stays = row.chair_id in _holders(row.chair_role, at_work)
        chair_id = row.chair_id if stays else holder(row.chair_role, at_work)
        if chair_id != row.chair_id:
            row.chair_id = chair_id
            await cases.record(session, case_id, "meeting.chair_changed", None, meeting=row.id, chair=chair_id)


def _holders(role: str, at_work: Iterable[CasePractitioner]) -> set[UUID]:
    return {one.person_id for one in at_work if one.person_id and one.role.replace("_", "-") == role}


following.follow(follow)
