"""Decisions: options, reasons always, an authority where one has to agree, and what follows."""

from dataclasses import dataclass
from uuid import UUID

from backend.identity.policies import Caller
from backend.kit.problems import Conflict, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault
from backend.pathways import disagreeing, repository
from backend.pathways.casework_models import DecisionState, PathwayDecision
from backend.pathways.course import Step
from backend.pathways.following import events_of, opened
from backend.pathways.judging import Act, options_of
from backend.pathways.models import ActionKind
from backend.pathways.moments import NOW, MomentTold
from backend.pathways.opening import open_each
from backend.pathways.repository import no_such
from backend.pathways.standing import Standing, entered, step_of
from backend.pathways.taking import finish, take

MOST_REASONS = 10_000


@dataclass(frozen=True, slots=True)
class DecisionTold:
    """The answers to a question of the definition, and why; also why nothing further is done."""

    code: str
    options: tuple[str, ...]
    reasons: str
    moment: MomentTold = NOW


async def decide(
    session: TenantSession, caller: Caller, run_id: UUID, told: DecisionTold, decision_id: UUID, *,
    version: int | None, transaction_id: str,
) -> PathwayDecision:  # fmt: skip
    """Take a decision. Where an authority has to agree it waits, and nothing follows until that is given.

    Raises ``NotFound``, ``Forbidden``, ``Invalid`` for reasons that are missing, ``Conflict`` for a version that has
    moved on, ``Refused`` for whoever may not decide, answers that do not go together, a gate that is shut.
    """
    at = await entered(session, caller, run_id, version=version)
    if fault := text_fault("reasons", told.reasons, MOST_REASONS):
        raise Invalid([fault])
    act = Act(ActionKind.DECIDED, told.code, told.options)
    action = await take(session, at, act, transaction_id, reason=told.reasons, moment=told.moment)
    step = step_of(action)
    row = PathwayDecision(
        tenant_id=session.tenant_id, id=decision_id, run_id=run_id, action_id=action.id, code=told.code,
        options=list(told.options), reasons=told.reasons,
        state=DecisionState.PENDING if step.authority else DecisionState.TAKEN, role=str(action.role),
        decided_by=caller.person_id, decided_at=told.moment.at or at.now, authority_role=step.authority,
    )  # fmt: skip
    session.insert(row)
    await session.flush()
    if step.authority is None:
        await _follow(session, at, row, step, transaction_id)
    await finish(session, at)
    return row


async def answer(
    session: TenantSession, caller: Caller, decision_id: UUID, reasons: str, *, agree: bool,
    version: int | None, transaction_id: str,
) -> PathwayDecision:  # fmt: skip
    """Authorise a decision that waits, which then takes effect, or decline it. Whoever decided does neither agree.

    Raises as ``decide`` does.
    """
    known = await repository.row(session, PathwayDecision, decision_id)
    at = await entered(session, caller, known.run_id, version=version, otherwise=no_such(PathwayDecision))
    await session.refresh(known)
    if fault := text_fault("reasons", reasons, MOST_REASONS):
        raise Invalid([fault])
    if known.state is not DecisionState.PENDING:
        raise Conflict(f"This decision is {known.state.value}; it waits for no authority.")
    kind = ActionKind.AUTHORISED if agree else ActionKind.DECLINED
    action = await take(session, at, Act(kind), transaction_id, reason=reasons, answers_id=known.action_id)
    known.state = DecisionState.TAKEN if agree else DecisionState.DECLINED
    known.authority_by, known.authority_at, known.authority_reasons = caller.person_id, at.now, reasons
    if agree:
        await _follow(session, at, known, step_of(action), transaction_id)
    await finish(session, at)
    return known


async def _follow(session: TenantSession, at: Standing, row: PathwayDecision, step: Step, transaction_id: str) -> None:
    """Start what the answers open, and keep all that followed with the decision."""
    came = await open_each(session, at, opened(at.definition, step), row.id, transaction_id, row.reasons[:1_000])
    chosen = options_of(at.definition, step)
    reopened = await disagreeing.reopen(session, at, transaction_id) if any(one.reopens for one in chosen) else None
    row.follows = {
        "enters": step.enters, "closes": step.closes, **came.kept(),
        "events": [code for code, _ in events_of(at.definition, step)],
        "forms": [code for option in chosen for code in option.forms],
        "notifications": [code for option in chosen for code in option.notifications],
        **({"reopened": reopened} if reopened else {}),
    }  # fmt: skip
