"""Start a run of a pathway on a case, lay overlays over it, and start what a decision opens."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.cases import service as cases
from backend.cases.access import service as access
from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_faults
from backend.pathways import childrens_dates, repository
from backend.pathways.casework_models import PathwayOverlay
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.entry import Effect
from backend.pathways.definitions.faults import choose
from backend.pathways.definitions.forms_of_work import Kind
from backend.pathways.editions import repository as editions
from backend.pathways.editions.stored import effective_of
from backend.pathways.judging import Act
from backend.pathways.models import ActionKind, PathwayEdition, PathwayRun
from backend.pathways.moments import NOW, MomentTold
from backend.pathways.noting import take_over
from backend.pathways.standing import Standing, standing_of, working
from backend.pathways.taking import confines, finish, take
from notifications.alerts.models import AlarmKind
from notifications.alerts.paging import Trouble
from notifications.alerts.raising import alarm
from tenants.partnerships import repository as partnerships


@dataclass(frozen=True, slots=True)
class EntryTold:
    """Which criteria were found to be met, in which variant of the pathway, why, and when it began.

    ``stage`` is where it begins, if not where these say: what comes before was done elsewhere.
    """

    pathway: str
    criteria: tuple[str, ...] = ()
    variant: str | None = None
    reason: str | None = None
    moment: MomentTold = NOW
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class OpenedBy:
    """What opened a run: another one and, of that, a decision."""

    run_id: UUID | None = None
    decision_id: UUID | None = None


@dataclass(slots=True)
class Opened:
    """What came of the pathways that a decision opens, by how: ids of runs, and codes of those not in force here."""

    started: dict[str, str] = field(default_factory=dict)
    running: dict[str, str] = field(default_factory=dict)
    not_in_force: list[str] = field(default_factory=list)

    def kept(self) -> dict[str, Any]:
        return {"started": self.started, "running": self.running, "not_in_force": self.not_in_force}


async def start(
    session: TenantSession, caller: Caller, case_id: UUID, told: EntryTold, run_id: UUID, transaction_id: str
) -> PathwayRun:
    """Start a run of the edition in force today on a case that the caller may change, and keep why.

    A register's run is one entry, an alert's what follows one call, and there may be several: siblings are each taken
    into police protection.

    Raises ``NotFound``, ``Forbidden``, ``Conflict`` for a pathway that runs on the case already or has no edition in
    force, ``Invalid`` for criteria that do not open it.
    """
    await cases.changeable(session, caller, case_id)
    edition = await in_force(session, told.pathway)
    if edition is None:
        raise Conflict("No edition of this pathway is in force. Ask whoever approves editions in your partnership.")
    definition = effective_of(edition).definition
    if not definition.runs_on_cases:
        raise Invalid([FieldError("pathway", f"is a {definition.kind.value}, which is not started on a case")])
    if not definition.is_of_occasions and any(
        row.pathway == told.pathway for row in await repository.open_runs(session, case_id)
    ):
        raise Conflict("This pathway runs on the case already. Go on with that run.")
    _check_entry(definition, told)
    if confines(definition):
        await confine_to_named(session, caller, case_id)
    at = await begin(session, caller, case_id, edition, told, run_id, OpenedBy(), transaction_id)
    besides = [code for one in definition.entry.criteria if one.id in told.criteria for code in one.opens]
    besides += [code for one in definition.entry.variants if one.id == told.variant for code in one.opens]
    await open_each(session, at, besides, None, transaction_id, told.reason or "")
    await finish(session, at)
    await session.flush()
    return at.run


async def confine_to_named(session: TenantSession, caller: Caller, case_id: UUID) -> None:
    """Keep the case to its owner, to whoever works on it and to the caller; its list may be widened by name."""
    named = {row.person_id for row in await working(session, case_id) if row.person_id is not None}
    await access.confine(session, caller, case_id, named)


async def confined_from_the_start(session: TenantSession, caller: Caller, case_id: UUID, pathway: str) -> None:
    """As ``confine_to_named``, for a case just opened on a pathway whose cases are there for named people alone."""
    edition = await in_force(session, pathway)
    if edition is not None and confines(effective_of(edition).definition):
        await confine_to_named(session, caller, case_id)


async def attach(
    session: TenantSession, at: Standing, pathway: str, reason: str, transaction_id: str, *,
    overlay_id: UUID | None = None, decision_id: UUID | None = None,
) -> PathwayOverlay:  # fmt: skip
    """Lay an overlay over a run. What it adds is a run of its own: it takes nothing from the run it lies on.

    Raises ``Conflict`` for one without an edition in force, ``Refused`` for one that is attached, ``Invalid``.
    """
    faults = text_faults(reason=(reason, 1_000))
    edition = await in_force(session, pathway)
    if faults:
        raise Invalid(faults)
    if edition is None:
        raise Conflict("No edition of this overlay is in force. Ask whoever approves editions in your partnership.")
    definition = effective_of(edition).definition
    if definition.kind is not Kind.OVERLAY or not _fits(definition, at.run.pathway):
        raise Invalid([FieldError("pathway", f"is not laid over {at.run.pathway}")])
    await take(session, at, Act(ActionKind.OVERLAY_ATTACHED, pathway), transaction_id, reason=reason)
    opened_by = OpenedBy(at.run.id, decision_id)
    told = EntryTold(pathway, reason=reason)
    over = await begin(session, at.caller, at.run.case_id, edition, told, uuid7(), opened_by, transaction_id)
    await finish(session, over)
    row = PathwayOverlay(
        tenant_id=session.tenant_id, id=overlay_id or uuid7(), run_id=at.run.id, overlay_run_id=over.run.id,
        pathway=pathway, reason=reason, attached_by=at.by, attached_at=at.now,
    )  # fmt: skip
    session.insert(row)
    return row


async def open_each(
    session: TenantSession, at: Standing, codes: Iterable[str], decision_id: UUID | None, transaction_id: str,
    reason: str,
) -> Opened:  # fmt: skip
    """Start the pathways and attach the overlays that an answer opens.

    What is not in force here is named, and whoever keeps the partnership's set-up is told of it.
    """
    found = Opened()
    running = await _going_on(session, at.run.case_id)
    for code in dict.fromkeys(codes):
        edition = await in_force(session, code)
        if edition is not None and at.caller is not None and confines(effective_of(edition).definition):
            await confine_to_named(session, at.caller, at.run.case_id)
        kind = effective_of(edition).definition.kind if edition else None
        if code in running:
            found.running[code] = str(running[code].id)
        elif edition is not None and effective_of(edition).definition.runs_on_cases:
            told = EntryTold(code, reason=reason)
            opened_by = OpenedBy(at.run.id, decision_id)
            begun = await begin(session, at.caller, at.run.case_id, edition, told, uuid7(), opened_by, transaction_id)
            await finish(session, begun)
            found.started[code] = str(begun.run.id)
        elif kind is Kind.OVERLAY and not at.course.closed and _fits(effective_of(edition).definition, at.run.pathway):  # type: ignore[arg-type]
            overlay = await attach(session, at, code, reason, f"{transaction_id}:{code}", decision_id=decision_id)
            found.started[code] = str(overlay.overlay_run_id)
        else:
            found.not_in_force.append(code)
            if edition is None:
                await alarm_not_in_force(session, code, at.run.case_id, at.now)
    return found


async def alarm_not_in_force(session: TenantSession, code: str, case_id: UUID, now: datetime) -> None:
    """Nobody can follow what a decision opens: it stands, and its clocks do not run. Tell whoever can mend that."""
    await alarm(session, Trouble(AlarmKind.NO_PATHWAY, code), case_id, now, about=code, drill=False)


async def _going_on(session: TenantSession, case_id: UUID) -> dict[str, PathwayRun]:
    """The case's open runs by pathway. An entry, or a call, that has come to its end stands for no later one."""
    found = {}
    for row in await repository.open_runs(session, case_id):
        one = effective_of(await editions.edition(session, row.edition_id)).definition
        if not (one.is_of_occasions and any(stage.id == row.stage and stage.ends for stage in one.stages)):
            found[row.pathway] = row
    return found


