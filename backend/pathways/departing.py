"""Departures from procedure: acknowledged, authorised by a manager, with reasons (Hertfordshire manual 2006 ¶1.2.2)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from backend.cases import service as cases
from backend.identity.policies import Caller, Permission
from backend.kit.problems import Conflict, FieldError, Forbidden, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault, text_faults
from backend.pathways import duties, repository
from backend.pathways.casework_models import DepartureState, PathwayDeparture, PathwayTask, TaskKind, TaskState
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.faults import choose
from backend.pathways.judging import Act
from backend.pathways.models import ActionKind, PathwayEdition
from backend.pathways.repository import no_such
from backend.pathways.standing import Standing, entered
from backend.pathways.taking import finish, take
from tenants.procedures import drafting, links
from tenants.procedures import repository as procedures
from tenants.procedures.citing import Cited
from tenants.procedures.links import Asked

# What may be departed from, by the section of the definition that it stands in.
SUBJECTS: Final = {
    "obligation": "obligations", "clock": "clocks", "gate": "gates", "prohibition": "prohibitions",
    "meeting": "meetings", "notification": "notifications", "sign-off": "sign_offs", "stage": "stages",
    "form": "forms",
}  # fmt: skip
AUTHORISES: Final = "departure-authorised"
"""The sign-off by which a definition names who authorises departures."""


@dataclass(frozen=True, slots=True)
class DepartureTold:
    """From what of the definition is departed, what is done instead, and why. ``provision`` narrows the citation."""

    subject_kind: str
    subject_code: str
    instead: str
    reasons: str
    provision: str | None = None


async def acknowledge(
    session: TenantSession, caller: Caller, run_id: UUID, told: DepartureTold, departure_id: UUID
) -> PathwayDeparture:
    """Acknowledge a departure, citing the provision and the edition in force in the run. It waits for authority.

    Where the partnership's manual binds what is departed from, its provisions and their edition are cited too.

    Raises as ``entered`` does, and ``Invalid``.
    """
    return await depart(session, await entered(session, caller, run_id), caller, told, departure_id)


async def depart(
    session: TenantSession, at: Standing, caller: Caller, told: DepartureTold, departure_id: UUID
) -> PathwayDeparture:
    """As ``acknowledge``, in a run that was entered. Raises ``Invalid``."""
    faults = [
        fault
        for field, text, most in (("instead", told.instead, 2_000), ("reasons", told.reasons, 5_000))
        if (fault := text_fault(field, text, most))
    ] + text_faults(provision=(told.provision, 400))
    subject = _subject(at.definition, told, faults)
    if faults or subject is None:
        raise Invalid(faults)
    force = getattr(subject, "force", None)
    citation = told.provision or getattr(subject, "citation", None) or at.definition.citation
    part = Cited(at.run.pathway, told.subject_kind, told.subject_code, getattr(subject, "citation", None))
    own = await citations(session, part, at.now)
    row = PathwayDeparture(
        tenant_id=session.tenant_id, id=departure_id, run_id=at.run.id, edition_id=at.edition.id,
        provision="; ".join([citation, *own.values()])[:400],
        edition="; ".join([edition_text(at.edition), *own])[:300],
        subject_kind=told.subject_kind, subject_code=told.subject_code, force=str(force) if force else None,
        instead=told.instead, reasons=told.reasons, acknowledged_by=caller.person_id, acknowledged_at=at.now,
    )  # fmt: skip
    session.insert(row)
    await cases.record(session, at.run.case_id, "pathway.departure_acknowledged", caller, run=at.run.id,
                       departure=departure_id, subject=told.subject_code)  # fmt: skip
    return row


async def citations(session: TenantSession, part: Cited, when: datetime) -> dict[str, str]:
    """The provisions that bind a part, as they are cited: by edition of the partnership's manuals, in one text each."""
    asked = Asked(part, when)
    found = (await links.bound(session, [asked]))[asked]
    texts = await procedures.editions_by_id(session, [row.edition_id for row in found])
    cited: dict[str, str] = {}
    for row in found:
        edition = texts[row.edition_id]
        name = drafting.name(edition)
        cited[name] = f"{cited[name]}, {row.address}" if name in cited else f"{edition.title} {row.address}"
    return cited


