"""Which definitions a command works on: the baseline, a reference partnership's files, or a partnership's own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any, Final, TypeVar

import click
import yaml
from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from backend.clocks.limits import Span
from backend.commands.owner import as_owner
from backend.kit.problems import NotFound
from backend.kit.session import open_session
from backend.pathways.definitions import archetypes
from backend.pathways.definitions.compiling import compiled
from backend.pathways.definitions.effective import Effective, national
from backend.pathways.definitions.library import checked, document, shipped
from backend.pathways.definitions.local_overlay import PATHWAY_OVERLAYS, LocalOverlay
from backend.pathways.definitions.reading import parse
from backend.pathways.definitions.simulation import Practice
from backend.pathways.editions import repository as editions
from backend.pathways.editions.stored import effective_of
from backend.pathways.models import PathwayEdition
from tenants.calendars import repository as calendars
from tenants.calendars.repository import CLOSURE_DAYS, RECEIPT
from tenants.calendars.working_days import Calendar, england_bank_holidays
from tenants.partnerships import repository as partnerships
from tenants.partnerships.models import Partnership

_YEARS: Final = range(2000, 2101)
_BY_SLUG: Final = select(col(Partnership.id), col(Partnership.zone)).where(col(Partnership.slug) == bindparam("slug"))
CommandT = TypeVar("CommandT", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Chosen:
    """The definitions in force somewhere, and how that place counts days."""

    name: str
    definitions: Mapping[str, Effective]
    practice: Practice


def SOURCE_OPTIONS(command: CommandT) -> CommandT:  # noqa: N802  # used as click's own decorators are
    """The options that say whose definitions are meant."""
    command = click.option("--partnership", metavar="SLUG", help="One of those at DATABASE_OWNER_URL.")(command)
    names = ", ".join(archetypes.names())
    return click.option("--archetype", metavar="NAME", help=f"From the files alone: {names}.")(command)


def chosen(archetype: str | None, partnership: str | None) -> Chosen:
    """What the options name; without either, the baseline. Raises ``Faulty``."""
    if archetype and partnership:
        raise click.UsageError("Give --archetype or --partnership, not both.")
    return of_partnership(partnership) if partnership else of_archetype(archetype or archetypes.BASELINE)


def of_archetype(name: str) -> Chosen:
    """A reference partnership's definitions and calendar, from its files."""
    files = archetypes.overlays(name)
    settings: dict[str, Any] = {}
    zone = "Europe/London"
    described = resources.files("tenants.archetypes") / f"{name}.yaml"
    if described.is_file():  # a summary of the national edition alone has overlays, and nobody in it
        content = yaml.safe_load(described.read_text("utf-8"))
        zone = content.get("zone", zone)
        settings = {setting["key"]: setting["value"] for setting in content.get("settings", [])}
    closed = frozenset(date.fromisoformat(str(day)) for day in settings.get(CLOSURE_DAYS, []))
    calendar = Calendar(zone, england_bank_holidays(_YEARS), closed)
    practice = Practice(calendar, calendars.receipt_rule(settings.get(RECEIPT, {})))
    return Chosen(name, archetypes.effective(shipped(), files), practice)


def of_partnership(slug: str) -> Chosen:
    """A partnership's calendar, and the definitions that a case opened today follows.

    What has no edition in force is as the overlay that the partnership keeps of it would have it, or as the national
    text has it. Raises ``NotFound`` for an unknown partnership.
    """

    async def work(engine: AsyncEngine) -> tuple[list[Any], list[PathwayEdition], Practice]:
        async with engine.connect() as connection:
            found = (await connection.execute(_BY_SLUG, {"slug": slug})).one_or_none()
        if found is None:
            raise NotFound(f"There is no partnership {slug}. safeguard partnership list shows those there are.")
        async with open_session(found.id, on=engine) as session:
            own = await partnerships.settings(session, [PATHWAY_OVERLAYS])
            practice = Practice(*await calendars.practice(session, found.zone))
            in_force = await editions.all_in_force(session, practice.calendar.local_day(await session.now()))
            return own.get(PATHWAY_OVERLAYS, []), in_force, practice

    overlays, in_force, practice = as_owner(work)
    published = {row.pathway: effective_of(row) for row in in_force}
    files = [file for file in archetypes.kept_overlays(overlays) if file.overlay.pathway not in published]
    return Chosen(slug, {**archetypes.effective(shipped(), files), **published}, practice)


def edition(source: Chosen, named: str) -> Effective:
    """The definition called ``named``, or in the file of that path: a definition, or an overlay laid over its own."""
    if not named.endswith((".yaml", ".yml")):
        if named not in source.definitions:
            shipped().entry(named)  # says which there are
        return source.definitions[named]
    library = shipped()
    found = document(Path(named))
    if isinstance(found.data, dict) and "pathway" in found.data:
        overlay = parse(found, LocalOverlay)
        return compiled(library.entry(overlay.pathway), overlay, found, library)
    return national(checked(found, Path(named).parent.name, library))


def resolved(one: Effective) -> dict[str, Any]:
    """The chosen settings as plain data."""
    return {
        code: value.model_dump(mode="json") if isinstance(value, Span) else value
        for code, value in one.settings.items()
    }
