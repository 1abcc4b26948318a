"""What may be entered as a number, address or device, and how it is written down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kit.problems import Invalid
from tenants.contacts.addresses import normal_address, same_address
from tenants.contacts.models import Channel

SMS, EMAIL, PUSH = Channel.SMS, Channel.EMAIL, Channel.PUSH


@pytest.mark.parametrize(
    "written", ["07700900123", "07700 900123", "+44 7700 900 123", "0044 7700 900123", "(07700) 900-123"]
)
def test_a_number_is_written_down_one_way_however_it_is_entered(written: str) -> None:
    assert normal_address(SMS, written) == "+447700900123"


@given(st.integers(0, 999))
def test_every_number_kept_for_drama_is_accepted(last: int) -> None:
    assert normal_address(SMS, f"07700900{last:03}") == f"+447700900{last:03}"


@pytest.mark.parametrize(
    ("entered", "because"),
    [
        ("999", "emergency"),
        ("112", "emergency"),
        ("9 9 9", "emergency"),
        ("0909 879 0000", "premium-rate"),
        ("0871 200 1000", "premium-rate"),
        ("07000 123456", "premium-rate"),
        ("01632 960123", "mobile"),
        ("020 7946 0018", "mobile"),
        ("+33 6 12 34 56 78", "United Kingdom"),
        ("+1 900 555 1234", "United Kingdom"),
        ("07700", "digits"),
        ("07700 900123 x5", "extension"),
        ("ring me", "not a telephone number"),
        ("", "not a telephone number"),
        ("0" * 41, "too long"),
    ],
)
def test_a_number_that_no_text_should_go_to_is_refused_with_the_reason(entered: str, because: str) -> None:
    with pytest.raises(Invalid) as refused:
        normal_address(SMS, entered)
    (fault,) = refused.value.errors
    assert fault.field == "address"
    assert because in fault.message


def test_an_emails_domain_is_written_in_lower_case_and_its_local_part_is_left() -> None:
    assert normal_address(EMAIL, " Wren.Saltmarsh@Example.ORG ") == "Wren.Saltmarsh@example.org"


@pytest.mark.parametrize("entered", ["wren", "wren@example", "wren@@example.org", "w@example.org\nBcc: x@example.org",
                                     "a b@example.org", "wren@exa mple.org", f"{'w' * 250}@example.org"])  # fmt: skip
def test_what_is_no_email_address_is_refused(entered: str) -> None:
    with pytest.raises(Invalid):
        normal_address(EMAIL, entered)


@pytest.mark.parametrize(
    "entered", ["short", "a" * 2_001, "has a space in it", "control\x00character", "a\u00fcmlaut-token"]
)
def test_a_token_that_no_device_has_is_refused(entered: str) -> None:
    with pytest.raises(Invalid):
        normal_address(PUSH, entered)


@given(st.text(max_size=60), st.sampled_from(Channel))
def test_whatever_is_entered_it_is_accepted_once_and_for_all_or_refused(entered: str, channel: Channel) -> None:
    try:
        normal = normal_address(channel, entered)
    except Invalid:
        return
    assert normal_address(channel, normal) == normal
    assert same_address(channel, normal, normal)


def test_a_number_of_on_boarding_is_known_again_in_its_own_spelling() -> None:
    assert same_address(SMS, "07700900100", "+447700900100")
    assert not same_address(SMS, "07700900100", "+447700900101")
    assert same_address(EMAIL, "not an address", "not an address")
