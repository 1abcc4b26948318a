"""Start a run from a report that another domain has taken. Such a report is never refused for what a pathway asks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.pathways import casework, opening
from backend.pathways.definitions.definition import Definition
from backend.pathways.editions import repository as editions
from backend.pathways.editions.stored import effective_of
from backend.pathways.following import outgoing
from backend.pathways.forms import FormTold
from backend.pathways.models import PathwayRun, Source
from backend.pathways.moments import MomentTold
from backend.pathways.noting import note, note_fact
from backend.pathways.opening import EntryTold, OpenedBy
from backend.pathways.standing import Standing
from backend.pathways.taking import finish, send


@dataclass(frozen=True, slots=True)
class ReportTold:
    """What a report says of a pathway: why it begins, when what happened, what is known, which alerts went out.

    The edition in force on ``day`` is followed, which is today in the partnership.
    ``stage`` is where the run begins where the report itself has done what comes before. ``forms`` holds the answers
    to forms that the report completes. ``alerts`` holds ids by type, None for one that could reach nobody. Whatever
    the partnership's edition does not know of it (a criterion, a stage, an event, an item of information) is left out,
    and of a form that it does not know, or that a gate keeps shut, the answers are kept alone.
    """

    pathway: str
    day: date
    criteria: tuple[str, ...]
    variant: str | None = None
    events: Mapping[str, datetime] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    alerts: Mapping[str, UUID | None] = field(default_factory=dict)
    stage: str | None = None
    forms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


async def start(
    session: TenantSession, caller: Caller | None, case_id: UUID, told: ReportTold, transaction_id: str
) -> PathwayRun | None:
    """Start the run on a case without one, or give None where the partnership has no edition of it in force.

    Without a ``caller`` nobody here has started it: the report came from elsewhere.

    Notifications that one of ``alerts`` has given are recorded as given, not given again. On a new case nothing is
    asked of the database but what the process remembers and the calendar.
    """
    edition = await editions.in_force(session, told.pathway, told.day)
    if edition is None:
        return None
    definition = effective_of(edition).definition
    at = await opening.begin(
        session, caller, case_id, edition, _entry(definition, told), uuid7(), OpenedBy(), transaction_id
    )
    _note_facts(session, at, told.facts)
    for code, answers in told.forms.items():
        await _complete(session, at, code, answers, f"{transaction_id}:{code}")
    events = [event.id for event in definition.events if event.id in told.events]
    for code in events:
        await note(session, at, code, MomentTold(at=told.events[code]), Source.HAND)
    await send(session, at, outgoing(definition, None, events), transaction_id, raised=told.alerts)
    await finish(session, at)
    return at.run


def _note_facts(session: TenantSession, at: Standing, facts: Mapping[str, Any]) -> None:
    known = {item.id for item in at.definition.information}
    for code, value in facts.items():
        if code in known:
            note_fact(session, at, code, value)


async def _complete(
    session: TenantSession, at: Standing, code: str, answers: Mapping[str, Any], transaction_id: str
) -> None:  # fmt: skip
    form = next((one for one in at.definition.forms if one.id == code), None)
    if form is None or form.requires:
        _note_facts(session, at, answers)
        return
    asked = {item: answer for item, answer in answers.items() if item in form.information}
    await casework.complete(session, at, form, FormTold(code, asked), uuid7(), transaction_id)
    _note_facts(session, at, {item: answer for item, answer in answers.items() if item not in asked})


def _entry(definition: Definition, told: ReportTold) -> EntryTold:
    criteria = {one.id for one in definition.entry.criteria}
    variants = {one.id for one in definition.entry.variants}
    stages = {one.id for one in definition.stages}
    return EntryTold(
        told.pathway, tuple(code for code in told.criteria if code in criteria),
        told.variant if told.variant in variants else None, stage=told.stage if told.stage in stages else None,
    )  # fmt: skip
