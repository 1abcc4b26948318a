"""Services as Open Referral UK has them (HSDS 3.0, UK profile): a listing as JSON. Pure.

What begins with ``safeguard_`` is ours: the standard allows properties of one's own and asks that they be told apart.
A way to reach a service is a contact; the hours of a way are schedules that name it. ``hsds_reading`` reads it back.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID, uuid5

from backend.directory.listing import Listing, Organisation, Point, Service
from notifications.rotas.rules import BankHolidays
from tenants.contacts.service_models import PointKind

VERSION: Final = "HSDS-UK-3.0"
PROFILE: Final = "https://docs.openreferraluk.org/en/latest/"
OURS: Final = "safeguard_"
CODE: Final = f"{OURS}code"
KIND: Final = f"{OURS}kind"
CONTACT: Final = f"{OURS}contact_id"
VISIBILITY: Final = f"{OURS}visibility"
FALLBACK: Final = f"{OURS}fallback"
AREA: Final = f"{OURS}area"
VERIFIED_ON: Final = f"{OURS}verified_on"
VERIFIED_HOW: Final = f"{OURS}verified_how"
VALUE: Final = f"{OURS}value"
WEBSITE: Final = f"{OURS}website"
TAXONOMY: Final = "Safeguard topics"
DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
NOTES: Final = {
    BankHolidays.REGARDLESS: "", BankHolidays.EXCEPT: "except bank holidays", BankHolidays.ONLY: "only bank holidays",
}  # fmt: skip
_SAID: Final = frozenset({PointKind.PHONE, PointKind.TEXT})
TOLD: Final = frozenset({PointKind.PHONE, PointKind.TEXT, PointKind.EMAIL, PointKind.WEB})
"""The kinds of point that mean something outside the partnership."""
_WEB: Final = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?([/?#]\S*)?")
_EMAIL: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@((?!..--)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+(?!..--)[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_LONGEST_EMAIL: Final = 254
_LONE_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


def service_id(partnership_id: UUID, code: str) -> str:
    """A service's identifier in feeds and files: the same for as long as it keeps its code."""
    return str(uuid5(partnership_id, f"service:{code}"))


def uri(text: str | None) -> str | None:
    """A web address as the standard takes it, what no address may hold percent-encoded; None for what is none."""
    if text is None or _WEB.fullmatch(text) is None:
        return None
    page, mark, place = _LONE_PERCENT.sub("%25", text).partition("#")
    return quote(page, safe="%/:?@!$&'()*+,;=~-._") + mark + quote(place, safe="%/:?@!$&'()*+,;=~-._")


def email(text: str) -> str | None:
    """An address as the standard takes it, None for another: what was entered loosely is not passed on."""
    return text if len(text) <= _LONGEST_EMAIL and _EMAIL.fullmatch(text) else None


def as_json(
    listing: Listing, partnership_id: UUID, area_names: Mapping[str, str], base: str | None
) -> list[dict[str, Any]]:
    """Every service, fully nested. ``base`` is where the public feed is, for services without a page of their own.

    Without ``base`` it is a file for the partnership itself, which says besides who may see what, what stands in for
    a service, how a number was verified, and ways that mean nothing outside: nothing is lost when it is read back.
    """
    organisations = {one.code: one for one in listing.organisations}
    writing = _Writing(partnership_id, area_names, base)
    return [writing.service(one, organisations[one.organisation]) for one in listing.services]


