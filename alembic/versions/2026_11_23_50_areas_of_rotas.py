"""The areas that a rota serves can be changed

Revision ID: 20261123_50
Revises: 20261123_49
"""

from alembic import op

revision = "20261123_50"
down_revision = "20261123_49"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("GRANT DELETE ON rota_area TO safeguard_app")


def downgrade() -> None:
    op.execute("REVOKE DELETE ON rota_area FROM safeguard_app")
