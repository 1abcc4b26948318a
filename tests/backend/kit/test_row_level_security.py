"""One partnership never meets another's rows: the six rules, read from the migrated database, and tried.

The catalogue is read for every table there is, so that a table made tomorrow is held to the rules too.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.kit.database import engine, use_tenant
from backend.kit.ids import uuid7
from backend.kit.session import open_session
from support.partnership import Partnership

POLICY = "(tenant_id = ( SELECT app.current_tenant() AS current_tenant))"
OURS = ("public", "app", "routing")

# Tables that are read before any partnership is known. Ids, instants, counters and codes, and of the
# partnership itself its public name: nothing here may ever say anything of a child or a practitioner.
ROUTING = {
    # Of third parties, as the operator registers them: nobody's name, and of what they sign in by no secret.
    "application": {"id", "name", "organisation", "contact", "purpose", "scopes", "state", "registered_at"},
    "application_credential": {
        "id",
        "application_id",
        "kind",
        "secret_hash",
        "public_key",
        "made_at",
        "expires_at",
        "revoked_at",
    },
    "application_document": {"application_id", "sha256", "content", "approved_at"},
    "seen_assertion": {"application_id", "digest", "expires_at"},
    "bank_holiday": {"number", "day", "name", "entry", "source", "fetched_at", "checksum"},
    "duty": {"name", "claimed_at", "finished_at", "findings"},
    "partnership": {
        "id",
        "slug",
        "name",
        "zone",
        "state",
        "bucket",
        "kms_key_id",
        "evidence_key_id",
        "sandbox",
        "created_at",
        "revision",
    },
    # Its authorities by code and name, by which another partnership addresses a transfer.
    "partnership_area": {"partnership_id", "code", "name"},
    "rota_warning_count": {"tenant_id", "kind", "open"},
    "sign_in": {"issuer", "subject", "tenant_id"},
    "provider_change": {"id", "at", "channel", "provider", "change", "reason"},
    "provider_state": {"channel", "provider", "condition", "since", "reason", "pinned"},
    "provider_tally": {"id", "at", "channel", "provider", "attempts", "faults", "slow"},
    "task": {"id", "tenant_id", "queue", "actor", "subject_id", "due_at", "wake_at", "attempts"},
}
# Records of what happened: written once, never changed.
APPEND_ONLY = (
    "access_entry",
    "answer_contact",
    "application_request",
    "audit_entry",
    "break_glass",
    "case_event",
    "case_subject",
    "child_address",
    "child_change",
    "chronology_entry",
    "delivery_event",
    "handover_alert",
    "party",
    "sign_out",
    "slot_answer",
    "printed_rota",
    "readiness_reminder",
    "referral",
)

Row = asyncpg.Record


@pytest.fixture
async def catalogue(environment: dict[str, str]) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the owner's, to read the catalogue by."""
    connection = await asyncpg.connect(environment["DATABASE_OWNER_URL"])
    yield connection
    await connection.close()


@pytest.fixture
async def superuser(environment: dict[str, str]) -> AsyncIterator[asyncpg.Connection]:
    """A connection that sees every row: what is really there."""
    database = environment["DATABASE_URL"].rsplit("/", 1)[1]
    admin = environment["POSTGRES_ADMIN_URL"].rsplit("/", 1)[0]
    connection = await asyncpg.connect(f"{admin}/{database}")
    yield connection
    await connection.close()


async def tenant_tables(connection: asyncpg.Connection) -> list[str]:
    """Every table in ``public``, partitions included, but for the migrations' own."""
    rows = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'f', 'm')"
        " AND relname <> 'schema_version' ORDER BY 1"
    )
    assert len(rows) > 20, "these are not all the product's tables"
    return [row["relname"] for row in rows]


# Rule 1: row-level security binds everybody, and nobody who serves requests is above it.


async def test_every_table_has_a_tenant_and_forces_row_level_security(catalogue: asyncpg.Connection) -> None:
    rows = await catalogue.fetch("""
        SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS bound,
            (SELECT format_type(a.atttypid, NULL) || CASE WHEN a.attnotnull THEN '' ELSE ' null' END
             FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id') AS tenant
        FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'f', 'm')
    """)
    wrong = [row["relname"] for row in rows if not row["bound"] or row["tenant"] != "uuid"]
    assert wrong == ["schema_version"], "ENABLE and FORCE row-level security, and give tenant_id uuid NOT NULL"


