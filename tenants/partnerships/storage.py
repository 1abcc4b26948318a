"""Each partnership's own bucket and key, and credentials that open nothing else.

Operators provision with the process's own AWS credentials. Everything that serves a request goes
through ``tenant_client``: should a query ever name another partnership's object, S3 refuses it.

All of this blocks; services call it through ``asyncio.to_thread``.
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal, NamedTuple
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.exceptions import ClientError

from backend.kit.settings import settings
from tenants.partnerships.aws import CONFIG, CREDENTIALS_LAST, MAKING, StorageError, assume_role, kms_client, session

__all__ = ["CREDENTIALS_LAST", "Storage", "StorageError", "provision", "storage_of", "tenant_client"]

if TYPE_CHECKING:
    from uuid import UUID

    from mypy_boto3_kms.client import KMSClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import CORSRuleTypeDef, ServerSideEncryptionRuleTypeDef, TagTypeDef
    from mypy_boto3_sts.type_defs import CredentialsTypeDef

    from tenants.partnerships.models import Partnership

# A presigned form dies with the credentials that signed it, so these outlive it by this much at least.
LEFT_AT_LEAST: Final = timedelta(minutes=20)

_OWNER_TAG: Final = "safeguard:partnership"


@dataclass(frozen=True, slots=True)
class Storage:
    """Where a partnership's documents lie. ``kms_key_id`` is the key's ARN."""

    bucket: str
    kms_key_id: str


def provision(partnership_id: UUID, slug: str, *, bucket: str | None = None) -> Storage:
    """Make the partnership's key and bucket, or find them and put their protection back.

    Afterwards the bucket is versioned with object lock, encrypts by default with the partnership's
    key, blocks public access, and takes uploads from the app's pages. Running it again gives the
    same bucket and key; a run cut short is completed by the next. ``bucket`` names one to use
    instead of the default name. Raises ``StorageError`` when the bucket is somebody else's or was
    made without object lock, or the key is out of use.
    """
    readable = re.sub(r"[^a-z0-9]+", "-", slug.lower())[:40].strip("-")  # S3 allows 63 characters in all
    name = bucket or f"safeguard-{readable}-{partnership_id.hex[-12:]}"  # whose last digits are random
    kms, s3 = kms_client(), operator_client()
    # The bucket first: one that turns out to be another's must not leave a key behind.
    _claim_bucket(s3, name, partnership_id)
    key = _own_key(kms, partnership_id)
    _protect(s3, name, key)
    return Storage(name, key)


def operator_client() -> S3Client:
    """An S3 client with the process's own credentials."""
    with MAKING:
        return session().client("s3", endpoint_url=settings().s3_endpoint_url, config=_s3_config())


def key_alias(partnership_id: UUID) -> str:
    """Of the key that encrypts the partnership's files."""
    return f"alias/safeguard/{partnership_id}"


def owner_of(s3: S3Client, bucket: str) -> str | None:
    """The id of the partnership whose bucket it is, None for nobody's."""
    return next((tag["Value"] for tag in _tags(s3, bucket) if tag["Key"] == _OWNER_TAG), None)


def storage_of(partnership: Partnership) -> Storage:
    """The partnership's storage. Raises ``StorageError`` before it is provisioned."""
    if not partnership.bucket or not partnership.kms_key_id:
        raise StorageError(f"Partnership {partnership.slug} has no storage yet; provision it first.")
    return Storage(partnership.bucket, partnership.kms_key_id)


def tenant_client(partnership: Partnership) -> S3Client:
    """An S3 client that can read and write objects of this partnership's bucket, and do nothing else.

    What it signs is good for ``LEFT_AT_LEAST``. Clients are shared between threads and kept until
    that is no longer so; only one thread asks STS for a partnership, and no other partnership waits.
    Raises ``StorageError`` when the role cannot be assumed.
    """
    storage = storage_of(partnership)
    slot = _slots.setdefault(partnership.id, _Slot())
    with slot.lock:
        held = slot.held
        if held is None or held.storage != storage or held.expires_at - datetime.now(UTC) < LEFT_AT_LEAST:
            granted = _assume_role(partnership.id, storage)
            held = slot.held = _Held(storage, _client(granted), granted["Expiration"])
        return held.client


