"""A file of Open Referral UK (HSDS 3.0) as a listing, whoever wrote it. Pure.

A file says what is public somewhere. Here it is for professionals, unless the file itself says otherwise: nobody
publishes another's service by reading it. What would be understood wrongly is refused, and what is not in use is told.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from backend.directory.hsds import (
    AREA,
    CODE,
    CONTACT,
    DAYS,
    FALLBACK,
    KIND,
    NOTES,
    TAXONOMY,
    VALUE,
    VERIFIED_HOW,
    VERIFIED_ON,
    VISIBILITY,
    WEBSITE,
)  # fmt: skip
from backend.directory.listing import Listing, Organisation, Service
from backend.pathways.definitions.faults import Fault, Faulty
from notifications.ladders.hours import Hours
from notifications.rotas.rules import BankHolidays
from tenants.contacts.service_models import PointKind, Visibility

# A time of day; the offset of Britain in winter or in summer says no more than that it is one.
_TIME: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(:00)?(Z|[+-]00:?00|\+01:?00)?")
# What only a partnership's own file says of a service.
_OUR_OWN: Final = frozenset({"topics", "areas", "fallback", "visibility", "point_area", "point_visibility"})
_HOLIDAYS: Final = {notes: rule for rule, notes in NOTES.items()}


def read_json(text: str, file: str) -> Listing:
    """The listing in an HSDS file: a list of services, or an object with ``services`` or a page's ``contents``.

    Areas are those that name a code of ours, topics those of our own taxonomy. Services that are not active are left
    out and named in ``left_out``. Raises ``Faulty``, also for hours that are not weekly: without them the way would
    be taken for open at all times.
    """
    given = _services(text, file)
    organisations: dict[str, Organisation] = {}
    services: list[Service] = []
    left_out: list[str] = []
    faults: list[Fault] = []
    for number, one in enumerate(given, 1):
        if (status := one.get("status") or "active") != "active":
            left_out.append(f"service {number}, {str(one.get('name'))[:100]}: it is {str(status)[:40]}")
            continue
        try:
            organisation = _organisation(one)
            organisations.setdefault(organisation.code, organisation)
            services.append(_service(one, organisation.code))
        except _NotRead as error:
            faults.append(Fault(file, 1, f"service {number}: {error.args[0]}", error.args[1]))
        except ValidationError as error:
            for each in error.errors():
                place = ".".join(str(part) for part in each["loc"])
                said = f"service {number}: {place}: {each['msg'].removeprefix('Value error, ')}"
                faults.append(Fault(file, 1, said, "correct it"))
    if faults:
        raise Faulty(faults)
    try:
        return Listing(
            organisations=tuple(organisations.values()), services=tuple(services), left_out=tuple(left_out)
        )  # fmt: skip
    except ValidationError as error:
        said, _, remedy = error.errors()[0]["msg"].removeprefix("Value error, ").partition("; ")
        raise Faulty([Fault(file, 1, said, remedy)]) from error


class _NotRead(Exception):
    """A fault and its remedy, told with the service's number."""


def _services(text: str, file: str) -> list[dict[str, Any]]:
    try:
        data = json.loads(text)
    except ValueError as error:
        raise Faulty([Fault(file, getattr(error, "lineno", 1), "this is not JSON", "export it again")]) from error
    if isinstance(data, dict):
        data = data.get("services", data.get("contents"))
    if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
        raise Faulty([Fault(file, 1, "there is no list of services", "give a list, or an object with services")])
    return data


def _slug(text: object) -> str:
    return re.sub(r"[^a-z0-9]+", "-", str(text or "").casefold()).strip("-")[:60].rstrip("-")


