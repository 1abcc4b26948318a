"""Audit entries are chained when their transaction commits

Revision ID: 20261122_48
Revises: 20261122_37
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261122_48"
down_revision = "20261122_37"
branch_labels = None
depends_on = None

_TABLE = "audit_pending"
# Chaining locks a partnership's log. Done within COMMIT, the lock never waits for a client to ask for that.
_CHAIN = """
CREATE FUNCTION app.chain_audit() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM app.append_audit(NEW.entries);
    DELETE FROM audit_pending WHERE tenant_id = NEW.tenant_id AND id = NEW.id;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entries", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("audit_pending_pkey")),
        prefixes=["UNLOGGED"],  # no row of it outlives its transaction
    )
    op.execute(f"ALTER TABLE {_TABLE} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {_TABLE} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant ON {_TABLE}"
        " USING (tenant_id = (SELECT app.current_tenant())) WITH CHECK (tenant_id = (SELECT app.current_tenant()))"
    )
    op.execute(f"GRANT SELECT, INSERT, DELETE ON {_TABLE} TO safeguard_app")
    op.execute(_CHAIN)
    op.execute(
        f"CREATE CONSTRAINT TRIGGER chain AFTER INSERT ON {_TABLE} DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION app.chain_audit()"
    )


def downgrade() -> None:
    op.drop_table(_TABLE)
    op.execute("DROP FUNCTION app.chain_audit()")
