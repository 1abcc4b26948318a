"""A decision that its definition suspends is not built upon while somebody disagrees with it."""

from typing import Any

import pytest

from backend.cases import service as cases
from backend.cases.people import practitioners
from backend.cases.people.practitioners import AssignmentTold
from backend.kit.ids import uuid7
from backend.kit.problems import Invalid
from backend.pathways import casework, deciding, disagreeing, opening, repository
from backend.pathways.casework import Known
from backend.pathways.deciding import DecisionTold
from backend.pathways.disagreeing import DisagreementTold
from backend.pathways.models import RunState
from backend.pathways.moments import MomentTold
from backend.pathways.opening import EntryTold
from backend.pathways.refusals import Refused, Why
from support.casework import put_in_force
from support.partnership import Partnership

SUSPENDED: dict[str, Any] = {
    "id": "conference-exclusion", "kind": "decision-record", "title": "Exclusion", "edition": "Working Together 2005",
    "summary": "Who stays away.", "citation": "Working Together 2005 ¶4.71",
    "entry": {
        "trigger": "A conference.",
        "criteria": [{"id": "risk", "text": "There is a risk.", "citation": "Working Together 2005 ¶4.71"}],
    },
    "stages": [
        {"id": "deciding", "title": "Decide", "lead": "conference-chair", "leads_to": ["done"]},
        {"id": "done", "title": "Done", "lead": "conference-chair", "ends": True},
    ],
    "decisions": [
        {"id": "exclude", "stage": "deciding", "question": "Who is excluded?", "deciders": ["conference-chair"],
         "suspended_by_disagreement": True, "citation": "Working Together 2005 ¶4.71",
         "options": [{"id": "yes", "text": "Excluded", "stays": True}, {"id": "no", "text": "Not", "stays": True}]},
    ],
}  # fmt: skip


def known() -> Known:
    return Known(None, str(uuid7()))


async def test_a_suspended_decision_is_not_built_upon_until_the_disagreement_is_settled(herts: Partnership) -> None:
    chair = await herts.member("duty_manager")
    async with herts.session() as session:
        await put_in_force(session, SUSPENDED)
        case = await cases.open_by_hand(session, chair, cases.Opening("conference-exclusion"), uuid7())
        await session.flush()
        for role in ("conference-chair", "line-manager"):
            told = AssignmentTold(role, person_id=chair.person_id)
            await practitioners.assign(session, chair, case.id, told, uuid7())
        entry = EntryTold("conference-exclusion", ("risk",))
        run = await opening.start(session, chair, case.id, entry, uuid7(), str(uuid7()))
        decided = await deciding.decide(
            session, chair, run.id, DecisionTold("exclude", ("yes",), "A risk."), uuid7(), version=None,
            transaction_id=str(uuid7()),
        )  # fmt: skip
        with pytest.raises(Invalid, match="wanted"):
            await disagreeing.disagree(session, chair, decided.id, DisagreementTold("No.", " "), uuid7(), "first")
        row = await disagreeing.disagree(session, chair, decided.id, DisagreementTold("No.", "Let in."), uuid7(), "one")
        await session.flush()
        with pytest.raises(Refused) as refused:
            await casework.move(session, chair, run.id, "done", MomentTold(), None, known())
        assert (refused.value.why, refused.value.subject) == (Why.DISPUTED, "exclude")
        settled = DecisionTold("settled-by-discussion", ("decision-stands",), "Explained.")
        await deciding.decide(session, chair, row.run_id, settled, uuid7(), version=None, transaction_id=str(uuid7()))
        assert (await repository.run(session, row.run_id)).state is RunState.CLOSED
        await casework.move(session, chair, run.id, "done", MomentTold(), None, known())
        assert run.stage == "done"
