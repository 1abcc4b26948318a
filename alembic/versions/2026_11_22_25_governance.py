"""Links of manuals to pathways; registers of what is kept beside a manual

Revision ID: 20261122_25
Revises: 20261122_23
"""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_25"
down_revision = "20261122_23"
branch_labels = None
depends_on = None

# What the application role may do beside SELECT. Records of what happened are never changed.
_GRANTS = {
    "procedure_link": "INSERT, UPDATE, DELETE",
    "procedure_register_entry": "INSERT, UPDATE",
    "procedure_register_check": "INSERT",
}


def _uuid(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Uuid(), nullable=optional)


def _text(name: str, most: int | None = None, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(most), nullable=optional)


def _at(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def _day(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Date(), nullable=optional)


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, postgresql.JSONB(), nullable=False)


def _one_of(name: str, kind: str, *values: str, optional: bool = False) -> sa.Column[Any]:
    states = sa.Enum(*values, name=kind, native_enum=False, create_constraint=True, length=40)
    return sa.Column(name, states, nullable=optional)


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"{table}_{name}_check"))


def _make(table: str, *columns: sa.schema.SchemaItem, refers: dict[str, str], indexes: Iterable[str] = ()) -> None:
    """A table of the partnership with its foreign keys and, for each text, an index on the columns it names."""
    op.create_table(
        table, _uuid("tenant_id"), _uuid("id"), *columns,
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column], [f"{parent}.tenant_id", f"{parent}.id"], name=f"{table}_tenant_id_{column}_fkey"
            )
            for column, parent in refers.items()
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"{table}_pkey"),
    )  # fmt: skip
    for names in indexes:
        op.create_index(f"{table}_tenant_id_{names.replace(' ', '_')}_idx", table, ["tenant_id", *names.split()])


def upgrade() -> None:
    _make_links()
    _make_registers()
    op.add_column("directory_post", sa.Column("created_at", sa.DateTime(timezone=True), nullable=False,
                                              server_default=sa.text("app.now()")))  # fmt: skip
    op.create_index("directory_post_by_creation", "directory_post", ["tenant_id", "created_at", "id"])
    for table, writes in _GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table}"
            " USING (tenant_id = (SELECT app.current_tenant()))"
            " WITH CHECK (tenant_id = (SELECT app.current_tenant()))"
        )
        op.execute(f"GRANT SELECT, {writes} ON {table} TO safeguard_app")
    # Links are part of an edition's text: what bound a case is read as it was.
    op.execute(
        "CREATE TRIGGER text_is_settled AFTER INSERT OR UPDATE OR DELETE ON procedure_link"
        " FOR EACH ROW EXECUTE FUNCTION app.procedure_text_is_settled()"
    )


def _make_links() -> None:
    table = "procedure_link"
    _make(table, _uuid("edition_id"), _text("pathway", 80, optional=True), _text("kind", 20, optional=True),
          _text("code", 80, optional=True), _text("source", 300, optional=True), _text("place", 80, optional=True),
          _text("address", 300, optional=True),
          _check(table, "part", "num_nonnulls(pathway, kind, code) IN (0, 3)"),
          _check(table, "one_form", "(pathway IS NULL) = (source IS NOT NULL)"),
          _check(table, "place_in_source", "place IS NULL OR source IS NOT NULL"),
          _check(table, "leads_somewhere", "(address IS NULL) = (pathway IS NULL AND place IS NULL)"),
          refers={"edition_id": "procedure_edition"}, indexes=("edition_id",))  # fmt: skip


def _make_registers() -> None:
    table = "procedure_register_entry"
    _make(table,
          _one_of("kind", "registerkind", "supplementary_document", "protocol", "contract_clause"),
          _text("manual", 80), _text("title", 300), _uuid("agency_id", optional=True),
          _text("body", 200, optional=True), _json("parties"), _text("subject", 1_000, optional=True),
          _one_of("basis", "registerbasis", "higher_standard", "agency_contribution", optional=True),
          _json("provisions"),
          _one_of("adoption", "adoptionclass", "agreed", "contract", "encouraged", optional=True),
          _day("clause_sought_on", optional=True), sa.Column("clause_obtained", sa.Boolean(), nullable=True),
          _text("reason", optional=True), _text("kept_at", 300, optional=True), _day("agreed_on", optional=True),
          _day("review_on"), _uuid("owner_id"), _uuid("made_by"), _at("made_at"), _at("retired_at", optional=True),
          _text("retired_reason", optional=True),
          _check(table, "one_body", "num_nonnulls(agency_id, body) <= 1"),
          _check(table, "refused", "clause_obtained IS NOT FALSE OR reason IS NOT NULL"),
          _check(table, "retired", "(retired_at IS NULL) = (retired_reason IS NULL)"),
          refers={"agency_id": "agency", "owner_id": "person", "made_by": "person"},
          indexes=("agency_id", "owner_id", "manual"))  # fmt: skip
    op.create_index("procedure_register_entry_by_making", table, ["tenant_id", "made_at", "id"])
    table = "procedure_register_check"
    _make(table, _uuid("entry_id"), _uuid("edition_id", optional=True),
          _one_of("outcome", "checkoutcome", "consistent", "stricter", "laxer", "reviewed", "lapsed"),
          _text("note", optional=True), _day("review_on"), _uuid("checked_by"), _at("checked_at"),
          _check(table, "against", "outcome NOT IN ('consistent', 'stricter', 'laxer') OR edition_id IS NOT NULL"),
          refers={"entry_id": "procedure_register_entry", "edition_id": "procedure_edition", "checked_by": "person"},
          indexes=("entry_id checked_at", "edition_id"))  # fmt: skip


def downgrade() -> None:
    op.execute("DELETE FROM routing.task WHERE actor IN ('review_register', 'reverify_contacts')")
    op.drop_index("directory_post_by_creation", "directory_post")
    op.drop_column("directory_post", "created_at")
    for table in ("procedure_register_check", "procedure_register_entry", "procedure_link"):
        op.drop_table(table)
