"""A rota can end

Revision ID: 20261123_56
Revises: 20261123_55
"""

import sqlalchemy as sa
from alembic import op

revision = "20261123_56"
down_revision = "20261123_55"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rota", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("rota", sa.Column("end_reason", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("rota", "end_reason")
    op.drop_column("rota", "ended_at")
