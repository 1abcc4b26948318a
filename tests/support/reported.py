"""A reported death with ids of all that came of it, and what is sent by each mutation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from graphql_api.ids import encode
from support.api import JSON, Api, Door, death, fresh_key
from support.partnership import Partnership
from support.root_rules import RULES
from support.sent.cases import case_changes, meeting_changes, pathway_changes, threshold_changes
from support.sent.procedures import procedure_changes, rota_changes
from support.sent.registers import integration_changes, register_changes, transfer_changes


@dataclass(frozen=True)
class Case:
    """A reported death and the ids of all that came of it."""

    ids: Mapping[str, str]
    sent: Mapping[str, JSON]

    def variables(self, field: str) -> dict[str, Any]:
        if field in self.sent:
            return {"input": {**self.sent[field], "idempotencyKey": fresh_key()}}
        return {name: value for name, value in self.ids.items() if f"${name}:" in RULES[field].call}


async def reported(clinician: Api, door: Door, cambs: Partnership) -> Case:
    """A death that was just reported, with what is sent about it by each mutation."""
    told = await clinician.mutate("ReportChildDeath", **death())
    doctor = await door.member(cambs, "designated_doctor")
    promise = {"caseId": told["childDeath"]["case"]["id"], "title": "Minutes", "contentType": "application/pdf",
               "size": 3, "sha256": "0" * 64}  # fmt: skip
    document = (await clinician.mutate("StartDocumentUpload", **promise))["document"]["id"]
    clock = (await doctor.run("{ clocks(first: 1) { edges { node { id } } } }"))["clocks"]["edges"][0]["node"]["id"]
    slot = told["alert"]["slots"][0]["id"]
    ids = {"death": told["childDeath"]["id"], "case": promise["caseId"], "alert": told["alert"]["id"],
           "reference": told["alert"]["reference"], "person": encode("Person", (await cambs.member("sio")).person_id),
           "handover": encode("Handover", uuid4()), "print": encode("ProcedurePrint", uuid4())}  # fmt: skip
    method = {"contactMethodId": encode("ContactMethod", uuid4())}
    sent: dict[str, JSON] = {
        "reportChildDeath": death(datetime.now(UTC)), "acknowledgeAlert": {"slotId": slot},
        "declineAlert": {"slotId": slot, "reason": "elsewhere"}, "completeClock": {"clockId": clock},
        "giveBreachReason": {"clockId": clock, "reason": "snow"}, "resumeClock": {"clockId": clock},
        "extendClock": {"clockId": clock, "authority": "The coroner", "reason": "Results are awaited."},
        "pauseClock": {"clockId": clock, "ground": "court", "reason": "Proceedings"},
        "correctClockStart": {"clockId": clock, "startedAt": "2026-01-05T09:00:00Z", "reason": "Misread"},
        "startDocumentUpload": promise, "completeDocumentUpload": {"documentId": document},
        "requestDocumentDownload": {"documentId": document},
        "addContactMethod": {"channel": "EMAIL", "address": "another@example.org"}, "requestContactCode": method,
        "confirmContactMethod": {**method, "code": "123456"}, "retireContactMethod": method,
        "orderContactMethods": {"contactMethodIds": []}, "writeHandover": {"role": "sio", "note": "Nothing open."},
        "acknowledgeHandover": {"handoverId": ids["handover"]},
        "makeAlertEvidence": {"alertId": told["alert"]["id"]},
    }  # fmt: skip
    sent |= await rota_changes(doctor)
    ids["rota"] = sent["changeRota"]["rotaId"]
    sent["createCalendarFeed"], sent["revokeCalendarFeed"] = {}, {"feedId": encode("CalendarFeed", uuid4())}
    sent["importRota"] = {"rotaId": ids["rota"], "calendar": "BEGIN:VCALENDAR", "people": []}
    nothing = uuid4()
    sent |= {
        "raiseAlert": {"type": "missing-from-care", "areaIds": []},
        "closeAlert": {"alertId": encode("Alert", nothing), "ending": "STOOD_DOWN", "reason": "over"},
        "confirmAttendance": {"slotId": slot},
        "answerForSomebody": {"slotId": slot, "personId": encode("Person", nothing), "reason": "rang"},
        "offerSlot": {"slotId": slot, "toPersonId": encode("Person", nothing), "answerWithin": 300},
        "answerSlotOffer": {"offerId": encode("SlotOffer", nothing), "accept": True},
        "withdrawSlotOffer": {"offerId": encode("SlotOffer", nothing)},
        "draftAlertPolicy": {"type": "of-a-test", "title": "Test", "slots": []},
        "validateAlertPolicy": {"policyId": encode("AlertPolicy", nothing)},
        "switchOnAlertPolicy": {"policyId": encode("AlertPolicy", nothing)},
        "scheduleDrills": {"type": "never-heard-of", "pattern": "WEEKLY"},
        "endDrillSchedule": {"scheduleId": encode("DrillSchedule", nothing)},
        "setNotificationRules": {"urgent": [], "routine": []},
        "registerDevice": {"platform": "FCM", "token": "a-token-of-a-test"},
        "rotateDevice": {**method, "platform": "FCM", "token": "a-token-of-a-test"},
        "revokeDevice": method,
    }
    somebody, entry = {"personId": encode("Person", nothing)}, {"entryId": encode("DirectoryEntry", nothing)}
    desk = {"role": "desk", "name": "Desk", "channel": "EMAIL", "address": "desk@example.org"}
    sent |= {
        "addPerson": {"code": "somebody-new", "name": "New", "post": "Nurse", "agency": "police"},
        "changePerson": {**somebody, "name": "New", "post": "Nurse", "agency": "police"},
        **integration_changes(),
        "setMembership": {**somebody, "subject": "somebody.new", "roles": ["sio"]},
        "markPersonLeft": {**somebody, "reason": "moved"},
        "markPersonBack": somebody,
        "grantQualification": {**somebody, "code": "trained"},
        "withdrawQualification": {**somebody, "code": "trained"},
        "addPersonToArea": {**somebody, "areaId": encode("Area", nothing)},
        "removePersonFromArea": {**somebody, "areaId": encode("Area", nothing)},
        "createDirectoryEntry": {"code": "desk", **desk},
        "changeDirectoryEntry": {**entry, **desk},
        "retireDirectoryEntry": entry,
        "rotateWebhookSecret": entry,
    }
    found = await doctor.run("query ($id: ID!) { case(id: $id) { subjects { child { id } } } }", id=ids["case"])
    ids["child"] = found["case"]["subjects"][0]["child"]["id"]
    sent |= case_changes(ids["case"], ids["child"]) | pathway_changes(ids["case"]) | meeting_changes()
    sent |= threshold_changes(ids["case"]) | procedure_changes() | transfer_changes(ids["case"])
    ids |= {"run": encode("PathwayRun", nothing), "edition": encode("PathwayEdition", nothing)}
    ids |= {"meeting": encode("Meeting", nothing), "manual": encode("ProcedureEdition", nothing)}
    ids["threshold"] = encode("ThresholdEdition", nothing)
    ids["transfer"] = encode("Transfer", nothing)
    sent |= threshold_changes(ids["case"]) | procedure_changes() | register_changes()
    ids |= {"run": encode("PathwayRun", nothing), "edition": encode("PathwayEdition", nothing)}
    ids |= {"meeting": encode("Meeting", nothing), "manual": encode("ProcedureEdition", nothing)}
    ids["threshold"] = encode("ThresholdEdition", nothing)
    ids["enquiry"] = encode("ChildEnquiry", nothing)
    ids["referral"] = encode("Referral", nothing)
    sent["makeReferral"] = {
        "areaId": encode("Area", nothing),
        "children": [],
        "referrer": {"kind": "PUBLIC"},
        "significantHarm": True,
        "concern": "x",
    }
    return Case({name: str(value) for name, value in ids.items()}, sent)
