"""What agencies think of a decision on a level of need. A disagreement is settled as any professional difference.

Working Together 2005 ¶3.27, 4.64. The decision holds meanwhile; what comes of it is another decision.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from backend.cases import service as cases
from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, FieldError, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault, text_faults
from backend.pathways.disagreeing import DIFFERENCES, NO_EDITION
from backend.pathways.editions.stored import effective_of
from backend.pathways.models import RunState
from backend.pathways.opening import EntryTold, OpenedBy, begin, in_force
from backend.pathways.repository import runs_by_id
from backend.pathways.taking import finish
from backend.thresholds import repository
from backend.thresholds.models import ThresholdDecision, ThresholdView
from tenants.contacts import repository as contacts
from tenants.thresholds import repository as editions
from tenants.thresholds.continuum import Continuum

MOST_REASONS: Final = 10_000


@dataclass(frozen=True, slots=True)
class ViewTold:
    """Whether an agency agrees; where not, why, and the level it wants.

    ``agency`` is its code; without one, it is the caller's own.
    """

    agrees: bool
    reasons: str | None = None
    wanted: str | None = None
    agency: str | None = None


async def give(
    session: TenantSession, caller: Caller, decision_id: UUID, told: ViewTold, view_id: UUID, transaction_id: str
) -> ThresholdView:
    """Record what an agency thinks of a decision; a disagreement starts the run in which it is settled.

    Raises ``NotFound``, ``Forbidden``, ``Invalid``, ``Conflict`` for a decision that another has followed, an agency
    that disputes it already, and where there is no edition in force to settle it by.
    """
    decision = await repository.decision(session, decision_id)
    await cases.changeable(session, caller, decision.case_id, otherwise=repository.NO_DECISION)
    agency_id = await _agency(session, caller, told)
    known = (await repository.decisions(session, [decision.case_id], decision.scheme))[decision.case_id]
    if known[-1].id != decision_id:
        raise Conflict("Another decision on the level has followed this one. Look again: it is that one which counts.")
    edition = await editions.edition(session, decision.edition_id)
    if faults := _faults(Continuum.model_validate(edition.content), decision, told):
        raise Invalid(faults)
    run_id = None
    if not told.agrees:
        await _refuse_twice(session, decision_id, agency_id)
        run_id = await _begin_settling(session, caller, decision, str(told.reasons), transaction_id)
    row = ThresholdView(
        tenant_id=session.tenant_id, id=view_id, decision_id=decision_id, agency_id=agency_id, agrees=told.agrees,
        reasons=told.reasons, wanted=told.wanted, run_id=run_id, given_by=caller.person_id,
        given_at=await session.now(),
    )  # fmt: skip
    session.insert(row)
    kind = "threshold.agreed" if told.agrees else "threshold.disagreed"
    await cases.record(session, decision.case_id, kind, caller, decision_id=decision_id, agency_id=agency_id)
    await session.flush()
    return row


async def _agency(session: TenantSession, caller: Caller, told: ViewTold) -> UUID:
    if told.agency is None:
        return (await contacts.people(session, [caller.person_id]))[caller.person_id].agency_id
    found = await contacts.agency_by_code(session, told.agency)
    if found is None:
        raise NotFound("There is no such agency in this partnership.")
    return found.id


def _faults(continuum: Continuum, decision: ThresholdDecision, told: ViewTold) -> list[FieldError]:
    if told.agrees:
        return text_faults(reasons=(told.reasons, MOST_REASONS))
    faults = [fault] if (fault := text_fault("reasons", told.reasons or "", MOST_REASONS)) else []
    levels = [one.code for one in continuum.levels if one.code != decision.level]
    if told.wanted not in levels:
        faults.append(FieldError("wanted", f"name the level that it should be: {', '.join(levels)}"))
    return faults


async def _refuse_twice(session: TenantSession, decision_id: UUID, agency_id: UUID) -> None:
    given = (await repository.views(session, [decision_id])).get(decision_id, [])
    disputing = [row.run_id for row in given if row.agency_id == agency_id and row.run_id is not None]
    runs = await runs_by_id(session, disputing)
    if any(run.state is RunState.OPEN for run in runs.values()):
        raise Conflict("This agency disputes this decision already. Go on with that run.")


async def _begin_settling(
    session: TenantSession, caller: Caller, decision: ThresholdDecision, reasons: str, transaction_id: str
) -> UUID:
    edition = await in_force(session, DIFFERENCES)
    if edition is None:
        raise Conflict(NO_EDITION)
    first = effective_of(edition).definition.entry.criteria[0].id
    told = EntryTold(DIFFERENCES, (first,), reason=reasons[:1_000])
    opened_by = OpenedBy(decision.run_id)
    settling = await begin(session, caller, decision.case_id, edition, told, uuid7(), opened_by, transaction_id)
    await finish(session, settling)
    return settling.run.id
