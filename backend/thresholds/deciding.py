"""Decide a case's level of need: what the criteria suggest is shown, a person decides and says why.

Need is never settled for good: each decision follows the one before it, up or down (Working Together 2005 ¶3.13
leaves the levels to the board, and the decision to people).
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from backend.cases import service as cases
from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, FieldError, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault, text_faults
from backend.pathways import opening
from backend.pathways import repository as runs
from backend.pathways.definitions.entry import Effect
from backend.pathways.definitions.faults import choose
from backend.pathways.editions.stored import effective_of
from backend.pathways.opening import EntryTold
from backend.thresholds import repository
from backend.thresholds.models import Direction, ThresholdDecision
from backend.thresholds.observing import going_by, suggestion
from tenants.thresholds.continuum import PARTNERSHIP, Continuum, Level
from tenants.thresholds.evaluation import Suggestion

MOST_REASONS: Final = 10_000


@dataclass(frozen=True, slots=True)
class DecisionTold:
    """A level, and why. ``earlier_help`` is what was done before, where a step up asks for it.

    ``previous_id`` is the decision that the person knew as the last one; ``open`` names the pathways to start of
    those that the criteria open.
    """

    level: str
    reasons: str
    scheme: str = PARTNERSHIP
    earlier_help: str | None = None
    previous_id: UUID | None = None
    open: tuple[str, ...] = ()
    run_id: UUID | None = None


async def decide(
    session: TenantSession, caller: Caller, case_id: UUID, told: DecisionTold, decision_id: UUID, transaction_id: str
) -> ThresholdDecision:
    """Record a decision, with what the criteria suggested at that moment, and start the pathways that were chosen.

    Raises ``NotFound``, ``Forbidden``, ``Conflict`` where another decision was taken since or no edition is in
    force, ``Invalid`` with every fault.
    """
    case = await cases.changeable(session, caller, case_id)
    at = await going_by(session, told.scheme)
    found = await suggestion(session, case_id, at)
    known = (await repository.decisions(session, [case_id], told.scheme)).get(case_id, [])
    last = known[-1] if known else None
    if told.run_id is not None and (await runs.run(session, told.run_id)).case_id != case_id:
        raise NotFound(runs.NO_RUN)
    if told.previous_id is not None and told.previous_id not in {row.id for row in known}:
        raise NotFound(repository.NO_DECISION)
    if told.previous_id != (last.id if last else None):
        raise Conflict("Another decision on the level was taken since you looked. Look again, then decide.")
    direction = _direction(at.continuum, last, told.level)
    if faults := _faults(at.continuum, found, last, direction, told):
        raise Invalid(faults)
    row = ThresholdDecision(
        tenant_id=session.tenant_id, id=decision_id, case_id=case_id, edition_id=at.edition_id, scheme=told.scheme,
        level=told.level, suggested=found.level, direction=direction, reasons=told.reasons,
        earlier_help=told.earlier_help, grounds=grounds(found), opened={}, previous_id=told.previous_id,
        run_id=told.run_id, area_id=case.area_id, decided_by=caller.person_id, decided_at=await session.now(),
    )  # fmt: skip
    row.opened = await _open(session, caller, case_id, found, told, transaction_id)
    session.insert(row)
    await cases.record(session, case_id, "threshold.decided", caller, decision_id=decision_id, level=told.level,
                       suggested=found.level, direction=direction.value)  # fmt: skip
    await session.flush()
    return row


def grounds(found: Suggestion) -> list[dict[str, Any]]:
    """The reasons of a suggestion as they are kept: criteria in words, and the ids of what meets them."""
    return [
        {"criterion": one.criterion.code, "text": one.criterion.text, "citation": one.criterion.citation,
         "suggests": one.criterion.suggests, "child_id": str(one.child_id),
         "because": [str(each) for each in one.because],
         "opens": [each.pathway for each in one.criterion.opens]}
        for one in found.met
    ]  # fmt: skip


def _direction(continuum: Continuum, last: ThresholdDecision | None, level: str) -> Direction:
    if last is None:
        return Direction.FIRST
    before, now = continuum.level(last.level), continuum.level(level)
    if before is None or now is None:
        return Direction.REPLACED
    return _between(continuum.rank(before.code), continuum.rank(now.code))


def _between(before: int, now: int) -> Direction:
    if now == before:
        return Direction.SAME
    return Direction.UP if now > before else Direction.DOWN


def _faults(
    continuum: Continuum, found: Suggestion, last: ThresholdDecision | None, direction: Direction, told: DecisionTold
) -> list[FieldError]:
    faults = text_faults(earlierHelp=(told.earlier_help, MOST_REASONS))
    if fault := text_fault("reasons", told.reasons, MOST_REASONS):
        faults.append(fault)
    level = continuum.level(told.level)
    if level is None:
        known = [one.code for one in continuum.levels]
        remedy = choose(told.level, known) if known else f"the levels are not set: {continuum.unset}"
        faults.append(FieldError("level", f"is no level of this document; {remedy}"))
    elif direction is Direction.UP and last is not None and told.earlier_help is None and _asks(level, found):
        faults.append(FieldError("earlierHelp", f"{level.step_up.asks if level.step_up else ''}"))
    offered = {each.pathway for one in found.met for each in one.criterion.opens}
    faults += [
        FieldError("open", f"{code} is opened by no criterion that is met; {choose(code, offered)}")
        for code in told.open
        if code not in offered
    ]
    return faults


def _asks(level: Level, found: Suggestion) -> bool:
    """Whether a step up to the level has to say what help was given before."""
    return level.step_up is not None and not found.standing & set(level.step_up.unless)


async def _open(
    session: TenantSession, caller: Caller, case_id: UUID, found: Suggestion, told: DecisionTold, transaction_id: str
) -> dict[str, Any]:
    """Start each chosen pathway by the criterion that is met; say which ran already and which are not in force."""
    kept: dict[str, Any] = {"started": {}, "running": {}, "not_in_force": []}
    for code in dict.fromkeys(told.open):
        met = [each.criterion for one in found.met for each in one.criterion.opens if each.pathway == code]
        running = {row.pathway: row for row in await runs.open_runs(session, case_id)}
        edition = await opening.in_force(session, code)
        if code in running:
            kept["running"][code] = str(running[code].id)
        elif edition is None:
            kept["not_in_force"].append(code)
            await opening.alarm_not_in_force(session, code, case_id, await session.now())
        else:
            criteria = effective_of(edition).definition.entry.criteria
            named = [one for one in met if one is not None and one in {each.id for each in criteria}]
            usual = [one.id for one in criteria if one.effect in {Effect.OPENS, Effect.CONSIDERED}][:1]
            entry = EntryTold(code, tuple(dict.fromkeys(named)) or tuple(usual), reason=told.reasons[:2_000])
            run = await opening.start(session, caller, case_id, entry, uuid7(), f"{transaction_id}:{code}")
            kept["started"][code] = str(run.id)
    return kept
