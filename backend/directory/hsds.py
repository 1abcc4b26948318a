"""Services as Open Referral UK has them (HSDS 3.0, UK profile): a listing as JSON, and back. Pure.

``safeguard_code`` on services, organisations and contacts is ours; the standard allows properties of one's own.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID, uuid5

from pydantic import ValidationError

from backend.directory.listing import Listing, Organisation, Point, Service
from backend.pathways.definitions.faults import Fault, Faulty
from notifications.ladders.hours import Hours
from notifications.rotas.rules import BankHolidays
from tenants.contacts.service_models import PointKind

VERSION: Final = "HSDS-UK-3.0"
PROFILE: Final = "https://docs.openreferraluk.org/en/latest/"
CODE: Final = "safeguard_code"
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NOTES: Final = {
    BankHolidays.REGARDLESS: "", BankHolidays.EXCEPT: "except bank holidays", BankHolidays.ONLY: "only bank holidays",
}  # fmt: skip
_SAID: Final = frozenset({PointKind.PHONE, PointKind.TEXT})
TOLD: Final = frozenset({PointKind.PHONE, PointKind.TEXT, PointKind.EMAIL, PointKind.WEB})
"""The kinds of point that mean something outside the partnership."""


def service_id(partnership_id: UUID, code: str) -> str:
    """A service's identifier in feeds and files: the same for as long as it keeps its code."""
    return str(uuid5(partnership_id, f"service:{code}"))


def as_json(listing: Listing, partnership_id: UUID, area_names: Mapping[str, str], base: str) -> list[dict[str, Any]]:
    """Every service, fully nested. ``base`` is where the feed is, for services without a page of their own."""
    organisations = {one.code: one for one in listing.organisations}
    return [
        _service(one, organisations[one.organisation], partnership_id, area_names, base) for one in listing.services
    ]


def _service(
    one: Service, organisation: Organisation, partnership_id: UUID, areas: Mapping[str, str], base: str
) -> dict[str, Any]:
    own = service_id(partnership_id, one.code)
    url = one.website or f"{base}/services/{own}"
    said = [point for point in one.points if point.kind in TOLD]
    verified = [point.verified_on for point in said]
    made: dict[str, Any] = {
        "id": own, "name": one.name, "description": one.description, "url": url, "status": "active",
        "minimum_age": one.minimum_age, "maximum_age": one.maximum_age,
        "eligibility_description": one.eligibility or None,
        "email": next((point.value for point in said if point.kind is PointKind.EMAIL), None),
        "assured_date": str(min(each for each in verified if each)) if verified and all(verified) else None,
        "organization": _organisation(organisation, partnership_id),
        "organization_id": str(uuid5(partnership_id, f"organisation:{organisation.code}")),
        "service_areas": [
            {"id": str(uuid5(partnership_id, f"area:{one.code}:{area}")), "name": areas.get(area, area), CODE: area}
            for area in one.areas
        ],
        "contacts": [_contact(one, point, partnership_id, url) for point in said],
        "schedules": [each for point in said for each in _schedules(one, point, partnership_id, url)],
        "attributes": [], "topics": list(one.topics), CODE: one.code,
    }  # fmt: skip
    return {name: value for name, value in made.items() if value is not None}


def _organisation(one: Organisation, partnership_id: UUID) -> dict[str, Any]:
    made = {"id": str(uuid5(partnership_id, f"organisation:{one.code}")), "name": one.name,
            "description": one.description or one.name, "website": one.website, CODE: one.code}  # fmt: skip
    return {name: value for name, value in made.items() if value is not None}


def _contact_id(service: Service, point: Point, partnership_id: UUID) -> str:
    return str(uuid5(partnership_id, f"contact:{service.code}:{point.code}"))


def _contact(service: Service, point: Point, partnership_id: UUID, url: str) -> dict[str, Any]:
    own = _contact_id(service, point, partnership_id)
    made: dict[str, Any] = {"id": own, "name": point.label or service.name, "title": point.kind.value, "url": url,
                            "verified_on": str(point.verified_on) if point.verified_on else None,
                            CODE: point.code}  # fmt: skip
    if point.kind in _SAID:
        phone = {"id": str(uuid5(partnership_id, f"phone:{own}")), "contact_id": own, "number": point.value, "url": url,
                 "type": "text" if point.kind is PointKind.TEXT else "voice"}  # fmt: skip
        made["phones"] = [phone]
    elif point.kind is PointKind.EMAIL:
        made["email"] = point.value
    else:
        made["url"] = point.value
    return {name: value for name, value in made.items() if value is not None}


