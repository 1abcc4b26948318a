"""A transfer between partnerships as either side is shown its own copy."""

from datetime import date, datetime
from enum import Enum
from uuid import UUID

import strawberry

from backend.cases.service import local_day
from backend.sharing import kinds, states
from backend.sharing.kinds import FORMS, Form
from backend.sharing.models import PartnershipTransfer as Row
from backend.sharing.models import TransferAct as ActRow
from backend.sharing.models import TransferExport as ExportRow
from backend.sharing.models import TransferPaper as PaperRow
from backend.sharing.papers import shut
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.nodes import Node
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.scalars import Instant
from graphql_api.sharing.packet import TransferPacket
from tenants.partnerships.models import Partnership, PartnershipArea

TransferKind: type[Enum] = strawberry.enum(
    kinds.Kind, name="TransferKind", description="What passes from one partnership to another."
)
TransferState: type[Enum] = strawberry.enum(
    states.State, name="TransferState",
    description="How a transfer stands. It is OFFERED until the other side answers, however long it is silent.",
)  # fmt: skip
TransferSide: type[Enum] = strawberry.enum(
    states.Side, name="TransferSide", description="Whether your partnership offered the transfer or received it."
)
TransferResponsible: type[Enum] = strawberry.enum(
    states.Responsible, name="TransferResponsible", description="Which side answers for the child."
)
TransferGate: type[Enum] = strawberry.enum(
    kinds.Gate, name="TransferGate", description="What has to be recorded before a paper may leave."
)
TransferPaperKind: type[Enum] = strawberry.enum(
    kinds.PaperKind, name="TransferPaperKind", description="What a paper is, by which its gates are chosen."
)
TransferItemType: type[Enum] = strawberry.enum(
    kinds.ItemType, name="TransferItemType", description="How an item is written."
)


@strawberry.type(description="One thing that is told with a kind of transfer, beside who the child is.")
class TransferFormItem:
    code: str
    label: str
    required: bool
    type: TransferItemType  # type: ignore[valid-type]


@strawberry.type(description="What a kind of transfer asks for.")
class TransferForm:
    kind: TransferKind  # type: ignore[valid-type]
    pathway: str = strawberry.field(description="Code of the pathway that both sides run, each its own.")
    citation: str
    needs_agreement: bool = strawberry.field(description="Agreement, or a ground for sharing without it, is required.")
    refusable: bool
    items: list[TransferFormItem]

    @classmethod
    def of(cls, kind: kinds.Kind, form: Form) -> "TransferForm":
        items = [
            TransferFormItem(code=one.code, label=one.label, required=one.required, type=one.type)
            for one in form.items
        ]  # fmt: skip
        return cls(kind=kind, pathway=form.pathway, citation=form.citation, needs_agreement=form.needs_agreement,
                   refusable=form.refusable, items=items)  # fmt: skip


@strawberry.type(description="An authority's area of a partnership.")
class TransferPartnerArea:
    code: str
    name: str


@strawberry.type(description="A partnership that can be addressed: its name and areas, and nothing more of it.")
class TransferPartner:
    code: str
    name: str
    areas: list[TransferPartnerArea]

    @classmethod
    def of(cls, row: Partnership, areas: list[PartnershipArea]) -> "TransferPartner":
        found = [TransferPartnerArea(code=one.code, name=one.name) for one in areas]
        return cls(code=row.slug, name=row.name, areas=found)


@strawberry.type(description="What was recorded to open a gate.")
class OpenedTransferGate:
    gate: TransferGate  # type: ignore[valid-type]
    by: str | None = strawberry.field(description="Who agreed, or which court permitted it; null for a ground.")
    on: date | None
    terms: str | None = strawberry.field(description="To what they agreed, or what the court permitted.")
    ground: str | None = strawberry.field(description="Why it is shared without agreement.")
    reasons: str | None


