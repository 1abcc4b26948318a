"""An id says of what type it is, and is nothing where another type is asked for."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kit.problems import NotFound
from graphql_api.ids import TAGS, decode, decode_as, encode, key_of

KINDS = st.sampled_from(sorted(TAGS))


@given(KINDS, st.uuids())
def test_an_id_is_read_as_it_was_written(kind: str, key: UUID) -> None:
    assert decode(encode(kind, key)) == (kind, key)
    assert decode_as(kind, encode(kind, key)) == key_of(kind, encode(kind, key)) == key


@given(KINDS, KINDS, st.uuids())
def test_an_id_of_another_type_is_as_one_that_never_was(kind: str, other: str, key: UUID) -> None:
    if kind != other:
        assert decode_as(other, encode(kind, key)) is None
        with pytest.raises(NotFound):
            key_of(other, encode(kind, key))


CASE = encode("Case", UUID(int=1))


@pytest.mark.parametrize(
    "identifier",
    ["", "x", "\u00e9" * 24, str(UUID(int=1)), "!" * 24, CASE[:-4], CASE + "AAAA", "Pz8" + CASE[3:]],
)
def test_what_is_no_id_is_nothing(identifier: str) -> None:
    assert decode(identifier) is None
    with pytest.raises(NotFound):
        key_of("Case", identifier)


def test_no_two_types_share_a_tag() -> None:
    assert len(set(TAGS.values())) == len(TAGS)
