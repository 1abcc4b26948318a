"""Find the slots that a duty manager answered for somebody, by that person

Revision ID: 20261123_58
Revises: 20261123_57
"""

from alembic import op

revision = "20261123_58"
down_revision = "20261123_57"
branch_labels = None
depends_on = None

_INDEX = "alert_slot_answered_for"


def upgrade() -> None:
    op.execute(f"CREATE INDEX {_INDEX} ON alert_slot (tenant_id, acknowledged_by) WHERE answered_for_by IS NOT NULL")


def downgrade() -> None:
    op.execute(f"DROP INDEX {_INDEX}")
