"""What an archetype file may say. Pure: a value of these types is consistent in itself.

Each check is made here, when the file is read, because the same fault found later is found while a
child's death is being reported.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, time
from typing import Annotated, Any, Final, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from backend.directory.listing import Listing
from backend.identity.policies import ROLES
from backend.kit.addresses import Unsafe, check_url
from backend.kit.problems import Invalid
from backend.readiness.gaps import REVERIFY, checked_days
from backend.registers.deaths.telling import TELL_WITHIN, checked_hours
from notifications.handovers.settings import ACKNOWLEDGE_WITHIN, checked_minutes
from notifications.ladders.hours import Hours
from notifications.ladders.policy import SlotPolicy
from notifications.ladders.validation import Known, KnownDesk, KnownRota, by_role, faults
from notifications.rotas.rules import WEEKLY, BankHolidays, Layer, Period, RotaRule, Rotation, Window
from tenants.calendars import repository as calendars
from tenants.contacts.devices import device_address
from tenants.contacts.models import AgencyKind, Channel, DevicePlatform
from tenants.partnerships.models import AreaKind
from tenants.thresholds.continuum import Continuum
from tenants.thresholds.references import findings

_SLUG: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_ADDRESSES: Final = {
    Channel.SMS: (re.compile(r"07\d{9}"), "a mobile number of 11 digits in quotes, such as '07700900123'"),
    Channel.EMAIL: (re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), "an email address"),
    Channel.PUSH: (re.compile(r"\S+"), "a device's push token"),
    Channel.VOICE: (re.compile(r"0\d{9,10}"), "a telephone number of 10 or 11 digits in quotes"),
    Channel.WEBHOOK: (re.compile(r"https://[^\s/]+\S*"), "an https address"),
}


def checked_slug(value: str) -> str:
    """Return a name that fits in web addresses and bucket names, or raise ValueError."""
    if len(value) > 40 or not _SLUG.fullmatch(value):
        message = "must be at most 40 lower-case letters, digits and single hyphens, such as 'north-shire'"
        raise ValueError(message)
    return value


def _checked_wall_time(value: str) -> str:
    if not re.fullmatch(r"\d\d:\d\d", value):
        message = "must be a local time in quotes, such as '09:00'"
        raise ValueError(message)
    time.fromisoformat(value)
    return value


def _checked_address(channel: Channel, value: str) -> None:
    shape, wanted = _ADDRESSES[channel]
    if not shape.fullmatch(value):
        message = f"{channel.value} must be {wanted}"
        raise ValueError(message)
    if channel is Channel.WEBHOOK:
        try:
            check_url(value, private=False)
        except Unsafe as error:
            message = f"{channel.value} {error}"
            raise ValueError(message) from error


Slug = Annotated[str, AfterValidator(checked_slug)]
WallTime = Annotated[str, AfterValidator(_checked_wall_time)]
RoleName = Annotated[str, Field(pattern=r"^[a-z][a-z_]*$", max_length=60)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class _Plan(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AreaPlan(_Plan):
    """A part of the partnership's ground. Codes are unique over all kinds, so a code alone names one."""

    kind: AreaKind
    code: Slug
    name: Text


class SettingPlan(_Plan):
    """A value and its source: ``local`` is the partnership's own, ``baseline`` the national one."""

    key: RoleName
    value: Any
    origin: Literal["baseline", "local"]
    citation: str = ""

    @model_validator(mode="after")
    def _national_values_are_cited(self) -> Self:
        if self.origin == "baseline" and not self.citation:
            message = f"{self.key} is a national value: name its paragraph in citation"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _value_can_be_in_force(self) -> Self:
        if self.key == ACKNOWLEDGE_WITHIN:
            checked_minutes(self.value)
        if self.key == TELL_WITHIN:
            checked_hours(self.value)
        if self.key == REVERIFY:
            checked_days(self.value)
        if self.key == calendars.CLOSURE_DAYS:
            calendars.closure_days(self.value)
        if self.key == calendars.RECEIPT:
            calendars.receipt_rule(self.value)
        return self


class AgencyPlan(_Plan):
    code: Slug
    name: Text
    kind: AgencyKind


class MembershipPlan(_Plan):
    """The identity provider's subject for a person, and what the person may do."""

    subject: Text
    roles: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _roles_are_known(self) -> Self:
        for role in self.roles:
            if role not in ROLES:
                message = f"{role} is not a role; choose from {', '.join(sorted(ROLES))}"
                raise ValueError(message)
        return self


