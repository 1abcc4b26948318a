"""Cases: kept from whom they are about, closed, handed over; disagreements with decisions; alerts that spare people

Revision ID: 20261122_16
Revises: 20261122_15
"""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_16"
down_revision = "20261122_15"
branch_labels = None
depends_on = None

# What the application role may do beside SELECT. Records of what happened are never changed.
_GRANTS = {"case_bar": "INSERT, UPDATE", "case_change": "INSERT", "pathway_disagreement": "INSERT"}
_OLD_ACTIONS = (
    "started", "moved", "decided", "authorised", "declined", "form_completed", "notified", "meeting_held",
    "signed_off", "duty_settled", "gate_opened", "overlay_attached", "overlay_detached", "migrated", "closed",
)  # fmt: skip
_ACTIONS = (*_OLD_ACTIONS, "went_up", "decision_reopened")


def _uuid(name: str, *, optional: bool = False) -> sa.Column[sa.Uuid]:
    return sa.Column(name, sa.Uuid(), nullable=optional)


def _text(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=optional)


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
    _make_bars()
    _make_changes()
    _make_disagreements()
    for table, writes in _GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table}"
            " USING (tenant_id = (SELECT app.current_tenant()))"
            " WITH CHECK (tenant_id = (SELECT app.current_tenant()))"
        )
        op.execute(f"GRANT SELECT, {writes} ON {table} TO safeguard_app")
    _actions(_ACTIONS)
    nobody = sa.Column("never_ids", postgresql.JSONB(), nullable=False, server_default=sa.text("'[]'"))
    op.add_column("alert", nobody)
    op.alter_column("alert", "never_ids", server_default=None)


def _make_bars() -> None:
    _make("case_bar", _uuid("case_id"), _uuid("person_id"), _text("reason"), _uuid("barred_by"), _at("from_at"),
          _at("to_at", optional=True), _uuid("lifted_by", optional=True), _text("lift_reason", optional=True),
          sa.CheckConstraint("to_at IS NULL OR lift_reason IS NOT NULL", name="case_bar_said_why_check"),
          refers={"case_id": "case_file", "person_id": "person", "barred_by": "person", "lifted_by": "person"},
          indexes=("person_id",))  # fmt: skip
    op.create_index(
        "case_bar_in_force", "case_bar", ["tenant_id", "case_id", "person_id"], unique=True,
        postgresql_where=sa.text("to_at IS NULL"),
    )  # fmt: skip


def _make_changes() -> None:
    kinds = sa.Enum("closed", "reopened", "handed_over", "owner_left", name="casechangekind", native_enum=False,
                    create_constraint=True, length=40)  # fmt: skip
    held = {f"{was}{who}_id": kind for was in ("was_", "") for who, kind in (("owner", "person"), ("team", "team"))}
    _make("case_change", _uuid("case_id"), sa.Column("kind", kinds, nullable=False), _text("reason", optional=True),
          _uuid("made_by", optional=True), _at("made_at"),
          *(_uuid(name, optional=True) for name in ("was_owner_id", "owner_id", "was_team_id", "team_id")),
          sa.CheckConstraint("kind = 'owner_left' OR (reason IS NOT NULL AND made_by IS NOT NULL)",
                             name="case_change_said_why_check"),
          refers={"case_id": "case_file", "made_by": "person", **held}, indexes=("case_id made_at",))  # fmt: skip


def _make_disagreements() -> None:
    _make("pathway_disagreement", _uuid("case_id"), _uuid("decision_id"), _uuid("run_id"), _uuid("person_id"),
          _text("reasons"), _text("wanted"), sa.Column("suspends", sa.Boolean(), nullable=False), _uuid("raised_by"),
          _at("raised_at"),
          sa.UniqueConstraint("tenant_id", "run_id", name="pathway_disagreement_tenant_id_run_id_key"),
          refers={"case_id": "case_file", "decision_id": "pathway_decision", "run_id": "pathway_run",
                  "person_id": "person", "raised_by": "person"}, indexes=("decision_id", "case_id"))  # fmt: skip


def _actions(kinds: Iterable[str]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.drop_constraint("pathway_action_actionkind_check", "pathway_action")
    op.create_check_constraint(op.f("pathway_action_actionkind_check"), "pathway_action", f"kind IN ({listed})")


def downgrade() -> None:
    op.drop_column("alert", "never_ids")
    # Row-level security is forced on the owner too, who has no partnership here. The old code knows neither kind:
    # the one was a move, by time; the other a note.
    op.execute("ALTER TABLE pathway_action NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE pathway_action SET kind = 'moved' WHERE kind = 'went_up'")
    op.execute("UPDATE pathway_action SET kind = 'notified' WHERE kind = 'decision_reopened'")
    op.execute("ALTER TABLE pathway_action FORCE ROW LEVEL SECURITY")
    _actions(_OLD_ACTIONS)
    op.execute("DELETE FROM routing.task WHERE actor IN ('person_left', 'clock_passed')")
    for table in reversed(_GRANTS):
        op.drop_table(table)
