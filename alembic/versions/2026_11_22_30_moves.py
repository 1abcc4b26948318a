"""What cannot be brought to the other side of a transfer, and cases of what never came

Revision ID: 20261122_30
Revises: 20261122_29
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_30"
down_revision = "20261122_29"
branch_labels = None
depends_on = None

_CARRIED = ("transfer_message", "transfer_paper")
_STATES, _KINDS = ("open", "closed"), ("closed", "reopened", "handed_over", "owner_left")
# The name as it was made, with table and suffix twice, and as the model has it.
_OLD, _NEW = "case_change_case_change_said_why_check_check", "case_change_said_why_check"
_WHY = "kind = 'owner_left' OR (reason IS NOT NULL AND made_by IS NOT NULL)"
_WHY_OR_VOID = "kind = 'owner_left' OR (reason IS NOT NULL AND (made_by IS NOT NULL OR kind = 'voided'))"


def _among(table: str, column: str, name: str, values: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{value}'" for value in values)
    op.drop_constraint(f"{table}_{name}_check", table)
    op.create_check_constraint(op.f(f"{table}_{name}_check"), table, f"{column} IN ({listed})")


def _why(was: str, becomes: str, condition: str) -> None:
    op.execute(f"ALTER TABLE case_change DROP CONSTRAINT {was}")
    op.create_check_constraint(op.f(becomes), "case_change", condition)


def upgrade() -> None:
    for table in _CARRIED:
        op.add_column(table, sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
        op.alter_column(table, "tries", server_default=None)
    for table in (*_CARRIED, "partnership_transfer"):
        op.add_column(table, sa.Column("undelivered_at", sa.DateTime(timezone=True), nullable=True))
    _among("case_file", "state", "casestate", (*_STATES, "void"))
    _among("case_change", "kind", "casechangekind", (*_KINDS, "voided"))
    _why(_OLD, _NEW, _WHY_OR_VOID)


def _force(how: str) -> None:
    """Let the owner of the tables, who migrates, change the rows of every partnership, or no longer."""
    for table in ("case_file", "case_change"):
        op.execute(f"ALTER TABLE {table} {how} ROW LEVEL SECURITY")


def downgrade() -> None:
    # A void case becomes one that is closed; what nobody here did is not kept as somebody's act.
    _force("NO FORCE")
    op.execute("UPDATE case_file SET state = 'closed' WHERE state = 'void'")
    op.execute("DELETE FROM case_change WHERE kind = 'voided' AND made_by IS NULL")
    op.execute("UPDATE case_change SET kind = 'closed' WHERE kind = 'voided'")
    _force("FORCE")
    _why(_NEW, _OLD, _WHY)
    _among("case_change", "kind", "casechangekind", _KINDS)
    _among("case_file", "state", "casestate", _STATES)
    for table in ("partnership_transfer", *_CARRIED):
        op.drop_column(table, "undelivered_at")
    for table in _CARRIED:
        op.drop_column(table, "tries")
