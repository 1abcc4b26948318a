"""The one way into a run that somebody may change: seen, locked, at the version they know."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from backend.cases import service as cases
from backend.cases.models import CaseFile
from backend.cases.people import repository as people
from backend.cases.people.models import CasePractitioner
from backend.identity.policies import Caller, Permission
from backend.kit.problems import Conflict
from backend.kit.session import TenantSession
from backend.pathways import repository
from backend.pathways.course import Course, Step, course_of
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.effective import Effective
from backend.pathways.editions import repository as editions
from backend.pathways.editions.stored import effective_of
from backend.pathways.models import PathwayAction, PathwayEdition, PathwayRun
from backend.pathways.repository import NO_RUN


@dataclass
class Standing:
    """A locked run with its definition and course, the person who acts in it, and when. Without one, time acts."""

    caller: Caller | None
    run: PathwayRun
    edition: PathwayEdition
    one: Effective
    course: Course
    practitioners: list[CasePractitioner]
    now: datetime
    transactions: set[str] = field(default_factory=set)
    touched: dict[UUID, PathwayRun] = field(default_factory=dict)
    """Other runs of the case to which an event was passed on."""
    ended: dict[UUID, PathwayRun] = field(default_factory=dict)
    """Those of them, locked, that end with it."""

    @property
    def definition(self) -> Definition:
        return self.one.definition

    @property
    def by(self) -> UUID | None:
        return self.caller.person_id if self.caller is not None else None

    @property
    def roles(self) -> frozenset[str]:
        return roles_of(self.caller, self.practitioners) if self.caller is not None else frozenset()


def roles_of(caller: Caller, practitioners: Iterable[CasePractitioner]) -> frozenset[str]:
    """The roles somebody holds in a case: those they work on it in, and those of their membership."""
    worked = {row.role for row in practitioners if row.person_id == caller.person_id}
    return frozenset(role.replace("_", "-") for role in (*worked, *caller.roles))


async def working(session: TenantSession, case_id: UUID) -> list[CasePractitioner]:
    """Who works on the case now, first to last."""
    if session.is_new(CaseFile, case_id):
        found = [row for row in session.inserted(CasePractitioner) if row.case_id == case_id]
    else:
        await session.flush()
        found = (await people.practitioners(session, [case_id])).get(case_id, [])
    return [row for row in found if row.to_at is None]


async def entered(
    session: TenantSession, caller: Caller, run_id: UUID, *, version: int | None = None,
    needs: Permission = Permission.EDIT_CASES, otherwise: str = NO_RUN,
) -> Standing:  # fmt: skip
    """The run, locked, for a caller who may add to its case.

    Raises ``NotFound`` in the words of ``otherwise`` for what is not there for the caller, ``Forbidden`` for
    whoever may only read the case, ``Conflict`` for a closed case or a run that is no longer at ``version``.
    """
    known = await repository.run(session, run_id)
    await cases.changeable(session, caller, known.case_id, needs=needs, otherwise=otherwise)
    run = await repository.locked(session, run_id)
    if version is not None and run.version != version:
        raise Conflict(f"The run has moved on to version {run.version} since you looked. Look again, then decide.")
    return await standing_of(session, caller, run)


async def standing_of(
    session: TenantSession, caller: Caller | None, run: PathwayRun, edition: PathwayEdition | None = None
) -> Standing:
    """The standing of a run that is locked, or new; ``edition`` is the run's where it is at hand.

    Without a caller for what time does.
    """
    edition = edition or await editions.edition(session, run.edition_id)
    taken = await repository.actions(session, run.id)
    return Standing(
        caller, run, edition, effective_of(edition), course_of(step_of(row) for row in taken),
        await working(session, run.case_id), await session.now(), {row.transaction_id for row in taken},
    )  # fmt: skip


def step_of(row: PathwayAction) -> Step:
    """The step that an action is."""
    return Step.read(row.kind, {**row.detail, "role": row.role, "person": str(row.acted_by) if row.acted_by else None})


async def seen_run(session: TenantSession, caller: Caller, run_id: UUID) -> tuple[PathwayRun, CaseFile]:
    """The run and its case, for a caller who may see the case. Raises ``NotFound``."""
    found = await repository.run(session, run_id)
    return found, await cases.seen(session, caller, found.case_id, otherwise=NO_RUN)
