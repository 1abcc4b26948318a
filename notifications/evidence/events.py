"""From an alert's rows to its events. Pure."""

from typing import Any, Final

from notifications.alerts.models import AlertSlot, Answer, Page
from notifications.answers.models import Factor, Given, Via
from notifications.answers.reasons import BY_TEXT, REASONS
from notifications.deliveries.models import Delivery, DeliveryEvent
from notifications.evidence.repository import Rows
from notifications.evidence.story import Event, in_order

_KIND_OF_ANSWER: Final = {
    Answer.ACKNOWLEDGED: "acknowledged",
    Answer.DECLINED: "declined",
    Answer.EXPIRED: "expired",
    Answer.UNREACHABLE: "unreachable",
}
CHOSEN: Final = frozenset({*REASONS.values(), BY_TEXT})
_HOW: Final = {Via.LINK: "by the link of a message", Via.SMS: "by text"}
_FACTOR: Final = {Factor.NUMBER: "to their verified number", Factor.MAILBOX: "to their verified mailbox"}


def events_of(rows: Rows) -> list[Event]:
    """The whole story, first to last."""
    alert = rows.alert
    events = [
        Event(alert.accepted_at, "accepted", {"id": str(alert.id), "reference": alert.reference, "type": alert.type,
                                              "policy_version": alert.policy_version}),
        *_slots(rows),
        *(event for page in rows.pages.values() for event in _page(rows, page)),
        *(_delivery(rows, entry) for entry in rows.history),
        *_contacts(rows),
        *_alarms(rows),
        *_recorded(rows),
    ]  # fmt: skip
    if alert.met_at is not None:
        events.append(Event(alert.met_at, "met"))
    return in_order(events)


def _slots(rows: Rows) -> list[Event]:
    purpose = {True: "answer", False: "be told"}
    return [
        Event(rows.alert.accepted_at, "slot_opened",
              {"id": str(slot.id), "role": slot.role, "required": slot.required,
               "purpose": purpose[bool(slot.ladder.get("needs_answer"))], "ladder": slot.ladder})
        for slot in rows.slots.values()
    ]  # fmt: skip


def _page(rows: Rows, page: Page) -> list[Event]:
    role = rows.slots[page.slot_id].role
    common: dict[str, Any] = {"page": str(page.id), "who": _who(rows, page), "role": role}
    until = f", to answer within {(page.expires_at - page.paged_at).total_seconds():g} s" if page.expires_at else ""
    paged = {"rung": page.step + 1, "found_by": page.found_by, "until": until,
             "person": str(page.person_id) if page.person_id else None}  # fmt: skip
    events = [Event(page.paged_at, "paged", common | paged)]
    if page.opened_at is not None:
        events.append(Event(page.opened_at, "opened", common))
    if page.answer is not None and page.answered_at is not None:
        given = {"how": _how(rows, page), "reason": _reason(page)}
        events.append(Event(page.answered_at, _KIND_OF_ANSWER[Answer(page.answer)], common | given))
    return events


def _reason(page: Page) -> str:
    """The reason where it was chosen from ours. Words of somebody's own may name a child, so they stay in the alert."""
    if page.reason is None:
        return "no reason given"
    return page.reason if page.reason in CHOSEN else "a reason in their own words"


def _how(rows: Rows, page: Page) -> str:
    """How an answer came: by a message, as recorded with it, else by somebody who had signed in."""
    answer = rows.answers.get(page.id)
    by_message = answer is not None and (answer.given == Given.ACCEPTED) == (page.answer == Answer.ACKNOWLEDGED)
    if answer is None or not by_message:
        return "signed in"
    return f"{_HOW[Via(answer.via)]} {_FACTOR[Factor(answer.factor)]}"


def _who(rows: Rows, page: Page) -> str:
    if page.person_id is not None:
        return rows.people[page.person_id].name
    return rows.desks[page.entry_id].name if page.entry_id is not None else "nobody"


def _delivery(rows: Rows, entry: DeliveryEvent) -> Event:
    delivery = rows.deliveries[entry.delivery_id]
    page, slot = _call(rows, delivery)
    provider = entry.detail.get("provider")
    reason = entry.detail.get("reason")
    return Event(entry.at, "delivery", {
        "id": str(entry.id), "delivery": str(delivery.id), "channel": str(delivery.channel), "who": _who(rows, page),
        "role": slot.role, "state": str(entry.state), "detail": entry.detail,
        "provider_id": delivery.provider_id, "by": f" by {provider}" if provider else "",
        "why": f" ({reason})" if reason else "",
    })  # fmt: skip


def _call(rows: Rows, delivery: Delivery) -> tuple[Page, AlertSlot]:
    """The page that an alert's delivery belongs to, and its slot."""
    if delivery.page_id is None or delivery.slot_id is None:
        raise LookupError("a delivery of an alert belongs to a page")
    return rows.pages[delivery.page_id], rows.slots[delivery.slot_id]


def _contacts(rows: Rows) -> list[Event]:
    events = []
    for contact in rows.contacts:
        delivery = rows.deliveries[contact.delivery_id]
        who = _who(rows, _call(rows, delivery)[0])
        facts = {"id": str(contact.id), "delivery": str(delivery.id), "channel": str(delivery.channel), "who": who}
        events.append(Event(contact.at, str(contact.contact), facts))
    return events


def _alarms(rows: Rows) -> list[Event]:
    alarms = [
        Event(alarm.raised_at, "alarm", {"id": str(alarm.id), "alarm": str(alarm.kind), "role": alarm.role})
        for alarm in rows.alarms
    ]
    findings = [
        Event(finding.found_at, "finding",
              {"id": str(finding.id), "finding": str(finding.kind), "subject": str(finding.subject_id),
               "repaired": " and put it right" if finding.repaired else ""})
        for finding in rows.findings
    ]  # fmt: skip
    return [*alarms, *findings]


def _recorded(rows: Rows) -> list[Event]:
    """What the audit log says of the alert, with the hashes that chain it to the partnership's whole log."""
    events = []
    for entry in rows.recorded:
        actor = rows.people.get(entry.actor_id) if entry.actor_id else None
        facts = {"seq": entry.seq, "action": entry.action, "by_whom": f" by {actor.name}" if actor else "",
                 "actor": str(entry.actor_id) if entry.actor_id else None, "detail": entry.detail,
                 "hash": entry.hash}  # fmt: skip
        events.append(Event(entry.at, "recorded", facts))
    return events
