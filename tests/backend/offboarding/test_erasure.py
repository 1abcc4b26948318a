"""A partnership's end here: nothing goes before an archive of it is proven whole, and then everything does."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import boto3
import pytest
from botocore.exceptions import ClientError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.kit.problems import Conflict
from backend.kit.session import open_session
from backend.offboarding.archives import Archive, NotAnArchiveError, check
from backend.offboarding.erasure import Erased, erase
from backend.offboarding.export import export
from backend.onboarding import service
from infra.dev.clock import Clock
from infra.dev.services import DevelopmentServices
from support.command_line import CommandLine
from support.documents import Desk, open_desk
from support.partnership import Partnership

HELD = """
    SELECT format('%I.%I', table_schema, table_name)
    FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
    WHERE column_name = 'tenant_id' AND table_type = 'BASE TABLE'
"""


def told(_done: int, _of_all: int) -> None:
    """Nobody looks on."""


async def records(owner: AsyncEngine, partnership_id: Any) -> dict[str, int]:
    """How many records of a partnership each table holds, of those that hold any."""
    async with open_session(partnership_id, on=owner) as session:
        names = list(await session.scalars(text(HELD)))
        counts = {
            name: await session.scalar(
                text(f"SELECT count(*) FROM {name} WHERE tenant_id = :tenant"), {"tenant": partnership_id}  # noqa: S608
            )
            for name in names
        }  # fmt: skip
    return {name: int(count or 0) for name, count in counts.items() if count}


@pytest.fixture
def s3(services: DevelopmentServices) -> Any:
    endpoint = services.environment["S3_ENDPOINT_URL"]
    return boto3.Session().client("s3", endpoint_url=endpoint, region_name="eu-west-2")


async def stored(desk: Desk) -> str:
    """The key of a document with a file."""
    async with open_session(desk.partnership.id) as session:
        return (await desk.available(session)).object_key


async def taken(owner: AsyncEngine, desk: Desk, out: Path) -> Archive:
    """The partnership is suspended, and exported to ``out``."""
    await service.suspend(owner, desk.partnership.slug)
    await export(owner, desk.partnership.id, out, told)
    return check(out, told)


async def erased(owner: AsyncEngine, desk: Desk, archive: Archive) -> Erased:
    return await erase(owner, desk.partnership.id, archive, told)


async def registered(owner: AsyncEngine, desk: Desk) -> bool:
    async with owner.connect() as connection:
        found = text("SELECT count(*) FROM routing.partnership WHERE id = :id")
        return bool(await connection.scalar(found, {"id": desk.partnership.id}))


async def test_every_record_and_every_version_of_a_file_goes_and_nothing_of_another(
    owner: AsyncEngine, desk: Desk, tmp_path: Path, s3: Any
) -> None:
    elsewhere = await open_desk(owner, "made-up-shire")
    await stored(elsewhere)
    key = await stored(desk)
    s3.put_object(Bucket=desk.bucket, Key=key, Body=b"a later version")
    s3.delete_object(Bucket=desk.bucket, Key="what was marked as deleted")
    archive = await taken(owner, desk, tmp_path / "vale.zip")
    before = await records(owner, elsewhere.partnership.id)
    done = await erased(owner, desk, archive)
    assert done.records > archive.records
    assert done.files == 3
    assert await records(owner, desk.partnership.id) == {}
    assert not await registered(owner, desk)
    with pytest.raises(ClientError, match=r"NoSuchBucket|404"):
        s3.list_objects_v2(Bucket=desk.bucket)
    assert await records(owner, elsewhere.partnership.id) == before
    assert s3.list_objects_v2(Bucket=elsewhere.bucket)["KeyCount"] == 1


async def test_a_whole_partnership_can_go(
    command_line: CommandLine, environment: dict[str, str], owner: AsyncEngine, cambs: Partnership, tmp_path: Path
) -> None:
    """With all that a reference partnership brings, editions in force among it, and with a child's death."""

    def run(*arguments: str) -> tuple[int, str]:
        done = command_line.run(["partnership", *arguments], environment)
        return done.returncode, done.stdout + done.stderr

    # One of its own: the bucket of a reference partnership is every test's.
    assert run("create", "made-up-shire", "--archetype", "hertfordshire", "--adopt-baseline")[0] == 0
    leaving = await Partnership.named("made-up-shire")
    await replace(leaving, slug="hertfordshire").report_death()  # whose areas it has
    others = await records(owner, cambs.id)
    out = str(tmp_path / "made-up-shire.zip")
    confirmed = ("erase", "made-up-shire", "--archive", out, "--confirm", "made-up-shire")
    assert run("suspend", "made-up-shire")[0] == 0
    assert run("export", "made-up-shire", "--out", out)[0] == 0
    code, said = run("verify", out)
    assert (code, "made-up-shire as of" in said) == (0, True)
    code, said = run("erase", "made-up-shire", "--archive", out, "--confirm", "cambs-peterborough")
    assert (code, said) == (2, "safeguard: Nothing was erased: made-up-shire was not confirmed.\n")
    code, said = run(*confirmed)
    assert (code, said.startswith("made-up-shire: erased ")) == (0, True), said
    assert await records(owner, leaving.id) == {}
    assert await records(owner, cambs.id) == others
    assert "made-up-shire" not in run("list")[1]
    assert run(*confirmed) == (1, "safeguard: There is no partnership made-up-shire. See: safeguard partnership list\n")


