"""A person's own notification rules, checked against the ways they can be reached."""

from collections.abc import Sequence
from uuid import UUID

from backend.kit.audit import Entry
from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from notifications.ladders.preferences import ChannelRule, NotificationRules
from tenants.contacts import repository as contacts
from tenants.contacts.models import Channel

LONGEST_SECONDS = 3_600
MOST_RULES = 10

Given = Sequence[tuple[Channel, int]]


async def rules_of(session: TenantSession, person_id: UUID) -> NotificationRules:
    """What the person has set, empty where nothing."""
    person = (await contacts.people(session, [person_id]))[person_id]
    return NotificationRules.model_validate(person.notification_rules or {})


async def set_rules(session: TenantSession, person_id: UUID, *, urgent: Given, routine: Given) -> NotificationRules:
    """Set both lists anew. Raises ``Invalid`` with every fault, by its place."""
    person = (await contacts.people(session, [person_id]))[person_id]
    held = {method.channel for method in (await contacts.contact_methods(session, [person_id]))[person_id]}
    faults = [
        fault for name, given in (("urgent", urgent), ("routine", routine)) for fault in _faults(name, given, held)
    ]
    if faults:
        raise Invalid(faults)
    rules = NotificationRules(urgent=_rules(urgent), routine=_rules(routine))
    person.notification_rules = rules.model_dump(mode="json")
    session.audit_entries.append(Entry("person.notification_rules_set", "person", person_id, person_id))
    return rules


def _rules(given: Given) -> tuple[ChannelRule, ...]:
    return tuple(ChannelRule(channel=channel, after=after) for channel, after in given)


def _faults(name: str, given: Given, held: set[Channel]) -> list[FieldError]:
    faults: list[FieldError] = []
    if len(given) > MOST_RULES:
        return [FieldError(name, f"must be at most {MOST_RULES} rules")]
    channels = [channel for channel, _ in given]
    for number, (channel, after) in enumerate(given):
        if channel not in held:
            message = f"you have no verified way to be reached by {channel.value}; have one verified first"
            faults.append(FieldError(f"{name}.{number}.channel", message))
        if channels.index(channel) < number:
            faults.append(FieldError(f"{name}.{number}.channel", f"{channel.value} stands there twice; remove one"))
        if not 0 <= after <= LONGEST_SECONDS:
            faults.append(FieldError(f"{name}.{number}.after", f"must be 0 to {LONGEST_SECONDS:,} seconds"))
    if given and min(after for _, after in given) > 0:
        faults.append(FieldError(name, "must have one channel at 0 seconds: a first page never waits"))
    return faults