@strawberry.type(description="A paper of a transfer. It leaves once none of its gates is shut.")
class TransferPaper:
    id: strawberry.ID
    kind: TransferPaperKind  # type: ignore[valid-type]
    title: str
    content_type: str
    size: int
    gates: list[TransferGate]  # type: ignore[valid-type]
    shut: list[TransferGate] = strawberry.field(description="Gates that hold it back.")  # type: ignore[valid-type]
    opened: list[OpenedTransferGate]
    added_at: Instant
    crossed_at: Instant | None = strawberry.field(description="When the other side had it.")
    undelivered_at: Instant | None = strawberry.field(description="When it was given up to bring it there.")
    document_id: strawberry.ID | None = strawberry.field(
        description="The document of your case; null where it came and the transfer is not accepted yet."
    )

    @classmethod
    def of(cls, row: PaperRow) -> "TransferPaper":
        document = strawberry.ID(encode("Document", row.document_id)) if row.document_id else None
        return cls(
            id=strawberry.ID(encode("TransferPaper", row.id)), kind=row.kind, title=row.title,
            content_type=row.content_type, size=row.size, gates=[kinds.Gate(code) for code in row.gates],
            shut=sorted(shut(row)), opened=[_opened(code, told) for code, told in row.opened.items()],
            added_at=Instant(row.added_at), crossed_at=_instant(row.crossed_at),
            undelivered_at=_instant(row.undelivered_at) if row.crossed_at is None else None, document_id=document,
        )  # fmt: skip


def _opened(code: str, told: dict[str, str | None]) -> OpenedTransferGate:
    on = told.get("agreed_on") or told.get("permitted_on")
    return OpenedTransferGate(
        gate=kinds.Gate(code), by=told.get("agreed_by") or told.get("court"),
        on=date.fromisoformat(on) if on else None, terms=told.get("agreed_to") or told.get("terms"),
        ground=told.get("ground"), reasons=told.get("reasons"),
    )  # fmt: skip


@strawberry.type(description="One act in the story of a transfer. It never changes.")
class TransferAct:
    act: str = strawberry.field(description="Such as offered, received, gate_opened, accepted.")
    ours: bool = strawberry.field(description="Done on your side, and not told by the other.")
    at: Instant
    words: str | None
    row: strawberry.Private[ActRow]

    @strawberry.field(description="Who of your partnership did it; null for what came from the other side.")
    def by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.by_id)

    @classmethod
    def of(cls, row: ActRow) -> "TransferAct":
        return cls(act=row.act, ours=row.ours, at=Instant(row.at), words=row.words, row=row)


@strawberry.type(description="A sealed file for somebody outside the platform; only their key opens it.")
class SealedTransfer:
    id: strawberry.ID
    size: int
    sha256: str = strawberry.field(description="Of the sealed file; read it out to the receiver.")
    thumbprint: str = strawberry.field(description="RFC 7638 thumbprint of the key that it is sealed to.")
    papers: list[strawberry.ID] = strawberry.field(description="The papers in it.")
    made_at: Instant
    fetched_at: Instant | None = strawberry.field(description="It is fetched once.")

    @classmethod
    def of(cls, row: ExportRow) -> "SealedTransfer":
        return cls(
            id=strawberry.ID(encode("SealedTransfer", row.id)), size=row.size, sha256=row.sha256,
            thumbprint=row.thumbprint, made_at=Instant(row.made_at),
            papers=[strawberry.ID(encode("TransferPaper", one)) for one in _ids(row.papers)],
            fetched_at=Instant(row.fetched_at) if row.fetched_at else None,
        )  # fmt: skip


@strawberry.type(description="Somebody outside the platform to whom a transfer is offered.")
class OutsideRecipient:
    organisation: str
    person: str
    post: str
    thumbprint: str = strawberry.field(description="RFC 7638 thumbprint of their key.")
    verified_by_calling: str = strawberry.field(description="The number by which the thumbprint was compared.")


