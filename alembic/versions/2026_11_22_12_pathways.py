"""Pathways in a partnership: editions, runs, what is recorded in them, and what people owe

Revision ID: 20261122_12
Revises: 20261122_11
"""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_12"
down_revision = "20261122_11"
branch_labels = None
depends_on = None

# What the application role may do beside SELECT. Records of what happened are never changed.
_GRANTS = {
    "pathway_edition": "INSERT, UPDATE",
    "pathway_run": "INSERT, UPDATE",
    "pathway_action": "INSERT",
    "pathway_event": "INSERT",
    "pathway_form": "INSERT",
    "pathway_fact": "INSERT",
    "pathway_task": "INSERT, UPDATE",
    "pathway_notice": "INSERT",
    "pathway_decision": "INSERT, UPDATE",
    "pathway_sign_off": "INSERT",
    "pathway_departure": "INSERT, UPDATE",
    "pathway_overlay": "INSERT, UPDATE",
}
_EDITION_STATES = ("draft", "checked", "approved", "withdrawn")
_ACTIONS = (
    "started", "moved", "decided", "authorised", "declined", "form_completed", "notified", "meeting_held",
    "signed_off", "duty_settled", "gate_opened", "overlay_attached", "overlay_detached", "migrated", "closed",
)  # fmt: skip
_SOURCES = ("hand", "stage", "decision", "form", "notification", "sign_off", "meeting", "elsewhere")
_TASK_STATES = ("open", "done", "not_applicable", "not_done", "lapsed")


def _one_of(column: str, name: str, *values: str) -> sa.Column[str]:
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
    return sa.Column(column, kind, nullable=False)


def _uuid(name: str, *, optional: bool = False) -> sa.Column[sa.Uuid]:
    return sa.Column(name, sa.Uuid(), nullable=optional)


def _text(name: str, most: int | None = None, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(most), nullable=optional)


def _at(name: str, *, optional: bool = False) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _json(name: str, *, optional: bool = False) -> sa.Column[postgresql.JSONB]:
    return sa.Column(name, postgresql.JSONB(), nullable=optional)


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint("tenant_id", *columns, name=f"{table}_tenant_id_{'_'.join(columns)}_key")


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
    _make_editions()
    _make_runs()
    _make_records()
    _make_tasks()
    _make_casework()
    for table, writes in _GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table}"
            " USING (tenant_id = (SELECT app.current_tenant()))"
            " WITH CHECK (tenant_id = (SELECT app.current_tenant()))"
        )
        op.execute(f"GRANT SELECT, {writes} ON {table} TO safeguard_app")


def _make_editions() -> None:
    people = {f"{verb}_by": "person" for verb in ("made", "checked", "approved", "withdrawn")}
    _make("pathway_edition", _text("pathway", 80), _text("kind", 40), _text("title", 300), _number("number"),
          _one_of("state", "editionstate", *_EDITION_STATES), _text("family", 80), _text("baseline_edition", 300),
          _number("baseline_revision"), _text("local_edition", 300, optional=True), _json("definition"),
          _json("marks"), _json("overlay", optional=True), _text("overlay_text", optional=True), _text("digest", 64),
          *(column for verb in ("made", "checked", "approved", "withdrawn")
            for column in (_uuid(f"{verb}_by", optional=True), _at(f"{verb}_at", optional=verb != "made"))),
          _text("approved_role", 80, optional=True), _text("authority", 300, optional=True),
          sa.Column("in_force_from", sa.Date(), nullable=True), _text("withdrawal_reason", optional=True),
          sa.CheckConstraint(
              "state <> 'approved' OR (approved_at IS NOT NULL AND in_force_from IS NOT NULL)",
              name="pathway_edition_approved_check",
          ),
          _unique("pathway_edition", "pathway", "number"), refers=people)  # fmt: skip
    op.create_index("pathway_edition_in_force", "pathway_edition", ["tenant_id", "pathway", "state", "in_force_from"])


