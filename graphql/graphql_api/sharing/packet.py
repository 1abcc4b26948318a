"""What crosses with a transfer, as people are shown it."""

from datetime import date
from enum import Enum

import strawberry

from backend.cases.children.checks import AddressTold, ChildTold
from backend.cases.policies import Mask, address_mask
from backend.sharing.kinds import FORMS, ConsentGround
from backend.sharing.models import PartnershipTransfer as Row
from backend.sharing.packet import ConsentTold, Packet
from graphql_api.cases.children import Sex
from graphql_api.cases.masks import AddressShown, address
from graphql_api.cases.types import log_look
from graphql_api.context import Info

TransferConsentGround: type[Enum] = strawberry.enum(
    ConsentGround, name="TransferConsentGround", description="Why something is shared without agreement."
)


@strawberry.type(description="Where a child of a transfer lives, or lived.")
class TransferAddress:
    address: AddressShown
    from_on: date | None
    to_on: date | None

    @classmethod
    def of(cls, info: Info, told: AddressTold) -> "TransferAddress":
        mask = address_mask(hidden=told.hidden, caller=info.context.caller)
        return cls(address=address(told.address, mask), from_on=told.from_on, to_on=told.to_on)


@strawberry.type(description="A child as the sender told of them.")
class TransferChild:
    name: str | None
    other_names: list[str]
    date_of_birth: date | None
    expected_on: date | None = strawberry.field(description="When the birth of an unborn child is expected.")
    nhs_number: str | None
    sex: Sex | None  # type: ignore[valid-type]
    ethnicity: str | None
    first_language: str | None
    interpreter_needed: bool | None
    communication_needs: str | None
    died_on: date | None
    addresses: list[TransferAddress]

    @classmethod
    def of(cls, info: Info, told: ChildTold) -> "TransferChild":
        names = ("name", "date_of_birth", "expected_on", "nhs_number", "sex", "ethnicity", "first_language",
                 "interpreter_needed", "communication_needs", "died_on")  # fmt: skip
        return cls(
            **{name: getattr(told, name) for name in names}, other_names=list(told.other_names),
            addresses=[TransferAddress.of(info, one) for one in told.addresses],
        )  # fmt: skip


@strawberry.type(description="One thing that the sender told.")
class TransferItem:
    code: str
    label: str
    text: str | None = strawberry.field(description="Null where it is an address that your roles do not let you see.")
    withheld: bool


@strawberry.type(description="Explicit agreement to the sharing, or the ground for sharing without it.")
class TransferAgreement:
    agreed_by: str | None
    agreed_to: str | None
    agreed_on: date | None
    ground: TransferConsentGround | None  # type: ignore[valid-type]
    reasons: str | None

    @classmethod
    def of(cls, told: ConsentTold) -> "TransferAgreement":
        return cls(agreed_by=told.agreed_by, agreed_to=told.agreed_to, agreed_on=told.agreed_on, ground=told.ground,
                   reasons=told.reasons)  # fmt: skip


@strawberry.type(description="What crossed: put together by the sender, and sealed by its digest.")
class TransferPacket:
    children: list[TransferChild]
    items: list[TransferItem]
    agreement: TransferAgreement | None

    @classmethod
    async def shown(cls, info: Info, row: Row) -> "TransferPacket":
        """The packet, after noting who looks at it, once a request. Raises ``StepUpNeeded`` for a restricted case."""
        async with info.context.db() as session:
            await log_look(info, session, row.case_id)
        told = Packet.read(row.packet)
        items = [_item(info, row, code, text) for code, text in told.items.items()]
        return cls(
            children=[TransferChild.of(info, child) for child in told.children], items=items,
            agreement=TransferAgreement.of(told.agreement) if told.agreement else None,
        )  # fmt: skip


def _item(info: Info, row: Row, code: str, text: str) -> TransferItem:
    item = next(one for one in FORMS[row.kind].items if one.code == code)
    caller = info.context.caller
    hidden = address_mask(hidden=item.address and row.offered_by != caller.person_id, caller=caller)
    withheld = hidden is Mask.HIDDEN_ADDRESS
    return TransferItem(code=code, label=item.label, text=None if withheld else text, withheld=withheld)
