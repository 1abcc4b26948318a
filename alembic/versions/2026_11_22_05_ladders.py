"""Policies with a life of their own, closing, hand-over, attendance, teams in turn and drills

Revision ID: 20261122_05
Revises: 20261122_04
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_05"
down_revision = "20261122_04"
branch_labels = None
depends_on = None

_ANSWERS = ("acknowledged", "declined", "expired", "unreachable")
_PURPOSES = ("call", "offer", "notice")
_ENDINGS = ("cancelled", "stood_down")
_STATES = ("draft", "validated", "in_force", "superseded")

# Beside SELECT. People set their own rules, and nothing else of themselves.
_NEW_GRANTS = {
    "drill_schedule": "INSERT, UPDATE",
    "slot_offer": "INSERT, UPDATE",
    "team_turn": "INSERT, UPDATE",
}

# What a version says is never edited: a change is a new version.
_POLICY_LIFE = "state, validated_at, validated_by, switched_on_at, switched_on_by, superseded_at"


def _check(table: str, name: str, column: str, values: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{value}'" for value in values)
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_{name}_check CHECK ({column} IN ({listed}))")


def _refers(table: str, column: str) -> None:
    op.create_foreign_key(
        f"{table}_tenant_id_{column}_fkey", table, "person", ["tenant_id", column], ["tenant_id", "id"]
    )


def upgrade() -> None:
    _change_policies()
    _change_alerts()
    _create_offers()
    _create_turns_and_drills()
    op.add_column(
        "person",
        sa.Column("notification_rules", postgresql.JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb")),
    )
    op.alter_column("person", "notification_rules", server_default=None)
    op.execute("GRANT UPDATE (notification_rules) ON person TO safeguard_app")
    op.create_index("configuration_alarm_by_time", "configuration_alarm", ["tenant_id", "raised_at", "id"])
    for table, writes in _NEW_GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table}"
            " USING (tenant_id = (SELECT app.current_tenant()))"
            " WITH CHECK (tenant_id = (SELECT app.current_tenant()))"
        )
        op.execute(f"GRANT SELECT, {writes} ON {table} TO safeguard_app")


def _change_policies() -> None:
    op.add_column("alert_policy", sa.Column("title", sa.String(200), nullable=True))
    op.add_column("alert_policy", sa.Column("citation", sa.String(200), nullable=False, server_default=""))
    op.add_column("alert_policy", sa.Column("manual", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("alert_policy", sa.Column("state", sa.String(40), nullable=True))
    for column in ("validated_at", "switched_on_at", "superseded_at"):
        op.add_column("alert_policy", sa.Column(column, sa.DateTime(timezone=True), nullable=True))
    for column in ("created_by", "validated_by", "switched_on_by"):
        op.add_column("alert_policy", sa.Column(column, sa.Uuid(), nullable=True))
        _refers("alert_policy", column)
    # Row-level security binds the owner too, and a migration is in no partnership.
    op.execute("ALTER TABLE alert_policy NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE alert_policy SET title = alert_type, switched_on_at = created_at, validated_at = created_at,"
        " state = CASE WHEN in_force THEN 'in_force' ELSE 'superseded' END,"
        " superseded_at = CASE WHEN in_force THEN NULL ELSE app.now() END"
    )
    op.execute("ALTER TABLE alert_policy FORCE ROW LEVEL SECURITY")
    op.drop_index("alert_policy_in_force", "alert_policy")
    op.drop_column("alert_policy", "in_force")
    for column in ("title", "state"):
        op.alter_column("alert_policy", column, nullable=False)
    for column in ("citation", "manual"):
        op.alter_column("alert_policy", column, server_default=None)
    _check("alert_policy", "policystate", "state", _STATES)
    op.create_index(
        "alert_policy_in_force", "alert_policy", ["tenant_id", "alert_type"], unique=True,
        postgresql_where=sa.text("state = 'in_force'"),
    )  # fmt: skip
    op.create_index("alert_policy_by_creation", "alert_policy", ["tenant_id", "created_at", "id"])
    op.execute(f"GRANT INSERT, UPDATE ({_POLICY_LIFE}) ON alert_policy TO safeguard_app")


def _change_alerts() -> None:
    op.add_column(
        "alert", sa.Column("area_ids", postgresql.JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb"))
    )
    op.add_column("alert", sa.Column("drill", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("alert", sa.Column("raised_by", sa.Uuid(), nullable=True))
    op.add_column("alert", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("alert", sa.Column("closed_by", sa.Uuid(), nullable=True))
    op.add_column("alert", sa.Column("closed_as", sa.String(40), nullable=True))
    op.add_column("alert", sa.Column("closing_reason", sa.String(), nullable=True))
    for column in ("area_ids", "drill"):
        op.alter_column("alert", column, server_default=None)
    for column in ("raised_by", "closed_by"):
        _refers("alert", column)
    _check("alert", "ending", "closed_as", _ENDINGS)
    op.add_column("alert_slot", sa.Column("climb_from", sa.Integer(), nullable=False, server_default="0"))
    op.alter_column("alert_slot", "climb_from", server_default=None)
    op.add_column("alert_slot", sa.Column("confirm_by", sa.DateTime(timezone=True), nullable=True))
    op.add_column("alert_slot", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("alert_slot", sa.Column("answered_for_by", sa.Uuid(), nullable=True))
    op.add_column("alert_slot", sa.Column("override_reason", sa.String(), nullable=True))
    _refers("alert_slot", "answered_for_by")
    op.add_column("page", sa.Column("purpose", sa.String(40), nullable=False, server_default="call"))
    op.alter_column("page", "purpose", server_default=None)
    _check("page", "purpose", "purpose", _PURPOSES)
    op.execute("ALTER TABLE page DROP CONSTRAINT page_answer_check")
    _check("page", "answer", "answer", (*_ANSWERS, "lapsed"))


def _create_offers() -> None:
    op.create_table(
        "slot_offer",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open", "accepted", "declined", "expired", "withdrawn",
                name="offerstate", native_enum=False, create_constraint=True, length=40,
            ),
            nullable=False,
        ),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "slot_id"], ["alert_slot.tenant_id", "alert_slot.id"], name="slot_offer_tenant_id_slot_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "giver_id"], ["person.tenant_id", "person.id"], name="slot_offer_tenant_id_giver_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "receiver_id"], ["person.tenant_id", "person.id"],
            name="slot_offer_tenant_id_receiver_id_fkey",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="slot_offer_pkey"),
    )  # fmt: skip
    op.create_index("slot_offer_tenant_id_slot_id_idx", "slot_offer", ["tenant_id", "slot_id"])
    op.create_index(
        "slot_offer_open", "slot_offer", ["tenant_id", "slot_id"], unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )  # fmt: skip


def _create_turns_and_drills() -> None:
    op.create_table(
        "team_turn",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("team", sa.String(60), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="team_turn_pkey"),
        sa.UniqueConstraint("tenant_id", "team", name="team_turn_tenant_id_team_key"),
    )
    op.create_table(
        "drill_schedule",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alert_type", sa.String(60), nullable=False),
        sa.Column("rule", postgresql.JSONB(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("skipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("skipped_because", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="drill_schedule_pkey"),
    )
    for column in ("created_by", "ended_by"):
        _refers("drill_schedule", column)
    op.create_index(
        "drill_schedule_running", "drill_schedule", ["tenant_id", "alert_type"], unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )  # fmt: skip
    op.create_index("drill_schedule_by_creation", "drill_schedule", ["tenant_id", "created_at", "id"])


def downgrade() -> None:
    op.execute("DELETE FROM routing.task WHERE actor IN"
               " ('page_again', 'confirmation_due', 'offer_ended', 'hold_drill')")  # fmt: skip
    for table in ("drill_schedule", "team_turn", "slot_offer"):
        op.drop_table(table)
    op.drop_index("configuration_alarm_by_time", "configuration_alarm")
    op.execute("REVOKE UPDATE (notification_rules) ON person FROM safeguard_app")
    op.drop_column("person", "notification_rules")
    op.execute("ALTER TABLE page DROP CONSTRAINT page_answer_check")
    # The older schema knows neither a lapsed answer nor a page that is no call by the ladder.
    op.execute("ALTER TABLE page NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE page SET answer = 'expired' WHERE answer = 'lapsed'")
    op.execute("ALTER TABLE page FORCE ROW LEVEL SECURITY")
    _check("page", "answer", "answer", _ANSWERS)
    op.drop_column("page", "purpose")
    for column in ("override_reason", "answered_for_by", "confirmed_at", "confirm_by", "climb_from"):
        op.drop_column("alert_slot", column)
    for column in ("closing_reason", "closed_as", "closed_by", "closed_at", "raised_by", "drill", "area_ids"):
        op.drop_column("alert", column)
    _restore_policies()


def _restore_policies() -> None:
    op.execute(f"REVOKE INSERT, UPDATE ({_POLICY_LIFE}) ON alert_policy FROM safeguard_app")
    op.drop_index("alert_policy_by_creation", "alert_policy")
    op.drop_index("alert_policy_in_force", "alert_policy")
    op.add_column("alert_policy", sa.Column("in_force", sa.Boolean(), nullable=True))
    op.execute("ALTER TABLE alert_policy NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE alert_policy SET in_force = state = 'in_force'")
    op.execute("ALTER TABLE alert_policy FORCE ROW LEVEL SECURITY")
    op.alter_column("alert_policy", "in_force", nullable=False)
    for column in (
        "switched_on_by", "switched_on_at", "validated_by", "validated_at", "created_by", "superseded_at", "state",
        "manual", "citation", "title",
    ):  # fmt: skip
        op.drop_column("alert_policy", column)
    op.create_index(
        "alert_policy_in_force", "alert_policy", ["tenant_id", "alert_type"], unique=True,
        postgresql_where=sa.text("in_force"),
    )  # fmt: skip
