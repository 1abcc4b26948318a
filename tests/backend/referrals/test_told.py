"""What a referral says in the pathway, and what whoever sent it in is told of it."""

from datetime import date
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from backend.cases.children.checks import ChildTold
from backend.referrals.told import (
    ReferralState,
    ReferralTold,
    ReferrerKind,
    ReferrerTold,
    faults,
    kept,
    sent_by,
    state_of,
)

TODAY = date(2026, 3, 2)
NAMES = ("Fernleaf Testchild", "Nettle Whisper", "01632 960777")
CODES = ("referral-received", "referral-acknowledged", "next-steps-decided", "police-informed")


def told(kind: ReferrerKind, *, born: date | None = date(2024, 2, 29), **more: Any) -> ReferralTold:
    child = ChildTold(name=NAMES[0], date_of_birth=born, expected_on=None if born else TODAY)
    referrer = ReferrerTold(kind, NAMES[1], "Reedwater Hospital", NAMES[2])
    return ReferralTold(UUID(int=1), (child,), referrer, **{"significant_harm": True, "concern": "Bruises.", **more})


@given(st.sampled_from(ReferrerKind), st.booleans())
def test_nobody_is_named_in_what_the_pathway_is_begun_with(kind: ReferrerKind, harm: bool) -> None:  # noqa: FBT001
    one = told(kind, significant_harm=harm)
    assert faults(one, TODAY) == []
    stored = kept(one)
    assert not [name for name in NAMES if name in str(stored)]
    assert stored["criterion"] == ("significant-harm" if harm else "child-in-need")
    assert stored["facts"]["referrer-type"] == kind.value


def test_the_variant_is_the_referrers_before_it_is_the_childs() -> None:
    assert kept(told(ReferrerKind.PROFESSIONAL))["variant"] is None
    assert kept(told(ReferrerKind.PROFESSIONAL, born=None))["variant"] == "unborn-child"
    assert kept(told(ReferrerKind.PUBLIC, born=None))["variant"] == "public-referral"


def test_a_professional_of_an_application_is_of_its_organisation_and_nobody_else_is() -> None:
    for kind in ReferrerKind:
        expected = "Reedwater Systems" if kind is ReferrerKind.PROFESSIONAL else None
        assert sent_by(ReferrerTold(kind, "x"), "Reedwater Systems").organisation == expected
    named = ReferrerTold(ReferrerKind.PROFESSIONAL, "x", "Own")
    assert sent_by(named, "Reedwater Systems") == named


@given(st.sets(st.sampled_from(CODES)), st.booleans())
def test_a_state_says_how_far_it_has_come_and_never_goes_back(events: set[str], closed: bool) -> None:  # noqa: FBT001
    order = list(ReferralState)
    state = state_of(closed=closed, events=events)
    assert (state is ReferralState.CLOSED) is closed
    for more in CODES:
        later = state_of(closed=closed, events={*events, more})
        assert order.index(later) >= order.index(state)
    assert state_of(closed=False, events={"referral-received"}) is ReferralState.RECEIVED
