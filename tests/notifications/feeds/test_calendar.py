"""A feed's calendar, read back as a calendar program would."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from backend.kit.ids import uuid7
from notifications.feeds.calendar import FeedTurn, changed_at, render, uids
from notifications.feeds.tokens import digest, new_token, tenant_of

ROTA = uuid4()
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


def turn(number: int = 0, **changes: Any) -> FeedTurn:
    begins = AT + timedelta(days=number)
    made = FeedTurn(uuid7(), ROTA, 1, f"base/{number}/0", begins, begins + timedelta(days=1), "On call: Wren")
    return replace(made, **changes)


def events(*turns: FeedTurn) -> list[Any]:
    return list(Calendar.from_ical(render("On call", "Europe/London", turns)).walk("VEVENT"))


def test_a_program_reads_what_was_written() -> None:
    (event,) = events(turn())
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (AT, AT + timedelta(days=1))
    assert str(event["SUMMARY"]) == "On call: Wren"
    assert event["DTSTART"].to_ical().endswith(b"Z")


def test_it_asks_to_be_refreshed_in_both_spellings() -> None:
    body = render("On call: Ä, B; C", "Europe/London", [])
    assert b"X-PUBLISHED-TTL:PT15M" in body
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT15M" in body
    assert str(Calendar.from_ical(body)["NAME"]) == "On call: Ä, B; C"
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))


def test_nothing_in_a_title_can_add_a_line() -> None:
    (event,) = events(turn(title="On call\r\nATTENDEE:mailto:eve@example.org\nEND:VEVENT"))
    assert "ATTENDEE" not in event


def test_the_same_turns_give_the_same_bytes_in_whatever_order() -> None:
    turns = [turn(number) for number in range(5)]
    assert render("x", "Europe/London", turns) == render("x", "Europe/London", reversed(turns))


def test_an_event_keeps_its_uid_when_its_turn_moves_or_passes_on_and_its_sequence_grows() -> None:
    before = turn(3)
    later = UUID(int=before.shift_id.int + (5000 << 80))
    after = replace(before, shift_id=later, begins=before.begins + timedelta(hours=2), title="On call: Rowan")
    (old,), (new,) = events(before), events(after)
    assert new["UID"] == old["UID"]
    assert new["SEQUENCE"] - old["SEQUENCE"] == 5
    assert new["LAST-MODIFIED"].dt - old["LAST-MODIFIED"].dt == timedelta(seconds=5)
    assert abs(changed_at(before) - datetime.now(UTC)) < timedelta(minutes=1)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 2), st.integers(0, 2)), max_size=12))
def test_no_two_events_of_a_calendar_have_the_same_uid(parts: list[tuple[int, int, int]]) -> None:
    turns = [turn(number, position=position, turn_key=f"base/{key}/0") for number, position, key in parts]
    found = uids(sorted(turns, key=lambda one: one.begins))
    assert len(set(found)) == len(turns)


def test_a_token_names_its_partnership_and_cannot_be_guessed_from_what_is_stored() -> None:
    tenant = uuid7()
    first, second = new_token(tenant), new_token(tenant)
    assert first != second
    assert tenant_of(first) == tenant
    assert len(first) == 64
    assert digest(first) not in first
    assert set(first) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.text(max_size=80))
def test_what_is_no_token_is_of_nobody(text: str) -> None:
    tenant_of(text)
    assert tenant_of(text[:63]) is None
