"""Letters hold what everybody may see who gets them, and nothing is issued with a blank in it."""

import asyncio
import csv
import hashlib
import io
import json
from datetime import date, timedelta

import httpx
import pytest

from backend.cases.access import service as access
from backend.cases.children import service as children
from backend.cases.children.checks import AddressTold, ChildTold
from backend.cases.people import service as people
from backend.cases.people.service import PartyTold
from backend.cases.policies import PartyRole
from backend.documents import repository as documents
from backend.documents import service as files
from backend.documents import withholding
from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.problems import Forbidden, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.letters import library, service, wording
from backend.letters.composing import Letter
from backend.letters.models import Audience, IssuedLetter
from backend.letters.service import LetterTold, Medium
from backend.letters.template import Template, faults
from backend.letters.values import NOT_SHOWN
from backend.meetings import minutes, repository
from backend.meetings.agenda import OutcomeTold
from backend.meetings.calling import CallTold, PlanTold, call
from backend.meetings.inviting import InviteeTold
from backend.meetings.minutes import MinutesTold
from backend.meetings.models import ItemState, Meeting, MeetingInvitation
from backend.meetings.withholding import WithheldTold
from support.meetings import CODE, FRIDAY, Enquiry
from support.partnership import Partnership
from tenants.partnerships import repository as partnerships
from tenants.partnerships.storage import tenant_client

HIDDEN, WHISTLER, SECRET = "12 Hidden Lane, Invented Vale", "Robin Whistler", "The police investigate a colleague."
SOON = FRIDAY + timedelta(hours=2)
OUTSIDE = InviteeTold("practitioner", outside_name="Dr Outside", agency="health", told_how="By hand")


def text_of(letter: Letter) -> str:
    """All that is printed."""
    return json.dumps(letter.sheet(), ensure_ascii=False)


async def told(enquired: Enquiry) -> Meeting:
    """A meeting about a child in hiding, whom somebody has spoken up for who may not be known."""
    async with enquired.partnership.session() as session:
        child = ChildTold(name="Wren Saltmarsh", date_of_birth=date(2020, 3, 5), addresses=(
            AddressTold(HIDDEN, hidden=True),
        ))  # fmt: skip
        await children.add_new_subject(session, enquired.manager, enquired.case_id, child, uuid7())
        whistler = PartyTold((PartyRole.WHISTLEBLOWER,), name=WHISTLER, telephone="01632 960123")
        await people.add_party(session, enquired.manager, enquired.case_id, whistler, uuid7())
        mother = PartyTold((PartyRole.PARENT,), name="Maris Saltmarsh", address=HIDDEN, address_hidden=True)
        await people.add_party(session, enquired.manager, enquired.case_id, mother, uuid7())
        plan = CallTold(
            CODE, PlanTold(SOON, place="County Hall"), items=("Visit 12 hidden LANE, invented vale with R. Whistler?",),
            invitees=(*enquired.invitees("social-worker", "sio", "paediatrician"), OUTSIDE),
        )  # fmt: skip
        meeting = await call(session, enquired.manager, enquired.run_id, plan, uuid7())
        await session.commit()
    return meeting


async def bytes_of(session: TenantSession, row: IssuedLetter, by: Caller) -> bytes:
    link = await files.download(session, row.document_id, by.person_id)
    return (await asyncio.to_thread(httpx.get, link.url)).content


