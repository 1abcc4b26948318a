"""Who may do what: every role against every root field, and every look at a child's record on the access log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type

from backend.cases.models import AccessEntry
from backend.identity.policies import ROLES, Permission
from graphql_api.ids import encode
from graphql_api.schema import schema
from support.api import JSON, Api, Door, death, fresh_key, operation, rows
from support.partnership import CHILD, Partnership

P = Permission
WITHOUT_A_ROLE: Final = "Your roles do not let you"


@dataclass(frozen=True)
class Rule:
    """A root field: what it takes to use it (None: membership), and a call of it."""

    needs: Permission | None
    call: str


def mutation(name: str) -> str:
    capital = name[0].upper() + name[1:]
    return (
        f"mutation ($input: {capital}Input!)"
        f" {{ done: {name}(input: $input) {{ __typename ... on Problem {{ message }} }} }}"
    )


RULES: Final[dict[str, Rule]] = {
    "changes": Rule(None, "{ changes(first: 1) { __typename } }"),
    "me": Rule(None, "{ me { roles } }"),
    "partnership": Rule(None, "{ partnership { slug } }"),
    "onCallNow": Rule(P.VIEW_ROTAS, '{ onCallNow(role: "sio") { covered } }'),
    "rotas": Rule(P.VIEW_ROTAS, "{ rotas { id } }"),
    "rota": Rule(P.VIEW_ROTAS, "query ($rota: ID!) { rota(id: $rota) { name } }"),
    "myShifts": Rule(P.VIEW_ROTAS, "{ myShifts(first: 1) { edges { cursor } } }"),
    "shiftSwaps": Rule(P.VIEW_ROTAS, "{ shiftSwaps(first: 1) { edges { cursor } } }"),
    "overrideRota": Rule(P.MANAGE_ROTAS, mutation("overrideRota")),
    "assignShift": Rule(P.MANAGE_ROTAS, mutation("assignShift")),
    "replaceRotaSpan": Rule(P.MANAGE_ROTAS, mutation("replaceRotaSpan")),
    "changeRota": Rule(P.MANAGE_ROTAS, mutation("changeRota")),
    "createRota": Rule(P.MANAGE_ROTAS, mutation("createRota")),
    "recordLeave": Rule(P.VIEW_ROTAS, mutation("recordLeave")),
    "withdrawRotaAdjustment": Rule(P.VIEW_ROTAS, mutation("withdrawRotaAdjustment")),
    "takeOverShift": Rule(P.VIEW_ROTAS, mutation("takeOverShift")),
    "askShiftSwap": Rule(P.VIEW_ROTAS, mutation("askShiftSwap")),
    "agreeShiftSwap": Rule(P.VIEW_ROTAS, mutation("agreeShiftSwap")),
    "declineShiftSwap": Rule(P.VIEW_ROTAS, mutation("declineShiftSwap")),
    "withdrawShiftSwap": Rule(P.VIEW_ROTAS, mutation("withdrawShiftSwap")),
    "rotaWarnings": Rule(P.VIEW_ROTAS, "{ rotaWarnings(first: 1) { edges { cursor } } }"),
    "rotaFairness": Rule(
        P.VIEW_ROTAS,
        'query ($rota: ID!) { rotaFairness(rota: $rota, from: "2026-11-01T00:00:00Z", until: "2026-11-08T00:00:00Z")'
        " { averages { hours } } }",
    ),
    "calendarFeeds": Rule(P.VIEW_ROTAS, "{ calendarFeeds(first: 1) { edges { cursor } } }"),
    "createCalendarFeed": Rule(P.VIEW_ROTAS, mutation("createCalendarFeed")),
    "revokeCalendarFeed": Rule(P.VIEW_ROTAS, mutation("revokeCalendarFeed")),
    "printedRota": Rule(P.VIEW_PRINTED_ROTAS, "{ printedRota { version } }"),
    "importRota": Rule(P.MANAGE_ROTAS, mutation("importRota")),
    "myContactMethods": Rule(None, "{ myContactMethods { id } }"),
    "contactMethodsOf": Rule(P.VIEW_READINESS, "query ($person: ID!) { contactMethodsOf(personId: $person) { id } }"),
    "myReadiness": Rule(None, "{ myReadiness { ready } }"),
    "readiness": Rule(P.VIEW_READINESS, "{ readiness { ready } }"),
    "handover": Rule(P.VIEW_HANDOVERS, "query ($handover: ID!) { handover(id: $handover) { id } }"),
    "handovers": Rule(P.VIEW_HANDOVERS, "{ handovers(first: 1) { edges { cursor } } }"),
    "alert": Rule(P.VIEW_ALERTS, "query ($alert: ID!) { alert(id: $alert) { id } }"),
    "alerts": Rule(P.VIEW_ALERTS, "{ alerts(first: 1) { edges { cursor } } }"),
    "childDeath": Rule(P.VIEW_CHILD_DEATHS, "query ($death: ID!) { childDeath(id: $death) { id } }"),
    "childDeaths": Rule(P.VIEW_CHILD_DEATHS, "{ childDeaths(first: 1) { edges { cursor } } }"),
    "case": Rule(P.VIEW_CASES, "query ($case: ID!) { case(id: $case) { id } }"),
    "clocks": Rule(P.VIEW_CLOCKS, "{ clocks(first: 1) { edges { cursor } } }"),
    "oversight": Rule(P.OVERSEE_MESSAGES, "{ oversight { queues { owed } } }"),
    "messages": Rule(P.OVERSEE_MESSAGES, "{ messages(first: 1) { edges { cursor } } }"),
    "makeAlertEvidence": Rule(P.MAKE_EVIDENCE, mutation("makeAlertEvidence")),
    "reportChildDeath": Rule(P.REPORT_CHILD_DEATH, mutation("reportChildDeath")),
    "acknowledgeAlert": Rule(P.ANSWER_ALERTS, mutation("acknowledgeAlert")),
    "declineAlert": Rule(P.ANSWER_ALERTS, mutation("declineAlert")),
    "raiseAlert": Rule(P.RAISE_ALERTS, mutation("raiseAlert")),
    "closeAlert": Rule(P.CLOSE_ALERTS, mutation("closeAlert")),
    "confirmAttendance": Rule(P.ANSWER_ALERTS, mutation("confirmAttendance")),
    "answerForSomebody": Rule(P.OVERRIDE_ALERTS, mutation("answerForSomebody")),
    "offerSlot": Rule(P.ANSWER_ALERTS, mutation("offerSlot")),
    "answerSlotOffer": Rule(P.ANSWER_ALERTS, mutation("answerSlotOffer")),
    "withdrawSlotOffer": Rule(P.ANSWER_ALERTS, mutation("withdrawSlotOffer")),
    "alertPolicies": Rule(P.VIEW_ALERT_POLICIES, "{ alertPolicies(first: 1) { edges { cursor } } }"),
    "alertPreview": Rule(P.VIEW_ALERT_POLICIES, '{ alertPreview(type: "missing-from-care") { version } }'),
    "configurationAlarms": Rule(P.VIEW_ALERT_POLICIES, "{ configurationAlarms(first: 1) { edges { cursor } } }"),
    "draftAlertPolicy": Rule(P.MANAGE_ALERT_POLICIES, mutation("draftAlertPolicy")),
    "validateAlertPolicy": Rule(P.MANAGE_ALERT_POLICIES, mutation("validateAlertPolicy")),
    "switchOnAlertPolicy": Rule(P.MANAGE_ALERT_POLICIES, mutation("switchOnAlertPolicy")),
    "drills": Rule(P.VIEW_ALERT_POLICIES, "{ drills(first: 1) { edges { cursor } } }"),
    "drillSchedules": Rule(P.VIEW_ALERT_POLICIES, "{ drillSchedules(first: 1) { edges { cursor } } }"),
    "scheduleDrills": Rule(P.RUN_DRILLS, mutation("scheduleDrills")),
    "endDrillSchedule": Rule(P.RUN_DRILLS, mutation("endDrillSchedule")),
    "myNotificationRules": Rule(P.VIEW_ALERTS, "{ myNotificationRules { urgent { after } } }"),
    "setNotificationRules": Rule(P.VIEW_ALERTS, mutation("setNotificationRules")),
    "cases": Rule(P.VIEW_CASES, "{ cases(first: 1) { edges { cursor } } }"),
    "searchCases": Rule(P.VIEW_CASES, '{ searchCases(text: "nobody", first: 1) { edges { cursor } } }'),
    "child": Rule(P.VIEW_CASES, "query ($child: ID!) { child(id: $child) { id } }"),
    "teams": Rule(P.VIEW_CASES, "{ teams { id } }"),
    "drafts": Rule(P.VIEW_CASES, "{ drafts(first: 1) { edges { cursor } } }"),
    "openCase": Rule(P.OPEN_CASES, mutation("openCase")),
    "addSubject": Rule(P.EDIT_CASES, mutation("addSubject")),
    "recordBirth": Rule(P.EDIT_CASES, mutation("recordBirth")),
    "correctExpectedDate": Rule(P.EDIT_CASES, mutation("correctExpectedDate")),
    "correctChild": Rule(P.EDIT_CASES, mutation("correctChild")),
    "addChildAddress": Rule(P.EDIT_CASES, mutation("addChildAddress")),
    "addParty": Rule(P.EDIT_CASES, mutation("addParty")),
    "addHouseholdMember": Rule(P.EDIT_CASES, mutation("addHouseholdMember")),
    "endHouseholdMember": Rule(P.EDIT_CASES, mutation("endHouseholdMember")),
    "recordRelationship": Rule(P.EDIT_CASES, mutation("recordRelationship")),
    "endRelationship": Rule(P.EDIT_CASES, mutation("endRelationship")),
    "assignPractitioner": Rule(P.EDIT_CASES, mutation("assignPractitioner")),
    "endAssignment": Rule(P.EDIT_CASES, mutation("endAssignment")),
    "linkCases": Rule(P.EDIT_CASES, mutation("linkCases")),
    "unlinkCases": Rule(P.EDIT_CASES, mutation("unlinkCases")),
    "addChronologyEntry": Rule(P.EDIT_CASES, mutation("addChronologyEntry")),
    "correctChronologyEntry": Rule(P.EDIT_CASES, mutation("correctChronologyEntry")),
    "restrictCase": Rule(P.EDIT_CASES, mutation("restrictCase")),
    "closeCase": Rule(P.EDIT_CASES, mutation("closeCase")),
    "reopenCase": Rule(P.EDIT_CASES, mutation("reopenCase")),
    "handOverCase": Rule(P.EDIT_CASES, mutation("handOverCase")),
    "barFromCase": Rule(P.EDIT_CASES, mutation("barFromCase")),
    "liftCaseBar": Rule(P.EDIT_CASES, mutation("liftCaseBar")),
    "raiseDisagreement": Rule(P.EDIT_CASES, mutation("raiseDisagreement")),
    "liftCaseRestriction": Rule(P.EDIT_CASES, mutation("liftCaseRestriction")),
    "breakGlass": Rule(P.BREAK_GLASS, mutation("breakGlass")),
    "saveDraft": Rule(P.VIEW_CASES, mutation("saveDraft")),
    "discardDraft": Rule(P.VIEW_CASES, mutation("discardDraft")),
    "createTeam": Rule(P.MANAGE_TEAMS, mutation("createTeam")),
    "setTeamMembers": Rule(P.MANAGE_TEAMS, mutation("setTeamMembers")),
    "pathwayEditions": Rule(P.VIEW_PATHWAYS, "{ pathwayEditions(first: 1) { edges { cursor } } }"),
    "pathwayEdition": Rule(P.VIEW_PATHWAYS, "query ($edition: ID!) { pathwayEdition(id: $edition) { id } }"),
    "pathwayRun": Rule(P.VIEW_CASES, "query ($run: ID!) { pathwayRun(id: $run) { id } }"),
    "pathwayDifferences": Rule(
        P.VIEW_PATHWAYS, "query ($edition: ID!) { pathwayDifferences(earlierId: $edition, laterId: $edition) { path } }"
    ),
    "pathwayMigration": Rule(
        P.VIEW_CASES,
        "query ($run: ID!, $edition: ID!) { pathwayMigration(runId: $run, editionId: $edition) { path } }",
    ),
    "tasks": Rule(P.VIEW_CASES, "{ tasks(first: 1) { edges { cursor } } }"),
    "draftPathwayEdition": Rule(P.DRAFT_PATHWAYS, mutation("draftPathwayEdition")),
    "checkPathwayEdition": Rule(P.DRAFT_PATHWAYS, mutation("checkPathwayEdition")),
    "approvePathwayEdition": Rule(P.APPROVE_PATHWAYS, mutation("approvePathwayEdition")),
    "withdrawPathwayEdition": Rule(P.APPROVE_PATHWAYS, mutation("withdrawPathwayEdition")),
    "startPathway": Rule(P.EDIT_CASES, mutation("startPathway")),
    "movePathway": Rule(P.EDIT_CASES, mutation("movePathway")),
    "completePathwayForm": Rule(P.EDIT_CASES, mutation("completePathwayForm")),
    "givePathwayNotice": Rule(P.EDIT_CASES, mutation("givePathwayNotice")),
    "signOffPathway": Rule(P.EDIT_CASES, mutation("signOffPathway")),
    "openPathwayGate": Rule(P.EDIT_CASES, mutation("openPathwayGate")),
    "closePathway": Rule(P.EDIT_CASES, mutation("closePathway")),
    "migratePathway": Rule(P.EDIT_CASES, mutation("migratePathway")),
    "decidePathway": Rule(P.EDIT_CASES, mutation("decidePathway")),
    "answerPathwayDecision": Rule(P.EDIT_CASES, mutation("answerPathwayDecision")),
    "recordPathwayEvent": Rule(P.EDIT_CASES, mutation("recordPathwayEvent")),
    "correctPathwayEvent": Rule(P.EDIT_CASES, mutation("correctPathwayEvent")),
    "attachPathwayOverlay": Rule(P.EDIT_CASES, mutation("attachPathwayOverlay")),
    "detachPathwayOverlay": Rule(P.EDIT_CASES, mutation("detachPathwayOverlay")),
    "acknowledgeDeparture": Rule(P.EDIT_CASES, mutation("acknowledgeDeparture")),
    "answerDeparture": Rule(P.EDIT_CASES, mutation("answerDeparture")),
    "settlePathwayTask": Rule(P.EDIT_CASES, mutation("settlePathwayTask")),
    "assignPathwayTask": Rule(P.EDIT_CASES, mutation("assignPathwayTask")),
    "meeting": Rule(P.VIEW_CASES, "query ($meeting: ID!) { meeting(id: $meeting) { id } }"),
    "meetings": Rule(P.VIEW_CASES, "query ($case: ID!) { meetings(caseId: $case, first: 1) { edges { cursor } } }"),
    "myMeetings": Rule(P.ATTEND_MEETINGS, "{ myMeetings(first: 1) { edges { cursor } } }"),
    "callMeeting": Rule(P.HOLD_MEETINGS, mutation("callMeeting")),
    "inviteToMeeting": Rule(P.HOLD_MEETINGS, mutation("inviteToMeeting")),
    "answerMeetingInvitation": Rule(P.ATTEND_MEETINGS, mutation("answerMeetingInvitation")),
    "holdMeeting": Rule(P.HOLD_MEETINGS, mutation("holdMeeting")),
    "adjournMeeting": Rule(P.HOLD_MEETINGS, mutation("adjournMeeting")),
    "cancelMeeting": Rule(P.HOLD_MEETINGS, mutation("cancelMeeting")),
    "recordMeetingMinutes": Rule(P.HOLD_MEETINGS, mutation("recordMeetingMinutes")),
    "approveMeetingMinutes": Rule(P.HOLD_MEETINGS, mutation("approveMeetingMinutes")),
    "circulateMeetingMinutes": Rule(P.HOLD_MEETINGS, mutation("circulateMeetingMinutes")),
    "confirmMinutesRead": Rule(P.ATTEND_MEETINGS, mutation("confirmMinutesRead")),
    "addMeetingAction": Rule(P.HOLD_MEETINGS, mutation("addMeetingAction")),
    "decideAtMeeting": Rule(P.HOLD_MEETINGS, mutation("decideAtMeeting")),
    "completeClock": Rule(P.COMPLETE_CLOCKS, mutation("completeClock")),
    "giveBreachReason": Rule(P.EXPLAIN_CLOCKS, mutation("giveBreachReason")),
    "extendClock": Rule(P.EXTEND_CLOCKS, mutation("extendClock")),
    "pauseClock": Rule(P.CHANGE_CLOCKS, mutation("pauseClock")),
    "resumeClock": Rule(P.CHANGE_CLOCKS, mutation("resumeClock")),
    "correctClockStart": Rule(P.CHANGE_CLOCKS, mutation("correctClockStart")),
    "startDocumentUpload": Rule(P.ADD_DOCUMENTS, mutation("startDocumentUpload")),
    "completeDocumentUpload": Rule(P.ADD_DOCUMENTS, mutation("completeDocumentUpload")),
    "requestDocumentDownload": Rule(P.VIEW_DOCUMENTS, mutation("requestDocumentDownload")),
    "addContactMethod": Rule(None, mutation("addContactMethod")),
    "requestContactCode": Rule(None, mutation("requestContactCode")),
    "confirmContactMethod": Rule(None, mutation("confirmContactMethod")),
    "retireContactMethod": Rule(None, mutation("retireContactMethod")),
    "orderContactMethods": Rule(None, mutation("orderContactMethods")),
    "registerDevice": Rule(None, mutation("registerDevice")),
    "rotateDevice": Rule(None, mutation("rotateDevice")),
    "revokeDevice": Rule(None, mutation("revokeDevice")),
    "people": Rule(P.VIEW_PEOPLE, "{ people(first: 1) { edges { cursor } } }"),
    "personRecord": Rule(P.VIEW_PEOPLE, "query ($person: ID!) { personRecord(id: $person) { id } }"),
    "agencies": Rule(P.VIEW_PEOPLE, "{ agencies { code } }"),
    "addPerson": Rule(P.MANAGE_PEOPLE, mutation("addPerson")),
    "changePerson": Rule(P.MANAGE_PEOPLE, mutation("changePerson")),
    "setMembership": Rule(P.MANAGE_PEOPLE, mutation("setMembership")),
    "markPersonLeft": Rule(P.MANAGE_PEOPLE, mutation("markPersonLeft")),
    "markPersonBack": Rule(P.MANAGE_PEOPLE, mutation("markPersonBack")),
    "grantQualification": Rule(P.MANAGE_QUALIFICATIONS, mutation("grantQualification")),
    "withdrawQualification": Rule(P.MANAGE_QUALIFICATIONS, mutation("withdrawQualification")),
    "addPersonToArea": Rule(P.MANAGE_QUALIFICATIONS, mutation("addPersonToArea")),
    "removePersonFromArea": Rule(P.MANAGE_QUALIFICATIONS, mutation("removePersonFromArea")),
    "whoToCall": Rule(P.VIEW_DIRECTORY, '{ whoToCall(about: "crime") { inDanger } }'),
    "directoryTopics": Rule(P.VIEW_DIRECTORY, "{ directoryTopics }"),
    "directoryServices": Rule(P.VIEW_DIRECTORY, "{ directoryServices(first: 1) { edges { cursor } } }"),
    "verifyDirectoryPoint": Rule(P.MANAGE_DIRECTORY, mutation("verifyDirectoryPoint")),
    "partnershipReadiness": Rule(P.VIEW_READINESS, "{ partnershipReadiness { kind } }"),
    "thresholds": Rule(P.VIEW_THRESHOLDS, "{ thresholds { id } }"),
    "thresholdEditions": Rule(P.VIEW_THRESHOLDS, "{ thresholdEditions(first: 1) { edges { cursor } } }"),
    "thresholdEdition": Rule(P.VIEW_THRESHOLDS, "query ($threshold: ID!) { thresholdEdition(id: $threshold) { id } }"),
    "caseThreshold": Rule(P.VIEW_CASES, "query ($case: ID!) { caseThreshold(caseId: $case) { suggestion { level } } }"),
    "statistic": Rule(
        P.VIEW_STATISTICS,
        '{ statistic(code: REFERRALS, fromOn: "2026-01-01", untilOn: "2026-02-01") { guarded } }',
    ),
    "thresholdFigures": Rule(
        P.VIEW_THRESHOLD_FIGURES,
        '{ thresholdFigures(fromOn: "2026-01-01", untilOn: "2026-12-31") { decisions } }',
    ),
    "thresholdDryRun": Rule(
        P.VIEW_THRESHOLD_FIGURES, "query ($threshold: ID!) { thresholdDryRun(editionId: $threshold) { cases } }"
    ),
    "draftThresholds": Rule(P.DRAFT_THRESHOLDS, mutation("draftThresholds")),
    "approveThresholds": Rule(P.APPROVE_THRESHOLDS, mutation("approveThresholds")),
    "withdrawThresholds": Rule(P.APPROVE_THRESHOLDS, mutation("withdrawThresholds")),
    "recordIndicator": Rule(P.EDIT_CASES, mutation("recordIndicator")),
    "endIndicator": Rule(P.EDIT_CASES, mutation("endIndicator")),
    "decideThreshold": Rule(P.EDIT_CASES, mutation("decideThreshold")),
    "giveThresholdView": Rule(P.EDIT_CASES, mutation("giveThresholdView")),
    "directoryEntries": Rule(P.VIEW_DIRECTORY, "{ directoryEntries(first: 1) { edges { cursor } } }"),
    "applications": Rule(P.MANAGE_INTEGRATIONS, "{ applications { name } }"),
    "applicationScopes": Rule(P.MANAGE_INTEGRATIONS, "{ applicationScopes { code } }"),
    "grantApplication": Rule(P.MANAGE_INTEGRATIONS, mutation("grantApplication")),
    "revokeApplication": Rule(P.MANAGE_INTEGRATIONS, mutation("revokeApplication")),
    "webhookEndpoints": Rule(P.MANAGE_INTEGRATIONS, "{ webhookEndpoints { name } }"),
    "webhookEventTypes": Rule(P.MANAGE_INTEGRATIONS, "{ webhookEventTypes { code } }"),
    "createWebhookEndpoint": Rule(P.MANAGE_INTEGRATIONS, mutation("createWebhookEndpoint")),
    "rotateWebhookEndpointSecret": Rule(P.MANAGE_INTEGRATIONS, mutation("rotateWebhookEndpointSecret")),
    "pauseWebhookEndpoint": Rule(P.MANAGE_INTEGRATIONS, mutation("pauseWebhookEndpoint")),
    "resumeWebhookEndpoint": Rule(P.MANAGE_INTEGRATIONS, mutation("resumeWebhookEndpoint")),
    "retireWebhookEndpoint": Rule(P.MANAGE_INTEGRATIONS, mutation("retireWebhookEndpoint")),
    "sendTestWebhook": Rule(P.MANAGE_INTEGRATIONS, mutation("sendTestWebhook")),
    "replayWebhook": Rule(P.MANAGE_INTEGRATIONS, mutation("replayWebhook")),
    "createDirectoryEntry": Rule(P.MANAGE_DIRECTORY, mutation("createDirectoryEntry")),
    "changeDirectoryEntry": Rule(P.MANAGE_DIRECTORY, mutation("changeDirectoryEntry")),
    "retireDirectoryEntry": Rule(P.MANAGE_DIRECTORY, mutation("retireDirectoryEntry")),
    "rotateWebhookSecret": Rule(P.MANAGE_DIRECTORY, mutation("rotateWebhookSecret")),
    "writeHandover": Rule(P.WRITE_HANDOVERS, mutation("writeHandover")),
    "acknowledgeHandover": Rule(P.WRITE_HANDOVERS, mutation("acknowledgeHandover")),
    "procedureEditions": Rule(None, "{ procedureEditions(first: 1) { edges { cursor } } }"),
    "procedureEdition": Rule(None, "query ($manual: ID!) { procedureEdition(id: $manual) { id } }"),
    "proceduresInForce": Rule(None, "{ proceduresInForce { id } }"),
    "procedureProvision": Rule(None, '{ procedureProvision(manual: "x", address: "1") { text } }'),
    "searchProcedures": Rule(None, '{ searchProcedures(text: "child", first: 1) { address } }'),
    "procedureIndex": Rule(None, "query ($manual: ID!) { procedureIndex(editionId: $manual) { subject } }"),
    "procedureDifferences": Rule(
        None, "query ($manual: ID!) { procedureDifferences(earlierId: $manual, laterId: $manual) { change } }"
    ),
    "procedureBundle": Rule(None, '{ procedureBundle(manual: "x") { version } }'),
    "procedureImports": Rule(P.WRITE_PROCEDURES, "{ procedureImports(first: 1) { edges { cursor } } }"),
    "procedureImport": Rule(P.WRITE_PROCEDURES, "query ($manual: ID!) { procedureImport(id: $manual) { id } }"),
    "procedureAmendments": Rule(None, "{ procedureAmendments(first: 1) { edges { cursor } } }"),
    "myProcedureCirculations": Rule(None, "{ myProcedureCirculations(first: 1) { edges { cursor } } }"),
    "draftProcedureEdition": Rule(P.WRITE_PROCEDURES, mutation("draftProcedureEdition")),
    "changeProcedureEdition": Rule(P.WRITE_PROCEDURES, mutation("changeProcedureEdition")),
    "correctProcedureProvisions": Rule(P.WRITE_PROCEDURES, mutation("correctProcedureProvisions")),
    "mergeProcedureProvisions": Rule(P.WRITE_PROCEDURES, mutation("mergeProcedureProvisions")),
    "splitProcedureProvision": Rule(P.WRITE_PROCEDURES, mutation("splitProcedureProvision")),
    "addProcedureProvision": Rule(P.WRITE_PROCEDURES, mutation("addProcedureProvision")),
    "removeProcedureProvision": Rule(P.WRITE_PROCEDURES, mutation("removeProcedureProvision")),
    "setProcedureReference": Rule(P.WRITE_PROCEDURES, mutation("setProcedureReference")),
    "setProcedureTerm": Rule(P.WRITE_PROCEDURES, mutation("setProcedureTerm")),
    "setProcedureHandbook": Rule(P.WRITE_PROCEDURES, mutation("setProcedureHandbook")),
    "setProcedureLinks": Rule(P.WRITE_PROCEDURES, mutation("setProcedureLinks")),
    "procedureRegister": Rule(None, "{ procedureRegister(first: 1) { edges { cursor } } }"),
    "procedureRegisterEntry": Rule(None, "query ($manual: ID!) { procedureRegisterEntry(id: $manual) { id } }"),
    "enterInProcedureRegister": Rule(P.WRITE_PROCEDURES, mutation("enterInProcedureRegister")),
    "changeProcedureRegisterEntry": Rule(P.WRITE_PROCEDURES, mutation("changeProcedureRegisterEntry")),
    "checkProcedureRegisterEntry": Rule(P.WRITE_PROCEDURES, mutation("checkProcedureRegisterEntry")),
    "retireProcedureRegisterEntry": Rule(P.WRITE_PROCEDURES, mutation("retireProcedureRegisterEntry")),
    "directoryPosts": Rule(P.VIEW_DIRECTORY, "{ directoryPosts(first: 1) { edges { cursor } } }"),
    "directoryChanges": Rule(P.VIEW_DIRECTORY, "{ directoryChanges(first: 1) { edges { cursor } } }"),
    "createDirectoryPost": Rule(P.MANAGE_DIRECTORY, mutation("createDirectoryPost")),
    "appointToDirectoryPost": Rule(P.MANAGE_DIRECTORY, mutation("appointToDirectoryPost")),
    "endDirectoryAppointment": Rule(P.MANAGE_DIRECTORY, mutation("endDirectoryAppointment")),
    "retireDirectoryPost": Rule(P.MANAGE_DIRECTORY, mutation("retireDirectoryPost")),
    "resolveProcedureDoubt": Rule(P.WRITE_PROCEDURES, mutation("resolveProcedureDoubt")),
    "procedurePrint": Rule(None, "query ($print: ID!) { procedurePrint(id: $print) { url } }"),
    "requestProcedurePrint": Rule(None, mutation("requestProcedurePrint")),
    "letterTemplates": Rule(None, "{ letterTemplates { id } }"),
    "letterPreview": Rule(
        P.ADD_DOCUMENTS,
        'query ($case: ID!) { letterPreview(template: "child-death-form-a", aboutId: $case) { title } }',
    ),
    "letters": Rule(P.VIEW_DOCUMENTS, "query ($case: ID!) { letters(caseId: $case, first: 1) { edges { cursor } } }"),
    "issueLetter": Rule(P.ADD_DOCUMENTS, mutation("issueLetter")),
    "wordLetter": Rule(P.WRITE_PROCEDURES, mutation("wordLetter")),
    "removeMeetingInvitee": Rule(P.HOLD_MEETINGS, mutation("removeMeetingInvitee")),
    "correctMeetingAttendance": Rule(P.HOLD_MEETINGS, mutation("correctMeetingAttendance")),
    "startProcedureImport": Rule(P.WRITE_PROCEDURES, mutation("startProcedureImport")),
    "completeProcedureImport": Rule(P.WRITE_PROCEDURES, mutation("completeProcedureImport")),
    "collateProcedureAmendment": Rule(P.WRITE_PROCEDURES, mutation("collateProcedureAmendment")),
    "approveProcedureEdition": Rule(P.APPROVE_PROCEDURES, mutation("approveProcedureEdition")),
    "withdrawProcedureEdition": Rule(P.APPROVE_PROCEDURES, mutation("withdrawProcedureEdition")),
    "recordProcedureAdoption": Rule(P.APPROVE_PROCEDURES, mutation("recordProcedureAdoption")),
    "refuseProcedureAmendment": Rule(P.APPROVE_PROCEDURES, mutation("refuseProcedureAmendment")),
    "agreeProcedureAmendment": Rule(P.APPROVE_PROCEDURES, mutation("agreeProcedureAmendment")),
    "circulateProcedureAmendment": Rule(P.APPROVE_PROCEDURES, mutation("circulateProcedureAmendment")),
    "nominateProcedureManager": Rule(P.APPROVE_PROCEDURES, mutation("nominateProcedureManager")),
    "proposeProcedureAmendment": Rule(None, mutation("proposeProcedureAmendment")),
    "acknowledgeProcedureCirculation": Rule(None, mutation("acknowledgeProcedureCirculation")),
    "forwardProcedureCirculation": Rule(None, mutation("forwardProcedureCirculation")),
    "subscribeToProcedures": Rule(None, mutation("subscribeToProcedures")),
    "transferPartners": Rule(P.VIEW_TRANSFERS, "{ transferPartners { code } }"),
    "transferForms": Rule(P.VIEW_TRANSFERS, "{ transferForms { kind } }"),
    "transfers": Rule(P.VIEW_TRANSFERS, "{ transfers(first: 1) { edges { cursor } } }"),
    "transfer": Rule(P.VIEW_TRANSFERS, "query ($transfer: ID!) { transfer(id: $transfer) { id } }"),
    "offerTransfer": Rule(P.OFFER_TRANSFERS, mutation("offerTransfer")),
    "withdrawTransfer": Rule(P.OFFER_TRANSFERS, mutation("withdrawTransfer")),
    "resendTransfer": Rule(P.OFFER_TRANSFERS, mutation("resendTransfer")),
    "addTransferPaper": Rule(P.OFFER_TRANSFERS, mutation("addTransferPaper")),
    "openTransferGate": Rule(P.OFFER_TRANSFERS, mutation("openTransferGate")),
    "acceptTransfer": Rule(P.ANSWER_TRANSFERS, mutation("acceptTransfer")),
    "refuseTransfer": Rule(P.ANSWER_TRANSFERS, mutation("refuseTransfer")),
    "writeAboutTransfer": Rule(P.OFFER_TRANSFERS, mutation("writeAboutTransfer")),
    "settleTransfer": Rule(P.OFFER_TRANSFERS, mutation("settleTransfer")),
    "requestTransferPaper": Rule(P.VIEW_TRANSFERS, mutation("requestTransferPaper")),
    "sealTransfer": Rule(P.OFFER_TRANSFERS, mutation("sealTransfer")),
    "fetchSealedTransfer": Rule(P.OFFER_TRANSFERS, mutation("fetchSealedTransfer")),
    "recordOutsideAnswer": Rule(P.OFFER_TRANSFERS, mutation("recordOutsideAnswer")),
    "recordOutsideSettled": Rule(P.OFFER_TRANSFERS, mutation("recordOutsideSettled")),
    "planRegister": Rule(P.VIEW_PLAN_REGISTER, "{ planRegister(first: 1) { total } }"),
    "planRegisterFile": Rule(P.VIEW_PLAN_REGISTER, "{ planRegisterFile { rows } }"),
    "recordPlanStay": Rule(P.KEEP_PLAN_REGISTER, mutation("recordPlanStay")),
    "endPlanStay": Rule(P.KEEP_PLAN_REGISTER, mutation("endPlanStay")),
    "correctPlanEntry": Rule(P.KEEP_PLAN_REGISTER, mutation("correctPlanEntry")),
    "childEnquiry": Rule(P.TAKE_ENQUIRIES, "query ($enquiry: ID!) { childEnquiry(id: $enquiry) { id } }"),
    "childEnquiries": Rule(P.OVERSEE_ENQUIRIES, "{ childEnquiries(first: 1) { edges { cursor } } }"),
    "enquiryDuties": Rule(P.VIEW_CASES, "{ enquiryDuties(first: 1) { edges { cursor } } }"),
    "recordChildEnquiry": Rule(P.TAKE_ENQUIRIES, mutation("recordChildEnquiry")),
    "checkEnquirer": Rule(P.TAKE_ENQUIRIES, mutation("checkEnquirer")),
    "searchForEnquiry": Rule(P.TAKE_ENQUIRIES, mutation("searchForEnquiry")),
    "answerChildEnquiry": Rule(P.TAKE_ENQUIRIES, mutation("answerChildEnquiry")),
    "decideEnquiryDuty": Rule(P.VIEW_CASES, mutation("decideEnquiryDuty")),
    "deathRegister": Rule(P.VIEW_DEATH_REGISTER, "{ deathRegister(first: 1) { total } }"),
    "deathRegisterFile": Rule(P.VIEW_DEATH_REGISTER, "{ deathRegisterFile { rows } }"),
    "deathNotices": Rule(P.VIEW_DEATH_REGISTER, "{ deathNotices(first: 1) { edges { cursor } } }"),
    "recordDeathNotice": Rule(P.KEEP_DEATH_REGISTER, mutation("recordDeathNotice")),
    "matchDeathNotice": Rule(P.KEEP_DEATH_REGISTER, mutation("matchDeathNotice")),
    "recordDeathStep": Rule(P.KEEP_DEATH_REGISTER, mutation("recordDeathStep")),
}

# Fields that lead from one thing to a case, a child's record or what belongs to a case.
GUARDED: Final = {
    "Case", "ChildDeath", "ChildDeathConnection", "Clock", "Document", "TimelineEntryConnection", "Child",
    "ChronologyItemConnection", "AccessLogEntryConnection", "EmergencyAccessConnection", "PathwayRun", "Meeting",
}  # fmt: skip
PATHS: Final = {
    ("Letter", "document"),
    ("Alert", "case"), ("BreakGlassPayload", "case"), ("Case", "accessLog"), ("Case", "childDeath"),
    ("Case", "chronology"), ("Case", "clocks"), ("Case", "documents"), ("Case", "emergencyAccesses"),
    ("Case", "timeline"), ("CaseEdge", "node"), ("CaseLink", "other"), ("CasePayload", "case"),
    ("CaseSubject", "child"), ("Child", "cases"), ("Child", "possibleDuplicates"), ("ChildDeath", "case"),
    ("ChildDeathEdge", "node"), ("ChildPayload", "child"), ("ChronologyEntry", "child"),
    ("ChronologyEntryPayload", "case"), ("Clock", "case"), ("ClockEdge", "node"), ("CompleteClockPayload", "clock"),
    ("ClockPayload", "clock"),
    ("CompleteDocumentUploadPayload", "document"), ("HouseholdMemberPayload", "case"), ("PartyPayload", "case"),
    ("PractitionerPayload", "case"), ("RelationshipPayload", "case"), ("ReportChildDeathPayload", "childDeath"),
    ("RequestDocumentDownloadPayload", "document"), ("StartDocumentUploadPayload", "document"),
    ("SubjectPayload", "case"), ("Case", "pathwayRuns"), ("PathwayRun", "case"), ("PathwayTask", "case"),
    ("PathwayTask", "run"), ("PathwayChange", "run"), ("PathwayRunPayload", "run"), ("PathwayDecisionPayload", "run"),
    ("PathwayEventPayload", "run"), ("PathwayTaskPayload", "run"), ("PathwayDeparturePayload", "run"),
    ("PathwayOverlayPayload", "run"), ("Meeting", "case"), ("Meeting", "run"), ("MeetingPayload", "meeting"),
    ("MeetingEdge", "node"), ("MeetingMinutes", "document"), ("MeetingCopy", "document"),
    ("PathwayOverlayPayload", "run"), ("PathwayDisagreement", "run"), ("PathwayDisagreementPayload", "run"),
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A reported death and the ids of all that came of it."""

    ids: Mapping[str, str]
    sent: Mapping[str, JSON]

    def variables(self, field: str) -> dict[str, Any]:
        if field in self.sent:
            return {"input": {**self.sent[field], "idempotencyKey": fresh_key()}}
        return {name: value for name, value in self.ids.items() if f"${name}:" in RULES[field].call}