class PersonPlan(_Plan):
    """A practitioner. Who writes the file answers for the contact methods: they count as verified.

    ``device_platform`` says whose push service the device of ``contacts`` listens to; without it, Firebase's.
    """

    code: Slug
    name: Text
    post: Text
    agency: Slug
    contacts: dict[Channel, str] = Field(default_factory=dict)
    device_platform: DevicePlatform | None = None
    qualifications: tuple[RoleName, ...] = ()
    membership: MembershipPlan | None = None

    @model_validator(mode="after")
    def _contacts_have_their_shape(self) -> Self:
        for channel, address in self.contacts.items():
            _checked_address(channel, address)
        return self

    @model_validator(mode="after")
    def _device_has_a_token_of_its_platform(self) -> Self:
        if self.device_platform is None:
            return self
        token = self.contacts.get(Channel.PUSH)
        if token is None or self.device_platform is DevicePlatform.WEBPUSH:
            message = "device_platform is fcm or apns, and goes with a push contact; a browser registers itself"
            raise ValueError(message)
        try:
            device_address(self.device_platform, token, None)
        except Invalid as fault:
            message = f"push {fault.errors[0].message}"
            raise ValueError(message) from fault
        return self


class HoursPlan(_Plan):
    """Hours on weekdays (0 is Monday), local time, and whether they apply on bank holidays.

    An end at or before the start is on the next day.
    """

    weekdays: tuple[Annotated[int, Field(ge=0, le=6)], ...] = Field(min_length=1)
    start: WallTime
    end: WallTime
    bank_holidays: BankHolidays = BankHolidays.REGARDLESS

    def window(self) -> Window:
        start, end = time.fromisoformat(self.start), time.fromisoformat(self.end)
        return Window(frozenset(self.weekdays), start, end, self.bank_holidays)

    def hours(self) -> Hours:
        return Hours.model_validate(self.model_dump())


class DirectoryPlan(_Plan):
    """A post or desk. Without ``area`` it serves all areas, without ``hours`` it is always there."""

    code: Slug
    role: RoleName
    name: Text
    area: Slug | None = None
    channel: Channel
    address: str
    hours: tuple[HoursPlan, ...] = ()

    @model_validator(mode="after")
    def _address_has_its_shape(self) -> Self:
        _checked_address(self.channel, self.address)
        return self


class TurnsPlan(_Plan):
    """Persons who take turns in some hours, by code; ``~`` among them is a turn that a lower layer answers."""

    cover: tuple[HoursPlan, ...] = Field(min_length=1)
    members: tuple[Slug | None, ...] = Field(min_length=1)
    first_handover: datetime
    period: Period = WEEKLY

    def layer(self, name: str, position: int, people: Mapping[str, UUID]) -> Layer:
        """The layer with people in place of codes. Raises ValueError for one that cannot be expanded."""
        members = tuple(people[code] if code else None for code in self.members)
        rotation = Rotation(members, self.first_handover, self.period)
        return Layer(name, rotation, tuple(hours.window() for hours in self.cover), position)


