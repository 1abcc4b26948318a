"""All that is kept for a partnership, and nothing of another, in one file that says what it holds."""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import asyncpg
import boto3
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.documents.models import Document
from backend.kit.audit import first_broken
from backend.kit.session import open_session
from backend.offboarding.export import Exported, export
from infra.dev.services import DevelopmentServices
from support.command_line import CommandLine
from support.documents import CONTENT, Desk, open_desk
from support.partnership import Partnership

KEPT = """
    SELECT format('%I.%I', table_schema, table_name) AS name,
        CASE table_schema WHEN 'public' THEN '' ELSE table_schema || '.' END || table_name AS called
    FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
    WHERE column_name = 'tenant_id' AND table_type = 'BASE TABLE' ORDER BY 1
"""
LATE = "INSERT INTO team (tenant_id, id, code, name) VALUES ($1, gen_random_uuid(), 'late', 'Too late')"


async def stored(desk: Desk) -> Document:
    """A document of the desk's case, with its file."""
    async with open_session(desk.partnership.id) as session:
        return await desk.available(session)


async def exported(owner: AsyncEngine, desk: Desk, out: Path) -> Exported:
    return await export(owner, desk.partnership.id, out, lambda _done, _of_all: None)


def left(folder: Path) -> list[str]:
    return [one.name for one in folder.glob("vale*")]


def contents(out: Path) -> dict[str, bytes]:
    with ZipFile(out) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def manifest(held: Mapping[str, bytes]) -> Any:
    return json.loads(held["manifest.json"])


async def test_every_record_and_file_of_the_partnership_is_there_and_nothing_of_another(
    owner: AsyncEngine, desk: Desk, tmp_path: Path
) -> None:
    elsewhere = await open_desk(owner, "made-up-shire")
    document, other = await stored(desk), await stored(elsewhere)
    await exported(owner, desk, tmp_path / "vale.zip")
    held = contents(tmp_path / "vale.zip")
    async with open_session(desk.partnership.id, on=owner) as session:
        for name, called in await session.execute(text(KEPT)):
            lines = held.pop(f"data/{called}.jsonl").decode().splitlines()
            assert {json.loads(line)["tenant_id"] for line in lines} <= {str(desk.partnership.id)}, called
            if called not in {"audit_pending", "audit_entry", "routing.task"}:  # the export itself is noted after it
                counted = text(f"SELECT count(*) FROM {name} WHERE tenant_id = :tenant")  # noqa: S608  # the catalogue's
                count = await session.scalar(counted, {"tenant": desk.partnership.id})
                assert len(lines) == count, called
    assert held.pop(f"files/{document.object_key}/{document.version_id}") == CONTENT
    assert set(held) == {"README.txt", "manifest.json"}
    everything = b"".join(contents(tmp_path / "vale.zip").values())
    for told in (str(elsewhere.partnership.id), elsewhere.partnership.slug, str(other.id)):
        assert told.encode() not in everything


