"""What a message carries to be answered by: made by us, for one delivery of one partnership, or worth nothing."""

import base64
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.deliveries.credentials import link_token, parse_link_token, reply_code

SECRET = "a-secret-of-this-test-of-32-characters"
TENANT, DELIVERY = UUID(int=1), UUID(int=2)


@given(st.uuids(), st.uuids())
def test_a_token_names_what_it_was_made_for_and_is_the_same_each_time(tenant: UUID, delivery: UUID) -> None:
    token = link_token(SECRET, tenant, delivery)
    assert parse_link_token(SECRET, token) == (tenant, delivery)
    assert token == link_token(SECRET, tenant, delivery)
    assert len(token) == 59
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


@given(st.text())
def test_any_other_text_is_none(text: str) -> None:
    assert parse_link_token(SECRET, text) is None


@given(st.integers(0, 43), st.integers(1, 255))
def test_one_changed_byte_is_found_wherever_it_is(place: int, change: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(link_token(SECRET, TENANT, DELIVERY) + "="))
    raw[place] ^= change
    assert parse_link_token(SECRET, base64.urlsafe_b64encode(raw).decode().rstrip("=")) is None


@pytest.mark.parametrize("secret", ["", SECRET + "x", SECRET[:-1]])
def test_another_secret_opens_nothing(secret: str) -> None:
    assert parse_link_token(secret, link_token(SECRET, TENANT, DELIVERY)) is None
    assert reply_code(secret, TENANT, DELIVERY) != reply_code(SECRET, TENANT, DELIVERY)


def test_a_shortened_proof_proves_nothing() -> None:
    token = link_token(SECRET, TENANT, DELIVERY)
    assert [parse_link_token(SECRET, token[:length]) for length in range(59)] == [None] * 59


def test_codes_are_four_digits_and_spread_evenly() -> None:
    codes = [reply_code(SECRET, TENANT, UUID(int=number)) for number in range(20_000)]
    assert {len(code) for code in codes} == {4}
    assert all(code.isdigit() for code in codes)
    assert len(set(codes)) > 8_000
