"""Bring a partnership's manual of procedures in from its file, and put it in force when that is asked for."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlmodel import col

from backend.kit.ids import uuid7
from backend.kit.problems import FieldError, Invalid
from backend.onboarding.pathways import ROLE
from backend.onboarding.rows import Rows
from backend.procedures import importing, publishing
from backend.procedures.files import Unreadable, parsed
from tenants.procedures import approving, checks, drafting, repository
from tenants.procedures.models import ProcedureEdition
from tenants.procedures.vocabulary import EditionState, ImportState
from tenants.procedures.working_models import ProcedureImport

_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class ManualPlan:
    """The file of a manual. With ``authority`` it is put in force today, unless something keeps it from approval.

    ``law_as_at`` counts where the file does not state one.
    """

    manual: str
    title: str
    file_name: str
    data: bytes
    authority: str | None = None
    law_as_at: date | None = None


def plan(file: Path, manual: str, title: str | None, authority: str | None, law_as_at: date | None) -> ManualPlan:
    """The plan of a file that can be read as a manual. Raises ``Invalid``, ``OSError``."""
    data = file.read_bytes()
    try:
        parsed(data, file.name)
    except Unreadable as error:
        raise Invalid([FieldError(file.name, str(error))]) from error
    return ManualPlan(manual, title or file.stem, file.name, data, authority, law_as_at)


async def bring_manual(rows: Rows, given: ManualPlan) -> None:
    """A draft of the file, with what was understood of it in short; nothing where the same file was read before.

    The partnership needs its storage. Raises ``Invalid`` for a file that is not read.
    """
    session = rows.session
    told = importing.told_of(given.data, given.manual, given.title, given.file_name)
    edition = await _read_before(rows, given.manual, told.sha256)
    if edition is None:
        row = await importing.keep(session, told, given.data, uuid7())
        await importing.read(session, row.id)
        if row.state is ImportState.FAILED or row.edition_id is None:
            raise Invalid([FieldError(given.file_name, row.fault or "could not be read")])
        edition = await repository.edition(session, row.edition_id)
        rows.report.added["procedure_edition"] += 1
        figures = row.report
        rows.report.noted.append(
            f"{given.file_name}: read as edition {edition.number} of {given.manual}: "
            + ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in figures.items()
                        if isinstance(count, int) and count)
        )  # fmt: skip
    if edition.state is EditionState.DRAFT:
        await _settle(rows, given, edition)


async def _read_before(rows: Rows, manual: str, digest: str) -> ProcedureEdition | None:
    """The edition that was made of the very file, unless it was given up."""
    found: ProcedureEdition | None = await rows.session.scalar(
        select(ProcedureEdition)
        .join(
            ProcedureImport,
            (col(ProcedureImport.tenant_id) == col(ProcedureEdition.tenant_id))
            & (col(ProcedureImport.edition_id) == col(ProcedureEdition.id)),
        )
        .where(
            col(ProcedureEdition.tenant_id) == rows.session.tenant_id, col(ProcedureImport.manual) == manual,
            col(ProcedureImport.sha256) == digest, col(ProcedureImport.state) == ImportState.DONE,
            col(ProcedureEdition.state) != EditionState.WITHDRAWN,
        )
        .order_by(col(ProcedureEdition.number).desc())
        .limit(1)
    )  # fmt: skip
    return found


async def _settle(rows: Rows, given: ManualPlan, edition: ProcedureEdition) -> None:
    """Put a draft in force where that is asked for and nothing blocks it; else say what does."""
    session = rows.session
    if given.law_as_at is not None and edition.law_as_at is None:
        edition.law_as_at = given.law_as_at
        await session.flush()
        rows.report.changed["procedure_edition"] += 1
    blocking = checks.blocking(await drafting.found(session, edition))
    if given.authority is not None and not blocking:
        today = await repository.today(session)
        await approving.approve(session, edition.id, None, role=ROLE, in_force_from=today, authority=given.authority)
        await publishing.follow(session, edition)
        rows.report.changed["procedure_edition"] += 1
        rows.report.noted.append(f"{given.manual}: edition {edition.number} is in force from {today}")
        return
    said = f"{given.manual}: edition {edition.number} is a draft"
    if blocking:
        shown = "; ".join(f"{one.address}: {one.message}" if one.address else one.message for one in blocking[:_SHOWN])
        more = f"; and {len(blocking) - _SHOWN} more" if len(blocking) > _SHOWN else ""
        said += f"; {len(blocking)} things keep it from approval: {shown}{more}"
    rows.report.noted.append(said)
