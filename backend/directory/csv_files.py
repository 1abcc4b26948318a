"""The directory as CSV: a row for each way to reach a service, the service's own columns repeated on each. Pure."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from backend.directory.hours_text import read_hours, written_hours
from backend.directory.listing import Listing, Organisation, Point, Service
from backend.kit.csv_cells import guarded, unguarded
from backend.pathways.definitions.faults import Fault, Faulty, choose

_ORGANISATION: Final = ("organisation", "organisation_name", "organisation_description", "organisation_website")
_SERVICE: Final = (
    "service", "name", "description", "website", "topics", "eligibility", "minimum_age", "maximum_age", "visibility",
    "areas", "fallback",
)  # fmt: skip
_POINT: Final = (
    "point", "kind", "value", "label", "point_area", "hours", "point_visibility", "verified_on", "verified_how",
)  # fmt: skip
COLUMNS: Final = (*_SERVICE, *_ORGANISATION, *_POINT)
_NEEDED: Final = ("service", "name", "organisation")
_LISTS: Final = ("topics", "areas")
MOST: Final = 5_000_000  # characters


def read_csv(text: str, file: str) -> Listing:
    """The listing in a file. Raises ``Faulty`` with every fault, each with its line and what to do."""
    if len(text) > MOST:
        raise Faulty([Fault(file, 1, f"the file is larger than {MOST:,} characters", "split it")])
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    faults = list(_header_faults(reader.fieldnames or (), file))
    if faults:
        raise Faulty(faults)
    return _Rows(file, frozenset(COLUMNS) - set(reader.fieldnames or ())).read(reader)


def _header_faults(names: Iterable[str], file: str) -> Iterator[Fault]:
    given = list(names)
    for name in given:
        if name not in COLUMNS:
            yield Fault(file, 1, f"{name!r} is no column", choose(name, COLUMNS))
        elif given.count(name) > 1:
            yield Fault(file, 1, f"the column {name} stands there twice", "remove one")
    for name in _NEEDED:
        if name not in given:
            yield Fault(file, 1, f"the column {name} is missing", "add it")


class _Rows:
    """Gathers the rows of one file."""

    def __init__(self, file: str, silent_on: frozenset[str]) -> None:
        self.file, self.silent_on = file, silent_on
        self.faults: list[Fault] = []
        self.organisations: dict[str, Organisation] = {}
        self.services: dict[str, tuple[dict[str, Any], int]] = {}
        self.points: dict[str, list[Point]] = {}

    def read(self, reader: "csv.DictReader[str]") -> Listing:
        try:
            for row in reader:
                self._row(row, reader.line_num)
        except csv.Error as error:
            self._fault(reader.line_num, f"this is not CSV: {error}", "check the quotes of this line")
        services = [self._service(code) for code in self.services]
        if self.faults:
            raise Faulty(self.faults)
        organisations = sorted(self.organisations.values(), key=lambda one: one.code)
        return Listing(organisations=tuple(organisations), services=tuple(one for one in services if one is not None))

    def _row(self, row: Mapping[Any, Any], line: int) -> None:
        if None in row or None in row.values():
            self._fault(line, "the row has more or fewer cells than the header", "check its commas and quotes")
            return
        cells = {name: unguarded(value.strip()) for name, value in row.items()}
        self._organisation(cells, line)
        code = cells["service"]
        if not code:
            self._fault(line, "service is empty", "give the service a code, such as north-duty-team")
            return
        own = {name: cells.get(name, "") for name in (*_SERVICE, "organisation")}
        known, first = self.services.setdefault(code, (own, line))
        for name, value in own.items():
            if known[name] != value:
                self._fault(line, f"{name} of {code} differs from line {first}", "write the same on both lines")
        if any(cells.get(name) for name in _POINT):
            self._point(code, cells, line)

    def _organisation(self, cells: Mapping[str, str], line: int) -> None:
        code, name = cells["organisation"], cells.get("organisation_name", "")
        if not name:
            return
        given = {"code": code, "name": name, "description": cells.get("organisation_description", ""),
                 "website": cells.get("organisation_website") or None}  # fmt: skip
        found = self._made(Organisation, given, line, {"code": "organisation", "name": "organisation_name"})
        if isinstance(found, Organisation) and self.organisations.setdefault(code, found) != found:
            self._fault(line, f"the organisation {code} is described otherwise above", "write the same on both lines")

    def _point(self, code: str, cells: Mapping[str, str], line: int) -> None:
        try:
            hours = read_hours(cells.get("hours", ""))
        except ValueError as error:
            said, _, remedy = str(error).partition("; ")
            self._fault(line, f"hours: {said}", remedy)
            return
        kind = cells.get("kind", "")
        number = sum(one.kind.value == kind for one in self.points.get(code, ())) + 1
        given: dict[str, Any] = {
            "code": cells.get("point") or f"{kind}-{number}", "kind": kind, "value": cells.get("value", ""),
            "label": cells.get("label", ""), "hours": hours,
        }  # fmt: skip
        optional = {"area": "point_area", "visibility": "point_visibility", "verified_on": "verified_on",
                    "verified_how": "verified_how"}  # fmt: skip
        given |= {field: cells[column] for field, column in optional.items() if cells.get(column)}
        found = self._made(Point, given, line, optional | {"code": "point"})
        if isinstance(found, Point):
            self.points.setdefault(code, []).append(found)

    def _service(self, code: str) -> Service | None:
        cells, line = self.services[code]
        given: dict[str, Any] = {name: value for name, value in cells.items() if value and name != "service"}
        given |= {name: [one.strip() for one in cells[name].split(";") if one.strip()] for name in _LISTS}
        given |= {"code": code, "points": tuple(self.points.get(code, ())), "silent_on": self.silent_on}
        found = self._made(Service, given, line, {"code": "service"})
        return found if isinstance(found, Service) else None

    def _made(
        self, model: type[BaseModel], given: Mapping[str, Any], line: int, columns: Mapping[str, str]
    ) -> BaseModel | None:
        try:
            return model.model_validate(given)
        except ValidationError as error:
            for fault in error.errors():
                field = str(fault["loc"][0]) if fault["loc"] else ""
                column = columns.get(field, field)
                said = fault["msg"].removeprefix("Value error, ")
                what = f"{column} {fault['input']!r}: {said}" if column else said
                self._fault(line, what, "correct the cell")
        return None

    def _fault(self, line: int, said: str, remedy: str) -> None:
        self.faults.append(Fault(self.file, line, said, remedy))


def written_csv(listing: Listing) -> str:
    """The file from which ``read_csv`` reads the same; no cell of it is a formula to a spreadsheet."""
    out = io.StringIO()
    writer: csv.DictWriter[str] = csv.DictWriter(out, COLUMNS, lineterminator="\n", restval="")
    writer.writeheader()
    organisations = {one.code: one for one in listing.organisations}
    for service in listing.services:
        for point in service.points or (None,):
            cells = _cells(service, organisations.get(service.organisation), point)
            writer.writerow({name: guarded(value) for name, value in cells.items()})
    return out.getvalue()


def _cells(service: Service, organisation: Organisation | None, point: Point | None) -> dict[str, str]:
    said: dict[str, Any] = {
        name: getattr(service, name) for name in _SERVICE if name not in {"service", "topics", "areas", "visibility"}
    }
    said |= {"service": service.code, "topics": ";".join(service.topics), "areas": ";".join(service.areas),
             "visibility": service.visibility.value, "organisation": service.organisation}  # fmt: skip
    if organisation is not None:
        said |= {"organisation_name": organisation.name, "organisation_description": organisation.description,
                 "organisation_website": organisation.website}  # fmt: skip
    if point is not None:
        said |= {"point": point.code, "kind": point.kind.value, "value": point.value, "label": point.label,
                 "point_area": point.area, "hours": written_hours(point.hours),
                 "point_visibility": point.visibility.value, "verified_on": point.verified_on,
                 "verified_how": point.verified_how}  # fmt: skip
    return {name: "" if value is None else str(value) for name, value in said.items()}
