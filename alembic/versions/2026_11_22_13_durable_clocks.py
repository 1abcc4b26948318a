"""Clocks of runs: their whole rule, what they tell and when, their history, pauses, extensions and reasons

Revision ID: 20261122_13
Revises: 20261122_12
"""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_13"
down_revision = "20261122_12"
branch_labels = None
depends_on = None

# What the application role may do beside SELECT. All three are records of what happened.
_TABLES = ("clock_mark", "clock_change", "clock_notice")
_STATES = ("running", "paused", "met", "met_late", "breached", "missed", "expired", "ended", "cancelled")
_OLD_STATES = ("running", "met", "breached", "cancelled")
_EFFECTS = (
    "breach", "miss_needs_reason", "lapses", "allowed_from", "reminder", "watch_ends", "reported", "takes_effect", "none",
)  # fmt: skip
_MARKS = ("start", "completion", "pause", "resumption", "extension", "extended_until")
_CHANGES = (
    "started", "recalculated", "paused", "resumed", "extended", "completed", "reopened", "breached", "breach_lifted",
    "breach_kept", "missed", "expired", "ended", "reason_given", "cancelled",
)  # fmt: skip
_ADDED = (
    "run_id", "pathway", "occurrence", "held", "edition", "owner_id", "effect", "yields_to", "first_started_at", "resets",
    "last_day", "provisional_until", "late_from", "due_notice_at", "warn_at", "next_at", "extension", "trace", "why",
    "missed_at", "ended_at", "reason", "reason_by", "reason_at",
)  # fmt: skip


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _uuid(name: str, *, optional: bool = False) -> sa.Column[sa.Uuid]:
    return sa.Column(name, sa.Uuid(), nullable=optional)


def _text(name: str, most: int | None = None, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(most), nullable=optional)


def _at(name: str, *, optional: bool = False) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def _make(table: str, *columns: sa.schema.SchemaItem, refers: dict[str, str], indexes: Iterable[str] = ()) -> None:
    """A table of the partnership with its foreign keys and, for each text, an index on the columns it names."""
    op.create_table(
        table,
        _uuid("tenant_id"),
        _uuid("id"),
        *columns,
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column], [f"{parent}.tenant_id", f"{parent}.id"], name=f"{table}_tenant_id_{column}_fkey"
            )
            for column, parent in refers.items()
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"{table}_pkey"),
    )
    for names in indexes:
        op.create_index(f"{table}_tenant_id_{names.replace(' ', '_')}_idx", table, ["tenant_id", *names.split()])


def upgrade() -> None:
    _widen_clock()
    _make_records()
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table}"
            " USING (tenant_id = (SELECT app.current_tenant()))"
            " WITH CHECK (tenant_id = (SELECT app.current_tenant()))"
        )
        op.execute(f"GRANT SELECT, INSERT ON {table} TO safeguard_app")
    _all_tenants(_BRING_CLOCKS, "clock", "case_file")
    _all_tenants(_BRING_MARKS, "clock", "clock_mark")
    _all_tenants(_BRING_NOTICES, "clock", "clock_notice")
    _all_tenants(_BRING_TIMERS, "clock")
    op.drop_column("clock", "reminded_at")
    for column in ("pathway", "edition", "effect"):
        op.alter_column("clock", column, nullable=False)
    for column in ("occurrence", "held", "resets", "warn_at", "trace"):
        op.alter_column("clock", column, server_default=None)


