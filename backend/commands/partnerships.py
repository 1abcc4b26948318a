"""Commands on partnerships and their audit logs, as the owner of the database."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path

import click
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.commands.owner import as_owner
from backend.commands.progress import progress
from backend.directory.files import read_file
from backend.kit.session import open_session
from backend.kit.settings import settings
from backend.offboarding.archives import check
from backend.offboarding.erasure import Erased, erase
from backend.offboarding.export import Exported, export
from backend.onboarding import agency, files, manuals, service
from backend.onboarding.archetype import AreaPlan
from backend.onboarding.pathways import overlays_in
from backend.onboarding.rows import Report
from backend.readiness.gaps import Gap
from backend.readiness.service import lines, report
from backend.thresholds.files import from_file
from tenants.partnerships.models import AreaKind, Partnership
from tenants.partnerships.removal import KEYS_KEPT_DAYS

_PATH = click.Path(dir_okay=False, path_type=Path)


@click.group()
def partnership() -> None:
    """Create, list, suspend, resume, export and erase partnerships."""


@partnership.command()
@click.argument("slug")
@click.option("--name", help="Full name. Required without --archetype.")
@click.option("--local-authority", "authorities", multiple=True, metavar="CODE=NAME", help="Repeatable.")
@click.option("--coroner-area", "coroners", multiple=True, metavar="CODE=NAME", help="Repeatable.")
@click.option("--archetype", help="A shipped archetype's name or a YAML file's path. Gives areas and name too.")
@click.option("--contacts", type=_PATH, help="Services and how they are reached, as .csv or .json.")
@click.option("--thresholds", type=_PATH, help="The threshold document, as YAML.")
@click.option(
    "--overlays",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of overlays of national pathways, each in a file named as its pathway.",
)
@click.option("--agency", "agencies", multiple=True, help="A shipped agency that works in it. Repeatable.")
@click.option(
    "--manual", type=_PATH, help="The manual of procedures: .docx, .odt, .html, .md or .txt. Read into a draft."
)
@click.option("--manual-code", default="procedures", show_default=True, help="Code of the manual.")
@click.option("--manual-title", help="Of the edition. Default: the file's name.")
@click.option("--law-as-at", type=click.DateTime(["%Y-%m-%d"]), help="Where the manual does not say: of its law.")
@click.option("--publish-manual", "authority", metavar="AUTHORITY", help="Put it in force: who decided, which minute.")
@click.option("--adopt-baseline", is_flag=True, help="Put national pathways in force that need no local figure.")
def create(
    *,
    slug: str,
    name: str | None,
    authorities: tuple[str, ...],
    coroners: tuple[str, ...],
    archetype: str | None,
    contacts: Path | None,
    thresholds: Path | None,
    overlays: Path | None,
    agencies: tuple[str, ...],
    manual: Path | None,
    manual_code: str,
    manual_title: str | None,
    law_as_at: datetime | None,
    authority: str | None,
    adopt_baseline: bool,
) -> None:
    """Create the partnership SLUG, or bring it in line when it exists, and say what is still unset.

    Running it again changes nothing that is in place.
    """
    if manual is None and (manual_title or law_as_at or authority):
        raise click.UsageError("--manual-title, --law-as-at and --publish-manual are about a --manual: name its file.")
    # All files are read before anything is written.
    listing = read_file(contacts) if contacts is not None else None
    continuum = from_file(thresholds) if thresholds is not None else None
    laid_over = overlays_in(overlays, slug) if overlays is not None else []
    joining = [agency.load(one) for one in agencies]
    as_at = law_as_at.date() if law_as_at else None
    procedures = manuals.plan(manual, manual_code, manual_title, authority, as_at) if manual is not None else None
    if archetype is not None:
        if name or authorities or coroners:
            raise click.UsageError("--archetype gives the name and the areas: leave out the other options.")
        plan = files.load(archetype)
        issuer = settings().oidc_issuer
        report = as_owner(partial(service.load_archetype, archetype=plan, issuer=issuer, slug=slug))
    else:
        if not name or not authorities:
            raise click.UsageError("Give --name and at least one --local-authority, or --archetype.")
        areas = [*_areas(AreaKind.LOCAL_AUTHORITY, authorities), *_areas(AreaKind.CORONER, coroners)]
        new = partial(service.create_partnership, slug=slug, name=name, areas=areas)
        report = as_owner(new)
    _show(report)
    if any(one is not None for one in (listing, continuum, procedures)) or joining or laid_over or adopt_baseline:
        more = partial(
            service.load_files, slug=slug, issuer=settings().oidc_issuer, listing=listing, continuum=continuum,
            agencies=joining, manual=procedures, overlays=laid_over, baseline=adopt_baseline,
        )  # fmt: skip
        _show(as_owner(more))
    gaps = as_owner(lambda engine: _readiness(engine, slug))
    click.echo(f"{slug}: {len(gaps)} things are unset; see: safeguard partnership readiness {slug}")


@partnership.command(name="list")
@click.option("--format", "style", type=click.Choice(["table", "json"]), default="table", show_default=True)
def list_(style: str) -> None:
    """List every partnership."""
    rows = as_owner(service.partnerships)
    if style == "json":
        click.echo(json.dumps([_facts(row) for row in rows], indent=2, ensure_ascii=False))
        return
    cells = [("SLUG", "STATE", "STORAGE", "NAME")]
    cells += [(row.slug, row.state.value, "yes" if row.bucket else "no", row.name) for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    for line in cells:
        padded = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        click.echo("  ".join(padded).rstrip())


@partnership.command()
@click.argument("slug")
def suspend(slug: str) -> None:
    """Keep everybody of the partnership SLUG out; its data stay.

    Alerts go on calling people, who cannot answer: how many there are is said.
    """
    done = as_owner(lambda engine: service.suspend(engine, slug))
    click.echo(f"{slug}: {'suspended' if done else 'was suspended already'}")
    if calling := as_owner(lambda engine: service.alerts_calling(engine, slug)):
        click.echo(f"{slug}: alerts that call people and cannot be answered now: {calling}")


@partnership.command()
@click.argument("slug")
def resume(slug: str) -> None:
    """Let the people of the partnership SLUG in again."""
    done = as_owner(lambda engine: service.resume(engine, slug))
    click.echo(f"{slug}: {'resumed' if done else 'was active already'}")


@partnership.command()
@click.argument("slug")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
def readiness(slug: str, style: str) -> None:
    """Say what of the partnership SLUG is still unset: windows, clocks, contacts, rotas, posts, thresholds."""
    found = as_owner(lambda engine: _readiness(engine, slug))
    if style == "json":
        click.echo(json.dumps([asdict(gap) for gap in found], indent=2, ensure_ascii=False))
        return
    for line in lines(found):
        click.echo(line)


@partnership.command(name="export")
@click.argument("slug")
@click.option(
    "--out", required=True, type=_PATH, help="The ZIP archive to write, such as hertfordshire.zip; none may be there."
)
def export_(slug: str, out: Path) -> None:
    """Write everything that is kept for the partnership SLUG to one archive, for it to take with it.

    Every record, the audit log among them, and every stored file, as they are at one instant. The archive names
    children and families: only who owns the file can read it. The export is noted in the audit log.
    """
    done = as_owner(lambda engine: _export(engine, slug, out))
    faults = {"is not in storage any more": done.absent, "is not what was stored": done.altered}
    click.echo(
        f"{out}: {sum(one.count or 0 for one in done.tables):,} records of {len(done.tables)} kinds,"
        f" {len(done.files)} files, {out.stat().st_size:,} bytes"
    )
    for fault, paths in faults.items():
        for path in paths:
            click.echo(f"{path} {fault}", err=True)
    if not done.audit_holds:
        click.echo(f"The audit log does not hold; see: safeguard audit verify {slug}", err=True)
    if done.absent or done.altered or not done.audit_holds:
        raise click.ClickException(
            "The archive is written, but not all is as it should be; manifest.json says the same."
        )


@partnership.command(name="verify")
@click.argument("archive", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify_archive(archive: Path) -> None:
    """Check that nothing of ARCHIVE, which an export wrote, is missing, altered or damaged.

    Needs nothing but the file: whoever takes over can check it too.
    """
    with progress("Checking") as told:
        found = check(archive, told)
    for fault in found.faults:
        click.echo(fault, err=True)
    if found.faults:
        raise click.ClickException(f"{archive} is not whole.")
    click.echo(f"{archive}: {found.slug} as of {found.at:%d %B %Y %H:%M} UTC is whole,"
               f" {found.records:,} records and {found.files:,} files")  # fmt: skip


@partnership.command(name="erase")
@click.argument("slug")
@click.option(
    "--archive", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What the partnership takes with it: the newest export, which must be whole.",
)  # fmt: skip
@click.option("--confirm", metavar="SLUG", help="The partnership's slug again. Asked for when it is left out.")
def erase_(slug: str, archive: Path, confirm: str | None) -> None:
    """Erase everything that is kept for the partnership SLUG, for good.

    Its records, the audit log among them, every version of its stored files, its bucket and its keys. It must be
    suspended, and nothing may have been done in it since the archive was written. A file under a legal hold, or
    that must still be retained, keeps everything where it is. Cut short, it is completed by running it again.
    """
    as_owner(lambda engine: service.existing_id(engine, slug))
    if (confirm or click.prompt(f"This cannot be undone. Type {slug} to erase it")) != slug:
        raise click.UsageError(f"Nothing was erased: {slug} was not confirmed.")
    done = as_owner(lambda engine: _erase(engine, slug, archive))
    click.echo(f"{slug}: erased {done.records:,} records and {done.files:,} stored files;"
               f" AWS deletes its keys in {KEYS_KEPT_DAYS} days")  # fmt: skip


async def _erase(engine: AsyncEngine, slug: str, archive: Path) -> Erased:
    partnership_id = await service.existing_id(engine, slug)
    with progress("Checking the archive") as told:
        checked = check(archive, told)
    with progress("Erasing") as told:
        return await erase(engine, partnership_id, checked, told)


async def _export(engine: AsyncEngine, slug: str, out: Path) -> Exported:
    partnership_id = await service.existing_id(engine, slug)
    try:
        with progress("Exporting") as told:
            return await export(engine, partnership_id, out, told)
    except FileExistsError:
        raise click.UsageError(f"{out} exists. Name another file, or remove it.") from None
    except ConnectionError:
        raise
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}.") from error


async def _readiness(engine: AsyncEngine, slug: str) -> list[Gap]:
    partnership_id = await service.existing_id(engine, slug)
    async with open_session(partnership_id, on=engine) as session:
        return await report(session)


@click.group()
def audit() -> None:
    """Check audit logs."""


@audit.command()
@click.argument("slug")
def verify(slug: str) -> None:
    """Check that no entry of the partnership's audit log was altered or removed."""
    broken = as_owner(lambda engine: service.first_broken_audit_entry(engine, slug))
    if broken is not None:
        raise click.ClickException(f"{slug}: the audit log does not hold from entry {broken} on.")
    click.echo(f"{slug}: the audit log holds")


def _areas(kind: AreaKind, given: tuple[str, ...]) -> Iterator[AreaPlan]:
    for item in given:
        code, separator, name = item.partition("=")
        try:
            yield AreaPlan(kind=kind, code=code if separator else "", name=name)
        except ValidationError as error:
            message = f"{item!r} is not CODE=NAME, such as 'north-shire=North Shire'."
            raise click.UsageError(message) from error


def _facts(row: Partnership) -> dict[str, str | None]:
    return {"id": str(row.id), "slug": row.slug, "name": row.name, "zone": row.zone, "state": row.state.value,
            "bucket": row.bucket, "created_at": row.created_at.isoformat()}  # fmt: skip


def _show(report: Report) -> None:
    for line in report.lines():
        click.echo(line)