async def rota_changes(api: Api) -> dict[str, JSON]:
    """What is sent to change who is on call. The swap and the adjustment are not there, which a role learns too."""
    node = "edges { node { id person { id } startsAt endsAt } }"
    listed = (await api.run(f"{{ rotas {{ id role shifts(first: 2) {{ {node} }} }} }}"))["rotas"]
    rota = next(one for one in listed if one["role"] == "detective_superintendent")
    now, later = (edge["node"] for edge in rota["shifts"]["edges"])
    span = {"begins": later["startsAt"], "until": later["endsAt"], "reason": "flood"}
    turn = {"personId": later["person"]["id"], "begins": span["begins"], "until": span["until"]}
    layer = {"name": "base", "members": [turn["personId"]], "firstHandover": "2026-01-05T09:00", "periodUnit": "WEEKS",
             "cover": [{"weekdays": [0, 1, 2, 3, 4, 5, 6], "start": "00:00", "end": "00:00"}]}  # fmt: skip
    never = {"swapId": encode("ShiftSwap", uuid4())}
    return {
        "overrideRota": {"rotaId": rota["id"], "kind": "REMOVE", "personId": turn["personId"], **span},
        "assignShift": {"shiftId": later["id"], "insteadId": now["person"]["id"], "reason": "ill"},
        "replaceRotaSpan": {"rotaId": rota["id"], "turns": [turn], **span},
        "changeRota": {"rotaId": rota["id"], "zone": "Europe/London", "layers": [layer]},
        "createRota": {"code": "b", "name": "B", "role": "a_role", "zone": "Europe/London", "layers": [layer]},
        "recordLeave": span, "takeOverShift": {"shiftId": now["id"], "reason": "here"},
        "withdrawRotaAdjustment": {"adjustmentId": encode("RotaAdjustment", uuid4())},
        "askShiftSwap": {"shiftId": later["id"], "otherId": now["person"]["id"]},
        "agreeShiftSwap": never, "declineShiftSwap": never, "withdrawShiftSwap": never,
    }  # fmt: skip


