"""Rotas of several layers, positions and areas; what is laid over them; qualifications

Revision ID: 20261122_01
Revises: 20261122_00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_01"
down_revision = "20261122_00"
branch_labels = None
depends_on = None

# What the application role may do beside SELECT. An adjustment is withdrawn and a shift cut, neither rewritten.
_GRANTS = {
    "qualification": "",
    "rota_area": "INSERT",
    "rota_adjustment": "INSERT, UPDATE (withdrawn_at, withdrawn_by)",
    "shift_swap": "INSERT, UPDATE (state, ended_at)",
}
_KINDS = ("added", "removed", "replaced", "assigned", "taken_over", "leave", "span", "swapped")
_STATES = ("asked", "agreed", "declined", "withdrawn", "expired", "undone")

_LAYERED = """
    UPDATE rota SET code = role, rule = jsonb_build_object('zone', rule->'zone', 'layers', jsonb_build_array(
        jsonb_build_object('name', 'base', 'position', 1, 'cover', rule->'cover', 'rotation',
            (rule->'rotation') - 'period_days' || jsonb_build_object('period', jsonb_build_object(
                'unit', 'days', 'every', rule->'rotation'->'period_days')))))
"""
# A rule of one layer can say less: of the units only days and weeks, otherwise a week.
_FLAT = """
    UPDATE rota SET rule = jsonb_build_object('zone', rule->'zone', 'cover', rule->'layers'->0->'cover', 'rotation',
        (rule->'layers'->0->'rotation') - 'period' || jsonb_build_object(
            'members', jsonb_path_query_array(rule, '$.layers[0].rotation.members[*] ? (@ != null)'),
            'period_days', CASE rule->'layers'->0->'rotation'->'period'->>'unit'
                WHEN 'days' THEN (rule->'layers'->0->'rotation'->'period'->>'every')::int
                WHEN 'weeks' THEN 7 * (rule->'layers'->0->'rotation'->'period'->>'every')::int
                ELSE 7 END))
"""


def upgrade() -> None:
    _tables()
    op.add_column("rota", sa.Column("code", sa.String(60), nullable=True))
    op.add_column("rota", sa.Column("qualification", sa.String(60), nullable=True))
    _as_owner("rota", _LAYERED)
    op.alter_column("rota", "code", nullable=False)
    op.drop_constraint("rota_tenant_id_role_key", "rota")
    op.create_unique_constraint("rota_tenant_id_code_key", "rota", ["tenant_id", "code"])
    op.create_index("rota_tenant_id_role_idx", "rota", ["tenant_id", "role"])
    for column, kind, default in (
        ("position", sa.Integer(), "1"), ("layer", sa.String(60), "base"), ("turn_key", sa.String(120), ""),
    ):  # fmt: skip
        op.add_column("shift", sa.Column(column, kind, nullable=False, server_default=default))
        op.alter_column("shift", column, server_default=None)
    op.add_column("shift", sa.Column("adjustment_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        "shift_tenant_id_adjustment_id_fkey", "shift", "rota_adjustment",
        ["tenant_id", "adjustment_id"], ["tenant_id", "id"],
    )  # fmt: skip
    op.create_index("shift_tenant_id_adjustment_id_idx", "shift", ["tenant_id", "adjustment_id"])
    op.drop_constraint("shift_one_at_a_time", "shift")
    op.create_exclude_constraint(
        "shift_one_at_a_time", "shift", (sa.column("tenant_id"), "="), (sa.column("rota_id"), "="),
        (sa.column("position"), "="), (sa.column("turn"), "&&"), using="gist",
    )  # fmt: skip
    op.execute("GRANT UPDATE (during, turn) ON shift TO safeguard_app")
    op.execute("GRANT INSERT ON rota TO safeguard_app")
    for table, writes in _GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table}"
            " USING (tenant_id = (SELECT app.current_tenant()))"
            " WITH CHECK (tenant_id = (SELECT app.current_tenant()))"
        )
        op.execute(f"GRANT SELECT{', ' + writes if writes else ''} ON {table} TO safeguard_app")


def downgrade() -> None:
    op.execute("REVOKE UPDATE (during, turn) ON shift FROM safeguard_app")
    _as_owner("shift", "DELETE FROM shift WHERE position > 1")
    op.drop_constraint("shift_one_at_a_time", "shift")
    # A role has one rota: of several the one that was made first stays.
    others = "SELECT tenant_id, id FROM rota EXCEPT SELECT tenant_id, (array_agg(id ORDER BY id))[1] FROM rota GROUP BY tenant_id, role"
    op.execute("ALTER TABLE rota NO FORCE ROW LEVEL SECURITY")
    _as_owner("shift", f"DELETE FROM shift WHERE (tenant_id, rota_id) IN ({others})")  # noqa: S608  # our own text
    op.drop_constraint("shift_tenant_id_adjustment_id_fkey", "shift")
    op.drop_index("shift_tenant_id_adjustment_id_idx", "shift")
    for column in ("adjustment_id", "turn_key", "layer", "position"):
        op.drop_column("shift", column)
    op.create_exclude_constraint(
        "shift_one_at_a_time", "shift", (sa.column("tenant_id"), "="), (sa.column("rota_id"), "="),
        (sa.column("turn"), "&&"), using="gist",
    )  # fmt: skip
    for table in ("rota_adjustment", "shift_swap", "rota_area", "qualification"):
        op.drop_table(table)
    _as_owner("rota", f"DELETE FROM rota WHERE (tenant_id, id) IN ({others})", _FLAT)  # noqa: S608  # our own text
    op.drop_constraint("rota_tenant_id_code_key", "rota")
    op.drop_index("rota_tenant_id_role_idx", "rota")
    op.create_unique_constraint("rota_tenant_id_role_key", "rota", ["tenant_id", "role"])
    op.drop_column("rota", "qualification")
    op.drop_column("rota", "code")


def _as_owner(table: str, *statements: str) -> None:
    """Change every partnership's rows, which row-level security hides from the owner too while it is forced."""
    op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    for statement in statements:
        op.execute(statement)
    # What the statements leave to be checked later would keep the table from being altered.
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _belongs_to(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column], [f"{parent}.tenant_id", f"{parent}.id"], name=f"{table}_tenant_id_{column}_fkey"
    )


