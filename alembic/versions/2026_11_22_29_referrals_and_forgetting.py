"""Referrals that come in, webhooks by area, and what was told by webhook forgotten after its time

Revision ID: 20261122_29
Revises: 20261122_26
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_29"
down_revision = "20261122_26"
branch_labels = None
depends_on = None

_FORGOTTEN = ("webhook_attempt", "webhook_message", "webhook_event")
# What an application has sent in, nobody of the partnership has recorded.
_RECORDED_BY = (("party", "recorded_by"), ("pathway_form", "completed_by"))


def upgrade() -> None:
    op.create_table(
        "referral",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("their_reference", sa.String(80), nullable=True),
        sa.Column("told", postgresql.JSONB(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("num_nonnulls(application_id, person_id) = 1", name="referral_sender_check"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"], ["case_file.tenant_id", "case_file.id"], name="referral_tenant_id_case_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["person.tenant_id", "person.id"], name="referral_tenant_id_person_id_fkey"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="referral_pkey"),
        sa.UniqueConstraint("tenant_id", "case_id", name="referral_tenant_id_case_id_key"),
    )
    for sender in ("application_id", "person_id"):
        op.create_index(
            f"referral_tenant_id_{sender}_received_at_idx", "referral", ["tenant_id", sender, "received_at"]
        )
    op.execute("ALTER TABLE referral ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE referral FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON referral"
        " USING (tenant_id = (SELECT app.current_tenant()))"
        " WITH CHECK (tenant_id = (SELECT app.current_tenant()))"
    )
    op.execute("GRANT SELECT, INSERT ON referral TO safeguard_app")
    for table, column in _RECORDED_BY:
        op.alter_column(table, column, nullable=True)
    op.add_column(
        "webhook_endpoint",
        sa.Column("area_ids", postgresql.JSONB(), nullable=False, server_default=sa.text("'[]'")),
    )
    op.create_index("webhook_message_tenant_id_created_at_idx", "webhook_message", ["tenant_id", "created_at"])
    for table in _FORGOTTEN:
        op.execute(f"GRANT DELETE ON {table} TO safeguard_app")


def downgrade() -> None:
    for table in _FORGOTTEN:
        op.execute(f"REVOKE DELETE ON {table} FROM safeguard_app")
    op.drop_index("webhook_message_tenant_id_created_at_idx", "webhook_message")
    op.drop_column("webhook_endpoint", "area_ids")
    op.execute("DELETE FROM routing.task WHERE actor = 'begin_referral'")
    # The old code needs a name: whoever the partnership has had longest stands for nobody.
    for table, column in _RECORDED_BY:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE person NO FORCE ROW LEVEL SECURITY")
        op.execute(
            f"UPDATE {table} AS row SET {column} ="  # noqa: S608
            " (SELECT id FROM person WHERE person.tenant_id = row.tenant_id ORDER BY id LIMIT 1)"
            f" WHERE {column} IS NULL"
        )
        op.execute("ALTER TABLE person FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.alter_column(table, column, nullable=False)
    op.drop_table("referral")
