"""Letters are previewed, which stores nothing, and issued: a document of the case with its checksum and its readers.

Nothing is sent by this. Whoever issues a letter downloads it and sends it, or hands it to a channel that does.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final
from uuid import UUID

from backend.cases import service as cases
from backend.cases.models import CaseFile
from backend.cases.policies import may_change
from backend.cases.repository import NO_CASE
from backend.documents import service as documents
from backend.documents import withholding
from backend.documents.models import Document
from backend.identity.policies import Caller, Permission
from backend.kit.ids import uuid7
from backend.kit.pdf import render
from backend.kit.problems import FieldError, Forbidden, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_faults
from backend.letters import data_set, library, repository
from backend.letters.case_facts import case_facts, case_values
from backend.letters.composing import Letter, composed
from backend.letters.death_facts import death_values
from backend.letters.item_facts import item_values
from backend.letters.meeting_facts import meeting_values
from backend.letters.models import Audience, IssuedLetter
from backend.letters.sight import Recipient, Sight, recipient_of, sight_of
from backend.letters.sources import About
from backend.letters.template import Kind, Template
from backend.letters.values import Value, day, guarded, said
from backend.meetings import repository as meetings
from backend.meetings.models import Meeting
from backend.meetings.record_models import MeetingPaper
from backend.pathways.standing import working
from tenants.contacts import repository as contacts
from tenants.partnerships import repository as partnerships

TEMPLATE: Final = Path(__file__).with_name("letter.typ")


class Medium(StrEnum):
    """JSON and CSV are for data sets alone."""

    PDF = "pdf"
    JSON = "json"
    CSV = "csv"


_TYPES: Final = {Medium.PDF: "application/pdf", Medium.JSON: "application/json", Medium.CSV: "text/csv"}


@dataclass(frozen=True, slots=True)
class LetterTold:
    """A template by its id, what it is about, and to whom: a person, one who was asked to the meeting, or a name.

    A letter about a meeting takes ``meeting_id``, any other ``case_id``.
    """

    template: str
    case_id: UUID | None = None
    meeting_id: UUID | None = None
    audience: Audience = Audience.CASE
    recipient_id: UUID | None = None
    invitation_id: UUID | None = None
    recipient_name: str | None = None


@dataclass(frozen=True, slots=True)
class Composed:
    """A letter that might be issued, with what it is about."""

    template: Template
    case: CaseFile
    meeting: Meeting | None
    recipient: Recipient | None
    letter: Letter
    wording: str


async def preview(session: TenantSession, caller: Caller, told: LetterTold) -> Composed:
    """What a letter would say, and what is missing in it. Nothing is stored but the look at the case.

    Raises ``NotFound``, ``Forbidden``, ``Invalid``.
    """
    caller.require(Permission.ADD_DOCUMENTS)
    made = await _compose(session, caller, told)
    await cases.log_access(session, caller.person_id, "letter", made.case.id, "preview", case_id=made.case.id)
    return made


async def issue(
    session: TenantSession, caller: Caller, told: LetterTold, medium: Medium, letter_id: UUID
) -> IssuedLetter:
    """Store a letter as a document of the case.

    Raises ``NotFound``, ``Forbidden`` for whoever may only read the case, and ``Invalid`` that names every required
    value which is missing.
    """
    caller.require(Permission.ADD_DOCUMENTS)
    made = await _compose(session, caller, told, to_issue=True)
    if medium is not Medium.PDF and made.template.kind is not Kind.DATA_SET:
        raise Invalid([FieldError("medium", "is for a data set; a letter is issued as PDF")])
    if made.letter.missing:
        raise Invalid([
            FieldError(f"fields.{one.field}", f"{one.label} is missing: {one.remedy}") for one in made.letter.missing
        ])  # fmt: skip
    row = await _row(session, caller, told, made, letter_id)
    file = await _file(session, made, medium)
    document = await documents.keep(session, row.document_id, made.case.id, _title(made, row.number), _TYPES[medium],
                                    file, caller.person_id)  # fmt: skip
    session.insert(row)
    await _guard(session, row, document, made, caller)
    await cases.record(session, made.case.id, "letter.issued", caller, letter=row.id, template=row.template,
                       document=document.id, number=row.number)  # fmt: skip
    await session.flush()
    return row


async def _compose(session: TenantSession, caller: Caller, told: LetterTold, *, to_issue: bool = False) -> Composed:
    template = library.template(told.template)
    case, meeting = await _about(session, caller, template, told, to_issue=to_issue)
    if faults := _faults(template, told):
        raise Invalid(faults)
    recipient = await recipient_of(session, meeting, person_id=told.recipient_id, invitation_id=told.invitation_id,
                                   name=told.recipient_name)  # fmt: skip
    on_case = await working(session, case.id)
    sight = await sight_of(session, caller, case, meeting, recipient, told.audience, on_case)
    own = await repository.own_wordings(session, template.id)
    values = await _values(session, caller, template, case, meeting, recipient, sight)
    return Composed(template, case, meeting, recipient, composed(template, own, values), template.digest(own))


async def _about(
    session: TenantSession, caller: Caller, template: Template, told: LetterTold, *, to_issue: bool
) -> tuple[CaseFile, Meeting | None]:
    """The case and the meeting that a letter is about, for a caller who may see them."""
    meeting = None
    if template.about is About.MEETING:
        if told.meeting_id is None:
            raise Invalid([FieldError("aboutId", "must be a meeting: this template is about one")])
        meeting = await meetings.meeting(session, told.meeting_id)
        case_id, otherwise = meeting.case_id, meetings.NO_MEETING
    elif told.case_id is None:
        raise Invalid([FieldError("aboutId", "must be a case: this template is about one")])
    else:
        case_id, otherwise = told.case_id, NO_CASE
    case, ties = await cases.sight(session, caller, case_id, otherwise=otherwise)
    if to_issue and not may_change(ties, caller):
        raise Forbidden("Breaking the glass lets you read this case, not write of it. Ask its owner to put you on it.")
    return case, meeting


def _faults(template: Template, told: LetterTold) -> list[FieldError]:
    found = text_faults(recipientName=(told.recipient_name, 200))
    named = sum(one is not None for one in (told.recipient_id, told.invitation_id, told.recipient_name))
    if named > 1:
        found.append(FieldError("recipientId", "name one recipient: a person, an invitation or a name"))
    if template.addressed and not named:
        found.append(FieldError("recipientId", "say to whom it goes; each copy is for one recipient"))
    if told.audience is Audience.RECIPIENT and not named:
        found.append(FieldError("audience", "is the recipient alone, and there is none; name one"))
    return found


async def _values(
    session: TenantSession, caller: Caller, template: Template, case: CaseFile, meeting: Meeting | None,
    recipient: Recipient | None, sight: Sight,
) -> dict[str, Value]:  # fmt: skip
    """The values of all sources that the template names, without what a reader may not see."""
    partnership = await partnerships.own(session)
    zone, sources = partnership.zone, {one.source for one in template.all_fields.values()}
    facts = await case_facts(session, case, sight)
    found = case_values(facts, sight, zone)
    if any(source.startswith("death.") for source in sources):
        found |= await death_values(session, facts, sight, zone)
    if meeting is not None:
        found |= await meeting_values(session, meeting, sight, zone)
    found |= await item_values(session, case.id, meeting.run_id if meeting else None, sources, sight, zone)
    issuer = (await contacts.people(session, [caller.person_id])).get(caller.person_id)
    found |= {
        "partnership.name": said(partnership.name),
        "letter.date": day(cases.local_day(await session.now(), zone)),
        "issuer.name": said(issuer.name if issuer else None), "issuer.post": said(issuer.post if issuer else None),
        "recipient.name": said(recipient.name if recipient else None),
        "recipient.role": said(recipient.role.replace("-", " ") if recipient and recipient.role else None),
    }  # fmt: skip
    return {source: guarded(value, facts.secrets) for source, value in found.items() if source in sources}


async def _row(
    session: TenantSession, caller: Caller, told: LetterTold, made: Composed, letter_id: UUID
) -> IssuedLetter:
    recipient = made.recipient
    person = recipient.person if recipient else None
    row = IssuedLetter(
        tenant_id=session.tenant_id, id=letter_id, document_id=uuid7(), case_id=made.case.id,
        run_id=made.meeting.run_id if made.meeting else None, meeting_id=made.meeting.id if made.meeting else None,
        invitation_id=recipient.invitation.id if recipient and recipient.invitation else None,
        template=made.template.id, wording=made.wording, number=0, audience=told.audience,
        recipient_id=person.id if person else None,
        recipient_name=recipient.name if recipient and person is None else None,
        left_out=list(made.letter.left_out), issued_by=caller.person_id, issued_at=await session.now(),
    )  # fmt: skip
    row.number = await repository.next_number(session, row)
    return row


async def _file(session: TenantSession, made: Composed, medium: Medium) -> bytes:
    match medium:
        case Medium.JSON:
            return data_set.as_json(made.template, made.letter, made.wording)
        case Medium.CSV:
            return data_set.as_csv(made.template, made.letter)
        case Medium.PDF:
            return await render(TEMPLATE, made.letter.sheet(), await session.now())


def _title(made: Composed, number: int) -> str:
    whose = f", copy for {made.recipient.name}" if made.recipient else ""
    return f"{made.template.title}{whose}, no. {number}"[:200]


async def _guard(session: TenantSession, row: IssuedLetter, document: Document, made: Composed, caller: Caller) -> None:
    """See that nobody gets the document for whom it is not, now or once something is withheld from them."""
    if row.audience is Audience.RECIPIENT:
        readers = [caller.person_id, *([row.recipient_id] if row.recipient_id else [])]
        await withholding.confine(session, document.id, readers)
    if made.meeting is not None:
        session.append(MeetingPaper, meeting_id=made.meeting.id, document_id=document.id,
                       invitation_id=row.invitation_id, made_at=row.issued_at)  # fmt: skip