async def test_one_that_is_active_or_whose_archive_is_another_or_older_stays(
    owner: AsyncEngine, desk: Desk, clock: Clock, tmp_path: Path
) -> None:
    await export(owner, desk.partnership.id, tmp_path / "early.zip", told)
    early = check(tmp_path / "early.zip", told)
    with pytest.raises(Conflict, match="is active"):
        await erased(owner, desk, early)
    elsewhere = await open_desk(owner, "made-up-shire")
    other = await taken(owner, elsewhere, tmp_path / "other.zip")
    await service.suspend(owner, desk.partnership.slug)
    before = await records(owner, desk.partnership.id)
    for archive, why in ((other, "of another partnership"), (early, "newer than the archive")):
        with pytest.raises(Conflict, match=why):
            await erased(owner, desk, archive)
    assert await records(owner, desk.partnership.id) == before
    await export(owner, desk.partnership.id, tmp_path / "vale.zip", told)
    assert (await erased(owner, desk, check(tmp_path / "vale.zip", told))).records


async def test_a_file_under_a_legal_hold_or_that_must_be_retained_keeps_everything(
    owner: AsyncEngine, desk: Desk, tmp_path: Path, s3: Any
) -> None:
    key = await stored(desk)
    archive = await taken(owner, desk, tmp_path / "vale.zip")
    before = await records(owner, desk.partnership.id)
    s3.put_object_legal_hold(Bucket=desk.bucket, Key=key, LegalHold={"Status": "ON"})
    with pytest.raises(Conflict, match=rf"1 stored files are under a legal hold .* {key} among them"):
        await erased(owner, desk, archive)
    s3.put_object_legal_hold(Bucket=desk.bucket, Key=key, LegalHold={"Status": "OFF"})
    s3.put_object_retention(
        Bucket=desk.bucket, Key=key, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": "2099-01-01T00:00:00Z"}
    )
    with pytest.raises(Conflict, match="must still be retained"):
        await erased(owner, desk, archive)
    assert await records(owner, desk.partnership.id) == before
    assert s3.list_objects_v2(Bucket=desk.bucket)["KeyCount"] == 1


async def test_one_that_was_cut_short_is_completed_by_the_next(
    owner: AsyncEngine, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stored(desk)
    archive = await taken(owner, desk, tmp_path / "vale.zip")

    def fail(_: object) -> int:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr("tenants.partnerships.removal.remove", fail)
        with pytest.raises(ConnectionError):
            await erased(owner, desk, archive)
    assert await registered(owner, desk)
    assert (await erased(owner, desk, archive)).files == 1
    assert not await registered(owner, desk)


async def test_a_key_that_one_run_did_not_come_to_is_found_by_the_next(
    owner: AsyncEngine, desk: Desk, tmp_path: Path, services: DevelopmentServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = await taken(owner, desk, tmp_path / "vale.zip")
    kms = boto3.Session().client("kms", endpoint_url=services.environment["S3_ENDPOINT_URL"], region_name="eu-west-2")

    class Cut:
        """A client whose process dies before a key is to go."""

        def __getattr__(self, name: str) -> Any:
            if name == "schedule_key_deletion":
                raise ConnectionError
            return getattr(kms, name)

    with monkeypatch.context() as patch:
        patch.setattr("tenants.partnerships.removal.kms_client", Cut)
        with pytest.raises(ConnectionError):
            await erased(owner, desk, archive)
    await erased(owner, desk, archive)
    key = kms.describe_key(KeyId=str(desk.partnership.kms_key_id))["KeyMetadata"]
    assert key["KeyState"] == "PendingDeletion"


async def test_an_archive_that_is_not_whole_is_found_out_and_erases_nothing(
    owner: AsyncEngine, desk: Desk, tmp_path: Path
) -> None:
    key = await stored(desk)
    whole = tmp_path / "vale.zip"
    assert (await taken(owner, desk, whole)).faults == ()
    with ZipFile(whole) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    (document,) = [name for name in parts if name.startswith(f"files/{key}")]
    altered = {**parts, document: b"another text", "data/made-up.jsonl": b""}
    del altered["data/person.jsonl"]
    broken = tmp_path / "broken.zip"
    with ZipFile(broken, "w") as archive:
        for name, content in altered.items():
            archive.writestr(name, content)
    found = check(broken, told)
    assert set(found.faults) == {
        "data/made-up.jsonl is not in the manifest", "data/person.jsonl is missing",
        f"{document} is not what was exported",
    }  # fmt: skip
    with pytest.raises(Conflict, match="The archive is not whole"):
        await erased(owner, desk, found)
    assert await records(owner, desk.partnership.id)


@pytest.mark.parametrize("content", [b"", b"PK", None, {"format": 1}, {"format": 99}], ids=str)
def test_what_no_export_wrote_is_no_archive(content: Any, tmp_path: Path) -> None:
    file = tmp_path / "some.zip"
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        with ZipFile(file, "w") as archive:
            archive.writestr("a.txt" if content is None else "manifest.json", json.dumps(content))
    with pytest.raises(NotAnArchiveError):
        check(file, told)
