"""Calendars as people export them, and the turns and complaints they come to."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rota_imports.diagnostics import MOST, Fault, Severity
from notifications.rota_imports.reading import Reading, read
from notifications.rotas.expansion import Turn

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
HORIZON = NOW + timedelta(days=90)
HOUR = timedelta(hours=1)
WREN, ROWAN = uuid4(), uuid4()
PEOPLE = {"Dr Wren Saltmarsh": WREN, "ROWAN.FENWICK@example.org": ROWAN}
IN_LONDON = ";TZID=Europe/London"


def event(*lines: str, uid: str = "") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid or uuid4()}", *lines, "END:VEVENT"])


def on_call(
    begins: str, until: str, *more: str, zone: str = IN_LONDON, who: str = "Dr Wren Saltmarsh", uid: str = ""
) -> str:
    return event(f"DTSTART{zone}:{begins}", f"DTEND{zone}:{until}", f"SUMMARY:{who}", *more, uid=uid)


def calendar(*events: str) -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//EN", *events, "END:VCALENDAR", ""])


def of(*events: str, until: datetime = HORIZON, clip_end: bool = False) -> Reading:
    return read(calendar(*events), PEOPLE, LONDON, NOW, until, clip_end=clip_end)


def spans(found: Reading) -> list[tuple[UUID, str, str]]:
    return [(turn.person, f"{turn.starts_at:%d %H:%M}", f"{turn.ends_at:%d %H:%M}") for turn in found.turns]


def said(found: Reading) -> list[tuple[str, str]]:
    return [(one.severity.value, one.fault.value) for one in found.diagnostics]


def test_a_text_that_is_marked_as_unicode_is_read_like_any_other() -> None:
    turn = on_call("20261102T090000", "20261103T090000")
    found = read("\ufeff" + calendar(turn), PEOPLE, LONDON, NOW, HORIZON)
    assert spans(found) == [(WREN, "02 09:00", "03 09:00")]
    assert found.diagnostics == []


def test_people_are_known_by_summary_or_attendee_in_any_case() -> None:
    found = of(
        on_call("20261102T090000", "20261103T090000", who="dr  WREN saltmarsh"),
        event("DTSTART;TZID=Europe/London:20261103T090000", "DURATION:P1D", "SUMMARY:On call",
              "ATTENDEE;CN=Rowan:MAILTO:rowan.fenwick@example.org"),
    )  # fmt: skip
    assert spans(found) == [(WREN, "02 09:00", "03 09:00"), (ROWAN, "03 09:00", "04 09:00")]
    assert found.diagnostics == []


def test_an_unknown_person_is_named_with_the_place() -> None:
    found = of(
        on_call("20261102T090000", "20261103T090000"),
        on_call("20261103T090000", "20261104T090000", who="Hazel", uid="shift-2"),
    )
    (one,) = found.diagnostics
    assert (one.fault, one.uid, one.line) == (Fault.UNKNOWN_PERSON, "shift-2", 10)
    assert "'hazel'" in one.message
    assert found.faulty


def test_an_event_of_two_people_is_nobodys() -> None:
    found = of(on_call("20261102T090000", "20261103T090000", "ATTENDEE:mailto:rowan.fenwick@example.org"))
    assert said(found) == [("error", "several_people")]


def test_overlapping_people_are_refused_and_a_touching_handover_is_not() -> None:
    first = on_call("20261102T090000", "20261103T090000", uid="first")
    found = of(first, on_call("20261103T085959", "20261104T090000", who="rowan.fenwick@example.org", uid="second"))
    assert [(one.fault, one.uid) for one in found.diagnostics] == [(Fault.OVERLAP, "second")]
    assert "first" in found.diagnostics[0].message
    assert of(first, on_call("20261103T090000", "20261104T090000", who="rowan.fenwick@example.org")).diagnostics == []


def test_overlapping_events_of_one_person_are_one_turn() -> None:
    found = of(on_call("20261102T090000", "20261103T090000"), on_call("20261102T170000", "20261104T090000"),
               on_call("20261102T180000", "20261102T190000"))  # fmt: skip
    assert spans(found) == [(WREN, "02 09:00", "04 09:00")]
    assert not found.faulty


@pytest.mark.parametrize("end", ["20261102T090000", "20261102T085900"])
def test_an_event_without_length_is_refused(end: str) -> None:
    assert said(of(on_call("20261102T090000", end))) == [("error", "no_length")]


def test_times_without_a_zone_are_the_rotas_and_it_is_said() -> None:
    found = of(on_call("20261021T090000", "20261022T090000", zone=""))
    assert spans(found) == [(WREN, "21 08:00", "22 08:00")]
    assert said(found) == [("note", "floating_time")]
    assert "Europe/London" in found.diagnostics[0].message


def test_whole_days_run_from_midnight_to_midnight_of_the_rota() -> None:
    found = of(event("DTSTART;VALUE=DATE:20261024", "DTEND;VALUE=DATE:20261026", "SUMMARY:Dr Wren Saltmarsh"),
               event("DTSTART;VALUE=DATE:20261026", "SUMMARY:rowan.fenwick@example.org"))  # fmt: skip
    assert spans(found) == [(WREN, "23 23:00", "26 00:00"), (ROWAN, "26 00:00", "27 00:00")]
    assert said(found) == [("note", "all_day")] * 2


def test_an_unknown_zone_does_not_pass_for_none() -> None:
    assert said(of(on_call("20261102T090000", "20261103T090000", zone=";TZID=Mars/Olympus"))) == [
        ("error", "unknown_zone")
    ]


def test_another_zone_is_that_zones_time() -> None:
    found = of(on_call("20261102T090000", "20261103T090000", zone=";TZID=America/New_York"))
    assert spans(found) == [(WREN, "02 14:00", "03 14:00")]


def test_a_handover_in_the_repeated_hour_overlaps_and_never_gaps() -> None:
    found = of(on_call("20261024T013000", "20261025T013000"),
               on_call("20261025T013000", "20261026T013000", who="rowan.fenwick@example.org"))  # fmt: skip
    assert found.diagnostics == []
    change = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    first, second = found.turns
    assert first == Turn(WREN, change - 24 * HOUR, change - 24 * HOUR, change + HOUR)
    assert second == Turn(ROWAN, change, change + HOUR, datetime(2026, 10, 26, 1, 30, tzinfo=UTC))


def test_a_time_the_clocks_jump_over_is_the_jump() -> None:
    begins = datetime(2027, 3, 20, tzinfo=UTC)
    text = calendar(on_call("20270328T013000", "20270328T200000"))
    found = read(text, PEOPLE, LONDON, begins, begins + timedelta(days=30))
    assert spans(found) == [(WREN, "28 01:00", "28 19:00")]


def test_a_weekly_event_keeps_its_wall_time_over_the_clock_change() -> None:
    found = of(on_call("20261021T090000", "20261022T090000", "RRULE:FREQ=WEEKLY;COUNT=2"))
    assert spans(found) == [(WREN, "21 08:00", "22 08:00"), (WREN, "28 09:00", "29 09:00")]


def test_exceptions_and_replaced_occurrences_are_left_out_of_a_series() -> None:
    found = of(
        on_call("20261102T090000", "20261103T090000", "RRULE:FREQ=DAILY;COUNT=4",
                "EXDATE;TZID=Europe/London:20261103T090000", uid="series"),
        on_call("20261104T120000", "20261104T180000", "RECURRENCE-ID;TZID=Europe/London:20261104T090000",
                who="rowan.fenwick@example.org", uid="series"),
        on_call("20261105T090000", "20261106T090000", "RECURRENCE-ID:20261105T090000Z", "STATUS:CANCELLED",
                uid="series"),
    )  # fmt: skip
    assert spans(found) == [(WREN, "02 09:00", "03 09:00"), (ROWAN, "04 12:00", "04 18:00")]
    assert said(found) == [("warning", "cancelled")]


def test_an_exception_that_is_a_day_alone_leaves_out_the_days_occurrence() -> None:
    found = of(on_call("20261102T090000", "20261102T170000", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20261103"))
    assert spans(found) == [(WREN, "02 09:00", "02 17:00"), (WREN, "04 09:00", "04 17:00")]


def test_a_replacement_that_names_a_day_alone_stands_for_the_days_occurrence() -> None:
    found = of(
        on_call("20261102T090000", "20261102T170000", "RRULE:FREQ=DAILY;COUNT=2", uid="series"),
        on_call("20261103T100000", "20261103T170000", "RECURRENCE-ID;VALUE=DATE:20261103",
                who="rowan.fenwick@example.org", uid="series"),
    )  # fmt: skip
    assert spans(found) == [(WREN, "02 09:00", "02 17:00"), (ROWAN, "03 10:00", "03 17:00")]
    assert said(found) == []


def test_a_cancelled_event_makes_no_turn() -> None:
    found = of(
        on_call("20261102T090000", "20261103T090000", "STATUS:CANCELLED"), on_call("20261104T090000", "20261105T090000")
    )
    assert spans(found) == [(WREN, "04 09:00", "05 09:00")]
    assert said(found) == [("warning", "cancelled")]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=MONTHLY", "FREQ=YEARLY", "FREQ=SECONDLY", "FREQ=WEEKLY;BYDAY=1MO", "FREQ=DAILY;BYHOUR=9",
        "FREQ=WEEKLY;BYSETPOS=1", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;COUNT=99999", "FREQ=WEEKLY;BYDAY=TU",
        "FREQ=DAILY;COUNT=2;UNTIL=20261201", "COUNT=2",
    ],
)  # fmt: skip
def test_a_repetition_that_is_not_understood_is_refused_by_name(rule: str) -> None:
    found = of(on_call("20261102T090000", "20261103T090000", f"RRULE:{rule}"))
    assert said(found) == [("error", "recurrence")]
    assert found.turns == []
    assert "daily or weekly" in found.diagnostics[0].remedy


@pytest.mark.parametrize(
    "more", ["RDATE:20261110T090000Z", "RECURRENCE-ID;RANGE=THISANDFUTURE:20261102T090000Z", "EXRULE:FREQ=DAILY"]
)
def test_other_ways_of_repeating_are_refused(more: str) -> None:
    assert said(of(on_call("20261102T090000", "20261103T090000", more))) == [("error", "recurrence")]


def test_a_series_that_began_long_ago_is_not_walked_through() -> None:
    assert said(of(on_call("19800102T090000", "19800103T090000", "RRULE:FREQ=DAILY"))) == [("error", "recurrence")]


def test_what_is_on_is_cut_to_now_and_what_is_over_is_left_out() -> None:
    found = of(on_call("20261020T090000", "20261021T090000"), on_call("20261001T090000", "20261002T090000", uid="old"))
    assert found.turns[0].starts_at == NOW
    assert sorted(said(found)) == [("note", "clipped"), ("note", "outside")]


def test_the_end_is_cut_only_where_it_was_asked_for() -> None:
    long = on_call("20261021T090000", "20261121T090000")
    until = datetime(2026, 11, 1, tzinfo=UTC)
    assert of(long, until=until, clip_end=True).turns[0].ends_at == until
    assert of(long, until=until).turns[0].ends_at == datetime(2026, 11, 21, 9, tzinfo=UTC)


def test_a_calendar_of_nothing_to_come_is_refused() -> None:
    assert said(of()) == [("error", "nothing_left")]


@pytest.mark.parametrize(
    "text",
    [
        "", "hello", "BEGIN:VCALENDAR", "\0", "BEGIN:VCALENDAR\r\nEND:VEVENT", "\ud800", "BEGIN:VEVENT\n" * 50,
        calendar() + calendar(), "BEGIN:VCALENDAR\r\n" * 2000,
    ],
)  # fmt: skip
def test_what_is_no_calendar_is_said_to_be_none(text: str) -> None:
    assert read(text, PEOPLE, LONDON, NOW, HORIZON).faulty


@pytest.mark.parametrize(
    "lines",
    [
        ("SUMMARY:Dr Wren Saltmarsh",), ("DTSTART:garbage", "DTEND:20261103T090000Z"),
        ("DTSTART:20261102T090000Z", "DTSTART:20261102T100000Z"), ("DTSTART:20261102T090000Z", "DTEND:x"),
        ("DTSTART:20261102T090000Z", "DURATION:20261102"), ("DTSTART:20261102T090000Z", "DTEND;VALUE=DATE:20261103"),
        ("DTSTART:20261102T090000Z", "DURATION:P9999999D"), ("DTSTART:00010101T000000Z", "DURATION:P1D"),
        ("DTSTART:99991231T235959Z", "DURATION:P1D"), ("DTSTART:20261102T090000Z", "DURATION:P1D", "EXDATE:x"),
        ("DTSTART:20261102T090000Z", "DURATION:P1D", "RRULE:x"), ("DTSTART:PT1H", "DURATION:P1D"),
        ("DTSTART:20261102T090000Z", "DURATION:P1D", "RRULE:FREQ=DAILY;UNTIL=x"),
    ],
)  # fmt: skip
def test_an_event_that_cannot_be_read_is_named_and_the_others_are_read(lines: tuple[str, ...]) -> None:
    found = of(event(*lines, uid="broken"), on_call("20261104T090000", "20261105T090000"))
    assert spans(found) == [(WREN, "04 09:00", "05 09:00")]
    (one,) = found.diagnostics
    assert (one.severity, one.uid, one.line) == (Severity.ERROR, "broken", 4)
    assert one.remedy


def test_no_more_is_said_than_can_be_read() -> None:
    found = of(*(on_call("20261102T090000", "20261102T090000") for _ in range(MOST + 50)))
    assert len(found.diagnostics) == MOST + 1
    assert "50 more" in found.diagnostics[-1].message


@given(st.text(max_size=300), st.text(max_size=60))
def test_no_text_whatever_makes_it_fail(text: str, value: str) -> None:
    read(text, PEOPLE, LONDON, NOW, HORIZON)
    for name in ("DTSTART", "DTEND", "DURATION", "RRULE", "EXDATE", "RECURRENCE-ID", "ATTENDEE", "STATUS", "UID"):
        line = f"{name}:{value}"
        read(calendar(event("DTSTART:20261102T090000Z", line, "SUMMARY:x")), PEOPLE, LONDON, NOW, HORIZON)


@given(
    st.lists(st.tuples(st.integers(0, 2000), st.integers(1, 60), st.booleans()), max_size=12),
    st.sampled_from(["", IN_LONDON, "Z"]),
)
def test_turns_follow_each_other_and_leave_out_no_event(events: list[tuple[int, int, bool]], zone: str) -> None:
    """Whatever is exported, what comes out can stand on a rota; without an error nobody's event is missing."""
    start = datetime(2026, 10, 21)  # noqa: DTZ001  # a wall time
    written = []
    for begins, lasting, wren in events:
        first, last = (f"{start + hours * HOUR:%Y%m%dT%H%M%S}" for hours in (begins, begins + lasting))
        mark = "Z" if zone == "Z" else ""
        who = "Dr Wren Saltmarsh" if wren else "rowan.fenwick@example.org"
        written.append(on_call(first + mark, last + mark, zone="" if mark else zone, who=who))
    found = of(*written)
    for earlier, later in pairwise(found.turns):
        assert earlier.ends_at <= later.handed_over_at
        assert later.starts_at <= later.handed_over_at < later.ends_at
    if not found.faulty:
        for begins, lasting, wren in events:
            tz = UTC if zone == "Z" else LONDON
            middle = (start + begins * HOUR + lasting * HOUR / 2).replace(tzinfo=tz).astimezone(UTC)
            holders = {turn.person for turn in found.turns if turn.starts_at <= middle < turn.ends_at}
            assert (WREN if wren else ROWAN) in holders
