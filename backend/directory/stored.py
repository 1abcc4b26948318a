"""The directory as it is stored, as a listing: what files and the feed are made of."""

import json
from collections.abc import Iterable, Mapping
from uuid import UUID

from pydantic import TypeAdapter

from backend.directory import csv_files, hsds
from backend.directory.listing import Listing, Organisation, Point, Service
from backend.kit.session import TenantSession
from notifications.ladders.hours import Hours
from tenants.contacts.service_models import DirectoryPoint, DirectoryService, Visibility
from tenants.contacts.service_repository import Book, book
from tenants.partnerships import repository as partnerships

_HOURS = TypeAdapter(tuple[Hours, ...])
EVERYTHING = frozenset(Visibility)


async def listing(session: TenantSession, visible: Iterable[Visibility] = EVERYTHING) -> Listing:
    """Services in use, with the ways to reach them, that whoever sees ``visible`` may know of."""
    found = await book(session)
    areas = {area.id: area.code for area in await partnerships.areas(session)}
    seen = frozenset(visible)
    services = [row for row in found.services if row.visibility in seen]
    codes = {row.id: row.code for row in services}
    offering = {row.organisation_id for row in services}
    organisations = sorted((found.organisations[one] for one in offering), key=lambda row: row.code)
    return Listing(
        organisations=tuple(
            Organisation(code=row.code, name=row.name, description=row.description, website=row.website)
            for row in organisations
        ),
        services=tuple(_service(row, found, codes, areas, seen) for row in services),
    )


async def written(session: TenantSession, *, as_csv: bool) -> str:
    """The whole directory as the text of a file, restricted entries too: CSV, or Open Referral UK."""
    found = await listing(session)
    if as_csv:
        return csv_files.written_csv(found)
    names = {area.code: area.name for area in await partnerships.areas(session)}
    return json.dumps(hsds.as_json(found, session.tenant_id, names, None), indent=2, ensure_ascii=False) + "\n"


def _service(
    row: DirectoryService,
    found: Book,
    codes: Mapping[UUID, str],
    areas: Mapping[UUID, str],
    seen: frozenset[Visibility],
) -> Service:
    return Service(
        code=row.code, organisation=found.organisations[row.organisation_id].code, name=row.name,
        description=row.description, website=row.website, topics=tuple(row.topics), eligibility=row.eligibility,
        minimum_age=row.minimum_age, maximum_age=row.maximum_age, visibility=row.visibility,
        areas=tuple(sorted(areas[one] for one in found.areas.get(row.id, []))),
        fallback=_code(codes, row.fallback_id),
        points=tuple(_point(one, areas) for one in found.points.get(row.id, []) if one.visibility in seen),
    )  # fmt: skip


def _point(row: DirectoryPoint, areas: Mapping[UUID, str]) -> Point:
    return Point(
        code=row.code, kind=row.kind, value=row.value, label=row.label, area=_code(areas, row.area_id),
        hours=_HOURS.validate_python(row.hours), visibility=row.visibility, verified_on=row.verified_on,
        verified_how=row.verified_how,
    )  # fmt: skip


def _code(codes: Mapping[UUID, str], key: UUID | None) -> str | None:
    return codes.get(key) if key is not None else None
