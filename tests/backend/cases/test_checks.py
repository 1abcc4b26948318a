"""What can be wrong with what is told of a child, without a database."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.cases.children.checks import AddressTold, ChildTold, birth_faults, expected_faults, faults
from backend.cases.children.identity import address_key, search_key

TODAY = date(2026, 11, 24)
BORN = ChildTold(name="Fernleaf Testchild", date_of_birth=date(2024, 2, 29))
UNBORN = ChildTold(expected_on=TODAY + timedelta(weeks=12))


def faulty(told: ChildTold, **changes: Any) -> set[str]:
    return {fault.field for fault in faults(replace(told, **changes), TODAY)}


def test_an_unborn_child_needs_an_expected_date_and_nothing_else() -> None:
    assert faulty(UNBORN) == set()
    assert faulty(UNBORN, expected_on=None) == {"name"}


def test_a_child_whose_birthday_is_not_known_has_a_name() -> None:
    assert faulty(BORN, date_of_birth=None) == set()


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"date_of_birth": TODAY + timedelta(days=1)}, {"dateOfBirth"}),
        ({"date_of_birth": date(1950, 1, 1)}, {"dateOfBirth"}),
        ({"date_of_birth": date.min}, {"dateOfBirth"}),
        ({"expected_on": TODAY}, {"expectedOn"}),  # born already
        ({"nhs_number": "9434765918"}, {"nhsNumber"}),
        ({"nhs_number": "943 476 5919"}, {"nhsNumber"}),
        ({"name": "nul\0l"}, {"name"}),
        ({"name": " "}, {"name"}),
        ({"name": "x" * 201}, {"name"}),
        ({"other_names": ("Fern", "")}, {"otherNames.1"}),
        ({"other_names": ("Fern",) * 21}, {"otherNames"}),
        ({"died_on": TODAY + timedelta(days=1)}, {"diedOn"}),
        ({"died_on": date(2024, 2, 28)}, {"diedOn"}),
        ({"communication_needs": "x" * 2001}, {"communicationNeeds"}),
        ({"addresses": (AddressTold("7 Invented Row", from_on=TODAY + timedelta(days=1)),)}, {"addresses.0.fromOn"}),
        ({"addresses": (AddressTold("\0"),)}, {"addresses.0.address"}),
        ({"addresses": (AddressTold("7 Row", date(2026, 2, 1), date(2026, 1, 1)),)}, {"addresses.0.toOn"}),
    ],
)
def test_each_fault_is_named(changes: dict[str, Any], fields: set[str]) -> None:
    assert faulty(BORN, **changes) == fields


@pytest.mark.parametrize(
    ("days", "fine"), [(41 * 7, True), (41 * 7 + 1, False), (3 * 365, False), (-42, True), (-43, False)]
)
def test_an_expected_date_lies_within_a_pregnancy(days: int, fine: bool) -> None:  # noqa: FBT001
    assert (expected_faults(TODAY + timedelta(days=days), TODAY) == []) is fine


def test_a_birth_lies_within_reach_of_the_expected_date() -> None:
    expected = TODAY + timedelta(weeks=10)
    assert birth_faults(TODAY, TODAY, expected_on=expected) == []
    assert birth_faults(TODAY - timedelta(weeks=20), TODAY, expected_on=expected) != []
    assert birth_faults(TODAY, TODAY, expected_on=TODAY - timedelta(weeks=6)) == []
    assert birth_faults(TODAY, TODAY, expected_on=TODAY - timedelta(weeks=6, days=1)) != []


@given(st.dates(), st.dates(), st.dates())
def test_any_dates_are_judged(born: date, expected: date, today: date) -> None:
    assert isinstance(birth_faults(born, max(today, date(1900, 1, 1)), expected_on=None), list)
    assert isinstance(expected_faults(expected, today), list)


def test_names_are_searched_without_case_accents_and_punctuation() -> None:
    assert search_key("Gwenllïan Ŵyn-Tŷ", "O'Na") == " gwenllian wyn ty o na "
    assert search_key("", "!") == ""


def test_addresses_are_compared_by_letters_and_digits() -> None:
    assert address_key("7, Invented Row,\nNowhere") == address_key("7 invented row nowhere")