def _objects(one: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    given = one.get(name)
    return [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []


def _organisation(one: Mapping[str, Any]) -> Organisation:
    given = one.get("organization")
    found = given if isinstance(given, dict) else {}
    name, described = found.get("name") or "", found.get("description") or ""
    return Organisation.model_validate({
        "code": found.get(CODE) or _slug(name), "name": name, "description": "" if described == name else described,
        "website": found.get(WEBSITE, found.get("website")),
    })  # fmt: skip


def _service(one: Mapping[str, Any], organisation: str) -> Service:
    areas = [each[CODE] for each in _objects(one, "service_areas") if CODE in each]
    return Service.model_validate({
        "code": one.get(CODE) or _slug(one.get("name")), "organisation": organisation, "name": one.get("name") or "",
        "description": one.get("description") or "", "topics": list(_topics(one)), "website": _website(one),
        "eligibility": one.get("eligibility_description") or "", "minimum_age": one.get("minimum_age"),
        "maximum_age": one.get("maximum_age"), "areas": areas, "fallback": one.get(FALLBACK),
        "visibility": one.get(VISIBILITY, Visibility.PROFESSIONAL), "points": list(_points(one)),
        "silent_on": frozenset() if VISIBILITY in one else _OUR_OWN,
    })  # fmt: skip


def _website(one: Mapping[str, Any]) -> str | None:
    """The service's own page; not its place in the feed that it was read from."""
    url = str(one.get(WEBSITE) or one.get("url") or "")
    feed = url.startswith("urn:") or (one.get("id") and url.endswith(f"/services/{one['id']}"))
    return None if feed or not url else url


def _topics(one: Mapping[str, Any]) -> Iterator[str]:
    for each in _objects(one, "attributes"):
        term = each.get("taxonomy_term")
        if isinstance(term, dict) and term.get("taxonomy") == TAXONOMY and term.get("code"):
            yield str(term["code"])


def _points(one: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Each number and address once, with the hours of the contact that it belongs to."""
    schedules, contacts = _objects(one, "schedules"), _objects(one, "contacts")
    loose = {"phones": one.get("phones"), "email": None if contacts else one.get("email")}
    given: set[str] = set()
    for contact in (*contacts, loose):
        own = [each for each in schedules if each.get(CONTACT, contact.get("id")) == contact.get("id")]
        hours = [_hours(each) for each in own]
        ways = list(_ways(contact))
        for kind, value in ways:
            code = str(contact[CODE]) if CODE in contact and len(ways) == 1 else _slug(f"{kind}-{value}")
            if code not in given:
                given.add(code)
                yield {"code": code, "kind": kind, "value": value, "hours": hours, "label": contact.get("name") or "",
                       "visibility": contact.get(VISIBILITY, Visibility.PROFESSIONAL), "area": contact.get(AREA),
                       **_verified(contact)}  # fmt: skip


def _ways(contact: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if KIND in contact and VALUE in contact:
        yield str(contact[KIND]), str(contact[VALUE])
        return
    for phone in _objects(contact, "phones"):
        yield ("text" if phone.get("type") == "text" else "phone"), str(phone.get("number") or "")
    if contact.get("email"):
        yield "email", str(contact["email"])
    if contact.get(KIND) == PointKind.WEB:
        yield "web", str(contact.get("url") or "")


def _verified(contact: Mapping[str, Any]) -> dict[str, Any]:
    both = {"verified_on": contact.get(VERIFIED_ON), "verified_how": contact.get(VERIFIED_HOW)}
    return both if all(both.values()) else {}


def _hours(schedule: Mapping[str, Any]) -> Hours:
    """Without times it is the whole day; what is not weekly has no place here."""
    days = str(schedule.get("byday") or ",".join(DAYS)).replace(" ", "").split(",")
    times = [schedule.get(name) for name in ("opens_at", "closes_at")]
    found = [_TIME.fullmatch(str(each)) for each in times if each is not None] or [_TIME.fullmatch("00:00")] * 2
    read: Sequence[str] = [f"{each[1]}:{each[2]}" for each in found if each is not None]
    odd = (schedule.get("freq") or "WEEKLY") != "WEEKLY" or schedule.get("interval") not in {None, 1, "1"}
    if odd or len(read) != len(times) or not set(days) <= set(DAYS):
        message = f"schedule {str(schedule.get('id'))[:60]} does not say hours of each week"
        raise _NotRead(message, "give freq WEEKLY, days such as MO,TU in byday, and opens_at and closes_at as 09:00")
    return Hours.model_validate({
        "weekdays": [DAYS.index(day) for day in days], "start": read[0], "end": read[1],
        "bank_holidays": _HOLIDAYS.get(schedule.get("notes") or "", BankHolidays.REGARDLESS),
    })  # fmt: skip
