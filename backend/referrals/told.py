"""What is told when a child is referred, all that can be wrong with it, and what it says in the pathway. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from backend.cases.children import checks
from backend.cases.children.checks import ChildTold
from backend.cases.people.service import PartyTold
from backend.cases.people.service import faults as party_faults
from backend.cases.policies import PartyRole
from backend.kit.problems import FieldError
from backend.kit.texts import text_fault, text_faults
from backend.pathways.reported import ReportTold

PATHWAY: Final = "referral-to-childrens-social-care"
RECEIVED_IN: Final = "intake"
FORM: Final = "written-referral"
ACKNOWLEDGED: Final = "referral-acknowledged"
DECIDED: Final = "next-steps-decided"
MOST_CHILDREN: Final = 20
_MOST_TEXT: Final = 10_000


class ReferrerKind(StrEnum):
    """Who is worried about the child, as the pathway has it."""

    PROFESSIONAL = "professional"
    PUBLIC = "member of the public"
    CHILD = "the child"
    FAMILY = "family"


class ReferralState(StrEnum):
    """How far a referral has come: what whoever sent it in is told, and no more."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    DECIDED = "decided"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ReferrerTold:
    """Who refers. A professional gives name and organisation; anybody else need not (Working Together 2005 ¶4.21)."""

    kind: ReferrerKind
    name: str | None = None
    organisation: str | None = None
    telephone: str | None = None


@dataclass(frozen=True, slots=True)
class ReferralTold:
    """A written referral. ``significant_harm``: a child is believed to suffer it, or to be at risk of it (¶4.16).

    ``urgent``: a child needs action at once, as in immediate danger (¶4.17); None where the referrer has not said.
    """

    area_id: UUID
    children: tuple[ChildTold, ...]
    referrer: ReferrerTold
    significant_harm: bool
    concern: str
    origin: str | None = None
    needs: str | None = None
    maltreatment_alleged: bool | None = None
    urgent: bool | None = None
    family_consulted: str | None = None
    why_not_consulted: str | None = None
    their_reference: str | None = None


def faults(told: ReferralTold, today: date) -> list[FieldError]:
    """Every fault of a referral; fields are named as the API spells them."""
    found = [fault] if (fault := text_fault("concern", told.concern, _MOST_TEXT)) else []
    found += text_faults(
        origin=(told.origin, _MOST_TEXT), needs=(told.needs, _MOST_TEXT),
        familyConsulted=(told.family_consulted, _MOST_TEXT), whyNotConsulted=(told.why_not_consulted, _MOST_TEXT),
        theirReference=(told.their_reference, 80),
    )  # fmt: skip
    if not 0 < len(told.children) <= MOST_CHILDREN:
        found.append(FieldError("children", f"must be 1 to {MOST_CHILDREN}"))
    for number, child in enumerate(told.children[:MOST_CHILDREN]):
        found += _below(f"children.{number}", checks.faults(child, today))
    for name in ("name", "organisation"):
        if told.referrer.kind is ReferrerKind.PROFESSIONAL and not getattr(told.referrer, name):
            found.append(
                FieldError(f"referrer.{name}", "must be given: only the family and the public may leave it out")
            )
    return found + _below("referrer", party_faults(party_of(told.referrer), today))


def party_of(referrer: ReferrerTold, note: str | None = None) -> PartyTold:
    """The referrer among those whom the case concerns. Who is no professional stays known to few (¶4.21)."""
    known_to_all = referrer.kind is ReferrerKind.PROFESSIONAL
    role = PartyRole.PROFESSIONAL_REFERRER if known_to_all else PartyRole.PUBLIC_REFERRER
    return PartyTold(
        (role,), name=referrer.name, anonymous=referrer.name is None and not known_to_all,
        organisation=referrer.organisation, telephone=referrer.telephone, note=note,
    )  # fmt: skip


def sent_by(referrer: ReferrerTold, organisation: str) -> ReferrerTold:
    """The referrer, a professional of ``organisation`` where no other was told."""
    if referrer.kind is not ReferrerKind.PROFESSIONAL or referrer.organisation:
        return referrer
    return replace(referrer, organisation=organisation)


def kept(told: ReferralTold) -> dict[str, Any]:
    """What a run of the pathway is begun with, as it is stored; nobody is named in it."""
    answers = {
        "concern-nature": told.concern, "concern-origin": told.origin, "apparent-needs": told.needs,
        "family-consulted": told.family_consulted, "family-consultation-reason": told.why_not_consulted,
    }  # fmt: skip
    facts = {
        "referrer-type": told.referrer.kind.value, "channel": "in writing", "urgent-action": told.urgent,
        "maltreatment-alleged": told.maltreatment_alleged,
    }  # fmt: skip
    unborn = all(child.date_of_birth is None and child.expected_on is not None for child in told.children)
    professional = told.referrer.kind is ReferrerKind.PROFESSIONAL
    return {
        "criterion": "significant-harm" if told.significant_harm else "child-in-need",
        "variant": ("unborn-child" if unborn else None) if professional else "public-referral",
        "answers": {code: text for code, text in answers.items() if text is not None},
        "facts": {code: value for code, value in facts.items() if value is not None},
    }


def is_urgent(stored: dict[str, Any]) -> bool:
    """Whether a stored referral says that urgent action is needed."""
    return stored["facts"].get("urgent-action") is True


def report_of(stored: dict[str, Any], received_on: date, received_at: Any) -> ReportTold:
    """The run that a stored referral begins: received, and with its written form complete."""
    return ReportTold(
        PATHWAY, received_on, (stored["criterion"],), stored["variant"], {"written-referral-received": received_at},
        stored["facts"], stage=RECEIVED_IN, forms={FORM: stored["answers"]},
    )  # fmt: skip


def state_of(*, closed: bool, events: Iterable[str]) -> ReferralState:
    """How far a referral has come, by whether its run is closed and the events that stand in it."""
    happened = set(events)
    if closed:
        return ReferralState.CLOSED
    if DECIDED in happened:
        return ReferralState.DECIDED
    return ReferralState.ACKNOWLEDGED if ACKNOWLEDGED in happened else ReferralState.RECEIVED


def _below(path: str, found: Iterable[FieldError]) -> list[FieldError]:
    return [FieldError(f"{path}.{one.field}", one.message) for one in found]
