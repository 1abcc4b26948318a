"""Threshold documents and decisions by them; the directory of services, posts and their holders

Revision ID: 20261122_18
Revises: 20261122_17
"""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_18"
down_revision = "20261122_17"
branch_labels = None
depends_on = None

# What the application role may do beside SELECT. Records of what happened are never changed.
_GRANTS = {
    "threshold_edition": "INSERT, UPDATE", "threshold_indicator": "INSERT", "threshold_decision": "INSERT",
    "threshold_view": "INSERT", "directory_organisation": "INSERT, UPDATE", "directory_service": "INSERT, UPDATE",
    "directory_service_area": "INSERT, DELETE", "directory_point": "INSERT, UPDATE",
    "directory_post": "INSERT, UPDATE", "directory_holder": "INSERT, UPDATE", "directory_change": "INSERT",
}  # fmt: skip
# Each process remembers what these hold until somebody changes them.
_CONFIGURATION = (
    "threshold_edition", "directory_organisation", "directory_service", "directory_service_area", "directory_point",
    "directory_post", "directory_holder", "directory_entry",
)  # fmt: skip


def _uuid(name: str, *, optional: bool = False) -> sa.Column[sa.Uuid]:
    return sa.Column(name, sa.Uuid(), nullable=optional)


def _text(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=optional)


def _at(name: str, *, optional: bool = False) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def _made_at() -> sa.Column[sa.DateTime]:
    return sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("app.now()"), nullable=False)


def _day(name: str, *, optional: bool = False) -> sa.Column[sa.Date]:
    return sa.Column(name, sa.Date(), nullable=optional)


def _number(name: str, *, optional: bool = False) -> sa.Column[sa.Integer]:
    return sa.Column(name, sa.Integer(), nullable=optional)


def _flag(name: str) -> sa.Column[sa.Boolean]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _json(name: str) -> sa.Column[postgresql.JSONB]:
    return sa.Column(name, postgresql.JSONB(), nullable=False)


def _one_of(name: str, kind: str, *states: str) -> sa.Column[sa.Enum]:
    enum = sa.Enum(*states, name=kind, native_enum=False, create_constraint=True, length=40)
    return sa.Column(name, enum, nullable=False)


def _make(
    table: str, *columns: sa.schema.SchemaItem, refers: dict[str, str], indexes: Iterable[str] = (),
    uniques: Iterable[str] = (), checks: dict[str, str] | None = None,
) -> None:  # fmt: skip
    """A table of the partnership; each text of ``indexes`` and ``uniques`` names the columns after the tenant."""
    op.create_table(
        table, _uuid("tenant_id"), _uuid("id"), *columns,
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column], [f"{parent}.tenant_id", f"{parent}.id"], name=f"{table}_tenant_id_{column}_fkey"
            )
            for column, parent in refers.items()
        ),
        *(
            sa.UniqueConstraint(
                "tenant_id", *names.split(), name=f"{table}_tenant_id_{names.replace(' ', '_')}_key"
            )
            for names in uniques
        ),
        *(sa.CheckConstraint(rule, name=f"{table}_{name}_check") for name, rule in (checks or {}).items()),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"{table}_pkey"),
    )  # fmt: skip
    for names in indexes:
        op.create_index(f"{table}_tenant_id_{names.replace(' ', '_')}_idx", table, ["tenant_id", *names.split()])


def upgrade() -> None:
    _make_thresholds()
    _make_services()
    _make_posts()
    for table, writes in _GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table}"
            " USING (tenant_id = (SELECT app.current_tenant()))"
            " WITH CHECK (tenant_id = (SELECT app.current_tenant()))"
        )
        op.execute(f"GRANT SELECT, {writes} ON {table} TO safeguard_app")
    for table in _CONFIGURATION:
        op.execute(
            f"CREATE TRIGGER configuration_changed AFTER INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION app.configuration_changed()"
        )


