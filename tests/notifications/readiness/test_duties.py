"""Shifts put together into duties, and where one person hands over to another: pure."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from notifications.readiness.duties import Turn, changes, duties

ROTA, ANNA, BERT = UUID(int=1), UUID(int=2), UUID(int=3)
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


def turn(person: UUID, begins: float, ends: float, *, position: int = 1, rota: UUID = ROTA) -> Turn:
    """A turn from one hour to another, counted from Monday."""
    start = MONDAY + timedelta(hours=begins)
    return Turn(rota, position, person, start, start, MONDAY + timedelta(hours=ends))


def spans(turns: list[Turn]) -> list[tuple[UUID, float, float]]:
    return [
        (one.person_id, (one.begins - MONDAY) / timedelta(hours=1), (one.ends - MONDAY) / timedelta(hours=1))
        for one in turns
    ]


def test_a_week_of_days_is_one_duty() -> None:
    week = [turn(ANNA, 24 * day + 8, 24 * day + 20) for day in range(7)]
    assert spans(duties(week)) == [(ANNA, 8, 24 * 6 + 20)]


def test_after_more_than_a_day_off_a_person_begins_anew() -> None:
    assert spans(duties([turn(ANNA, 0, 8), turn(ANNA, 32, 40)])) == [(ANNA, 0, 40)]
    assert len(duties([turn(ANNA, 0, 8), turn(ANNA, 32.1, 40)])) == 2


def test_somebody_in_between_makes_two_duties() -> None:
    found = duties([turn(ANNA, 0, 8), turn(BERT, 8, 12), turn(ANNA, 12, 20)])
    assert spans(found) == [(ANNA, 0, 8), (BERT, 8, 12), (ANNA, 12, 20)]


def test_positions_and_rotas_are_apart() -> None:
    first, second, other = turn(ANNA, 0, 8), turn(ANNA, 8, 16, position=2), turn(ANNA, 8, 16, rota=UUID(int=9))
    assert len(duties([first, second, other])) == 3


def test_a_turn_that_was_cut_where_the_rota_was_made_anew_is_still_one_duty() -> None:
    assert spans(duties([turn(ANNA, 0, 3), turn(ANNA, 3, 8)])) == [(ANNA, 0, 8)]


def test_who_follows_themselves_hands_over_to_nobody_however_long_they_were_off() -> None:
    turns = [turn(ANNA, 9, 17), turn(ANNA, 24 * 4, 24 * 4 + 8), turn(BERT, 24 * 5, 24 * 5 + 8)]
    handed = [(c.outgoing.person_id, c.incoming and c.incoming.person_id) for c in changes(turns)]
    assert handed == [(ANNA, BERT), (BERT, None)]


def test_a_change_lies_where_the_outgoing_duty_ends_although_the_next_begins_later() -> None:
    change, _ = changes([turn(ANNA, 0, 8), turn(BERT, 10, 18)])
    assert spans([change.outgoing]) == [(ANNA, 0, 8)]
    assert change.incoming is not None
    assert spans([change.incoming]) == [(BERT, 10, 18)]


def test_no_turns_have_no_duties() -> None:
    assert duties([]) == []
    assert changes([]) == []


@given(st.lists(st.tuples(st.sampled_from([ANNA, BERT]), st.integers(0, 60), st.integers(1, 12)), max_size=20))
def test_duties_keep_every_hour_of_every_turn_and_never_overlap(drawn: list[tuple[UUID, int, int]]) -> None:
    turns, at = [], 0
    for person, gap, length in drawn:
        turns.append(turn(person, at + gap, at + gap + length))
        at += gap + length
    whole = duties(turns)
    assert all(
        any(d.person_id == t.person_id and d.begins <= t.begins and t.ends <= d.ends for d in whole) for t in turns
    )
    assert all(one.ends <= other.begins for one, other in pairwise(whole))
    assert all(
        one.person_id != other.person_id or other.begins - one.ends > timedelta(hours=24)
        for one, other in pairwise(whole)
    )
    assert all(c.incoming is None or c.incoming.person_id != c.outgoing.person_id for c in changes(turns))
