"""The schema: one class of queries and one of mutations from each domain."""

import strawberry

from graphql_api.alerts.mutations import AlertMutations
from graphql_api.alerts.queries import AlertQueries
from graphql_api.alerts.raising import AlertRaisingMutations
from graphql_api.alerts.slots import SlotMutations
from graphql_api.applications.mutations import ApplicationMutations
from graphql_api.applications.queries import ApplicationQueries
from graphql_api.cases.access_mutations import CaseAccessMutations
from graphql_api.cases.chronology_mutations import ChronologyMutations
from graphql_api.cases.drafts import DraftMutations, DraftQueries
from graphql_api.cases.handing import CaseHandingMutations
from graphql_api.cases.opening import CaseOpeningMutations
from graphql_api.cases.people_mutations import CasePeopleMutations
from graphql_api.cases.queries import CaseQueries
from graphql_api.changes.queries import ChangeQueries
from graphql_api.changes.subscriptions import ChangeSubscriptions
from graphql_api.child_deaths.mutations import ChildDeathMutations
from graphql_api.child_deaths.queries import ChildDeathQueries
from graphql_api.clocks.mutations import ClockMutations
from graphql_api.clocks.queries import ClockQueries
from graphql_api.contacts.devices import DeviceMutations
from graphql_api.contacts.mutations import ContactMutations
from graphql_api.contacts.queries import ContactQueries
from graphql_api.coverage.queries import CoverageQueries
from graphql_api.directory.files import DirectoryFileMutations, DirectoryFileQueries
from graphql_api.directory.mutations import DirectoryMutations
from graphql_api.directory.post_mutations import DirectoryPostMutations
from graphql_api.directory.posts import DirectoryPostQueries
from graphql_api.directory.queries import DirectoryQueries
from graphql_api.documents.mutations import DocumentMutations
from graphql_api.drills.mutations import DrillMutations
from graphql_api.drills.queries import DrillQueries
from graphql_api.execution import ExecutableSchema
from graphql_api.feeds.mutations import FeedMutations
from graphql_api.feeds.queries import FeedQueries
from graphql_api.glossary import describe
from graphql_api.handovers.mutations import HandoverMutations
from graphql_api.handovers.queries import HandoverQueries
from graphql_api.letters.mutations import LetterMutations
from graphql_api.letters.queries import LetterQueries
from graphql_api.meetings.calling_mutations import MeetingCallingMutations
from graphql_api.meetings.mending_mutations import MeetingMendingMutations
from graphql_api.meetings.minutes_mutations import MeetingMinutesMutations
from graphql_api.meetings.queries import MeetingQueries
from graphql_api.node_queries import NodeQueries
from graphql_api.oversight.mutations import OversightMutations
from graphql_api.oversight.queries import OversightQueries
from graphql_api.partnerships.queries import PartnershipQueries
from graphql_api.pathways.casework_mutations import PathwayCaseworkMutations
from graphql_api.pathways.edition_mutations import PathwayEditionMutations
from graphql_api.pathways.queries import PathwayQueries
from graphql_api.pathways.run_mutations import PathwayRunMutations
from graphql_api.people.mutations import PeopleMutations
from graphql_api.people.queries import PeopleQueries
from graphql_api.policies.mutations import AlertPolicyMutations
from graphql_api.policies.preferences import NotificationRulesMutations, NotificationRulesQueries
from graphql_api.policies.preview import AlertPreviewQueries
from graphql_api.policies.queries import AlertPolicyQueries
from graphql_api.printed_rotas.queries import PrintedRotaQueries
from graphql_api.procedures.amending_mutations import ProcedureAmendmentMutations
from graphql_api.procedures.amendments import ProcedureAmendmentQueries
from graphql_api.procedures.editing import ProcedureEditingMutations
from graphql_api.procedures.imports import ProcedureImportMutations
from graphql_api.procedures.prints import ProcedurePrintMutations, ProcedurePrintQueries
from graphql_api.procedures.queries import ProcedureQueries
from graphql_api.procedures.register_mutations import ProcedureRegisterMutations
from graphql_api.procedures.registers import ProcedureRegisterQueries
from graphql_api.readiness.queries import ReadinessQueries
from graphql_api.referrals.mutations import ReferralMutations
from graphql_api.referrals.queries import ReferralQueries
from graphql_api.registers.death_mutations import DeathRegisterMutations
from graphql_api.registers.death_queries import DeathRegisterQueries
from graphql_api.registers.enquiry_mutations import EnquiryMutations
from graphql_api.registers.enquiry_queries import EnquiryQueries
from graphql_api.registers.plan_mutations import PlanRegisterMutations
from graphql_api.registers.plans import PlanRegisterQueries
from graphql_api.rota_imports.mutations import RotaImportMutations
from graphql_api.rotas.mutations import RotaMutations
from graphql_api.rotas.queries import RotaQueries
from graphql_api.rotas.swaps import SwapMutations
from graphql_api.scalars import CONFIG
from graphql_api.sharing.mutations import OutsideTransferMutations, TransferMutations
from graphql_api.sharing.queries import TransferQueries
from graphql_api.statistics.queries import StatisticQueries
from graphql_api.thresholds.edition_mutations import ThresholdEditionMutations
from graphql_api.thresholds.mutations import ThresholdMutations
from graphql_api.thresholds.queries import ThresholdQueries
from graphql_api.webhooks.mutations import WebhookMutations
from graphql_api.webhooks.queries import WebhookQueries


