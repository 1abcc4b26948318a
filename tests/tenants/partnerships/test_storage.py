"""Each partnership's bucket, key and credentials, on the object store itself."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError
from mypy_boto3_kms.client import KMSClient
from mypy_boto3_s3.client import S3Client

from backend.kit.ids import uuid7
from backend.kit.settings import settings
from infra.dev.services import DevelopmentServices
from tenants.partnerships import storage
from tenants.partnerships.models import Partnership
from tenants.partnerships.storage import StorageError, provision, tenant_client

CONTENT = b"minutes of an invented meeting"
KEY = "cases/one/two"


@pytest.fixture
def operator(services: DevelopmentServices) -> S3Client:
    return boto3.Session().client("s3", endpoint_url=services.environment["S3_ENDPOINT_URL"], region_name="eu-west-2")


@pytest.fixture
def kms(services: DevelopmentServices) -> KMSClient:
    return boto3.Session().client("kms", endpoint_url=services.environment["S3_ENDPOINT_URL"], region_name="eu-west-2")


@pytest.fixture
def role(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Sets the role that the product is configured with, for one test."""

    def use(arn: str) -> None:
        monkeypatch.setenv("S3_ROLE_ARN", arn)
        settings.cache_clear()

    yield use
    monkeypatch.undo()
    settings.cache_clear()


def provisioned(slug: str = "invented-vale") -> Partnership:
    partnership = Partnership(id=uuid7(), slug=slug, name="Invented Vale")
    made = provision(partnership.id, slug)
    partnership.bucket, partnership.kms_key_id = made.bucket, made.kms_key_id
    return partnership


@pytest.fixture
def own(services: DevelopmentServices) -> Partnership:
    return provisioned()


@pytest.fixture
def other(services: DevelopmentServices) -> Partnership:
    return provisioned("made-up-shire")


def test_the_bucket_is_versioned_and_locks_objects(own: Partnership, operator: S3Client) -> None:
    bucket = own.bucket or ""
    assert bucket == f"safeguard-invented-vale-{own.id.hex[-12:]}"
    assert operator.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    lock = operator.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
    assert lock["ObjectLockEnabled"] == "Enabled"


def test_the_bucket_is_closed_to_the_public_and_takes_forms_from_the_app_only(
    own: Partnership, operator: S3Client
) -> None:
    blocked = operator.get_public_access_block(Bucket=own.bucket or "")["PublicAccessBlockConfiguration"]
    assert len(blocked) == 4
    assert all(blocked.values())
    rules = operator.get_bucket_cors(Bucket=own.bucket or "")["CORSRules"]
    assert [(rule["AllowedOrigins"], rule["AllowedMethods"]) for rule in rules] == [
        (["https://app.example.org"], ["POST"])
    ]


def test_an_object_is_encrypted_with_the_partnerships_own_key(own: Partnership, other: Partnership) -> None:
    tenant_client(own).put_object(Bucket=own.bucket or "", Key=KEY, Body=CONTENT)
    head = tenant_client(own).head_object(Bucket=own.bucket or "", Key=KEY)
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", own.kms_key_id)
    assert own.kms_key_id != other.kms_key_id


def test_provisioning_again_gives_the_same_and_puts_protection_back(
    own: Partnership, operator: S3Client, kms: KMSClient
) -> None:
    bucket = own.bucket or ""
    keys = len(kms.list_keys()["Keys"])
    operator.delete_bucket_encryption(Bucket=bucket)
    operator.delete_public_access_block(Bucket=bucket)
    again = provision(own.id, own.slug)
    assert (again.bucket, again.kms_key_id) == (own.bucket, own.kms_key_id)
    assert len(kms.list_keys()["Keys"]) == keys
    rule = operator.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"].get("KMSMasterKeyID") == own.kms_key_id
    assert operator.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]["BlockPublicAcls"]


def test_a_given_bucket_keeps_its_own_tags(operator: S3Client, services: DevelopmentServices) -> None:
    name = f"given-{uuid4().hex}"
    operator.create_bucket(
        Bucket=name,
        ObjectLockEnabledForBucket=True,
        CreateBucketConfiguration={"LocationConstraint": "eu-west-2"},
    )
    operator.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "cost", "Value": "7"}]})
    assert provision(uuid7(), "invented-vale", bucket=name).bucket == name
    assert {"Key": "cost", "Value": "7"} in operator.get_bucket_tagging(Bucket=name)["TagSet"]


def test_another_partnerships_bucket_is_never_taken_over(own: Partnership, kms: KMSClient) -> None:
    keys = len(kms.list_keys()["Keys"])
    with pytest.raises(StorageError, match=f"belongs to partnership {own.id}"):
        provision(uuid7(), "made-up-shire", bucket=own.bucket)
    assert len(kms.list_keys()["Keys"]) == keys


def test_a_bucket_without_object_lock_is_refused(operator: S3Client) -> None:
    name = f"unlocked-{uuid4().hex}"
    operator.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
    with pytest.raises(StorageError, match="without object lock"):
        provision(uuid7(), "invented-vale", bucket=name)


