"""What may pass between partnerships, what each kind asks for, and how it stands in both sides' pathways. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    CHILD_PROTECTION_PLAN = "child_protection_plan"
    SECTION_47 = "section_47"
    CHILD_IN_NEED = "child_in_need"
    COURT_PROCEEDINGS = "court_proceedings"
    LOOKED_AFTER = "looked_after"
    DEATH_NOTICE = "death_notice"


class Gate(StrEnum):
    """What has to be recorded before a paper may leave. Each is of one paper, never of the whole case."""

    CONSENT = "consent"
    COURT_PERMISSION = "court_permission"


class PaperKind(StrEnum):
    PLAN = "plan"
    CONFERENCE_REPORT = "conference_report"
    CORE_GROUP_NOTES = "core_group_notes"
    ASSESSMENT = "assessment"
    RISK_ASSESSMENT = "risk_assessment"
    ENQUIRY_REPORT = "enquiry_report"
    FAMILY_SUPPORT_PLAN = "family_support_plan"
    CARE_PLAN = "care_plan"
    LEGAL_ORDER = "legal_order"
    FINDINGS_OF_FACT = "findings_of_fact"
    SECTION_7_REPORT = "section_7_report"
    SECTION_37_REPORT = "section_37_report"
    EXPERT_REPORT = "expert_report"
    PRE_SENTENCE_REPORT = "pre_sentence_report"
    NOTIFICATION_FORM = "notification_form"
    OTHER = "other"


class ConsentGround(StrEnum):
    """Why something is shared without agreement (Cambridgeshire and Peterborough manual L4363-4377, L4423)."""

    ENQUIRIES = "move_into_section_47_enquiries"
    PRIVATE_LAW_REPORT = "court_report_in_private_law"
    PREVENT_HARM = "prevent_significant_harm"
    PUBLIC_PROTECTION = "public_protection_arrangements"


class Settling(StrEnum):
    """What makes the other side responsible, once it has accepted."""

    ACCEPTANCE = "acceptance"
    RECEIVER_TELLS = "receiver_tells"
    SENDER_TELLS = "sender_tells"
    NEVER = "never"


class ItemType(StrEnum):
    TEXT = "text"
    DATE = "date"
    INSTANT = "instant"
    YES_NO = "yes_no"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is told of the child, beside who the child is."""

    code: str
    label: str
    required: bool = False
    type: ItemType = ItemType.TEXT
    address: bool = False
    """Where a child is to be found: shown to those alone who see hidden addresses."""


