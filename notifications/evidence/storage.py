"""Where evidence is fetched from: the partnership's own bucket, by a link that lives for a minute.

It blocks; services call it in a thread.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from tenants.partnerships.models import Partnership
from tenants.partnerships.storage import storage_of, tenant_client

LINK_LASTS: Final = timedelta(seconds=60)


def store(
    partnership: Partnership, alert_id: UUID, name: str, content: bytes, content_type: str
) -> tuple[str, datetime]:
    """Keep ``content`` under its own SHA-256, and give a link to it and when the link ends.

    The same bytes are the same object. Raises ``StorageError`` before storage is provisioned.
    """
    client, bucket = tenant_client(partnership), storage_of(partnership).bucket
    key = f"evidence/{alert_id}/{hashlib.sha256(content).hexdigest()}"
    kept = client.put_object(Bucket=bucket, Key=key, Body=content, ContentType=content_type,
                             ContentDisposition="attachment")  # fmt: skip
    wanted = {
        "Bucket": bucket, "Key": key, "VersionId": kept["VersionId"], "ResponseCacheControl": "no-store",
        "ResponseContentDisposition": f'attachment; filename="{name}"',
    }  # fmt: skip
    ends_at = datetime.now(UTC) + LINK_LASTS  # by this machine's clock, not the database's: it is what S3 is told
    return client.generate_presigned_url(
        "get_object", Params=wanted, ExpiresIn=int(LINK_LASTS.total_seconds())
    ), ends_at
