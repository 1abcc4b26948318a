"""What is told of a transfer between partnerships."""

from datetime import date

import strawberry

from backend.sharing.answering import AcceptanceTold
from backend.sharing.offering import OfferTold
from backend.sharing.outside import OutsideAnswerTold
from backend.sharing.packet import ConsentTold, CourtTold
from backend.sharing.papers import OpenedTold, PaperTold
from backend.sharing.recipients import OutsideTold
from graphql_api.cases.inputs import ChildInput, child_told
from graphql_api.ids import key_of
from graphql_api.problems import ONCE
from graphql_api.scalars import Instant
from graphql_api.sharing.packet import TransferConsentGround
from graphql_api.sharing.types import TransferGate, TransferKind, TransferPaperKind

MINE = "A transfer of a case that you may change."


@strawberry.input(description="Explicit agreement, or the ground for sharing without it.")
class TransferConsentInput:
    agreed_by: str | None = strawberry.field(default=None, description="Who agreed: parents, carers, the child.")
    agreed_to: str | None = strawberry.field(default=None, description="To what, up to 2,000 characters.")
    agreed_on: date | None = strawberry.field(default=None, description="On which day.")
    ground: TransferConsentGround | None = strawberry.field(default=None, description="Instead of agreement.")  # type: ignore[valid-type]
    reasons: str | None = strawberry.field(default=None, description="Needed with a ground.")


@strawberry.input(description="The court's permission.")
class TransferCourtInput:
    court: str = strawberry.field(description="Which court.")
    permitted_on: date = strawberry.field(description="On which day it was given.")
    terms: str = strawberry.field(description="For what, up to 2,000 characters.")


@strawberry.input(description="A document of the case that goes with the transfer once its gates are open.")
class TransferPaperInput:
    document_id: strawberry.ID = strawberry.field(description="A document of the case whose upload is complete.")
    kind: TransferPaperKind = strawberry.field(description="What it is.")  # type: ignore[valid-type]
    gates: list[TransferGate] | None = strawberry.field(  # type: ignore[valid-type]
        default=None, description="Gates beyond those that its kind has."
    )
    consent: TransferConsentInput | None = strawberry.field(default=None, description="What opens the gate of consent.")
    court: TransferCourtInput | None = strawberry.field(default=None, description="What opens that of the court.")


@strawberry.input(description="One thing that is told of the child.")
class TransferItemInput:
    code: str = strawberry.field(description="Of the kind's items; see transferForms.")
    text: str = strawberry.field(description="Up to 10,000 characters; a date as 2026-12-01, yes or no as such.")


@strawberry.input(description="Somebody outside the platform, with the key that a file is sealed to.")
class OutsideRecipientInput:
    organisation: str = strawberry.field(description="The authority or panel.")
    person: str = strawberry.field(description="Who receives it there.")
    post: str = strawberry.field(description="Their post.")
    key: str = strawberry.field(description="Their public key in PEM: RSA of 2,048 bits or more, P-256, P-384, X25519.")
    verified_by_calling: str = strawberry.field(
        description="The telephone number, known from elsewhere, by which its thumbprint was compared with them."
    )


@strawberry.input(description="Offer a child's transfer. You stay responsible until it is accepted.")
class OfferTransferInput:
    kind: TransferKind = strawberry.field(description="What passes.")  # type: ignore[valid-type]
    case_id: strawberry.ID = strawberry.field(description="The case, which you may change.")
    partner: str | None = strawberry.field(default=None, description="Code of the partnership; see transferPartners.")
    receiving_area: str | None = strawberry.field(
        default=None, description="Code of its area to which the child moves."
    )
    outside: OutsideRecipientInput | None = strawberry.field(default=None, description="Instead of partner.")
    children: list[ChildInput] | None = strawberry.field(
        default=None,
        description="1 to 20 children; nothing of your record goes by itself. Left out with a DEATH_NOTICE, it is the"
        " child of the reported death.",
    )
    told: list[TransferItemInput] | None = strawberry.field(
        default=None,
        description="What is told, each item once. Left out with a DEATH_NOTICE, it is what the report of the death"
        " says.",
    )
    reason: str = strawberry.field(description="Why it is offered, up to 2,000 characters.")
    move_on: date | None = strawberry.field(default=None, description="Day of the move, planned or past.")
    move_known_at: Instant | None = strawberry.field(default=None, description="When it became known. Default now.")
    papers: list[TransferPaperInput] | None = strawberry.field(default=None, description="Up to 50.")
    agreement: TransferConsentInput | None = strawberry.field(
        default=None, description="To the sharing as a whole, where the kind needs it."
    )
    in_doubt: bool = strawberry.field(default=False, description="Of a death: not sure whose panel, so tell both.")
    replaces_id: strawberry.ID | None = strawberry.field(default=None, description="An offer that ended, made anew.")
    idempotency_key: str = strawberry.field(description=ONCE)

    def told_of(self) -> OfferTold:
        """Raises ``NotFound`` for ids of nothing."""
        outside = self.outside
        return OfferTold(
            kind=self.kind, case_id=key_of("Case", self.case_id), partner=self.partner, area=self.receiving_area,
            outside=OutsideTold(outside.organisation, outside.person, outside.post, outside.key.strip() + "\n",
                                outside.verified_by_calling) if outside else None,
            children=tuple(child_told(child) for child in self.children or ()),
            items={one.code: one.text for one in self.told or ()}, reason=self.reason, move_on=self.move_on,
            move_known_at=self.move_known_at, papers=tuple(paper_told(one) for one in self.papers or ()),
            agreement=consent_told(self.agreement), in_doubt=self.in_doubt,
            replaces_id=key_of("Transfer", self.replaces_id) if self.replaces_id else None,
        )  # fmt: skip


