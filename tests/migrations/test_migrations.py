"""Migrations go up, all the way down and up again, and end where the code expects them to."""

import asyncio
import re
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

MIGRATIONS = Path(__file__).parents[2] / "alembic"

# Everything that can be told of what is ours: relations with their columns, rights and policies, functions, keys.
# The migrations' own table stays when all is undone: it says that nothing is applied.
_SHAPE = """
    WITH ours AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'),
        extended AS (SELECT objid FROM pg_depend WHERE deptype = 'e')
    SELECT 'schema ' || nspname FROM ours WHERE nspname <> 'public'
    UNION ALL SELECT 'extension ' || extname FROM pg_extension WHERE extname <> 'plpgsql'
    UNION ALL SELECT concat_ws(' ', 'relation', c.oid::regclass, c.relkind, c.relrowsecurity, c.relforcerowsecurity,
            c.relacl, c.relowner::regrole, pg_get_indexdef(c.oid))
        FROM pg_class AS c JOIN ours ON ours.oid = c.relnamespace WHERE c.relname !~ '^schema_version'
    UNION ALL SELECT concat_ws(' ', 'column', a.attrelid::regclass, a.attnum, a.attname, a.attnotnull,
            format_type(a.atttypid, a.atttypmod), a.attacl, pg_get_expr(d.adbin, d.adrelid))
        FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN ours ON ours.oid = c.relnamespace
        LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relname !~ '^schema_version'
    UNION ALL SELECT concat_ws(' ', 'constraint', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid))
        FROM pg_constraint AS k JOIN ours ON ours.oid = k.connamespace
        WHERE k.conrelid::regclass::text !~ 'schema_version'
    UNION ALL SELECT concat_ws(' ', 'policy', schemaname, tablename, policyname, permissive, roles, cmd, qual,
            with_check) FROM pg_policies
    UNION ALL SELECT concat_ws(' ', 'function', p.oid::regprocedure, p.provolatile, p.prosecdef, p.prosrc, p.proacl)
        FROM pg_proc AS p JOIN ours ON ours.oid = p.pronamespace WHERE p.oid NOT IN (SELECT objid FROM extended)
    UNION ALL SELECT concat_ws(' ', 'type', t.oid::regtype) FROM pg_type AS t JOIN ours ON ours.oid = t.typnamespace
        WHERE t.oid NOT IN (SELECT objid FROM extended) AND t.oid::regtype::text !~ 'schema_version'
    UNION ALL SELECT concat_ws(' ', 'trigger', tgrelid::regclass, tgname) FROM pg_trigger WHERE NOT tgisinternal
    ORDER BY 1
"""
_RIGHTS = """
    SELECT nspname FROM pg_namespace, aclexplode(nspacl) AS a
    WHERE a.grantee = 'safeguard_app'::regrole
    UNION ALL SELECT defaclrole::regrole::text FROM pg_default_acl
"""


@pytest.fixture
def config(environment: dict[str, str]) -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return made


