"""One secret after another: each counts for as long as was promised, whatever follows."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kit.problems import Invalid
from tenants.contacts.webhook_secrets import LONGEST_OVERLAP, MOST_EARLIER, earlier, rotate

BEGAN = datetime(2026, 10, 24, 12, tzinfo=UTC)
ROTATIONS = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 168)), max_size=8)


@dataclass
class Endpoint:
    secret_generation: int = 1
    oldest_secret: int | None = None
    previous_secret_until: datetime | None = None


@given(ROTATIONS)
def test_each_secret_counts_until_it_was_promised_to_unless_one_has_leaked(rotations: list[tuple[int, int]]) -> None:
    endpoint, now = Endpoint(), BEGAN
    promised: dict[int, datetime] = {}
    for waited, overlap in rotations:
        now += timedelta(hours=waited)
        if overlap:
            for number in (*earlier(endpoint, now), endpoint.secret_generation):
                promised[number] = max(promised.get(number, now), now + timedelta(hours=overlap))
        else:
            promised.clear()
        rotate(endpoint, now, timedelta(hours=overlap))
        present = endpoint.secret_generation
        lasting = {one for one, until in promised.items() if until > now and one >= present - MOST_EARLIER}
        assert set(earlier(endpoint, now)) == lasting
        assert present not in earlier(endpoint, now)


def test_nothing_but_the_present_one_counts_once_the_overlap_is_over() -> None:
    endpoint = Endpoint()
    rotate(endpoint, BEGAN, timedelta(hours=1))
    assert earlier(endpoint, BEGAN + timedelta(minutes=59)) == [1]
    assert earlier(endpoint, BEGAN + timedelta(hours=1)) == []


@pytest.mark.parametrize("overlap", [timedelta(hours=-1), LONGEST_OVERLAP + timedelta(hours=1)])
def test_an_overlap_out_of_bounds_changes_nothing(overlap: timedelta) -> None:
    endpoint = Endpoint()
    with pytest.raises(Invalid, match="overlapHours"):
        rotate(endpoint, BEGAN, overlap)
    assert endpoint == Endpoint()
