"""Bring a partnership's directory in line with a listing. What a person has verified since is not overwritten.

A row is known by its code. What the listing does not name is left alone, unless it is the whole directory. A changed
number or address is unverified until somebody says that it was verified: only the listing's own day and words make it
otherwise.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col

from backend.directory.listing import Listing, Point, Service, same_value
from backend.kit.audit import Entry
from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.tables import TenantRow
from backend.kit.tasks import owe_once
from tenants.contacts.changes import REVERIFY_CONTACTS
from tenants.contacts.service_models import (
    DirectoryChange,
    DirectoryOrganisation,
    DirectoryPoint,
    DirectoryService,
    DirectoryServiceArea,
)
from tenants.contacts.service_repository import Book, book
from tenants.partnerships import repository as partnerships


@dataclass(slots=True)
class Outcome:
    """What an import came to. ``conflicts`` are kept as they were stored; ``duplicates`` are only pointed out."""

    added: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    retired: Counter[str] = field(default_factory=Counter)
    conflicts: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def nothing_changed(self) -> bool:
        return not self.added.total() and not self.changed.total() and not self.retired.total()

    def lines(self) -> list[str]:
        """For a person, a line for each kind of outcome and for each thing to look at."""
        said = ["directory: nothing to do"] if self.nothing_changed else []
        for verb, counts in (("added", self.added), ("changed", self.changed), ("retired", self.retired)):
            if counts.total():
                said.append(f"directory: {verb} " + ", ".join(f"{n} {kind}" for kind, n in sorted(counts.items())))
        said += [f"conflict: {one}" for one in self.conflicts]
        said += [f"left out: {one}" for one in self.left_out]
        return said + [f"possible duplicate: {one}" for one in self.duplicates]


async def bring(
    session: TenantSession, listing: Listing, *, by: UUID | None = None, replace: bool = False, whole: bool = False
) -> Outcome:
    """Add and change until the directory says what the listing says. Never commits.

    ``replace`` lets the listing win over what was verified later; ``whole`` retires every service, and way to reach
    one, that it does not name. Raises ``Invalid`` with every code that leads nowhere; nothing is changed then.
    """
    known = await book(session, retired=True)
    areas = {area.code: area.id for area in await partnerships.areas(session)}
    _refuse_dangling(listing, known, areas, whole=whole)
    work = _Import(session, known, areas, by, await session.now(), replace=replace)
    work.outcome.left_out += listing.left_out
    work.outcome.duplicates += [*listing.duplicates(), *_stored_twice(listing, known)]
    # Each kind of row is there before another names it.
    for organisation in listing.organisations:
        work.organisation(organisation.model_dump())
    await session.flush()
    for service in listing.services:
        work.service(service)
    await session.flush()
    for service in listing.services:
        await work.within(service)
    if whole:
        work.retire_others(listing)
    await session.flush()
    if not work.outcome.nothing_changed:
        await owe_once(session, REVERIFY_CONTACTS, session.tenant_id)
    return work.outcome


async def attempt(
    session: TenantSession, listing: Listing, *, by: UUID | None = None, replace: bool = False, whole: bool = False
) -> Outcome:
    """What ``bring`` would come to; nothing of it stays. Raises as it does."""
    async with session.on_trial():
        return await bring(session, listing, by=by, replace=replace, whole=whole)


def _refuse_dangling(listing: Listing, known: Book, areas: dict[str, UUID], *, whole: bool) -> None:
    organisations = {row.code for row in known.organisations.values()} | {one.code for one in listing.organisations}
    in_use = [] if whole else [row.code for row in known.services if row.retired_at is None]
    services = {*in_use, *(one.code for one in listing.services)}
    faults = []
    for one in listing.services:
        if one.organisation not in organisations:
            faults.append(FieldError(f"{one.code}.organisation", f"{one.organisation} is not known; give its name too"))
        if one.fallback is not None and one.fallback not in services:
            faults.append(FieldError(f"{one.code}.fallback", f"there is no service {one.fallback}"))
        for area in (*one.areas, *(point.area for point in one.points if point.area is not None)):
            if area not in areas:
                remedy = f"choose from {', '.join(sorted(areas))}"
                faults.append(FieldError(f"{one.code}.areas", f"there is no area {area}; {remedy}"))
    if faults:
        raise Invalid(faults)


def _stored_twice(listing: Listing, known: Book) -> list[str]:
    """Services of the listing whose organisation has one of the same name already, under another code."""
    codes = {one.code for one in listing.services}
    named = {
        (known.organisations[row.organisation_id].code, row.name.casefold()): row.code
        for row in known.services
        if row.code not in codes and row.retired_at is None
    }
    found = [(one, named.get((one.organisation, one.name.casefold()))) for one in listing.services]
    return [f"{other} and {one.code} have the same organisation and name: {one.name}" for one, other in found if other]


_POINTS: Final = {"point_area": "area_id", "point_visibility": "visibility", "hours": "hours", "label": "label"}
"""The columns of a file that are a point's, and what they are called there."""


