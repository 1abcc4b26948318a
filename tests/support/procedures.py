"""Invented manuals of procedures, read and approved without a file."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from tenants.procedures import approving, drafting, filling, reading, repository
from tenants.procedures.drafting import DraftTold
from tenants.procedures.models import ProcedureEdition
from tenants.procedures.parsing import manual as parsed
from tenants.procedures.parsing.manual import CrossReference, Doubt, Manual, Provision, Term

MANUAL = "child-protection"
LAW = date(2026, 8, 1)


def said(
    number: str, text: str, *, title: str = "", parent: str | None = None, force: parsed.Force | None = None,
    refers: Sequence[CrossReference] = (), kind: parsed.Kind = parsed.Kind.PARAGRAPH, line: int = 1,
) -> Provision:  # fmt: skip
    """A provision with a number, which is its address."""
    return Provision(number, kind, number, number, title, text, parent, number.count(".") + 1, line, line, (),
                     force=force, references=tuple(refers))  # fmt: skip


def refers(text: str, *targets: str, dangling: bool = False) -> CrossReference:
    return CrossReference(parsed.ReferenceKind.PROVISION, text, 1, targets, dangling=dangling)


def manual(*provisions: Provision, terms: Sequence[Term] = (), doubts: Sequence[Doubt] = ()) -> Manual:
    return Manual("text", "", provisions, (), (), tuple(terms), (), tuple(doubts), ())


PLAIN = manual(
    said("1", "", title="Referral", kind=parsed.Kind.HEADING),
    said("1.1", "Anybody who believes that a child may be at risk must refer the child.", parent="1",
         force=parsed.Force.MUST),
    said("1.2", "The referrer should confirm in writing within 48 hours; see 2.1.", parent="1",
         force=parsed.Force.SHOULD, refers=[refers("see 2.1", "2.1")]),
    said("2", "", title="Strategy discussion", kind=parsed.Kind.HEADING),
    said("2.1", "The police and the paediatrician will take part in the strategy discussion.", parent="2",
         force=parsed.Force.WILL),
    said("2.2", "An enquiry under section 47 may follow.", parent="2", force=parsed.Force.MAY),
    terms=[Term("senior investigating officer", "A police officer in charge.", "2.1", 9, "SIO")],
)  # fmt: skip


async def drafted(
    session: TenantSession, by: UUID | None, source: Manual = PLAIN, *, name: str = MANUAL, based_on: UUID | None = None
) -> ProcedureEdition:
    """A draft that holds a manual."""
    told = DraftTold(name, f"Manual of {name}", law_as_at=LAW)
    row = await drafting.draft(session, told, by, uuid7())
    row.based_on_id = based_on
    await filling.fill(session, row, reading.content(source, session.tenant_id, row.id))
    return row


async def approved(
    session: TenantSession, row: ProcedureEdition, by: UUID | None = None, *, day: date | None = None
) -> ProcedureEdition:
    """The draft in force from a day on, by default today."""
    return await approving.approve(
        session, row.id, by, role="procedures_approver", authority="Sub-group, minute 4",
        in_force_from=day or await repository.today(session),
    )  # fmt: skip