def case_changes(case_id: str, child_id: str) -> dict[str, JSON]:
    """What is sent to change a case. Where it names a thing that is not there, a role learns so too."""
    never = {kind: encode(kind, uuid4()) for kind in (
        "Case", "CaseLink", "CasePractitioner", "ChronologyEntry", "Draft", "HouseholdMember", "Relationship", "Team",
    )}  # fmt: skip
    person, event = {"childId": child_id}, {"kind": "VISIT", "title": "Visit", "text": "Seen", "occurred": "2026"}
    return {
        "openCase": {"pathway": "initial-assessment"}, "addSubject": {"caseId": case_id, "child": {"name": "x"}},
        "recordBirth": {**person, "dateOfBirth": "2026-01-01"},
        "correctExpectedDate": {**person, "expectedOn": "2026-01-01", "reason": "scan"},
        "correctChild": {**person, "details": {"name": "x"}, "reason": "register"},
        "addChildAddress": {**person, "address": "7 Invented Row"},
        "addParty": {"caseId": case_id, "party": {"roles": ["PARENT"]}},
        "addHouseholdMember": {"caseId": case_id, **person},
        "endHouseholdMember": {"householdMemberId": never["HouseholdMember"]},
        "recordRelationship": {"caseId": case_id, "fromPerson": person, "kind": "SIBLING", "toPerson": person},
        "endRelationship": {"relationshipId": never["Relationship"]},
        "assignPractitioner": {"caseId": case_id, "role": "gp", "outsideName": "Dr Outside"},
        "endAssignment": {"practitionerId": never["CasePractitioner"]},
        "linkCases": {"caseId": case_id, "otherCaseId": never["Case"], "kind": "SIBLING"},
        "unlinkCases": {"linkId": never["CaseLink"]}, "addChronologyEntry": {"caseId": case_id, "event": event},
        "correctChronologyEntry": {"entryId": never["ChronologyEntry"], "event": event},
        "restrictCase": {"caseId": case_id, "personIds": [never["Case"]], "reason": "x"},
        "liftCaseRestriction": {"caseId": case_id, "reason": "x"},
        "breakGlass": {"caseId": case_id, "reason": "No history is known"},
        "closeCase": {"caseId": never["Case"], "reason": "x"}, "reopenCase": {"caseId": never["Case"], "reason": "x"},
        "handOverCase": {"caseId": never["Case"], "ownerId": never["Case"], "reason": "x"},
        "barFromCase": {"caseId": never["Case"], "personId": never["Case"], "reason": "x"},
        "liftCaseBar": {"caseId": never["Case"], "personId": never["Case"], "reason": "x"},
        "saveDraft": {"form": "a-form", "content": {}, "version": 0}, "discardDraft": {"draftId": never["Draft"]},
        "createTeam": {"code": "B", "name": "B"}, "setTeamMembers": {"teamId": never["Team"], "personIds": []},
    }  # fmt: skip


