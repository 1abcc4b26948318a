"""Enquiries about children as the API shows them."""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import Enum
from uuid import UUID

import strawberry

from backend.kit.session import TenantSession
from backend.registers.enquiries import repository
from backend.registers.enquiries.finding import Found, Match
from backend.registers.enquiries.likeness import Why as WhyValue
from backend.registers.enquiries.models import CheckMethod as MethodValue
from backend.registers.enquiries.models import ChildEnquiry as EnquiryRow
from backend.registers.enquiries.models import Disclosed as DisclosedValue
from backend.registers.enquiries.models import DutyKind as KindValue
from backend.registers.enquiries.models import DutyOutcome as OutcomeValue
from backend.registers.enquiries.models import DutyState as StateValue
from backend.registers.enquiries.models import EnquirerCheck as CheckRow
from backend.registers.enquiries.models import EnquiryAnswer as AnswerRow
from backend.registers.enquiries.models import EnquiryDuty as DutyRow
from backend.registers.enquiries.models import EnquirySearch
from backend.registers.enquiries.models import Result as ResultValue
from graphql_api.ids import encode
from graphql_api.nodes import Node
from graphql_api.partnerships.types import Person
from graphql_api.registers.plans import PlanEntry
from graphql_api.scalars import Instant
from tenants.contacts import repository as contacts

CheckMethod: type[Enum] = strawberry.enum(
    MethodValue, name="EnquirerCheckMethod",
    description="How an enquirer was checked. FAILED: they could not be.",
)  # fmt: skip
EnquiryResult: type[Enum] = strawberry.enum(
    ResultValue, name="EnquiryResult",
    description="What an enquirer was answered. PASSED_ON: whoever holds the record calls back. NOTHING_TOLD: they"
    " could not be checked.",
)  # fmt: skip
Disclosed: type[Enum] = strawberry.enum(
    DisclosedValue, name="EnquiryDisclosure", description="One thing that an enquirer was told."
)
LikenessReason: type[Enum] = strawberry.enum(
    WhyValue, name="LikenessReason", description="In what a child on record is like the one who is asked about."
)
DutyKind: type[Enum] = strawberry.enum(
    KindValue, name="EnquiryDutyKind",
    description="CONSIDER_NEED: a child who is not known was asked about again. TELL_KEY_WORKER: a key worker is to"
    " hear of the enquiry. LOOK_AT_HELD_RECORD: a record kept to its list may be the child's.",
)  # fmt: skip
DutyState: type[Enum] = strawberry.enum(StateValue, name="EnquiryDutyState", description="Open until it is decided.")
DutyOutcome: type[Enum] = strawberry.enum(
    OutcomeValue, name="EnquiryDutyOutcome", description="How a duty that an enquiry left was decided."
)


@strawberry.type(description="How an enquirer was checked.")
class EnquirerCheck:
    method: CheckMethod  # type: ignore[valid-type]
    number: str | None = strawberry.field(description="The number that was called.")
    listed_as: str | None = strawberry.field(description="Under what the directory has that number.")
    note: str
    checked_at: Instant

    @classmethod
    def of(cls, row: CheckRow) -> "EnquirerCheck":
        return cls(method=MethodValue(row.method), number=row.number, listed_as=row.listed_as, note=row.note,
                   checked_at=Instant(row.checked_at))  # fmt: skip


@strawberry.type(description="What an enquirer was told.")
class EnquiryAnswer:
    result: EnquiryResult  # type: ignore[valid-type]
    child_id: strawberry.ID | None = strawberry.field(description="The child who was found.")
    disclosed: list[Disclosed]  # type: ignore[valid-type]
    advice: str = strawberry.field(description="The advice that was given with it.")
    answered_at: Instant

    @classmethod
    def of(cls, row: AnswerRow) -> "EnquiryAnswer":
        return cls(
            result=ResultValue(row.result),
            child_id=strawberry.ID(encode("Child", row.child_id)) if row.child_id is not None else None,
            disclosed=[DisclosedValue(one) for one in row.disclosed], advice=row.advice,
            answered_at=Instant(row.answered_at),
        )  # fmt: skip


@strawberry.type(description="Somebody asks whether a child is known, or has a child protection plan.")
class ChildEnquiry(Node):
    id: strawberry.ID
    enquirer_name: str
    enquirer_agency: str
    enquirer_post: str | None
    call_back_number: str = strawberry.field(description="As the enquirer gave it: no proof of who they are.")
    concern: str = strawberry.field(description="Why they ask.")
    child_name: str | None = strawberry.field(description="The child who is asked about, as the enquirer said it.")
    other_names: list[str]
    date_of_birth: date | None
    address: str | None
    taken_by: Person | None
    taken_at: Instant
    checks: list[EnquirerCheck] = strawberry.field(description="First to last; the last one holds.")
    searches: int = strawberry.field(description="How often the child was looked for.")
    answer: EnquiryAnswer | None = strawberry.field(description="Null until the enquirer was answered.")


