"""Children, the people of a case, chronology, drafts, who may see a case and who has

Revision ID: 20261122_10
Revises: 20261122_09
"""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_10"
down_revision = "20261122_09"
branch_labels = None
depends_on = None

# What the application role may do beside SELECT. Records of what happened are never changed.
_GRANTS = {
    "team": "INSERT, UPDATE",
    "team_member": "INSERT, UPDATE",
    "case_grant": "INSERT, UPDATE",
    "break_glass": "INSERT",
    "case_link": "INSERT, UPDATE",
    "child": "INSERT, UPDATE",
    "child_address": "INSERT",
    "case_subject": "INSERT",
    "child_change": "INSERT",
    "party": "INSERT",
    "household_member": "INSERT, UPDATE",
    "relationship": "INSERT, UPDATE",
    "case_practitioner": "INSERT, UPDATE",
    "chronology_entry": "INSERT",
    "draft": "INSERT, UPDATE, DELETE",
}
_CASE_PEOPLE = {"opened_by": "person", "owner_id": "person", "team_id": "team", "agency_id": "agency"}
_SEX = ("female", "male", "indeterminate", "not_known")
_RELATIONSHIPS = (
    "parent", "child", "step_parent", "step_child", "grandparent", "grandchild", "guardian", "ward", "foster_carer",
    "foster_child", "carer", "cared_for", "aunt_or_uncle", "niece_or_nephew", "sibling", "half_sibling", "partner",
    "former_partner", "other_relative", "friend",
)  # fmt: skip
_EVENTS = (
    "contact", "visit", "incident", "injury", "health", "education", "family_change", "police", "legal", "decision",
    "meeting", "other",
)  # fmt: skip


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _uuid(name: str, *, optional: bool = False) -> sa.Column[sa.Uuid]:
    return sa.Column(name, sa.Uuid(), nullable=optional)


def _text(name: str, most: int | None = None, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(most), nullable=optional)


def _at(name: str, *, optional: bool = False) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def _on(name: str) -> sa.Column[sa.Date]:
    return sa.Column(name, sa.Date(), nullable=True)


def _flag(name: str, *, optional: bool = False) -> sa.Column[sa.Boolean]:
    return sa.Column(name, sa.Boolean(), nullable=optional)


def _json(name: str) -> sa.Column[postgresql.JSONB]:
    return sa.Column(name, postgresql.JSONB(), nullable=False)


def _make(table: str, *columns: sa.schema.SchemaItem, refers: dict[str, str], indexes: Iterable[str] = ()) -> None:
    """A table of the partnership with its foreign keys and, for each text, an index on the columns it names."""
    op.create_table(
        table,
        _uuid("tenant_id"),
        _uuid("id"),
        *columns,
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column], [f"{parent}.tenant_id", f"{parent}.id"], name=f"{table}_tenant_id_{column}_fkey"
            )
            for column, parent in refers.items()
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"{table}_pkey"),
    )
    for names in indexes:
        op.create_index(f"{table}_tenant_id_{names.replace(' ', '_')}_idx", table, ["tenant_id", *names.split()])


def upgrade() -> None:
    _make_access()
    _change_cases()
    _make_children()
    _make_people()
    _make_records()
    for table, writes in _GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table}"
            " USING (tenant_id = (SELECT app.current_tenant()))"
            " WITH CHECK (tenant_id = (SELECT app.current_tenant()))"
        )
        op.execute(f"GRANT SELECT, {writes} ON {table} TO safeguard_app")
    _bring_what_is_there()


