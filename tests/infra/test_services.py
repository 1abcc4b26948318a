"""What the product relies on in each embedded service, tried on the service itself."""

import base64
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import boto3
import httpx
import pytest
import redis
from botocore.exceptions import ClientError
from joserfc import jwt
from joserfc.jwk import KeySet
from mypy_boto3_s3.client import S3Client
from redis.backoff import NoBackoff
from redis.retry import Retry

from infra.dev.services import AUDIENCE, DevelopmentServices, development_services
from infra.dev.supervisor import ServiceError, Supervisor

REPOSITORY = Path(__file__).parents[2]
NEVER = Retry(NoBackoff(), 0)
DOCUMENT = b"minutes of the meeting"


@pytest.fixture(scope="module")
def storage(services: DevelopmentServices) -> boto3.Session:
    return session_of(services.environment)


@pytest.fixture(scope="module")
def buckets(services: DevelopmentServices, storage: boto3.Session) -> tuple[str, str]:
    """Two tenants' buckets with object lock."""
    for name in ("tenant-a", "tenant-b"):
        s3 = storage.client("s3", endpoint_url=services.environment["S3_ENDPOINT_URL"])
        s3.create_bucket(
            Bucket=name,
            ObjectLockEnabledForBucket=True,
            CreateBucketConfiguration={"LocationConstraint": "eu-west-2"},
        )
    return "tenant-a", "tenant-b"