async def answer(
    session: TenantSession, caller: Caller, departure_id: UUID, reasons: str | None, *, agree: bool
) -> PathwayDeparture:
    """Authorise a departure, or refuse it. Whoever acknowledged it cannot; an authorised one settles its duty.

    Raises as ``entered`` does, ``Forbidden`` for whoever may not authorise, ``Conflict`` for one that was answered.
    """
    known = await repository.row(session, PathwayDeparture, departure_id)
    at = await entered(session, caller, known.run_id, otherwise=no_such(PathwayDeparture))
    await session.refresh(known)
    faults = text_faults(reasons=(reasons, 5_000))
    if not agree and reasons is None:
        faults.append(FieldError("reasons", "say why it is refused"))
    if faults:
        raise Invalid(faults)
    if known.state is not DepartureState.ACKNOWLEDGED:
        raise Conflict(f"This departure is {known.state.value} already.")
    role = _authority(at, caller, known)
    known.state = DepartureState.AUTHORISED if agree else DepartureState.REFUSED
    known.authority_by, known.authority_at, known.authority_role = caller.person_id, at.now, role
    known.authority_reasons = reasons
    if agree and known.subject_kind == "obligation":
        await _leave_undone(session, at, known)
    await cases.record(session, at.run.case_id, f"pathway.departure_{known.state.value}", caller, run=known.run_id,
                       departure=departure_id, role=role)  # fmt: skip
    await finish(session, at)
    return known


async def _leave_undone(session: TenantSession, at: Standing, departure: PathwayDeparture) -> None:
    """Settle the open tasks of the duty that is departed from as not done, for the reasons given."""
    reason = f"An authorised departure: {departure.reasons}"[:2_000]
    for task in await repository.of_run(session, PathwayTask, at.run.id):
        if task.kind is TaskKind.OBLIGATION and task.code == departure.subject_code and task.state is TaskState.OPEN:
            key = duties.key_of(at.definition, task)
            act = Act(ActionKind.DUTY_SETTLED, key, (TaskState.NOT_DONE.value,))
            await take(session, at, act, f"departure:{departure.id}:{key}", reason=reason)
            duties.close(task, at, TaskState.NOT_DONE, reason=reason)


def edition_text(edition: PathwayEdition) -> str:
    """The text in force, as it is cited: the national and the local edition, and the partnership's number."""
    texts = [edition.baseline_edition, *([edition.local_edition] if edition.local_edition else [])]
    return f"{'; '.join(texts)}; edition {edition.number} of the partnership"[:300]


def _authority(at: Standing, caller: Caller, departure: PathwayDeparture) -> str:
    """The role in which the caller may authorise. Raises ``Forbidden``."""
    if departure.acknowledged_by == caller.person_id:
        raise Forbidden("Whoever departs from the procedure does not authorise it. Ask your manager.")
    named = next((one.roles for one in at.definition.sign_offs if one.id == AUTHORISES), ())
    subject = next(
        (one for one in _section(at.definition, departure.subject_kind) if one.id == departure.subject_code), None
    )
    own = getattr(subject, "authority", None)
    wanted = [*named, *([own] if own else [])]
    held = next((str(role) for role in wanted if role in at.roles), None)
    if held is not None:
        return held
    caller.require(Permission.AUTHORISE_DEPARTURES)
    return caller.roles[0].replace("_", "-")


def _subject(definition: Definition, told: DepartureTold, faults: list[FieldError]) -> Any:  # an item of a section
    if told.subject_kind not in SUBJECTS:
        faults.append(FieldError("subjectKind", f"must be one of {', '.join(SUBJECTS)}"))
        return None
    items = {one.id: one for one in _section(definition, told.subject_kind)}
    if told.subject_code not in items:
        faults.append(
            FieldError("subjectCode", f"is no {told.subject_kind} of this pathway; {choose(told.subject_code, items)}")
        )
    return items.get(told.subject_code)


def _section(definition: Definition, kind: str) -> tuple[Any, ...]:
    found: tuple[Any, ...] = getattr(definition, SUBJECTS[kind])
    return found
