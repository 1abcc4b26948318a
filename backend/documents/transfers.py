"""What is agreed with S3 about one document: the form that uploads it, the check, the link that gives it.

Every function may fetch credentials or ask S3, so it blocks; services call it in a thread.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

import structlog
from botocore.exceptions import ClientError

from backend.kit.problems import Conflict
from tenants.partnerships.storage import storage_of, tenant_client

if TYPE_CHECKING:
    from uuid import UUID

    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

    from tenants.partnerships.models import Partnership

log = structlog.get_logger(__name__)

UPLOAD_WITHIN: Final = timedelta(minutes=15)
DOWNLOAD_WITHIN: Final = timedelta(seconds=60)

# What may be kept, and the extension that a download gets.
EXTENSIONS: Final = {
    "application/pdf": ".pdf",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "audio/mp4": ".m4a",
    "audio/x-m4a": ".m4a",  # the same, as most browsers call it
    "image/heic": ".heic",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/tiff": ".tif",
    "text/plain": ".txt",
}

# What is made here beside; nobody uploads it.
_MADE_HERE: Final = {"application/json": ".json", "text/csv": ".csv"}

_CHUNK: Final = 1024 * 1024


class Stored(Protocol):
    """What is kept of a file: a document of a case, or the source of a manual."""

    id: UUID
    content_type: str
    size: int
    sha256: str
    object_key: str
    version_id: str | None


@dataclass(frozen=True, slots=True)
class PresignedUpload:
    """A form to POST as ``multipart/form-data``: all of ``fields``, then the bytes as ``file``."""

    url: str
    fields: dict[str, str] = field(repr=False)  # they let the holder write, so no log may show them
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PresignedDownload:
    """A link that gives the file to whoever holds it until ``expires_at``."""

    url: str = field(repr=False)
    expires_at: datetime


def form(partnership: Partnership, document: Stored) -> PresignedUpload:
    """The form for exactly the promised bytes: S3 refuses another key, type, size or SHA-256."""
    fixed = {
        "Content-Type": document.content_type,
        "Content-Disposition": "attachment",  # without the title: S3 does not encrypt an object's headers
        "x-amz-checksum-algorithm": "SHA256",
        "x-amz-checksum-sha256": _checksum(document),
    }
    conditions: list[Any] = [["content-length-range", document.size, document.size]]
    conditions += [{name: value} for name, value in fixed.items()]
    client = tenant_client(partnership)
    expires_at = _from_now(UPLOAD_WITHIN)
    signed = client.generate_presigned_post(
        storage_of(partnership).bucket,
        document.object_key,
        Fields={**fixed},
        Conditions=conditions,
        ExpiresIn=int(UPLOAD_WITHIN.total_seconds()),
    )
    return PresignedUpload(signed["url"], signed["fields"], expires_at)


def arrived(partnership: Partnership, document: Stored) -> str:
    """The version that holds the promised bytes. Raises ``Conflict`` when none, or another file, is there."""
    client, bucket = tenant_client(partnership), storage_of(partnership).bucket
    try:
        head = client.head_object(Bucket=bucket, Key=document.object_key, ChecksumMode="ENABLED")
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        # To credentials that may not list the bucket S3 says 403 rather than 404.
        if status not in {403, 404}:
            raise
        log.warning("upload_not_found", document_id=str(document.id), status=status)
        raise Conflict("The file has not arrived. Send it with the upload form, then complete again.") from None
    version = head["VersionId"]
    same = (head["ContentLength"], head["ContentType"]) == (document.size, document.content_type)
    if not same or _checksum_of(client, bucket, document.object_key, head) != _checksum(document):
        raise Conflict("What arrived is not the file that was announced. Start a new upload for this file.")
    return version


def keep(partnership: Partnership, document: Stored, data: bytes) -> str:
    """Store bytes that are at hand; S3 refuses them unless their SHA-256 is the document's. Returns their version.

    Raises ``StorageError``.
    """
    stored = tenant_client(partnership).put_object(
        Bucket=storage_of(partnership).bucket, Key=document.object_key, Body=data, ContentType=document.content_type,
        ContentDisposition="attachment", ChecksumAlgorithm="SHA256", ChecksumSHA256=_checksum(document),
    )  # fmt: skip
    return stored["VersionId"]


def link(partnership: Partnership, document: Stored) -> PresignedDownload:
    """A link to the completed version, never shown inline nor kept in a cache."""
    client = tenant_client(partnership)
    expires_at = _from_now(DOWNLOAD_WITHIN)
    url = client.generate_presigned_url(
        "get_object",
        Params={
            "Bucket": storage_of(partnership).bucket,
            "Key": document.object_key,
            "VersionId": document.version_id,
            "ResponseContentDisposition": f'attachment; filename="{_saved_as(document)}"',
            "ResponseCacheControl": "no-store",
        },
        ExpiresIn=int(DOWNLOAD_WITHIN.total_seconds()),
    )
    return PresignedDownload(url, expires_at)


def _saved_as(document: Stored) -> str:
    """What a download is called: nothing of its title, for a link ends up in logs and histories."""
    return f"document-{document.id.hex[-8:]}{(EXTENSIONS | _MADE_HERE)[document.content_type]}"


def _checksum(document: Stored) -> str:
    """The promised SHA-256 as S3 writes it."""
    return base64.b64encode(bytes.fromhex(document.sha256)).decode()


def _checksum_of(client: S3Client, bucket: str, key: str, head: HeadObjectOutputTypeDef) -> str:
    """The SHA-256 of what is stored: S3's own, or ours over its bytes from a store that kept none."""
    if "ChecksumSHA256" in head:
        return head["ChecksumSHA256"]
    digest = hashlib.sha256()
    body = client.get_object(Bucket=bucket, Key=key, VersionId=head["VersionId"])["Body"]
    for chunk in body.iter_chunks(_CHUNK):
        digest.update(chunk)
    return base64.b64encode(digest.digest()).decode()


def _from_now(lasting: timedelta) -> datetime:
    # By this machine's clock, not the database's: it is what S3 is told.
    return datetime.now(UTC) + lasting
