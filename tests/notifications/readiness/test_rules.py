"""Who is ready, what is missing, and when somebody is told: pure."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.readiness.rules import (
    LEADS,
    LOUD,
    REMEDIES,
    Facts,
    Lack,
    Method,
    Stage,
    missing,
    next_check,
    stage_at,
)
from tenants.contacts.models import Channel

NOW = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
SMS, EMAIL, PUSH = Channel.SMS, Channel.EMAIL, Channel.PUSH


def method(channel: Channel, *, verified: bool = True, retired: bool = False, days: float = 1) -> Method:
    return Method(channel, verified, retired, NOW - timedelta(days=days))


def person(*methods: Method, may_sign_in: bool = True) -> Facts:
    return Facts(may_sign_in, methods)


@pytest.mark.parametrize(
    ("facts", "lacks"),
    [
        (person(method(SMS), method(EMAIL)), []),
        (person(method(PUSH), method(EMAIL)), []),
        (person(method(PUSH), method(SMS), method(EMAIL, verified=False)), []),
        (person(method(SMS)), [Lack.TWO_CHANNELS]),
        (person(method(SMS), method(SMS)), [Lack.TWO_CHANNELS]),
        (person(method(SMS), method(EMAIL, verified=False)), [Lack.TWO_CHANNELS]),
        (person(method(SMS), method(EMAIL, retired=True)), [Lack.TWO_CHANNELS]),
        (person(method(EMAIL)), [Lack.TWO_CHANNELS, Lack.LOUD_CHANNEL]),
        (person(), [Lack.TWO_CHANNELS, Lack.LOUD_CHANNEL]),
        (person(method(SMS, retired=True)), [Lack.ALL_RETIRED, Lack.TWO_CHANNELS, Lack.LOUD_CHANNEL]),
        (person(method(PUSH, days=14), method(SMS)), []),
        (person(method(PUSH, days=14.01), method(SMS)), [Lack.DEVICE_SILENT]),
        (person(method(PUSH, days=15), method(PUSH, days=2), method(SMS)), []),
        (person(method(PUSH, days=15), method(PUSH, retired=True), method(SMS)), [Lack.DEVICE_SILENT]),
        (person(method(SMS), method(EMAIL), may_sign_in=False), [Lack.MEMBERSHIP]),
    ],
)
def test_somebody_is_ready_or_hears_what_is_missing(facts: Facts, lacks: list[Lack]) -> None:
    assert list(missing(facts, NOW)) == lacks


def test_a_device_that_never_answered_is_silent() -> None:
    assert missing(Facts(may_sign_in=True, methods=(Method(PUSH, True, False, None), method(SMS))), NOW) == (  # noqa: FBT003
        Lack.DEVICE_SILENT,
    )


def test_every_lack_has_a_remedy_in_a_sentence() -> None:
    assert set(REMEDIES) == set(Lack)
    assert all(remedy.endswith(".") for remedy in REMEDIES.values())


@given(st.lists(st.builds(method, st.sampled_from(Channel), verified=st.booleans(), retired=st.booleans(),
                          days=st.floats(0, 30)), max_size=8))  # fmt: skip
def test_nobody_is_ready_without_two_verified_channels_of_which_one_is_loud(methods: list[Method]) -> None:
    usable = {m.channel.value for m in methods if m.verified and not m.retired}
    if not missing(person(*methods), NOW):
        assert len(usable) >= 2
        assert usable & LOUD


@pytest.mark.parametrize(
    ("ahead", "stage"),
    [
        (timedelta(days=7, seconds=1), None),
        (timedelta(days=7), Stage.WEEK),
        (timedelta(days=3, seconds=1), Stage.WEEK),
        (timedelta(days=3), Stage.THREE_DAYS),
        (timedelta(hours=24), Stage.DAY),
        (timedelta(hours=12), Stage.HALF_DAY),
        (timedelta(hours=2), Stage.TWO_HOURS),
        (timedelta(0), Stage.TWO_HOURS),
    ],
)
def test_the_latest_stage_that_has_come_is_the_one_that_counts(ahead: timedelta, stage: Stage | None) -> None:
    assert stage_at(NOW + ahead, NOW) is stage


@given(st.timedeltas(timedelta(0), timedelta(days=20)))
def test_the_checks_come_in_turn_and_end_at_the_beginning(ahead: timedelta) -> None:
    begins, now, instants = NOW + ahead, NOW, []
    while now < begins:
        now = next_check(begins, now)
        instants.append(now)
    assert instants == [begins - lead for lead in LEADS.values() if begins - lead > NOW] + [begins] * (begins > NOW)
