"""Disagree with a decision: a run of the pathway for professional differences on the same case, and what comes of it.

Working Together 2005 ¶3.27, 4.64. The decision stays in force meanwhile, unless its definition suspends it.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from backend.cases import service as cases
from backend.identity.policies import Caller, Permission
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault
from backend.pathways import repository
from backend.pathways.casework_models import DecisionState, PathwayDecision, PathwayDisagreement
from backend.pathways.definitions.definition import Definition
from backend.pathways.editions.stored import effective_of
from backend.pathways.judging import Act
from backend.pathways.models import ActionKind, PathwayRun, RunState
from backend.pathways.opening import EntryTold, OpenedBy, begin, in_force
from backend.pathways.repository import no_such
from backend.pathways.standing import Standing, entered, standing_of
from backend.pathways.taking import finish, take

DIFFERENCES: Final = "professional-differences"
MOST_REASONS: Final = 10_000
NO_EDITION: Final = (
    "No edition of professional-differences is in force. Ask whoever approves editions in your partnership."
)


@dataclass(frozen=True, slots=True)
class DisagreementTold:
    """Why somebody disagrees, and what should come of it instead. ``person_id`` None is the caller."""

    reasons: str
    wanted: str
    person_id: UUID | None = None


async def disagree(
    session: TenantSession, caller: Caller, decision_id: UUID, told: DisagreementTold, disagreement_id: UUID,
    transaction_id: str,
) -> PathwayDisagreement:  # fmt: skip
    """Record that somebody of the case disagrees with a decision, and start the run in which it is settled.

    Whoever works on the case may say so, whether or not their role lets them change cases: a clinician who referred
    a child may hold that too little is done.

    Raises ``NotFound``, ``Forbidden``, ``Invalid`` for the texts and for somebody who does not work on the case,
    ``Conflict`` for a decision that was declined, one that the same person disputes already, and where the
    partnership has no edition in force.
    """
    decision = await repository.row(session, PathwayDecision, decision_id)
    at = await entered(
        session, caller, decision.run_id, needs=Permission.VIEW_CASES, otherwise=no_such(PathwayDecision)
    )
    working = {row.person_id for row in at.practitioners}
    person_id = told.person_id or caller.person_id
    if caller.person_id not in working or person_id != caller.person_id:
        caller.require(Permission.EDIT_CASES)
    await session.refresh(decision)
    faults = [text_fault(field, text, MOST_REASONS) for field, text in _texts(told)]
    await cases.known(session, [person_id])
    if told.person_id is not None and told.person_id not in working:
        faults.append(FieldError("personId", "must be somebody who works on the case"))
    if found := [fault for fault in faults if fault is not None]:
        raise Invalid(found)
    if decision.state is DecisionState.DECLINED:
        raise Conflict("This decision was declined, and has no effect to disagree with.")
    await _refuse_twice(session, decision_id, person_id)
    edition = await in_force(session, DIFFERENCES)
    if edition is None:
        raise Conflict(NO_EDITION)
    opened = EntryTold(DIFFERENCES, _criteria(effective_of(edition).definition), reason=told.reasons[:1_000])
    by = OpenedBy(at.run.id, decision_id)
    settling = await begin(session, caller, at.run.case_id, edition, opened, uuid7(), by, transaction_id)
    row = PathwayDisagreement(
        tenant_id=session.tenant_id, id=disagreement_id, case_id=at.run.case_id, decision_id=decision_id,
        run_id=settling.run.id, person_id=person_id, reasons=told.reasons, wanted=told.wanted,
        suspends=_suspends(at.definition, decision.code), raised_by=caller.person_id, raised_at=at.now,
    )  # fmt: skip
    session.insert(row)
    await finish(session, settling)
    await cases.record(session, at.run.case_id, "pathway.disagreed", caller, decision=decision_id, run=settling.run.id,
                       disagreement=disagreement_id)  # fmt: skip
    return row


def _texts(told: DisagreementTold) -> list[tuple[str, str]]:
    return [("reasons", told.reasons), ("wanted", told.wanted)]


async def _refuse_twice(session: TenantSession, decision_id: UUID, person_id: UUID) -> None:
    known = (await repository.disagreements(session, [decision_id])).get(decision_id, [])
    runs = await repository.runs_by_id(session, [row.run_id for row in known])
    if any(row.person_id == person_id and runs[row.run_id].state is RunState.OPEN for row in known):
        raise Conflict("This person disputes this decision already. Go on with that run.")


def _criteria(definition: Definition) -> tuple[str, ...]:
    """The criterion by which any disagreement opens the pathway: its first."""
    return (definition.entry.criteria[0].id,)


def _suspends(definition: Definition, code: str) -> bool:
    return any(one.id == code and one.suspended_by_disagreement for one in definition.decisions)


async def reopen(session: TenantSession, at: Standing, transaction_id: str) -> str | None:
    """Let the decision that a run was to settle be taken anew, wherever its own run stands by now.

    Gives its code, or None where that run has ended: then what follows is begun anew by hand.
    """
    row = (await repository.settled_in(session, [at.run.id])).get(at.run.id)
    if row is None:
        return None
    decision = await repository.row(session, PathwayDecision, row.decision_id)
    disputed: PathwayRun = await repository.locked(session, decision.run_id)
    if disputed.state is RunState.CLOSED:
        return None
    there = await standing_of(session, at.caller, disputed)
    await take(session, there, Act(ActionKind.DECISION_REOPENED, decision.code), f"{transaction_id}:reopened")
    await finish(session, there)
    return decision.code


async def outcomes(session: TenantSession, rows: list[PathwayDisagreement]) -> dict[UUID, PathwayDecision]:
    """By disagreement, the decision with which its run has ended."""
    runs = await repository.runs_by_id(session, [row.run_id for row in rows])
    taken = await repository.of_runs(session, PathwayDecision, list(runs))
    found: dict[UUID, PathwayDecision] = {}
    for row in rows:
        ended = [one for one in taken.get(row.run_id, []) if one.state is DecisionState.TAKEN]
        if runs[row.run_id].state is RunState.CLOSED and ended:
            found[row.id] = ended[-1]
    return found
