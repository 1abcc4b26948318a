"""A partnership's configuration has a revision: the id of the last transaction that changed it

Revision ID: 20261122_11
Revises: 20261122_10
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_11"
down_revision = "20261122_10"
branch_labels = None
depends_on = None

_CONFIGURATION = ("alert_policy", "area", "partnership_setting")

# The row of the register is written last in most transactions and by few; who changes a configuration waits
# for whoever is changing it already, so the later commit always carries the later word.
_FUNCTION = """
CREATE FUNCTION app.configuration_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.tenant_id ELSE NEW.tenant_id END;
    mine bigint := pg_current_xact_id()::text::bigint;
BEGIN
    UPDATE routing.partnership SET revision = mine WHERE id = changed AND revision <> mine;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.add_column(
        "partnership",
        sa.Column("revision", sa.BigInteger(), nullable=False, server_default="0"),
        schema="routing",
    )
    op.execute(_FUNCTION)
    op.execute("GRANT UPDATE (revision) ON routing.partnership TO safeguard_app")
    for table in _CONFIGURATION:
        op.execute(
            f"CREATE TRIGGER configuration_changed AFTER INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION app.configuration_changed()"
        )


def downgrade() -> None:
    for table in _CONFIGURATION:
        op.execute(f"DROP TRIGGER configuration_changed ON {table}")
    op.execute("DROP FUNCTION app.configuration_changed()")
    op.execute("REVOKE UPDATE (revision) ON routing.partnership FROM safeguard_app")
    op.drop_column("partnership", "revision", schema="routing")
