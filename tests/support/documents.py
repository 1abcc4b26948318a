"""A partnership with storage, one practitioner and one case, and what such a practitioner sends."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.cases.models import CaseFile
from backend.documents import service
from backend.documents.models import Document
from backend.documents.service import PresignedDownload, PresignedUpload
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession, open_session
from tenants.contacts.models import Agency, AgencyKind, Person
from tenants.partnerships import storage
from tenants.partnerships.models import Partnership

CONTENT = b"minutes of an invented meeting"
FORGERY = b"MINUTES of an invented meeting"
PDF = "application/pdf"


@dataclass(frozen=True)
class Desk:
    """Where a practitioner of one partnership works on one case."""

    partnership: Partnership
    person_id: UUID
    case_id: UUID

    @property
    def bucket(self) -> str:
        return self.partnership.bucket or ""

    async def start(self, session: TenantSession, **change: object) -> tuple[Document, PresignedUpload]:
        """Promise ``CONTENT``, or what ``change`` says instead, and commit."""
        promised: dict[str, Any] = {
            "document_id": uuid7(),
            "case_id": self.case_id,
            "title": "Minutes, first meeting",
            "content_type": PDF,
            "size": len(CONTENT),
            "sha256": hashlib.sha256(CONTENT).hexdigest(),
            "person_id": self.person_id,
        }
        started = await service.start_upload(session, **(promised | change))
        await session.commit()
        return started

    async def available(self, session: TenantSession, **change: object) -> Document:
        """A document whose upload is complete."""
        document, form = await self.start(session, **change)
        send(form).raise_for_status()
        await service.complete_upload(session, document.id, self.person_id)
        await session.commit()
        return document


def send(form: PresignedUpload, content: bytes = CONTENT, **change: str) -> httpx.Response:
    """POST the form as a browser does, with some of its fields changed."""
    return httpx.post(form.url, data=form.fields | change, files={"file": content})


def fetch(link: PresignedDownload) -> httpx.Response:
    """What the holder of the link gets."""
    return httpx.get(link.url)


async def open_desk(owner: AsyncEngine, name: str) -> Desk:
    """Write a partnership's rows as the owner, and provision its storage."""
    tenant_id, agency_id, person_id, case_id = (uuid7() for _ in range(4))
    slug, now = f"{name}-{tenant_id.hex[-6:]}", datetime.now(UTC)
    made = storage.provision(tenant_id, slug)
    partnership = Partnership(
        id=tenant_id, slug=slug, name=name, bucket=made.bucket, kms_key_id=made.kms_key_id, created_at=now
    )
    agency = Agency(tenant_id=tenant_id, id=agency_id, code="council", name="Invented", kind=AgencyKind.SOCIAL_CARE)
    person = Person(
        tenant_id=tenant_id, id=person_id, code="worker", name="Avery Example", post="", agency_id=agency_id
    )
    case = CaseFile(tenant_id=tenant_id, id=case_id, pathway="none", reference="TEST-0001", opened_at=now)
    async with open_session(tenant_id, on=owner) as session:
        for row in (partnership, agency, person, case):
            session.add(row)
            await session.flush()
        await session.commit()
    return Desk(partnership, person_id, case_id)
