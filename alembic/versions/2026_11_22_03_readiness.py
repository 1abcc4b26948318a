"""Contact methods that people keep themselves, readiness before a duty, hand-overs after it

Revision ID: 20261122_03
Revises: 20261122_02
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_03"
down_revision = "20261122_02"
branch_labels = None
depends_on = None

# What the application role may do beside SELECT.
_GRANTS = {
    "notice": "INSERT, UPDATE",
    "contact_verification": "INSERT, UPDATE",
    "duty_watch": "INSERT, UPDATE",
    "readiness_reminder": "INSERT",
    "handover_mark": "INSERT, UPDATE",
    "handover": "INSERT, UPDATE",
    "handover_alert": "INSERT",
}
_ACTORS = ("plan_duties", "change_of_turn")

# What both people have signed is not changed by anybody, the application included.
_SIGNED = """
CREATE FUNCTION app.refuse_change_of_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a signed hand-over is not changed';
END $$
"""


def _instant(name: str, *, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _id(name: str, *, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _one_of(name: str, kind: str, *values: str) -> "sa.Column[object]":
    states = sa.Enum(*values, name=kind, native_enum=False, create_constraint=True, length=40)
    return sa.Column(name, states, nullable=False)


def _to(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column], [f"{parent}.tenant_id", f"{parent}.id"], name=f"{table}_tenant_id_{column}_fkey"
    )


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    key = sa.PrimaryKeyConstraint("tenant_id", "id", name=f"{name}_pkey")
    op.create_table(name, _id("tenant_id"), _id("id"), *parts, key)


def upgrade() -> None:
    op.add_column("contact_method", sa.Column("preference", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("contact_method", sa.Column("own", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("contact_method", "preference", server_default=None)
    op.alter_column("contact_method", "own", server_default=None)
    op.execute("GRANT INSERT ON contact_method TO safeguard_app")
    _notices()
    _readiness()
    _handovers()
    for table, writes in _GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table}"
            " USING (tenant_id = (SELECT app.current_tenant()))"
            " WITH CHECK (tenant_id = (SELECT app.current_tenant()))"
        )
        op.execute(f"GRANT SELECT, {writes} ON {table} TO safeguard_app")
    _watch_existing_rotas()


def _notices() -> None:
    _table(
        "notice",
        _id("person_id"),
        _id("contact_method_id"),
        _id("subject_id"),
        sa.Column("template", sa.String(60), nullable=False),
        _one_of("channel", "channel", "sms", "email", "push"),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        _one_of("state", "noticestate", "pending", "claimed", "unknown", "sent", "delivered", "failed", "expired"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _instant("lease_until", nullable=True),
        _instant("wanted_until"),
        sa.Column("provider", sa.String(40), nullable=True),
        sa.Column("provider_id", sa.String(), nullable=True),
        _instant("created_at"),
        _instant("sent_at", nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        _to("notice", "person_id", "person"),
        _to("notice", "contact_method_id", "contact_method"),
        sa.UniqueConstraint(
            "tenant_id", "subject_id", "template", "contact_method_id",
            name="notice_tenant_id_subject_id_template_contact_method_id_key",
        ),
    )  # fmt: skip
    _table(
        "contact_verification",
        _id("person_id"),
        _id("contact_method_id"),
        _instant("created_at"),
        sa.Column("salt", sa.String(), nullable=True),
        sa.Column("code_hash", sa.String(), nullable=True),
        _instant("expires_at", nullable=True),
        sa.Column("wrong_guesses", sa.Integer(), nullable=False),
        _instant("confirmed_at", nullable=True),
        _to("contact_verification", "person_id", "person"),
        _to("contact_verification", "contact_method_id", "contact_method"),
    )
    name = "contact_verification"
    op.create_index(f"{name}_tenant_id_contact_method_id_idx", name, ["tenant_id", "contact_method_id"])
    op.create_index(f"{name}_tenant_id_person_id_created_at_idx", name, ["tenant_id", "person_id", "created_at"])


def _readiness() -> None:
    _table(
        "duty_watch",
        _id("rota_id"),
        _id("person_id"),
        _instant("begins_at"),
        _instant("told_at", nullable=True),
        _to("duty_watch", "rota_id", "rota"),
        _to("duty_watch", "person_id", "person"),
        sa.UniqueConstraint(
            "tenant_id",
            "rota_id",
            "person_id",
            "begins_at",
            name="duty_watch_tenant_id_rota_id_person_id_begins_at_key",
        ),
    )
    _table(
        "readiness_reminder",
        _id("watch_id"),
        _one_of("stage", "stage", "7 days", "3 days", "24 hours", "12 hours", "2 hours"),
        _instant("at"),
        sa.Column("missing", postgresql.JSONB(), nullable=False),
        sa.Column("notices", sa.Integer(), nullable=False),
        sa.Column("manager_told", sa.Boolean(), nullable=False),
        _to("readiness_reminder", "watch_id", "duty_watch"),
        sa.UniqueConstraint("tenant_id", "watch_id", "stage", name="readiness_reminder_tenant_id_watch_id_stage_key"),
    )


def _handovers() -> None:
    _table(
        "handover_mark",
        _id("rota_id"),
        _instant("seen_until"),
        _to("handover_mark", "rota_id", "rota"),
        sa.UniqueConstraint("tenant_id", "rota_id", name="handover_mark_tenant_id_rota_id_key"),
    )
    _table(
        "handover",
        _id("rota_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(60), nullable=False),
        _id("outgoing_id"),
        _id("incoming_id", nullable=True),
        _instant("at"),
        _one_of("state", "handoverstate", "waiting", "open", "signed", "void"),
        sa.Column("note", sa.String(4_000), nullable=True),
        _instant("written_at", nullable=True),
        _instant("outgoing_signed_at", nullable=True),
        _instant("incoming_signed_at", nullable=True),
        _instant("created_at"),
        _instant("reminded_at", nullable=True),
        _instant("uncovered_at", nullable=True),
        _instant("manager_told_at", nullable=True),
        _to("handover", "rota_id", "rota"),
        _to("handover", "outgoing_id", "person"),
        _to("handover", "incoming_id", "person"),
        sa.UniqueConstraint(
            "tenant_id", "rota_id", "position", "outgoing_id", "at",
            name="handover_tenant_id_rota_id_position_outgoing_id_at_key",
        ),
    )  # fmt: skip
    op.create_index("handover_by_instant", "handover", ["tenant_id", "at", "id"])
    op.create_index("handover_unsigned", "handover", ["tenant_id", "rota_id", "state"])
    op.execute(_SIGNED)
    op.execute(
        "CREATE TRIGGER signed BEFORE UPDATE ON handover FOR EACH ROW"
        " WHEN (OLD.state = 'signed') EXECUTE FUNCTION app.refuse_change_of_signed()"
    )
    _table(
        "handover_alert",
        _id("handover_id"),
        _id("alert_id"),
        _id("slot_id"),
        sa.Column("state", sa.String(40), nullable=False),
        _instant("listed_at"),
        _to("handover_alert", "handover_id", "handover"),
        _to("handover_alert", "alert_id", "alert"),
        _to("handover_alert", "slot_id", "alert_slot"),
        sa.UniqueConstraint(
            "tenant_id", "handover_id", "slot_id", name="handover_alert_tenant_id_handover_id_slot_id_key"
        ),
    )


def _watch_existing_rotas() -> None:
    """Have rotas that are there already looked at; later ones are when they are made."""
    op.execute("ALTER TABLE rota NO FORCE ROW LEVEL SECURITY")
    for actor in _ACTORS:
        op.execute(
            sa.text(
                "INSERT INTO routing.task (id, tenant_id, queue, actor, subject_id, due_at, wake_at, attempts)"
                " SELECT gen_random_uuid(), tenant_id, 'notices', :actor, id, app.now(), app.now(), 0 FROM rota"
            ).bindparams(actor=actor)
        )
    op.execute("ALTER TABLE rota FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.execute(
        "DELETE FROM routing.task WHERE actor IN ('plan_duties', 'change_of_turn', 'check_duty', 'remind_handover',"
        " 'send_notice', 'send_code')"
    )
    for table in reversed(_GRANTS):
        op.drop_table(table)
    op.execute("DROP FUNCTION app.refuse_change_of_signed()")
    op.execute("REVOKE INSERT ON contact_method FROM safeguard_app")
    op.drop_column("contact_method", "own")
    op.drop_column("contact_method", "preference")
