"""Offer, withdraw, answer and write about transfers between partnerships, and send their papers."""

import asyncio
from typing import Annotated
from uuid import UUID

import strawberry

from backend.cases import service as cases
from backend.documents import transfers as storage
from backend.identity.policies import Permission
from backend.kit.problems import Conflict, NotFound
from backend.kit.session import TenantSession
from backend.sharing import answering, delivering, offering, outside, papers, repository
from backend.sharing.models import PartnershipTransfer as Row
from backend.sharing.models import TransferPaper as PaperRow
from backend.sharing.repository import NO_PAPER, NO_TRANSFER
from backend.sharing.states import Side, State
from graphql_api.context import Info
from graphql_api.ids import key_of
from graphql_api.problems import AnyProblem, mutate
from graphql_api.scalars import Instant
from graphql_api.sharing.inputs import (
    AcceptTransferInput,
    AddTransferPaperInput,
    FetchSealedTransferInput,
    OfferTransferInput,
    OpenTransferGateInput,
    RecordOutsideAnswerInput,
    RecordOutsideSettledInput,
    RefuseTransferInput,
    RequestTransferPaperInput,
    ResendTransferInput,
    SealTransferInput,
    SettleTransferInput,
    WithdrawTransferInput,
    WriteAboutTransferInput,
    opened_told,
    paper_told,
)
from graphql_api.sharing.types import SealedTransfer, Transfer, TransferPaper
from tenants.partnerships import repository as partnerships


@strawberry.type(description="The transfer as it stands on your side.")
class TransferPayload:
    transfer: Transfer


@strawberry.type(description="The sealed file.")
class SealedTransferPayload:
    sealed: SealedTransfer


@strawberry.type(description="A link that works for a minute.")
class TransferLinkPayload:
    url: str
    expires_at: Instant
    paper: TransferPaper | None = strawberry.field(description="Null for a sealed file.")


TransferResult = Annotated[
    TransferPayload | AnyProblem,
    strawberry.union("TransferResult", description="The transfer, or why it was refused."),
]
SealedTransferResult = Annotated[
    SealedTransferPayload | AnyProblem,
    strawberry.union("SealedTransferResult", description="The sealed file, or why it was refused."),
]
TransferLinkResult = Annotated[
    TransferLinkPayload | AnyProblem,
    strawberry.union("TransferLinkResult", description="A link, or why it was refused."),
]


def _shown(row: Row) -> TransferPayload:
    return TransferPayload(transfer=Transfer.of(row))


def _sealed(row: SealedTransfer) -> SealedTransferPayload:
    return SealedTransferPayload(sealed=row)


def _linked(found: TransferLinkPayload) -> TransferLinkPayload:
    return found


async def _again(info: Info, session: TenantSession, transfer_id: UUID) -> Row:
    row = await repository.transfer(session, transfer_id)
    await cases.seen(session, info.context.caller, row.case_id, otherwise=NO_TRANSFER)
    return row


async def _paper(info: Info, session: TenantSession, paper_id: UUID) -> tuple[Row, PaperRow]:
    paper = await repository.paper(session, paper_id)
    if paper is None:
        raise NotFound(NO_PAPER)
    row = await repository.transfer(session, paper.transfer_id)
    await cases.seen(session, info.context.caller, row.case_id, otherwise=NO_PAPER)
    return row, paper


