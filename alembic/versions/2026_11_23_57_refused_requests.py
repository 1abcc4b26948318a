"""What an application was refused is written down

Revision ID: 20261123_57
Revises: 20261123_56
"""

import sqlalchemy as sa
from alembic import op

revision = "20261123_57"
down_revision = "20261123_56"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("application_request", sa.Column("refused_as", sa.String(40), nullable=True))


def downgrade() -> None:
    op.drop_column("application_request", "refused_as")
