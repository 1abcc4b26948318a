"""The same fault is one warning, from the day it is first seen to the day it ends."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from backend.kit.ids import uuid7
from notifications.coverage.comparison import Known, compare
from notifications.coverage.findings import Finding, WarningKind

NOW = datetime(2026, 11, 22, tzinfo=UTC)
HOUR = timedelta(hours=1)
ROTA, OTHER, WREN = uuid4(), uuid4(), uuid4()


def gap(begins: int, until: int, rota: UUID = ROTA) -> Finding:
    return Finding(WarningKind.UNCOVERED, rota, position=1, begins=NOW + begins * HOUR, until=NOW + until * HOUR)


def known(finding: Finding) -> Known:
    return Known(uuid7(), finding, NOW - timedelta(days=1))


def test_what_was_not_there_is_new() -> None:
    assert compare([gap(1, 2)], [], NOW).new == [gap(1, 2)]


def test_what_is_still_there_is_not_new() -> None:
    before = known(gap(1, 9))
    for now in (gap(1, 9), gap(3, 9), gap(1, 12), gap(9, 12)):
        seen = compare([now], [before], NOW)
        assert (seen.new, seen.parts, seen.same, seen.mended) == ([], [], [(before, now)], [])


def test_another_gap_of_the_same_rota_and_the_same_gap_of_another_are_new() -> None:
    before = known(gap(1, 9))
    assert compare([gap(1, 9), gap(10, 12)], [before], NOW).new == [gap(10, 12)]
    assert compare([gap(1, 9), gap(1, 9, OTHER)], [before], NOW).new == [gap(1, 9, OTHER)]


def test_of_a_gap_filled_in_the_middle_neither_end_is_news() -> None:
    before = known(gap(1, 9))
    seen = compare([gap(1, 3), gap(6, 9)], [before], NOW)
    assert seen.new == []
    assert seen.same == [(before, gap(1, 3))]
    assert seen.parts == [(gap(6, 9), before.first_seen_at)]


def test_two_gaps_that_become_one_leave_one_warning() -> None:
    first, second = known(gap(1, 3)), known(gap(6, 9))
    seen = compare([gap(1, 9)], [second, first], NOW)
    assert (seen.same, seen.mended, seen.new) == ([(first, gap(1, 9))], [second], [])


def test_what_was_mended_is_told_from_what_went_by() -> None:
    to_come, gone_by = known(gap(5, 9)), known(gap(-9, 0))
    seen = compare([], [to_come, gone_by], NOW)
    assert (seen.mended, seen.passed) == ([to_come], [gone_by])


def test_somebody_unreachable_stays_one_warning_whenever_their_turns_are() -> None:
    def away(begins: int, until: int) -> Finding:
        return Finding(WarningKind.UNREACHABLE_PERSON, ROTA, WREN, begins=NOW + begins * HOUR, until=NOW + until * HOUR)

    before = known(away(1, 9))
    assert compare([away(500, 600)], [before], NOW).same == [(before, away(500, 600))]


GAPS = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 9)), max_size=10).map(
    lambda given: [
        gap(index * 400 + begins, index * 400 + begins + lasting) for index, (begins, lasting) in enumerate(given)
    ]
)


@given(GAPS)
def test_looking_again_changes_nothing(found: list[Finding]) -> None:
    seen = compare(found, [], NOW)
    stored = [known(finding) for finding in seen.new]
    again = compare(found, stored, NOW)
    assert (again.new, again.parts, again.mended, again.passed) == ([], [], [], [])
    assert len(again.same) == len(found)
