"""An enquiry, the check of who makes it, the searches, the answer, and what somebody then has to decide."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of


class ChildEnquiry(TenantRow, table=True):
    """Somebody asks whether a child is known or has a plan (Working Together 2005 ¶4.126-4.127); never changed.

    ``search_name`` and ``match_key`` are the child's names and address as they are compared.
    """

    __table_args__ = (
        belongs_to("taken_by", "person"),
        Index("child_enquiry_by_time", "tenant_id", "taken_at", "id"),
    )

    enquirer_name: str = Field(max_length=200)
    enquirer_agency: str = Field(max_length=200)
    enquirer_post: str | None = Field(None, max_length=200)
    call_back_number: str = Field(max_length=40)
    concern: str
    child_name: str | None = Field(None, max_length=200)
    other_names: list[str] = column(JSONB(), default_factory=list)
    date_of_birth: date | None = None
    address: str | None = Field(None, max_length=500)
    search_name: str = ""
    match_key: str = Field("", max_length=200)
    taken_by: UUID
    taken_at: datetime = instant()


class CheckMethod(StrEnum):
    """How the enquirer was checked. FAILED: they could not be, and nothing is told to them."""

    CALLED_BACK = "called_back"
    KNOWN_VOICE = "known_voice"
    SECURE_EMAIL = "secure_email"
    SEEN_IN_PERSON = "seen_in_person"
    FAILED = "failed"


class EnquirerCheck(TenantRow, table=True):
    """That an enquirer was checked, or could not be; never changed. The latest one holds.

    ``number`` is what was called, which the partnership's directory has under ``listed_as``.
    """

    __table_args__ = (
        CheckConstraint("(method = 'called_back') = (number IS NOT NULL)", name="number"),
        belongs_to("enquiry_id", "child_enquiry"),
        belongs_to("checked_by", "person"),
        Index(None, "tenant_id", "enquiry_id", "checked_at"),
    )

    enquiry_id: UUID
    method: CheckMethod = one_of(CheckMethod)
    number: str | None = Field(None, max_length=40)
    listed_as: str | None = Field(None, max_length=300)
    note: str
    checked_by: UUID
    checked_at: datetime = instant()


class EnquirySearch(TenantRow, table=True):
    """One search for an enquiry; never changed. ``shown`` has the children shown, each with why.

    ``held`` are cases kept to their own lists that may be about the same child; nothing of them was shown.
    """

    __table_args__ = (
        belongs_to("enquiry_id", "child_enquiry"),
        belongs_to("searched_by", "person"),
        Index(None, "tenant_id", "enquiry_id", "searched_at"),
    )

    enquiry_id: UUID
    terms: dict[str, Any] = column(JSONB())
    shown: list[Any] = column(JSONB(), default_factory=list)
    held: list[str] = column(JSONB(), default_factory=list)
    searched_by: UUID
    searched_at: datetime = instant()


class Result(StrEnum):
    """What the enquirer was answered.

    PASSED_ON: by whoever holds the record, who calls back. NOTHING_TOLD: the enquirer could not be checked.
    """

    KNOWN = "known"
    NOT_KNOWN = "not_known"
    ON_A_PLAN = "on_a_plan"
    PASSED_ON = "passed_on"
    NOTHING_TOLD = "nothing_told"


class Disclosed(StrEnum):
    """One thing that an enquirer was told."""

    WHETHER_KNOWN = "whether_known"
    WHETHER_ON_A_PLAN = "whether_on_a_plan"
    CATEGORIES = "categories"
    KEY_WORKER = "key_worker"
    RESPONSIBLE_AUTHORITY = "responsible_authority"
    PLAN_DATES = "plan_dates"
    CHILD_AT_SAME_ADDRESS = "child_at_same_address"
    EARLIER_ENQUIRY = "earlier_enquiry"


class EnquiryAnswer(TenantRow, table=True):
    """What an enquirer was told, item by item, with the advice given; once an enquiry, never changed."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "enquiry_id"),
        CheckConstraint("(result IN ('known', 'on_a_plan')) = (child_id IS NOT NULL)", name="child"),
        belongs_to("enquiry_id", "child_enquiry"),
        belongs_to("child_id", "child"),
        belongs_to("check_id", "enquirer_check"),
        belongs_to("answered_by", "person"),
        Index(None, "tenant_id", "child_id"),
    )

    enquiry_id: UUID
    result: Result = one_of(Result)
    child_id: UUID | None = None
    check_id: UUID | None = None
    disclosed: list[str] = column(JSONB(), default_factory=list)
    advice: str
    answered_by: UUID
    answered_at: datetime = instant()


class DutyKind(StrEnum):
    """What somebody has to decide on after an enquiry (Working Together 2005 ¶4.126-4.127).

    CONSIDER_NEED: a child who is not known was asked about a second time. TELL_KEY_WORKER: the child, or another
    at the address, has a plan or an open case. LOOK_AT_HELD_RECORD: a record kept to its list may be the child's.
    """

    CONSIDER_NEED = "consider_need"
    TELL_KEY_WORKER = "tell_key_worker"
    LOOK_AT_HELD_RECORD = "look_at_held_record"


class DutyState(StrEnum):
    OPEN = "open"
    DECIDED = "decided"


class DutyOutcome(StrEnum):
    """How a duty was decided."""

    REFERRAL_MADE = "referral_made"
    ASSESSMENT_BEGUN = "assessment_begun"
    NO_NEED = "no_need"
    SEEN = "seen"
    ENQUIRER_CALLED_BACK = "enquirer_called_back"


class EnquiryDuty(TenantRow, table=True):
    """Something that an enquiry leaves to somebody: a person where one is known, otherwise a role.

    Open until it is decided, with the reasons. ``case_id`` is the case it is about, where there is one: who may
    not see the case is not shown the duty.
    """

    __table_args__ = (
        CheckConstraint(
            "(state = 'open') = (decided_at IS NULL) AND (state = 'open') = (outcome IS NULL)"
            " AND (state = 'open') = (reasons IS NULL)", name="decided",
        ),
        belongs_to("enquiry_id", "child_enquiry"),
        belongs_to("case_id", "case_file"),
        belongs_to("owner_id", "person"),
        belongs_to("decided_by", "person"),
        Index("enquiry_duty_by_beginning", "tenant_id", "began_at", "id"),
        Index(None, "tenant_id", "enquiry_id"),
    )  # fmt: skip

    enquiry_id: UUID
    kind: DutyKind = one_of(DutyKind)
    role: str = Field(max_length=80)
    owner_id: UUID | None = None
    case_id: UUID | None = None
    state: DutyState = one_of(DutyState, default=DutyState.OPEN)
    outcome: DutyOutcome | None = one_of(DutyOutcome, default=None)
    reasons: str | None = None
    began_at: datetime = instant()
    decided_by: UUID | None = None
    decided_at: datetime | None = instant(default=None)
