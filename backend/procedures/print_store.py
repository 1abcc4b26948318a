"""Printed manuals in the partnership's own bucket. Blocks; services call it in a thread."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from tenants.partnerships.storage import storage_of, tenant_client
from tenants.procedures.print_models import Medium

if TYPE_CHECKING:
    from tenants.partnerships.models import Partnership
    from tenants.procedures.print_models import ProcedurePrint

LINK_LASTS: Final = timedelta(seconds=60)
_TYPES: Final = {Medium.PDF: "application/pdf", Medium.HTML: "text/html; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Link:
    """An address that gives the file to whoever holds it until ``expires_at``."""

    url: str = field(repr=False)
    expires_at: datetime


def keep(partnership: Partnership, row: ProcedurePrint, file: bytes) -> str:
    """Store the file; S3 refuses it unless its SHA-256 is the row's. Returns its version. Raises ``StorageError``."""
    stored = tenant_client(partnership).put_object(
        Bucket=storage_of(partnership).bucket, Key=row.object_key, Body=file, ContentType=_TYPES[row.medium],
        ChecksumAlgorithm="SHA256", ChecksumSHA256=base64.b64encode(bytes.fromhex(row.sha256 or "")).decode(),
    )  # fmt: skip
    return stored["VersionId"]


def link(partnership: Partnership, row: ProcedurePrint, name: str) -> Link:
    """A link to exactly this print: a page to read in the browser, or a PDF to save under ``name``."""
    client = tenant_client(partnership)
    expires_at = datetime.now(UTC) + LINK_LASTS  # by this machine's clock: it is what S3 is told
    shown = "inline" if row.medium is Medium.HTML else "attachment"
    url = client.generate_presigned_url(
        "get_object",
        Params={
            "Bucket": storage_of(partnership).bucket, "Key": row.object_key, "VersionId": row.version_id or "",
            "ResponseContentType": _TYPES[row.medium], "ResponseCacheControl": "no-store",
            "ResponseContentDisposition": f'{shown}; filename="{name}"',
        },
        ExpiresIn=int(LINK_LASTS.total_seconds()),
    )  # fmt: skip
    return Link(url, expires_at)