@strawberry.type(description="A child who may be the one who is asked about.")
class EnquiryMatch:
    child_id: strawberry.ID
    name: str | None
    other_names: list[str]
    date_of_birth: date | None
    unborn: bool
    why: list[LikenessReason] = strawberry.field(description="In what they are alike.")  # type: ignore[valid-type]
    likely: bool = strawberry.field(description="Say that it is somebody else before you answer NOT_KNOWN.")
    known: bool = strawberry.field(description="There is an open case.")
    case_id: strawberry.ID | None = strawberry.field(description="The newest open case.")
    plan: PlanEntry | None = strawberry.field(description="The plan that the child has today.")

    @classmethod
    def of(cls, found: Match) -> "EnquiryMatch":
        child, case = found.child, found.open_case
        return cls(
            child_id=strawberry.ID(encode("Child", child.id)), name=child.name, other_names=list(child.other_names),
            date_of_birth=child.date_of_birth, unborn=child.date_of_birth is None and child.expected_on is not None,
            why=[WhyValue(one) for one in found.why], likely=found.likely, known=case is not None,
            case_id=strawberry.ID(encode("Case", case.id)) if case is not None else None,
            plan=PlanEntry.of(found.plan) if found.plan is not None else None,
        )  # fmt: skip


@strawberry.type(description="An enquiry before this one, about what may be the same child, who was not known then.")
class EarlierEnquiry:
    enquirer_agency: str
    concern: str
    taken_at: Instant


@strawberry.type(description="What was found. Whoever is shown is logged.")
class EnquiryFindings:
    matches: list[EnquiryMatch] = strawberry.field(description="The likest first.")
    at_address: list[PlanEntry] = strawberry.field(description="Another child at this address has a plan.")
    earlier: list[EarlierEnquiry] = strawberry.field(description="The newest first. Tell the enquirer of them.")
    held: bool = strawberry.field(
        description="A record that is kept to few may be this child's. Its owner is told: answer PASSED_ON."
    )

    @classmethod
    def of(cls, found: Found) -> "EnquiryFindings":
        return cls(
            matches=[EnquiryMatch.of(one) for one in found.matches],
            at_address=[PlanEntry.of(one) for one in found.at_address],
            earlier=[
                EarlierEnquiry(
                    enquirer_agency=one.enquirer_agency, concern=one.concern, taken_at=Instant(one.taken_at)
                )
                for one in found.earlier
            ],
            held=bool(found.withheld),
        )  # fmt: skip


@strawberry.type(description="Something that an enquiry leaves to somebody, until it is decided with reasons.")
class EnquiryDuty:
    id: strawberry.ID
    kind: DutyKind  # type: ignore[valid-type]
    role: str = strawberry.field(description="Whose it is, such as designated-manager.")
    owner: Person | None = strawberry.field(description="Who that is, where one person is known.")
    case_id: strawberry.ID | None = strawberry.field(description="The case it is about.")
    state: DutyState  # type: ignore[valid-type]
    outcome: DutyOutcome | None  # type: ignore[valid-type]
    reasons: str | None
    began_at: Instant
    decided_by: Person | None
    decided_at: Instant | None
    enquiry: ChildEnquiry


async def shown(session: TenantSession, rows: Sequence[EnquiryRow]) -> list[ChildEnquiry]:
    """Enquiries with what was done about each."""
    ids = [row.id for row in rows]
    checks = await repository.of_enquiries(session, CheckRow, ids)
    answers = await repository.of_enquiries(session, AnswerRow, ids)
    searches = await repository.of_enquiries(session, EnquirySearch, ids)
    people = await _people(session, (row.taken_by for row in rows))
    return [
        ChildEnquiry(
            id=strawberry.ID(encode("ChildEnquiry", row.id)), enquirer_name=row.enquirer_name,
            enquirer_agency=row.enquirer_agency, enquirer_post=row.enquirer_post,
            call_back_number=row.call_back_number, concern=row.concern, child_name=row.child_name,
            other_names=list(row.other_names), date_of_birth=row.date_of_birth, address=row.address,
            taken_by=people.get(row.taken_by), taken_at=Instant(row.taken_at),
            checks=[EnquirerCheck.of(one) for one in checks.get(row.id, [])], searches=len(searches.get(row.id, [])),
            answer=next((EnquiryAnswer.of(one) for one in answers.get(row.id, [])), None),
        )
        for row in rows
    ]  # fmt: skip


async def duties_shown(session: TenantSession, rows: Sequence[DutyRow]) -> list[EnquiryDuty]:
    """Duties with the enquiries that left them."""
    enquiries = await repository.enquiries(session, [row.enquiry_id for row in rows])
    by_id = {row.id: one for row, one in zip(enquiries, await shown(session, enquiries), strict=True)}
    people = await _people(session, (one for row in rows for one in (row.owner_id, row.decided_by)))
    return [
        EnquiryDuty(
            id=strawberry.ID(encode("EnquiryDuty", row.id)), kind=KindValue(row.kind), role=row.role,
            owner=people.get(row.owner_id) if row.owner_id else None,
            case_id=strawberry.ID(encode("Case", row.case_id)) if row.case_id is not None else None,
            state=StateValue(row.state), outcome=OutcomeValue(row.outcome) if row.outcome else None,
            reasons=row.reasons, began_at=Instant(row.began_at),
            decided_by=people.get(row.decided_by) if row.decided_by else None,
            decided_at=Instant(row.decided_at) if row.decided_at else None, enquiry=by_id[row.enquiry_id],
        )
        for row in rows
    ]  # fmt: skip


async def _people(session: TenantSession, ids: Iterable[UUID | None]) -> dict[UUID, Person]:
    found = await contacts.people(session, [one for one in ids if one is not None])
    return {key: Person.of(row) for key, row in found.items()}
