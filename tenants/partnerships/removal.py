"""The end of a partnership's storage: its files, its bucket and its keys.

With the process's own AWS credentials, which must be an operator's. All of this blocks; services call it through
``asyncio.to_thread``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from tenants.partnerships import signing, storage
from tenants.partnerships.aws import StorageError, kms_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

    from tenants.partnerships.models import Partnership

KEYS_KEPT_DAYS: Final = 30
"""How long AWS keeps a key that is to go, which can be called back until then. It allows no longer."""


def held(partnership: Partnership) -> list[str]:
    """Keys of stored files that a legal hold, or a time for which they must be retained, still protects."""
    bucket = partnership.bucket
    if bucket is None:
        return []
    s3, now = storage.operator_client(), datetime.now(UTC)
    found: list[str] = []
    for page in _pages(s3, bucket):
        for key, version in page:
            try:
                head = s3.head_object(Bucket=bucket, Key=key, VersionId=version)
            except ClientError as error:
                if error.response["Error"]["Code"] in {"404", "405"}:  # a mark that it was deleted, which holds nothing
                    continue
                raise
            until = head.get("ObjectLockRetainUntilDate")
            if head.get("ObjectLockLegalHoldStatus") == "ON" or (until is not None and until > now):
                found.append(key)
    return found


def remove(partnership: Partnership) -> int:
    """Delete every file with all its versions, and the bucket; have the keys deleted. Gives how many versions.

    What is gone already is passed over: a run cut short is completed by the next. Raises ``StorageError`` when the
    bucket is another's, or S3 keeps a file.
    """
    removed = _remove_bucket(partnership.bucket, partnership) if partnership.bucket else 0
    kms = kms_client()
    for alias in (storage.key_alias(partnership.id), signing.key_alias(partnership.id)):
        try:
            key = kms.describe_key(KeyId=alias)["KeyMetadata"]
        except kms.exceptions.NotFoundException:
            continue
        # The alias last: by it alone the next run finds a key that this one did not come to.
        if key.get("KeyState") != "PendingDeletion":
            kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=KEYS_KEPT_DAYS)
        kms.delete_alias(AliasName=alias)
    return removed


def _remove_bucket(name: str, partnership: Partnership) -> int:
    s3, removed = storage.operator_client(), 0
    try:
        owner = storage.owner_of(s3, name)
        if owner != str(partnership.id):
            raise StorageError(f"The bucket {name} belongs to partnership {owner}; nothing of it was deleted.")
        for page in _pages(s3, name):
            named: list[ObjectIdentifierTypeDef] = [{"Key": key, "VersionId": version} for key, version in page]
            done = s3.delete_objects(Bucket=name, Delete={"Objects": named, "Quiet": True})
            if kept := done.get("Errors"):
                first = kept[0]
                raise StorageError(f"S3 keeps {first.get('Key')} and {len(kept) - 1} more: {first.get('Message')}")
            removed += len(page)
        s3.delete_bucket(Bucket=name)
    except s3.exceptions.NoSuchBucket:
        return removed
    return removed


def _pages(s3: S3Client, bucket: str) -> Iterator[list[tuple[str, str]]]:
    """Key and version of every stored file and every mark that one was deleted, a thousand at a time at most."""
    try:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            entries = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            if entries:
                yield [(entry["Key"], entry["VersionId"]) for entry in entries]
    except s3.exceptions.NoSuchBucket:
        return