async def test_each_copy_holds_what_its_reader_may_see(enquired: Enquiry) -> None:
    meeting = await told(enquired)
    shown: dict[str, str] = {}
    async with enquired.partnership.session() as session:
        asked = {one.role: one for one in await repository.of_meeting(session, MeetingInvitation, meeting.id)}
        for role, one in asked.items():
            copy = LetterTold("conference-report-pack", meeting_id=meeting.id, audience=Audience.RECIPIENT,
                              invitation_id=one.id)  # fmt: skip
            shown[role] = text_of((await service.preview(session, enquired.manager, copy)).letter)
        whole = LetterTold("conference-report-pack", meeting_id=meeting.id, invitation_id=asked["social-worker"].id)
        made = await service.preview(session, enquired.manager, whole)
        shown["everybody"] = text_of(made.letter)
        assert {"address", "family", "agenda"} <= set(made.letter.left_out)
    may = {"social-worker": (True, True), "sio": (True, False), "paediatrician": (False, False),
           "practitioner": (False, False), "everybody": (False, False)}  # fmt: skip
    assert set(may) == set(shown)
    for role, (address, name) in may.items():
        assert (HIDDEN in shown[role]) is address, role
        assert ("hidden LANE" in shown[role]) is address, f"typed into the agenda, for {role}"
        assert (WHISTLER in shown[role]) is ("01632 960123" in shown[role]) is False or name, role
        assert (WHISTLER in shown[role]) is name, role
        assert ("Maris Saltmarsh" in shown[role]) and ("Wren Saltmarsh" in shown[role]), role  # noqa: PT018
        assert (NOT_SHOWN in shown[role]) is not address, role


async def test_what_is_missing_is_named_and_nothing_is_stored(enquired: Enquiry) -> None:
    meeting = await told(enquired)
    async with enquired.partnership.session() as session:
        copy = LetterTold("decision-circulation", meeting_id=meeting.id, recipient_name="Dr Outside")
        made = await service.preview(session, enquired.manager, copy)
        assert {one.field for one in made.letter.missing} == {"held", "decisions"}
        with pytest.raises(Invalid) as refused:
            await service.issue(session, enquired.manager, copy, Medium.PDF, uuid7())
        assert {error.field for error in refused.value.errors} == {"fields.held", "fields.decisions"}
        assert "record that the meeting was held" in str(refused.value)
        for wrong, field in (
            (LetterTold("meeting-invitation", meeting_id=meeting.id), "recipientId"),
            (LetterTold("meeting-minutes", meeting_id=meeting.id, audience=Audience.RECIPIENT), "audience"),
            (LetterTold("meeting-minutes", case_id=enquired.case_id), "aboutId"),
            (LetterTold("transfer-notice", case_id=enquired.case_id, recipient_name="\x00"), "recipientName"),
        ):
            with pytest.raises(Invalid) as refused:
                await service.preview(session, enquired.manager, wrong)
            assert {error.field for error in refused.value.errors} == {field}
        with pytest.raises(NotFound, match="template"):
            await service.preview(session, enquired.manager, LetterTold("never-was", case_id=enquired.case_id))
        nobody = Caller(enquired.partnership.id, "herts", enquired.manager.person_id, ("rota_manager",))
        with pytest.raises(Forbidden):
            await service.preview(session, nobody, copy)
        assert not (await documents.of_cases(session, [enquired.case_id])).get(enquired.case_id)


async def test_a_letter_is_a_document_for_its_readers_alone_and_each_copy_is_counted(enquired: Enquiry) -> None:
    meeting, manager = await told(enquired), enquired.manager
    worker, sio = enquired.people["social-worker"], enquired.people["sio"]
    copy = LetterTold("meeting-invitation", meeting_id=meeting.id, audience=Audience.RECIPIENT,
                      recipient_id=worker.person_id)  # fmt: skip
    async with enquired.partnership.session() as session:
        first = await service.issue(session, manager, copy, Medium.PDF, uuid7())
        second = await service.issue(session, manager, copy, Medium.PDF, uuid7())
        await session.commit()
    async with enquired.partnership.session() as session:
        document = await documents.document(session, first.document_id)
        file = await bytes_of(session, first, worker)
        assert hashlib.sha256(file).hexdigest() == document.sha256
        assert b"pdfuaid:part>1<" in file
        assert b"/StructTreeRoot" in file
        assert (first.number, second.number) == (1, 2)
        assert first.invitation_id is not None
        assert document.uploaded_by == first.issued_by == manager.person_id
        assert await bytes_of(session, first, manager) == file
        with pytest.raises(NotFound):
            await files.download(session, first.document_id, sio.person_id)
        seen = await withholding.of_cases(session, sio.person_id, [enquired.case_id])
        assert not seen[enquired.case_id]
        with pytest.raises(Invalid, match="data set"):
            await service.issue(session, manager, copy, Medium.JSON, uuid7())
        # Once the case is restricted, nobody gets a letter who is not on its list.
        await access.restrict(session, manager, enquired.case_id, [manager.person_id], "A colleague's child")
        with pytest.raises(Invalid, match="may not see this case"):
            await service.issue(session, manager, copy, Medium.PDF, uuid7())
        with pytest.raises(NotFound):
            await service.preview(session, sio, copy)