@strawberry.input(description="Take an offer back before it is answered.")
class WithdrawTransferInput:
    transfer_id: strawberry.ID = strawberry.field(description=MINE)
    reason: str = strawberry.field(description="Up to 2,000 characters; the other side reads it.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Add a paper to a transfer that is offered or accepted.")
class AddTransferPaperInput:
    transfer_id: strawberry.ID = strawberry.field(description=MINE)
    paper: TransferPaperInput = strawberry.field(description="The paper.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Record what opens a gate of one paper.")
class OpenTransferGateInput:
    paper_id: strawberry.ID = strawberry.field(description="A paper of a transfer that your partnership offered.")
    consent: TransferConsentInput | None = strawberry.field(default=None, description="Whose agreement to what.")
    court: TransferCourtInput | None = strawberry.field(default=None, description="Which court's permission.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Accept a transfer that has come.")
class AcceptTransferInput:
    transfer_id: strawberry.ID = strawberry.field(description=MINE)
    accountable_id: strawberry.ID = strawberry.field(description="Who of your partnership answers for the child.")
    note: str | None = strawberry.field(default=None, description="A word to the other side.")
    idempotency_key: str = strawberry.field(description=ONCE)

    def told_of(self) -> AcceptanceTold:
        """Raises ``NotFound`` for the id of nobody."""
        return AcceptanceTold(key_of("Person", self.accountable_id), self.note)


@strawberry.input(description="Refuse a transfer that has come.")
class RefuseTransferInput:
    transfer_id: strawberry.ID = strawberry.field(description=MINE)
    reason: str = strawberry.field(description="Up to 2,000 characters; the other side reads it.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Ask the other side something, or answer it.")
class WriteAboutTransferInput:
    transfer_id: strawberry.ID = strawberry.field(description=MINE)
    text: str = strawberry.field(description="Up to 10,000 characters; the other side reads it.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Tell the other side what your run has recorded, on which responsibility passes.")
class SettleTransferInput:
    transfer_id: strawberry.ID = strawberry.field(description=MINE)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Try anew to bring to the other side what was given up.")
class ResendTransferInput:
    transfer_id: strawberry.ID = strawberry.field(description=MINE)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Ask for a link to a paper that has come. The request is logged.")
class RequestTransferPaperInput:
    paper_id: strawberry.ID = strawberry.field(description="A paper of a transfer to your partnership.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Seal packet and papers into one file for somebody outside.")
class SealTransferInput:
    transfer_id: strawberry.ID = strawberry.field(description=MINE)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Fetch a sealed file, once.")
class FetchSealedTransferInput:
    sealed_id: strawberry.ID = strawberry.field(description="A sealed file that was not fetched yet.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Record what somebody outside has answered.")
class RecordOutsideAnswerInput:
    transfer_id: strawberry.ID = strawberry.field(description=MINE)
    accepted: bool = strawberry.field(description="Whether it was accepted.")
    person: str = strawberry.field(description="Who answered; of an acceptance, who is accountable there.")
    post: str = strawberry.field(description="Their post.")
    answered_at: Instant = strawberry.field(description="When.")
    evidence: str = strawberry.field(description="By what it is known: a letter, a recorded call.")
    reason: str | None = strawberry.field(default=None, description="Needed for a refusal.")
    idempotency_key: str = strawberry.field(description=ONCE)

    def told_of(self) -> OutsideAnswerTold:
        return OutsideAnswerTold(self.accepted, self.person, self.post, self.answered_at, self.evidence, self.reason)


@strawberry.input(description="Record when that happened outside on which responsibility passes.")
class RecordOutsideSettledInput:
    transfer_id: strawberry.ID = strawberry.field(description=MINE)
    happened_at: Instant = strawberry.field(description="Such as when the receiver's conference was held.")
    evidence: str = strawberry.field(description="By what it is known.")
    idempotency_key: str = strawberry.field(description=ONCE)


def consent_told(given: TransferConsentInput | None) -> ConsentTold | None:
    if given is None:
        return None
    return ConsentTold(given.agreed_by, given.agreed_to, given.agreed_on, given.ground, given.reasons)


def opened_told(given: TransferPaperInput | OpenTransferGateInput) -> OpenedTold:
    court = given.court
    told = CourtTold(court.court, court.permitted_on, court.terms) if court else None
    return OpenedTold(consent_told(given.consent), told)


def paper_told(given: TransferPaperInput) -> PaperTold:
    """Raises ``NotFound`` for the id of no document."""
    return PaperTold(key_of("Document", given.document_id), given.kind, tuple(given.gates or ()), opened_told(given))