def _told(values: dict[str, Any], one: Service, columns: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The values that the service's file speaks of."""
    silent = one.silent_on if columns is None else {columns[name] for name in one.silent_on & columns.keys()}
    return {name: value for name, value in values.items() if name not in silent}


class _Import:
    """One import at work. Rows are added with the session's next flush."""

    def __init__(
        self, session: TenantSession, known: Book, areas: dict[str, UUID], by: UUID | None, now: datetime, *,
        replace: bool,
    ) -> None:  # fmt: skip
        self.session, self.known, self.areas, self.by, self.now = session, known, areas, by, now
        self.replace = replace
        self.outcome = Outcome()
        self.organisations = {row.code: row for row in known.organisations.values()}
        self.services = {row.code: row for row in known.services}

    def organisation(self, values: dict[str, Any]) -> None:
        row = self.organisations.get(values["code"])
        if row is None:
            self.organisations[values["code"]] = self._added(DirectoryOrganisation, values)
        else:
            self._set(row, values)

    def service(self, one: Service) -> None:
        values = {
            "code": one.code, "organisation_id": self.organisations[one.organisation].id, "name": one.name,
            "description": one.description, "website": one.website, "topics": list(one.topics),
            "eligibility": one.eligibility, "minimum_age": one.minimum_age, "maximum_age": one.maximum_age,
            "visibility": one.visibility,
        }  # fmt: skip
        row = self.services.get(one.code)
        if row is None:
            row = self.services[one.code] = self._added(DirectoryService, values)
            self._notice(row.id, None, "added", list(values))
        elif differing := self._set(row, _told(values, one) | {"retired_at": None}):
            self._notice(row.id, None, "changed", differing)

    async def within(self, one: Service) -> None:
        """Where a service is, how it is reached, and what stands in for it."""
        row = self.services[one.code]
        if "areas" not in one.silent_on:
            await self._areas(row, {self.areas[code] for code in one.areas})
        points = {point.code: point for point in self.known.points.get(row.id, [])}
        for number, point in enumerate(one.points):
            self._point(row, points.get(point.code), point, number, one)
        fallback = self.services[one.fallback].id if one.fallback is not None else None
        if "fallback" not in one.silent_on and self._set(row, {"fallback_id": fallback}):
            self._notice(row.id, None, "changed", ["fallback"])

    async def _areas(self, row: DirectoryService, wanted: set[UUID]) -> None:
        held = set(self.known.areas.get(row.id, []))
        for area_id in wanted - held:
            self._added(DirectoryServiceArea, {"service_id": row.id, "area_id": area_id})
        if gone := held - wanted:
            await self.session.execute(
                delete(DirectoryServiceArea).where(
                    col(DirectoryServiceArea.tenant_id) == self.session.tenant_id,
                    col(DirectoryServiceArea.service_id) == row.id, col(DirectoryServiceArea.area_id).in_(gone),
                )
            )  # fmt: skip
            self.outcome.changed["directory_service_area"] += len(gone)
        if held != wanted:
            self._notice(row.id, None, "changed", ["areas"])

    def retire_others(self, listing: Listing) -> None:
        """Take out of use what a listing of the whole directory does not name."""
        named = {one.code: {point.code for point in one.points} for one in listing.services}
        for row in self.known.services:
            for point in self.known.points.get(row.id, []):
                if row.code in named and point.code not in named[row.code]:
                    self._retire(point, row.id, point.code)
            if row.code not in named:
                self._retire(row, row.id, None)

    def _retire(self, row: DirectoryService | DirectoryPoint, service_id: UUID, point: str | None) -> None:
        if row.retired_at is None:
            row.retired_at = self.now
            kind = str(row.__tablename__)
            self.outcome.retired[kind] += 1
            self.session.audit_entries.append(Entry(f"{kind}.retired", kind, row.id, self.by, {}))
            self._notice(service_id, point, "retired", [])

    def _point(
        self, service: DirectoryService, row: DirectoryPoint | None, one: Point, number: int, of: Service
    ) -> None:
        values: dict[str, Any] = {
            "code": one.code, "kind": one.kind, "value": one.value, "label": one.label, "position": number,
            "area_id": self.areas[one.area] if one.area is not None else None, "visibility": one.visibility,
            "hours": [hours.model_dump(mode="json") for hours in one.hours],
        }  # fmt: skip
        proof = {"verified_on": one.verified_on, "verified_how": one.verified_how}
        if row is None:
            self._added(DirectoryPoint, {**values, **proof, "service_id": service.id})
            self._notice(service.id, one.code, "added", list(values))
            return
        same = row.kind == one.kind and same_value(one.kind, row.value) == same_value(one.kind, one.value)
        later = row.verified_on is not None and (one.verified_on is None or one.verified_on < row.verified_on)
        if not same and later and not self.replace:
            words = f"{service.code} {one.code} was verified on {row.verified_on} and is kept; the file has another"
            self.outcome.conflicts.append(f"{words} value. Import it with replace to take the file's.")
            return
        if same and later:
            proof = {}  # what is known of it is better than what the file knows
        else:
            proof |= {"verified_by": None}
        if differing := self._set(row, _told(values, of, _POINTS) | proof | {"retired_at": None}):
            self._notice(service.id, one.code, "changed", differing)

    def _added(self, model: type[Any], values: dict[str, Any]) -> Any:
        row = model(tenant_id=self.session.tenant_id, **values)
        self.session.add(row)
        kind = str(model.__tablename__)
        self.outcome.added[kind] += 1
        self.session.audit_entries.append(Entry(f"{kind}.added", kind, row.id, self.by, {}))
        return row

    def _set(self, row: TenantRow, values: dict[str, Any]) -> list[str]:
        differing = [name for name, value in values.items() if getattr(row, name) != value]
        for name in differing:
            setattr(row, name, values[name])
        if differing:
            kind = str(row.__tablename__)
            self.outcome.changed[kind] += 1
            self.session.audit_entries.append(Entry(f"{kind}.changed", kind, row.id, self.by, {"fields": differing}))
        return differing

    def _notice(self, service_id: UUID, point: str | None, action: str, fields: list[str]) -> None:
        self.session.append(
            DirectoryChange, service_id=service_id, point=point, action=action, fields=fields, made_by=self.by,
            made_at=self.now,
        )  # fmt: skip
