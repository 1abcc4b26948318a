"""What is wrong with rotas, found from duties and facts alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.coverage.findings import MINIMUM_REST, Duty, Finding, RotaFacts, WarningKind, findings
from notifications.coverage.spans import merged

NOW = datetime(2026, 10, 20, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
END = NOW + 90 * DAY
WREN, ROWAN, HAZEL = uuid4(), uuid4(), uuid4()
NORTH, SOUTH = sorted((uuid4(), uuid4()))
K = WarningKind


def duty(person: UUID, begins: int, until: int, rota: UUID = NORTH, position: int = 1) -> Duty:
    """Hours from now."""
    return Duty(rota, person, NOW + begins * HOUR, NOW + until * HOUR, position)


def facts(rota: UUID = NORTH, hours: int = 0, **changes: object) -> RotaFacts:
    """A rota that must be covered for the next ``hours``."""
    cover = {1: [(NOW, NOW + hours * HOUR)]} if hours else {}
    return replace(RotaFacts(rota, cover, frozenset({WREN, ROWAN})), **changes)  # type: ignore[arg-type]


def found(rotas: list[RotaFacts], duties: list[Duty], reachable: set[UUID] | None = None) -> list[Finding]:
    able = frozenset({WREN, ROWAN, HAZEL}) if reachable is None else frozenset(reachable)
    return findings(rotas, duties, able, NOW, END)


def hours(finding: Finding) -> tuple[float, float]:
    assert finding.begins is not None
    assert finding.until is not None
    return (finding.begins - NOW) / HOUR, (finding.until - NOW) / HOUR


def test_a_partnership_without_a_rota_is_told_so() -> None:
    assert found([], []) == [Finding(K.NO_ROTA)]


def test_a_rota_that_holds_has_no_warning() -> None:
    assert found([facts(hours=48)], [duty(WREN, 0, 24), duty(ROWAN, 24, 48)]) == []


@pytest.mark.parametrize("members", [frozenset(), frozenset({WREN})])
def test_a_rota_with_nobody_on_call_is_one_warning_and_not_ninety_gaps(members: frozenset[UUID]) -> None:
    assert found([facts(hours=2000, members=members)], []) == [Finding(K.EMPTY_ROTA, NORTH)]


def test_a_rota_whose_last_member_has_gone_is_empty_though_turns_remain() -> None:
    assert found([facts(hours=24, members=frozenset())], [duty(WREN, 0, 24)]) == [Finding(K.EMPTY_ROTA, NORTH)]


def test_hours_of_cover_without_anybody_are_named() -> None:
    gaps = found([facts(hours=30)], [duty(WREN, -5, 10), duty(ROWAN, 12, 24)])
    assert [(gap.kind, gap.position, hours(gap)) for gap in gaps] == [
        (K.UNCOVERED, 1, (10, 12)), (K.UNCOVERED, 1, (24, 30)),
    ]  # fmt: skip


def test_second_on_call_does_not_cover_for_the_first() -> None:
    both = {1: [(NOW, NOW + 10 * HOUR)], 2: [(NOW, NOW + 10 * HOUR)]}
    gaps = found([facts(cover=both)], [duty(WREN, 0, 10, position=2), duty(ROWAN, 0, 4)])
    assert [(gap.position, hours(gap)) for gap in gaps] == [(1, (4, 10))]


def test_the_repeated_hour_of_a_handover_is_no_fault() -> None:
    assert found([facts(hours=48)], [duty(WREN, 0, 25), duty(ROWAN, 24, 48)]) == []


def test_who_cannot_be_reached_is_one_warning_from_first_turn_to_last() -> None:
    turns = [duty(WREN, 24, 48), duty(WREN, 96, 120), duty(ROWAN, 48, 96)]
    (warning,) = found([facts()], turns, reachable={ROWAN})
    assert (warning, hours(warning)) == (Finding(K.UNREACHABLE_PERSON, NORTH, WREN), (24, 120))


@pytest.mark.parametrize(
    ("qualified", "faulty"),
    [
        (None, False),
        ({}, True),
        ({WREN: None}, False),
        ({WREN: NOW + 24 * HOUR}, False),
        ({WREN: NOW + 23 * HOUR}, True),
        ({WREN: NOW - HOUR}, True),
    ],
)
def test_a_qualification_must_last_for_the_whole_turn(
    qualified: dict[UUID, datetime | None] | None, *, faulty: bool
) -> None:
    warnings = found([facts(qualified=qualified)], [duty(WREN, 0, 24)])
    assert warnings == ([Finding(K.UNQUALIFIED_PERSON, NORTH, WREN)] if faulty else [])


def test_one_person_on_two_rotas_at_once_is_named_with_the_time() -> None:
    rotas = [facts(), facts(SOUTH)]
    (warning,) = found(rotas, [duty(WREN, 0, 24), duty(WREN, 20, 44, SOUTH)])
    assert (warning, hours(warning)) == (Finding(K.DOUBLE_BOOKING, NORTH, WREN, SOUTH), (20, 24))


def test_on_call_for_two_sites_is_no_clash_when_both_rotas_allow_it() -> None:
    turns = [duty(WREN, 0, 24), duty(WREN, 0, 24, SOUTH)]
    allowed = [facts(together_with=frozenset({SOUTH})), facts(SOUTH, together_with=frozenset({NORTH}))]
    assert found(allowed, turns) == []
    assert [warning.kind for warning in found([allowed[0], facts(SOUTH)], turns)] == [K.DOUBLE_BOOKING]


def test_eleven_hours_rest_is_enough_and_a_second_less_is_not() -> None:
    before = duty(WREN, 0, 12)
    after = replace(before, begins=before.until + MINIMUM_REST, until=before.until + 2 * MINIMUM_REST)
    assert found([facts()], [before, after]) == []
    early = replace(after, begins=after.begins - timedelta(seconds=1))
    (warning,) = found([facts()], [before, early])
    assert (warning.kind, warning.person_id, warning.begins, warning.until) == (
        K.SHORT_REST, WREN, before.until, early.begins,
    )  # fmt: skip


def test_rest_is_counted_between_rotas_and_from_the_turn_that_is_on() -> None:
    rotas = [facts(), facts(SOUTH)]
    (warning,) = found(rotas, [duty(WREN, -12, 1), duty(WREN, 2, 14, SOUTH)])
    assert (warning.rota_id, warning.other_rota_id, hours(warning)) == (SOUTH, NORTH, (1, 2))


def test_one_rota_after_another_without_a_pause_is_no_rest_at_all() -> None:
    (warning,) = found([facts(), facts(SOUTH)], [duty(WREN, 0, 12), duty(WREN, 12, 24, SOUTH)])
    assert (warning.kind, hours(warning)) == (K.SHORT_REST, (12, 12))


def test_a_turn_that_follows_on_either_of_two_rotas_that_end_together_is_the_same_stretch() -> None:
    both = [duty(WREN, 0, 12), duty(WREN, 0, 12, SOUTH)]
    for rota in (NORTH, SOUTH):
        for held in (both, both[::-1]):
            kinds = {one.kind for one in found([facts(), facts(SOUTH)], [*held, duty(WREN, 12, 24, rota)])}
            assert K.SHORT_REST not in kinds


def test_who_holds_a_rota_alone_is_not_warned_of_at_each_handover() -> None:
    assert found([facts()], [duty(WREN, week * 168, week * 168 + 168) for week in range(6)]) == []


TURNS = st.lists(
    st.builds(
        lambda person, begins, lasting, rota: duty(person, begins, begins + lasting, rota),
        st.sampled_from([WREN, ROWAN]), st.integers(-30, 200), st.integers(1, 40), st.sampled_from([NORTH, SOUTH]),
    ),
    max_size=12,
)  # fmt: skip


@given(TURNS, st.randoms())
def test_the_order_of_the_turns_makes_no_difference(turns: list[Duty], shuffle: object) -> None:
    rotas = [facts(hours=100), facts(SOUTH, hours=50)]
    again = list(turns)
    shuffle.shuffle(again)  # type: ignore[attr-defined]

    def seen(given: list[Duty]) -> list[tuple[object, ...]]:
        return sorted(
            (w.kind, str(w.rota_id), str(w.person_id), str(w.begins), str(w.until)) for w in found(rotas, given)
        )

    assert seen(turns) == seen(again)


@given(TURNS)
def test_what_is_covered_and_what_is_warned_of_make_up_the_cover(turns: list[Duty]) -> None:
    rotas = [facts(hours=100)]
    own = [one for one in turns if one.rota_id == NORTH]
    warnings = found(rotas, own)
    if any(one.until > NOW for one in own):
        gaps = [(w.begins, w.until) for w in warnings if w.kind is K.UNCOVERED and w.begins and w.until]
        covered = [(max(one.begins, NOW), min(one.until, NOW + 100 * HOUR)) for one in own]
        assert merged([*gaps, *(span for span in covered if span[0] < span[1])]) == [(NOW, NOW + 100 * HOUR)]
    else:
        assert warnings == [Finding(K.EMPTY_ROTA, NORTH)]


def test_rest_since_a_turn_that_is_over_counts_until_the_next_begins() -> None:
    (warning,) = found([facts()], [duty(WREN, -12, -1), duty(WREN, 2, 14)])
    assert (warning.kind, hours(warning)) == (K.SHORT_REST, (-1, 2))
    assert found([facts()], [duty(WREN, -12, -3), duty(WREN, -1, 14)]) == []