def query(environment: dict[str, str], statement: str) -> list[str]:
    """The first column of what the owner is answered."""

    async def run() -> list[str]:
        connection = await asyncpg.connect(environment["DATABASE_OWNER_URL"])
        try:
            return [str(row[0]) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    # The tests are not asynchronous, because a migration starts an event loop of its own.
    return asyncio.run(run())


def test_down_leaves_nothing_of_ours_and_up_makes_the_same_again(environment: dict[str, str], config: Config) -> None:
    """On a database in use: the reference partnerships are in it."""
    before = query(environment, _SHAPE)
    assert len(before) > 400
    assert len(query(environment, "SELECT slug FROM routing.partnership")) == 2
    command.downgrade(config, "base")
    assert query(environment, _SHAPE) == []
    assert query(environment, _RIGHTS) == []
    assert query(environment, "SELECT version_num FROM schema_version") == []
    command.upgrade(config, "head")
    assert query(environment, _SHAPE) == before
    command.check(config)


def test_the_tables_are_what_the_code_expects(config: Config) -> None:
    command.check(config)


def test_a_table_that_differs_is_found(environment: dict[str, str], config: Config) -> None:
    query(environment, "ALTER TABLE person ADD COLUMN shoe_size integer")
    with pytest.raises(CommandError, match="shoe_size"):
        command.check(config)


@pytest.mark.parametrize("step", range(1, 3))
def test_each_step_down_can_be_taken_back(config: Config, step: int) -> None:
    command.downgrade(config, f"-{step}")
    with pytest.raises(CommandError, match="not up to date"):
        command.check(config)
    command.upgrade(config, "head")
    command.check(config)


_NOTICE = """
    INSERT INTO notice (tenant_id, id, person_id, contact_method_id, subject_id, template, channel, address, reference,
        state, attempts, wanted_until, provider, provider_id, created_at, sent_at)
    SELECT tenant_id, gen_random_uuid(), person_id, id, gen_random_uuid(), 'on-call-now', channel, address, '2345-6789',
        state, 1, now(), 'govuk-notify', 'x', now(), now()
    FROM (SELECT * FROM contact_method WHERE channel = 'sms' ORDER BY id LIMIT 1) AS method,
        unnest(ARRAY['pending', 'claimed', 'unknown', 'sent', 'delivered', 'failed', 'expired']) AS state
    RETURNING id
"""
_OWED = """
    INSERT INTO routing.task (id, tenant_id, queue, actor, subject_id, due_at, wake_at, attempts)
    SELECT gen_random_uuid(), tenant_id, 'notices', 'send_notice', id, now(), now(), 0 FROM notice
    WHERE state = 'pending' RETURNING id
"""
_CODE = """
    INSERT INTO contact_verification (tenant_id, id, person_id, contact_method_id, created_at, salt, code_hash,
        expires_at, wrong_guesses)
    SELECT tenant_id, gen_random_uuid(), person_id, id, now(), 'ab', 'cd', now(), 0
    FROM contact_method ORDER BY id LIMIT 1 RETURNING id
"""
_AS_NOTICES = (
    "SELECT concat_ws(' ', id, state, template, address, reference, subject_id, sent_at) FROM notice ORDER BY id"
)


def test_notices_move_among_the_deliveries_and_back_with_all_that_is_owed(
    environment: dict[str, str], config: Config
) -> None:
    scripts = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    before = next(one.down_revision for one in scripts if one.path.endswith("notices_and_answers.py"))
    admin = {**environment, "DATABASE_OWNER_URL": _as_admin(environment)}
    command.downgrade(config, str(before))
    assert len(query(admin, _NOTICE)) == 7
    assert len(query(admin, _OWED)) == 1
    (code,) = query(admin, _CODE)
    was = query(admin, _AS_NOTICES)
    command.upgrade(config, "head")
    states = "SELECT state FROM delivery WHERE template = 'on-call-now' ORDER BY state"
    assert query(admin, states) == ["cancelled", "claimed", "delivered", "failed", "handed_over", "pending", "unknown"]
    assert query(admin, "SELECT state FROM delivery WHERE NOT wanted") == ["cancelled"]
    assert query(admin, "SELECT count(*) FROM delivery_event") == ["13"], "where each began and where it has got to"
    assert query(admin, "SELECT actor FROM routing.task WHERE actor LIKE '%send%' OR actor = 'deliver_notices'") == [
        "deliver_notices"
    ]
    spent = f"SELECT wrong_guesses FROM contact_verification WHERE id = '{code}'"  # noqa: S608  # an id
    assert query(admin, spent) == ["5"], "a code of the earlier release counts no more"
    command.downgrade(config, str(before))
    assert query(admin, _AS_NOTICES) == was
    assert query(admin, "SELECT count(*) FROM delivery") == ["0"]
    assert query(admin, "SELECT actor FROM routing.task WHERE actor LIKE 'send%'") == ["send_notice"]
    command.upgrade(config, "head")


_CALLED_OFF = """
    WITH who AS (SELECT tenant_id, id FROM person ORDER BY id LIMIT 1), called AS (
        INSERT INTO meeting (tenant_id, id, case_id, run_id, edition_id, code, title, state, version, planned_at,
            place, chair_role, called_by, called_at)
        SELECT tenant_id, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'core-group',
            'Core group', 'cancelled', 2, now(), 'County Hall', 'key-worker', id, now()
        FROM who RETURNING tenant_id, id)
    INSERT INTO meeting_step (tenant_id, id, meeting_id, kind, planned_at, reason, notices, taken_at)
    SELECT tenant_id, gen_random_uuid(), id, 'cancelled', now(), 'Its run has ended.', 0, now() FROM called
"""
_TOLD_BY_NOBODY = """
    WITH who AS (SELECT tenant_id, id FROM person ORDER BY id LIMIT 1), died AS (
        INSERT INTO child_death (tenant_id, id, case_id, child_name, date_of_birth, sex, usual_home_address, setting,
            place_of_death, area_of_death_id, coroner_area_id, died_at, confirmed_at, confirmed_by,
            anticipated_24h_before, unexpected_collapse, unexpected, circumstances, suspicion, reporter_name,
            reporter_role, reporter_telephone, reported_by, reported_at, possible_duplicates)
        SELECT tenant_id, gen_random_uuid(), gen_random_uuid(), 'x', now(), 'female', 'x', 'emergency_department',
            'x', gen_random_uuid(), gen_random_uuid(), now(), now(), 'x', true, false, false, 'x', 'none', 'x', 'x',
            'x', id, now(), '[]' FROM who RETURNING tenant_id, id)
    INSERT INTO death_step (tenant_id, id, death_id, kind, body, done_at, recorded_at)
    SELECT tenant_id, gen_random_uuid(), id, 'panel_told', 'Hertfordshire', now(), now() FROM died
"""


def test_what_nobody_did_is_put_down_to_whoever_began_it_where_somebody_has_to_be_named(
    environment: dict[str, str], config: Config
) -> None:
    scripts = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    before = next(one.down_revision for one in scripts if one.path.endswith("run_ends.py"))
    admin = {**environment, "DATABASE_OWNER_URL": f"{_as_admin(environment)}?session_replication_role=replica"}
    query(admin, _CALLED_OFF)  # of no run and no case: the keys are not looked at in such a session
    query(admin, _TOLD_BY_NOBODY)
    (somebody,) = query(admin, "SELECT id FROM person ORDER BY id LIMIT 1")
    named = "SELECT taken_by FROM meeting_step UNION ALL SELECT recorded_by FROM death_step"
    forced = "SELECT relname FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity"
    assert query(admin, named) == ["None", "None"]
    command.downgrade(config, str(before))
    assert query(admin, named) == [somebody, somebody]
    assert query(admin, forced) == [], "the owner of the tables is held back by the policies again"
    command.upgrade(config, "head")
    assert query(admin, named) == [somebody, somebody]
    command.check(config)


def _as_admin(environment: dict[str, str]) -> str:
    """The tests' database as whom no policy holds back."""
    admin = urlsplit(environment["POSTGRES_ADMIN_URL"])
    return admin._replace(path=urlsplit(environment["DATABASE_URL"]).path).geturl()


def test_migrations_are_dated_and_stand_in_one_row() -> None:
    scripts = list(ScriptDirectory(str(MIGRATIONS)).walk_revisions())
    names = [Path(script.path).name for script in scripts]
    assert len(scripts) >= 3
    for script, name in zip(scripts, names, strict=True):
        dated = re.fullmatch(r"(\d{4})_(\d\d)_(\d\d)_(\d\d)_[a-z0-9_]+\.py", name)
        assert dated, f"{name}: name it year_month_day_number_words.py"
        assert script.revision == "{}{}{}_{}".format(*dated.groups()), f"{name}: its revision says another date"
        assert (script.doc or "").strip(), f"{name}: say in its docstring what it does"
    # Newest first, each after the one under it: no branches, no merges.
    revisions = [script.revision for script in scripts]
    assert revisions == sorted(revisions, reverse=True)
    assert [script.down_revision for script in scripts] == [*revisions[1:], None]
    files = {file.name for file in (MIGRATIONS / "versions").glob("*.py")}
    assert files == set(names)