def _make_runs() -> None:
    _make("pathway_run", _uuid("case_id"), _uuid("edition_id"), _text("pathway", 80), _text("kind", 40),
          _one_of("state", "runstate", "open", "closed"), _text("stage", 80, optional=True),
          _text("variant", 80, optional=True), _number("version"), _uuid("pending_id", optional=True),
          _json("entry"), _uuid("opened_from_run_id", optional=True), _uuid("opened_from_decision_id", optional=True),
          _at("opened_at"), _uuid("opened_by", optional=True), _at("closed_at", optional=True),
          _uuid("closed_by", optional=True),
          refers={"case_id": "case_file", "edition_id": "pathway_edition", "opened_from_run_id": "pathway_run",
                  "opened_by": "person", "closed_by": "person"}, indexes=("case_id", "edition_id"))  # fmt: skip
    op.create_index("pathway_run_by_opening", "pathway_run", ["tenant_id", "opened_at", "id"])
    _make("pathway_action", _uuid("run_id"), _number("version"), _text("transaction_id", 200),
          _one_of("kind", "actionkind", *_ACTIONS), _text("role", 80, optional=True), _json("detail"),
          _text("reason", optional=True), _uuid("answers_id", optional=True), _uuid("acted_by", optional=True),
          _at("acted_at"), _unique("pathway_action", "run_id", "version"),
          _unique("pathway_action", "run_id", "transaction_id"),
          refers={"run_id": "pathway_run", "answers_id": "pathway_action", "acted_by": "person"})  # fmt: skip


def _make_records() -> None:
    _make("pathway_event", _uuid("run_id"), _text("code", 80), _at("occurred_at", optional=True),
          _text("occurred_on", 40, optional=True), _flag("anticipated"), _flag("withdrawn"),
          _one_of("source", "source", *_SOURCES), _uuid("source_id", optional=True),
          _uuid("corrects_id", optional=True), _text("reason", optional=True), _uuid("recorded_by", optional=True),
          _at("recorded_at"),
          sa.CheckConstraint("withdrawn OR num_nonnulls(occurred_at, occurred_on) = 1",
                             name="pathway_event_one_moment_check"),
          _unique("pathway_event", "corrects_id"),
          refers={"run_id": "pathway_run", "corrects_id": "pathway_event", "recorded_by": "person"},
          indexes=("run_id recorded_at",))  # fmt: skip
    _make("pathway_form", _uuid("run_id"), _text("code", 80), _text("role", 80, optional=True), _json("answers"),
          _uuid("completed_by"), _at("completed_at"),
          refers={"run_id": "pathway_run", "completed_by": "person"}, indexes=("run_id completed_at",))  # fmt: skip
    _make("pathway_fact", _uuid("run_id"), _text("code", 80), _json("value"), _uuid("form_id", optional=True),
          _uuid("recorded_by", optional=True), _at("recorded_at"),
          refers={"run_id": "pathway_run", "form_id": "pathway_form", "recorded_by": "person"},
          indexes=("run_id code recorded_at",))  # fmt: skip


def _make_tasks() -> None:
    _make("pathway_task", _uuid("run_id"), _uuid("case_id"), _one_of("kind", "taskkind", "obligation", "notification"),
          _text("code", 80), _text("stage", 80, optional=True), _text("text"), _text("role", 80),
          _text("lead_role", 80, optional=True), _text("force", 20), _text("citation", 400),
          _uuid("owner_id", optional=True), _uuid("deputy_id", optional=True), _at("due_at", optional=True),
          _one_of("state", "taskstate", *_TASK_STATES), _text("evidence", optional=True),
          _text("reason", optional=True), _number("version"), _at("created_at"), _at("settled_at", optional=True),
          _uuid("settled_by", optional=True),
          sa.CheckConstraint("state NOT IN ('not_applicable', 'not_done') OR reason IS NOT NULL",
                             name="pathway_task_reasoned_check"),
          sa.CheckConstraint("state = 'open' OR settled_at IS NOT NULL", name="pathway_task_settled_check"),
          refers={"run_id": "pathway_run", "case_id": "case_file", "owner_id": "person", "deputy_id": "person",
                  "settled_by": "person"},
          indexes=("run_id", "case_id", "owner_id state", "deputy_id state"))  # fmt: skip
    op.create_index(
        "pathway_task_once", "pathway_task", ["tenant_id", "run_id", "kind", "code", "role"], unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )  # fmt: skip
    op.create_index("pathway_task_by_creation", "pathway_task", ["tenant_id", "created_at", "id"])
    op.create_index("pathway_task_by_due", "pathway_task", ["tenant_id", "state", "due_at"])


