"""Row-level security on every partnership table, and what the application role may do

Revision ID: 20261121_03
Revises: 20261121_02
"""

from alembic import op

revision = "20261121_03"
down_revision = "20261121_02"
branch_labels = None
depends_on = None

# What the application role may do beside SELECT. Records of what happened are never changed.
_GRANTS = {
    "access_entry": "INSERT",
    "agency": "",
    "alert": "INSERT, UPDATE",
    "alert_policy": "",
    "alert_slot": "INSERT, UPDATE",
    "area": "",
    "audit_entry": "INSERT",
    "case_event": "INSERT",
    "case_file": "INSERT, UPDATE",
    "child_death": "INSERT, UPDATE",
    "clock": "INSERT, UPDATE",
    "configuration_alarm": "INSERT",
    "contact_method": "UPDATE",
    "delivery": "INSERT, UPDATE",
    "delivery_event": "INSERT",
    "directory_entry": "",
    "document": "INSERT, UPDATE",
    "idempotency_key": "INSERT",
    "membership": "",
    "page": "INSERT, UPDATE",
    "partnership_setting": "",
    "person": "",
    "rota": "UPDATE",
    "shift": "INSERT, DELETE",
}
_ROUTING_GRANTS = {"partnership": "SELECT", "sign_in": "SELECT", "task": "SELECT, INSERT, UPDATE, DELETE"}


# Locks the partnership's log until the transaction ends, then reads its end. Each statement of a
# volatile function sees what was committed before it, so the end read is the one that was waited for.
_AUDIT_TAIL = """
CREATE FUNCTION app.audit_tail(OUT seq bigint, OUT hash text, OUT now timestamptz)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(app.current_tenant()::text, 0));
    SELECT entry.seq, entry.hash INTO seq, hash FROM audit_entry AS entry
    WHERE entry.tenant_id = (SELECT app.current_tenant()) ORDER BY entry.seq DESC LIMIT 1;
    now := app.now();
END $$
"""


def upgrade() -> None:
    op.execute(_AUDIT_TAIL)
    for table, writes in _GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table}"
            " USING (tenant_id = (SELECT app.current_tenant()))"
            " WITH CHECK (tenant_id = (SELECT app.current_tenant()))"
        )
        op.execute(f"GRANT SELECT{', ' + writes if writes else ''} ON {table} TO safeguard_app")
    for table, rights in _ROUTING_GRANTS.items():
        op.execute(f"GRANT {rights} ON routing.{table} TO safeguard_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION app.audit_tail()")
    for table in _ROUTING_GRANTS:
        op.execute(f"REVOKE ALL ON routing.{table} FROM safeguard_app")
    for table in _GRANTS:
        op.execute(f"REVOKE ALL ON {table} FROM safeguard_app")
        op.execute(f"DROP POLICY tenant ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
