"""Draft an edition from the partnership's overlay, check it, approve it, withdraw it.

An edition goes into force by the approval of somebody who did not write it, from a day on. Nothing that must be
done is loosened without a recorded authority, and no choice that only the partnership can make is left open.
"""

from datetime import date
from typing import Final
from uuid import UUID

import yaml

from backend.cases.service import local_day
from backend.identity.policies import ROLES, Caller, Permission
from backend.kit.audit import Entry
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, FieldError, Forbidden, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_faults
from backend.pathways.definitions.compiling import compiled
from backend.pathways.definitions.effective import Effective, national
from backend.pathways.definitions.faults import Faulty, choose
from backend.pathways.definitions.library import shipped
from backend.pathways.definitions.local_overlay import LocalOverlay
from backend.pathways.definitions.positions import Document, read
from backend.pathways.definitions.reading import parse
from backend.pathways.editions import repository
from backend.pathways.editions.stored import effective_of, values_of
from backend.pathways.models import EditionState, PathwayEdition
from notifications.webhooks.events import EDITION_APPROVED
from notifications.webhooks.telling import happened
from tenants.partnerships import repository as partnerships

MOST_OVERLAY: Final = 200_000  # characters
_FILE: Final = "overlay"


def compile_text(pathway: str, overlay_text: str | None) -> Effective:
    """The national definition under an overlay written as YAML, or as it stands without one.

    Raises ``Invalid`` with a fault for each line that is wrong, and the remedy.
    """
    try:
        if overlay_text is None:
            return national(shipped().entry(pathway))
        if len(overlay_text) > MOST_OVERLAY:
            raise Invalid([FieldError("overlay", f"must be at most {MOST_OVERLAY:,} characters")])
        return _under(pathway, read(overlay_text, _FILE))
    except Faulty as error:
        raise error.as_invalid() from error


def _under(pathway: str, document: Document) -> Effective:
    overlay = parse(document, LocalOverlay)
    if overlay.pathway != pathway:
        raise Invalid([FieldError("overlay", f"is for {overlay.pathway}; name that pathway, or correct the overlay")])
    return compiled(shipped().entry(pathway), overlay, document, shipped())


async def draft(
    session: TenantSession, caller: Caller, pathway: str, overlay_text: str | None, edition_id: UUID
) -> PathwayEdition:
    """A new edition, numbered, compiled and not yet checked.

    Raises ``Forbidden``, ``Invalid`` for a pathway that is not written or an overlay with faults.
    """
    caller.require(Permission.DRAFT_PATHWAYS)
    if pathway not in shipped().entries:
        raise Invalid([FieldError("pathway", f"is not written; {choose(pathway, shipped().entries)}")])
    one = compile_text(pathway, overlay_text)
    row = await kept(session, one, overlay_text, edition_id, caller.person_id)
    record(session, row, "pathway_edition.drafted", caller.person_id)
    return row


async def check(session: TenantSession, caller: Caller, edition_id: UUID) -> PathwayEdition:
    """Confirm that the edition may be approved. Raises ``Forbidden``, ``NotFound``, ``Conflict``, ``Invalid``.

    The compiled text is read anew, and every choice that is open is named: words without a figure that the
    partnership has neither set nor let stand, starts that no source prints, settings it cannot do without.
    """
    caller.require(Permission.DRAFT_PATHWAYS)
    row = await repository.edition(session, edition_id, lock=True)
    _in_state(row, EditionState.DRAFT, "checked")
    refuse_open_choices(compile_text(row.pathway, row.overlay_text))
    row.state, row.checked_by, row.checked_at = EditionState.CHECKED, caller.person_id, await session.now()
    record(session, row, "pathway_edition.checked", caller.person_id)
    return row