class _Held(NamedTuple):
    storage: Storage
    client: S3Client
    expires_at: datetime


@dataclass(slots=True)
class _Slot:
    """One partnership's client; the lock is held while credentials are fetched."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    held: _Held | None = None


_slots: dict[UUID, _Slot] = {}


def _s3_config() -> Config:
    # For hours after a bucket is made, AWS redirects uploads sent to its global name: sign its regional one.
    style: Literal["path", "virtual"] = "path" if settings().s3_endpoint_url else "virtual"
    return CONFIG.merge(Config(signature_version="s3v4", s3={"addressing_style": style}))


def _client(granted: CredentialsTypeDef) -> S3Client:
    with MAKING:
        return session().client(
            "s3",
            endpoint_url=settings().s3_endpoint_url,
            config=_s3_config(),
            aws_access_key_id=granted["AccessKeyId"],
            aws_secret_access_key=granted["SecretAccessKey"],
            aws_session_token=granted["SessionToken"],
        )


def _assume_role(partnership_id: UUID, storage: Storage) -> CredentialsTypeDef:
    return assume_role(partnership_id, _session_policy(storage))


def _session_policy(storage: Storage) -> str:
    """What the credentials may do, whatever the role itself may. HEAD needs no more than GET."""
    allowed = [
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
            "Resource": f"arn:aws:s3:::{storage.bucket}/*",
        },
        {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": storage.kms_key_id},
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": allowed}, separators=(",", ":"))


def _own_key(kms: KMSClient, partnership_id: UUID) -> str:
    """The ARN of the key behind the partnership's alias, made and aliased when there is none."""
    alias = key_alias(partnership_id)
    try:
        found = kms.describe_key(KeyId=alias)["KeyMetadata"]
    except kms.exceptions.NotFoundException:
        found = kms.create_key(Description=f"Documents of partnership {partnership_id}")["KeyMetadata"]
        kms.create_alias(AliasName=alias, TargetKeyId=found["KeyId"])
    if found.get("KeyState") != "Enabled":
        raise StorageError(f"The key {alias} is {found.get('KeyState')}; enable it before going on.")
    kms.enable_key_rotation(KeyId=found["KeyId"])
    return found["Arn"]


def _claim_bucket(s3: S3Client, name: str, partnership_id: UUID) -> None:
    """Make the bucket or recognise it as the partnership's own."""
    try:
        s3.create_bucket(
            Bucket=name,
            ObjectLockEnabledForBucket=True,
            CreateBucketConfiguration={"LocationConstraint": settings().aws_region},  # type: ignore[typeddict-item]
        )
    except s3.exceptions.BucketAlreadyOwnedByYou:
        pass
    except s3.exceptions.BucketAlreadyExists:
        raise StorageError(f"The bucket name {name} is taken in another account; give another.") from None
    owner = owner_of(s3, name)
    if owner not in {None, str(partnership_id)}:
        raise StorageError(f"The bucket {name} belongs to partnership {owner}.")
    try:
        s3.get_object_lock_configuration(Bucket=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ObjectLockConfigurationNotFoundError":
            raise
        raise StorageError(f"The bucket {name} was made without object lock; give one that has it.") from None
    if owner is None:
        tags: list[TagTypeDef] = [*_tags(s3, name), {"Key": _OWNER_TAG, "Value": str(partnership_id)}]
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})


def _tags(s3: S3Client, name: str) -> list[TagTypeDef]:
    try:
        return s3.get_bucket_tagging(Bucket=name)["TagSet"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchTagSet":
            raise
        return []


def _protect(s3: S3Client, name: str, key: str) -> None:
    """Set everything but object lock, which a bucket has from birth and which keeps versioning on."""
    encryption: ServerSideEncryptionRuleTypeDef = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key},
        "BucketKeyEnabled": True,  # one call to KMS serves many objects
    }
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [encryption]})
    s3.put_public_access_block(
        Bucket=name,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    )
    app = urlsplit(settings().app_url)
    upload: CORSRuleTypeDef = {
        "AllowedMethods": ["POST"],
        "AllowedOrigins": [f"{app.scheme}://{app.netloc}"],
        "AllowedHeaders": ["*"],
    }
    s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [upload]})