async def begin(
    session: TenantSession, caller: Caller | None, case_id: UUID, edition: PathwayEdition, told: EntryTold,
    run_id: UUID, opened_by: OpenedBy, transaction_id: str,
) -> Standing:  # fmt: skip
    """A run in its first stage. What is entered is known to be right; ``finish`` is still to be called."""
    definition = effective_of(edition).definition
    run = PathwayRun(
        tenant_id=session.tenant_id, id=run_id, case_id=case_id, edition_id=edition.id, pathway=edition.pathway,
        kind=edition.kind, variant=told.variant, entry={"criteria": list(told.criteria), "reason": told.reason},
        opened_from_run_id=opened_by.run_id, opened_from_decision_id=opened_by.decision_id,
        opened_at=await session.now(), opened_by=caller.person_id if caller else None,
    )  # fmt: skip
    session.insert(run)
    at = await standing_of(session, caller, run, edition)
    stage = told.stage or first_stage(definition, told.criteria, told.variant)
    act = Act(ActionKind.STARTED, stage, (told.variant,) if told.variant else ())
    await take(session, at, act, transaction_id, reason=told.reason, moment=told.moment)
    await take_over(session, at)
    await childrens_dates.record(session, at)
    return at


def first_stage(definition: Definition, criteria: Iterable[str], variant: str | None) -> str | None:
    """Where a case begins: as its variant or its criteria say, or else in the first stage that is not throughout."""
    chosen: Mapping[str, str | None] = {one.id: one.starts_at for one in definition.entry.criteria}
    variants = {one.id: one.starts_at for one in definition.entry.variants}
    named = [variants.get(variant) if variant else None, *(chosen.get(code) for code in criteria)]
    usual = next((stage.id for stage in definition.stages if not stage.throughout), None)
    return next((stage for stage in named if stage), usual)


