"""What was signed or confirmed offline keeps the phone's time too

Revision ID: 20261123_55
Revises: 20261123_51
"""

import sqlalchemy as sa
from alembic import op

revision = "20261123_55"
down_revision = "20261123_51"
branch_labels = None
depends_on = None

_COLUMNS = (
    ("handover", "outgoing_device_at"),
    ("handover", "incoming_device_at"),
    ("procedure_circulation", "device_at"),
)


def upgrade() -> None:
    for table, column in _COLUMNS:
        op.add_column(table, sa.Column(column, sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for table, column in reversed(_COLUMNS):
        op.drop_column(table, column)
