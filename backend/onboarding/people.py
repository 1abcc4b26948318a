"""Agencies, people, contact methods, memberships and the directory of a partnership."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from backend.identity.models import Membership
from backend.kit.addresses import NoSuchHost, Unsafe, target_of
from backend.kit.problems import FieldError, Invalid
from backend.onboarding.agency import AgencyArchetype
from backend.onboarding.archetype import Archetype, PersonPlan
from backend.onboarding.rows import Rows
from tenants.contacts.devices import device_address
from tenants.contacts.models import Agency, Channel, ContactMethod, DirectoryEntry, Person
from tenants.qualifications.models import Qualification


async def bring_people(rows: Rows, archetype: Archetype | AgencyArchetype, issuer: str) -> dict[str, UUID]:
    """Bring agencies, people and how they are reached and sign in. Returns people's ids by code."""
    agencies = await rows.bring(Agency, ("code",), [agency.model_dump() for agency in archetype.agencies])
    agency_ids = {agency.code: agency.id for agency in agencies}
    # Who has left stays inactive, although the file may still name them.
    plans = [
        {**person.model_dump(include={"code", "name", "post"}), "agency_id": agency_ids[person.agency]}
        for person in archetype.people
    ]
    people = {person.code: person.id for person in await rows.bring(Person, ("code",), plans)}
    await _bring_contacts(rows, archetype, people)
    qualified = [
        {"person_id": people[person.code], "code": code}
        for person in archetype.people
        for code in person.qualifications
    ]
    await rows.bring(Qualification, ("person_id", "code"), qualified)
    await _bring_memberships(rows, archetype, people, issuer)
    return people


async def check_webhooks(archetype: Archetype | AgencyArchetype) -> None:
    """Raise ``Invalid`` for a webhook whose name leads into a private network now.

    A name that has no address yet may get one; it is checked again before every call.
    """
    entries = [(f"directory.{entry.code}", entry.channel, entry.address) for entry in archetype.directory]
    entries += [
        (f"people.{person.code}", *contact) for person in archetype.people for contact in person.contacts.items()
    ]
    for field, channel, address in entries:
        if channel is Channel.WEBHOOK:
            try:
                await target_of(address)
            except NoSuchHost:
                continue
            except Unsafe as error:
                raise Invalid([FieldError(field, str(error))]) from error


async def _bring_contacts(rows: Rows, archetype: Archetype | AgencyArchetype, people: Mapping[str, UUID]) -> None:
    """Add contact methods; a number or email address that the file replaces is retired, one's own never.

    A retired method stays retired though the file names it: its provider said that it is dead.
    """
    now = await rows.session.now()
    plans = [
        {
            "person_id": people[person.code],
            "channel": channel,
            "address": _device(person, address) if channel is Channel.PUSH else address,
        }
        | ({"platform": person.device_platform} if channel is Channel.PUSH and person.device_platform else {})
        for person in archetype.people
        for channel, address in person.contacts.items()
    ]
    methods = await rows.bring(ContactMethod, ("person_id", "channel", "address"), plans, at_birth={"verified_at": now})
    kept = {method.id for method in methods}
    replaced = {(method.person_id, method.channel) for method in methods if method.channel != Channel.PUSH}
    in_use = await rows.session.scalars(
        select(ContactMethod).where(
            col(ContactMethod.tenant_id) == rows.session.tenant_id, col(ContactMethod.retired_at).is_(None)
        )
    )
    for method in in_use:
        # A person has one number and one address but several devices, which they register themselves.
        if method.id not in kept and not method.own and (method.person_id, method.channel) in replaced:
            rows.change(method, {"retired_at": now})
    await rows.session.flush()


def _device(person: PersonPlan, token: str) -> str:
    """The token as a device that registers itself stores it, where its platform is known."""
    return device_address(person.device_platform, token, None) if person.device_platform else token


async def _bring_memberships(
    rows: Rows, archetype: Archetype | AgencyArchetype, people: Mapping[str, UUID], issuer: str
) -> None:
    plans = [
        {"person_id": people[person.code], "issuer": issuer, "subject": person.membership.subject,
         "roles": list(person.membership.roles)}
        for person in archetype.people
        if person.membership is not None
    ]  # fmt: skip
    await rows.bring(Membership, ("person_id",), plans)
    for statement in (_FORGET_SIGN_INS, _ROUTE_SIGN_INS):
        await rows.session.execute(statement, {"tenant": rows.session.tenant_id})


async def bring_directory(rows: Rows, archetype: Archetype | AgencyArchetype, areas: Mapping[str, UUID]) -> None:
    """Bring the posts and desks; ``areas`` are ids by code."""
    plans = [
        {"code": entry.code, "role": entry.role, "name": entry.name, "channel": entry.channel,
         "area_id": areas[entry.area] if entry.area else None, "address": entry.address,
         "hours": [hours.model_dump(mode="json", exclude_defaults=True) for hours in entry.hours]}
        for entry in archetype.directory
    ]  # fmt: skip
    await rows.bring(DirectoryEntry, ("code",), plans)


# Sign-ins hold nothing of their own: they repeat which identities the partnership's memberships name.
_FORGET_SIGN_INS = text(
    "DELETE FROM routing.sign_in AS known WHERE tenant_id = :tenant AND NOT EXISTS ("
    " SELECT FROM membership WHERE membership.tenant_id = known.tenant_id"
    " AND membership.issuer = known.issuer AND membership.subject = known.subject)"
)
_ROUTE_SIGN_INS = text(
    "INSERT INTO routing.sign_in (issuer, subject, tenant_id)"
    " SELECT issuer, subject, tenant_id FROM membership WHERE tenant_id = :tenant ON CONFLICT DO NOTHING"
)
