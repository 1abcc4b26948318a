"""Let more than two of a webhook's secrets count at once: the promise made of one is kept when another follows

Revision ID: 20261123_60
Revises: 20261123_59
"""

import sqlalchemy as sa
from alembic import op

revision = "20261123_60"
down_revision = "20261123_59"
branch_labels = None
depends_on = None

_TABLES = ("webhook_endpoint", "directory_entry")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("oldest_secret", sa.Integer(), nullable=True))


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "oldest_secret")