async def test_nothing_lies_in_a_schema_that_the_rules_do_not_reach(catalogue: asyncpg.Connection) -> None:
    rows = await catalogue.fetch(
        "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
    )
    assert {row["nspname"] for row in rows} == set(OURS)
    rows = await catalogue.fetch("SELECT relname FROM pg_class WHERE relnamespace = 'app'::regnamespace")
    assert not rows, "the schema app holds functions only"


async def test_the_application_role_is_above_nothing(catalogue: asyncpg.Connection) -> None:
    for role in ("safeguard_app", "safeguard_owner"):
        row = await catalogue.fetchrow("SELECT * FROM pg_roles WHERE rolname = $1", role)
        powers = ("rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb", "rolreplication")
        assert not [power for power in powers if row[power]], role
    memberships = await catalogue.fetch(
        "SELECT roleid::regrole FROM pg_auth_members WHERE member = 'safeguard_app'::regrole"
    )
    assert not memberships, "a role it belongs to could lend it rights"


async def test_the_application_role_owns_nothing_and_makes_nothing(catalogue: asyncpg.Connection) -> None:
    owned = await catalogue.fetch("""
        SELECT relname AS name FROM pg_class WHERE relowner = 'safeguard_app'::regrole
        UNION ALL SELECT proname FROM pg_proc WHERE proowner = 'safeguard_app'::regrole
        UNION ALL SELECT nspname FROM pg_namespace WHERE nspowner = 'safeguard_app'::regrole
        UNION ALL SELECT datname FROM pg_database WHERE datdba = 'safeguard_app'::regrole
    """)
    assert not owned
    for schema in OURS:
        may = await catalogue.fetchval("SELECT has_schema_privilege('safeguard_app', $1, 'CREATE')", schema)
        assert may is False, f"the application may make things in {schema}"


# Rule 2: one policy, that the planner can use.


async def test_every_table_has_exactly_the_one_policy(catalogue: asyncpg.Connection) -> None:
    rows = await catalogue.fetch("SELECT * FROM pg_policies")
    policies = {
        row["tablename"]: (
            row["schemaname"], row["permissive"], row["roles"], row["cmd"], row["qual"], row["with_check"],
        )
        for row in rows
    }  # fmt: skip
    assert len(policies) == len(rows), "a second permissive policy would let more rows through"
    wanted = ("public", "PERMISSIVE", ["public"], "ALL", POLICY, POLICY)
    assert policies == dict.fromkeys(await tenant_tables(catalogue), wanted)


async def test_the_current_tenant_is_a_stable_function_of_sql(catalogue: asyncpg.Connection) -> None:
    row = await catalogue.fetchrow("""
        SELECT p.provolatile, p.prosecdef, p.prorettype::regtype::text AS gives, p.proretset, l.lanname
        FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang
        WHERE p.oid = 'app.current_tenant()'::regprocedure
    """)
    assert dict(row) == {
        "provolatile": b"s", "prosecdef": False, "gives": "uuid", "proretset": False, "lanname": "sql",
    }  # fmt: skip


# Rule 3 is tried below. Rules 4 and 6: no way round.


async def test_every_view_asks_as_its_reader(catalogue: asyncpg.Connection) -> None:
    rows = await catalogue.fetch("""
        SELECT relname FROM pg_class WHERE relnamespace = ANY ($1::text[]::regnamespace[]) AND relkind IN ('v', 'm')
        AND NOT coalesce(reloptions, '{}') && ARRAY['security_invoker=true', 'security_invoker=on']
    """, list(OURS))  # fmt: skip
    assert not rows, "a view without security_invoker shows every partnership's rows"


async def test_no_function_of_ours_lends_its_owners_rights(catalogue: asyncpg.Connection) -> None:
    rows = await catalogue.fetch(
        "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = ANY ($1::text[]::regnamespace[])",
        list(OURS),
    )
    assert not rows


