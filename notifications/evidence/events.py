"""From an alert's rows to its events. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from notifications.alerts.models import AlertSlot, Answer, Factor, Given, Page, Purpose, SlotAnswer, Via
from notifications.answers.reasons import BY_TEXT, REASONS
from notifications.deliveries.failures import ADDRESS_RETIRED
from notifications.deliveries.models import Delivery, DeliveryEvent, DeliveryState
from notifications.evidence.repository import Rows
from notifications.evidence.story import Event, in_order

_RUN_OUT: Final = {Answer.EXPIRED: "expired", Answer.UNREACHABLE: "unreachable"}
_PAGED: Final = {Purpose.CALL: "paged", Purpose.OFFER: "offered", Purpose.NOTICE: "told"}
CHOSEN: Final = frozenset({*REASONS.values(), BY_TEXT})
_HOW: Final = {
    Via.SIGNED_IN: "signed in",
    Via.LINK: "by the link of a message",
    Via.SMS: "by text",
    Via.VOICE: "by a key pressed in a call",
    Via.OVERRIDE: "through a duty manager",
}
_FACTOR: Final = {
    Factor.SIGN_IN: "",
    Factor.NUMBER: " to their verified number",
    Factor.MAILBOX: " to their verified mailbox",
}
_CAME: Final = {
    "handed_over": "took it",
    "refused": "refused it",
    "not_taken": "did not take it",
    "unknown": "did not say whether it had taken it",
}
_NOT_RECORDED: Final = "in a way that was not recorded at the time"


def events_of(rows: Rows) -> list[Event]:
    """The whole story, first to last."""
    alert = rows.alert
    events = [
        Event(alert.accepted_at, "accepted", {"id": str(alert.id), "reference": alert.reference, "type": alert.type,
                                              "policy_version": alert.policy_version, "drill": alert.drill,
                                              "as_drill": ", as a drill" if alert.drill else ""}),
        *_slots(rows),
        *(event for page in rows.pages.values() for event in _page(rows, page)),
        *(_answer(rows, answer) for answer in rows.answers),
        *_unrecorded(rows),
        *(_delivery(rows, entry) for entry in rows.history),
        *_contacts(rows),
        *_retired(rows),
        *_alarms(rows),
        *_recorded(rows),
    ]  # fmt: skip
    if alert.met_at is not None:
        events.append(Event(alert.met_at, "met"))
    if alert.closed_at is not None:
        by = alert.closed_by
        how = {"closed_as": str(alert.closed_as), "by_whom": rows.people[by].name if by else "The service"}
        events.append(Event(alert.closed_at, "closed", how | ({"actor": str(by)} if by else {})))
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
    purpose = Purpose(page.purpose)
    events = [Event(page.paged_at, _PAGED[purpose], common | paged)]
    if page.opened_at is not None:
        events.append(Event(page.opened_at, "opened", common))
    if page.answer in _RUN_OUT and page.answered_at is not None and purpose is Purpose.CALL:
        events.append(Event(page.answered_at, _RUN_OUT[Answer(page.answer)], common))
    return events


def _answer(rows: Rows, answer: SlotAnswer) -> Event:
    """An answer, by whom and how it came."""
    given, via = Given(answer.given), Via(answer.via)
    page = rows.pages.get(answer.page_id) if answer.page_id else None
    facts = {
        "id": str(answer.id), "slot": str(answer.slot_id), "page": str(answer.page_id) if answer.page_id else None,
        "role": rows.slots[answer.slot_id].role, "who": rows.people[answer.person_id].name,
        "person": str(answer.person_id), "via": via.value, "factor": str(answer.factor),
        "how": _HOW[via] + _FACTOR[Factor(answer.factor)], "reason": _reason(page),
        "delivery": str(answer.delivery_id) if answer.delivery_id else None, "received_id": answer.received_id,
    }  # fmt: skip
    if via is Via.OVERRIDE and answer.given_by is not None:
        # The manager's words are the authority on which the answer rests, so they are part of the evidence.
        facts |= {"given_by": str(answer.given_by), "by_whom": rows.people[answer.given_by].name,
                  "reason": " ".join((answer.reason or "").split()).rstrip(".")}  # fmt: skip
        return Event(answer.at, "answered_for", facts)
    if answer.offer_id is not None:
        giver = rows.people[rows.offers[answer.offer_id].giver_id].name
        facts |= {"offer": str(answer.offer_id), "giver": giver}
        return Event(answer.at, "taken_over" if given is Given.ACCEPTED else "not_taken_over", facts)
    return Event(answer.at, "acknowledged" if given is Given.ACCEPTED else "declined", facts)


def _unrecorded(rows: Rows) -> list[Event]:
    """Answers given before it was recorded how: they are in their calls alone."""
    told = {(answer.page_id, answer.given) for answer in rows.answers}
    overridden = {slot.id for slot in rows.slots.values() if slot.answered_for_by}
    events = []
    for page in rows.pages.values():
        given = Given.DECLINED if page.answer == Answer.DECLINED else Given.ACCEPTED
        answered = page.answer in {Answer.ACKNOWLEDGED, Answer.LAPSED, Answer.DECLINED}
        if not answered or page.answered_at is None or page.purpose != Purpose.CALL or (page.id, given) in told:
            continue
        facts = {"page": str(page.id), "who": _who(rows, page), "role": rows.slots[page.slot_id].role,
                 "how": "through a duty manager" if page.slot_id in overridden else _NOT_RECORDED,
                 "reason": _reason(page)}  # fmt: skip
        events.append(Event(page.answered_at, "declined" if given is Given.DECLINED else "acknowledged", facts))
    return events


def _reason(page: Page | None) -> str:
    """The reason where it was chosen from ours. Words of somebody's own may name a child, so they stay in the alert."""
    if page is None or page.reason is None:
        return "no reason given"
    return page.reason if page.reason in CHOSEN else "a reason in their own words"


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
        "role": slot.role, "state": str(entry.state), "came": _came(entry), "detail": entry.detail,
        "provider_id": delivery.provider_id, "by": f" by {provider}" if provider else "",
        "why": f" ({reason})" if reason else "", "after": _tried_before(entry.detail.get("tries", [])),
    })  # fmt: skip


def _came(entry: DeliveryEvent) -> str:
    """The state, or that it waits for another attempt."""
    again = entry.state is DeliveryState.PENDING and entry.detail.get("provider") is not None
    return "to be tried again, not taken" if again else str(entry.state)


def _tried_before(tries: Sequence[Mapping[str, Any]]) -> str:
    """What came of the providers that were tried in vain before the one that is told of."""
    told = (f"; before, {one['provider']} {_CAME[one['outcome']]}{_because(one)}" for one in tries[:-1])
    return "".join(told)


def _because(one: Mapping[str, Any]) -> str:
    return f" ({one['reason']})" if one.get("reason") else ""


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


def _retired(rows: Rows) -> list[Event]:
    """Numbers and devices that messages of the alert found dead."""
    events = []
    for entry in rows.recorded:
        if entry.action == ADDRESS_RETIRED:
            delivery = rows.deliveries[UUID(entry.detail["delivery"])]
            who = _who(rows, _call(rows, delivery)[0])
            events.append(Event(entry.at, "retired", {"channel": str(delivery.channel), "who": who, **entry.detail}))
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