def pathway_changes(case_id: str) -> dict[str, JSON]:
    """What is sent to change a run. Where it names a thing that is not there, a role learns so too."""
    never = {kind: encode(kind, uuid4()) for kind in (
        "PathwayDecision", "PathwayDeparture", "PathwayEdition", "PathwayEvent", "PathwayOverlay", "PathwayRun",
        "PathwayTask",
    )}  # fmt: skip
    run, edition = {"runId": never["PathwayRun"], "version": 1}, {"editionId": never["PathwayEdition"]}
    task = {"taskId": never["PathwayTask"], "version": 1}
    return {
        "draftPathwayEdition": {"pathway": "never-heard-of"}, "checkPathwayEdition": edition,
        "approvePathwayEdition": {**edition, "inForceFrom": "2026-01-01", "authority": "x"},
        "withdrawPathwayEdition": {**edition, "reason": "x"},
        "startPathway": {"caseId": case_id, "pathway": "never-heard-of", "criteria": []},
        "movePathway": {**run, "stage": "x"}, "completePathwayForm": {**run, "form": "x", "answers": {}},
        "givePathwayNotice": {**run, "notification": "x", "givenTo": "x"}, "signOffPathway": {**run, "signOff": "x"},
        "openPathwayGate": {**run, "gate": "x", "reason": "x"}, "closePathway": {**run, "reason": "x"},
        "migratePathway": {**run, **edition, "reason": "x"},
        "decidePathway": {**run, "decision": "x", "options": ["x"], "reasons": "x"},
        "answerPathwayDecision": {
            "decisionId": never["PathwayDecision"], "version": 1, "authorise": True, "reasons": "x",
        },
        "raiseDisagreement": {"decisionId": never["PathwayDecision"], "reasons": "x", "wanted": "x"},
        "recordPathwayEvent": {"runId": run["runId"], "code": "x"},
        "correctPathwayEvent": {"eventId": never["PathwayEvent"], "reason": "x"},
        "attachPathwayOverlay": {**run, "overlay": "x", "reason": "x"},
        "detachPathwayOverlay": {"overlayId": never["PathwayOverlay"], "version": 1, "reason": "x"},
        "acknowledgeDeparture": {
            "runId": run["runId"], "subjectKind": "obligation", "subjectCode": "x", "instead": "x", "reasons": "x",
        },
        "answerDeparture": {"departureId": never["PathwayDeparture"], "authorise": True},
        "settlePathwayTask": {**task, "state": "DONE", "evidence": "x"}, "assignPathwayTask": task,
    }  # fmt: skip