def _authority() -> tuple[sa.schema.SchemaItem, ...]:
    return (_text("authority_role", 80, optional=True), _uuid("authority_by", optional=True),
            _at("authority_at", optional=True), _text("authority_reasons", optional=True))  # fmt: skip


def _make_casework() -> None:
    _make("pathway_notice", _uuid("run_id"), _text("code", 80), _text("channel", 20), _uuid("alert_id", optional=True),
          _text("given_to", 300, optional=True), _flag("acknowledged"), _text("note", optional=True),
          _uuid("given_by", optional=True), _at("given_at"), _at("recorded_at"),
          refers={"run_id": "pathway_run", "alert_id": "alert", "given_by": "person"},
          indexes=("run_id given_at",))  # fmt: skip
    _make("pathway_decision", _uuid("run_id"), _uuid("action_id"), _text("code", 80), _json("options"),
          _text("reasons"), _one_of("state", "decisionstate", "pending", "taken", "declined"), _text("role", 80),
          _uuid("decided_by"), _at("decided_at"), *_authority(), _json("follows"),
          refers={"run_id": "pathway_run", "action_id": "pathway_action", "decided_by": "person",
                  "authority_by": "person"}, indexes=("run_id decided_at",))  # fmt: skip
    _make("pathway_sign_off", _uuid("run_id"), _text("code", 80), _text("role", 80), _text("note", optional=True),
          _uuid("signed_by"), _at("signed_at"),
          refers={"run_id": "pathway_run", "signed_by": "person"}, indexes=("run_id signed_at",))  # fmt: skip
    _make("pathway_departure", _uuid("run_id"), _uuid("edition_id"), _text("provision", 400), _text("edition", 300),
          _text("subject_kind", 20), _text("subject_code", 80), _text("force", 20, optional=True), _text("instead"),
          _text("reasons"), _one_of("state", "departurestate", "acknowledged", "authorised", "refused"),
          _uuid("acknowledged_by"), _at("acknowledged_at"), *_authority(),
          sa.CheckConstraint("state = 'acknowledged' OR (authority_by IS NOT NULL AND authority_at IS NOT NULL)",
                             name="pathway_departure_authority_check"),
          refers={"run_id": "pathway_run", "edition_id": "pathway_edition", "acknowledged_by": "person",
                  "authority_by": "person"}, indexes=("run_id acknowledged_at",))  # fmt: skip
    _make("pathway_overlay", _uuid("run_id"), _uuid("overlay_run_id"), _text("pathway", 80), _text("reason"),
          _uuid("attached_by", optional=True), _at("attached_at"), _uuid("detached_by", optional=True),
          _at("detached_at", optional=True), _text("detach_reason", optional=True),
          sa.CheckConstraint("detached_at IS NULL OR detach_reason IS NOT NULL",
                             name="pathway_overlay_said_why_check"),
          sa.CheckConstraint("run_id <> overlay_run_id", name="pathway_overlay_two_check"),
          _unique("pathway_overlay", "overlay_run_id"),
          refers={"run_id": "pathway_run", "overlay_run_id": "pathway_run", "attached_by": "person",
                  "detached_by": "person"})  # fmt: skip
    op.create_index(
        "pathway_overlay_once", "pathway_overlay", ["tenant_id", "run_id", "pathway"], unique=True,
        postgresql_where=sa.text("detached_at IS NULL"),
    )  # fmt: skip


def downgrade() -> None:
    for table in reversed(_GRANTS):
        op.drop_table(table)
