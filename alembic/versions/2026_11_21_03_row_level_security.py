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


def upgrade() -> None:
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
    for table in _ROUTING_GRANTS:
        op.execute(f"REVOKE ALL ON routing.{table} FROM safeguard_app")
    for table in _GRANTS:
        op.execute(f"REVOKE ALL ON {table} FROM safeguard_app")
        op.execute(f"DROP POLICY tenant ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