def threshold_changes(case_id: str) -> dict[str, JSON]:
    """What is sent to change a level of need. It names things that are not there, which a role learns."""
    edition = {"editionId": encode("ThresholdEdition", uuid4())}
    return {
        "draftThresholds": {"text": "x"}, "withdrawThresholds": {**edition, "reason": "x"},
        "approveThresholds": {**edition, "inForceFrom": "2026-01-01", "authority": "x"},
        "recordIndicator": {"caseId": case_id, "indicator": "never-heard-of"},
        "endIndicator": {"indicatorId": encode("RecordedIndicator", uuid4())},
        "decideThreshold": {"caseId": case_id, "level": "never-heard-of", "reasons": "x"},
        "giveThresholdView": {"decisionId": encode("ThresholdDecision", uuid4()), "agrees": True},
        "verifyDirectoryPoint": {"pointId": encode("DirectoryPoint", uuid4()), "how": "x"},
    }  # fmt: skip


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
        "resendTransfer": row,
        "sealTransfer": row, "fetchSealedTransfer": {"sealedId": encode("SealedTransfer", uuid4())},
        "recordOutsideAnswer": {
            **row, "accepted": True, "person": "x", "post": "x", "answeredAt": at, "evidence": "x",
        },
        "recordOutsideSettled": {**row, "happenedAt": at, "evidence": "x"},
    }  # fmt: skip