async def test_what_is_outside_row_level_security_tells_nothing(catalogue: asyncpg.Connection) -> None:
    rows = await catalogue.fetch("""
        SELECT c.relname, array_agg(a.attname::text) AS columns FROM pg_class AS c
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = 'routing'::regnamespace AND c.relkind NOT IN ('i', 'I', 'S') GROUP BY 1
    """)
    found = {row["relname"]: set(row["columns"]) for row in rows}
    assert found == ROUTING, "a column here is read across partnerships: ids, instants, counters and codes only"
    # A sign-in only says where an identity may ask to enter; the membership behind it says whether it may.
    rights = {"partnership": ("INSERT", "UPDATE", "DELETE", "TRUNCATE"), "sign_in": ("UPDATE", "DELETE", "TRUNCATE")}
    for table, denied in rights.items():
        for right in denied:
            query = f"SELECT has_table_privilege('safeguard_app', 'routing.{table}', '{right}')"
            assert await catalogue.fetchval(query) is False, f"the application may {right} {table}"


# Rule 5: keys carry the tenant, because a foreign-key check looks past row-level security.


async def test_every_key_and_index_begins_with_the_tenant(catalogue: asyncpg.Connection) -> None:
    rows = await catalogue.fetch("""
        SELECT c.relname AS name, x.indrelid::regclass::text AS table_name,
            (SELECT attname FROM pg_attribute WHERE attrelid = x.indrelid AND attnum = x.indkey[0]) AS first
        FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indexrelid
        JOIN pg_class AS t ON t.oid = x.indrelid
        WHERE t.relnamespace = 'public'::regnamespace AND t.relname <> 'schema_version'
    """)
    wrong = [f"{row['name']} on {row['table_name']}" for row in rows if row["first"] != "tenant_id"]
    assert not wrong
    assert {row["table_name"] for row in rows} == set(await tenant_tables(catalogue))


async def test_every_primary_key_is_tenant_then_id(catalogue: asyncpg.Connection) -> None:
    rows = await catalogue.fetch(
        "SELECT conrelid::regclass::text AS name, pg_get_constraintdef(oid) AS key FROM pg_constraint"
        " WHERE contype = 'p' AND connamespace = 'public'::regnamespace"
    )
    keys = {row["name"]: row["key"] for row in rows if row["name"] != "schema_version"}
    # The log of changes is read in its key's order, and nothing refers to one of its rows.
    assert keys.pop("change") == "PRIMARY KEY (tenant_id, transaction, number)"
    others = [table for table in await tenant_tables(catalogue) if table != "change"]
    assert keys == dict.fromkeys(others, "PRIMARY KEY (tenant_id, id)")


async def test_every_foreign_key_begins_with_the_tenant_on_both_sides(catalogue: asyncpg.Connection) -> None:
    rows = await catalogue.fetch("""
        SELECT k.conname, k.connamespace::regnamespace::text AS schema_,
            (SELECT attname FROM pg_attribute WHERE attrelid = k.conrelid AND attnum = k.conkey[1]) AS here,
            (SELECT attname FROM pg_attribute WHERE attrelid = k.confrelid AND attnum = k.confkey[1]) AS there
        FROM pg_constraint AS k WHERE k.contype = 'f' AND k.connamespace <> 'routing'::regnamespace
    """)
    assert len(rows) > 10
    assert not [r["conname"] for r in rows if (r["here"], r["there"]) != ("tenant_id", "tenant_id")]


# Tried: what the catalogue promises is what happens.


async def rows_of_all(session: Any, tables: list[str]) -> dict[str, tuple[int, int]]:
    """By table: rows that a session sees, and how many of them are not of its partnership."""
    seen = {}
    for table in tables:
        query = f"SELECT count(*), count(*) FILTER (WHERE tenant_id IS DISTINCT FROM app.current_tenant()) FROM {table}"  # noqa: S608  # our own names
        row = (await session.execute(text(query))).one()
        seen[table] = (row[0], row[1])
    return seen


