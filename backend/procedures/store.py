"""Files of manuals in the partnership's own bucket. Blocks; services call it in a thread."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from tenants.partnerships.storage import storage_of, tenant_client

if TYPE_CHECKING:
    from tenants.partnerships.models import Partnership
    from tenants.procedures.working_models import ProcedureImport


def keep(partnership: Partnership, row: ProcedureImport, data: bytes) -> str:
    """Store a file; S3 refuses it unless its SHA-256 is the row's. Returns its version. Raises ``StorageError``."""
    stored = tenant_client(partnership).put_object(
        Bucket=storage_of(partnership).bucket, Key=row.object_key, Body=data, ContentType=row.content_type,
        ContentDisposition="attachment", ChecksumAlgorithm="SHA256",
        ChecksumSHA256=base64.b64encode(bytes.fromhex(row.sha256)).decode(),
    )  # fmt: skip
    return stored["VersionId"]


def fetch(partnership: Partnership, row: ProcedureImport) -> bytes:
    """The very bytes that were completed. Raises ``StorageError``."""
    found = tenant_client(partnership).get_object(
        Bucket=storage_of(partnership).bucket, Key=row.object_key, VersionId=row.version_id or ""
    )
    return found["Body"].read()
