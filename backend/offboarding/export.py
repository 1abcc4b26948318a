"""Everything that is kept for one partnership, in one file that needs nothing of ours to be read.

A ZIP archive: each table as JSON Lines in ``data/``, each stored file in ``files/``, and ``manifest.json``, which
tells of each its size and SHA-256. Which tables and files there are is read from the catalogue of the database, so
that one added later is not left behind.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from botocore.exceptions import ClientError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.kit import audit
from backend.kit.audit import Entry
from backend.kit.session import TenantSession, open_session
from backend.offboarding import catalogue
from tenants.partnerships import repository as partnerships
from tenants.partnerships.models import Partnership
from tenants.partnerships.storage import storage_of, tenant_client

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
READ_ME: Final = "README.txt"
_CHUNK: Final = 1 << 20
_AT_ONCE: Final = 1000
_ABOUT: Final = """\
Everything that Safeguard keeps for one partnership, as it was at one instant.

manifest.json   the partnership, the instant, and of every file in here its size and SHA-256
data/           one file for each kind of record, in JSON Lines: one record a line; instants are in UTC
files/          documents, letters, manuals and prints, under the object_key and version_id that records give

It names children, families and practitioners: keep it as you keep those records.
"""


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the archive; ``count`` is of records, for a table."""

    path: str
    size: int
    sha256: str
    count: int | None = None


@dataclass(slots=True)
class Exported:
    """What an archive holds. ``absent`` names stored files that were not found, ``altered`` those that changed."""

    tables: list[Member] = field(default_factory=list)
    files: list[Member] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    audit_holds: bool = True


@dataclass(frozen=True, slots=True)
class _Stored:
    key: str
    version_id: str
    sha256: str | None

    @property
    def path(self) -> str:
        return f"files/{self.key}/{self.version_id}"


async def export(engine: AsyncEngine, partnership_id: UUID, out: Path, told: Callable[[int, int], None]) -> Exported:
    """Write the archive to ``out``, which must not exist; ``told`` hears how many of how many parts are written.

    All records are of one instant. ``engine`` is the owner's. That it was done is in the partnership's audit log.
    Raises ``FileExistsError``, ``StorageError`` before it has storage, and ``ClientError`` when S3 refuses. Nothing
    is left at ``out`` then.
    """
    with _appearing(out) as file, ZipFile(file, "w", ZIP_DEFLATED) as archive:
        async with _snapshot(engine, partnership_id) as session:
            now, partnership = await session.now(), await partnerships.own(session)
            archive.writestr(READ_ME, _ABOUT)
            done = Exported(audit_holds=await audit.first_broken(session) is None)
            stored = await _tables(session, archive, done, told)
            revision = await session.scalar(text("SELECT version_num FROM schema_version"))
        await asyncio.to_thread(_files, partnership, stored, archive, done, told)
        about = {"format": FORMAT, "safeguard": version("safeguard-platform"), "schema": revision,
                 "at": now.isoformat(), "partnership": partnership.model_dump(mode="json"), **asdict(done)}  # fmt: skip
        archive.writestr(MANIFEST, json.dumps(about, indent=2, ensure_ascii=False) + "\n")
    async with open_session(partnership_id, on=engine) as session:
        detail = {"records": sum(one.count or 0 for one in done.tables), "files": len(done.files)}
        session.audit_entries.append(Entry("partnership.exported", "partnership", partnership_id, None, detail))
        await session.commit()
    return done


@asynccontextmanager
async def _snapshot(engine: AsyncEngine, partnership_id: UUID) -> AsyncIterator[TenantSession]:
    """A session that sees the partnership's rows as they are at its first statement, whatever is written meanwhile."""
    still = engine.execution_options(isolation_level="REPEATABLE READ")
    async with open_session(partnership_id, on=still) as session:
        await session.execute(text("SET LOCAL TimeZone = 'UTC'"))
        yield session


async def _tables(
    session: TenantSession, archive: ZipFile, done: Exported, told: Callable[[int, int], None]
) -> set[_Stored]:
    """Write every table, and return the stored files that rows name."""
    stored = set[_Stored]()
    tables = await catalogue.tables(session)
    for number, table in enumerate(tables, 1):
        name = table.name if table.schema == "public" else f"{table.schema}.{table.name}"
        path = f"data/{name}.jsonl"
        rows = await session.stream_scalars(
            # Names are the catalogue's. Tables that find partnerships are open to the owner: of those, its own rows.
            text(
                f'SELECT row_to_json(kept)::text FROM "{table.schema}"."{table.name}" AS kept'  # noqa: S608
                f" WHERE tenant_id = :tenant ORDER BY {table.ordered or '1'}"
            ),
            {"tenant": session.tenant_id},
        )
        size, count, digest = 0, 0, hashlib.sha256()
        with archive.open(path, "w", force_zip64=True) as member:
            async for page in rows.partitions(_AT_ONCE):
                lines = "".join(f"{line}\n" for line in page).encode()
                member.write(lines)
                digest.update(lines)
                size, count = size + len(lines), count + len(page)
                if {"object_key", "version_id"} <= set(table.columns):
                    stored.update(_stored_by(page))
        done.tables.append(Member(path, size, digest.hexdigest(), count))
        told(number, len(tables))
    return stored


def _stored_by(lines: Sequence[str]) -> Iterator[_Stored]:
    for row in map(json.loads, lines):
        if row["object_key"] and row["version_id"]:
            yield _Stored(row["object_key"], row["version_id"], row.get("sha256"))


def _files(
    partnership: Partnership, stored: set[_Stored], archive: ZipFile, done: Exported, told: Callable[[int, int], None]
) -> None:
    """Write every stored file; several rows may name one."""
    if not stored:
        return
    client, bucket = tenant_client(partnership), storage_of(partnership).bucket
    expected: dict[str, set[str]] = {}
    for one in stored:
        expected.setdefault(one.path, set()).update({one.sha256} if one.sha256 else ())
    places = {one.path: one for one in stored}
    for number, (path, one) in enumerate(sorted(places.items()), 1):
        member = _copied(client, bucket, one, archive)
        if member is None:
            done.absent.append(path)
        else:
            done.files.append(member)
            if expected[path] - {member.sha256}:
                done.altered.append(path)
        told(len(done.tables) + number, len(done.tables) + len(places))


def _copied(client: "S3Client", bucket: str, one: _Stored, archive: ZipFile) -> Member | None:
    try:
        found = client.get_object(Bucket=bucket, Key=one.key, VersionId=one.version_id)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"NoSuchKey", "NoSuchVersion", "404"}:
            return None
        raise
    size, digest = 0, hashlib.sha256()
    with archive.open(one.path, "w", force_zip64=True) as member:
        for chunk in found["Body"].iter_chunks(_CHUNK):
            member.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return Member(one.path, size, digest.hexdigest())


@contextmanager
def _appearing(out: Path) -> Iterator[IO[Any]]:
    """A file for its owner's eyes that is at ``out`` once all is written, and nowhere when something fails."""
    if out.exists():
        raise FileExistsError(out)
    part = out.with_name(f"{out.name}.part")
    begun = part.open("xb")  # one that is there is another's, and stays
    try:
        with begun as file:
            part.chmod(0o600)
            yield file
        part.rename(out)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
