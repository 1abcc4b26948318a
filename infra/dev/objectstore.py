"""S3, STS, KMS and IAM from the `ministack` wheel, with signatures and policies enforced."""

import json
import os
import sys
from typing import Any

import boto3

from infra.dev.asgi import answers
from infra.dev.supervisor import Process, Supervisor, free_port

REGION = "eu-west-2"
# The emulator takes this key for the account's root and does not check its signature, so it serves only
# to create the user below. That user's key is checked, and is the only one handed out.
ROOT_KEY = "test"
SERVICE_USER = "safeguard"
TENANT_ROLE = "safeguard-tenant"


def launch(supervisor: Supervisor) -> tuple[Process, str]:
    """Start the emulator without waiting for it; returns it and its URL. State is in memory only."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = supervisor.start(
        "ministack",
        [sys.executable, "-m", "ministack"],
        # Not the caller's environment: AWS variables found there would change who is root.
        env={
            "PATH": os.environ.get("PATH", os.defpath),
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            "LOG_LEVEL": "WARNING",
            "IOT_MTLS_ENABLED": "0",  # or it also listens on 8883, on every interface
            "SFTP_ENABLED": "0",
        },
        ready=lambda: answers(f"{url}/_ministack/health"),
        wait=False,
    )
    return process, url


def provision(url: str) -> dict[str, str]:
    """Create the user the product signs in as and the role it narrows for each tenant.

    The user creates buckets and keys. A tenant's objects are reached only through the role, with a
    session policy naming that tenant's bucket and key.
    """
    root = boto3.Session(aws_access_key_id=ROOT_KEY, aws_secret_access_key=ROOT_KEY, region_name=REGION)
    iam = root.client("iam", endpoint_url=url)
    user = iam.create_user(UserName=SERVICE_USER)["User"]
    trust = _policy({"Principal": {"AWS": user["Arn"]}, "Action": "sts:AssumeRole"})
    role = iam.create_role(RoleName=TENANT_ROLE, AssumeRolePolicyDocument=trust)["Role"]
    storage: dict[str, Any] = {"Action": ["s3:*", "kms:*"], "Resource": "*"}
    iam.put_role_policy(RoleName=TENANT_ROLE, PolicyName="storage", PolicyDocument=_policy(storage))
    assume = {"Action": "sts:AssumeRole", "Resource": role["Arn"]}
    iam.put_user_policy(UserName=SERVICE_USER, PolicyName="product", PolicyDocument=_policy(storage, assume))
    key = iam.create_access_key(UserName=SERVICE_USER)["AccessKey"]
    return {
        "S3_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "AWS_REGION": REGION,
        "S3_ROLE_ARN": role["Arn"],
    }


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **part} for part in statements]})
