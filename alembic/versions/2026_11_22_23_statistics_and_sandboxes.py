"""Partnerships that are sandboxes, and what statistics are read from

Revision ID: 20261122_23
Revises: 20261122_20
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_23"
down_revision = "20261122_20"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The operator's to set: the application's role may not touch it.
    op.add_column(
        "partnership", sa.Column("sandbox", sa.Boolean(), nullable=False, server_default=sa.false()), schema="routing"
    )


def downgrade() -> None:
    op.drop_column("partnership", "sandbox", schema="routing")