class _Writing:
    def __init__(self, partnership_id: UUID, areas: Mapping[str, str], base: str | None) -> None:
        self._of, self._areas, self._base = partnership_id, areas, base

    def service(self, one: Service, organisation: Organisation) -> dict[str, Any]:
        own = service_id(self._of, one.code)
        elsewhere = f"{self._base}/services/{own}" if self._base is not None else f"urn:uuid:{own}"
        url = uri(one.website) or elsewhere
        said = [point for point in one.points if point.kind in TOLD or self._base is None]
        verified = [point.verified_on for point in said]
        emails = [email(point.value) for point in said if point.kind is PointKind.EMAIL]
        return _given({
            "id": own, "name": one.name, "description": one.description, "url": url, "status": "active",
            "minimum_age": one.minimum_age, "maximum_age": one.maximum_age,
            "eligibility_description": one.eligibility or None, "email": next((each for each in emails if each), None),
            "assured_date": str(min(each for each in verified if each)) if verified and all(verified) else None,
            "organization": self._organisation(organisation),
            "organization_id": self._id("organisation", organisation),
            "service_areas": [self._area(one, area) for area in one.areas],
            "contacts": [self._contact(one, point, url) for point in said],
            "schedules": [each for point in said for each in self._schedules(one, point, url)],
            "attributes": [self._topic(one, topic) for topic in one.topics],
            CODE: one.code,
            **self._kept({VISIBILITY: one.visibility.value, FALLBACK: one.fallback, WEBSITE: one.website}),
        })  # fmt: skip

    def _kept(self, ours: Mapping[str, Any]) -> Mapping[str, Any]:
        """What is the partnership's own business, and in no public feed."""
        return ours if self._base is None else {}

    def _id(self, kind: str, one: Organisation | Service) -> str:
        return str(uuid5(self._of, f"{kind}:{one.code}"))

    def _organisation(self, one: Organisation) -> dict[str, Any]:
        described = one.description or one.name
        return _given({"id": self._id("organisation", one), "name": one.name, "description": described,
                       "website": uri(one.website), CODE: one.code, **self._kept({WEBSITE: one.website})})  # fmt: skip

    def _area(self, one: Service, area: str) -> dict[str, Any]:
        name = self._areas.get(area, area)
        return {"id": str(uuid5(self._of, f"area:{one.code}:{area}")), "service_id": service_id(self._of, one.code),
                "name": name, "service_area": name, CODE: area}  # fmt: skip

    def _topic(self, one: Service, topic: str) -> dict[str, Any]:
        words, term = topic.replace("-", " "), str(uuid5(self._of, f"topic:{topic}"))
        return {
            "id": str(uuid5(self._of, f"attribute:{one.code}:{topic}")), "link_id": service_id(self._of, one.code),
            "link_entity": "service", "taxonomy_term_id": term,
            "taxonomy_term": {"id": term, "code": topic, "name": words, "term": words, "description": words,
                              "taxonomy": TAXONOMY},
        }  # fmt: skip

    def _contact_id(self, service: Service, point: Point) -> str:
        return str(uuid5(self._of, f"contact:{service.code}:{point.code}"))

    def _contact(self, service: Service, point: Point, url: str) -> dict[str, Any]:
        own = self._contact_id(service, point)
        made: dict[str, Any] = {
            "id": own, "service_id": service_id(self._of, service.code), "name": point.label or None, "url": url,
            CODE: point.code, KIND: point.kind.value,
            VERIFIED_ON: str(point.verified_on) if point.verified_on else None,
            **self._kept({VALUE: point.value, VISIBILITY: point.visibility.value, AREA: point.area,
                          VERIFIED_HOW: point.verified_how}),
        }  # fmt: skip
        if point.kind in _SAID:
            kind = "text" if point.kind is PointKind.TEXT else "voice"
            phone = {"id": str(uuid5(self._of, f"phone:{own}")), "contact_id": own, "number": point.value, "url": url,
                     "type": kind}  # fmt: skip
            made["phones"] = [phone]
        elif point.kind is PointKind.EMAIL:
            made["email"] = email(point.value)
        else:
            made["url"] = uri(point.value) or url
        return _given(made)

    def _schedules(self, service: Service, point: Point, url: str) -> Iterator[dict[str, Any]]:
        """Local wall times, as a partnership means them; a closing at or before the opening is on the next day."""
        contact = self._contact_id(service, point)
        for number, hours in enumerate(point.hours):
            yield {
                "id": str(uuid5(self._of, f"schedule:{contact}:{number}")), CONTACT: contact, "url": url,
                "service_id": service_id(self._of, service.code), "freq": "WEEKLY",
                "byday": ",".join(DAYS[day] for day in sorted(hours.weekdays)), "opens_at": f"{hours.start:%H:%M}",
                "closes_at": f"{hours.end:%H:%M}", "notes": NOTES[hours.bank_holidays],
                "description": point.label or service.name,
            }  # fmt: skip


def _given(made: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in made.items() if value is not None}
