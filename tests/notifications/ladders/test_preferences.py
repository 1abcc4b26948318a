"""A person's own rules add and reorder; they never leave an urgent page unsent, nor make it wait."""

from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from notifications.ladders.preferences import ChannelRule, Way, ways
from tenants.contacts.models import Channel, ContactMethod

PERSON = uuid4()
CHANNELS = (Channel.SMS, Channel.EMAIL, Channel.PUSH)


def method(channel: Channel) -> ContactMethod:
    return ContactMethod(tenant_id=PERSON, person_id=PERSON, channel=channel, address=f"the {channel}")


SMS, EMAIL, PUSH = (method(channel) for channel in CHANNELS)
some = st.lists(st.sampled_from(CHANNELS), unique=True)
rules = st.lists(st.builds(ChannelRule, channel=st.sampled_from(CHANNELS), after=st.integers(0, 3_600)), max_size=4)


def test_without_rules_the_step_decides() -> None:
    assert ways((Channel.PUSH, Channel.SMS), [SMS, EMAIL, PUSH]) == (
        Way(Channel.PUSH, "the push"),
        Way(Channel.SMS, "the sms"),
    )


def test_rules_add_a_channel_reorder_and_delay() -> None:
    own = (ChannelRule(channel=Channel.SMS), ChannelRule(channel=Channel.EMAIL, after=60))
    assert ways((Channel.PUSH, Channel.SMS), [SMS, EMAIL, PUSH], own, 120) == (
        Way(Channel.SMS, "the sms"),
        Way(Channel.EMAIL, "the email", 60),
        Way(Channel.PUSH, "the push"),
    )


def test_what_would_come_after_the_rungs_time_comes_at_once() -> None:
    own = (ChannelRule(channel=Channel.PUSH), ChannelRule(channel=Channel.SMS, after=120))
    assert [way.after for way in ways((Channel.PUSH,), [SMS, PUSH], own, 120)] == [0, 0]
    assert [way.after for way in ways((Channel.PUSH,), [SMS, PUSH], own, 121)] == [0, 120]


@given(some.filter(bool), some, rules, st.none() | st.integers(10, 3_600))
def test_whoever_can_be_reached_is_reached_at_once(
    step: list[Channel], held: list[Channel], own: list[ChannelRule], within: int | None
) -> None:
    methods = [method(channel) for channel in held]
    found = ways(step, methods, own, within)
    assert bool(found) is bool(methods)
    if found:
        assert min(way.after for way in found) == 0
        assert all(within is None or way.after < within for way in found)
        assert len({way.address for way in found}) == len(found)
        # No channel of the step that the person has is left out.
        assert {way.channel for way in found} >= set(step) & set(held)