async def test_the_manifest_tells_of_each_file_its_size_its_hash_and_how_many_records(
    owner: AsyncEngine, desk: Desk, tmp_path: Path
) -> None:
    await stored(desk)
    await exported(owner, desk, tmp_path / "vale.zip")
    held = contents(tmp_path / "vale.zip")
    about = manifest(held)
    assert (about["partnership"]["slug"], about["absent"], about["altered"]) == (desk.partnership.slug, [], [])
    assert about["audit_holds"] is True
    listed = about["tables"] + about["files"]
    assert {one["path"] for one in listed} == held.keys() - {"README.txt", "manifest.json"}
    for one in listed:
        content = held[one["path"]]
        assert (one["size"], one["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
        assert one["count"] in {None, content.count(b"\n")}


async def test_all_records_are_of_one_instant(
    owner: AsyncEngine, desk: Desk, environment: dict[str, str], tmp_path: Path
) -> None:
    async def write() -> None:
        connection = await asyncpg.connect(environment["DATABASE_OWNER_URL"])
        async with connection.transaction():
            await connection.execute("SELECT set_config('app.tenant_id', $1, true)", str(desk.partnership.id))
            await connection.execute(LATE, desk.partnership.id)
        await connection.close()

    def told(done: int, _of_all: int) -> None:
        if done == 1:
            with ThreadPoolExecutor(1) as another:
                another.submit(asyncio.run, write()).result()

    await export(owner, desk.partnership.id, tmp_path / "vale.zip", told)
    assert contents(tmp_path / "vale.zip")["data/team.jsonl"] == b""
    await exported(owner, desk, tmp_path / "later.zip")
    assert b"Too late" in contents(tmp_path / "later.zip")["data/team.jsonl"]


async def test_a_file_that_is_gone_or_is_not_what_was_stored_is_named(
    owner: AsyncEngine, desk: Desk, services: DevelopmentServices, tmp_path: Path
) -> None:
    gone, changed = await stored(desk), await stored(desk)
    operator = boto3.Session().client(
        "s3", endpoint_url=services.environment["S3_ENDPOINT_URL"], region_name="eu-west-2"
    )
    operator.delete_object(Bucket=desk.bucket, Key=gone.object_key, VersionId=str(gone.version_id))
    async with open_session(desk.partnership.id, on=owner) as session:
        await session.execute(text("UPDATE document SET sha256 = repeat('0', 64) WHERE id = :id"), {"id": changed.id})
        await session.commit()
    done = await exported(owner, desk, tmp_path / "vale.zip")
    assert done.absent == [f"files/{gone.object_key}/{gone.version_id}"]
    assert done.altered == [f"files/{changed.object_key}/{changed.version_id}"]
    assert manifest(contents(tmp_path / "vale.zip"))["absent"] == done.absent


async def test_nothing_is_left_of_an_archive_that_was_not_finished_and_none_is_overwritten(
    owner: AsyncEngine, desk: Desk, tmp_path: Path
) -> None:
    def told(done: int, _of_all: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await export(owner, desk.partnership.id, tmp_path / "vale.zip", told)
    assert left(tmp_path) == []
    (tmp_path / "vale.zip").write_text("what was there")
    with pytest.raises(FileExistsError):
        await exported(owner, desk, tmp_path / "vale.zip")
    assert left(tmp_path) == ["vale.zip"]
    assert (tmp_path / "vale.zip").read_text() == "what was there"


async def test_the_operators_command_writes_an_archive_for_no_other_eyes_and_the_audit_log_tells(
    command_line: CommandLine, environment: dict[str, str], herts: Partnership, tmp_path: Path
) -> None:
    await herts.report_death()
    out = tmp_path / "hertfordshire.zip"
    done = command_line.run(["partnership", "export", "hertfordshire", "--out", str(out)], environment)
    assert (done.returncode, done.stderr) == (0, "")
    about = manifest(contents(out))
    records = sum(one["count"] for one in about["tables"])
    assert done.stdout.startswith(f"{out}: {records:,} records of {len(about['tables'])} kinds, ")
    assert next(one["count"] for one in about["tables"] if one["path"] == "data/child_death.jsonl") == 1
    assert out.stat().st_mode & 0o777 == 0o600
    async with herts.session() as session:
        noted = await session.execute(text(
            "SELECT detail->>'records' FROM audit_entry WHERE action = 'partnership.exported'"
        ))  # fmt: skip
        assert list(noted.scalars()) == [str(records)]
        assert await first_broken(session) is None
    for slug, code, said in (("hertfordshire", 2, "exists"), ("nowhere", 1, "There is no partnership nowhere.")):
        refused = command_line.run(["partnership", "export", slug, "--out", str(out)], environment)
        assert refused.returncode == code
        assert said in refused.stderr
    nowhere = tmp_path / "nowhere" / "hertfordshire.zip"
    refused = command_line.run(["partnership", "export", "hertfordshire", "--out", str(nowhere)], environment)
    assert refused.returncode == 1
    assert refused.stderr == f"safeguard: {nowhere} cannot be written: No such file or directory.\n"
