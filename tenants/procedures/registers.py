"""What each kind of entry beside a manual needs, and what is owed on one today. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from backend.kit.problems import FieldError
from backend.kit.texts import text_fault, text_faults
from tenants.procedures import fuzzy
from tenants.procedures.register_models import (
    CheckOutcome,
    ProcedureRegisterCheck,
    ProcedureRegisterEntry,
    RegisterBasis,
    RegisterKind,
)
from tenants.procedures.vocabulary import AdoptionClass

MOST_PARTIES: Final = 60
MOST_PROVISIONS: Final = 200


@dataclass(frozen=True, slots=True)
class Rule:
    """``needs`` and ``may_have`` name fields of an entry. ``longest_years`` is the longest time between two reviews.

    ``against_manual`` entries are checked against a text of the manual, and again once another is in force.
    """

    needs: frozenset[str]
    may_have: frozenset[str]
    longest_years: int
    outcomes: frozenset[CheckOutcome]
    least_parties: int = 0
    against_manual: bool = False


RULES: Final[Mapping[RegisterKind, Rule]] = {
    # An organisation reviews its own policy each year; a higher standard than the manual's holds beside it (¶1.3.3).
    RegisterKind.SUPPLEMENTARY_DOCUMENT: Rule(
        frozenset({"agency", "basis", "provisions"}), frozenset({"subject", "kept_at", "agreed_on"}), 1,
        frozenset({CheckOutcome.CONSISTENT, CheckOutcome.STRICTER, CheckOutcome.LAXER}), against_manual=True,
    ),
    # Two agencies or more agree on a common response to one subject (¶1.3.10); reviewed no less often than manuals.
    RegisterKind.PROTOCOL: Rule(
        frozenset({"parties", "subject"}), frozenset({"provisions", "kept_at", "agreed_on"}), 2,
        frozenset({CheckOutcome.REVIEWED, CheckOutcome.LAPSED}), least_parties=2,
    ),
    # That the clause was sought is the duty; that it was refused is no breach (¶1.2.3).
    RegisterKind.CONTRACT_CLAUSE: Rule(
        frozenset({"body", "adoption", "clause_sought_on"}),
        frozenset({"clause_obtained", "reason", "subject", "kept_at", "agreed_on", "provisions"}), 2,
        frozenset({CheckOutcome.REVIEWED, CheckOutcome.LAPSED}),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class EntryTold:
    """What is told of an entry. ``agency`` is a code; ``parties`` are agencies' codes or names of bodies outside."""

    kind: RegisterKind
    manual: str
    title: str
    review_on: date
    owner_id: UUID
    agency: str | None = None
    body: str | None = None
    parties: tuple[str, ...] = ()
    subject: str | None = None
    basis: RegisterBasis | None = None
    provisions: tuple[str, ...] = ()
    adoption: AdoptionClass | None = None
    clause_sought_on: date | None = None
    clause_obtained: bool | None = None
    reason: str | None = None
    kept_at: str | None = None
    agreed_on: date | None = None


_CASED: Final[Mapping[str, str]] = {
    "clause_sought_on": "clauseSoughtOn", "clause_obtained": "clauseObtained", "kept_at": "keptAt",
    "agreed_on": "agreedOn",
}  # fmt: skip


def faults(told: EntryTold, today: date) -> list[FieldError]:
    """What is wrong with an entry of its kind, by field."""
    rule = RULES[told.kind]
    found = [fault for fault in [text_fault("title", told.title, 300)] if fault]
    found += text_faults(body=(told.body, 200), subject=(told.subject, 1_000), reason=(told.reason, 2_000),
                         keptAt=(told.kept_at, 300))  # fmt: skip
    for name in sorted(rule.needs | rule.may_have | _OF_KINDS):
        value, field = getattr(told, name), _CASED.get(name, name)
        if name in rule.needs and (value is None or value == ()):
            found.append(FieldError(field, f"is needed for a {_said(told.kind)}"))
        elif name not in rule.needs | rule.may_have and value not in {None, ()}:
            found.append(FieldError(field, f"does not belong to a {_said(told.kind)}; leave it out"))
    found += _list_faults("parties", told.parties, MOST_PARTIES) + _list_faults(
        "provisions", told.provisions, MOST_PROVISIONS
    )
    if told.parties and len(told.parties) < rule.least_parties:
        found.append(FieldError("parties", f"name {rule.least_parties} or more"))
    if told.clause_obtained is False and told.reason is None:
        found.append(FieldError("reason", "say why the clause was not obtained"))
    return found + review_faults(told.kind, told.review_on, today)


_OF_KINDS: Final = frozenset(name for rule in RULES.values() for name in rule.needs | rule.may_have)


def review_faults(kind: RegisterKind, review_on: date, today: date) -> list[FieldError]:
    """A review that lies behind, or later than entries of the kind may wait."""
    latest = fuzzy.years_after(today, RULES[kind].longest_years)
    if today < review_on <= latest:
        return []
    return [FieldError("reviewOn", f"must be after today and no later than {latest}")]


def _list_faults(name: str, given: tuple[str, ...], most: int) -> list[FieldError]:
    if len(given) > most or len(set(given)) != len(given):
        return [FieldError(name, f"must be at most {most}, each once")]
    return [fault for one in given if (fault := text_fault(name, one, 200))][:1]


def _said(kind: RegisterKind) -> str:
    return kind.value.replace("_", " ")


class Owed(StrEnum):
    """REVIEW: its day has come. RECHECK: it was never held against the text in force. MEND: it is laxer than that."""

    REVIEW = "review"
    RECHECK = "recheck"
    MEND = "mend"


def owed(
    entry: ProcedureRegisterEntry, last: ProcedureRegisterCheck | None, in_force: Collection[UUID], today: date
) -> list[Owed]:
    """What is owed on an entry. ``in_force`` are the texts of its manual: none, while the manual has none."""
    if entry.retired_at is not None:
        return []
    found = [Owed.REVIEW] if entry.review_on <= today else []
    if RULES[entry.kind].against_manual and in_force:
        if last is None or last.edition_id not in in_force:
            found.append(Owed.RECHECK)
        elif last.outcome is CheckOutcome.LAXER:
            found.append(Owed.MEND)
    return found
