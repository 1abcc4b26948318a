"""The printed rota's bytes in the partnership's own bucket. Blocks; services call it in a thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from tenants.partnerships.storage import storage_of, tenant_client

if TYPE_CHECKING:
    from notifications.printed_rotas.models import PrintedRota
    from tenants.partnerships.models import Partnership

LINK_LASTS: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Link:
    """An address that gives the file to whoever holds it until ``expires_at``."""

    url: str = field(repr=False)
    expires_at: datetime


def keep(partnership: Partnership, key: str, version: int, pdf: bytes) -> str:
    """Store the file, to be saved under a name with its version. Returns the version of the object, which
    every later download gives. Raises ``StorageError``.
    """
    stored = tenant_client(partnership).put_object(
        Bucket=storage_of(partnership).bucket, Key=key, Body=pdf, ContentType="application/pdf",
        ContentDisposition=f'attachment; filename="on-call-rota-version-{version}.pdf"',
    )  # fmt: skip
    return stored["VersionId"]


def link(partnership: Partnership, issue: PrintedRota) -> Link:
    """A link to exactly this issue, never to be kept in a cache."""
    client = tenant_client(partnership)
    expires_at = datetime.now(UTC) + LINK_LASTS  # by this machine's clock: it is what S3 is told
    url = client.generate_presigned_url(
        "get_object",
        Params={
            "Bucket": storage_of(partnership).bucket,
            "Key": issue.object_key,
            "VersionId": issue.version_id,
            "ResponseCacheControl": "no-store",
        },
        ExpiresIn=int(LINK_LASTS.total_seconds()),
    )
    return Link(url, expires_at)
