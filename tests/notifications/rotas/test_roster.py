"""Who answers when a rota is empty: the role it names, and so on, until somebody or nobody."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rotas.roster import Roster, Seat

ONE, OTHER = uuid4(), uuid4()
ROLES = ["a", "b", "c", "d"]
NORTH, SOUTH, EAST = frozenset({uuid4()}), frozenset({uuid4()}), frozenset({uuid4()})


@pytest.mark.parametrize(
    ("on_duty", "uncovered", "found"),
    [
        ({"a": [ONE]}, {"a": None}, ([ONE], "a")),
        ({"a": [ONE, OTHER]}, {"a": "b"}, ([ONE, OTHER], "a")),  # nobody else while somebody is there
        ({"a": [], "b": [ONE]}, {"a": "b", "b": None}, ([ONE], "b")),
        ({"a": [], "b": [], "c": [ONE]}, {"a": "b", "b": "c", "c": None}, ([ONE], "c")),
        ({"a": []}, {"a": None}, ([], "a")),  # a dead end
        ({"a": []}, {"a": "b"}, ([], "b")),  # a role without a rota
        ({}, {}, ([], "a")),
        ({"a": []}, {"a": "a"}, ([], "a")),  # rings
        ({"a": [], "b": []}, {"a": "b", "b": "a"}, ([], "b")),
    ],
)
def test_an_empty_rota_hands_on(
    on_duty: dict[str, list[object]], uncovered: dict[str, str | None], found: tuple[list[object], str]
) -> None:
    assert Roster(on_duty, uncovered).find("a") == found  # type: ignore[arg-type]


@given(
    st.dictionaries(st.sampled_from(ROLES), st.lists(st.uuids(), max_size=2, unique=True)),
    st.dictionaries(st.sampled_from(ROLES), st.one_of(st.none(), st.sampled_from(ROLES))),
)
def test_it_always_ends_and_finds_somebody_whenever_the_chain_holds_anybody(
    on_duty: dict[str, list[object]], uncovered: dict[str, str | None]
) -> None:
    persons, asked = Roster(on_duty, uncovered).find("a")  # type: ignore[arg-type]
    chain: list[str] = []
    role: str | None = "a"
    while role is not None and role not in chain:
        chain.append(role)
        role = uncovered.get(role)
    assert asked in chain
    assert persons == next((on_duty[one] for one in chain if on_duty.get(one)), [])


def test_who_is_on_call_on_two_rotas_of_a_role_is_called_once() -> None:
    assert Roster({"a": [ONE, OTHER, ONE]}, {}).find("a") == ([ONE, OTHER], "a")


def test_an_areas_own_rota_answers_first_then_one_that_serves_all_and_any_other_before_nobody() -> None:
    seats = (Seat("a", 1, NORTH, (ONE,)), Seat("a", 1, SOUTH, ()))
    alone, beside_all = Roster({}, {}, seats), Roster({"a": [OTHER]}, {}, seats)
    assert beside_all.find("a", areas=NORTH) == ([ONE], "a")
    assert beside_all.find("a", areas=SOUTH) == beside_all.find("a", areas=EAST) == ([OTHER], "a")
    assert alone.find("a", areas=SOUTH) == alone.find("a", areas=EAST) == ([ONE], "a")
    handed_on = Roster({"b": [OTHER]}, {"a": "b"}, seats)
    assert handed_on.find("a", areas=EAST) == ([OTHER], "b"), "whoever is named for its empty hours comes before"
