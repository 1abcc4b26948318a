"""Checking a report, without a database: the areas it names, and every fault at once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.child_deaths.report import Areas, check
from backend.kit.problems import Invalid
from backend.kit.texts import text_fault
from support.partnership import report

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
COUNTY, CITY, NORTH, SOUTH = (UUID(int=number) for number in range(1, 5))
AUTHORITIES = {"cambridgeshire": COUNTY, "peterborough": CITY}
CORONERS = {"coroner-north": NORTH, "coroner-south": SOUTH}


def checked(coroners: dict[str, UUID] = CORONERS, /, **changes: Any) -> Areas:  # a report's fields
    told = report(NOW, **changes)
    return check(told, now=NOW, zone="Europe/London", authorities=AUTHORITIES, coroners=coroners)


def faulty(**changes: Any) -> dict[str, str]:  # a report's fields
    """The faults of a report with these changes, by field."""
    with pytest.raises(Invalid) as raised:
        checked(**changes)
    return {fault.field: fault.message for fault in raised.value.errors}


def test_the_areas_of_a_good_report_are_found() -> None:
    assert checked(area_of_death="peterborough", coroner_area="coroner-south") == Areas(CITY, SOUTH, COUNTY)


def test_a_home_outside_has_no_area_of_ours() -> None:
    assert checked(home_area=None, home_area_outside="Rutland").home is None


def test_an_only_coroner_need_not_be_named() -> None:
    assert checked({"coroner-north": NORTH}, coroner_area=None).coroner == NORTH
    assert set(faulty(coroner_area=None)) == {"coronerArea"}


def test_an_unknown_area_is_told_which_there_are() -> None:
    assert faulty(area_of_death="atlantis") == {"areaOfDeath": "must be one of cambridgeshire, peterborough"}


def test_without_any_coroner_the_field_is_named() -> None:
    with pytest.raises(Invalid, match="coronerArea"):
        checked({})


@pytest.mark.parametrize(
    ("died_at", "fine"),
    [
        (datetime(2026, 6, 1, 22, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 6, 1, 23, 0, tzinfo=UTC), False),  # midnight in London is the eighteenth birthday
    ],
)
def test_childhood_ends_at_local_midnight(died_at: datetime, fine: bool) -> None:  # noqa: FBT001
    changes: dict[str, Any] = {"date_of_birth": date(2008, 6, 2), "died_at": died_at}
    if fine:
        assert checked(**changes)
    else:
        assert set(faulty(**changes)) == {"dateOfBirth"}


def test_the_moment_itself_is_neither_past_nor_future() -> None:
    assert checked(died_at=NOW, confirmed_at=NOW)
    late = NOW + timedelta(microseconds=1)
    assert set(faulty(died_at=NOW, confirmed_at=late)) == {"confirmedAt"}
    assert set(faulty(died_at=late, confirmed_at=late)) == {"diedAt", "confirmedAt"}


@given(
    died_at=st.datetimes(timezones=st.just(UTC)),
    confirmed_at=st.datetimes(timezones=st.just(UTC)),
    born=st.dates(),
)
def test_any_dates_are_judged(died_at: datetime, confirmed_at: datetime, born: date) -> None:
    found: set[str] = set()
    try:
        checked(died_at=died_at, confirmed_at=confirmed_at, date_of_birth=born)
    except Invalid as refused:
        found = {fault.field for fault in refused.errors}
    assert found <= {"diedAt", "confirmedAt", "dateOfBirth"}
    assert found or (born <= died_at.date() + timedelta(days=1) and died_at <= confirmed_at <= NOW)


@pytest.mark.parametrize("number", ["01632 960123", "+44 1632 960123", "(01632) 960-123", "07700900123", "12345"])
def test_telephone_numbers_as_people_write_them(number: str) -> None:
    told = report(NOW)
    assert checked(reporter=replace(told.reporter, telephone=number))


@pytest.mark.parametrize("number", ["", "1234", "-----", "+", "ext. 12345", "12345\n", "1" * 30, "٠١٦٣٢"])
def test_what_is_no_telephone_number(number: str) -> None:
    told = report(NOW)
    assert set(faulty(reporter=replace(told.reporter, telephone=number))) == {"reporter.telephone"}


@given(st.text(min_size=1, max_size=50))
def test_a_text_is_fine_or_its_fault_does_not_repeat_it(text: str) -> None:
    fault = text_fault("field", f"{text}marker", 100)
    if any(ord(char) < 32 and char not in "\n\r\t" for char in text):
        assert fault is not None
    if fault is not None:
        assert "marker" not in fault.message


def test_the_longest_text_is_still_fine() -> None:
    assert text_fault("field", "x" * 10, 10) is None
    assert text_fault("field", "x" * 11, 10) is not None


def test_a_surrogate_is_no_character() -> None:
    assert text_fault("field", "\ud800", 10) is not None