@dataclass(frozen=True, slots=True)
class Course:
    """How one side's run begins: criteria and variant of the pathway, and the events that its start brings.

    ``known`` is the event that the move became known, ``moves`` that the child moves, ``received`` that the
    notification has come.
    """

    criteria: tuple[str, ...]
    variant: str | None = None
    known: str | None = None
    moves: str | None = None
    received: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of transfer. ``sender`` and ``receiver`` are None where the pathway is a register, which has no run.

    ``notice`` is the notification of the sender's run that the receipt gives. ``court_permits``, ``court_shared``
    and ``papers_sent`` are events of the sender's run. ``settles`` is the event that ``settling`` waits for,
    ``meeting`` the meeting that it is the holding of, and ``outcome_heard`` the event of the receiver's run that it
    has come to know of it.
    """

    pathway: str
    citation: str
    items: tuple[Item, ...]
    alert: str = "transfer-received"
    sender: Course | None = None
    receiver: Course | None = None
    notice: str | None = None
    papers_sent: str | None = None
    court_permits: str | None = None
    court_shared: str | None = None
    settling: Settling = Settling.ACCEPTANCE
    settles: str | None = None
    meeting: str | None = None
    outcome_heard: str | None = None
    needs_agreement: bool = False
    refusable: bool = True
    paper_gates: Mapping[PaperKind, frozenset[Gate]] = field(default_factory=dict)
    every_paper: frozenset[Gate] = frozenset()


_CONSENT: Final = frozenset({Gate.CONSENT})
_COURT: Final = frozenset({Gate.COURT_PERMISSION})
# Court papers need the court's leave, whatever they are sent with.
_COURT_PAPERS: Final[dict[PaperKind, frozenset[Gate]]] = dict.fromkeys((
    PaperKind.LEGAL_ORDER, PaperKind.FINDINGS_OF_FACT, PaperKind.SECTION_7_REPORT, PaperKind.SECTION_37_REPORT,
    PaperKind.EXPERT_REPORT,
), _COURT)  # fmt: skip
# Orders and findings that were made are always told; a report is not, without leave.
_IN_PROCEEDINGS: Final[dict[PaperKind, frozenset[Gate]]] = {
    PaperKind.LEGAL_ORDER: frozenset(), PaperKind.FINDINGS_OF_FACT: frozenset(),
}  # fmt: skip
_NEW_ADDRESS: Final = Item("new-address", "New address, in the other partnership's area", address=True)
_WORKER: Final = Item("worker", "Who works with the child now, with post and telephone", required=True)
_NEEDS: Final = (Item("health-needs", "Special health needs"), Item("education-needs", "Special needs of education"))
_FAMILY: Final = Item("family-told", "What the family was told, and when")

FORMS: Final[Mapping[Kind, Form]] = {
    Kind.CHILD_PROTECTION_PLAN: Form(
        "transfer-child-protection-plan",
        "Working Together 2005 ¶4.114, 4.125; Cambridgeshire and Peterborough manual L4314-4350",
        (
            Item("permanence", "Why the move is permanent", required=True),
            Item("plan", "The plan as it stands: category, date, what is done", required=True),
            Item("effect-on-risk", "What the move means for the risk", required=True),
            Item("interim-work", "Who carries the plan out meanwhile", required=True),
            _WORKER, _NEW_ADDRESS, *_NEEDS, _FAMILY,
        ),
        sender=Course(("permanent-move",), known="move-becomes-known", moves="child-moves"),
        receiver=Course(("permanent-move",), "move-in", moves="child-moves", received="transfer-notification-received"),
        notice="transfer-notified", papers_sent="papers-sent", settling=Settling.RECEIVER_TELLS,
        settles="receiving-conference-held", meeting="transfer-in-conference", paper_gates=_COURT_PAPERS,
    ),
    Kind.SECTION_47: Form(
        "transfer-section-47",
        "Working Together 2005 ¶4.39, 4.125; Cambridgeshire and Peterborough manual L4356-4362",
        (
            Item("enquiry", "What is enquired into, and how far it has come", required=True),
            Item("last-strategy-discussion", "Day of the last strategy discussion", required=True, type=ItemType.DATE),
            Item("immediate-risk", "What is known of danger now", required=True),
            Item("adults-of-risk", "Adults under arrangements for public protection or risk assessment conferences"),
            _WORKER, _NEW_ADDRESS, _FAMILY,
        ),
        sender=Course(("moves-during-enquiries",), known="move-in-enquiry-known"),
        receiver=Course(("moves-during-enquiries",), received="receiving-authority-told-of-enquiry"),
        notice="receiving-authority-told", settling=Settling.SENDER_TELLS, settles="enquiry-concluded",
        outcome_heard="outcome-told-by-word", paper_gates=_COURT_PAPERS,
    ),
    Kind.CHILD_IN_NEED: Form(
        "transfer-child-in-need",
        "Working Together 2005 ¶4.4; Cambridgeshire and Peterborough manual L4363-4377, L4423-4427",
        (
            Item("needs", "The child's needs, and how they were assessed", required=True),
            Item("under-assessment", "An assessment is going on, which the starting authority completes",
                 type=ItemType.YES_NO),
            Item("managers-agreed", "What the two managers agreed, and when"),
            _WORKER, _NEW_ADDRESS, *_NEEDS,
        ),
        sender=Course(("child-in-need-moves",), known="need-move-known"),
        receiver=Course(("child-in-need-moves",), known="need-move-known"),
        papers_sent="papers-of-need-shared", needs_agreement=True,
        paper_gates={kind: gates | _CONSENT for kind, gates in _COURT_PAPERS.items()}, every_paper=_CONSENT,
    ),
    Kind.COURT_PROCEEDINGS: Form(
        "transfer-court-proceedings",
        "Working Together 2005 ¶4.125; Cambridgeshire and Peterborough manual L4378-4392",
        (
            Item("proceedings", "Proceedings or order, court and date", required=True),
            Item("directed-authority", "Which authority the court directed, to do what and by when", required=True),
            Item("report-due", "Day on which the court wants its report", type=ItemType.DATE),
            Item("other-children", "Other children of the household"),
            _WORKER, _NEW_ADDRESS, *_NEEDS,
        ),
        sender=Course(("proceedings-run",), known="proceedings-move-known"),
        receiver=Course(("proceedings-run",), known="proceedings-move-known"),
        court_permits="court-permission-given", court_shared="court-reports-shared",
        settling=Settling.SENDER_TELLS, settles="report-filed",
        paper_gates=_IN_PROCEEDINGS, every_paper=_COURT,
    ),
    Kind.LOOKED_AFTER: Form(
        "looked-after-out-of-area-placement",
        "Working Together 2005 ¶4.122, 4.125; Cambridgeshire and Peterborough manual L4393-4414",
        (
            Item("legal-status", "Legal status", required=True),
            Item("placement", "Name and address of the placement", required=True, address=True),
            Item("placement-start", "Day on which the placement begins", required=True, type=ItemType.DATE),
            Item("placing-authority", "Placing authority", required=True),
            Item("parents", "Parents, or who has parental responsibility, with address", required=True),
            Item("plan-status", "Whether there is a child protection plan", required=True),
            Item("disability-registration", "Registration as disabled"),
            Item("supervision", "Arrangements for supervision"),
            Item("out-of-hours-telephone", "Telephone out of hours", required=True),
            Item("placement-end", "Day on which the placement is to end", type=ItemType.DATE),
            _WORKER, *_NEEDS,
        ),
        settling=Settling.NEVER, paper_gates=_COURT_PAPERS,
    ),
    Kind.DEATH_NOTICE: Form(
        "cdop-notification",
        "Working Together 2005 ¶5.2, 5.48-5.49; Cambridgeshire and Peterborough manual L470-471, L480",
        (
            Item("died-at", "When the child died", required=True, type=ItemType.INSTANT),
            Item("area-of-death", "Area and place where the child died", required=True),
            Item("usual-home", "The child's usual home", required=True),
            Item("notified-by", "Who notifies, and how they came to know", required=True),
            Item("coroner", "Which coroner was told, and when"),
            Item("response", "What is done in the area of death"),
        ),
        alert="cdop-notification", refusable=False,
    ),
}  # fmt: skip


def gates_of(kind: Kind, paper: PaperKind) -> frozenset[Gate]:
    """The gates that a paper of a kind has at the least; whoever sends it may set further ones, and take none away."""
    form = FORMS[kind]
    return form.paper_gates.get(paper, form.every_paper)
