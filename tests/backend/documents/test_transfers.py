"""What S3 takes and gives for one document, on the object store itself."""

import asyncio
import base64
import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from mypy_boto3_s3.client import S3Client

from backend.documents import service, transfers
from backend.documents.models import DocumentState
from backend.kit.problems import Conflict
from backend.kit.session import TenantSession
from support.documents import CONTENT, FORGERY, PDF, Desk, fetch, send
from tenants.partnerships.storage import tenant_client

FORGED_CHECKSUM = base64.b64encode(hashlib.sha256(FORGERY).digest()).decode()


@pytest.mark.parametrize(
    ("content", "change", "status"),
    [
        (CONTENT + b".", {}, 400),
        (CONTENT[:-1], {}, 400),
        (CONTENT, {"Content-Type": "text/html"}, 403),
        (CONTENT, {"Content-Disposition": "inline"}, 403),
        (CONTENT, {"key": "cases/another"}, 403),
        (FORGERY, {"x-amz-checksum-sha256": FORGED_CHECKSUM}, 403),
        (CONTENT, {"x-amz-checksum-algorithm": "CRC32"}, 403),
        (CONTENT, {"x-amz-server-side-encryption": "AES256"}, 403),
    ],
    ids=["longer", "shorter", "type", "inline", "key", "checksum", "weaker checksum", "encryption"],
)
async def test_s3_refuses_what_was_not_promised(
    session: TenantSession, desk: Desk, content: bytes, change: dict[str, str], status: int
) -> None:
    document, form = await desk.start(session)
    assert send(form, content, **change).status_code == status
    with pytest.raises(Conflict, match="has not arrived"):
        await service.complete_upload(session, document.id, desk.person_id)


async def test_the_form_asks_s3_to_check_the_sha256(session: TenantSession, desk: Desk) -> None:
    _, form = await desk.start(session)
    checksum = base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()
    asked = {"x-amz-checksum-algorithm": "SHA256", "x-amz-checksum-sha256": checksum}
    assert form.fields.items() >= asked.items()
    conditions = json.loads(base64.b64decode(form.fields["policy"]))["conditions"]
    assert all({name: value} in conditions for name, value in asked.items())


async def test_s3_refuses_a_form_that_has_expired(
    session: TenantSession, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfers, "UPLOAD_WITHIN", timedelta(seconds=-1))
    _, form = await desk.start(session)
    answer = send(form)
    assert answer.status_code == 403
    assert "expired" in answer.text


async def test_other_bytes_of_the_promised_length_never_become_the_document(session: TenantSession, desk: Desk) -> None:
    """AWS refuses them on arrival; the embedded store keeps no checksum of a form, so completion must."""
    document, form = await desk.start(session)
    send(form, FORGERY)
    with pytest.raises(Conflict, match=r"not the file that was announced|has not arrived"):
        await service.complete_upload(session, document.id, desk.person_id)
    assert document.state == DocumentState.AWAITING_UPLOAD


@pytest.mark.parametrize(
    "put",
    [
        {"Body": CONTENT, "ContentType": "text/html"},
        {"Body": CONTENT + b".", "ContentType": PDF},
        {"Body": FORGERY, "ContentType": PDF},
    ],
    ids=["type", "size", "checksum"],
)
async def test_completion_trusts_only_what_s3_reports(
    session: TenantSession, desk: Desk, operator: S3Client, put: dict[str, Any]
) -> None:
    document, _ = await desk.start(session)
    operator.put_object(Bucket=desk.bucket, Key=document.object_key, ChecksumAlgorithm="SHA256", **put)
    with pytest.raises(Conflict, match="Start a new upload"):
        await service.complete_upload(session, document.id, desk.person_id)


async def test_completion_takes_the_checksum_that_s3_kept(
    session: TenantSession, desk: Desk, operator: S3Client
) -> None:
    document, _ = await desk.start(session)
    operator.put_object(
        Bucket=desk.bucket,
        Key=document.object_key,
        Body=CONTENT,
        ContentType=PDF,
        ChecksumAlgorithm="SHA256",
    )
    reads: list[object] = []
    tenant_client(desk.partnership).meta.events.register("before-call.s3.GetObject", lambda **call: reads.append(call))
    await service.complete_upload(session, document.id, desk.person_id)
    assert document.state == DocumentState.AVAILABLE
    assert reads == []


async def test_the_version_that_was_checked_is_the_one_that_is_kept(
    session: TenantSession, desk: Desk, operator: S3Client
) -> None:
    document, form = await desk.start(session)
    send(form, FORGERY)

    def overtake(**_: object) -> None:
        operator.put_object(Bucket=desk.bucket, Key=document.object_key, Body=CONTENT, ContentType=PDF)

    tenant_client(desk.partnership).meta.events.register("before-call.s3.GetObject", overtake)
    with pytest.raises(Conflict, match="Start a new upload"):
        await service.complete_upload(session, document.id, desk.person_id)


async def test_an_object_that_cannot_be_seen_counts_as_not_arrived(
    session: TenantSession, desk: Desk, operator: S3Client
) -> None:
    """AWS says 403 about a missing object, where the embedded store says 404."""
    document, form = await desk.start(session)
    send(form)
    unseen = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject"}
    unseen["Resource"] = f"arn:aws:s3:::{desk.bucket}/*"
    operator.put_bucket_policy(Bucket=desk.bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [unseen]}))
    with pytest.raises(Conflict, match="has not arrived"):
        await service.complete_upload(session, document.id, desk.person_id)


async def test_a_link_that_has_expired_gives_nothing(
    session: TenantSession, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfers, "DOWNLOAD_WITHIN", timedelta(seconds=1))
    document = await desk.available(session)
    link = await service.download(session, document.id, desk.person_id)
    await asyncio.sleep(2.1)
    assert fetch(link).status_code == 403