async def test_without_a_partnership_no_table_has_a_row(cambs: Partnership, catalogue: asyncpg.Connection) -> None:
    await cambs.report_death()
    tables = await tenant_tables(catalogue)
    async with engine().connect() as connection:
        assert await rows_of_all(connection, tables) == dict.fromkeys(tables, (0, 0))
    # The owner is bound too, so that a migration or a command cannot mix partnerships by mistake.
    for table in tables:
        assert await catalogue.fetchval(f"SELECT count(*) FROM {table}") == 0, table  # noqa: S608  # our own names


async def test_a_partnership_sees_its_own_rows_and_no_others(
    cambs: Partnership, herts: Partnership, catalogue: asyncpg.Connection, superuser: asyncpg.Connection
) -> None:
    await cambs.report_death()
    await herts.report_death()
    tables = await tenant_tables(catalogue)
    for one in (cambs, herts):
        mine = {
            table: (await superuser.fetchval(f"SELECT count(*) FROM {table} WHERE tenant_id = $1", one.id), 0)  # noqa: S608  # our own names
            for table in tables
        }
        async with one.session() as session:
            assert await rows_of_all(session, tables) == mine
        assert mine["child_death"][0] >= 1
        assert mine["delivery"][0] > 1


async def refused(partnership: Partnership, statement: str, **values: object) -> str:
    """What PostgreSQL says to a statement in the partnership's session; its SQLSTATE."""
    async with partnership.session() as session:
        with pytest.raises(DBAPIError) as caught:
            await session.execute(text(statement), values)
    return str(getattr(caught.value.orig, "sqlstate", ""))


INSUFFICIENT_PRIVILEGE = "42501"
FOREIGN_KEY_VIOLATION = "23503"


async def test_another_partnerships_rows_cannot_be_written(
    cambs: Partnership, herts: Partnership, superuser: asyncpg.Connection
) -> None:
    theirs = await herts.report_death()
    await cambs.report_death()
    before = await superuser.fetch("SELECT c::text FROM case_file AS c ORDER BY id")
    new = (
        "INSERT INTO case_file (tenant_id, id, pathway, reference, state, opened_at)"
        " VALUES (:tenant, :id, 'none', 'MADE-UP', 'open', app.now())"
    )
    assert await refused(cambs, new, tenant=herts.id, id=uuid7()) == INSUFFICIENT_PRIVILEGE
    moved = "UPDATE case_file SET tenant_id = :tenant"
    assert await refused(cambs, moved, tenant=herts.id) == INSUFFICIENT_PRIVILEGE
    async with cambs.session() as session:
        update = text("UPDATE case_file SET state = 'closed' WHERE id = :id RETURNING id")
        assert (await session.execute(update, {"id": theirs.case_id})).all() == []
        await session.execute(text("UPDATE case_file SET pathway = pathway"))
        await session.commit()
    assert await superuser.fetch("SELECT c::text FROM case_file AS c ORDER BY id") == before


async def test_another_partnerships_rows_cannot_be_referenced(cambs: Partnership, herts: Partnership) -> None:
    theirs = await herts.report_death()
    event = (
        "INSERT INTO case_event (tenant_id, id, case_id, kind, occurred_at, recorded_at, detail)"
        " VALUES (:tenant, :id, :case, 'note', app.now(), app.now(), '{}')"
    )
    case = theirs.case_id
    assert await refused(cambs, event, tenant=cambs.id, id=uuid7(), case=case) == FOREIGN_KEY_VIOLATION
    assert await refused(cambs, event, tenant=herts.id, id=uuid7(), case=case) == INSUFFICIENT_PRIVILEGE


@pytest.mark.parametrize("table", APPEND_ONLY)
async def test_a_record_of_what_happened_cannot_be_changed(
    cambs: Partnership, catalogue: asyncpg.Connection, table: str
) -> None:
    assert await refused(cambs, f"UPDATE {table} SET id = id") == INSUFFICIENT_PRIVILEGE  # noqa: S608  # our own names
    assert await refused(cambs, f"DELETE FROM {table}") == INSUFFICIENT_PRIVILEGE  # noqa: S608  # our own names
    assert await refused(cambs, f"TRUNCATE {table}") == INSUFFICIENT_PRIVILEGE
    query = "SELECT has_any_column_privilege('safeguard_app', $1, 'UPDATE')"
    assert await catalogue.fetchval(query, table) is False