class LayerPlan(TurnsPlan):
    """Turns over those before it at the same position; position 2 is second on call."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
    position: int = Field(1, ge=1, le=9)


class RotaPlan(TurnsPlan):
    """The turns of first on call, further layers over them, and the role that answers outside the hours.

    A role may have several rotas that differ in code and areas; without areas a rota serves all.
    Nobody is put on call without the qualification.
    """

    code: RoleName = ""
    role: RoleName
    name: Text
    areas: tuple[Slug, ...] = ()
    uncovered_role: RoleName | None = None
    qualification: RoleName | None = None
    layers: tuple[LayerPlan, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _code_is_the_role_unless_given(cls, given: Any) -> Any:
        return {"code": given.get("role"), **given} if isinstance(given, dict) else given

    @property
    def people(self) -> list[str]:
        """Codes of everybody who takes turns."""
        return [code for turns in (self, *self.layers) for code in turns.members if code]

    def rule(self, zone: str, people: Mapping[str, UUID]) -> RotaRule:
        """The rule with people in place of codes. Raises ValueError for one that cannot be expanded."""
        further = [plan.layer(plan.name, plan.position, people) for plan in self.layers]
        return RotaRule(zone, (self.layer("base", 1, people), *further))

    def known(self) -> KnownRota:
        """What policies can lean on of it."""
        cover: dict[int, list[Hours]] = {1: [window.hours() for window in self.cover]}
        for layer in self.layers:
            cover.setdefault(layer.position, []).extend(window.hours() for window in layer.cover)
        return KnownRota(self.role, tuple(self.people), self.uncovered_role, cover, everywhere=not self.areas)


class PolicyPlan(_Plan):
    """A type of alert: who is told, in what order. ``citation`` is the source of the duty to tell them.

    The times are the partnership's own. ``manual`` types are raised by practitioners.
    """

    title: Text
    citation: Annotated[str, Field(max_length=200)] = ""
    manual: bool = False
    slots: tuple[SlotPolicy, ...] = Field(min_length=1)


class Archetype(_Plan):
    """A whole partnership. Every code and role that is named somewhere is defined in the same file."""

    slug: Slug
    name: Text
    zone: str = "Europe/London"
    areas: tuple[AreaPlan, ...] = Field(min_length=1)
    settings: tuple[SettingPlan, ...] = ()
    agencies: tuple[AgencyPlan, ...]
    people: tuple[PersonPlan, ...]
    directory: tuple[DirectoryPlan, ...]
    rotas: tuple[RotaPlan, ...]
    alert_policies: dict[Slug, PolicyPlan]
    thresholds: tuple[Continuum, ...] = ()
    services: Listing = Listing()

    @model_validator(mode="after")
    def _thresholds_hang_together(self) -> Self:
        for number, continuum in enumerate(self.thresholds):
            for path, said, remedy in findings(continuum):
                place = ".".join(str(part) for part in path)
                message = f"thresholds.{number}.{place}: {said}; {remedy}"
                raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        self._codes_differ()
        self._codes_exist()
        self._rotas_reach_people()
        self._policies_reach_somebody()
        return self

    def _codes_differ(self) -> None:
        subjects = [person.membership.subject for person in self.people if person.membership]
        for kind, codes in (
            ("areas", [area.code for area in self.areas]),
            ("settings", [setting.key for setting in self.settings]),
            ("agencies", [agency.code for agency in self.agencies]),
            ("people", [person.code for person in self.people]),
            ("memberships", subjects),
            ("directory", [entry.code for entry in self.directory]),
            ("rotas", [rota.code for rota in self.rotas]),
        ):
            for code in codes:
                if codes.count(code) > 1:
                    message = f"{kind}: {code} stands there twice; rename or remove one"
                    raise ValueError(message)

    def _codes_exist(self) -> None:
        _known("people", [person.agency for person in self.people], {agency.code for agency in self.agencies})
        areas = {area.code for area in self.areas}
        _known("directory", [entry.area for entry in self.directory if entry.area], areas)
        members = [code for rota in self.rotas for code in rota.people]
        _known("rotas", members, {person.code for person in self.people})
        _known("rotas", [code for rota in self.rotas for code in rota.areas], areas)

    def _rotas_reach_people(self) -> None:
        people = {person.code: person for person in self.people}
        stand_ins = dict.fromkeys(people, UUID(int=0))
        roles = {rota.role for rota in self.rotas}
        for rota in self.rotas:
            rota.rule(self.zone, stand_ins)
            for code in rota.people:
                if not people[code].contacts:
                    message = f"rotas: {code} takes turns as {rota.role} but has no contacts; add one"
                    raise ValueError(message)
                if rota.qualification and rota.qualification not in people[code].qualifications:
                    message = f"rotas: {code} takes turns as {rota.role} without {rota.qualification}; add it if so"
                    raise ValueError(message)
        _known("rotas", [rota.uncovered_role for rota in self.rotas if rota.uncovered_role], roles)

    def _policies_reach_somebody(self) -> None:
        known = self._known_to_policies()
        for alert_type, policy in self.alert_policies.items():
            for fault in faults(policy.slots, known):
                message = f"alert_policies: {alert_type}: {fault.field}: {fault.message}"
                raise ValueError(message)

    def _known_to_policies(self) -> Known:
        return Known(
            rotas=by_role(rota.known() for rota in self.rotas),
            people={person.code: frozenset(person.contacts) for person in self.people},
            desks={
                entry.code: KnownDesk(entry.role, entry.channel, tuple(window.hours() for window in entry.hours))
                for entry in self.directory
            },
        )


def _known(where: str, named: Iterable[str], defined: Iterable[str]) -> None:
    for name in named:
        if name not in defined:
            message = f"{where}: {name} is not defined; define it or correct its spelling"
            raise ValueError(message)
