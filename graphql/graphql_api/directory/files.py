"""The directory of services as a file: taken in after a trial, and given out."""

from enum import Enum, StrEnum
from typing import Annotated
from uuid import UUID

import strawberry

from backend.directory import csv_files, hsds_reading, importing, stored
from backend.directory.importing import Outcome
from backend.directory.listing import Listing
from backend.identity.policies import Permission
from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from backend.pathways.definitions.faults import Faulty
from graphql_api.context import Info
from graphql_api.problems import ONCE, AnyProblem, mutate

MOST = 1_000_000


class _Format(StrEnum):
    CSV = "csv"
    OPEN_REFERRAL = "json"


DirectoryFileFormat: type[Enum] = strawberry.enum(
    _Format, name="DirectoryFileFormat",
    description="CSV has a row for each way to reach a service; OPEN_REFERRAL is Open Referral UK (HSDS 3.0), as JSON.",
)  # fmt: skip


@strawberry.input(description="Bring the directory of services in line with a file.")
class ImportDirectoryInput:
    format: DirectoryFileFormat = strawberry.field(description="Of the file.")  # type: ignore[valid-type]
    text: str = strawberry.field(description="The file, up to 1,000,000 characters.")
    replace: bool = strawberry.field(
        default=False, description="Let the file win over numbers and addresses that were verified later."
    )
    whole: bool = strawberry.field(
        default=False, description="It is the whole directory: what it does not name is retired."
    )
    dry_run: bool = strawberry.field(default=True, description="Only say what it comes to, and change nothing.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="What an import comes to.")
class ImportDirectoryPayload:
    applied: bool = strawberry.field(description="False for a dry run: nothing was changed.")
    added: int
    changed: int
    retired: int
    conflicts: list[str] = strawberry.field(description="What was verified later and is kept as it was.")
    duplicates: list[str] = strawberry.field(description="What looks like the same thing twice.")
    left_out: list[str] = strawberry.field(description="What the file holds and was not read.")

    @classmethod
    def of(cls, found: Outcome, *, applied: bool) -> "ImportDirectoryPayload":
        return cls(
            applied=applied, added=found.added.total(), changed=found.changed.total(), retired=found.retired.total(),
            conflicts=found.conflicts, duplicates=found.duplicates, left_out=found.left_out,
        )  # fmt: skip


ImportDirectoryResult = Annotated[
    ImportDirectoryPayload | AnyProblem,
    strawberry.union("ImportDirectoryResult", description="What an import comes to, or why it was refused."),
]


@strawberry.type
class DirectoryFileQueries:
    @strawberry.field(description="The whole directory of services as a file, restricted entries too.")
    async def directory_file(
        self, info: Info, format: Annotated[DirectoryFileFormat, strawberry.argument(description="Of the file.")]  # type: ignore[valid-type]
    ) -> str:  # fmt: skip
        info.context.caller.require(Permission.MANAGE_DIRECTORY)
        async with info.context.db() as session:
            return await stored.written(session, as_csv=format is _Format.CSV)


@strawberry.type
class DirectoryFileMutations:
    @strawberry.mutation(
        description="Bring the directory of services in line with a file. Try it with dryRun first; a file with a fault"
        " changes nothing, and each fault is named by its line."
    )
    async def import_directory(self, info: Info, input: ImportDirectoryInput) -> ImportDirectoryResult:
        async def work(session: TenantSession, _import_id: UUID) -> Outcome:
            listing, by = _listing(input), info.context.caller.person_id
            bring = importing.attempt if input.dry_run else importing.bring
            return await bring(session, listing, by=by, replace=input.replace, whole=input.whole)

        async def again(session: TenantSession, _import_id: UUID) -> Outcome:
            """What was applied the first time is not applied over what has been changed since."""
            by = info.context.caller.person_id
            return await importing.attempt(session, _listing(input), by=by, replace=input.replace, whole=input.whole)

        return await mutate(
            info, input, work, again=again, needs=Permission.MANAGE_DIRECTORY,
            answer=lambda found: ImportDirectoryPayload.of(found, applied=not input.dry_run),
        )  # fmt: skip


def _listing(given: ImportDirectoryInput) -> Listing:
    """What the file says. Raises ``Invalid`` with every fault."""
    if len(given.text) > MOST:
        raise Invalid([FieldError("text", f"must be at most {MOST:,} characters; import it in parts")])
    read = csv_files.read_csv if given.format is _Format.CSV else hsds_reading.read_json
    try:
        return read(given.text, "text")
    except Faulty as error:
        raise error.as_invalid() from error
