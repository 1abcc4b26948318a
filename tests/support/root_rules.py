"""What it takes to use each root field, and a call of it that gets as far as being refused for want of that."""

from dataclasses import dataclass
from typing import Final

from backend.identity.policies import Permission

P = Permission


@dataclass(frozen=True)
class Rule:
    """A root field: what it takes to use it (None: membership), and a call of it."""

    needs: Permission | None
    call: str


def _mutation(name: str) -> str:
    capital = name[0].upper() + name[1:]
    return (
        f"mutation ($input: {capital}Input!)"
        f" {{ done: {name}(input: $input) {{ __typename ... on Problem {{ message }} }} }}"
    )


# Mutations by what they take.
_MUTATIONS: Final[dict[Permission | None, str]] = {
    P.MANAGE_ROTAS: "overrideRota assignShift replaceRotaSpan changeRota createRota describeRota endRota importRota",
    P.VIEW_ROTAS: (
        "recordLeave withdrawRotaAdjustment takeOverShift askShiftSwap agreeShiftSwap declineShiftSwap "
        "withdrawShiftSwap createCalendarFeed revokeCalendarFeed"
    ),
    P.MAKE_EVIDENCE: "makeAlertEvidence",
    P.REPORT_CHILD_DEATH: "reportChildDeath",
    P.ANSWER_ALERTS: "acknowledgeAlert declineAlert confirmAttendance offerSlot answerSlotOffer withdrawSlotOffer",
    P.RAISE_ALERTS: "raiseAlert",
    P.CLOSE_ALERTS: "closeAlert",
    P.OVERRIDE_ALERTS: "answerForSomebody",
    P.MANAGE_ALERT_POLICIES: "draftAlertPolicy validateAlertPolicy switchOnAlertPolicy",
    P.RUN_DRILLS: "scheduleDrills endDrillSchedule",
    P.VIEW_ALERTS: "setNotificationRules",
    P.OPEN_CASES: "openCase",
    P.MAKE_REFERRALS: "makeReferral",
    P.EDIT_CASES: (
        "addSubject recordBirth correctExpectedDate correctChild addChildAddress addParty addHouseholdMember "
        "endHouseholdMember recordRelationship endRelationship assignPractitioner endAssignment linkCases "
        "unlinkCases addChronologyEntry correctChronologyEntry restrictCase closeCase reopenCase handOverCase "
        "barFromCase liftCaseBar liftCaseRestriction startPathway movePathway "
        "completePathwayForm givePathwayNotice signOffPathway openPathwayGate closePathway migratePathway "
        "decidePathway answerPathwayDecision recordPathwayEvent correctPathwayEvent attachPathwayOverlay "
        "detachPathwayOverlay acknowledgeDeparture answerDeparture settlePathwayTask assignPathwayTask "
        "recordIndicator endIndicator decideThreshold giveThresholdView"
    ),
    P.BREAK_GLASS: "breakGlass",
    P.VIEW_CASES: "saveDraft discardDraft decideEnquiryDuty raiseDisagreement",
    P.MANAGE_TEAMS: "createTeam setTeamMembers",
    P.DRAFT_PATHWAYS: "draftPathwayEdition checkPathwayEdition",
    P.APPROVE_PATHWAYS: "approvePathwayEdition withdrawPathwayEdition",
    P.HOLD_MEETINGS: (
        "callMeeting inviteToMeeting holdMeeting adjournMeeting cancelMeeting recordMeetingMinutes "
        "approveMeetingMinutes circulateMeetingMinutes addMeetingAction decideAtMeeting removeMeetingInvitee "
        "correctMeetingAttendance"
    ),
    P.ATTEND_MEETINGS: "answerMeetingInvitation confirmMinutesRead",
    P.COMPLETE_CLOCKS: "completeClock",
    P.EXPLAIN_CLOCKS: "giveBreachReason",
    P.EXTEND_CLOCKS: "extendClock",
    P.CHANGE_CLOCKS: "pauseClock resumeClock correctClockStart",
    P.ADD_DOCUMENTS: "startDocumentUpload completeDocumentUpload issueLetter",
    P.VIEW_DOCUMENTS: "requestDocumentDownload",
    None: (
        "addContactMethod requestContactCode confirmContactMethod retireContactMethod orderContactMethods "
        "registerDevice rotateDevice revokeDevice requestProcedurePrint proposeProcedureAmendment "
        "acknowledgeProcedureCirculation forwardProcedureCirculation subscribeToProcedures"
    ),
    P.MANAGE_PEOPLE: "addPerson changePerson setMembership markPersonLeft markPersonBack",
    P.MANAGE_QUALIFICATIONS: "grantQualification withdrawQualification addPersonToArea removePersonFromArea",
    P.MANAGE_DIRECTORY: (
        "verifyDirectoryPoint createDirectoryEntry changeDirectoryEntry retireDirectoryEntry rotateWebhookSecret "
        "createDirectoryPost appointToDirectoryPost endDirectoryAppointment retireDirectoryPost importDirectory"
    ),
    P.DRAFT_THRESHOLDS: "draftThresholds",
    P.APPROVE_THRESHOLDS: "approveThresholds withdrawThresholds",
    P.MANAGE_INTEGRATIONS: (
        "grantApplication revokeApplication createWebhookEndpoint rotateWebhookEndpointSecret "
        "pauseWebhookEndpoint resumeWebhookEndpoint retireWebhookEndpoint sendTestWebhook replayWebhook"
    ),
    P.WRITE_HANDOVERS: "writeHandover acknowledgeHandover",
    P.WRITE_PROCEDURES: (
        "draftProcedureEdition changeProcedureEdition correctProcedureProvisions mergeProcedureProvisions "
        "splitProcedureProvision addProcedureProvision removeProcedureProvision setProcedureReference "
        "setProcedureTerm setProcedureHandbook setProcedureLinks enterInProcedureRegister "
        "changeProcedureRegisterEntry checkProcedureRegisterEntry retireProcedureRegisterEntry "
        "resolveProcedureDoubt wordLetter startProcedureImport completeProcedureImport collateProcedureAmendment"
    ),
    P.APPROVE_PROCEDURES: (
        "approveProcedureEdition withdrawProcedureEdition recordProcedureAdoption refuseProcedureAmendment "
        "agreeProcedureAmendment circulateProcedureAmendment nominateProcedureManager"
    ),
    P.OFFER_TRANSFERS: (
        "offerTransfer withdrawTransfer resendTransfer "
        "addTransferPaper openTransferGate writeAboutTransfer settleTransfer "
        "sealTransfer fetchSealedTransfer recordOutsideAnswer recordOutsideSettled"
    ),
    P.ANSWER_TRANSFERS: "acceptTransfer refuseTransfer",
    P.VIEW_TRANSFERS: "requestTransferPaper",
    P.KEEP_PLAN_REGISTER: "recordPlanStay endPlanStay correctPlanEntry",
    P.TAKE_ENQUIRIES: "recordChildEnquiry checkEnquirer searchForEnquiry answerChildEnquiry",
    P.KEEP_DEATH_REGISTER: "recordDeathNotice matchDeathNotice recordDeathStep",
}
_QUERIES: Final[dict[str, tuple[Permission | None, str]]] = {
    "changes": (None, "{ changes(first: 1) { __typename } }"),
    "me": (None, "{ me { roles } }"),
    "node": (P.VIEW_ROTAS, "query ($rota: ID!) { node(id: $rota) { id } }"),
    "partnership": (None, "{ partnership { slug } }"),
    "onCallNow": (P.VIEW_ROTAS, '{ onCallNow(role: "sio") { covered } }'),
    "rotas": (P.VIEW_ROTAS, "{ rotas { id } }"),
    "rota": (P.VIEW_ROTAS, "query ($rota: ID!) { rota(id: $rota) { name } }"),
    "myShifts": (P.VIEW_ROTAS, "{ myShifts(first: 1) { edges { cursor } } }"),
    "shiftSwaps": (P.VIEW_ROTAS, "{ shiftSwaps(first: 1) { edges { cursor } } }"),
    "rotaWarnings": (P.VIEW_ROTAS, "{ rotaWarnings(first: 1) { edges { cursor } } }"),
    "rotaFairness": (
        P.VIEW_ROTAS,
        (
            'query ($rota: ID!) { rotaFairness(rota: $rota, from: "2026-11-01T00:00:00Z", until:'
            ' "2026-11-08T00:00:00Z") { averages { hours } } }'
        ),
    ),
    "calendarFeeds": (P.VIEW_ROTAS, "{ calendarFeeds(first: 1) { edges { cursor } } }"),
    "printedRota": (P.VIEW_PRINTED_ROTAS, "{ printedRota { version } }"),
    "myContactMethods": (None, "{ myContactMethods { id } }"),
    "contactMethodsOf": (P.VIEW_READINESS, "query ($person: ID!) { contactMethodsOf(personId: $person) { id } }"),
    "myReadiness": (None, "{ myReadiness { ready } }"),
    "readiness": (P.VIEW_READINESS, "{ readiness { ready } }"),
    "handover": (P.VIEW_HANDOVERS, "query ($handover: ID!) { handover(id: $handover) { id } }"),
    "handovers": (P.VIEW_HANDOVERS, "{ handovers(first: 1) { edges { cursor } } }"),
    "alert": (P.ANSWER_ALERTS, "query ($alert: ID!) { alert(id: $alert) { id } }"),
    "alerts": (P.ANSWER_ALERTS, "{ alerts(first: 1) { edges { cursor } } }"),
    "childDeath": (P.VIEW_CHILD_DEATHS, "query ($death: ID!) { childDeath(id: $death) { id } }"),
    "childDeaths": (P.VIEW_CHILD_DEATHS, "{ childDeaths(first: 1) { edges { cursor } } }"),
    "case": (P.VIEW_CASES, "query ($case: ID!) { case(id: $case) { id } }"),
    "clocks": (P.VIEW_CLOCKS, "{ clocks(first: 1) { edges { cursor } } }"),
    "oversight": (P.OVERSEE_MESSAGES, "{ oversight { queues { owed } } }"),
    "messages": (P.OVERSEE_MESSAGES, "{ messages(first: 1) { edges { cursor } } }"),
    "alertPolicies": (P.VIEW_ALERT_POLICIES, "{ alertPolicies(first: 1) { edges { cursor } } }"),
    "alertPreview": (P.VIEW_ALERT_POLICIES, '{ alertPreview(type: "missing-from-care") { version } }'),
    "configurationAlarms": (P.VIEW_ALERT_POLICIES, "{ configurationAlarms(first: 1) { edges { cursor } } }"),
    "drills": (P.VIEW_ALERT_POLICIES, "{ drills(first: 1) { edges { cursor } } }"),
    "drillSchedules": (P.VIEW_ALERT_POLICIES, "{ drillSchedules(first: 1) { edges { cursor } } }"),
    "myNotificationRules": (P.VIEW_ALERTS, "{ myNotificationRules { urgent { after } } }"),
    "cases": (P.VIEW_CASES, "{ cases(first: 1) { edges { cursor } } }"),
    "searchCases": (P.VIEW_CASES, '{ searchCases(text: "nobody", first: 1) { edges { cursor } } }'),
    "child": (P.VIEW_CASES, "query ($child: ID!) { child(id: $child) { id } }"),
    "teams": (P.VIEW_CASES, "{ teams { id } }"),
    "drafts": (P.VIEW_CASES, "{ drafts(first: 1) { edges { cursor } } }"),
    "referral": (P.MAKE_REFERRALS, "query ($referral: ID!) { referral(id: $referral) { id } }"),
    "referrals": (P.MAKE_REFERRALS, "{ referrals(first: 1) { edges { cursor } } }"),
    "pathwayEditions": (P.VIEW_PATHWAYS, "{ pathwayEditions(first: 1) { edges { cursor } } }"),
    "pathwayEdition": (P.VIEW_PATHWAYS, "query ($edition: ID!) { pathwayEdition(id: $edition) { id } }"),
    "pathwayRun": (P.VIEW_CASES, "query ($run: ID!) { pathwayRun(id: $run) { id } }"),
    "pathwayDifferences": (
        P.VIEW_PATHWAYS,
        "query ($edition: ID!) { pathwayDifferences(earlierId: $edition, laterId: $edition) { path } }",
    ),
    "pathwayMigration": (
        P.VIEW_CASES,
        "query ($run: ID!, $edition: ID!) { pathwayMigration(runId: $run, editionId: $edition) { path } }",
    ),
    "tasks": (P.VIEW_CASES, "{ tasks(first: 1) { edges { cursor } } }"),
    "meeting": (P.VIEW_CASES, "query ($meeting: ID!) { meeting(id: $meeting) { id } }"),
    "meetings": (P.VIEW_CASES, "query ($case: ID!) { meetings(caseId: $case, first: 1) { edges { cursor } } }"),
    "myMeetings": (P.ATTEND_MEETINGS, "{ myMeetings(first: 1) { edges { cursor } } }"),
    "people": (P.VIEW_PEOPLE, "{ people(first: 1) { edges { cursor } } }"),
    "personRecord": (P.VIEW_PEOPLE, "query ($person: ID!) { personRecord(id: $person) { id } }"),
    "agencies": (P.VIEW_PEOPLE, "{ agencies { code } }"),
    "whoToCall": (P.VIEW_DIRECTORY, '{ whoToCall(about: "crime") { inDanger } }'),
    "directoryTopics": (P.VIEW_DIRECTORY, "{ directoryTopics }"),
    "directoryServices": (P.VIEW_DIRECTORY, "{ directoryServices(first: 1) { edges { cursor } } }"),
    "partnershipReadiness": (P.VIEW_READINESS, "{ partnershipReadiness { kind } }"),
    "thresholds": (P.VIEW_THRESHOLDS, "{ thresholds { id } }"),
    "thresholdEditions": (P.VIEW_THRESHOLDS, "{ thresholdEditions(first: 1) { edges { cursor } } }"),
    "thresholdEdition": (P.VIEW_THRESHOLDS, "query ($threshold: ID!) { thresholdEdition(id: $threshold) { id } }"),
    "caseThreshold": (P.VIEW_CASES, "query ($case: ID!) { caseThreshold(caseId: $case) { suggestion { level } } }"),
    "statistic": (
        P.VIEW_STATISTICS,
        '{ statistic(code: REFERRALS, fromOn: "2026-01-01", untilOn: "2026-02-01") { guarded } }',
    ),
    "thresholdStanding": (P.VIEW_THRESHOLD_FIGURES, "{ thresholdStanding { cases } }"),
    "thresholdFigures": (
        P.VIEW_THRESHOLD_FIGURES,
        '{ thresholdFigures(fromOn: "2026-01-01", untilOn: "2026-12-31") { decisions } }',
    ),
    "thresholdDryRun": (
        P.VIEW_THRESHOLD_FIGURES,
        "query ($threshold: ID!) { thresholdDryRun(editionId: $threshold) { cases } }",
    ),
    "directoryEntries": (P.VIEW_DIRECTORY, "{ directoryEntries(first: 1) { edges { cursor } } }"),
    "applications": (P.MANAGE_INTEGRATIONS, "{ applications { name } }"),
    "applicationScopes": (P.MANAGE_INTEGRATIONS, "{ applicationScopes { code } }"),
    "webhookEndpoints": (P.MANAGE_INTEGRATIONS, "{ webhookEndpoints { name } }"),
    "webhookEventTypes": (P.MANAGE_INTEGRATIONS, "{ webhookEventTypes { code } }"),
    "procedureEditions": (None, "{ procedureEditions(first: 1) { edges { cursor } } }"),
    "procedureEdition": (None, "query ($manual: ID!) { procedureEdition(id: $manual) { id } }"),
    "proceduresInForce": (None, "{ proceduresInForce { id } }"),
    "procedureProvision": (None, '{ procedureProvision(manual: "x", address: "1") { text } }'),
    "searchProcedures": (None, '{ searchProcedures(text: "child", first: 1) { address } }'),
    "procedureIndex": (None, "query ($manual: ID!) { procedureIndex(editionId: $manual) { subject } }"),
    "procedureDifferences": (
        None,
        "query ($manual: ID!) { procedureDifferences(earlierId: $manual, laterId: $manual) { change } }",
    ),
    "procedureBundle": (None, '{ procedureBundle(manual: "x") { version } }'),
    "procedureImports": (P.WRITE_PROCEDURES, "{ procedureImports(first: 1) { edges { cursor } } }"),
    "procedureImport": (P.WRITE_PROCEDURES, "query ($manual: ID!) { procedureImport(id: $manual) { id } }"),
    "procedureAmendments": (None, "{ procedureAmendments(first: 1) { edges { cursor } } }"),
    "myProcedureCirculations": (None, "{ myProcedureCirculations(first: 1) { edges { cursor } } }"),
    "procedureRegister": (None, "{ procedureRegister(first: 1) { edges { cursor } } }"),
    "procedureRegisterEntry": (None, "query ($manual: ID!) { procedureRegisterEntry(id: $manual) { id } }"),
    "directoryPosts": (P.VIEW_DIRECTORY, "{ directoryPosts(first: 1) { edges { cursor } } }"),
    "directoryChanges": (P.VIEW_DIRECTORY, "{ directoryChanges(first: 1) { edges { cursor } } }"),
    "directoryFile": (P.MANAGE_DIRECTORY, "{ directoryFile(format: CSV) }"),
    "procedurePrint": (None, "query ($print: ID!) { procedurePrint(id: $print) { url } }"),
    "letterTemplates": (None, "{ letterTemplates { id } }"),
    "letterPreview": (
        P.ADD_DOCUMENTS,
        'query ($case: ID!) { letterPreview(template: "child-death-form-a", aboutId: $case) { title } }',
    ),
    "letters": (P.VIEW_DOCUMENTS, "query ($case: ID!) { letters(caseId: $case, first: 1) { edges { cursor } } }"),
    "transferPartners": (P.VIEW_TRANSFERS, "{ transferPartners { code } }"),
    "transferForms": (P.VIEW_TRANSFERS, "{ transferForms { kind } }"),
    "transfers": (P.VIEW_TRANSFERS, "{ transfers(first: 1) { edges { cursor } } }"),
    "transfer": (P.VIEW_TRANSFERS, "query ($transfer: ID!) { transfer(id: $transfer) { id } }"),
    "planRegister": (P.VIEW_PLAN_REGISTER, "{ planRegister(first: 1) { total } }"),
    "planRegisterFile": (P.VIEW_PLAN_REGISTER, "{ planRegisterFile { rows } }"),
    "childEnquiry": (P.TAKE_ENQUIRIES, "query ($enquiry: ID!) { childEnquiry(id: $enquiry) { id } }"),
    "childEnquiries": (P.OVERSEE_ENQUIRIES, "{ childEnquiries(first: 1) { edges { cursor } } }"),
    "enquiryDuties": (P.VIEW_CASES, "{ enquiryDuties(first: 1) { edges { cursor } } }"),
    "deathRegister": (P.VIEW_DEATH_REGISTER, "{ deathRegister(first: 1) { total } }"),
    "deathRegisterFile": (P.VIEW_DEATH_REGISTER, "{ deathRegisterFile { rows } }"),
    "deathNotices": (P.VIEW_DEATH_REGISTER, "{ deathNotices(first: 1) { edges { cursor } } }"),
}
RULES: Final[dict[str, Rule]] = {
    **{name: Rule(needs, _mutation(name)) for needs, names in _MUTATIONS.items() for name in names.split()},
    **{name: Rule(needs, call) for name, (needs, call) in _QUERIES.items()},
}
