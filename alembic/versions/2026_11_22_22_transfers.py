"""Transfers between partnerships, each side's own, and the areas by which partnerships are addressed

Revision ID: 20261122_22
Revises: 20261122_21
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_22"
down_revision = "20261122_21"
branch_labels = None
depends_on = None

# What the application role may do beside SELECT. Records of what happened are never changed.
_GRANTS = {
    "partnership_transfer": "INSERT, UPDATE", "transfer_paper": "INSERT, UPDATE", "transfer_act": "INSERT",
    "transfer_message": "INSERT, UPDATE", "transfer_export": "INSERT, UPDATE",
}  # fmt: skip

# Of a partnership's ground others may know what authorities it holds, as they may know its name.
_FUNCTION = """
CREATE FUNCTION app.area_addressed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.kind = 'local_authority' THEN
        DELETE FROM routing.partnership_area WHERE partnership_id = OLD.tenant_id AND code = OLD.code;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.kind = 'local_authority' THEN
        INSERT INTO routing.partnership_area (partnership_id, code, name) VALUES (NEW.tenant_id, NEW.code, NEW.name);
    END IF;
    RETURN NULL;
END $$
"""


def _uuid(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Uuid(), nullable=optional)


def _text(name: str, most: int | None = None, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(most), nullable=optional)


def _at(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def _json(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, postgresql.JSONB(), nullable=optional)


def _one_of(name: str, kind: str, *values: str) -> sa.Column[Any]:
    states = sa.Enum(*values, name=kind, native_enum=False, create_constraint=True, length=40)
    return sa.Column(name, states, nullable=False)


def _make(table: str, *columns: sa.schema.SchemaItem, refers: dict[str, str], indexes: tuple[str, ...] = ()) -> None:
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
    _make_directory()
    _make_transfer()
    _make_parts()
    for table, writes in _GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table}"
            " USING (tenant_id = (SELECT app.current_tenant()))"
            " WITH CHECK (tenant_id = (SELECT app.current_tenant()))"
        )
        op.execute(f"GRANT SELECT, {writes} ON {table} TO safeguard_app")


def _make_directory() -> None:
    op.create_table(
        "partnership_area", _uuid("partnership_id"), _text("code", 60), _text("name"),
        sa.PrimaryKeyConstraint("partnership_id", "code", name="partnership_area_pkey"), schema="routing",
    )  # fmt: skip
    op.execute("GRANT SELECT ON routing.partnership_area TO safeguard_app")
    op.execute("ALTER TABLE area NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "INSERT INTO routing.partnership_area (partnership_id, code, name)"
        " SELECT tenant_id, code, name FROM area WHERE kind = 'local_authority'"
    )
    op.execute("ALTER TABLE area FORCE ROW LEVEL SECURITY")
    op.execute(_FUNCTION)
    op.execute(
        "CREATE TRIGGER area_addressed AFTER INSERT OR UPDATE OR DELETE ON area"
        " FOR EACH ROW EXECUTE FUNCTION app.area_addressed()"
    )


def _make_transfer() -> None:
    _make("partnership_transfer",
          _one_of("side", "side", "outgoing", "incoming"),
          _one_of("kind", "kind", "child_protection_plan", "section_47", "child_in_need", "court_proceedings",
                  "looked_after", "death_notice"),
          _one_of("state", "state", "offered", "accepted", "refused", "withdrawn"),
          _uuid("partner_id", optional=True), _text("partner_name", 200), _json("outside", optional=True),
          _text("area_code", 60, optional=True), _uuid("case_id"), _uuid("run_id", optional=True), _json("packet"),
          _text("digest", 64), _text("reason"), sa.Column("move_on", sa.Date()), _at("move_known_at", optional=True),
          sa.Column("in_doubt", sa.Boolean(), nullable=False), _text("sender_name", 200), _text("sender_post", 200),
          _uuid("offered_by", optional=True), _at("offered_at"), _at("received_at", optional=True),
          _at("answered_at", optional=True), _uuid("answered_by", optional=True), _text("answer_reason", optional=True),
          _uuid("accountable_id", optional=True), _text("accountable_name", 200, optional=True),
          _text("accountable_post", 200, optional=True), _at("settled_at", optional=True),
          _uuid("replaces_id", optional=True), _json("possible_duplicates"),
          sa.Column("sent", sa.Integer(), nullable=False), sa.Column("heard", sa.Integer(), nullable=False),
          sa.CheckConstraint("(partner_id IS NULL) = (outside IS NOT NULL)",
                             name="partnership_transfer_other_side_check"),
          sa.CheckConstraint("side = 'outgoing' OR partner_id IS NOT NULL",
                             name="partnership_transfer_came_from_check"),
          refers={"case_id": "case_file", "run_id": "pathway_run", "offered_by": "person", "answered_by": "person",
                  "accountable_id": "person", "replaces_id": "partnership_transfer"},
          indexes=("case_id", "replaces_id"))  # fmt: skip
    op.create_index("partnership_transfer_by_offer", "partnership_transfer", ["tenant_id", "offered_at", "id"])


def _make_parts() -> None:
    of_transfer = {"transfer_id": "partnership_transfer"}
    _make("transfer_paper", _uuid("transfer_id"), _uuid("document_id", optional=True),
          _one_of("kind", "paperkind", "plan", "conference_report", "core_group_notes", "assessment",
                  "risk_assessment", "enquiry_report", "family_support_plan", "care_plan", "legal_order",
                  "findings_of_fact", "section_7_report", "section_37_report", "expert_report",
                  "pre_sentence_report", "notification_form", "other"),
          _text("title", 200), _text("content_type", 120), sa.Column("size", sa.BigInteger(), nullable=False),
          _text("sha256", 64), _text("object_key"), _text("version_id", optional=True), _json("gates"),
          _json("opened"), _uuid("added_by", optional=True), _at("added_at"), _at("crossed_at", optional=True),
          sa.UniqueConstraint("tenant_id", "transfer_id", "document_id",
                              name="transfer_paper_tenant_id_transfer_id_document_id_key"),
          refers={**of_transfer, "document_id": "document", "added_by": "person"},
          indexes=("document_id",))  # fmt: skip
    _make("transfer_act", _uuid("transfer_id"), _text("act", 60), sa.Column("ours", sa.Boolean(), nullable=False),
          _at("at"), _uuid("by_id", optional=True), _text("words", optional=True), _json("detail"),
          refers={**of_transfer, "by_id": "person"}, indexes=("transfer_id at",))  # fmt: skip
    _make("transfer_message", _uuid("transfer_id"), sa.Column("number", sa.Integer(), nullable=False),
          _one_of("told", "told", "offered", "received", "accepted", "refused", "withdrawn", "wrote", "settled"),
          _json("content"), _at("at"), _at("arrived_at", optional=True),
          sa.UniqueConstraint("tenant_id", "transfer_id", "number",
                              name="transfer_message_tenant_id_transfer_id_number_key"),
          refers=of_transfer)  # fmt: skip
    _make("transfer_export", _uuid("transfer_id"), _text("title", 200), _text("content_type", 120),
          sa.Column("size", sa.BigInteger(), nullable=False), _text("sha256", 64), _text("object_key"),
          _text("version_id", optional=True), _text("thumbprint", 64), _json("papers"), _uuid("made_by"),
          _at("made_at"), _uuid("fetched_by", optional=True), _at("fetched_at", optional=True),
          refers={**of_transfer, "made_by": "person", "fetched_by": "person"}, indexes=("transfer_id",))  # fmt: skip


def downgrade() -> None:
    op.execute(
        "DELETE FROM routing.task WHERE actor IN ('carry_transfer_across', 'carry_transfer_paper', 'begin_transfer')"
    )
    for table in ("transfer_export", "transfer_message", "transfer_act", "transfer_paper", "partnership_transfer"):
        op.drop_table(table)
    op.execute("DROP TRIGGER area_addressed ON area")
    op.execute("DROP FUNCTION app.area_addressed()")
    op.drop_table("partnership_area", schema="routing")
