"""A statistic as somebody may see it."""

from dataclasses import dataclass
from typing import Final

from backend.identity.policies import Caller, Permission
from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from backend.statistics import repository
from backend.statistics.asked import Asked
from backend.statistics.definitions import STATISTICS, Code, Defined
from backend.statistics.disclosure import Figure, exact, guarded
from tenants.partnerships import repository as partnerships

NO_AREA: Final = "must be an area of this partnership"


@dataclass(frozen=True, slots=True)
class Line:
    """One row: a value for each dimension of the statistic, and a figure for each of its measures, by code."""

    groups: tuple[str, ...]
    figures: dict[str, Figure]


@dataclass(frozen=True, slots=True)
class Table:
    """A statistic for what was asked. ``guarded``: small numbers are kept back; ``generated``: of a sandbox."""

    of: Defined
    asked: Asked
    lines: tuple[Line, ...]
    guarded: bool
    generated: bool


async def table(session: TenantSession, caller: Caller, code: Code, asked: Asked) -> Table:
    """Count a statistic over all cases of the partnership, those that the caller may not open among them.

    Exercises are no cases, so none is counted. Raises ``Forbidden``, and ``Invalid`` for the period or an area of
    nowhere here.
    """
    caller.require(Permission.VIEW_STATISTICS)
    asked.check()
    if asked.area_id is not None and asked.area_id not in await partnerships.areas_by_id(session, [asked.area_id]):
        raise Invalid([FieldError("areaId", NO_AREA)])
    partnership = await partnerships.own(session)
    defined, small = STATISTICS[code], caller.may(Permission.SEE_SMALL_NUMBERS)
    rows = await repository.counted(session, code, asked.parameters(session.tenant_id, partnership.zone))
    width, show = len(defined.dimensions), exact if small else guarded
    lines = tuple(
        Line(tuple(str(value) for value in row[:width]), show(_values(defined, row[width:]), defined.measures))
        for row in rows
    )
    return Table(defined, asked, lines, guarded=not small, generated=partnership.sandbox)


def _values(defined: Defined, counted: tuple[object, ...]) -> dict[str, float | None]:
    told = zip(defined.measures, counted, strict=True)
    return {one.code: None if value is None else float(str(value)) for one, value in told}