def _make_access() -> None:
    _make("team", _text("code", 60), _text("name", 200), _uuid("agency_id", optional=True),
          sa.UniqueConstraint("tenant_id", "code", name="team_tenant_id_code_key"),
          refers={"agency_id": "agency"})  # fmt: skip
    _make("team_member", _uuid("team_id"), _uuid("person_id"), _at("from_at"), _at("to_at", optional=True),
          refers={"team_id": "team", "person_id": "person"}, indexes=("person_id", "team_id"))  # fmt: skip
    _make("case_grant", _uuid("case_id"), _uuid("person_id"), _uuid("granted_by"), _at("from_at"),
          _at("to_at", optional=True), _uuid("ended_by", optional=True),
          refers={"case_id": "case_file", "person_id": "person", "granted_by": "person", "ended_by": "person"},
          indexes=("case_id person_id", "person_id"))  # fmt: skip
    _make("break_glass", _uuid("case_id"), _uuid("person_id"), _text("reason"), _at("at"), _at("ends_at"),
          refers={"case_id": "case_file", "person_id": "person"},
          indexes=("person_id at", "case_id at"))  # fmt: skip


def _change_cases() -> None:
    for column, parent in _CASE_PEOPLE.items():
        op.add_column("case_file", _uuid(column, optional=True))
        op.create_foreign_key(
            f"case_file_tenant_id_{column}_fkey", "case_file", parent, ["tenant_id", column], ["tenant_id", "id"]
        )
    op.add_column("case_file", sa.Column("restricted", sa.Boolean(), nullable=False, server_default="false"))
    op.alter_column("case_file", "restricted", server_default=None)
    op.create_index("case_file_by_opening", "case_file", ["tenant_id", "opened_at", "id"])
    for column in ("owner_id", "team_id"):
        op.create_index(f"case_file_tenant_id_{column}_idx", "case_file", ["tenant_id", column])
    op.add_column("access_entry", _uuid("case_id", optional=True))
    op.create_foreign_key(
        "access_entry_tenant_id_case_id_fkey", "access_entry", "case_file", ["tenant_id", "case_id"],
        ["tenant_id", "id"],
    )  # fmt: skip
    op.create_index("access_entry_by_case", "access_entry", ["tenant_id", "case_id", "at", "id"])
    _make("case_link", _uuid("case_id"), _uuid("other_id"),
          sa.Column("kind", _one_of("linkkind", "sibling", "same_incident", "umbrella", "transfer"), nullable=False),
          _text("reason", optional=True), _uuid("linked_by"), _at("linked_at"), _uuid("ended_by", optional=True),
          _at("ended_at", optional=True), sa.CheckConstraint("case_id <> other_id", name="case_link_two_check"),
          refers={"case_id": "case_file", "other_id": "case_file", "linked_by": "person", "ended_by": "person"},
          indexes=("other_id",))  # fmt: skip
    op.create_index(
        "case_link_in_force", "case_link", ["tenant_id", "case_id", "other_id", "kind"], unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )  # fmt: skip


def _make_children() -> None:
    _make("child", _text("name", 200, optional=True), _json("other_names"), _text("search_name"),
          _on("date_of_birth"), _on("expected_on"), _on("died_on"), _text("nhs_number", 10, optional=True),
          sa.Column("sex", _one_of("sex", *_SEX), nullable=True), _text("ethnicity", 100, optional=True),
          _text("first_language", 100, optional=True), _flag("interpreter_needed", optional=True),
          _text("communication_needs", optional=True), sa.Column("version", sa.Integer(), nullable=False),
          _uuid("recorded_by", optional=True), _at("recorded_at"),
          refers={"recorded_by": "person"}, indexes=("nhs_number", "date_of_birth"))  # fmt: skip
    _make("child_address", _uuid("child_id"), _text("address"), _text("match_key", 200), _on("from_on"),
          _on("to_on"), _flag("hidden"), _uuid("recorded_by", optional=True), _at("recorded_at"),
          refers={"child_id": "child", "recorded_by": "person"}, indexes=("child_id", "match_key"))  # fmt: skip
    _make("case_subject", _uuid("case_id"), _uuid("child_id"), _uuid("added_by", optional=True), _at("added_at"),
          sa.UniqueConstraint("tenant_id", "case_id", "child_id", name="case_subject_tenant_id_case_id_child_id_key"),
          refers={"case_id": "case_file", "child_id": "child", "added_by": "person"},
          indexes=("child_id",))  # fmt: skip
    kinds = _one_of("changekind", "birth_recorded", "expected_date_corrected", "details_corrected")
    _make("child_change", _uuid("child_id"), sa.Column("kind", kinds, nullable=False), _json("before"),
          _json("after"), _text("reason", optional=True), _uuid("recorded_by"), _at("recorded_at"),
          refers={"child_id": "child", "recorded_by": "person"}, indexes=("child_id recorded_at",))  # fmt: skip


