"""Identifiers: ordered by time where rows are, and telling nothing where people read them."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import pairwise
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kit.ids import quoted, spoken_reference, uuid7


@given(st.integers(1, 200))
def test_an_id_is_a_uuid_of_version_7(count: int) -> None:
    for made in (uuid7() for _ in range(count)):
        assert (made.version, made.variant) == (7, RFC_4122)
        assert UUID(str(made)) == made


@given(st.integers(2, 500))
def test_ids_made_one_after_another_stand_in_that_order(count: int) -> None:
    made = [uuid7() for _ in range(count)]
    # The time is in the first 64 bits; the rest is chance.
    times = [one.int >> 64 for one in made]
    assert times == sorted(times)
    assert len(set(made)) == count


@given(st.integers(1, 50))
def test_an_id_bears_the_millisecond_it_was_made_in(count: int) -> None:
    before = time.time_ns() // 1_000_000
    made = [uuid7() for _ in range(count)]
    after = time.time_ns() // 1_000_000
    assert all(before <= one.int >> 80 <= after for one in made)
    assert datetime.fromtimestamp((made[0].int >> 80) / 1000, UTC).year >= 2025


def test_the_order_holds_within_a_millisecond() -> None:
    """The 12 bits after the version are its fraction: without them ids of one millisecond would lie in any order."""
    made = [uuid7() for _ in range(5000)]
    shared = [(a, b) for a, b in pairwise(made) if a.int >> 80 == b.int >> 80]
    assert shared
    assert all(a.int >> 64 <= b.int >> 64 for a, b in shared)
    assert len({one.int >> 64 & 0xFFF for one in made}) > 100


def test_ids_of_many_threads_are_all_different() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = [one for batch in pool.map(lambda _: [uuid7() for _ in range(2000)], range(8)) for one in batch]
    assert len(set(made)) == len(made)
    # 62 bits of chance: two ids of one instant differ in about half of them.
    differing = [((a.int ^ b.int) & (1 << 62) - 1).bit_count() for a, b in pairwise(made)]
    assert 28 < sum(differing) / len(differing) < 34


@given(st.integers(1, 200))
def test_a_spoken_reference_can_be_read_over_a_bad_line(count: int) -> None:
    made = {spoken_reference() for _ in range(count)}
    assert len(made) == count
    for reference in made:
        # No vowels, so no words; no 0, 1, I, L, O, S, U, Y, which are heard or read as others.
        assert re.fullmatch(r"[2-9BCDFGHJKMNPQRTVWXZ]{4}-[2-9BCDFGHJKMNPQRTVWXZ]{4}", reference)


@pytest.mark.parametrize(
    "typed", ["7F3K-2Q9D", "7f3k-2q9d", " 7F3K 2Q9D\n", "7f3k2q9d", "7F3K\u20132Q9D", "7F3K - 2Q9D"]
)
def test_a_reference_is_known_however_it_is_typed(typed: str) -> None:
    assert quoted(typed) == "7F3K-2Q9D"


@given(st.text())
def test_what_can_be_no_reference_is_the_reference_of_nothing(text: str) -> None:
    assert quoted(text) == "" or re.fullmatch(r"[2-9BCDFGHJKMNPQRTVWXZ]{4}-[2-9BCDFGHJKMNPQRTVWXZ]{4}", quoted(text))
    assert quoted(f"{text}\x00") == quoted(f"{text}A-7F3K-2Q9D") == ""