@pytest.fixture(scope="module")
def narrowed(services: DevelopmentServices, storage: boto3.Session, buckets: tuple[str, str]) -> S3Client:
    """An S3 client whose credentials are limited to the first tenant's bucket."""
    url = services.environment["S3_ENDPOINT_URL"]
    arn = f"arn:aws:s3:::{buckets[0]}"
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": [arn, f"{arn}/*"]}
    answer = storage.client("sts", endpoint_url=url).assume_role(
        RoleArn=services.environment["S3_ROLE_ARN"],
        RoleSessionName="tenant-a",
        Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    granted = answer["Credentials"]
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name="eu-west-2",
        aws_access_key_id=granted["AccessKeyId"],
        aws_secret_access_key=granted["SecretAccessKey"],
        aws_session_token=granted["SessionToken"],
    )


def session_of(environment: dict[str, str], **other: str) -> boto3.Session:
    environment = environment | other
    return boto3.Session(
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_REGION"],
    )


async def fetch(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


@pytest.mark.parametrize("variable", ["DATABASE_URL", "DATABASE_OWNER_URL"])
async def test_neither_role_can_step_over_row_level_security(services: DevelopmentServices, variable: str) -> None:
    query = """select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb
               from pg_roles where rolname = current_user"""
    assert await fetch(services.environment[variable], query) is False


async def test_the_owner_may_create_what_the_application_may_not(services: DevelopmentServices) -> None:
    owner, application = services.environment["DATABASE_OWNER_URL"], services.environment["DATABASE_URL"]
    await fetch(owner, "create extension if not exists btree_gist")
    await fetch(owner, "create table probe ()")
    await fetch(owner, "drop table probe")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await fetch(application, "create table probe ()")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has privileges to drop")
async def test_the_database_runs_without_root_or_its_groups(services: DevelopmentServices) -> None:
    query = "select pid from pg_stat_activity where backend_type = 'checkpointer'"
    found = identities(await fetch(services.environment["POSTGRES_ADMIN_URL"], query))
    assert found.keys() == {"Uid", "Gid", "Groups"}
    assert "0" not in set.union(*found.values())


def identities(pid: object) -> dict[str, set[str]]:
    """Users and groups under which a process runs."""
    lines = (line.partition(":") for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return {name: set(ids.split()) for name, _, ids in lines if name in {"Uid", "Gid", "Groups"}}


async def test_a_wrong_database_password_is_refused(services: DevelopmentServices) -> None:
    url = urlsplit(services.environment["DATABASE_URL"])
    with pytest.raises(asyncpg.InvalidPasswordError):
        await fetch(f"postgresql://safeguard_app:wrong@127.0.0.1:{url.port}/safeguard", "select 1")


async def test_the_database_is_utf8_and_keeps_time_in_utc(services: DevelopmentServices) -> None:
    query = "select current_setting('server_encoding') || ' ' || current_setting('timezone')"
    assert await fetch(services.environment["DATABASE_URL"], query) == "UTF8 UTC"


def test_the_broker_asks_for_its_password(services: DevelopmentServices) -> None:
    port = urlsplit(services.environment["BROKER_URL"]).port
    with pytest.raises(redis.AuthenticationError), redis.Redis(port=port or 0, retry=NEVER) as stranger:
        stranger.ping()


def test_a_broker_that_comes_back_is_empty_and_on_the_same_address(services: DevelopmentServices) -> None:
    with redis.Redis.from_url(services.environment["BROKER_URL"], retry=NEVER) as broker:
        broker.set("kept", "no")
        services.stop_valkey()
        with pytest.raises(redis.ConnectionError):
            broker.ping()
        services.start_valkey()
        assert broker.get("kept") is None


def test_a_wrong_storage_secret_is_refused(services: DevelopmentServices) -> None:
    stranger = session_of(services.environment, AWS_SECRET_ACCESS_KEY="wrong")
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        stranger.client("s3", endpoint_url=services.environment["S3_ENDPOINT_URL"]).list_buckets()


def test_a_session_policy_confines_credentials_to_one_bucket(narrowed: S3Client, buckets: tuple[str, str]) -> None:
    own, other = buckets
    narrowed.put_object(Bucket=own, Key="a", Body=DOCUMENT)
    assert narrowed.get_object(Bucket=own, Key="a")["Body"].read() == DOCUMENT
    with pytest.raises(ClientError, match="AccessDenied"):
        narrowed.put_object(Bucket=other, Key="a", Body=DOCUMENT)
    with pytest.raises(ClientError, match="AccessDenied"):
        narrowed.list_objects_v2(Bucket=other)


def test_a_locked_version_cannot_be_deleted(narrowed: S3Client, buckets: tuple[str, str]) -> None:
    assert narrowed.get_bucket_versioning(Bucket=buckets[0])["Status"] == "Enabled"
    version = narrowed.put_object(
        Bucket=buckets[0],
        Key="locked",
        Body=DOCUMENT,
        ObjectLockMode="COMPLIANCE",
        ObjectLockRetainUntilDate="2100-01-01T00:00:00Z",
    )["VersionId"]
    with pytest.raises(ClientError, match="object lock"):
        narrowed.delete_object(Bucket=buckets[0], Key="locked", VersionId=version)


def test_a_key_encrypts_and_decrypts(services: DevelopmentServices, storage: boto3.Session) -> None:
    kms = storage.client("kms", endpoint_url=services.environment["S3_ENDPOINT_URL"])
    key = kms.create_key(Description="tenant-a")["KeyMetadata"]["KeyId"]
    sealed = kms.encrypt(KeyId=key, Plaintext=DOCUMENT)["CiphertextBlob"]
    assert sealed != DOCUMENT
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == DOCUMENT


@pytest.mark.parametrize(
    ("change", "content", "status"),
    [
        ({}, DOCUMENT, 204),
        ({}, DOCUMENT * 10, 400),
        ({"x-amz-checksum-sha256": base64.b64encode(bytes(32)).decode()}, DOCUMENT, 403),
        ({"key": "another"}, DOCUMENT, 403),
    ],
    ids=["as signed", "too long", "other checksum", "other key"],
)
def test_an_upload_form_holds_to_what_was_signed(
    narrowed: S3Client, buckets: tuple[str, str], change: dict[str, str], content: bytes, status: int
) -> None:
    checksum = base64.b64encode(hashlib.sha256(DOCUMENT).digest()).decode()
    fields = {"x-amz-checksum-algorithm": "SHA256", "x-amz-checksum-sha256": checksum}
    conditions: list[Any] = [["content-length-range", 1, len(DOCUMENT)], *({k: v} for k, v in fields.items())]
    form = narrowed.generate_presigned_post(buckets[0], "upload", Fields=fields, Conditions=conditions)
    answer = httpx.post(form["url"], data=form["fields"] | change, files={"file": content})
    assert answer.status_code == status, answer.text


def test_the_issuer_signs_tokens_that_its_published_keys_verify(own_issuer: tuple[str, Supervisor]) -> None:
    issuer, _ = own_issuer
    published = httpx.get(f"{issuer}/.well-known/openid-configuration").json()
    minted = httpx.post(f"{issuer}/dev/token", json={"subject": "amina"}).json()["access_token"]
    httpx.post(f"{issuer}/dev/rotate").raise_for_status()
    keys = KeySet.import_key_set(httpx.get(published["jwks_uri"]).json())
    token = jwt.decode(minted, keys, algorithms=["RS256"])
    assert token.header["typ"] == "at+jwt"
    assert (token.claims["iss"], token.claims["sub"]) == (issuer, "amina")
    assert token.claims["aud"] == AUDIENCE


def test_a_code_is_exchanged_once_and_only_with_its_verifier(services: DevelopmentServices) -> None:
    issuer, verifier = services.environment["OIDC_ISSUER"], "v" * 43
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    request = {"client_id": "app", "redirect_uri": "http://localhost/back", "state": "s", "scope": "openid"}
    request |= {"code_challenge": challenge, "code_challenge_method": "S256", "response_type": "code"}

    def exchange(code: str, proof: str) -> httpx.Response:
        fields = {"grant_type": "authorization_code", "code": code, "code_verifier": proof}
        return httpx.post(f"{issuer}/token", data=fields | {"redirect_uri": request["redirect_uri"]})

    def sign_in() -> str:
        answer = httpx.post(f"{issuer}/authorize", data=request | {"subject": "amina"})
        query = parse_qs(urlsplit(answer.headers["location"]).query)
        assert query["state"] == ["s"]
        return query["code"][0]

    assert "Sign in" in httpx.get(f"{issuer}/authorize", params=request).text
    code = sign_in()
    assert set(exchange(code, verifier).json()) >= {"access_token", "id_token"}
    assert exchange(code, verifier).json()["error"] == "invalid_grant"
    assert exchange(sign_in(), "w" * 43).json()["error"] == "invalid_grant"


def test_an_application_gets_a_token_for_itself(services: DevelopmentServices) -> None:
    answer = httpx.post(
        f"{services.environment['OIDC_ISSUER']}/token",
        data={"grant_type": "client_credentials", "scope": "cases.read"},
        auth=("partner", "secret"),
    )
    assert answer.json()["token_type"] == "Bearer"


def test_a_service_already_given_is_not_started(tmp_path: Path) -> None:
    given = {
        "DATABASE_URL": "postgresql://elsewhere/safeguard",
        "S3_ENDPOINT_URL": "https://s3.example.org",
        "OIDC_ISSUER": "https://issuer.example.org",
        "NOTIFY_BASE_URL": "https://notify.example.org",
    }
    with development_services(tmp_path, environment=given) as services:
        made = services.environment.keys() - given.keys()
        assert made == {
            "BROKER_URL", "ANSWER_SECRET", "EVIDENCE_SIGNING_KEY", "HANDBOOK_SIGNING_KEY", "APPLICATION_TOKEN_KEYS",
        }  # fmt: skip
        assert services.environment.items() >= given.items()
        assert services.carrier_url is None
        with pytest.raises(ServiceError, match="already run in"), development_services(tmp_path):
            pass
    assert {log.stem for log in (tmp_path / "logs").iterdir()} == {"valkey"}


def test_the_command_prints_what_a_shell_can_evaluate(tmp_path: Path, services: DevelopmentServices) -> None:
    environment = {"PATH": "/usr/bin:/bin"} | services.environment
    del environment["BROKER_URL"]
    argv = [sys.executable, "-m", "infra.dev", str(tmp_path)]
    with subprocess.Popen(argv, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True) as command:
        assert command.stdout is not None
        assert command.stdout.readline().startswith("export BROKER_URL=redis://:")
        command.terminate()
        assert command.stdout.read() == ""