def _make_people() -> None:
    _make("party", _uuid("case_id"), _json("roles"), _text("name", 200, optional=True), _flag("anonymous"),
          _on("date_of_birth"), _text("organisation", 200, optional=True), _text("telephone", 40, optional=True),
          _text("address", optional=True), _flag("address_hidden"), _text("note", optional=True),
          _uuid("recorded_by"), _at("recorded_at"),
          refers={"case_id": "case_file", "recorded_by": "person"}, indexes=("case_id",))  # fmt: skip
    ending = (_uuid("ended_by", optional=True), _at("ended_at", optional=True))
    _make("household_member", _uuid("case_id"), _uuid("child_id", optional=True), _uuid("party_id", optional=True),
          _on("from_on"), _on("to_on"), _uuid("recorded_by"), _at("recorded_at"), *ending,
          sa.CheckConstraint("num_nonnulls(child_id, party_id) = 1", name="household_member_one_person_check"),
          refers={"case_id": "case_file", "child_id": "child", "party_id": "party", "recorded_by": "person",
                  "ended_by": "person"}, indexes=("case_id",))  # fmt: skip
    ends = {f"{end}_{kind}_id": kind for end in ("from", "to") for kind in ("child", "party")}
    _make("relationship", _uuid("case_id"),
          sa.Column("kind", _one_of("relationshipkind", *_RELATIONSHIPS), nullable=False),
          *(_uuid(end, optional=True) for end in ends), _on("from_on"), _on("to_on"), _uuid("recorded_by"),
          _at("recorded_at"), _uuid("ended_by", optional=True), _at("ended_at", optional=True),
          *(sa.CheckConstraint(f"num_nonnulls({end}_child_id, {end}_party_id) = 1",
                               name=f"relationship_one_{end}_check") for end in ("from", "to")),
          refers={"case_id": "case_file", **ends, "recorded_by": "person", "ended_by": "person"},
          indexes=("case_id",))  # fmt: skip
    _make("case_practitioner", _uuid("case_id"), _uuid("person_id", optional=True),
          _text("outside_name", 200, optional=True), _uuid("agency_id", optional=True),
          _text("outside_agency", 200, optional=True), _text("role", 60), _at("from_at"),
          _at("to_at", optional=True), _text("end_reason", optional=True), _uuid("assigned_by"),
          _uuid("ended_by", optional=True),
          sa.CheckConstraint("num_nonnulls(person_id, outside_name) = 1", name="case_practitioner_one_person_check"),
          refers={"case_id": "case_file", "person_id": "person", "agency_id": "agency", "assigned_by": "person",
                  "ended_by": "person"}, indexes=("case_id", "person_id"))  # fmt: skip


