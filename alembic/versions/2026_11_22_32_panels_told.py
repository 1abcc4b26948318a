"""Panels that the product itself knows to have been told of a death

Revision ID: 20261122_32
Revises: 20261122_31
"""

from alembic import op

revision = "20261122_32"
down_revision = "20261122_31"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("death_step", "recorded_by", nullable=True)


def downgrade() -> None:
    # A step that nobody here did is put down to whoever reported the death. The owner of the tables, who migrates, has
    # to see the rows of every partnership for it.
    for table in ("death_step", "child_death"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE death_step SET recorded_by = death.reported_by FROM child_death AS death"
        " WHERE death_step.recorded_by IS NULL AND death.tenant_id = death_step.tenant_id"
        " AND death.id = death_step.death_id"
    )
    for table in ("death_step", "child_death"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.alter_column("death_step", "recorded_by", nullable=False)