def test_a_key_that_is_out_of_use_is_not_passed_over(own: Partnership, kms: KMSClient) -> None:
    kms.disable_key(KeyId=own.kms_key_id or "")
    with pytest.raises(StorageError, match="is Disabled"):
        provision(own.id, own.slug)


def test_every_bucket_name_is_one_that_s3_takes(services: DevelopmentServices) -> None:
    made = provision(uuid7(), "A_Very_Long_Made-Up_Slug_That_Goes_On_And_On_And_On_For_Sixty")
    assert len(made.bucket) <= 63


@pytest.mark.parametrize(
    "attempt",
    [
        lambda client, bucket: client.get_object(Bucket=bucket, Key=KEY),
        lambda client, bucket: client.head_object(Bucket=bucket, Key=KEY),
        lambda client, bucket: client.put_object(Bucket=bucket, Key=KEY, Body=CONTENT),
        lambda client, bucket: client.list_objects_v2(Bucket=bucket),
        lambda client, bucket: client.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": KEY}),
    ],
    ids=["get", "head", "put", "list", "copy"],
)
def test_s3_refuses_one_partnerships_credentials_on_anothers_bucket(
    own: Partnership, other: Partnership, attempt: Callable[[S3Client, str], object]
) -> None:
    tenant_client(other).put_object(Bucket=other.bucket or "", Key=KEY, Body=CONTENT)
    with pytest.raises(ClientError) as refused:
        attempt(tenant_client(own), other.bucket or "")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.mark.parametrize(
    "attempt",
    [
        lambda client, bucket: client.list_objects_v2(Bucket=bucket),
        lambda client, _: client.list_buckets(),
        lambda client, bucket: client.delete_object(Bucket=bucket, Key=KEY),
        lambda client, bucket: client.delete_public_access_block(Bucket=bucket),
        lambda client, bucket: client.put_object_legal_hold(Bucket=bucket, Key=KEY, LegalHold={"Status": "OFF"}),
    ],
    ids=["list", "list buckets", "delete", "open to the public", "lift a hold"],
)
def test_s3_refuses_whatever_serving_documents_does_not_need(
    own: Partnership, attempt: Callable[[S3Client, str], object]
) -> None:
    client = tenant_client(own)
    client.put_object(Bucket=own.bucket or "", Key=KEY, Body=CONTENT)
    assert client.get_object(Bucket=own.bucket or "", Key=KEY)["Body"].read() == CONTENT
    with pytest.raises(ClientError, match="AccessDenied"):
        attempt(client, own.bucket or "")


def test_the_credentials_open_only_the_partnerships_own_key(
    own: Partnership, other: Partnership, services: DevelopmentServices
) -> None:
    granted = storage._assume_role(own.id, storage.storage_of(own))
    narrowed = boto3.client(
        "kms",
        endpoint_url=services.environment["S3_ENDPOINT_URL"],
        region_name="eu-west-2",
        aws_access_key_id=granted["AccessKeyId"],
        aws_secret_access_key=granted["SecretAccessKey"],
        aws_session_token=granted["SessionToken"],
    )
    assert narrowed.generate_data_key(KeyId=own.kms_key_id or "", KeySpec="AES_256")["Plaintext"]
    with pytest.raises(ClientError, match="AccessDenied"):
        narrowed.generate_data_key(KeyId=other.kms_key_id or "", KeySpec="AES_256")


def test_threads_share_one_client_for_each_partnership(own: Partnership, other: Partnership) -> None:
    with ThreadPoolExecutor(8) as threads:
        clients = set(threads.map(lambda _: tenant_client(own), range(24)))
    assert len(clients) == 1
    assert tenant_client(other) not in clients


def test_credentials_are_renewed_while_a_form_they_signed_still_lives(
    own: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tenant_client(own)
    monkeypatch.setattr(storage, "LEFT_AT_LEAST", storage.CREDENTIALS_LAST + timedelta(minutes=1))
    assert tenant_client(own) is not first


def test_a_partnership_that_moves_to_another_bucket_gets_new_credentials(own: Partnership) -> None:
    before = tenant_client(own)
    own.bucket = provision(own.id, own.slug, bucket=f"moved-{uuid4().hex}").bucket
    assert tenant_client(own) is not before
    tenant_client(own).put_object(Bucket=own.bucket, Key=KEY, Body=CONTENT)


@pytest.mark.parametrize(
    ("arn", "message"),
    [
        ("", "S3_ROLE_ARN is not set"),
        ("arn:aws:iam::000000000000:role/no-such-role", "no-such-role in S3_ROLE_ARN cannot be assumed"),
        ("nonsense", "nonsense in S3_ROLE_ARN cannot be assumed"),
    ],
)
def test_a_wrong_role_is_named(own: Partnership, role: Callable[[str], None], arn: str, message: str) -> None:
    role(arn)
    with pytest.raises(StorageError, match=message):
        tenant_client(own)


def test_a_partnership_without_storage_is_named() -> None:
    with pytest.raises(StorageError, match="invented-vale has no storage yet"):
        tenant_client(Partnership(slug="invented-vale", name="Invented Vale"))