async def test_what_is_withheld_of_a_meeting_is_in_no_copy_of_who_may_not_read_it_then_or_later(
    enquired: Enquiry,
) -> None:
    meeting = await told(enquired)
    first = await enquired.item(meeting, 1)
    second = await enquired.item(meeting, 2)
    said = (
        OutcomeTold(first.id, ItemState.DISCUSSED, SECRET),
        OutcomeTold(second.id, ItemState.NOTHING_FOUND, "None."),
    )
    meeting = await enquired.hold(meeting, FRIDAY, "paediatrician", outcomes=said)
    sio, worker = enquired.people["sio"], enquired.people["social-worker"]
    own = await enquired.invitation(meeting, "sio")
    record = LetterTold("meeting-minutes", meeting_id=meeting.id)
    async with enquired.partnership.session() as session:
        before = await service.issue(session, enquired.manager, record, Medium.PDF, uuid7())
        await session.commit()
    async with enquired.partnership.session() as session:
        assert await bytes_of(session, before, sio)
        hide = MinutesTold(before.document_id, withheld=(WithheldTold(own.id, first.id, "It is about them."),))
        await minutes.record(session, enquired.manager, meeting.id, hide, uuid7(), version=meeting.version)
        await session.commit()
    async with enquired.partnership.session() as session:
        with pytest.raises(NotFound):
            await files.download(session, before.document_id, sio.person_id)
        shown = {}
        for reader in (sio, worker, None):
            audience = Audience.RECIPIENT if reader else Audience.CASE
            copy = LetterTold("meeting-minutes", meeting_id=meeting.id, audience=audience,
                              recipient_id=reader.person_id if reader else None)  # fmt: skip
            shown[reader.person_id if reader else None] = text_of(
                (await service.preview(session, enquired.manager, copy)).letter
            )
        assert {key: SECRET in text for key, text in shown.items()} == {
            sio.person_id: False, worker.person_id: True, None: False,
        }  # fmt: skip
        assert all("None." in text and "Attended" in text and "Absent" in text for text in shown.values())
        # What the sender may not read is in nobody's copy.
        by_sio = LetterTold("meeting-minutes", meeting_id=meeting.id, audience=Audience.RECIPIENT,
                            recipient_id=worker.person_id)  # fmt: skip
        assert SECRET not in text_of((await service.preview(session, sio, by_sio)).letter)
        after = await service.issue(session, enquired.manager, record, Medium.PDF, uuid7())
        await session.commit()
    async with enquired.partnership.session() as session:
        assert await bytes_of(session, after, sio) != b""


