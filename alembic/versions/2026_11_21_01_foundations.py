"""Schemas, the current tenant and the database clock

Revision ID: 20261121_01
Revises:
"""

from alembic import op

revision = "20261121_01"
down_revision = None
branch_labels = None
depends_on = None

# STABLE and uuid to uuid: a volatile function or a cast in a policy defeats the index.
_CURRENT_TENANT = """
CREATE FUNCTION app.current_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('app.tenant_id', true), '')::uuid $$
"""

# All time comes from here, so that a test can set the clock of every process at once.
_NOW = "CREATE FUNCTION app.now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT now() $$"


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute("CREATE SCHEMA app")
    op.execute("CREATE SCHEMA routing")
    op.execute(_CURRENT_TENANT)
    op.execute(_NOW)
    op.execute("GRANT USAGE ON SCHEMA public, app, routing TO safeguard_app")


def downgrade() -> None:
    op.execute("DROP SCHEMA routing")
    op.execute("DROP SCHEMA app CASCADE")
    op.execute("REVOKE USAGE ON SCHEMA public FROM safeguard_app")
    op.execute("DROP EXTENSION btree_gist")