def _schedules(service: Service, point: Point, partnership_id: UUID, url: str) -> Iterator[dict[str, Any]]:
    """Local wall times, as a partnership means them; a closing at or before the opening is on the next day."""
    contact = _contact_id(service, point, partnership_id)
    for number, hours in enumerate(point.hours):
        yield {
            "id": str(uuid5(partnership_id, f"schedule:{contact}:{number}")), "contact_id": contact, "url": url,
            "service_id": service_id(partnership_id, service.code), "freq": "WEEKLY", "interval": 1,
            "byday": ",".join(_DAYS[day] for day in sorted(hours.weekdays)), "opens_at": f"{hours.start:%H:%M}",
            "closes_at": f"{hours.end:%H:%M}", "notes": _NOTES[hours.bank_holidays],
            "description": point.label or service.name,
        }  # fmt: skip


def read_json(text: str, file: str) -> Listing:
    """The listing in an HSDS file: a list of services, or an object with ``services`` or a page's ``contents``.

    Areas are those that name a code of ours. Raises ``Faulty``.
    """
    try:
        data = json.loads(text)
    except ValueError as error:
        raise Faulty([Fault(file, getattr(error, "lineno", 1), "this is not JSON", "export it again")]) from error
    if isinstance(data, dict):
        data = data.get("services", data.get("contents"))
    if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
        raise Faulty([Fault(file, 1, "there is no list of services", "give a list, or an object with services")])
    organisations: dict[str, Organisation] = {}
    services: list[Service] = []
    faults: list[Fault] = []
    for number, one in enumerate(data, 1):
        try:
            organisation = _read_organisation(one)
            organisations.setdefault(organisation.code, organisation)
            services.append(_read_service(one, organisation.code))
        except ValidationError as error:
            for each in error.errors():
                place = ".".join(str(part) for part in each["loc"])
                said = f"service {number}: {place}: {each['msg'].removeprefix('Value error, ')}"
                faults.append(Fault(file, 1, said, "correct it"))
    if faults:
        raise Faulty(faults)
    try:
        return Listing(organisations=tuple(organisations.values()), services=tuple(services))
    except ValidationError as error:
        said, _, remedy = error.errors()[0]["msg"].removeprefix("Value error, ").partition("; ")
        raise Faulty([Fault(file, 1, said, remedy)]) from error


def _slug(text: object) -> str:
    return re.sub(r"[^a-z0-9]+", "-", str(text or "").casefold()).strip("-")[:60].rstrip("-")


def _read_organisation(one: Mapping[str, Any]) -> Organisation:
    given = one.get("organization")
    found = given if isinstance(given, dict) else {}
    code = found.get(CODE) or _slug(found.get("name"))
    return Organisation.model_validate({
        "code": code, "name": found.get("name") or "", "description": found.get("description") or "",
        "website": found.get("website"),
    })  # fmt: skip


def _read_service(one: Mapping[str, Any], organisation: str) -> Service:
    schedules = [each for each in one.get("schedules") or () if isinstance(each, dict)]
    areas = [each[CODE] for each in one.get("service_areas") or () if isinstance(each, dict) and CODE in each]
    return Service.model_validate({
        "code": one.get(CODE) or _slug(one.get("name")), "organisation": organisation, "name": one.get("name") or "",
        "description": one.get("description") or "", "topics": one.get("topics") or (),
        "eligibility": one.get("eligibility_description") or "", "minimum_age": one.get("minimum_age"),
        "maximum_age": one.get("maximum_age"), "areas": areas, "visibility": one.get("visibility", "public"),
        "points": list(_read_points(one, schedules)),
    })  # fmt: skip


def _read_points(one: Mapping[str, Any], schedules: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    contacts = [each for each in one.get("contacts") or () if isinstance(each, dict)]
    loose = {"phones": one.get("phones"), "email": None if contacts else one.get("email")}
    for contact in (*contacts, loose):
        own = [each for each in schedules if each.get("contact_id", contact.get("id")) == contact.get("id")]
        hours = [_read_hours(each) for each in own if each.get("freq") == "WEEKLY" and each.get("opens_at")]
        phones = [each for each in contact.get("phones") or () if isinstance(each, dict)]
        values = [("text" if each.get("type") == "text" else "phone", each.get("number")) for each in phones]
        values += [("email", contact["email"])] if contact.get("email") else []
        values += [("web", contact["url"])] if contact.get("title") == "web" else []
        for kind, value in values:
            code = contact.get(CODE) or _slug(f"{kind}-{value}")
            yield {"code": code, "kind": kind, "value": str(value or ""), "hours": hours, "visibility": "public",
                   "label": contact.get("name") or ""}  # fmt: skip


def _read_hours(schedule: Mapping[str, Any]) -> Hours:
    days = [day for day in str(schedule.get("byday") or ",".join(_DAYS)).split(",") if day in _DAYS]
    holidays = {notes: rule for rule, notes in _NOTES.items()}.get(schedule.get("notes") or "", BankHolidays.REGARDLESS)
    return Hours.model_validate({
        "weekdays": [_DAYS.index(day) for day in days], "start": str(schedule["opens_at"])[:5],
        "end": str(schedule.get("closes_at") or "00:00")[:5], "bank_holidays": holidays,
    })  # fmt: skip
