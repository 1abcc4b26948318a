"""Meetings of a run, what happened around them, and documents that are withheld from one person

Revision ID: 20261122_14
Revises: 20261122_13
"""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_14"
down_revision = "20261122_13"
branch_labels = None
depends_on = None

# What the application role may do beside SELECT. Records of what happened are never changed.
_GRANTS = {
    "document_withholding": "INSERT",
    "meeting": "INSERT, UPDATE",
    "meeting_step": "INSERT",
    "meeting_item": "INSERT",
    "meeting_outcome": "INSERT",
    "meeting_invitation": "INSERT",
    "meeting_answer": "INSERT",
    "meeting_attendance": "INSERT",
    "meeting_minutes": "INSERT",
    "meeting_approval": "INSERT",
    "meeting_withholding": "INSERT",
    "meeting_copy": "INSERT",
    "meeting_reading": "INSERT",
    "meeting_action": "INSERT",
    "meeting_decision": "INSERT",
}
_STATES = ("called", "adjourned", "held", "cancelled")
_OUTCOMES = ("open", "discussed", "nothing_found", "not_reached")
_ANSWERS = ("attending", "apologies", "sends_deputy", "report_only")
_ATTENDANCES = ("attended", "deputy", "report_only", "absent")
_TASKS = ("obligation", "notification", "minutes", "action")
_ONCE = "state = 'open' AND kind IN ('obligation', 'notification')"


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


def _flag(name: str, *, optional: bool = False) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=optional)


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint("tenant_id", *columns, name=f"{table}_tenant_id_{'_'.join(columns)}_key")


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"{table}_{name}_check"))


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
    _widen_tasks(_TASKS, _ONCE)
    _make("document_withholding", _uuid("document_id"), _uuid("person_id"), _uuid("withheld_by"), _at("withheld_at"),
          _unique("document_withholding", "document_id", "person_id"),
          refers={"document_id": "document", "person_id": "person", "withheld_by": "person"},
          indexes=("person_id",))  # fmt: skip
    _make_meetings()
    _make_agenda()
    _make_people()
    _make_minutes()
    _make_outcomes()
    for table, writes in _GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table}"
            " USING (tenant_id = (SELECT app.current_tenant()))"
            " WITH CHECK (tenant_id = (SELECT app.current_tenant()))"
        )
        op.execute(f"GRANT SELECT, {writes} ON {table} TO safeguard_app")


def _widen_tasks(kinds: tuple[str, ...], once: str) -> None:
    op.drop_constraint("pathway_task_taskkind_check", "pathway_task")
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f("pathway_task_taskkind_check"), "pathway_task", f"kind IN ({listed})")
    op.drop_index("pathway_task_once", "pathway_task")
    op.create_index(
        "pathway_task_once", "pathway_task", ["tenant_id", "run_id", "kind", "code", "role"], unique=True,
        postgresql_where=sa.text(once),
    )  # fmt: skip


def _make_meetings() -> None:
    _make("meeting", _uuid("case_id"), _uuid("run_id"), _uuid("edition_id"), _text("code", 80), _text("title", 300),
          _one_of("state", "meetingstate", *_STATES), _number("version"), _at("planned_at"),
          _text("place", 300, optional=True), _text("joining", 500, optional=True), _text("chair_role", 80),
          _uuid("chair_id", optional=True), _uuid("called_by"), _at("called_at"), _at("held_at", optional=True),
          _flag("quorate", optional=True), sa.Column("quorum", postgresql.JSONB(), nullable=True),
          _text("exception_reason", optional=True), _uuid("minutes_task_id", optional=True),
          _check("meeting", "somewhere", "place IS NOT NULL OR joining IS NOT NULL"),
          _check("meeting", "held", "(state = 'held') = (held_at IS NOT NULL)"),
          _check("meeting", "excepted", "quorate IS NOT FALSE OR exception_reason IS NOT NULL"),
          refers={"case_id": "case_file", "run_id": "pathway_run", "edition_id": "pathway_edition",
                  "chair_id": "person", "called_by": "person", "minutes_task_id": "pathway_task"},
          indexes=("case_id", "run_id", "chair_id"))  # fmt: skip
    op.create_index("meeting_by_plan", "meeting", ["tenant_id", "planned_at", "id"])
    _make("meeting_step", _uuid("meeting_id"), _one_of("kind", "stepkind", *_STATES), _at("planned_at"),
          _text("reason", optional=True), _number("notices"), _uuid("taken_by"), _at("taken_at"),
          _check("meeting_step", "reasoned", "kind NOT IN ('adjourned', 'cancelled') OR reason IS NOT NULL"),
          refers={"meeting_id": "meeting", "taken_by": "person"}, indexes=("meeting_id",))  # fmt: skip


def _make_agenda() -> None:
    _make("meeting_item", _uuid("meeting_id"), _number("number"), _text("text", 300),
          _text("force", 20, optional=True), _flag("never_empty"), _text("citation", 400, optional=True),
          _uuid("added_by", optional=True), _unique("meeting_item", "meeting_id", "number"),
          refers={"meeting_id": "meeting", "added_by": "person"})  # fmt: skip
    _make("meeting_outcome", _uuid("meeting_id"), _uuid("item_id"), _one_of("state", "itemstate", *_OUTCOMES),
          _text("text", optional=True), _uuid("recorded_by"), _at("recorded_at"),
          _check("meeting_outcome", "said", "state = 'not_reached' OR text IS NOT NULL"),
          refers={"meeting_id": "meeting", "item_id": "meeting_item", "recorded_by": "person"},
          indexes=("meeting_id",))  # fmt: skip


