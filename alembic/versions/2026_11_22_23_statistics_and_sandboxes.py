"""Partnerships that are sandboxes, and what statistics are read from

Revision ID: 20261122_23
Revises: 20261122_22
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_23"
down_revision = "20261122_22"
branch_labels = None
depends_on = None

_KEPT = ["case_id", "run_id", "pathway", "definition", "effect", "state", "started_at", "met_at", "reason_at"]


def upgrade() -> None:
    # The operator's to set: the application's role may not touch it.
    op.add_column(
        "partnership", sa.Column("sandbox", sa.Boolean(), nullable=False, server_default=sa.false()), schema="routing"
    )
    op.create_index("pathway_run_of_pathway", "pathway_run", ["tenant_id", "pathway", "opened_at"])
    op.create_index("clock_timeliness", "clock", ["tenant_id", "due_at"], postgresql_include=_KEPT)


def downgrade() -> None:
    op.drop_index("clock_timeliness", "clock")
    op.drop_index("pathway_run_of_pathway", "pathway_run")
    op.drop_column("partnership", "sandbox", schema="routing")