def _key() -> tuple[sa.Column[object], sa.Column[object]]:
    return sa.Column("tenant_id", sa.Uuid(), nullable=False), sa.Column("id", sa.Uuid(), nullable=False)


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _tables() -> None:
    op.create_table(
        "qualification",
        *_key(),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        _belongs_to("qualification", "person_id", "person"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="qualification_pkey"),
        sa.UniqueConstraint("tenant_id", "person_id", "code", name="qualification_tenant_id_person_id_code_key"),
    )
    op.create_table(
        "rota_area",
        *_key(),
        sa.Column("rota_id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        _belongs_to("rota_area", "rota_id", "rota"),
        _belongs_to("rota_area", "area_id", "area"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="rota_area_pkey"),
        sa.UniqueConstraint("tenant_id", "rota_id", "area_id", name="rota_area_tenant_id_rota_id_area_id_key"),
    )
    op.create_index("rota_area_tenant_id_area_id_idx", "rota_area", ["tenant_id", "area_id"])
    op.create_table(
        "shift_swap",
        *_key(),
        sa.Column("rota_id", sa.Uuid(), nullable=False),
        sa.Column("asker_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("turn_key", sa.String(120), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("return_position", sa.Integer(), nullable=True),
        sa.Column("return_key", sa.String(120), nullable=True),
        sa.Column("return_during", postgresql.TSTZRANGE(), nullable=True),
        sa.Column("state", _one_of("swapstate", *_STATES), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        _belongs_to("shift_swap", "rota_id", "rota"),
        _belongs_to("shift_swap", "asker_id", "person"),
        _belongs_to("shift_swap", "other_id", "person"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="shift_swap_pkey"),
    )
    for column in ("rota_id", "asker_id", "other_id"):
        op.create_index(f"shift_swap_tenant_id_{column}_idx", "shift_swap", ["tenant_id", column])
    op.create_index(
        "shift_swap_one_request", "shift_swap", ["tenant_id", "rota_id", "turn_key"], unique=True,
        postgresql_where=sa.text("state = 'asked'"),
    )  # fmt: skip
    _adjustments()


def _adjustments() -> None:
    op.create_table(
        "rota_adjustment",
        *_key(),
        sa.Column("rota_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("kind", _one_of("adjustmentkind", *_KINDS), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("instead_id", sa.Uuid(), nullable=True),
        sa.Column("turns", postgresql.JSONB(), nullable=False),
        sa.Column("turn_key", sa.String(120), nullable=True),
        sa.Column("swap_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        _belongs_to("rota_adjustment", "rota_id", "rota"),
        _belongs_to("rota_adjustment", "swap_id", "shift_swap"),
        *(_belongs_to("rota_adjustment", column, "person")
          for column in ("person_id", "instead_id", "made_by", "withdrawn_by")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="rota_adjustment_pkey"),
    )  # fmt: skip
    for column in ("person_id", "instead_id", "swap_id", "made_by", "withdrawn_by"):
        op.create_index(f"rota_adjustment_tenant_id_{column}_idx", "rota_adjustment", ["tenant_id", column])
    op.create_index(
        "rota_adjustment_in_force", "rota_adjustment", ["tenant_id", "rota_id"],
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )  # fmt: skip
