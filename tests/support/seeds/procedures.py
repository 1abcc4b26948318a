"""A manual in force, its register, and the directory's posts."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.procedures import amending
from support.procedures import MANUAL, approved, drafted, manual, said
from tenants.contacts.service_models import DirectoryChange, DirectoryHolder, DirectoryOrganisation, DirectoryPost
from tenants.procedures.change_models import ProcedureCirculation
from tenants.procedures.parsing.manual import Doubt, DoubtKind
from tenants.procedures.print_models import ProcedurePrint
from tenants.procedures.register_models import ProcedureRegisterEntry, RegisterKind
from tenants.procedures.working_models import ProcedureImport


async def seed_procedures(session: TenantSession, caller: Caller) -> None:
    """A manual in force with an amendment on its way, and a draft with a doubt, which a file was read into."""
    row = await approved(session, await drafted(session, None))
    now = await session.now()
    amendment = await amending.propose(
        session, caller, amending.ProposalTold(row.id, "1.1", "Say when.", "It is not said.", "Now."), uuid7()
    )
    await session.flush()
    agency: UUID = await session.scalar(text("SELECT id FROM agency ORDER BY code LIMIT 1"))
    session.append(ProcedureCirculation, amendment_id=amendment.id, agency_id=agency, person_id=caller.person_id,
                   notices=1, sent_at=now)  # fmt: skip
    doubtful = manual(said("1", f"Only of {caller.partnership}."), doubts=[Doubt(1, DoubtKind.DELETED_TEXT, "x")])
    draft = await drafted(session, None, doubtful)
    session.append(ProcedureImport, manual=MANUAL, title="x", file_name="x.txt", content_type="text/plain", size=1,
                   sha256="a" * 64, object_key=str(draft.id), edition_id=draft.id, started_at=now)  # fmt: skip
    entry = ProcedureRegisterEntry(
        kind=RegisterKind.SUPPLEMENTARY_DOCUMENT, manual=MANUAL, title=f"Of {caller.partnership}",
        review_on=now.date() + timedelta(days=99), owner_id=caller.person_id, made_by=caller.person_id, made_at=now,
        tenant_id=session.tenant_id,
    )  # fmt: skip
    session.add(entry)
    organisation = DirectoryOrganisation(tenant_id=session.tenant_id, code="seeded", name="x")
    session.add(organisation)
    await session.flush()
    post = DirectoryPost(tenant_id=session.tenant_id, code="seeded", organisation_id=organisation.id, title="x")
    session.add(post)
    await session.flush()
    session.append(DirectoryHolder, post_id=post.id, name=f"Of {caller.partnership}", from_on=now.date())
    service: UUID = await session.scalar(text("SELECT id FROM directory_service ORDER BY id DESC LIMIT 1"))
    session.append(DirectoryChange, service_id=service, action="changed", fields=["name"], made_at=now)
    session.append(ProcedurePrint, edition_id=row.id, work="manual", medium="pdf", content="a" * 64, progress=10,
                   state="making", object_key=str(draft.id), asked_at=now)  # fmt: skip
    await session.flush()