def meeting_changes() -> dict[str, JSON]:
    """What is sent to change a meeting. It names things that are not there, which a role learns."""
    never = {kind: encode(kind, uuid4()) for kind in (
        "Meeting", "MeetingInvitation", "MeetingMinutes", "MeetingCopy", "PathwayRun", "Document", "Person",
    )}  # fmt: skip
    meeting, minutes = {"meetingId": never["Meeting"], "version": 1}, {"minutesId": never["MeetingMinutes"]}
    when = {"plannedAt": "2026-12-01T09:00:00Z", "place": "x"}
    return {
        "callMeeting": {"runId": never["PathwayRun"], "meeting": "x", **when},
        "inviteToMeeting": {**meeting, "invitees": []},
        "answerMeetingInvitation": {"invitationId": never["MeetingInvitation"], "answer": "ATTENDING"},
        "holdMeeting": {**meeting, "heldAt": "2026-01-01T09:00:00Z", "attendance": []},
        "adjournMeeting": {**meeting, "reason": "x", **when}, "cancelMeeting": {**meeting, "reason": "x"},
        "recordMeetingMinutes": {**meeting, "documentId": never["Document"]}, "approveMeetingMinutes": minutes,
        "circulateMeetingMinutes": {**minutes, "copies": []}, "confirmMinutesRead": {"copyId": never["MeetingCopy"]},
        "addMeetingAction": {
            "meetingId": never["Meeting"], "text": "x", "role": "sio", "ownerId": never["Person"],
            "dueAt": "2027-01-01T09:00:00Z",
        },
        "removeMeetingInvitee": {"invitationId": never["MeetingInvitation"], "version": 1, "reason": "x"},
        "correctMeetingAttendance": {**meeting, "attendance": [], "reason": "x"},
        "issueLetter": {"template": "meeting-minutes", "aboutId": never["Meeting"], "audience": "CASE"},
        "wordLetter": {"template": "any", "paragraph": "never-was", "text": "x"},
        "decideAtMeeting": {**meeting, "decision": "x", "options": ["x"], "reasons": "x"},
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


def procedure_changes() -> dict[str, JSON]:
    """What is sent to change a manual. It names things that are not there, which a role learns."""
    never = {kind: encode(kind, uuid4()) for kind in (
        "ProcedureEdition", "ProcedureImport", "ProcedureDoubt", "ProcedureAmendment", "ProcedureCirculation", "Person",
        "ProcedureRegisterEntry", "DirectoryPost", "DirectoryHolder",
    )}  # fmt: skip
    draft, amendment = {"editionId": never["ProcedureEdition"]}, {"amendmentId": never["ProcedureAmendment"]}
    circulation = {"circulationId": never["ProcedureCirculation"]}
    kept, post = {"entryId": never["ProcedureRegisterEntry"]}, {"postId": never["DirectoryPost"]}
    entry = {"kind": "PROTOCOL", "manual": "x", "title": "x", "ownerId": never["Person"], "reviewOn": "2026-01-01"}
    return {
        "draftProcedureEdition": {"manual": "x", "title": ""}, "changeProcedureEdition": draft,
        "correctProcedureProvisions": {**draft, "addresses": ["1"]},
        "mergeProcedureProvisions": {**draft, "addresses": ["1", "2"]},
        "splitProcedureProvision": {**draft, "address": "1", "beginsWith": "x", "newAddress": "2"},
        "addProcedureProvision": {**draft, "address": "1"}, "removeProcedureProvision": {**draft, "address": "1"},
        "setProcedureReference": {**draft, "address": "1", "wording": "x", "kind": "STATUTE", "targets": []},
        "setProcedureTerm": {**draft, "term": "x"}, "setProcedureHandbook": {**draft, "entries": []},
        "setProcedureLinks": {**draft, "links": []}, "enterInProcedureRegister": {"entry": entry},
        "changeProcedureRegisterEntry": {**kept, "entry": entry},
        "retireProcedureRegisterEntry": {**kept, "reason": "x"},
        "checkProcedureRegisterEntry": {**kept, "outcome": "REVIEWED", "reviewOn": "2026-01-01"},
        "createDirectoryPost": {"code": "x", "organisation": "x", "title": "x"},
        "appointToDirectoryPost": {**post, "fromOn": "2026-01-01", "name": "x"}, "retireDirectoryPost": post,
        "endDirectoryAppointment": {"holderId": never["DirectoryHolder"], "untilOn": "2026-01-01"},
        "resolveProcedureDoubt": {"doubtId": never["ProcedureDoubt"], "resolution": "x"},
        "requestProcedurePrint": {**draft, "work": "MANUAL", "medium": "PDF"},
        "startProcedureImport": {"manual": "", "title": "", "fileName": "", "size": 0, "sha256": ""},
        "completeProcedureImport": {"importId": never["ProcedureImport"]}, "collateProcedureAmendment": amendment,
        "approveProcedureEdition": {**draft, "role": "x", "inForceFrom": "2026-01-01", "authority": "x"},
        "withdrawProcedureEdition": {**draft, "reason": "x"},
        "recordProcedureAdoption": {**draft, "adoption": "AGREED", "adoptedOn": "2026-01-01", "body": "x"},
        "refuseProcedureAmendment": {**amendment, "reasons": "x"},
        "agreeProcedureAmendment": {**amendment, "newText": "x", "minute": "x", "role": "x"},
        "circulateProcedureAmendment": amendment, "acknowledgeProcedureCirculation": circulation,
        "forwardProcedureCirculation": {**circulation, "copies": 0},
        "nominateProcedureManager": {"agency": "x", "personId": never["Person"]},
        "proposeProcedureAmendment": {**draft, "address": "1", "change": "x", "reason": "x"},
        "subscribeToProcedures": {"manual": "x", "subscribed": True},
    }  # fmt: skip


@pytest.fixture
async def case(clinician: Api, door: Door, cambs: Partnership) -> Case:
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
    return Case({name: str(value) for name, value in ids.items()}, sent)


def roots() -> set[str]:
    """Those of queries and mutations; who may follow what is tried in subscriptions/test_following.py."""
    found = [schema.core.query_type, schema.core.mutation_type]
    return {name for root in found if root is not None for name in root.fields}


def test_every_root_field_has_a_rule_here() -> None:
    without = sorted(roots() - RULES.keys())
    assert not without, f"Say in RULES of {__name__} who may use {', '.join(without)}."
    assert not RULES.keys() - roots(), "RULES names fields that are no longer there."


def test_every_way_to_a_record_is_known_here() -> None:
    kinds = [
        kind for kind in schema.core.type_map.values() if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
    ]
    ways = {
        (kind.name, name)
        for kind in kinds
        if kind not in (schema.core.query_type, schema.core.mutation_type)
        for name, field in kind.fields.items()
        if get_named_type(field.type).name in GUARDED
    }
    assert ways == PATHS, "A new way leads to a record: guard it, test it below, and add it to PATHS."


async def test_each_role_may_use_exactly_what_its_permissions_say(door: Door, cambs: Partnership, case: Case) -> None:
    allowed: dict[str, set[str]] = {}
    for role in ROLES:
        # Roles that are nobody's only one in the reference partnerships.
        lent = role in {
            "rota_manager", "practitioner", "team_manager", "agency_lead", "procedures_author", "procedures_approver",
            "designated_manager", "performance_officer",
        }  # fmt: skip
        if lent:
            await door.change_roles(cambs, "tansy.millrace", role)
        person = door.person("tansy.millrace") if lent else await door.member(cambs, role)
        answers = {field: str(await person.send(rule.call, case.variables(field))) for field, rule in RULES.items()}
        assert not [field for field, answer in answers.items() if "INTERNAL" in answer or "BAD_USER" in answer]
        allowed[role] = {field for field, answer in answers.items() if WITHOUT_A_ROLE not in answer}
    assert allowed == {
        role: {field for field, rule in RULES.items() if rule.needs is None or rule.needs in permissions}
        for role, permissions in ROLES.items()
    }


async def test_nobody_else_gets_in(door: Door, case: Case) -> None:
    stranger = door.person("nobody.invented")
    for field, rule in RULES.items():
        answer = await stranger.send(rule.call, case.variables(field))
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
        assert "data" not in answer


async def test_the_administrator_sees_no_childs_record_by_any_path(door: Door, cambs: Partnership, case: Case) -> None:
    administrator = await door.member(cambs, "administrator")
    before = len(await rows(cambs, AccessEntry))
    deep = "case { id reference childDeath { childName } documents { title } clocks { title } }"
    paths = [
        f"query ($alert: ID!) {{ alert(id: $alert) {{ reference {deep} }} }}",
        f"query ($reference: String!) {{ alert(reference: $reference) {{ reference {deep} }} }}",
        f"{{ alerts(first: 9) {{ edges {{ node {{ reference {deep} }} }} }} }}",
        f"{{ clocks(first: 9) {{ edges {{ node {{ title {deep} }} }} }} }}",
        f"query ($death: ID!) {{ childDeath(id: $death) {{ childName {deep} }} }}",
        f"{{ childDeaths(last: 9) {{ edges {{ node {{ childName {deep} }} }} }} }}",
        "query ($case: ID!) { case(id: $case) { reference timeline(first: 9) { edges { node { kind } } } } }",
    ]
    for path in paths:
        answer = await administrator.send(path, {n: v for n, v in case.ids.items() if f"${n}:" in path})
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"], path
        assert CHILD not in str(answer)
        assert case.ids["reference"] not in str(answer)
    assert len(await rows(cambs, AccessEntry)) == before


async def test_who_may_see_alerts_and_clocks_but_no_cases_sees_none_through_them(
    door: Door, cambs: Partnership, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ROLES, "switchboard", frozenset({P.VIEW_ALERTS, P.VIEW_CLOCKS}))
    await door.change_roles(cambs, "tansy.millrace", "switchboard")
    switchboard = door.person("tansy.millrace")
    before = len(await rows(cambs, AccessEntry))
    alert = "query ($id: ID!) { alert(id: $id) { reference case { childDeath { childName } } } }"
    answer = await switchboard.run(alert, id=case.ids["alert"])
    assert answer["alert"] == {"reference": case.ids["reference"], "case": None}
    clocks = await switchboard.run("{ clocks(first: 1) { edges { node { case { id } } } } }")
    assert clocks["clocks"]["edges"][0]["node"]["case"] is None
    assert len(await rows(cambs, AccessEntry)) == before


@pytest.mark.parametrize("field", ["clocks { id }", "documents { id }"])
async def test_a_case_shows_only_the_parts_that_a_role_may_see(clinician: Api, case: Case, field: str) -> None:
    document = f"query ($id: ID!) {{ case(id: $id) {{ reference {field} }} }}"
    assert await clinician.codes(document, id=case.ids["case"]) == ["FORBIDDEN"]


async def test_each_look_at_a_record_is_logged(door: Door, cambs: Partnership, case: Case) -> None:
    caller = await cambs.member("designated_doctor")
    doctor = await door.member(cambs, "designated_doctor")
    record, file = ("child_death", "view"), ("case", "view")
    looks: list[tuple[str, list[tuple[str, str]]]] = [
        ("query ($death: ID!) { childDeath(id: $death) { age } }", [record]),
        ("query ($death: ID!) { childDeath(id: $death) { case { state } } }", [record, file]),
        ("{ childDeaths(first: 5) { edges { node { age } } } }", [record]),
        ("query ($case: ID!) { case(id: $case) { state } }", [file]),
        ("query ($case: ID!) { case(id: $case) { childDeath { age } } }", [file, record]),
        ("query ($alert: ID!) { alert(id: $alert) { case { childDeath { age } } } }", [file, record]),
        ("{ clocks(first: 1) { edges { node { case { state } } } } }", [file]),
        (operation("AlertScreen"), [file, record]),
        ("{ me { roles } alerts(first: 5) { edges { node { state } } } }", []),
    ]
    for document, expected in looks:
        before = len(await rows(cambs, AccessEntry))
        await doctor.run(document, **{n: v for n, v in case.ids.items() if f"${n}:" in document})
        made = (await rows(cambs, AccessEntry))[before:]
        assert sorted((look.subject_kind, look.action) for look in made) == sorted(expected), document
        assert {look.person_id for look in made} <= {caller.person_id}


async def test_a_look_at_what_is_not_there_is_none(
    door: Door, cambs: Partnership, herts: Partnership, case: Case
) -> None:
    elsewhere = await door.member(herts, "designated_doctor")
    for field in ("alert", "childDeath", "case"):
        answer = await elsewhere.run(RULES[field].call, **case.variables(field))
        assert answer == {field: None}
    for field in ("acknowledgeAlert", "declineAlert", "completeClock", "startDocumentUpload",
                  "completeDocumentUpload", "requestDocumentDownload"):  # fmt: skip
        answer = await elsewhere.run(RULES[field].call, **case.variables(field))
        assert answer["done"]["__typename"] == "NotFoundProblem"
    manager = await door.member(herts, "duty_manager")
    answer = await manager.run(RULES["makeAlertEvidence"].call, **case.variables("makeAlertEvidence"))
    assert answer["done"]["__typename"] == "NotFoundProblem"
    assert await rows(herts, AccessEntry) == []


async def test_a_retry_is_refused_to_whoever_has_lost_the_role(door: Door, cambs: Partnership, case: Case) -> None:
    social_worker = await door.member(cambs, "social_worker")
    inputs = {
        field: {**case.sent[field], "idempotencyKey": fresh_key()}
        for field in ("reportChildDeath", "completeClock", "startDocumentUpload")
    }
    for field, given in inputs.items():
        done = (await social_worker.run(RULES[field].call, input=given))["done"]
        assert done["__typename"].endswith("Payload")
    await door.change_roles(cambs, "tansy.millrace", "administrator")
    for field, given in inputs.items():
        refused = (await social_worker.run(RULES[field].call, input=given))["done"]
        assert refused["__typename"] == "ForbiddenProblem", field
