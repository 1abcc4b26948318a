"""What is sent to transfers, to the registers and to integrations."""

from uuid import uuid4

from graphql_api.ids import encode
from support.api import JSON


def transfer_changes(case_id: str) -> dict[str, JSON]:
    """What is sent to change a transfer. It names things that are not there, which a role learns."""
    row = {"transferId": encode("Transfer", uuid4())}
    paper = {"paperId": encode("TransferPaper", uuid4())}
    at = "2026-01-01T09:00:00Z"
    return {
        "offerTransfer": {"kind": "CHILD_IN_NEED", "caseId": case_id, "children": [], "told": [], "reason": "x"},
        "withdrawTransfer": {**row, "reason": "x"}, "openTransferGate": paper, "requestTransferPaper": paper,
        "addTransferPaper": {**row, "paper": {"documentId": encode("Document", uuid4()), "kind": "PLAN"}},
        "acceptTransfer": {**row, "accountableId": encode("Person", uuid4())},
        "refuseTransfer": {**row, "reason": "x"}, "writeAboutTransfer": {**row, "text": "x"}, "settleTransfer": row,
        "resendTransfer": row, "sealTransfer": row,
        "fetchSealedTransfer": {"sealedId": encode("SealedTransfer", uuid4())},
        "recordOutsideAnswer": {
            **row, "accepted": True, "person": "x", "post": "x", "answeredAt": at, "evidence": "x",
        },
        "recordOutsideSettled": {**row, "happenedAt": at, "evidence": "x"},
    }  # fmt: skip


def integration_changes() -> dict[str, JSON]:
    """What is sent to change applications and webhooks. It names things that are not there, which a role learns."""
    endpoint = {"endpointId": encode("WebhookEndpoint", uuid4())}
    acts = ("rotateWebhookEndpointSecret", "pauseWebhookEndpoint", "resumeWebhookEndpoint", "retireWebhookEndpoint",
            "sendTestWebhook")  # fmt: skip
    return {
        "grantApplication": {"clientId": "nobody", "scopes": []}, "revokeApplication": {"clientId": "nobody"},
        "createWebhookEndpoint": {"name": "x", "url": "https://example.org/", "types": []},
        "replayWebhook": {**endpoint, "since": "2026-01-01T00:00:00Z"}, **dict.fromkeys(acts, endpoint),
    }  # fmt: skip


def register_changes() -> dict[str, JSON]:
    """What is sent to keep registers and take enquiries. It names things that are not there, which a role learns."""
    kinds = (
        "Case",
        "Child",
        "Area",
        "PlanStay",
        "PlanEntry",
        "ChildEnquiry",
        "EnquiryDuty",
        "DeathNotice",
        "ChildDeath",
    )
    never = {kind: encode(kind, uuid4()) for kind in kinds}
    enquiry = {"enquiryId": never["ChildEnquiry"]}
    return {
        "recordPlanStay": {"caseId": never["Case"], "childId": never["Child"], "areaId": never["Area"],
                           "holder": "OURS", "authority": "x", "temporary": True, "fromOn": "2026-01-01",
                           "toldBy": "x"},
        "endPlanStay": {"stayId": never["PlanStay"], "untilOn": "2026-01-02"},
        "correctPlanEntry": {"entryId": never["PlanEntry"], "reason": "x", "withoutPlan": True},
        "recordChildEnquiry": {"enquirerName": "x", "enquirerAgency": "x", "callBackNumber": "01632 960103",
                               "concern": "x", "about": {"name": "Nobody Known"}},
        "checkEnquirer": {**enquiry, "method": "KNOWN_VOICE", "note": "x"}, "searchForEnquiry": enquiry,
        "answerChildEnquiry": {**enquiry, "result": "NOTHING_TOLD", "advice": "x"},
        "decideEnquiryDuty": {"dutyId": never["EnquiryDuty"], "outcome": "SEEN", "reasons": "x"},
        "recordDeathNotice": {"source": "REGISTRAR", "toldBy": "x", "receivedAt": "2026-01-01T00:00:00Z",
                              "childName": "x"},
        "matchDeathNotice": {"noticeId": never["DeathNotice"], "outcome": "NOT_OURS", "reason": "x"},
        "recordDeathStep": {"deathId": never["ChildDeath"], "kind": "READY_FOR_PANEL"},
    }  # fmt: skip
