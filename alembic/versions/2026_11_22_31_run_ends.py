"""Meetings that are called off because nobody here ended their run

Revision ID: 20261122_31
Revises: 20261122_30
"""

from alembic import op

revision = "20261122_31"
down_revision = "20261122_30"
branch_labels = None
depends_on = None

_BY_SOMEBODY = "taken_by IS NOT NULL OR kind = 'cancelled'"


def upgrade() -> None:
    op.alter_column("meeting_step", "taken_by", nullable=True)
    op.create_check_constraint(op.f("meeting_step_taken_check"), "meeting_step", _BY_SOMEBODY)


def downgrade() -> None:
    # What nobody here did becomes the act of whoever had called the meeting.
    for table in ("meeting", "meeting_step"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE meeting_step SET taken_by = meeting.called_by FROM meeting WHERE meeting_step.taken_by IS NULL"
        " AND meeting.tenant_id = meeting_step.tenant_id AND meeting.id = meeting_step.meeting_id"
    )
    for table in ("meeting", "meeting_step"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.drop_constraint(op.f("meeting_step_taken_check"), "meeting_step")
    op.alter_column("meeting_step", "taken_by", nullable=False)
