"""What a file of services says, whatever its format. Pure: codes in place of ids, checked in itself."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from backend.kit.texts import text_fault
from notifications.ladders.hours import Hours
from tenants.contacts.service_models import PointKind, Visibility

_SHAPES: Final = {
    PointKind.PHONE: (re.compile(r"\+?\d[\d ()]{1,19}( option \d)?"), "a telephone number, such as 01632 960001"),
    PointKind.TEXT: (re.compile(r"\+?\d[\d ]{2,19}"), "a number that takes text messages, such as 07700 900123"),
    PointKind.EMAIL: (re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+"), "an email address"),
    PointKind.WEB: (re.compile(r"https?://[^\s/]+\S*"), "a web address that begins with https://"),
    PointKind.ROTA: (re.compile(r"[a-z][a-z_]*"), "a rota's role, such as duty_manager"),
    PointKind.DESK: (re.compile(r"[a-z][a-z_]*"), "a role of the directory's entries, such as childrens_social_care"),
}


def _plain(text: str) -> str:
    if text and (fault := text_fault("", text, len(text))):
        raise ValueError(fault.message)
    return text


Code = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_plain)]
Words = Annotated[str, Field(max_length=4_000), AfterValidator(_plain)]
Age = Annotated[int, Field(ge=0, le=120)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Organisation(_Part):
    """Who offers services."""

    code: Code
    name: Line
    description: Words = ""
    website: Annotated[str, Field(max_length=1_000)] | None = None


class Point(_Part):
    """A way to reach a service. Unverified unless it says on which day, and how, somebody made sure of it."""

    code: Code
    kind: PointKind
    value: Annotated[str, Field(min_length=1, max_length=1_000)]
    label: Annotated[str, Field(max_length=200), AfterValidator(_plain)] = ""
    area: Code | None = None
    hours: tuple[Hours, ...] = ()
    visibility: Visibility = Visibility.PROFESSIONAL
    verified_on: date | None = None
    verified_how: Line | None = None

    @model_validator(mode="after")
    def _value_has_its_shape(self) -> Self:
        shape, wanted = _SHAPES[self.kind]
        if not shape.fullmatch(self.value):
            message = f"value must be {wanted}"
            raise ValueError(message)
        if (self.verified_on is None) != (self.verified_how is None):
            message = "verified_on and verified_how go together; give both or neither"
            raise ValueError(message)
        return self


class Service(_Part):
    """A service, with the codes of its organisation, its areas and what stands in for it.

    ``silent_on`` are columns, as a CSV file names them, of which its file says nothing: what is stored of them stays.
    """

    code: Code
    organisation: Code
    name: Line
    description: Words = ""
    website: Annotated[str, Field(max_length=1_000)] | None = None
    topics: tuple[Code, ...] = ()
    eligibility: Words = ""
    minimum_age: Age | None = None
    maximum_age: Age | None = None
    visibility: Visibility = Visibility.PROFESSIONAL
    areas: tuple[Code, ...] = ()
    fallback: Code | None = None
    points: tuple[Point, ...] = ()
    silent_on: frozenset[str] = frozenset()

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.minimum_age is not None and self.maximum_age is not None and self.minimum_age > self.maximum_age:
            message = "minimum_age must not be above maximum_age"
            raise ValueError(message)
        codes = [one.code for one in self.points]
        if len(set(codes)) != len(codes):
            message = f"{self.code} has two points of one code; rename one"
            raise ValueError(message)
        if self.fallback == self.code:
            message = f"{self.code} cannot stand in for itself; name another service or leave fallback out"
            raise ValueError(message)
        return self


class Listing(_Part):
    """All that a file holds. A service's organisation may be one that the partnership has already."""

    organisations: tuple[Organisation, ...] = ()
    services: tuple[Service, ...] = ()
    left_out: tuple[str, ...] = ()
    """What the file holds and was not read, in words."""

    @model_validator(mode="after")
    def _codes_differ(self) -> Self:
        for kind, named in (("organisation", self.organisations), ("service", self.services)):
            codes = [one.code for one in named]
            for code in codes:
                if codes.count(code) > 1:
                    message = f"the {kind} {code} stands there twice; rename or remove one"
                    raise ValueError(message)
        return self

    def duplicates(self) -> Iterator[str]:
        """What looks like the same thing twice, in words: one name of an organisation's, one number of two services."""
        named: dict[tuple[str, str], str] = {}
        reached: dict[tuple[PointKind, str], str] = {}
        for one in self.services:
            other = named.setdefault((one.organisation, one.name.casefold()), one.code)
            if other != one.code:
                yield f"{other} and {one.code} have the same organisation and name: {one.name}"
            for point in one.points:
                if point.kind in {PointKind.ROTA, PointKind.DESK}:
                    continue
                owner = reached.setdefault((point.kind, same_value(point.kind, point.value)), one.code)
                if owner != one.code:
                    yield f"{owner} and {one.code} are reached by the same {point.kind.value}"


def same_value(kind: PointKind, value: str) -> str:
    """Numbers without their spaces, addresses without capitals: what is the same however it is written."""
    if kind in {PointKind.PHONE, PointKind.TEXT}:
        return re.sub(r"[^\d+a-z]", "", value)
    return value.casefold()