def _make_thresholds() -> None:
    _make("threshold_edition", _text("scheme"), _number("number"), _text("title"),
          _one_of("state", "thresholdstate", "draft", "approved", "withdrawn"), _json("content"),
          _text("text", optional=True), _text("digest"), _uuid("made_by", optional=True), _at("made_at"),
          _uuid("approved_by", optional=True), _text("approved_role", optional=True), _at("approved_at", optional=True),
          _text("authority", optional=True), _day("in_force_from", optional=True), _uuid("withdrawn_by", optional=True),
          _at("withdrawn_at", optional=True), _text("withdrawal_reason", optional=True),
          refers={"made_by": "person", "approved_by": "person", "withdrawn_by": "person"}, uniques=("scheme number",),
          checks={"approved": "state <> 'approved' OR (approved_at IS NOT NULL AND in_force_from IS NOT NULL)"},
          )  # fmt: skip
    op.create_index("threshold_edition_by_making", "threshold_edition", ["tenant_id", "made_at", "id"])
    _make("threshold_indicator", _uuid("case_id"), _text("scheme"), _text("indicator"), _day("observed_on"),
          _uuid("child_id", optional=True), _uuid("party_id", optional=True), _text("note", optional=True),
          _uuid("ends_id", optional=True), _flag("withdrawn"), _uuid("recorded_by"), _at("recorded_at"),
          refers={"case_id": "case_file", "child_id": "child", "party_id": "party", "ends_id": "threshold_indicator",
                  "recorded_by": "person"},
          uniques=("ends_id",), indexes=("case_id recorded_at",),
          checks={"withdraws_something": "NOT withdrawn OR ends_id IS NOT NULL",
                  "of_one": "child_id IS NULL OR party_id IS NULL"})  # fmt: skip
    _make("threshold_decision", _uuid("case_id"), _uuid("edition_id"), _text("scheme"), _text("level"),
          _text("suggested", optional=True), _one_of("direction", "direction", "first", "up", "down", "same", "replaced"),
          _text("reasons"), _text("earlier_help", optional=True), _json("grounds"), _json("opened"),
          _uuid("previous_id", optional=True), _uuid("run_id", optional=True), _uuid("area_id", optional=True),
          _uuid("decided_by"), _at("decided_at"),
          refers={"case_id": "case_file", "edition_id": "threshold_edition", "previous_id": "threshold_decision",
                  "run_id": "pathway_run", "area_id": "area", "decided_by": "person"},
          uniques=("previous_id",), indexes=("case_id decided_at",))  # fmt: skip
    op.create_index("threshold_decision_by_deciding", "threshold_decision", ["tenant_id", "decided_at", "id"])
    _make("threshold_view", _uuid("decision_id"), _uuid("agency_id"), _flag("agrees"), _text("reasons", optional=True),
          _text("wanted", optional=True), _uuid("run_id", optional=True), _uuid("given_by"), _at("given_at"),
          refers={"decision_id": "threshold_decision", "agency_id": "agency", "run_id": "pathway_run",
                  "given_by": "person"},
          indexes=("decision_id given_at",), checks={"said_why": "agrees OR reasons IS NOT NULL"})  # fmt: skip


def _visible() -> sa.Column[sa.Enum]:
    return _one_of("visibility", "visibility", "public", "professional", "restricted")


def _make_services() -> None:
    _make("directory_organisation", _text("code"), _text("name"), _text("description"), _text("website", optional=True),
          _made_at(), refers={}, uniques=("code",))  # fmt: skip
    _make("directory_service", _text("code"), _uuid("organisation_id"), _text("name"), _text("description"),
          _text("website", optional=True), _json("topics"), _text("eligibility"), _number("minimum_age", optional=True),
          _number("maximum_age", optional=True), _visible(), _uuid("fallback_id", optional=True), _made_at(),
          _at("retired_at", optional=True),
          refers={"organisation_id": "directory_organisation", "fallback_id": "directory_service"},
          uniques=("code",), indexes=("organisation_id",), checks={"ages": "minimum_age <= maximum_age"})  # fmt: skip
    op.create_index("directory_service_by_creation", "directory_service", ["tenant_id", "created_at", "id"])
    _make("directory_service_area", _uuid("service_id"), _uuid("area_id"),
          refers={"service_id": "directory_service", "area_id": "area"}, uniques=("service_id area_id",))  # fmt: skip
    _make("directory_point", _uuid("service_id"), _text("code"),
          _one_of("kind", "pointkind", "phone", "text", "email", "web", "rota", "desk"), _text("value"),
          _text("label"), _uuid("area_id", optional=True), _json("hours"), _visible(), _number("position"),
          _day("verified_on", optional=True), _uuid("verified_by", optional=True), _text("verified_how", optional=True),
          _at("retired_at", optional=True),
          refers={"service_id": "directory_service", "area_id": "area", "verified_by": "person"},
          uniques=("service_id code",),
          checks={"verified_somehow": "(verified_on IS NULL) = (verified_how IS NULL)"})  # fmt: skip
    _make("directory_change", _uuid("service_id"), _text("point", optional=True), _text("action"), _json("fields"),
          _uuid("made_by", optional=True), _at("made_at"),
          refers={"service_id": "directory_service", "made_by": "person"})  # fmt: skip
    op.create_index("directory_change_by_making", "directory_change", ["tenant_id", "made_at", "id"])


def _make_posts() -> None:
    _make("directory_post", _text("code"), _uuid("organisation_id"), _text("title"), _text("role", optional=True),
          _uuid("area_id", optional=True), _visible(), _at("retired_at", optional=True),
          refers={"organisation_id": "directory_organisation", "area_id": "area"}, uniques=("code",))  # fmt: skip
    _make("directory_holder", _uuid("post_id"), _uuid("person_id", optional=True), _text("name", optional=True),
          _flag("deputy"), _text("telephone", optional=True), _text("email", optional=True), _day("from_on"),
          _day("until_on", optional=True), refers={"post_id": "directory_post", "person_id": "person"},
          indexes=("post_id from_on",),
          checks={"in_order": "until_on IS NULL OR from_on < until_on",
                  "somebody": "person_id IS NOT NULL OR name IS NOT NULL"})  # fmt: skip


def downgrade() -> None:
    op.execute("DELETE FROM routing.task WHERE actor = 'remind_of_contacts'")
    op.execute("DROP TRIGGER configuration_changed ON directory_entry")
    # Tables are dropped with what refers to them first, and their triggers with them.
    for table in (
        "threshold_view", "threshold_decision", "threshold_indicator", "threshold_edition", "directory_change",
        "directory_holder", "directory_post", "directory_point", "directory_service_area", "directory_service",
        "directory_organisation",
    ):  # fmt: skip
        op.drop_table(table)
