"""What is open of the tasks is found by an index of its own

Revision ID: 20261123_49
Revises: 20261122_48
"""

from alembic import op
from sqlalchemy import text

revision = "20261123_49"
down_revision = "20261122_48"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("pathway_task_by_due", "pathway_task")
    op.create_index(
        "pathway_task_open", "pathway_task", ["tenant_id", "created_at", "id"], postgresql_where=text("state = 'open'")
    )


def downgrade() -> None:
    op.drop_index("pathway_task_open", "pathway_task")
    op.create_index("pathway_task_by_due", "pathway_task", ["tenant_id", "state", "due_at"])