def _make_people() -> None:
    _make("meeting_invitation", _uuid("meeting_id"), _one_of("part", "part", "required", "optional", "recipient"),
          _uuid("person_id", optional=True), _text("outside_name", 200, optional=True), _text("role", 80),
          _text("agency", 80), _text("told_how", 300, optional=True), _number("notices"), _uuid("invited_by"),
          _at("invited_at"), _unique("meeting_invitation", "meeting_id", "person_id"),
          _check("meeting_invitation", "one_person", "num_nonnulls(person_id, outside_name) = 1"),
          refers={"meeting_id": "meeting", "person_id": "person", "invited_by": "person"},
          indexes=("person_id",))  # fmt: skip
    invited = {"meeting_id": "meeting", "invitation_id": "meeting_invitation"}
    _make("meeting_answer", _uuid("meeting_id"), _uuid("invitation_id"), _at("planned_at"),
          _one_of("answer", "answer", *_ANSWERS), _text("deputy_name", 200, optional=True),
          _text("note", optional=True), _uuid("answered_by"), _at("answered_at"),
          _check("meeting_answer", "deputy", "answer <> 'sends_deputy' OR deputy_name IS NOT NULL"),
          refers={**invited, "answered_by": "person"}, indexes=("meeting_id",))  # fmt: skip
    _make("meeting_attendance", _uuid("meeting_id"), _uuid("invitation_id"),
          _one_of("attendance", "attendance", *_ATTENDANCES), _text("deputy_name", 200, optional=True),
          _uuid("recorded_by"), _at("recorded_at"), _unique("meeting_attendance", "invitation_id"),
          _check("meeting_attendance", "deputy", "attendance <> 'deputy' OR deputy_name IS NOT NULL"),
          refers={**invited, "recorded_by": "person"}, indexes=("meeting_id",))  # fmt: skip


def _make_minutes() -> None:
    _make("meeting_minutes", _uuid("meeting_id"), _number("number"), _uuid("document_id"), _text("role", 80),
          _uuid("recorded_by"), _at("recorded_at"), _unique("meeting_minutes", "meeting_id", "number"),
          refers={"meeting_id": "meeting", "document_id": "document", "recorded_by": "person"})  # fmt: skip
    _make("meeting_approval", _uuid("meeting_id"), _uuid("minutes_id"), _text("role", 80), _uuid("approved_by"),
          _at("approved_at"), _unique("meeting_approval", "minutes_id"),
          refers={"meeting_id": "meeting", "minutes_id": "meeting_minutes", "approved_by": "person"},
          indexes=("meeting_id",))  # fmt: skip
    invited = {"meeting_id": "meeting", "invitation_id": "meeting_invitation"}
    _make("meeting_withholding", _uuid("meeting_id"), _uuid("invitation_id"), _uuid("item_id"), _text("reason"),
          _uuid("withheld_by"), _at("withheld_at"), _unique("meeting_withholding", "invitation_id", "item_id"),
          refers={**invited, "item_id": "meeting_item", "withheld_by": "person"}, indexes=("meeting_id",))  # fmt: skip
    _make("meeting_copy", _uuid("meeting_id"), _uuid("minutes_id"), _uuid("invitation_id"),
          _uuid("document_id", optional=True), _text("sent_how", 300, optional=True), _number("notices"),
          _at("due_at", optional=True), _flag("late"), _uuid("circulated_by"), _at("circulated_at"),
          _unique("meeting_copy", "minutes_id", "invitation_id"),
          refers={**invited, "minutes_id": "meeting_minutes", "document_id": "document", "circulated_by": "person"},
          indexes=("meeting_id",))  # fmt: skip
    _make("meeting_reading", _uuid("meeting_id"), _uuid("copy_id"), _uuid("read_by"), _at("read_at"),
          _unique("meeting_reading", "copy_id"),
          refers={"meeting_id": "meeting", "copy_id": "meeting_copy", "read_by": "person"},
          indexes=("meeting_id",))  # fmt: skip


def _make_outcomes() -> None:
    for made, table in (("task", "pathway_task"), ("decision", "pathway_decision")):
        name = "meeting_action" if made == "task" else "meeting_decision"
        _make(name, _uuid("meeting_id"), _uuid(f"{made}_id"), _unique(name, f"{made}_id"),
              refers={"meeting_id": "meeting", f"{made}_id": table}, indexes=("meeting_id",))  # fmt: skip


def downgrade() -> None:
    for table in reversed(_GRANTS):
        op.drop_table(table)
    # The older table knows no such tasks. Row-level security is forced on the owner too, who has no partnership here.
    op.execute("ALTER TABLE pathway_task NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM pathway_task WHERE kind IN ('minutes', 'action')")
    op.execute("ALTER TABLE pathway_task FORCE ROW LEVEL SECURITY")
    _widen_tasks(_TASKS[:2], "state = 'open'")