def _widen_clock() -> None:
    json, nothing = postgresql.JSONB(), sa.text("'[]'")
    for column in (
        _uuid("run_id", optional=True), _text("pathway", 80, optional=True),
        sa.Column("occurrence", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("held", sa.Integer(), nullable=False, server_default="0"), _text("edition", 300, optional=True),
        _uuid("owner_id", optional=True), sa.Column("effect", _one_of("effect", *_EFFECTS), nullable=True),
        _text("yields_to", 80, optional=True), _at("first_started_at", optional=True),
        sa.Column("resets", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("last_day", sa.Date(), nullable=True), _at("provisional_until", optional=True),
        _at("late_from", optional=True), _at("due_notice_at", optional=True),
        sa.Column("warn_at", json, nullable=False, server_default=nothing), _at("next_at", optional=True),
        _text("extension", 40, optional=True), sa.Column("trace", json, nullable=False, server_default=nothing),
        sa.Column("why", _one_of("why", "closed", "withdrawn"), nullable=True), _at("missed_at", optional=True),
        _at("ended_at", optional=True), _text("reason", optional=True), _uuid("reason_by", optional=True),
        _at("reason_at", optional=True),
    ):  # fmt: skip
        op.add_column("clock", column)
    _states(_STATES)
    for column, parent in {"run_id": "pathway_run", "owner_id": "person", "reason_by": "person"}.items():
        op.create_foreign_key(
            f"clock_tenant_id_{column}_fkey", "clock", parent, ["tenant_id", column], ["tenant_id", "id"]
        )
    op.drop_constraint("clock_tenant_id_case_id_definition_key", "clock")
    op.create_unique_constraint(
        "clock_tenant_id_case_id_run_id_definition_occurrence_key", "clock", ["tenant_id", "case_id", "run_id", "definition", "occurrence"],
        postgresql_nulls_not_distinct=True,
    )  # fmt: skip
    breached, owned = sa.text("breached_at IS NOT NULL"), sa.text("owner_id IS NOT NULL")
    op.create_index("clock_by_due", "clock", ["tenant_id", "due_at", "id"])
    still_open = sa.text("state IN ('running', 'paused')")
    op.create_index("clock_open", "clock", ["tenant_id", "due_at", "id"], postgresql_where=still_open)
    op.create_index("clock_breaches", "clock", ["tenant_id", "due_at", "id"], postgresql_where=breached)
    op.create_index("clock_of_owner", "clock", ["tenant_id", "owner_id", "due_at", "id"], postgresql_where=owned)
    op.create_index("clock_tenant_id_run_id_idx", "clock", ["tenant_id", "run_id"])


def _states(states: tuple[str, ...]) -> None:
    op.drop_constraint("clock_clockstate_check", "clock")
    listed = ", ".join(f"'{state}'" for state in states)
    op.create_check_constraint(op.f("clock_clockstate_check"), "clock", f"state IN ({listed})")


def _make_records() -> None:
    _make("clock_mark", _uuid("case_id"), _uuid("run_id", optional=True), _uuid("clock_id", optional=True),
          sa.Column("kind", _one_of("mark", *_MARKS), nullable=False), _text("event", 80), _at("at"),
          _text("authority", 300, optional=True), _text("reason", optional=True), _uuid("corrects_id", optional=True),
          _uuid("recorded_by", optional=True), _at("recorded_at"),
          sa.UniqueConstraint("tenant_id", "corrects_id", name="clock_mark_tenant_id_corrects_id_key"),
          refers={"case_id": "case_file", "run_id": "pathway_run", "clock_id": "clock", "corrects_id": "clock_mark",
                  "recorded_by": "person"}, indexes=("case_id",))  # fmt: skip
    _make("clock_change", _uuid("clock_id"), _at("at"), sa.Column("kind", _one_of("change", *_CHANGES), nullable=False),
          _text("cause", 60), _uuid("actor_id", optional=True), _text("reason", optional=True),
          _text("authority", 300, optional=True), _at("was_started_at", optional=True), _at("was_due_at", optional=True),
          _at("started_at"), _at("due_at"), sa.Column("state", _one_of("clockstate", *_STATES), nullable=False),
          sa.Column("trace", postgresql.JSONB(), nullable=False),
          refers={"clock_id": "clock", "actor_id": "person"}, indexes=("clock_id at id",))  # fmt: skip
    _make("clock_notice", _uuid("clock_id"),
          sa.Column("step", _one_of("step", "warning", "due", "late"), nullable=False),
          sa.Column("number", sa.Integer(), nullable=False), _at("at"), _at("due_at"), _at("told_at"),
          _uuid("alert_id", optional=True),
          sa.UniqueConstraint("tenant_id", "clock_id", "step", "number", "at", name="clock_notice_tenant_id_clock_id_step_number_at_key"),
          refers={"clock_id": "clock", "alert_id": "alert"})  # fmt: skip


def _all_tenants(statement: str, *tables: str) -> None:
    """Row-level security is forced on the owner too, who has no partnership here."""
    for table in tables:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(statement)
    for table in tables:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


# The old rule held a figure; the new one is the rule itself. Nought hours with a wording was a wording alone.
_BRING_CLOCKS = """
    UPDATE clock SET
        pathway = file.pathway, edition = clock.rule ->> 'edition', start_event = replace(clock.start_event, '_', '-'),
        effect = CASE WHEN worded.at_once AND breach.due_at IS NULL THEN 'none' ELSE 'breach' END,
        state = CASE WHEN clock.state = 'breached' AND clock.met_at IS NOT NULL THEN 'met_late' ELSE clock.state END,
        late_from = breach.due_at + CASE clock.rule ->> 'unit' WHEN 'hours' THEN interval '1 microsecond'
            ELSE interval '0' END,
        due_notice_at = CASE WHEN worded.at_once THEN NULL ELSE clock.due_at END,
        warn_at = CASE WHEN reminder.due_at IS NULL THEN '[]' ELSE jsonb_build_array(to_jsonb(reminder.due_at)) END,
        next_at = least(reminder.due_at, breach.due_at + CASE clock.rule ->> 'unit' WHEN 'hours'
            THEN interval '1 microsecond' ELSE interval '0' END),
        rule = jsonb_strip_nulls(jsonb_build_object(
            'id', clock.definition, 'action', clock.title, 'role', clock.owner_role, 'force', clock.force,
            'citation', clock.citation, 'origin', clock.rule -> 'origin', 'authority', clock.rule -> 'authority',
            'wording', clock.rule -> 'wording', 'warn_before', clock.rule -> 'warn_before',
            'start', jsonb_build_object('event', replace(clock.start_event, '_', '-'),
                'unstated', coalesce(clock.rule -> 'start_inferred', 'false')),
            'kind', CASE WHEN worded.at_once THEN 'qualitative' ELSE 'deadline' END,
            'setting', CASE WHEN worded.at_once THEN left(clock.definition, 50) || '-within' END,
            'limit', CASE WHEN NOT worded.at_once
                THEN jsonb_build_object('value', clock.rule -> 'value', 'unit', clock.rule -> 'unit') END))
    FROM clock AS old
    JOIN case_file AS file ON file.tenant_id = old.tenant_id AND file.id = old.case_id
    CROSS JOIN LATERAL (SELECT (old.rule ->> 'value')::numeric = 0 AND old.rule ->> 'wording' IS NOT NULL) AS worded (at_once)
    LEFT JOIN routing.task AS reminder ON reminder.actor = 'clock_reminder' AND reminder.subject_id = old.id
    LEFT JOIN routing.task AS breach ON breach.actor = 'clock_breach' AND breach.subject_id = old.id
    WHERE old.tenant_id = clock.tenant_id AND old.id = clock.id
"""
_BRING_MARKS = """
    INSERT INTO clock_mark (tenant_id, id, case_id, kind, event, at, recorded_at)
    SELECT tenant_id, gen_random_uuid(), case_id, 'start', start_event, started_at, min(started_at)
    FROM clock GROUP BY tenant_id, case_id, start_event, started_at
"""
_BRING_NOTICES = """
    INSERT INTO clock_notice (tenant_id, id, clock_id, step, number, at, due_at, told_at)
    SELECT tenant_id, gen_random_uuid(), id, 'warning', 0, reminded_at, due_at, reminded_at
    FROM clock WHERE reminded_at IS NOT NULL
    UNION ALL SELECT tenant_id, gen_random_uuid(), id, 'late', 0, due_at, due_at, breached_at
    FROM clock WHERE breached_at IS NOT NULL
"""
_BRING_TIMERS = """
    WITH old AS (DELETE FROM routing.task WHERE actor IN ('clock_reminder', 'clock_breach')),
        timed AS (SELECT * FROM clock WHERE state = 'running' AND next_at IS NOT NULL)
    INSERT INTO routing.task (id, tenant_id, queue, actor, subject_id, due_at, wake_at, attempts)
    SELECT gen_random_uuid(), tenant_id, 'notices', 'clock_timer', id, next_at, next_at, 0 FROM timed
"""


def downgrade() -> None:
    op.add_column("clock", _at("reminded_at", optional=True))
    _all_tenants(_TAKE_BACK_REMINDERS, "clock", "clock_notice")
    _all_tenants(_TAKE_BACK_TIMERS, "clock")
    for table in reversed(_TABLES):
        op.drop_table(table)
    # The old table holds one clock a rule and a case.
    _all_tenants(_DROP_LATER_CLOCKS, "clock")
    _all_tenants(_TAKE_BACK_CLOCKS, "clock")
    for index in ("clock_by_due", "clock_open", "clock_breaches", "clock_of_owner", "clock_tenant_id_run_id_idx"):
        op.drop_index(index, "clock")
    op.drop_constraint("clock_tenant_id_case_id_run_id_definition_occurrence_key", "clock")
    op.create_unique_constraint(
        "clock_tenant_id_case_id_definition_key", "clock", ["tenant_id", "case_id", "definition"]
    )
    _states(_OLD_STATES)
    for column in _ADDED:
        op.drop_column("clock", column)


_TAKE_BACK_REMINDERS = """
    UPDATE clock SET reminded_at = told.at FROM (
        SELECT tenant_id, clock_id, min(told_at) AS at FROM clock_notice WHERE step = 'warning'
        GROUP BY tenant_id, clock_id) AS told
    WHERE told.tenant_id = clock.tenant_id AND told.clock_id = clock.id
"""
_TAKE_BACK_TIMERS = """
    WITH gone AS (DELETE FROM routing.task WHERE actor IN ('clock_timer', 'recount_case_clocks', 'recount_run_clocks')),
        timed AS (
            SELECT tenant_id, id, 'clock_breach' AS actor, late_from AS at FROM clock
            WHERE state = 'running' AND late_from IS NOT NULL
            UNION ALL SELECT tenant_id, id, 'clock_reminder', (warn_at ->> 0)::timestamptz FROM clock
            WHERE state = 'running' AND reminded_at IS NULL AND jsonb_array_length(warn_at) > 0)
    INSERT INTO routing.task (id, tenant_id, queue, actor, subject_id, due_at, wake_at, attempts)
    SELECT gen_random_uuid(), tenant_id, 'notices', actor, id, at, at, 0 FROM timed
"""
_DROP_LATER_CLOCKS = """
    DELETE FROM clock USING clock AS later
    WHERE later.tenant_id = clock.tenant_id AND later.case_id = clock.case_id
        AND later.definition = clock.definition AND (later.occurrence, later.id) > (clock.occurrence, clock.id)
"""
_TAKE_BACK_CLOCKS = """
    UPDATE clock SET
        state = CASE WHEN state IN ('paused') THEN 'running' WHEN state IN ('met_late', 'missed', 'expired')
            THEN 'breached' WHEN state = 'ended' THEN 'cancelled' ELSE state END,
        start_event = replace(start_event, '-', '_'),
        rule = jsonb_build_object(
            'value', coalesce(rule #> '{limit,value}', '0'), 'unit', coalesce(rule #> '{limit,unit}', '"hours"'),
            'wording', rule -> 'wording', 'origin', coalesce(rule -> 'origin', '"baseline"'),
            'start_inferred', coalesce(rule #> '{start,unstated}', 'false'), 'authority', rule -> 'authority',
            'edition', edition, 'warn_before', coalesce(rule -> 'warn_before', '[]'))
"""
