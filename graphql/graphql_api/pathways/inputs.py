"""What is told of a run, and done in it."""

from typing import Final

import strawberry
from strawberry.scalars import JSON

from graphql_api.cases.inputs import CASE
from graphql_api.pathways.tasks import TaskState
from graphql_api.problems import ONCE
from graphql_api.scalars import Instant

RUN: Final = "A run on a case that you may change."
VERSION: Final = "The run's version that you last had: if it has moved on, this is a conflict."
AT: Final = "When it happened, not in the future; default now."
REASONS: Final = "For the record, in words; also where nothing is done."


@strawberry.input(description="Start a pathway on a case, in the edition that is in force today.")
class StartPathwayInput:
    case_id: strawberry.ID = strawberry.field(description=CASE)
    pathway: str = strawberry.field(description="Its code, such as referral-to-childrens-social-care.")
    criteria: list[str] = strawberry.field(description="Codes of the criteria that are met.")
    variant: str | None = strawberry.field(default=None, description="Code of a variant, such as unborn-child.")
    reason: str | None = strawberry.field(default=None, description="Why it is opened; up to 2,000 characters.")
    occurred_at: Instant | None = strawberry.field(default=None, description=AT)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Take a run to the next stage.")
class MovePathwayInput:
    run_id: strawberry.ID = strawberry.field(description=RUN)
    version: int = strawberry.field(description=VERSION)
    stage: str = strawberry.field(description="Code of a stage that the present one leads to.")
    occurred_at: Instant | None = strawberry.field(default=None, description=AT)
    reason: str | None = strawberry.field(default=None, description="Up to 2,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="An event that a form tells of, and when it happened.")
class PathwayEventInput:
    code: str = strawberry.field(description="An event that this form records.")
    occurred_at: Instant | None = strawberry.field(default=None, description="Default now; it may be still to come.")
    occurred_on: str | None = strawberry.field(default=None, description="A rough date, such as April 2008.")


@strawberry.input(description="Complete a form.")
class CompletePathwayFormInput:
    run_id: strawberry.ID = strawberry.field(description=RUN)
    version: int = strawberry.field(description=VERSION)
    form: str = strawberry.field(description="Code of a form of the definition.")
    answers: JSON = strawberry.field(description="A JSON object: by item of information, the answer.")
    events: list[PathwayEventInput] | None = strawberry.field(
        default=None, description="Events that the form tells of. One that it alone records is recorded anyway."
    )
    occurred_at: Instant | None = strawberry.field(default=None, description=AT)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Record that a notification was given: by a call, a letter or papers.")
class GivePathwayNoticeInput:
    run_id: strawberry.ID = strawberry.field(description=RUN)
    version: int = strawberry.field(description=VERSION)
    notification: str = strawberry.field(description="Code of a notification of the definition.")
    given_to: str = strawberry.field(description="Whom you told; up to 300 characters.")
    given_at: Instant | None = strawberry.field(default=None, description=AT)
    acknowledged: bool = strawberry.field(default=False, description="They said that they have it.")
    note: str | None = strawberry.field(default=None, description="Up to 2,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Decide a question of the pathway.")
class DecidePathwayInput:
    run_id: strawberry.ID = strawberry.field(description=RUN)
    version: int = strawberry.field(description=VERSION)
    decision: str = strawberry.field(description="Code of a question that is open where the run stands.")
    options: list[str] = strawberry.field(description="Codes of the answers.")
    reasons: str = strawberry.field(description=REASONS)
    occurred_at: Instant | None = strawberry.field(default=None, description=AT)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Authorise or decline a decision that waits for it.")
class AnswerPathwayDecisionInput:
    decision_id: strawberry.ID = strawberry.field(description="A decision that is pending.")
    version: int = strawberry.field(description=VERSION)
    authorise: bool = strawberry.field(description="False declines it: nothing follows from it.")
    reasons: str = strawberry.field(description=REASONS)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Sign off by name.")
class SignOffPathwayInput:
    run_id: strawberry.ID = strawberry.field(description=RUN)
    version: int = strawberry.field(description=VERSION)
    sign_off: str = strawberry.field(description="Code of a sign-off of the definition.")
    note: str | None = strawberry.field(default=None, description="Up to 2,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Open a gate without what it asks for, on the authority that it names.")
class OpenPathwayGateInput:
    run_id: strawberry.ID = strawberry.field(description=RUN)
    version: int = strawberry.field(description=VERSION)
    gate: str = strawberry.field(description="Code of a gate that is shut, or of a clock that is such a gate.")
    reason: str = strawberry.field(description=REASONS)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Close a run in a stage where a case may end.")
class ClosePathwayInput:
    run_id: strawberry.ID = strawberry.field(description=RUN)
    version: int = strawberry.field(description=VERSION)
    reason: str = strawberry.field(description=REASONS)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Record an event by hand.")
class RecordPathwayEventInput:
    run_id: strawberry.ID = strawberry.field(description=RUN)
    code: str = strawberry.field(description="Code of an event of the definition.")
    occurred_at: Instant | None = strawberry.field(default=None, description="Default now; it may be still to come.")
    occurred_on: str | None = strawberry.field(
        default=None, description="A rough date, such as 2008, autumn 2008, April 2008."
    )
    reason: str | None = strawberry.field(default=None, description="Up to 1,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Correct an event. The old entry stays readable, and clocks are worked out anew.")
class CorrectPathwayEventInput:
    event_id: strawberry.ID = strawberry.field(description="The newest entry of an event.")
    happened: bool = strawberry.field(default=True, description="False says that it did not happen at all.")
    occurred_at: Instant | None = strawberry.field(default=None, description="When it really happened.")
    occurred_on: str | None = strawberry.field(default=None, description="The date as far as it is known.")
    reason: str = strawberry.field(description="Up to 1,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Lay an overlay over a run.")
class AttachPathwayOverlayInput:
    run_id: strawberry.ID = strawberry.field(description=RUN)
    version: int = strawberry.field(description=VERSION)
    overlay: str = strawberry.field(description="Code of an overlay.")
    reason: str = strawberry.field(description="Up to 1,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Take an overlay off its run.")
class DetachPathwayOverlayInput:
    overlay_id: strawberry.ID = strawberry.field(description="An overlay that is attached.")
    version: int = strawberry.field(description=VERSION)
    reason: str = strawberry.field(description="Up to 1,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Pin a run to another edition of its pathway.")
class MigratePathwayInput:
    run_id: strawberry.ID = strawberry.field(description=RUN)
    version: int = strawberry.field(description=VERSION)
    edition_id: strawberry.ID = strawberry.field(description="An approved edition of the same pathway.")
    stage: str | None = strawberry.field(default=None, description="Where it stands there, if not in the same stage.")
    reason: str = strawberry.field(description=REASONS)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Acknowledge a departure from the procedure. It waits for a manager's authority.")
class AcknowledgeDepartureInput:
    run_id: strawberry.ID = strawberry.field(description=RUN)
    subject_kind: str = strawberry.field(description="Such as obligation, clock, gate, meeting, form or stage.")
    subject_code: str = strawberry.field(description="Its code in the definition.")
    provision: str | None = strawberry.field(default=None, description="The place in the text; default its citation.")
    instead: str = strawberry.field(description="What is done instead; up to 2,000 characters.")
    reasons: str = strawberry.field(description="Up to 5,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Authorise or refuse a departure from the procedure.")
class AnswerDepartureInput:
    departure_id: strawberry.ID = strawberry.field(description="A departure that waits for authority.")
    authorise: bool = strawberry.field(description="False refuses it, with the reasons.")
    reasons: str | None = strawberry.field(default=None, description="Up to 5,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="End a task.")
class SettlePathwayTaskInput:
    task_id: strawberry.ID = strawberry.field(description="An open task.")
    version: int = strawberry.field(description="The task's version that you last had.")
    state: TaskState = strawberry.field(description="DONE, NOT_APPLICABLE or NOT_DONE.")  # type: ignore[valid-type]
    evidence: str | None = strawberry.field(default=None, description="What shows that it was done.")
    reason: str | None = strawberry.field(default=None, description="Why it does not apply, or was not done.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Give a task to somebody who works on the case.")
class AssignPathwayTaskInput:
    task_id: strawberry.ID = strawberry.field(description="An open task.")
    version: int = strawberry.field(description="The task's version that you last had.")
    owner_id: strawberry.ID | None = strawberry.field(default=None, description="Leave out to give it back.")
    deputy_id: strawberry.ID | None = strawberry.field(default=None, description="Who stands in for the owner.")
    idempotency_key: str = strawberry.field(description=ONCE)