def _make_records() -> None:
    precisions = _one_of("precision", "moment", "day", "month", "season", "year")
    _make("chronology_entry", _uuid("case_id"), _uuid("child_id", optional=True),
          sa.Column("kind", _one_of("eventkind", *_EVENTS), nullable=False), _at("occurred_at"),
          sa.Column("precision", precisions, nullable=False), _text("title", 200), _text("text"),
          _text("source", 200, optional=True), _uuid("corrects_id", optional=True), _uuid("recorded_by"),
          _at("recorded_at"),
          sa.UniqueConstraint("tenant_id", "corrects_id", name="chronology_entry_tenant_id_corrects_id_key"),
          refers={"case_id": "case_file", "child_id": "child", "corrects_id": "chronology_entry",
                  "recorded_by": "person"})  # fmt: skip
    op.create_index(
        "chronology_entry_tenant_id_case_id_occurred_at_id_idx", "chronology_entry",
        ["tenant_id", "case_id", "occurred_at", "id"],
    )  # fmt: skip
    _make("draft", _uuid("person_id"), _text("form", 80), _uuid("case_id", optional=True), _json("content"),
          sa.Column("version", sa.Integer(), nullable=False), _at("saved_at"), _at("expires_at"),
          sa.UniqueConstraint("tenant_id", "person_id", "form", "case_id", postgresql_nulls_not_distinct=True,
                              name="draft_tenant_id_person_id_form_case_id_key"),
          refers={"person_id": "person", "case_id": "case_file"})  # fmt: skip
    op.create_index("draft_tenant_id_person_id_saved_at_id_idx", "draft", ["tenant_id", "person_id", "saved_at", "id"])


_MOVED = (
    "case_file", "child_death", "child", "child_address", "case_subject", "access_entry", "document",
)  # fmt: skip


def _bring_what_is_there() -> None:
    """Each notified death gives its case a subject; each look is filed under its case."""
    for table in _MOVED:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE case_file SET opened_by = death.reported_by FROM child_death AS death"
        " WHERE death.tenant_id = case_file.tenant_id AND death.case_id = case_file.id"
    )
    # The subject takes the notification's id: a row of another table, and known here without a second look.
    op.execute(
        "INSERT INTO child (tenant_id, id, name, other_names, search_name, date_of_birth, died_on, nhs_number, sex,"
        " version, recorded_by, recorded_at)"
        " SELECT tenant_id, id, left(child_name, 200), '[]',"
        r" ' ' || trim(regexp_replace(regexp_replace(normalize(lower(child_name), NFKD), '[\u0300-\u036f]', '', 'g'),"
        r" '\W+', ' ', 'g')) || ' ', date_of_birth,"
        " (died_at AT TIME ZONE (SELECT zone FROM routing.partnership WHERE partnership.id = tenant_id))::date,"
        " nhs_number, sex, 1, reported_by, reported_at FROM child_death"
    )
    op.execute(
        "INSERT INTO child_address (tenant_id, id, child_id, address, match_key, hidden, recorded_by, recorded_at)"
        " SELECT tenant_id, id, id, usual_home_address,"
        r" left(regexp_replace(lower(usual_home_address), '\W+', '', 'g'), 200), false, reported_by, reported_at"
        " FROM child_death"
    )
    op.execute(
        "INSERT INTO case_subject (tenant_id, id, case_id, child_id, added_by, added_at)"
        " SELECT tenant_id, id, case_id, id, reported_by, reported_at FROM child_death"
    )
    op.execute("UPDATE access_entry SET case_id = subject_id WHERE subject_kind = 'case'")
    for kind in ("child_death", "document"):
        op.execute(
            f"UPDATE access_entry SET case_id = record.case_id FROM {kind} AS record WHERE subject_kind = '{kind}'"  # noqa: S608  # our own names
            " AND record.tenant_id = access_entry.tenant_id AND record.id = access_entry.subject_id"
        )
    for table in _MOVED:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.execute(
        "DELETE FROM routing.task WHERE actor IN ('tell_of_broken_glass', 'child_dates_changed', 'forget_draft')"
    )
    op.drop_index("access_entry_by_case", "access_entry")
    op.drop_column("access_entry", "case_id")
    for column in ("team_id", "owner_id"):
        op.drop_index(f"case_file_tenant_id_{column}_idx", "case_file")
    op.drop_index("case_file_by_opening", "case_file")
    for column in ("restricted", *reversed(_CASE_PEOPLE)):
        op.drop_column("case_file", column)
    # A restricted case would be open to all in the older schema; it is not opened by going back.
    for table in reversed(_GRANTS):
        op.drop_table(table)