@strawberry.type
class TransferMutations:
    @strawberry.mutation(
        description="Offer a child's transfer. It crosses at once, a paper as soon as none of its gates is shut."
    )
    async def offer_transfer(self, info: Info, input: OfferTransferInput) -> TransferResult:
        async def work(session: TenantSession, transfer_id: UUID) -> Row:
            return await offering.offer(session, info.context.caller, input.told_of(), transfer_id)

        async def again(session: TenantSession, transfer_id: UUID) -> Row:
            return await _again(info, session, transfer_id)

        return await mutate(info, input, work, again=again, answer=_shown, needs=Permission.OFFER_TRANSFERS)

    @strawberry.mutation(description="Take an offer back. An acceptance that is on its way stands all the same.")
    async def withdraw_transfer(self, info: Info, input: WithdrawTransferInput) -> TransferResult:
        async def work(session: TenantSession, transfer_id: UUID) -> Row:
            return await offering.withdraw(session, info.context.caller, transfer_id, input.reason)

        async def again(session: TenantSession, transfer_id: UUID) -> Row:
            return await _again(info, session, transfer_id)

        return await mutate(info, input, work, again=again, answer=_shown, needs=Permission.OFFER_TRANSFERS,
                            about=("Transfer", input.transfer_id))  # fmt: skip

    @strawberry.mutation(description="Add a document of the case to a transfer's papers.")
    async def add_transfer_paper(self, info: Info, input: AddTransferPaperInput) -> TransferResult:
        async def work(session: TenantSession, transfer_id: UUID) -> Row:
            return (await papers.add(session, info.context.caller, transfer_id, paper_told(input.paper)))[0]

        async def again(session: TenantSession, transfer_id: UUID) -> Row:
            return await _again(info, session, transfer_id)

        return await mutate(info, input, work, again=again, answer=_shown, needs=Permission.OFFER_TRANSFERS,
                            about=("Transfer", input.transfer_id))  # fmt: skip

    @strawberry.mutation(description="Record what opens a gate of one paper. Once none is shut the paper crosses.")
    async def open_transfer_gate(self, info: Info, input: OpenTransferGateInput) -> TransferResult:
        async def work(session: TenantSession, paper_id: UUID) -> Row:
            return (await papers.open_gate(session, info.context.caller, paper_id, opened_told(input)))[0]

        async def again(session: TenantSession, paper_id: UUID) -> Row:
            return (await _paper(info, session, paper_id))[0]

        return await mutate(info, input, work, again=again, answer=_shown, needs=Permission.OFFER_TRANSFERS,
                            about=("TransferPaper", input.paper_id))  # fmt: skip

    @strawberry.mutation(
        description="Accept a transfer, naming who is accountable. The child and the papers come onto your case."
    )
    async def accept_transfer(self, info: Info, input: AcceptTransferInput) -> TransferResult:
        async def work(session: TenantSession, transfer_id: UUID) -> Row:
            return await answering.accept(session, info.context.caller, transfer_id, input.told_of())

        async def again(session: TenantSession, transfer_id: UUID) -> Row:
            return await _again(info, session, transfer_id)

        return await mutate(info, input, work, again=again, answer=_shown, needs=Permission.ANSWER_TRANSFERS,
                            about=("Transfer", input.transfer_id))  # fmt: skip

    @strawberry.mutation(description="Refuse a transfer with the reason. The sender stays responsible.")
    async def refuse_transfer(self, info: Info, input: RefuseTransferInput) -> TransferResult:
        async def work(session: TenantSession, transfer_id: UUID) -> Row:
            return await answering.refuse(session, info.context.caller, transfer_id, input.reason)

        async def again(session: TenantSession, transfer_id: UUID) -> Row:
            return await _again(info, session, transfer_id)

        return await mutate(info, input, work, again=again, answer=_shown, needs=Permission.ANSWER_TRANSFERS,
                            about=("Transfer", input.transfer_id))  # fmt: skip

    @strawberry.mutation(description="Ask the other side something, or answer it. Responsibility stays where it is.")
    async def write_about_transfer(self, info: Info, input: WriteAboutTransferInput) -> TransferResult:
        async def work(session: TenantSession, transfer_id: UUID) -> Row:
            return await answering.write(session, info.context.caller, transfer_id, input.text)

        async def again(session: TenantSession, transfer_id: UUID) -> Row:
            return await _again(info, session, transfer_id)

        return await mutate(info, input, work, again=again, answer=_shown, needs=Permission.OFFER_TRANSFERS,
                            about=("Transfer", input.transfer_id))  # fmt: skip

    @strawberry.mutation(
        description="Tell the other side that it has happened on which responsibility passes, such as your conference."
    )
    async def settle_transfer(self, info: Info, input: SettleTransferInput) -> TransferResult:
        async def work(session: TenantSession, transfer_id: UUID) -> Row:
            return await answering.settle(session, info.context.caller, transfer_id)

        async def again(session: TenantSession, transfer_id: UUID) -> Row:
            return await _again(info, session, transfer_id)

        return await mutate(info, input, work, again=again, answer=_shown, needs=Permission.OFFER_TRANSFERS,
                            about=("Transfer", input.transfer_id))  # fmt: skip

    @strawberry.mutation(description="Send anew what could not be brought to the other side. Nothing arrives twice.")
    async def resend_transfer(self, info: Info, input: ResendTransferInput) -> TransferResult:
        async def work(session: TenantSession, transfer_id: UUID) -> Row:
            return await delivering.resend(session, info.context.caller, transfer_id)

        async def again(session: TenantSession, transfer_id: UUID) -> Row:
            return await _again(info, session, transfer_id)

        return await mutate(info, input, work, again=again, answer=_shown, needs=Permission.OFFER_TRANSFERS,
                            about=("Transfer", input.transfer_id))  # fmt: skip

    @strawberry.mutation(description="A link to a paper that has come, given once the request is on the access log.")
    async def request_transfer_paper(self, info: Info, input: RequestTransferPaperInput) -> TransferLinkResult:
        async def work(session: TenantSession, paper_id: UUID) -> TransferLinkPayload:
            row, paper = await _paper(info, session, paper_id)
            if row.side is not Side.INCOMING or row.state not in {State.OFFERED, State.ACCEPTED}:
                raise Conflict("Only a paper that came is fetched here, while its transfer stands.")
            by = info.context.caller.person_id
            await cases.log_access(session, by, "transfer_paper", paper.id, "download", case_id=row.case_id)
            link = await asyncio.to_thread(storage.link, await partnerships.own(session), paper)
            return TransferLinkPayload(url=link.url, expires_at=Instant(link.expires_at), paper=TransferPaper.of(paper))

        # A new link for the same key is a new look at the record, and is logged as one.
        return await mutate(info, input, work, again=work, answer=_linked, needs=Permission.VIEW_TRANSFERS,
                            about=("TransferPaper", input.paper_id))  # fmt: skip


