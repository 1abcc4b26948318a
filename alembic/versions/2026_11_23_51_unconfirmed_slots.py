"""The auditor finds a holder's time to confirm that nobody watches

Revision ID: 20261123_51
Revises: 20261123_50
"""

from alembic import op
from sqlalchemy import text

revision = "20261123_51"
down_revision = "20261123_50"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "alert_slot_unconfirmed", "alert_slot", ["tenant_id", "id"],
        postgresql_where=text("state = 'acknowledged' AND confirm_by IS NOT NULL AND confirmed_at IS NULL"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("alert_slot_unconfirmed", "alert_slot")
