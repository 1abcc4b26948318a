"""Numbers of provisions are found by an index, ordered sign by sign

Revision ID: 20261122_36
Revises: 20261122_32
"""

from alembic import op

revision = "20261122_36"
down_revision = "20261122_32"
branch_labels = None
depends_on = None

_TABLE = "procedure_provision"
_INDEX = "procedure_provision_tenant_id_edition_id_number_idx"


def upgrade() -> None:
    # What is under 4.2 is then a range, whatever the order of the database's own language.
    op.execute(f'ALTER TABLE {_TABLE} ALTER COLUMN number TYPE varchar(60) COLLATE "C"')
    op.create_index(_INDEX, _TABLE, ["tenant_id", "edition_id", "number"])


def downgrade() -> None:
    op.drop_index(_INDEX, _TABLE)
    op.execute(f'ALTER TABLE {_TABLE} ALTER COLUMN number TYPE varchar(60) COLLATE "default"')
