"""Quorum, agenda and circulation, as functions of what is told."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kit.ids import uuid7
from backend.meetings.agenda import OutcomeTold, outcome_faults, standing, unanswered
from backend.meetings.circulation import waiting
from backend.meetings.models import ItemState, MeetingInvitation, MeetingItem, MeetingOutcome, Part
from backend.meetings.quorum import quorum_of
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.records import Meeting, Quorum
from support.meetings import PATHWAY

AGENCIES = ("social-care", "police", "health", "education", "any", "family")
NOON = datetime(2027, 5, 4, 12, tzinfo=UTC)


def rule(at_least: int | None = None, *agencies: str) -> Quorum:
    return Quorum(at_least=at_least, agencies=agencies, text="Enough.", citation="Working Together 2005 ¶5.56")


def item(number: int, *, never_empty: bool = False) -> MeetingItem:
    return MeetingItem(tenant_id=uuid7(), meeting_id=uuid7(), number=number, text="An item", never_empty=never_empty)


@given(st.lists(st.sampled_from(AGENCIES)), st.integers(1, 5))
def test_agencies_count_and_not_people(came: list[str], at_least: int) -> None:
    found = quorum_of(rule(at_least), came)
    assert found.met == (len(set(came) - {"any", "family"}) >= at_least)
    assert found == quorum_of(rule(at_least), [*came, *came])


@given(st.lists(st.sampled_from(AGENCIES)), st.sampled_from(AGENCIES[:4]))
def test_one_more_agency_never_takes_a_quorum_away(came: list[str], more: str) -> None:
    wanted = rule(2, "social-care", "police")
    if quorum_of(wanted, came).met:
        assert quorum_of(wanted, [*came, more]).met


def test_an_agency_that_has_to_be_there_cannot_be_outnumbered() -> None:
    found = quorum_of(rule(2, "social-care", "police"), ["social-care", "health", "education"])
    assert (found.met, found.missing, found.present) == (False, ("police",), ("education", "health", "social-care"))


def test_without_anything_to_count_anybody_will_do() -> None:
    assert quorum_of(None, []).met
    assert quorum_of(rule(), []).met


@pytest.mark.parametrize(
    ("state", "text", "field"),
    [
        (ItemState.NOTHING_FOUND, None, "outcomes.0.text"), (ItemState.DISCUSSED, " ", "outcomes.0.text"),
        (ItemState.DISCUSSED, "a\x00b", "outcomes.0.text"), (ItemState.NOT_REACHED, None, "outcomes.0.state"),
        (ItemState.OPEN, None, "outcomes.0.state"),
    ],
)  # fmt: skip
def test_what_is_never_left_empty_has_to_be_typed_in(state: ItemState, text: str | None, field: str) -> None:
    asked = item(1, never_empty=True)
    assert [f.field for f in outcome_faults([OutcomeTold(asked.id, state, text)], [asked], "outcomes")] == [field]


def test_nothing_found_answers_an_item_and_silence_does_not() -> None:
    asked, other = item(1, never_empty=True), item(2)
    assert unanswered([asked, other], {}) == [asked]
    outcome = MeetingOutcome(
        tenant_id=uuid7(), meeting_id=uuid7(), item_id=asked.id, state=ItemState.NOTHING_FOUND, text="None on file.",
        recorded_by=uuid7(), recorded_at=NOON,
    )  # fmt: skip
    assert unanswered([asked, other], standing([outcome])) == []


def invitation(role: str, part: Part = Part.REQUIRED) -> MeetingInvitation:
    return MeetingInvitation(
        tenant_id=uuid7(), meeting_id=uuid7(), part=part, person_id=uuid7(), role=role, agency="any",
        invited_by=uuid7(), invited_at=NOON,
    )  # fmt: skip


def left(who: str, to: tuple[str, ...], came: set[UUID], *people: MeetingInvitation) -> tuple[set[UUID], set[str]]:
    (meeting,) = Definition.model_validate(PATHWAY).meetings
    rule = {"what": "The record", "who": who, "to": to, "citation": "Working Together 2005 ¶5.56"}
    (found,) = waiting(Meeting.model_validate({**meeting.model_dump(), "circulation": [rule]}), people, came, set())
    return set(found.invitations), set(found.roles)


def test_minutes_go_to_those_whom_the_definition_names() -> None:
    came, absent, papers = invitation("sio"), invitation("social-worker"), invitation("coroner", Part.RECIPIENT)
    people = (came, absent, papers)
    assert left("attended", (), {came.id}, *people) == ({came.id}, set())
    assert left("attended-and-invited", (), {came.id}, *people) == ({came.id, absent.id}, set())
    assert left("named", ("coroner", "cdop-manager"), {came.id}, *people) == ({papers.id}, {"cdop-manager"})
