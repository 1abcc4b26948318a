"""Rota warnings, calendar feeds and printed rotas, and the work that keeps them

Revision ID: 20261122_02
Revises: 20261122_01
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_02"
down_revision = "20261122_01"
branch_labels = None
depends_on = None

_KINDS = (
    "no_rota",
    "empty_rota",
    "uncovered",
    "unreachable_person",
    "unqualified_person",
    "double_booking",
    "short_rest",
)
# Warnings end and feeds are revoked; neither is ever deleted. An issue on paper is never changed.
_GRANTS = {"calendar_feed": "INSERT, UPDATE", "printed_rota": "INSERT", "rota_warning": "INSERT, UPDATE"}
# What a partnership of an earlier release does not owe itself yet.
_DAILY = ("check_coverage", "print_rotas")
_OWED = sa.text(
    "INSERT INTO routing.task (id, tenant_id, queue, actor, subject_id, due_at, wake_at, attempts)"
    " SELECT gen_random_uuid(), id, 'notices', :actor, id, app.now(), app.now(), 0 FROM routing.partnership"
)


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "rota_warning",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", _one_of("warningkind", _KINDS), nullable=False),
        sa.Column("rota_id", sa.Uuid(), nullable=True),
        sa.Column("other_rota_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("begins", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", _one_of("warningoutcome", ("mended", "passed")), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "rota_id"], ["rota.tenant_id", "rota.id"], name="rota_warning_tenant_id_rota_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "other_rota_id"],
            ["rota.tenant_id", "rota.id"],
            name="rota_warning_tenant_id_other_rota_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["person.tenant_id", "person.id"], name="rota_warning_tenant_id_person_id_fkey"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="rota_warning_pkey"),
    )
    op.create_index(
        "rota_warning_open", "rota_warning", ["tenant_id", "kind"], postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_index("rota_warning_by_sight", "rota_warning", ["tenant_id", "first_seen_at", "id"])
    for column in ("rota_id", "other_rota_id", "person_id"):
        op.create_index(f"rota_warning_tenant_id_{column}_idx", "rota_warning", ["tenant_id", column])
    op.create_table(
        "calendar_feed",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("rota_id", sa.Uuid(), nullable=True),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "owner_id"], ["person.tenant_id", "person.id"], name="calendar_feed_tenant_id_owner_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "rota_id"], ["rota.tenant_id", "rota.id"], name="calendar_feed_tenant_id_rota_id_fkey"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="calendar_feed_pkey"),
        sa.UniqueConstraint("tenant_id", "token_hash", name="calendar_feed_tenant_id_token_hash_key"),
    )
    for column in ("owner_id", "rota_id"):
        op.create_index(f"calendar_feed_tenant_id_{column}_idx", "calendar_feed", ["tenant_id", column])
    op.create_table(
        "printed_rota",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("object_key", sa.String(), nullable=False),
        sa.Column("version_id", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="printed_rota_pkey"),
        sa.UniqueConstraint("tenant_id", "version", name="printed_rota_tenant_id_version_key"),
    )
    for table, writes in _GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table}"
            " USING (tenant_id = (SELECT app.current_tenant()))"
            " WITH CHECK (tenant_id = (SELECT app.current_tenant()))"
        )
        op.execute(f"GRANT SELECT, {writes} ON {table} TO safeguard_app")
    op.create_table(
        "rota_warning_count",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _one_of("warningkind", _KINDS), nullable=False),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "kind", name="rota_warning_count_pkey"),
        schema="routing",
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON routing.rota_warning_count TO safeguard_app")
    for actor in _DAILY:
        op.execute(_OWED.bindparams(actor=actor))


def downgrade() -> None:
    op.execute(
        "DELETE FROM routing.task WHERE actor IN ('check_coverage', 'recheck_coverage', 'print_rotas', 'reprint_rotas',"
        " 'contacts_changed', 'ladders_changed')"
    )
    op.drop_table("rota_warning_count", schema="routing")
    for table in ("printed_rota", "calendar_feed", "rota_warning"):
        op.drop_table(table)