async def test_the_application_deletes_only_what_is_laid_out_anew_unsent_or_kept_for_a_time(
    catalogue: asyncpg.Connection,
) -> None:
    rows = await catalogue.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        " AND (has_table_privilege('safeguard_app', oid, 'DELETE')"
        " OR has_table_privilege('safeguard_app', oid, 'TRUNCATE')) ORDER BY relname"
    )
    drafts = {  # what a draft of a manual holds; a trigger keeps it once the edition is approved
        f"procedure_{part}"
        for part in (
            "doubt",
            "handbook_entry",
            "link",
            "provision",
            "redirect",
            "reference",
            "replacement",
            "subscription",
            "term",
        )
    }
    assert {row["relname"] for row in rows} == drafts | {
        "audit_pending", "change", "directory_service_area", "draft", "idempotency_key", "rota_area", "shift",
        "webhook_attempt", "webhook_event", "webhook_message",
    }  # fmt: skip


# Nothing of a partnership stays on a connection that goes back to the pool.


async def left_behind(backend: int) -> tuple[int, str | None, int]:
    """On the same connection's next transaction: its process, the tenant setting, the areas it sees."""
    async with engine().connect() as connection:
        row = (
            await connection.execute(
                text(
                    "SELECT pg_backend_pid() AS process, nullif(current_setting('app.tenant_id', true), '') AS tenant,"
                    " (SELECT count(*) FROM area) AS areas"
                )
            )
        ).one()
    assert row.process == backend, "this is another connection: it shows nothing"
    return row.process, row.tenant, row.areas


async def process_and_areas(session: Any) -> tuple[int, int]:
    row = (await session.execute(text("SELECT pg_backend_pid(), (SELECT count(*) FROM area)"))).one()
    return row[0], row[1]


@pytest.mark.parametrize("end", ["commit", "rollback", "nothing", "error", "failed statement", "cancelled"])
async def test_a_connection_forgets_the_partnership(cambs: Partnership, end: str) -> None:
    backend = 0
    in_use = asyncio.Event()

    async def use() -> None:
        nonlocal backend
        async with cambs.session() as session:
            backend, areas = await process_and_areas(session)
            assert areas == 5
            in_use.set()
            match end:
                case "commit":
                    await session.commit()
                case "rollback":
                    await session.rollback()
                case "error":
                    raise LookupError
                case "failed statement":
                    await session.execute(text("SELECT 1 / 0"))
                case "cancelled":
                    await asyncio.Event().wait()

    task = asyncio.create_task(use())
    async with asyncio.timeout(60):
        await in_use.wait()
    if end == "cancelled":
        task.cancel()
    (raised,) = await asyncio.gather(task, return_exceptions=True)
    assert (raised is None) is (end in {"commit", "rollback", "nothing"})
    assert await left_behind(backend) == (backend, None, 0)


async def test_the_second_transaction_of_a_session_is_in_the_partnership_too(cambs: Partnership) -> None:
    async with cambs.session() as session:
        first = await process_and_areas(session)
        await session.commit()
        assert await process_and_areas(session) == first
        await session.rollback()
        assert await process_and_areas(session) == first


async def test_many_sessions_at_once_each_see_their_own_partnership(cambs: Partnership, herts: Partnership) -> None:
    async def areas(partnership_id: UUID) -> int:
        async with open_session(partnership_id) as session:
            found = await process_and_areas(session)
            await session.commit()
            return found[1]

    asked = [cambs.id, herts.id, uuid7()] * 20
    assert await asyncio.gather(*map(areas, asked)) == [5, 2, 0] * 20


@pytest.mark.parametrize("forged", ["'; DROP TABLE area; --", "not a uuid", "", None])
async def test_only_a_uuid_becomes_the_tenant(environment: dict[str, str], forged: str | None) -> None:
    """What is set goes into the text of a statement, so nothing but a UUID may."""
    async with engine().connect() as connection:
        if forged is not None:
            with pytest.raises(ValueError, match="badly formed"):
                await use_tenant(connection, forged)  # type: ignore[arg-type]
        assert (await process_and_areas(connection))[1] == 0
