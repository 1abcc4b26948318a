"""Each partnership's own key to sign evidence with. Its private half never leaves KMS.

Ed25519, so that whoever holds the public half can check a signature without asking anybody, and the
same text gives the same signature.

All of this blocks; services call it through ``asyncio.to_thread``.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from joserfc.jwk import OKPKey

from tenants.partnerships.aws import StorageError, assume_role, kms_client

if TYPE_CHECKING:
    from uuid import UUID

    from mypy_boto3_kms.client import KMSClient

    from tenants.partnerships.models import Partnership

_SPEC: Final[Any] = "ECC_NIST_EDWARDS25519"
_ALGORITHM: Final[Any] = "ED25519_SHA_512"


def key_alias(partnership_id: UUID) -> str:
    """Of the key that signs the partnership's evidence."""
    return f"alias/safeguard/{partnership_id}/evidence"


def provision(partnership_id: UUID) -> str:
    """The ARN of the key behind the partnership's alias, made and aliased when there is none.

    Raises ``StorageError`` when the key is out of use, or cannot be made.
    """
    kms, alias = kms_client(), key_alias(partnership_id)
    try:
        found = kms.describe_key(KeyId=alias)["KeyMetadata"]
    except kms.exceptions.NotFoundException:
        found = kms.create_key(
            Description=f"Evidence of partnership {partnership_id}", KeySpec=_SPEC, KeyUsage="SIGN_VERIFY"
        )["KeyMetadata"]
        kms.create_alias(AliasName=alias, TargetKeyId=found["KeyId"])
    if found.get("KeyState") != "Enabled":
        raise StorageError(f"The key {alias} is {found.get('KeyState')}; enable it before going on.")
    return found["Arn"]


def public_key(partnership: Partnership) -> OKPKey:
    """The public half. Raises ``StorageError`` when KMS will not give it."""
    try:
        given = _client(partnership).get_public_key(KeyId=_key_of(partnership))["PublicKey"]
    except (ClientError, BotoCoreError) as error:
        raise StorageError(f"The evidence key of {partnership.slug} cannot be read: {error}") from error
    half = load_der_public_key(given)
    if not isinstance(half, Ed25519PublicKey):
        raise StorageError(f"The evidence key of {partnership.slug} is not of Ed25519.")
    x = base64.urlsafe_b64encode(half.public_bytes_raw()).rstrip(b"=").decode()
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": x})


def sign(partnership: Partnership, message: bytes) -> bytes:
    """The signature, 64 bytes, of at most 4,096 bytes. Raises ``StorageError`` when KMS will not sign."""
    try:
        return _client(partnership).sign(
            KeyId=_key_of(partnership), Message=message, MessageType="RAW", SigningAlgorithm=_ALGORITHM
        )["Signature"]
    except (ClientError, BotoCoreError) as error:
        raise StorageError(f"The evidence key of {partnership.slug} does not sign: {error}") from error


def _client(partnership: Partnership) -> KMSClient:
    """KMS with credentials that can use this partnership's evidence key, and do nothing else."""
    allowed = {"Effect": "Allow", "Action": ["kms:Sign", "kms:GetPublicKey"], "Resource": _key_of(partnership)}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]}, separators=(",", ":"))
    return kms_client(assume_role(partnership.id, policy))


def _key_of(partnership: Partnership) -> str:
    if not partnership.evidence_key_id:
        raise StorageError(f"Partnership {partnership.slug} has no key for evidence yet; provision it first.")
    return partnership.evidence_key_id
