"""The readiness report of a partnership: gather the facts, and say what is unset."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import col

from backend.cases.access.service import GLASS_ALERT
from backend.cases.handing import OWNERLESS_ALERT
from backend.child_deaths.response import JOINT_RESPONSE_ALERT
from backend.clocks.firing import DUE, OUTCOMES, REMINDER, TOLD_BESIDES
from backend.clocks.recomputing import RESETS
from backend.identity import repository as identity
from backend.identity.policies import Permission
from backend.kit.session import TenantSession
from backend.pathways.definitions.archetypes import effective, kept_overlays
from backend.pathways.definitions.forms_of_work import Kind
from backend.pathways.definitions.library import shipped
from backend.pathways.definitions.local_overlay import PATHWAY_OVERLAYS
from backend.pathways.editions import repository as editions
from backend.readiness import gaps
from backend.readiness.gaps import REVERIFY, Gap, GapKind
from backend.referrals.urgent import URGENT_REFERRAL
from backend.sharing.delivering import UNDELIVERED_ALERT
from backend.sharing.kinds import FORMS
from backend.sharing.story import CHANGED_ALERT
from notifications.alerts.raising import CONFIGURATION_ALARM
from notifications.coverage import repository as coverage
from notifications.coverage.service import ROTA_WARNING
from notifications.handovers.changes import NOBODY_ALERT
from notifications.handovers.service import UNSIGNED_ALERT
from notifications.handovers.settings import ACKNOWLEDGE_WITHIN
from notifications.ladders import repository as ladders
from notifications.readiness.service import MANAGER_ALERT
from notifications.rota_notices.service import SWAP_ALERT
from notifications.rotas import repository as rotas
from notifications.rotas.materialisation import rule_of
from notifications.who_to_call.service import services_of
from tenants.contacts import repository as contacts
from tenants.contacts.posts import serves
from tenants.contacts.service_repository import Book, book
from tenants.partnerships import repository as partnerships
from tenants.partnerships.models import PartnershipSetting
from tenants.procedures import repository as procedures
from tenants.procedures.models import ProcedureEdition
from tenants.procedures.vocabulary import EditionState
from tenants.thresholds import repository as thresholds
from tenants.thresholds.continuum import Continuum
from tenants.thresholds.models import ThresholdEdition, ThresholdState

RAISED: Final = (
    URGENT_REFERRAL, JOINT_RESPONSE_ALERT, GLASS_ALERT, OWNERLESS_ALERT, REMINDER, DUE, RESETS, TOLD_BESIDES,
    *(alert for _, _, alert in OUTCOMES.values() if alert), *(form.alert for form in FORMS.values()), CHANGED_ALERT,
    UNDELIVERED_ALERT, CONFIGURATION_ALARM, ROTA_WARNING, SWAP_ALERT, MANAGER_ALERT, NOBODY_ALERT, UNSIGNED_ALERT,
)  # fmt: skip
"""Types of alert that the product raises by itself. Without a policy for one, nobody hears of what it is about."""


def alert_types() -> set[str]:
    """Every type that a partnership needs a policy for: what the product, the catalogue and a definition raise."""
    catalogue = {code for code, (_, row) in shipped().catalogue.items() if row.kind is Kind.ALERT}
    definitions = (entry.definition for entry in shipped().entries.values())
    named = {one.policy for each in definitions for one in each.notifications if one.policy}
    return {*RAISED, *catalogue, *named}


async def report(session: TenantSession) -> list[Gap]:
    """Everything that is unset or doubtful today, by kind."""
    zone = (await partnerships.own(session)).zone
    today = (await session.now()).astimezone(ZoneInfo(zone)).date()
    settings = await _settings(session)
    found = await book(session)
    services = services_of(found)
    open_choices, free = await _choices(session, settings, today)
    administrators = await identity.members_who_may(session, Permission.MANAGE_PEOPLE)
    every = [
        *gaps.of_administration(somebody=bool(administrators)),
        *gaps.of_thresholds(await _in_force(session, today), await _unset(session)),
        *gaps.of_windows(
            alert_types(),
            [policy.alert_type for policy in await ladders.all_in_force(session)],
            handover_set=ACKNOWLEDGE_WITHIN in settings,
        ),
        *gaps.of_choices(open_choices),
        *gaps.of_baseline(free),
        *gaps.of_procedures(*await _manuals(session, today)),
        *gaps.of_settings(settings),
        *gaps.of_contacts(services, settings.get(REVERIFY), today),
        *gaps.of_warnings(await _warnings(session)),
        *gaps.of_answers(await _mute(session)),
        *gaps.of_services(
            services,
            [rota.role for rota in await rotas.rotas(session)],
            [entry.role for entry in await contacts.whole_directory(session)],
        ),
        *gaps.of_posts(await _posts(session, found, today)),
    ]  # fmt: skip
    order = list(GapKind)
    return sorted(every, key=lambda gap: order.index(gap.kind))


async def _settings(session: TenantSession) -> dict[str, Any]:
    found = await session.execute(
        select(col(PartnershipSetting.key), col(PartnershipSetting.value)).where(
            col(PartnershipSetting.tenant_id) == session.tenant_id
        )
    )
    return {row.key: row.value for row in found}


async def _in_force(session: TenantSession, today: date) -> list[str]:
    schemes = await thresholds.schemes(session)
    return [scheme for scheme in schemes if await thresholds.in_force(session, scheme, today) is not None]


async def _unset(session: TenantSession) -> dict[str, str]:
    """By scheme, whose choice the levels are, where the newest draft says that nobody has made it."""
    rows = await session.scalars(
        thresholds.editions(session.tenant_id)
        .where(col(ThresholdEdition.state) == ThresholdState.DRAFT)
        .order_by(col(ThresholdEdition.number))
    )
    found = {row.scheme: Continuum.model_validate(row.content).unset for row in rows}
    return {scheme: said for scheme, said in found.items() if said is not None}


async def _manuals(session: TenantSession, today: date) -> tuple[list[str], list[str]]:
    """The manuals with a text in force, and those with a draft."""
    drafts = await session.scalars(
        procedures.editions(session.tenant_id, drafts=True).where(col(ProcedureEdition.state) == EditionState.DRAFT)
    )
    in_force = await procedures.in_force(session, today)
    return [one.manual for one in in_force], [one.manual for one in drafts]


async def _choices(
    session: TenantSession, settings: dict[str, Any], today: date
) -> tuple[dict[str, list[tuple[str, str]]], list[str]]:
    """Of each pathway without an edition in force what is open, under the overlays; and those that leave nothing so."""
    given = settings.get(PATHWAY_OVERLAYS) or []
    files = kept_overlays(given)
    found: dict[str, list[tuple[str, str]]] = {}
    free = []
    for code, one in effective(shipped(), files).items():
        if await editions.in_force(session, code, today) is not None:
            continue
        if one.unset:
            found[code] = [(item.setting, item.wording) for item in one.unset]
        else:
            free.append(code)
    return found, free


async def _posts(session: TenantSession, found: Book, today: date) -> list[tuple[str, bool, bool]]:
    """Of each named post its title, whether it is held, and whether somebody in it can be reached."""
    holders = [one for row in found.posts for one in found.holders.get(row.id, [])]
    ids = {one.person_id for one in holders if one.person_id is not None}
    here = {key for key, one in (await contacts.people(session, ids)).items() if one.active}
    methods = await contacts.contact_methods(session, ids)
    facts = []
    for row in found.posts:
        serving = [one for one in found.holders.get(row.id, []) if serves(one, today, here)]
        reached = any(one.telephone or one.email or (one.person_id and methods.get(one.person_id)) for one in serving)
        facts.append((row.title, bool(serving), reached))
    return facts


async def _warnings(session: TenantSession) -> list[tuple[Any, str]]:
    warnings = await coverage.open_warnings(session)
    named = await rotas.rotas_by_id(session, [row.rota_id for row in warnings if row.rota_id is not None])
    names = {rota_id: rota.name for rota_id, rota in named.items()}
    return [(row.kind, names.get(row.rota_id, "all rotas") if row.rota_id else "all rotas") for row in warnings]


async def _mute(session: TenantSession) -> list[tuple[str, str]]:
    """Who takes turns by a rota and may not answer alerts, by the rota's name and their own."""
    answering = set(await identity.members_who_may(session, Permission.ANSWER_ALERTS))
    members = {rota.name: rule_of(rota).people - answering for rota in await rotas.rotas(session)}
    known = await contacts.people(session, {one for people in members.values() for one in people})
    here = [(rota, known[one].name) for rota, people in members.items() for one in people if known[one].active]
    return sorted(here)


def lines(found: list[Gap]) -> Iterator[str]:
    """The report for a person, by kind."""
    previous: GapKind | None = None
    for gap in found:
        if gap.kind is not previous:
            yield f"{gap.kind.value.replace('_', ' ')}:"
            previous = gap.kind
        yield f"  {gap.subject}: {gap.said} {gap.remedy}"
    if not found:
        yield "nothing is unset"