async def in_force(session: TenantSession, pathway: str) -> PathwayEdition | None:
    """The edition that a run begun today follows; to be read only, for the process remembers it."""
    day = cases.local_day(await session.now(), (await partnerships.own(session)).zone)
    return await editions.in_force(session, pathway, day)


def _fits(overlay: Definition, pathway: str) -> bool:
    return any(point.any or pathway in point.pathways for point in overlay.attaches_to)


def _check_entry(definition: Definition, told: EntryTold) -> None:
    known = {one.id: one for one in definition.entry.criteria}
    met = [known[code] for code in told.criteria if code in known]
    faults = text_faults(reason=(told.reason, 2_000))
    faults += [
        FieldError("criteria", f"{code} is no criterion of this pathway; {choose(code, known)}")
        for code in told.criteria
        if code not in known
    ]
    faults += [
        FieldError("criteria", f"{one.id} says that the pathway is not for this case")
        for one in met
        if one.effect is Effect.EXCLUDES
    ]
    opening = [one.id for one in known.values() if one.effect in {Effect.OPENS, Effect.CONSIDERED}]
    if opening and not any(one.id in opening for one in met):
        faults.append(FieldError("criteria", f"name at least one that is met: {', '.join(opening)}"))
    faults += [
        FieldError("criteria", f"{one.id} has to be met besides")
        for one in known.values()
        if one.effect is Effect.REQUIRED and one not in met
    ]
    if told.reason is None and not any(one.effect is Effect.OPENS for one in met):
        faults.append(FieldError("reason", "say why the pathway is opened"))
    variants = [one.id for one in definition.entry.variants]
    if told.variant is not None and told.variant not in variants:
        faults.append(FieldError("variant", f"is no variant of this pathway; {choose(told.variant, variants)}"))
    if faults:
        raise Invalid(faults)
