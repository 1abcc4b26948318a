"""Evidence of an alert, made on request. That it was asked for is on the audit log before it is handed out."""

import asyncio
import hashlib
from typing import Annotated
from uuid import UUID

import strawberry

from backend.identity.policies import Permission
from backend.kit.session import TenantSession
from graphql_api.alerts.sight import require_alert
from graphql_api.context import Info
from graphql_api.problems import ONCE, AnyProblem, mutate
from graphql_api.scalars import Instant
from notifications.evidence import service, storage
from tenants.partnerships import repository as partnerships


@strawberry.input(description="Ask for evidence of all that happened in an alert.")
class MakeAlertEvidenceInput:
    alert_id: strawberry.ID = strawberry.field(description="The alert.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="Evidence that shows any later change. It names staff and no child.")
class MakeAlertEvidencePayload:
    document: str = strawberry.field(description="Canonical JSON: entries chained by SHA-256, the last one signed.")
    sha256: str = strawberry.field(description="Of the document's bytes in UTF-8, in hexadecimal.")
    made_at: Instant
    url: str = strawberry.field(description="Where its print, a tagged PDF, can be fetched for a minute.")
    expires_at: Instant = strawberry.field(description="When the link ends.")


MakeAlertEvidenceResult = Annotated[
    MakeAlertEvidencePayload | AnyProblem,
    strawberry.union("MakeAlertEvidenceResult", description="The evidence, or why it was refused."),
]


@strawberry.type
class OversightMutations:
    @strawberry.mutation(description="Make evidence of an alert. Each making is recorded, a repeated one too.")
    async def make_alert_evidence(self, info: Info, input: MakeAlertEvidenceInput) -> MakeAlertEvidenceResult:
        async def work(session: TenantSession, found: UUID) -> MakeAlertEvidencePayload:
            caller = info.context.caller
            await require_alert(session, caller, found)
            made = await service.evidence(session, found, asked_by=caller.person_id)
            print_ = await service.printed(made)
            url, ends_at = await asyncio.to_thread(
                storage.store, await partnerships.own(session), found, f"evidence-{made.reference}.pdf", print_,
                "application/pdf",
            )  # fmt: skip
            return MakeAlertEvidencePayload(
                document=made.content.decode(), sha256=hashlib.sha256(made.content).hexdigest(),
                made_at=Instant(made.made_at), url=url, expires_at=Instant(ends_at),
            )  # fmt: skip

        return await mutate(
            info, input, work, again=work, answer=lambda made: made, needs=Permission.MAKE_EVIDENCE,
            about=("Alert", input.alert_id),
        )  # fmt: skip