@strawberry.type(
    description="A transfer between partnerships, your side's own copy. Its id is the same on the other side."
)
class Transfer(Node):
    id: strawberry.ID
    side: TransferSide  # type: ignore[valid-type]
    kind: TransferKind  # type: ignore[valid-type]
    state: TransferState  # type: ignore[valid-type]
    responsible: TransferResponsible  # type: ignore[valid-type]
    other_side: str = strawberry.field(description="The other partnership's name, or an organisation's outside.")
    area: str | None = strawberry.field(description="Code of the receiver's area.")
    case_id: strawberry.ID = strawberry.field(description="Your side's case.")
    run_id: strawberry.ID | None = strawberry.field(description="Your side's run of the pathway.")
    reason: str
    move_on: date | None = strawberry.field(description="Day of the move, planned or past.")
    in_doubt: bool = strawberry.field(description="It is not sure whose panel answers, so both are told.")
    sender: str = strawberry.field(description="Who offered it, by name and post.")
    offered_at: Instant
    received_at: Instant | None = strawberry.field(description="When the receiver had it: its clocks count from then.")
    answered_at: Instant | None
    answer_reason: str | None
    accountable: str | None = strawberry.field(description="Who answers for the child there, by name and post.")
    settled_at: Instant | None = strawberry.field(
        description="When that happened on which responsibility passes, such as the receiver's conference."
    )
    replaces_id: strawberry.ID | None = strawberry.field(description="An earlier offer that was refused or withdrawn.")
    possible_duplicates: int = strawberry.field(description="Notices here that may be of the same death; none blocks.")
    digest: str = strawberry.field(description="SHA-256 of the packet, the same on both sides.")
    undelivered_at: Instant | None = strawberry.field(
        description="Since when something of it is not brought to the other side any more: send it anew, or take"
        " another way. Null once all has arrived, and while it is still tried."
    )
    outside: OutsideRecipient | None
    row: strawberry.Private[Row]

    @strawberry.field(
        description="Calendar days between offer and move, by your partnership's days; negative after it."
    )
    async def notice_days(self, info: Info) -> int | None:
        return states.notice_days(local_day(self.row.offered_at, info.context.partnership.zone), self.row.move_on)

    @strawberry.field(
        description="What is told of the children; looking at it is logged. Null on the receiving side of a transfer"
        " that was refused or withdrawn."
    )
    async def packet(self, info: Info) -> TransferPacket | None:
        if self.row.side is states.Side.INCOMING and self.row.state in {states.State.REFUSED, states.State.WITHDRAWN}:
            return None
        return await TransferPacket.shown(info, self.row)

    @strawberry.field(description="Its papers, in the order they were added.")
    async def papers(self, info: Info) -> list[TransferPaper]:
        return [TransferPaper.of(row) for row in await info.context.loaders.papers_of_transfer.load(self.row.id)]

    @strawberry.field(description="The story on your side, oldest first.")
    async def story(self, info: Info) -> list[TransferAct]:
        return [TransferAct.of(row) for row in await info.context.loaders.acts_of_transfer.load(self.row.id)]

    @strawberry.field(description="Files that were sealed for somebody outside, oldest first.")
    async def sealed(self, info: Info) -> list[SealedTransfer]:
        return [SealedTransfer.of(row) for row in await info.context.loaders.exports_of_transfer.load(self.row.id)]

    @classmethod
    def of(cls, row: Row) -> "Transfer":
        replaces = strawberry.ID(encode("Transfer", row.replaces_id)) if row.replaces_id else None
        accountable = ", ".join(one for one in (row.accountable_name, row.accountable_post) if one) or None
        return cls(
            id=strawberry.ID(encode("Transfer", row.id)), side=row.side, kind=row.kind, state=row.state,
            responsible=states.responsible(row.kind, row.state, settled=row.settled_at is not None),
            other_side=row.partner_name, area=row.area_code, case_id=strawberry.ID(encode("Case", row.case_id)),
            run_id=strawberry.ID(encode("PathwayRun", row.run_id)) if row.run_id else None, reason=row.reason,
            move_on=row.move_on, undelivered_at=_instant(row.undelivered_at),
            in_doubt=row.in_doubt, sender=f"{row.sender_name}, {row.sender_post}".rstrip(", "),
            offered_at=Instant(row.offered_at), received_at=_instant(row.received_at),
            answered_at=_instant(row.answered_at), answer_reason=row.answer_reason, accountable=accountable,
            settled_at=_instant(row.settled_at), replaces_id=replaces,
            possible_duplicates=len(row.possible_duplicates), digest=row.digest, outside=_outside(row), row=row,
        )  # fmt: skip


def _instant(at: datetime | None) -> Instant | None:
    return Instant(at) if at is not None else None


def _ids(found: list[str]) -> list[UUID]:
    return [UUID(one) for one in found]


def _outside(row: Row) -> OutsideRecipient | None:
    if row.outside is None:
        return None
    names = ("organisation", "person", "post", "thumbprint", "verified_by_calling")
    return OutsideRecipient(**{name: row.outside[name] for name in names})


TRANSFER_FORMS = [TransferForm.of(kind, form) for kind, form in FORMS.items()]