@strawberry.type
class OutsideTransferMutations:
    @strawberry.mutation(
        description="Seal packet and papers whose gates are open into one file that only the receiver's key opens."
    )
    async def seal_transfer(self, info: Info, input: SealTransferInput) -> SealedTransferResult:
        async def work(session: TenantSession, export_id: UUID) -> SealedTransfer:
            transfer_id = key_of("Transfer", input.transfer_id)
            return SealedTransfer.of(await outside.make(session, info.context.caller, transfer_id, export_id))

        async def again(session: TenantSession, export_id: UUID) -> SealedTransfer:
            export = await repository.export(session, export_id)
            await _again(info, session, export.transfer_id)
            return SealedTransfer.of(export)

        return await mutate(info, input, work, again=again, answer=_sealed, needs=Permission.OFFER_TRANSFERS)

    @strawberry.mutation(description="A link to a sealed file. It is fetched once; who needs it again makes another.")
    async def fetch_sealed_transfer(self, info: Info, input: FetchSealedTransferInput) -> TransferLinkResult:
        async def work(session: TenantSession, export_id: UUID) -> TransferLinkPayload:
            _, link = await outside.fetch(session, info.context.caller, export_id)
            return TransferLinkPayload(url=link.url, expires_at=Instant(link.expires_at), paper=None)

        return await mutate(info, input, work, again=work, answer=_linked, needs=Permission.OFFER_TRANSFERS,
                            about=("SealedTransfer", input.sealed_id))  # fmt: skip

    @strawberry.mutation(description="Record by hand what somebody outside has answered, with the evidence.")
    async def record_outside_answer(self, info: Info, input: RecordOutsideAnswerInput) -> TransferResult:
        async def work(session: TenantSession, transfer_id: UUID) -> Row:
            return await outside.record_answer(session, info.context.caller, transfer_id, input.told_of())

        async def again(session: TenantSession, transfer_id: UUID) -> Row:
            return await _again(info, session, transfer_id)

        return await mutate(info, input, work, again=again, answer=_shown, needs=Permission.OFFER_TRANSFERS,
                            about=("Transfer", input.transfer_id))  # fmt: skip

    @strawberry.mutation(description="Record when that happened outside on which responsibility passes.")
    async def record_outside_settled(self, info: Info, input: RecordOutsideSettledInput) -> TransferResult:
        async def work(session: TenantSession, transfer_id: UUID) -> Row:
            return await outside.record_settled(
                session, info.context.caller, transfer_id, input.happened_at, input.evidence
            )

        async def again(session: TenantSession, transfer_id: UUID) -> Row:
            return await _again(info, session, transfer_id)

        return await mutate(info, input, work, again=again, answer=_shown, needs=Permission.OFFER_TRANSFERS,
                            about=("Transfer", input.transfer_id))  # fmt: skip