@strawberry.type(description="What you can look at in your partnership, as far as your roles allow.")
class Query(
    PartnershipQueries,
    RotaQueries,
    CoverageQueries,
    FeedQueries,
    PrintedRotaQueries,
    AlertQueries,
    ChildDeathQueries,
    CaseQueries,
    DraftQueries,
    ClockQueries,
    PathwayQueries,
    MeetingQueries,
    LetterQueries,
    ProcedureQueries,
    ProcedureAmendmentQueries,
    ProcedurePrintQueries,
    ProcedureRegisterQueries,
    ContactQueries,
    ReadinessQueries,
    HandoverQueries,
    AlertPolicyQueries,
    AlertPreviewQueries,
    DrillQueries,
    NotificationRulesQueries,
    OversightQueries,
    DirectoryQueries,
    DirectoryPostQueries,
    DirectoryFileQueries,
    PeopleQueries,
    StatisticQueries,
    ThresholdQueries,
    TransferQueries,
    ApplicationQueries,
    WebhookQueries,
    ChangeQueries,
    PlanRegisterQueries,
    EnquiryQueries,
    DeathRegisterQueries,
    ReferralQueries,
    NodeQueries,
):
    pass


@strawberry.type(description="What you can do. Each is done once for its idempotency key, or refused with a reason.")
class Mutation(
    ChildDeathMutations,
    AlertMutations,
    CaseOpeningMutations,
    CasePeopleMutations,
    CaseAccessMutations,
    CaseHandingMutations,
    ChronologyMutations,
    DraftMutations,
    ClockMutations,
    PathwayEditionMutations,
    PathwayRunMutations,
    PathwayCaseworkMutations,
    MeetingCallingMutations,
    MeetingMinutesMutations,
    MeetingMendingMutations,
    LetterMutations,
    ProcedureEditingMutations,
    ProcedureImportMutations,
    ProcedureAmendmentMutations,
    ProcedurePrintMutations,
    ProcedureRegisterMutations,
    DocumentMutations,
    RotaMutations,
    SwapMutations,
    FeedMutations,
    RotaImportMutations,
    ContactMutations,
    HandoverMutations,
    AlertRaisingMutations,
    SlotMutations,
    AlertPolicyMutations,
    DrillMutations,
    NotificationRulesMutations,
    OversightMutations,
    DeviceMutations,
    DirectoryMutations,
    DirectoryPostMutations,
    DirectoryFileMutations,
    PeopleMutations,
    ThresholdEditionMutations,
    ThresholdMutations,
    TransferMutations,
    OutsideTransferMutations,
    ApplicationMutations,
    WebhookMutations,
    PlanRegisterMutations,
    EnquiryMutations,
    DeathRegisterMutations,
    ReferralMutations,
):
    pass


@strawberry.type(description="What you can follow over WebSocket, by graphql-transport-ws.")
class Subscription(ChangeSubscriptions):
    pass


schema = ExecutableSchema(query=Query, mutation=Mutation, subscription=Subscription, config=CONFIG)
describe(schema.core)
