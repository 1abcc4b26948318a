"""The working of a clock in plain sentences. Pure; called only when somebody asks for the trace."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from backend.clocks.dates import FuzzyDate
from backend.clocks.deadlines import End
from backend.clocks.limits import Span, Unit
from backend.clocks.situation import Moment
from tenants.calendars.receipt import DayOne, ReceiptRule
from tenants.calendars.working_days import Calendar


def counted(span: Span, start: Moment, end: End, calendar: Calendar, receipt: ReceiptRule) -> str:
    """A limit after its start: "15 working days from Thu 24 Dec 2026, leaving out …: end of Tue 19 Jan 2027."."""
    if span.unit is not Unit.WORKING_DAYS or end.last_day is None:
        return f"{_amount(span)} from {_moment(start, calendar)}: {_end(end, calendar)}."
    began = _instant(start, calendar)
    received = receipt.received_on(began, calendar)
    moved = received != calendar.local_day(began)
    since = f"{_moment(start, calendar)}, counted as received on {day(received)}" if moved else day(received)
    first = ", that day included" if receipt.day_one is DayOne.SAME_DAY and calendar.is_working_day(received) else ""
    return f"{_amount(span)} from {since}{first}{_left_out(calendar, received, end.last_day)}: {_end(end, calendar)}."


def counted_back(span: Span, anchor: Moment, end: End, calendar: Calendar) -> str:
    """A limit before its anchor."""
    left = ""
    if span.unit is Unit.WORKING_DAYS and end.last_day is not None:
        left = _left_out(calendar, end.last_day, calendar.local_day(_instant(anchor, calendar)))
    return f"{_amount(span)} before {_moment(anchor, calendar)}{left}: {_end(end, calendar)}."


def too_near(known: Moment, calendar: Calendar) -> str:
    return f"That had passed when it became known ({_moment(known, calendar)}), so the rule for that case holds."


def paused(begins: datetime, ends: datetime, end: End, calendar: Calendar) -> str:
    span = f"from {instant(begins, calendar)} to {instant(ends, calendar)}"
    return f"It stood still {span}: {_end(end, calendar)}."


def extended(granted: datetime, end: End, calendar: Calendar) -> str:
    return f"Extended once, on {day(calendar.local_day(granted))}: {_end(end, calendar)}."


def extended_too_late(granted: datetime, calendar: Calendar) -> str:
    return f"The extension of {instant(granted, calendar)} came after the limit had run out and does not count."


def chosen(which: str, end: End, calendar: Calendar) -> str:
    return f"The {which} of these holds: {_end(end, calendar)}."


def reset(count: int, first: datetime, calendar: Calendar) -> str:
    times = "once" if count == 1 else f"{count} times"
    return f"A later start moved it {times}; the first was {instant(first, calendar)}."


def again(held: int, from_due: str) -> str:
    times = "once" if held == 1 else f"{held} times"
    return f"Held {times}; the next counts from {from_due}."


def fuzzy(start: FuzzyDate, high: End, calendar: Calendar) -> str:
    return f"The start is known only as {start}; it may be as late as the {_end(high, calendar)}."


def start_chosen(event: str) -> str:
    return f"The source states no start; the partnership counts from {event}."


def lapses_at_its_beginning(at: datetime, calendar: Calendar) -> str:
    return f"It lapses as that day begins: {instant(at, calendar)}."


def other_case(wording: str, setting: str) -> str:
    return f"The condition ({wording}) is not met, so the partnership's {setting} holds."


def looked_back(begins: datetime, ends: datetime, calendar: Calendar) -> str:
    return f"Looked back from {instant(ends, calendar)} to {instant(begins, calendar)}."


def agreed(end: End, calendar: Calendar) -> str:
    return f"Set in the case: {_end(end, calendar)}."


def set_by_partnership(wording: str, span: Span) -> str:
    return f'The source says "{wording}"; the partnership has set {_amount(span)}.'


def day(day: date) -> str:
    """Such as Tue 19 Jan 2027."""
    return f"{day:%a} {day.day} {day:%b %Y}"


def instant(at: datetime, calendar: Calendar) -> str:
    """On the partnership's clocks, such as 11:00 on Sun 25 Oct 2026."""
    local = calendar.local(at)
    return f"{local:%H:%M} on {day(local.date())}"


def _amount(span: Span) -> str:
    return str(span)[:1].upper() + str(span)[1:]


def _instant(moment: Moment, calendar: Calendar) -> datetime:
    return moment if isinstance(moment, datetime) else calendar.day_starts(moment.earliest)


def _moment(moment: Moment, calendar: Calendar) -> str:
    if isinstance(moment, datetime):
        return instant(moment, calendar)
    return day(moment.earliest) if moment.exact else str(moment)


def _end(end: End, calendar: Calendar) -> str:
    return instant(end.due_at, calendar) if end.last_day is None else f"end of {day(end.last_day)}"


def _left_out(calendar: Calendar, after: date, until: date) -> str:
    """The bank holidays and closure days, weekends aside, after one day and not after another."""
    ordinals = calendar.days_off
    span = ordinals[bisect_right(ordinals, after.toordinal()) : bisect_left(ordinals, until.toordinal() + 1)]
    off = [date.fromordinal(ordinal) for ordinal in span]
    kinds = {
        "bank holiday": [each for each in off if each in calendar.bank_holidays],
        "closure day": [each for each in off if each not in calendar.bank_holidays],
    }
    parts = [f"{_days(days)} ({_named(name, days)})" for name, days in kinds.items() if days]
    return f", leaving out {' and '.join(parts)}" if parts else ""


def _days(days: Iterable[date]) -> str:
    *most, last = [f"{each.day} {each:%b}" for each in days]
    return f"{', '.join(most)} and {last}" if most else last


def _named(name: str, days: Sequence[date]) -> str:
    return name if len(days) == 1 else f"{name}s"