async def approve(
    session: TenantSession, caller: Caller, edition_id: UUID, in_force_from: date, authority: str
) -> PathwayEdition:
    """Put the edition in force from a day on, which may lie ahead but not behind. Cases that run stay where they are.

    ``authority`` says who decided it and where that is minuted. Raises ``Forbidden`` also for whoever wrote the
    edition, ``NotFound``, ``Conflict`` for one that was not checked, ``Invalid``.
    """
    caller.require(Permission.APPROVE_PATHWAYS)
    row = await repository.edition(session, edition_id, lock=True)
    if row.made_by == caller.person_id:
        raise Forbidden("Whoever wrote an edition does not approve it. Ask somebody else who may.")
    _in_state(row, EditionState.CHECKED, "approved")
    zone = (await partnerships.own(session)).zone
    faults = text_faults(authority=(authority, 300))
    if in_force_from < local_day(await session.now(), zone):
        faults.append(FieldError("inForceFrom", "must be today or later: cases since then have followed another text"))
    if faults:
        raise Invalid(faults)
    role = next(role for role in caller.roles if Permission.APPROVE_PATHWAYS in ROLES.get(role, ()))
    row.state, row.approved_by, row.approved_role = EditionState.APPROVED, caller.person_id, role
    row.approved_at, row.authority, row.in_force_from = await session.now(), authority, in_force_from
    record(session, row, "pathway_edition.approved", caller.person_id)
    await happened(session, EDITION_APPROVED, row.id)
    return row


async def withdraw(session: TenantSession, caller: Caller, edition_id: UUID, reason: str) -> PathwayEdition:
    """Let no further case follow the edition. It stays readable, and runs pinned to it go on.

    Raises ``Forbidden``, ``NotFound``, ``Conflict`` for one withdrawn before, ``Invalid`` for the reason.
    """
    caller.require(Permission.APPROVE_PATHWAYS)
    row = await repository.edition(session, edition_id, lock=True)
    if row.state is EditionState.WITHDRAWN:
        raise Conflict("This edition was withdrawn before.")
    if faults := text_faults(reason=(reason, 1_000)):
        raise Invalid(faults)
    row.state, row.withdrawn_by = EditionState.WITHDRAWN, caller.person_id
    row.withdrawn_at, row.withdrawal_reason = await session.now(), reason
    record(session, row, "pathway_edition.withdrawn", caller.person_id)
    return row


async def put_in_force(
    session: TenantSession, one: Effective, day: date, *, role: str, authority: str
) -> PathwayEdition | None:
    """Draft, check and approve at once, for an operator who brings a partnership in line with its files.

    None when the newest edition is the same text and in force. Raises ``Invalid`` for choices that are open.
    """
    last = await repository.newest(session, one.definition.id)
    if last is not None and last.state is EditionState.APPROVED and last.digest == values_of(one)["digest"]:
        return None
    refuse_open_choices(one)
    text = None if one.overlay is None else written(one.overlay)
    row = await kept(session, one, text, None, None)
    row.state, row.checked_at, row.approved_at = EditionState.APPROVED, row.made_at, row.made_at
    row.approved_role, row.authority, row.in_force_from = role, authority, day
    record(session, row, "pathway_edition.approved", None)
    return row


def written(overlay: LocalOverlay) -> str:
    """An overlay as YAML."""
    content = overlay.model_dump(mode="json", exclude_defaults=True)
    return str(yaml.dump(content, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True))


async def kept(
    session: TenantSession, one: Effective, text: str | None, edition_id: UUID | None, made_by: UUID | None
) -> PathwayEdition:
    """A new edition of a compiled definition, as its next number."""
    row = PathwayEdition(
        tenant_id=session.tenant_id, id=edition_id or uuid7(), **values_of(one),
        number=await repository.next_number(session, one.definition.id), overlay_text=text, made_by=made_by,
        made_at=await session.now(),
    )  # fmt: skip
    effective_of(row)  # what is kept can be read again
    session.add(row)
    await session.flush()
    return row


def refuse_open_choices(one: Effective) -> None:
    """Raise ``Invalid`` naming every choice that only the partnership can make and has not made."""
    if one.unset:
        raise Invalid(
            [
                FieldError(f"settings.{item.setting}" if "." not in item.setting else item.setting,
                           f"is not set, and only the partnership can choose: {item.wording}")
                for item in one.unset
            ]
        )  # fmt: skip


def _in_state(row: PathwayEdition, wanted: EditionState, verb: str) -> None:
    if row.state is not wanted:
        raise Conflict(f"This edition is {row.state.value}; only a {wanted.value} one can be {verb}.")


def record(session: TenantSession, row: PathwayEdition, action: str, person_id: UUID | None) -> None:
    """Leave an audit entry."""
    detail = {"pathway": row.pathway, "number": row.number, "digest": row.digest}
    session.audit_entries.append(Entry(action, "pathway_edition", row.id, person_id, detail))