async def test_a_death_is_exported_as_data_sets_that_no_spreadsheet_runs(cambs: Partnership) -> None:
    death = await cambs.report_death(circumstances='=HYPERLINK("https://example.org","x")\nFound at home.')
    async with cambs.session() as session:
        caller = await cambs.member("cdop_manager")
        form = LetterTold("child-death-form-a", case_id=death.case_id)
        rows = [await service.issue(session, caller, form, medium, uuid7()) for medium in Medium]
        partnership = await partnerships.own(session)
        pdf, as_json, as_csv = [
            tenant_client(partnership).get_object(
                Bucket=partnership.bucket or "", Key=(await documents.document(session, row.document_id)).object_key
            )["Body"].read()
            for row in rows
        ]  # fmt: skip
        assert b"/StructTreeRoot" in pdf
        told_of = {one["id"]: one for one in json.loads(as_json)["fields"]}
        assert told_of["born"]["value"] == death.date_of_birth.isoformat()
        assert told_of["circumstances"]["value"] == death.circumstances
        assert told_of["relayed"]["value"] is None
        cells = {one["field"]: one["value"] for one in csv.DictReader(io.StringIO(as_csv.decode("utf-8-sig")))}
        assert set(cells) == set(told_of)
        assert cells["circumstances"].startswith("'=HYPERLINK")
        assert not any(value.startswith(("=", "+", "-", "@")) for value in cells.values())
        with pytest.raises(Invalid) as refused:
            await service.issue(session, caller, LetterTold("child-death-form-c", case_id=death.case_id), Medium.JSON,
                                uuid7())  # fmt: skip
        assert {error.field for error in refused.value.errors} == {"fields.cause", "fields.maltreatment"}


async def test_a_partnership_words_its_letters_and_names_only_fields_that_are_there(enquired: Enquiry) -> None:
    meeting = await told(enquired)
    at = enquired.partnership
    author = Caller(at.id, at.slug, enquired.manager.person_id, ("procedures_author",))
    copy = LetterTold("meeting-invitation", meeting_id=meeting.id, recipient_name="Dr Outside")
    async with enquired.partnership.session() as session:
        before = await service.preview(session, enquired.manager, copy)
        for template, paragraph, text, field in (
            ("meeting-invitation", "opening", "On {day}", "text"),
            ("meeting-invitation", "opening", "{agenda}", "text"),
            ("meeting-invitation", "never-was", "x", "paragraph"), ("any", "letterhead", "{place}", "text"),
        ):  # fmt: skip
            with pytest.raises(Invalid) as refused:
                await wording.word(session, author, template, paragraph, text, uuid7())
            assert {error.field for error in refused.value.errors} == {field}
        with pytest.raises(Forbidden):
            await wording.word(session, enquired.people["sio"], "any", "letterhead", "x", uuid7())
        await wording.word(session, author, "any", "letterhead", "#panic() <b>{partnership}</b>\nCounty Hall", uuid7())
        await wording.word(session, author, "meeting-invitation", "opening", "Come to {meeting}, {joining}.", uuid7())
        after = await service.preview(session, enquired.manager, copy)
        assert after.letter.letterhead.startswith("#panic() <b>")
        assert before.wording != after.wording
        # A sentence with a hole in it is not issued, whether or not the field was required.
        assert {one.field for one in after.letter.missing} == {"joining"}
        await wording.word(session, author, "meeting-invitation", "opening", "", uuid7())
        issued = await service.issue(session, enquired.manager, copy, Medium.PDF, uuid7())
        assert issued.recipient_name == "Dr Outside"


def test_a_template_that_names_what_is_not_there_is_refused() -> None:
    one = library.template("meeting-invitation").model_dump()
    broken = Template.model_validate(one | {
        "about": "case",
        "fields": [*one["fields"], {"id": "x", "label": "X", "source": "never.was"},
                   {"id": "y", "label": "Y", "source": "item.core-group.never-was"}],
        "body": [*one["body"], {"heading": "More", "fields": ["z"]}],
        "paragraphs": [*one["paragraphs"], {"id": "more", "text": "{agenda} {nothing}"}],
    })  # fmt: skip
    found = " ".join(faults(broken, {"core-group": frozenset({"members"})}))
    wrong = ("no source never.was", "no item never-was", "there is no field z", "agenda is a table",
             "there is no field nothing", "meeting.planned is of a meeting", "field x is shown nowhere")  # fmt: skip
    assert [one for one in wrong if one not in found] == []
