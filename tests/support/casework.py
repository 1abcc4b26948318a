"""A run on a case, as services are called on it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backend.cases import service as cases
from backend.cases.people import practitioners
from backend.cases.people.practitioners import AssignmentTold
from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.pathways import casework, opening
from backend.pathways.casework import Known
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.effective import Effective
from backend.pathways.definitions.library import Entry
from backend.pathways.definitions.positions import Document
from backend.pathways.editions import service as editions
from backend.pathways.moments import MomentTold
from backend.pathways.opening import EntryTold
from support.partnership import Partnership

REFERRAL = "referral-to-childrens-social-care"
OVERLAY: dict[str, Any] = {
    "id": "forced-marriage", "kind": "overlay", "title": "Forced marriage", "edition": "Working Together 2005",
    "summary": "The one chance to help.", "citation": "Working Together 2005 ¶4.21",
    "entry": {
        "trigger": "A child may be married by force.",
        "criteria": [{"id": "forced", "text": "It may be forced.", "citation": "Working Together 2005 ¶4.21"}],
    },
    "stages": [{"id": "silent", "title": "Silent mode", "lead": "social-care-manager", "throughout": True}],
    "obligations": [
        {"id": "see-alone", "stage": "silent", "text": "See the child alone.", "roles": ["social-worker"],
         "force": "must", "citation": "Working Together 2005 ¶4.21"},
    ],
    "events": [
        {"id": "referral-received", "title": "The referral is received", "recorded_by": [{"elsewhere": REFERRAL}]},
    ],
    "prohibitions": [
        {"id": "mediation", "permission": "forbidden", "text": "Nobody mediates.", "force": "must",
         "citation": "Working Together 2005 ¶4.21"},
    ],
    "attaches_to": [{"any": True, "when": "A forced marriage is feared."}],
}  # fmt: skip


async def put_in_force(session: TenantSession, data: dict[str, Any]) -> None:
    """An edition of a definition of the test's own, in force since the day before."""
    definition = Definition.model_validate(data)
    entry = Entry(definition, Document("of a test", data, {}), "of-a-test")
    day = (await session.now()).date()
    await editions.put_in_force(session, Effective(definition, entry, None, data, {}), day, role="test", authority="t")


@dataclass(frozen=True)
class Started:
    """A referral in its second stage, and who may do what in it."""

    partnership: Partnership
    manager: Caller
    intake: Caller
    case_id: UUID
    run_id: UUID

    def known(self, version: int | None = None) -> Known:
        return Known(version, str(uuid7()))


async def referral(partnership: Partnership) -> Started:
    """A referral on a case of the duty manager, with an intake worker, in the stage of intake."""
    manager, worker = await partnership.member("duty_manager"), await partnership.member("social_worker")
    async with partnership.session() as session:
        case = await cases.open_by_hand(session, manager, cases.Opening(REFERRAL), uuid7())
        await session.flush()
        for person, role in ((manager, "social-care-manager"), (worker, "social-care-intake")):
            told = AssignmentTold(role, person_id=person.person_id)
            await practitioners.assign(session, manager, case.id, told, uuid7())
        told_entry = EntryTold(REFERRAL, ("significant-harm",))
        run = await opening.start(session, worker, case.id, told_entry, uuid7(), str(uuid7()))
        await casework.move(session, worker, run.id, "intake", MomentTold(), None, Known(run.version, str(uuid7())))
        await session.commit()
        return Started(partnership, manager, worker, case.id, run.id)
