"""Answers by link and text, findings of the auditor, and the indexes it reads by

Revision ID: 20261122_06
Revises: 20261122_05
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_06"
down_revision = "20261122_05"
branch_labels = None
depends_on = None

# What the application role may do beside SELECT. Records of what happened are never changed.
_GRANTS = {"message_answer": "INSERT", "answer_contact": "INSERT", "watch_finding": "INSERT, UPDATE"}
_FINDINGS = (
    "page_without_delivery", "delivery_stuck", "timer_missing", "slot_idle", "alert_stalled", "task_overdue",
    "rota_not_extended",
)  # fmt: skip


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _key() -> list[sa.Column[sa.Uuid]]:
    return [sa.Column("tenant_id", sa.Uuid(), nullable=False), sa.Column("id", sa.Uuid(), nullable=False)]


def _belongs_to(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column], [f"{parent}.tenant_id", f"{parent}.id"], name=f"{table}_tenant_id_{column}_fkey"
    )


def upgrade() -> None:
    _make_answers()
    _make_watch()
    for table, writes in _GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table}"
            " USING (tenant_id = (SELECT app.current_tenant()))"
            " WITH CHECK (tenant_id = (SELECT app.current_tenant()))"
        )
        op.execute(f"GRANT SELECT, {writes} ON {table} TO safeguard_app")
    op.execute("GRANT SELECT, UPDATE ON routing.duty TO safeguard_app")


def _make_answers() -> None:
    op.create_table(
        "message_answer",
        *_key(),
        sa.Column("page_id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("via", _one_of("via", "link", "sms"), nullable=False),
        sa.Column("given", _one_of("given", "accepted", "declined"), nullable=False),
        sa.Column("factor", _one_of("factor", "verified_number", "verified_mailbox"), nullable=False),
        sa.Column("received_id", sa.String(80), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _belongs_to("message_answer", "page_id", "page"),
        _belongs_to("message_answer", "delivery_id", "delivery"),
        _belongs_to("message_answer", "person_id", "person"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="message_answer_pkey"),
        sa.UniqueConstraint("tenant_id", "page_id", name="message_answer_tenant_id_page_id_key"),
    )
    for column in ("delivery_id", "person_id"):
        op.create_index(f"message_answer_tenant_id_{column}_idx", "message_answer", ["tenant_id", column])
    op.create_table(
        "answer_contact",
        *_key(),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("contact", _one_of("contact", "link_fetched", "link_used", "wrong_code"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _belongs_to("answer_contact", "delivery_id", "delivery"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="answer_contact_pkey"),
    )
    op.create_index("answer_contact_tenant_id_delivery_id_idx", "answer_contact", ["tenant_id", "delivery_id"])


def _make_watch() -> None:
    op.create_table(
        "watch_finding",
        *_key(),
        sa.Column("kind", _one_of("findingkind", *_FINDINGS), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("repaired", sa.Boolean(), nullable=False),
        sa.Column("alerted", sa.Boolean(), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="watch_finding_pkey"),
    )
    op.create_index("watch_finding_tenant_id_subject_id_idx", "watch_finding", ["tenant_id", "subject_id"])
    op.create_index(
        "watch_finding_open", "watch_finding", ["tenant_id", "kind", "subject_id"], unique=True,
        postgresql_where=sa.text("cleared_at IS NULL"),
    )  # fmt: skip
    duty = op.create_table(
        "duty",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="duty_pkey"),
        schema="routing",
    )
    op.execute(duty.insert().values(name="audit", claimed_at=sa.text("to_timestamp(0)"), findings=0))
    op.create_index(
        "delivery_outstanding", "delivery", ["tenant_id", "created_at"],
        postgresql_where=sa.text("state IN ('pending', 'claimed', 'unknown')"),
    )  # fmt: skip
    op.create_index(
        "alert_slot_waiting", "alert_slot", ["tenant_id", "id"],
        postgresql_where=sa.text("state = 'paging' AND ladder ->> 'needs_answer' = 'true'"),
    )  # fmt: skip
    op.create_index("delivery_by_age", "delivery", ["tenant_id", "created_at", "id"])


def downgrade() -> None:
    for index, table in (
        ("delivery_by_age", "delivery"), ("alert_slot_waiting", "alert_slot"), ("delivery_outstanding", "delivery"),
    ):  # fmt: skip
        op.drop_index(index, table_name=table)
    op.drop_table("duty", schema="routing")
    for table in ("watch_finding", "answer_contact", "message_answer"):
        op.drop_table(table)
