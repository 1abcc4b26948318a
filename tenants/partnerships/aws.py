"""Clients of AWS, and credentials narrowed to what one partnership may do.

All of this blocks; services call it through ``asyncio.to_thread``.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from backend.kit.settings import settings

if TYPE_CHECKING:
    from uuid import UUID

    from mypy_boto3_kms.client import KMSClient
    from mypy_boto3_sts.type_defs import CredentialsTypeDef

# The longest that STS grants when the process itself runs under a role.
CREDENTIALS_LAST: Final = timedelta(hours=1)
CONFIG: Final = Config(connect_timeout=3, read_timeout=20, retries={"mode": "standard", "max_attempts": 3})
MAKING: Final = threading.Lock()  # making a client is not thread-safe, using one is


class StorageError(RuntimeError):
    """Storage is not set up as it must be; the message tells an operator what to mend."""


@lru_cache(maxsize=1)
def session() -> boto3.session.Session:
    """The process's own credentials. One for all clients: each session loads S3's whole model anew."""
    return boto3.session.Session(region_name=settings().aws_region)


def kms_client(granted: CredentialsTypeDef | None = None) -> KMSClient:
    """A client of KMS, with the process's own credentials or those ``granted``."""
    with MAKING:
        return session().client(
            "kms",
            endpoint_url=settings().s3_endpoint_url,
            config=CONFIG,
            aws_access_key_id=granted["AccessKeyId"] if granted else None,
            aws_secret_access_key=granted["SecretAccessKey"] if granted else None,
            aws_session_token=granted["SessionToken"] if granted else None,
        )


def assume_role(partnership_id: UUID, policy: str) -> CredentialsTypeDef:
    """Credentials that may do what ``policy`` says, whatever the role itself may. Raises ``StorageError``."""
    role = settings().s3_role_arn
    if not role:
        raise StorageError("S3_ROLE_ARN is not set: it names the role that is narrowed to one partnership.")
    with MAKING:
        sts = session().client("sts", endpoint_url=settings().s3_endpoint_url, config=CONFIG)
    try:
        return sts.assume_role(
            RoleArn=role,
            RoleSessionName=f"partnership-{partnership_id}",  # AWS's own log then names the partnership
            DurationSeconds=int(CREDENTIALS_LAST.total_seconds()),
            Policy=policy,
        )["Credentials"]
    except (ClientError, BotoCoreError) as error:
        raise StorageError(f"The role {role} in S3_ROLE_ARN cannot be assumed: {error}") from error
