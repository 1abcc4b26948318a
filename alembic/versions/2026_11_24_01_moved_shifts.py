"""Note when a turn on call that had begun was given another end: calendars go by it

Revision ID: 20261124_01
Revises: 20261123_60
"""

import sqlalchemy as sa
from alembic import op

revision = "20261124_01"
down_revision = "20261123_60"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("shift", sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("GRANT UPDATE (moved_at) ON shift TO safeguard_app")


def downgrade() -> None:
    op.drop_column("shift", "moved_at")
