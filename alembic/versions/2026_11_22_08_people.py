"""People, areas, qualifications, devices and the directory, kept by the partnership itself

Revision ID: 20261122_08
Revises: 20261122_07
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_08"
down_revision = "20261122_07"
branch_labels = None
depends_on = None

# What the application role may do beside SELECT. Nobody is deleted: history names them.
_GRANTS = {
    "person": "INSERT, UPDATE (name, post, agency_id, active, left_at)",
    "membership": "INSERT, UPDATE (issuer, subject, roles, state)",
    "directory_entry": "INSERT, UPDATE",
    "qualification": "INSERT, UPDATE (valid_until)",
    "alert_policy": "UPDATE (faulty_since)",
}
_CHECKS = {
    ("rota_adjustment", "adjustmentkind"): (
        ("added", "removed", "replaced", "assigned", "taken_over", "leave", "span", "swapped"), "left",
    ),
    ("rota_warning", "warningkind"): (
        ("no_rota", "empty_rota", "uncovered", "unreachable_person", "unqualified_person", "double_booking",
         "short_rest"), "out_of_area",
    ),
    ("configuration_alarm", "alarmkind"): (("no_policy", "nobody_found", "ladder_exhausted"), "policy_fault"),
}  # fmt: skip
_FORGET_ENTRY = (
    "UPDATE page SET entry_id = NULL WHERE (tenant_id, entry_id) IN"
    " (SELECT tenant_id, id FROM directory_entry WHERE retired_at IS NOT NULL)"
)
# What an earlier release cannot read is said in its words, or is no more.
_WITHOUT = (
    ("rota_adjustment", "UPDATE rota_adjustment SET kind = 'leave' WHERE kind = 'left'"),
    ("rota_warning", "DELETE FROM rota_warning WHERE kind = 'out_of_area'"),
    ("configuration_alarm", "DELETE FROM configuration_alarm WHERE kind = 'policy_fault'"),
    # An entry that is not used any more would be used again.
    ("page", _FORGET_ENTRY),
    ("directory_entry", "DELETE FROM directory_entry WHERE retired_at IS NOT NULL"),
)  # fmt: skip
_COUNTS = "routing.rota_warning_count"


def _instant(name: str) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def upgrade() -> None:
    for table in ("person", "directory_entry"):
        op.add_column(
            table,
            sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("app.now()")),
        )
        op.create_index(f"{table}_by_creation", table, ["tenant_id", "created_at", "id"])
    op.add_column("person", _instant("left_at"))
    op.add_column("contact_method", sa.Column("replaces_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        "contact_method_tenant_id_replaces_id_fkey", "contact_method", "contact_method",
        ["tenant_id", "replaces_id"], ["tenant_id", "id"],
    )  # fmt: skip
    op.create_index("contact_method_tenant_id_replaces_id_idx", "contact_method", ["tenant_id", "replaces_id"])
    op.add_column("directory_entry", _instant("retired_at"))
    op.add_column(
        "directory_entry", sa.Column("secret_generation", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    op.add_column("directory_entry", _instant("previous_secret_until"))
    op.add_column("alert_policy", _instant("faulty_since"))
    _areas()
    for table, rights in _GRANTS.items():
        op.execute(f"GRANT {rights} ON {table} TO safeguard_app")
    # Says where an identity may ask to enter. Whether it may is its membership's to say, under row-level security.
    op.execute("GRANT INSERT ON routing.sign_in TO safeguard_app")
    for (table, name), (kinds, new) in _CHECKS.items():
        _check(table, name, (*kinds, new))
    _check(_COUNTS, "warningkind", (*_CHECKS["rota_warning", "warningkind"][0], "out_of_area"))


def _areas() -> None:
    op.create_table(
        "person_area",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        _instant("removed_at"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["person.tenant_id", "person.id"], name="person_area_tenant_id_person_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "area_id"], ["area.tenant_id", "area.id"], name="person_area_tenant_id_area_id_fkey"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="person_area_pkey"),
        sa.UniqueConstraint("tenant_id", "person_id", "area_id", name="person_area_tenant_id_person_id_area_id_key"),
    )
    op.create_index("person_area_tenant_id_area_id_idx", "person_area", ["tenant_id", "area_id"])
    op.execute("ALTER TABLE person_area ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE person_area FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON person_area"
        " USING (tenant_id = (SELECT app.current_tenant()))"
        " WITH CHECK (tenant_id = (SELECT app.current_tenant()))"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE (removed_at) ON person_area TO safeguard_app")


def _check(table: str, name: str, kinds: tuple[str, ...]) -> None:
    constraint = f"{table.rsplit('.', maxsplit=1)[-1]}_{name}_check"
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} CHECK (kind IN ({listed}))")


def downgrade() -> None:
    op.execute("DELETE FROM routing.task WHERE actor IN ('check_ladders', 'recheck_ladders')")
    op.execute("DELETE FROM routing.rota_warning_count WHERE kind = 'out_of_area'")
    # Row-level security hides every partnership's rows from the owner too while it is forced.
    tables = dict.fromkeys(table for table, _ in _WITHOUT)
    for table in tables:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    for _, statement in _WITHOUT:
        op.execute(statement)
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in tables:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    for (table, name), (kinds, _) in _CHECKS.items():
        _check(table, name, kinds)
    _check(_COUNTS, "warningkind", _CHECKS["rota_warning", "warningkind"][0])
    op.execute("REVOKE INSERT ON routing.sign_in FROM safeguard_app")
    for table, rights in _GRANTS.items():
        op.execute(f"REVOKE {rights} ON {table} FROM safeguard_app")
    op.execute("GRANT UPDATE (notification_rules) ON person TO safeguard_app")
    op.drop_table("person_area")
    op.drop_column("alert_policy", "faulty_since")
    for column in ("previous_secret_until", "secret_generation", "retired_at"):
        op.drop_column("directory_entry", column)
    op.drop_index("contact_method_tenant_id_replaces_id_idx", "contact_method")
    op.drop_constraint("contact_method_tenant_id_replaces_id_fkey", "contact_method")
    op.drop_column("contact_method", "replaces_id")
    op.drop_column("person", "left_at")
    for table in ("directory_entry", "person"):
        op.drop_index(f"{table}_by_creation", table)
        op.drop_column(table, "created_at")
