"""What fails is tried for a time, ever more rarely, and not for ever."""

from datetime import timedelta

from backend.sharing.trying import WAITS, wait_after


def test_it_is_tried_ever_more_rarely_and_given_up_within_an_hour_and_a_half() -> None:
    waits = [wait_after(tries) for tries in range(1, len(WAITS) + 2)]
    assert waits[-1] is None
    kept = [wait for wait in waits if wait is not None]
    assert kept == sorted(kept) == list(WAITS)
    assert timedelta(hours=1) < sum(kept, timedelta()) < timedelta(minutes=90)
    assert wait_after(1_000) is None
