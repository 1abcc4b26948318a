"""A sealed document holds as it was made, and shows whatever was done to it."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import OKPKey

from notifications.evidence.seal import Broken, canonical, seal, verify

KEY = OKPKey.generate_key("Ed25519")
HEADING = {"alert": {"reference": "7F3K-2Q9D"}, "made_at": "2026-11-22T03:12:05.000000+00:00"}
ENTRIES = [
    {"at": f"2026-11-22T03:12:0{number}.000000+00:00", "kind": "paged", "facts": {"who": "Dr Wren Saltmarsh"}}
    for number in range(6)
]


@pytest.fixture
def document() -> dict[str, Any]:
    return seal(HEADING, ENTRIES, KEY)


def test_what_was_sealed_holds_through_a_file(document: dict[str, Any]) -> None:
    assert verify(json.loads(canonical(document)), KEY) == 6
    assert verify(json.loads(json.dumps(document, indent=4)), KEY) == 6


def test_the_same_story_is_the_same_document(document: dict[str, Any]) -> None:
    assert seal(HEADING, ENTRIES, KEY) == document


@given(st.data())
def test_one_flipped_bit_anywhere_is_found(data: st.DataObject) -> None:
    content = bytearray(canonical(seal(HEADING, ENTRIES, KEY)))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    try:
        changed = json.loads(bytes(content))
    except ValueError:
        return  # no JSON any more: whoever verifies it is told so
    with pytest.raises(Broken):
        verify(changed, KEY)


@pytest.mark.parametrize("number", range(1, 7))
def test_the_first_changed_entry_is_named(document: dict[str, Any], number: int) -> None:
    document["entries"][number - 1]["facts"]["who"] = "Somebody Else"
    with pytest.raises(Broken, match=f"^Entry {number} was changed"):
        verify(document, KEY)


def test_an_entry_left_out_put_in_or_moved_is_named(document: dict[str, Any]) -> None:
    left_out, put_in, moved, cut = (copy.deepcopy(document) for _ in range(4))
    del left_out["entries"][2]
    put_in["entries"].insert(2, put_in["entries"][1])
    moved["entries"][2], moved["entries"][3] = moved["entries"][3], moved["entries"][2]
    for changed in (left_out, put_in, moved):
        with pytest.raises(Broken, match=r"^Entry 3 "):
            verify(changed, KEY)
    del cut["entries"][-1]
    with pytest.raises(Broken, match="another sequence"):
        verify(cut, KEY)


def test_a_changed_heading_is_named(document: dict[str, Any]) -> None:
    document["heading"]["alert"]["reference"] = "ZZZZ-9999"
    with pytest.raises(Broken, match="heading"):
        verify(document, KEY)


def test_a_chain_that_was_made_anew_lacks_the_signature(document: dict[str, Any]) -> None:
    other = seal(HEADING, ENTRIES[:3], OKPKey.generate_key("Ed25519"))
    with pytest.raises(Broken, match="not by this key"):
        verify(other, KEY)
    with pytest.raises(Broken, match="another sequence"):
        verify(other | {"signature": document["signature"]}, KEY)


@pytest.mark.parametrize(
    "nonsense", [None, [], {}, "x", {"format": "safeguard-alert-evidence/1"}, {"format": "other/1"}]
)
def test_what_is_no_evidence_is_said_to_be_none(nonsense: Any) -> None:
    with pytest.raises(Broken, match="no "):
        verify(nonsense, KEY)
