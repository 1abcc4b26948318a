"""Registers: stays of children with plans, enquiries about children, notices of deaths

Revision ID: 20261122_21
Revises: 20261122_20
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_21"
down_revision = "20261122_20"
branch_labels = None
depends_on = None

# What the application role may do beside SELECT. What was asked, checked, found and told is never changed.
_GRANTS = {
    "plan_stay": "INSERT, UPDATE", "plan_entry_correction": "INSERT", "child_enquiry": "INSERT",
    "enquirer_check": "INSERT", "enquiry_search": "INSERT", "enquiry_answer": "INSERT",
    "enquiry_duty": "INSERT, UPDATE", "death_notice": "INSERT", "death_match": "INSERT", "death_step": "INSERT",
}  # fmt: skip


def _uuid(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Uuid(), nullable=optional)


def _text(name: str, most: int | None = None, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(most), nullable=optional)


def _at(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def _day(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Date(), nullable=optional)


def _list(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, postgresql.JSONB(), nullable=optional)


def _one_of(name: str, kind: str, *values: str, optional: bool = False) -> sa.Column[Any]:
    states = sa.Enum(*values, name=kind, native_enum=False, create_constraint=True, length=40)
    return sa.Column(name, states, nullable=optional)


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
    # Names are searched for as they are heard on a telephone: misspelt.
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    _make_plans()
    _make_enquiries()
    _make_deaths()
    for table, writes in _GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table}"
            " USING (tenant_id = (SELECT app.current_tenant()))"
            " WITH CHECK (tenant_id = (SELECT app.current_tenant()))"
        )
        op.execute(f"GRANT SELECT, {writes} ON {table} TO safeguard_app")


def _make_plans() -> None:
    _make("plan_stay", _uuid("case_id"), _uuid("child_id"), _uuid("area_id"), _one_of("holder", "holder",
          "ours", "another"), _text("authority", 200), sa.Column("temporary", sa.Boolean(), nullable=False),
          _day("from_on"), _day("until_on", optional=True), _day("plan_from_on", optional=True),
          _list("categories"), _text("key_worker", 200, optional=True), _text("key_worker_telephone",
          40, optional=True), _text("told_by", 200), _uuid("recorded_by"), _at("recorded_at"),
          _uuid("ended_by", optional=True), _at("ended_at", optional=True),
          sa.CheckConstraint("until_on IS NULL OR until_on >= from_on", name="plan_stay_order_check"),
          refers={"case_id": "case_file", "recorded_by": "person", "area_id": "area", "child_id": "child",
          "ended_by": "person"}, indexes=("case_id", "child_id"))  # fmt: skip
    _make("plan_entry_correction", _uuid("run_id"), _uuid("child_id"), sa.Column("without_plan",
          sa.Boolean(), nullable=False), _day("from_on", optional=True), _day("until_on", optional=True),
          _text("reason"), _uuid("recorded_by"), _at("recorded_at"), refers={"recorded_by": "person",
          "child_id": "child", "run_id": "pathway_run"}, indexes=("run_id child_id recorded_at",))  # fmt: skip


def _make_enquiries() -> None:
    _make("child_enquiry", _text("enquirer_name", 200), _text("enquirer_agency", 200), _text("enquirer_post",
          200, optional=True), _text("call_back_number", 40), _text("concern"), _text("child_name",
          200, optional=True), _list("other_names"), _day("date_of_birth", optional=True), _text("address",
          500, optional=True), _text("search_name"), _text("match_key", 200), _uuid("taken_by"), _at("taken_at"),
          refers={"taken_by": "person"}, indexes=())  # fmt: skip
    op.create_index("child_enquiry_by_time", "child_enquiry", ["tenant_id", "taken_at", "id"])
    _make("enquirer_check", _uuid("enquiry_id"), _one_of("method", "checkmethod", "called_back", "known_voice",
          "secure_email", "seen_in_person", "failed"), _text("number", 40, optional=True), _text("listed_as",
          300, optional=True), _text("note"), _uuid("checked_by"), _at("checked_at"),
          sa.CheckConstraint("(method = 'called_back') = (number IS NOT NULL)",
          name="enquirer_check_number_check"), refers={"enquiry_id": "child_enquiry", "checked_by": "person"},
          indexes=("enquiry_id checked_at",))  # fmt: skip
    _make("enquiry_search", _uuid("enquiry_id"), _list("terms"), _list("shown"), _list("held"),
          _uuid("searched_by"), _at("searched_at"), refers={"enquiry_id": "child_enquiry",
          "searched_by": "person"}, indexes=("enquiry_id searched_at",))  # fmt: skip
    _make("enquiry_answer", _uuid("enquiry_id"), _one_of("result", "result", "known", "not_known", "on_a_plan",
          "passed_on", "nothing_told"), _uuid("child_id", optional=True), _uuid("check_id", optional=True),
          _list("disclosed"), _text("advice"), _uuid("answered_by"), _at("answered_at"),
          sa.CheckConstraint("(result IN ('known', 'on_a_plan')) = (child_id IS NOT NULL)",
          name="enquiry_answer_child_check"), sa.UniqueConstraint("tenant_id", "enquiry_id",
          name="enquiry_answer_tenant_id_enquiry_id_key"), refers={"check_id": "enquirer_check",
          "answered_by": "person", "child_id": "child", "enquiry_id": "child_enquiry"}, indexes=("child_id",))  # fmt: skip
    _make("enquiry_duty", _uuid("enquiry_id"), _one_of("kind", "dutykind", "consider_need", "tell_key_worker",
          "look_at_held_record"), _text("role", 80), _uuid("owner_id", optional=True),
          _uuid("case_id", optional=True), _one_of("state", "dutystate", "open", "decided"), _one_of("outcome",
          "dutyoutcome", "referral_made", "assessment_begun", "no_need", "seen",
          "enquirer_called_back", optional=True), _text("reasons", optional=True), _at("began_at"),
          _uuid("decided_by", optional=True), _at("decided_at", optional=True),
          sa.CheckConstraint("(state = 'open') = (decided_at IS NULL) AND (state = 'open') = (outcome IS NULL) AND (state = 'open') = (reasons IS NULL)",
          name="enquiry_duty_decided_check"), refers={"enquiry_id": "child_enquiry", "case_id": "case_file",
          "owner_id": "person", "decided_by": "person"}, indexes=("enquiry_id",))  # fmt: skip
    op.create_index("enquiry_duty_by_beginning", "enquiry_duty", ["tenant_id", "began_at", "id"])


def _make_deaths() -> None:
    _make("death_notice", _one_of("source", "noticesource", "coroner", "registrar", "police",
          "statistics_office", "other_panel", "other"), _text("told_by", 200), _text("their_reference",
          100, optional=True), _text("came_from", 200, optional=True), _uuid("came_from_id", optional=True),
          _text("child_name", 200, optional=True), _day("date_of_birth", optional=True),
          _day("died_on", optional=True), _text("place_of_death", 500, optional=True), _text("usual_home",
          500, optional=True), _uuid("area_of_death_id", optional=True), _uuid("home_area_id", optional=True),
          _at("received_at"), _uuid("recorded_by", optional=True), _at("recorded_at"),
          refers={"recorded_by": "person", "home_area_id": "area", "area_of_death_id": "area"}, indexes=())  # fmt: skip
    op.create_index("death_notice_by_receipt", "death_notice", ["tenant_id", "received_at", "id"])
    _make("death_match", _uuid("notice_id"), _one_of("outcome", "matchoutcome", "matched", "not_ours",
          "unmatched"), _uuid("death_id", optional=True), _text("reason"), _uuid("matched_by"),
          _at("matched_at"), sa.CheckConstraint("(outcome = 'matched') = (death_id IS NOT NULL)",
          name="death_match_death_check"), refers={"matched_by": "person", "notice_id": "death_notice",
          "death_id": "child_death"}, indexes=("notice_id matched_at", "death_id"))  # fmt: skip
    _make("death_step", _uuid("death_id"), _one_of("kind", "stepkind", "panel_told", "form_a_received",
          "form_b_requested", "form_b_received", "form_c_agreed", "same_death_as", "not_same_death_as",
          "ready_for_panel", "reviewed", "reviewed_elsewhere"), _text("body", 200, optional=True),
          _uuid("other_id", optional=True), _text("note", optional=True), _at("done_at"), _uuid("recorded_by"),
          _at("recorded_at"), sa.CheckConstraint("other_id IS NULL OR other_id <> death_id",
          name="death_step_two_check"),
          sa.CheckConstraint("(kind IN ('same_death_as', 'not_same_death_as')) = (other_id IS NOT NULL)",
          name="death_step_other_check"),
          sa.CheckConstraint("kind NOT IN ('panel_told', 'form_b_requested', 'form_b_received') OR body IS NOT NULL",
          name="death_step_body_check"), refers={"recorded_by": "person", "death_id": "child_death",
          "other_id": "child_death"}, indexes=("death_id done_at", "other_id"))  # fmt: skip


def downgrade() -> None:
    for table in reversed(_GRANTS):
        op.drop_table(table)
    op.execute("DROP EXTENSION pg_trgm")
