"""Manuals of procedures: editions, provisions, imports, amendments, who holds to them

Revision ID: 20261122_17
Revises: 20261122_16
"""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_17"
down_revision = "20261122_16"
branch_labels = None
depends_on = None

# What the application role may do beside SELECT. Records of what happened are never changed.
_GRANTS = {
    "procedure_edition": "INSERT, UPDATE",
    "procedure_replacement": "INSERT, DELETE",
    "procedure_provision": "INSERT, UPDATE, DELETE",
    "procedure_reference": "INSERT, UPDATE, DELETE",
    "procedure_term": "INSERT, UPDATE, DELETE",
    "procedure_redirect": "INSERT, UPDATE, DELETE",
    "procedure_handbook_entry": "INSERT, UPDATE, DELETE",
    "procedure_import": "INSERT, UPDATE",
    "procedure_doubt": "INSERT, UPDATE, DELETE",
    "procedure_correction": "INSERT",
    "procedure_words": "INSERT",
    "procedure_posting": "INSERT",
    "procedure_amendment": "INSERT, UPDATE",
    "procedure_manager": "INSERT, UPDATE",
    "procedure_circulation": "INSERT, UPDATE",
    "procedure_subscription": "INSERT, DELETE",
    "procedure_adoption": "INSERT",
}
# What makes up an edition's text, and may be changed only while it is a draft.
_TEXT = (
    "procedure_replacement", "procedure_provision", "procedure_reference", "procedure_term", "procedure_redirect",
    "procedure_handbook_entry", "procedure_doubt", "procedure_words", "procedure_posting",
)  # fmt: skip

# After the statement: a draft and its text may be written by one. The lock makes whoever changes a text wait for
# whoever is approving it, and see the approval.
_TEXT_IS_SETTLED = """
CREATE FUNCTION app.procedure_text_is_settled() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched uuid[] := CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.edition_id] WHEN 'DELETE' THEN ARRAY[OLD.edition_id]
        ELSE ARRAY[OLD.edition_id, NEW.edition_id] END;
    owner uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.tenant_id ELSE NEW.tenant_id END;
    one uuid;
BEGIN
    FOREACH one IN ARRAY touched LOOP
        PERFORM 1 FROM procedure_edition WHERE tenant_id = owner AND id = one AND state = 'draft' FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the text of an edition that is no draft does not change' USING ERRCODE = 'check_violation';
        END IF;
    END LOOP;
    RETURN NULL;
END $$
"""
_EDITION_IS_SETTLED = """
CREATE FUNCTION app.procedure_edition_is_settled() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    may_change text[] := ARRAY['state', 'withdrawn_at', 'withdrawn_by', 'withdrawal_reason'];
BEGIN
    IF OLD.state <> 'draft' AND (
        OLD.state = 'withdrawn' OR NEW.state <> 'withdrawn'
        OR to_jsonb(OLD) - may_change <> to_jsonb(NEW) - may_change
    ) THEN
        RAISE EXCEPTION 'an edition that is approved is withdrawn or left as it is' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""


def _one_of(column: str, name: str, *values: str, optional: bool = False) -> sa.Column[str]:
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
    return sa.Column(column, kind, nullable=optional)


def _uuid(name: str, *, optional: bool = False) -> sa.Column[sa.Uuid]:
    return sa.Column(name, sa.Uuid(), nullable=optional)


def _text(name: str, most: int | None = None, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(most), nullable=optional)


def _at(name: str, *, optional: bool = False) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def _day(name: str, *, optional: bool = False) -> sa.Column[sa.Date]:
    return sa.Column(name, sa.Date(), nullable=optional)


def _number(name: str, *, optional: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=optional)


def _flag(name: str, *, optional: bool = False) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=optional)


def _json(name: str) -> sa.Column[postgresql.JSONB]:
    return sa.Column(name, postgresql.JSONB(), nullable=False)


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint("tenant_id", *columns, name=f"{table}_tenant_id_{'_'.join(columns)}_key")


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"{table}_{name}_check"))


def _make(
    table: str, *columns: sa.schema.SchemaItem, refers: dict[str, str], indexes: Iterable[str] = (), **named: str
) -> None:
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
    for name, columns_named in named.items():
        op.create_index(f"{table}_{name}", table, ["tenant_id", *columns_named.split()])


def upgrade() -> None:
    _make_editions()
    _make_text()
    _make_working()
    _make_search()
    _make_changes()
    _make_adoptions()
    for table, writes in _GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table}"
            " USING (tenant_id = (SELECT app.current_tenant()))"
            " WITH CHECK (tenant_id = (SELECT app.current_tenant()))"
        )
        op.execute(f"GRANT SELECT, {writes} ON {table} TO safeguard_app")
    op.execute(_TEXT_IS_SETTLED)
    op.execute(_EDITION_IS_SETTLED)
    for table in _TEXT:
        op.execute(
            f"CREATE TRIGGER text_is_settled AFTER INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION app.procedure_text_is_settled()"
        )
    op.execute(
        "CREATE TRIGGER edition_is_settled BEFORE UPDATE ON procedure_edition"
        " FOR EACH ROW EXECUTE FUNCTION app.procedure_edition_is_settled()"
    )


def _make_editions() -> None:
    table = "procedure_edition"
    _make(table, _text("manual", 80), _number("number"), _number("amendment"),
          _one_of("level", "level", "local", "regional", "national"), _text("title", 300),
          _one_of("state", "editionstate", "draft", "approved", "withdrawn"), _day("law_as_at", optional=True),
          _text("next_review", 20, optional=True), _text("summary", optional=True),
          _uuid("based_on_id", optional=True), _at("made_at"), _uuid("made_by", optional=True),
          _day("in_force_from", optional=True), _at("approved_at", optional=True),
          _uuid("approved_by", optional=True), _text("approved_role", 80, optional=True),
          _text("authority", 300, optional=True), _text("digest", 64, optional=True),
          _at("withdrawn_at", optional=True), _uuid("withdrawn_by", optional=True),
          _text("withdrawal_reason", optional=True),
          _unique(table, "manual", "number", "amendment"),
          _check(table, "approved", "state = 'draft' OR in_force_from IS NULL OR (approved_at IS NOT NULL"
                 " AND approved_role IS NOT NULL AND authority IS NOT NULL AND digest IS NOT NULL)"),
          _check(table, "in_force", "state <> 'approved' OR in_force_from IS NOT NULL"),
          _check(table, "withdrawn", "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)"),
          refers={"based_on_id": table, "made_by": "person", "approved_by": "person", "withdrawn_by": "person"},
          indexes=("based_on_id",), by_making="made_at id")  # fmt: skip
    _make("procedure_replacement", _uuid("edition_id"), _uuid("replaced_id", optional=True), _text("title", 300),
          refers={"edition_id": table, "replaced_id": table}, indexes=("edition_id", "replaced_id"))  # fmt: skip


def _make_text() -> None:
    whole = {"edition_id": "procedure_edition"}
    _make("procedure_provision", _uuid("edition_id"), _number("position"), _number("depth"),
          _text("parent", 300, optional=True), _text("address", 300), _text("key", 340),
          _one_of("form", "form", "heading", "paragraph", "item", "table", "row", "definition", "note"),
          _text("number", 60, optional=True), _text("marker", 60), _text("heading", 1000, optional=True),
          _text("text"), sa.Column("cells", postgresql.JSONB(), nullable=True),
          _one_of("kind", "kind", "law", "policy", "procedure", "protocol", "guidance"),
          _one_of("force", "force", "must", "should", "may", "will", "is_to", "shall", optional=True),
          _json("force_words"), _json("audience"), _text("area", 80, optional=True),
          _one_of("basis", "basis", "own", "taken_over", "replaced"), _text("origin", 300, optional=True),
          _text("source", 200, optional=True), refers=whole, indexes=("edition_id address",),
          in_order="edition_id position")  # fmt: skip
    _make("procedure_reference", _uuid("edition_id"), _text("address", 300),
          _one_of("kind", "referencekind", "provision", "chapter", "appendix", "range", "relative", "link", "statute",
                  "document"), _text("wording", 500), _json("targets"), refers=whole, indexes=("edition_id",))  # fmt: skip
    _make("procedure_term", _uuid("edition_id"), _text("term", 200), _json("aliases"), _text("definition"),
          _text("address", 300, optional=True), _day("effective_from", optional=True), _day("effective_to", optional=True),
          _check("procedure_term", "span",
                 "effective_to IS NULL OR effective_from IS NULL OR effective_from < effective_to"),
          refers=whole, indexes=("edition_id",))  # fmt: skip
    _make("procedure_redirect", _uuid("edition_id"), _text("old_address", 300), _text("new_address", 300),
          _unique("procedure_redirect", "edition_id", "old_address"), refers=whole)  # fmt: skip
    _make("procedure_handbook_entry", _uuid("edition_id"), _number("position"), _text("heading", 200), _text("text"),
          _json("addresses"), _unique("procedure_handbook_entry", "edition_id", "position"), refers=whole)  # fmt: skip


def _make_working() -> None:
    whole = {"edition_id": "procedure_edition"}
    _make("procedure_import", _text("manual", 80), _text("title", 300), _text("file_name", 200),
          _text("content_type", 120), sa.Column("size", sa.BigInteger(), nullable=False), _text("sha256", 64),
          _text("object_key"), _text("version_id", optional=True),
          _one_of("state", "importstate", "awaiting_upload", "waiting", "reading", "done", "failed"),
          _number("progress"), _uuid("edition_id", optional=True), _json("report"), _text("fault", optional=True),
          _uuid("started_by", optional=True), _at("started_at"), _at("finished_at", optional=True),
          _unique("procedure_import", "object_key"), refers={**whole, "started_by": "person"},
          indexes=("edition_id",), by_start="started_at id")  # fmt: skip
    _make("procedure_doubt", _uuid("edition_id"), _text("key", 340), _text("kind", 60), _flag("blocking"),
          _number("line", optional=True), _text("message", 1000), _text("resolution", optional=True),
          _uuid("resolved_by", optional=True), _at("resolved_at", optional=True),
          refers={**whole, "resolved_by": "person"}, indexes=("edition_id",))  # fmt: skip
    _make("procedure_correction", _uuid("edition_id"),
          _one_of("kind", "correctionkind", "set", "merge", "split", "add", "remove", "resolve"), _text("key", 340),
          _json("before"), _json("after"), _uuid("made_by"), _at("made_at"),
          refers={**whole, "made_by": "person"}, indexes=("edition_id",))  # fmt: skip


def _make_search() -> None:
    whole = {"edition_id": "procedure_edition"}
    numbers = sa.ARRAY(sa.Integer())
    _make("procedure_words", _uuid("edition_id"), _number("position"),
          sa.Column("words", postgresql.TSVECTOR(), nullable=False),
          _unique("procedure_words", "edition_id", "position"), refers=whole)  # fmt: skip
    _make("procedure_posting", _uuid("edition_id"), _text("lexeme"), sa.Column("headed", numbers, nullable=False),
          sa.Column("positions", numbers, nullable=False), _unique("procedure_posting", "lexeme", "edition_id"),
          refers=whole, indexes=("edition_id",))  # fmt: skip


def _make_changes() -> None:
    table = "procedure_amendment"
    _make(table, _uuid("edition_id"), _text("address", 300), _text("change"), _text("reason"), _flag("urgent"),
          _text("why_urgent", optional=True),
          _one_of("state", "amendmentstate", "proposed", "collated", "agreed", "refused", "circulated",
                  "incorporated"),
          _uuid("proposed_by"), _at("proposed_at"), _uuid("collated_by", optional=True),
          _at("collated_at", optional=True), _text("new_text", optional=True), _day("effective_from", optional=True),
          _uuid("agreed_by", optional=True), _at("agreed_at", optional=True), _text("minute", 300, optional=True),
          _text("reasons", optional=True), _uuid("text_id", optional=True), _at("circulated_at", optional=True),
          _check(table, "urgent", "NOT urgent OR why_urgent IS NOT NULL"),
          _check(table, "minuted", "(agreed_at IS NULL) = (minute IS NULL)"),
          _check(table, "refused", "state <> 'refused' OR reasons IS NOT NULL"),
          _check(table, "agreed",
                 "state NOT IN ('agreed', 'circulated', 'incorporated') OR agreed_at IS NOT NULL"),
          _check(table, "circulated", "state <> 'circulated' OR text_id IS NOT NULL"),
          refers={"edition_id": "procedure_edition", "text_id": "procedure_edition", "proposed_by": "person",
                  "collated_by": "person", "agreed_by": "person"},
          indexes=("edition_id", "text_id"), by_proposal="proposed_at id")  # fmt: skip
    _make("procedure_manager", _uuid("agency_id"), _uuid("person_id"), _uuid("nominated_by"), _at("from_at"),
          _at("to_at", optional=True), refers={"agency_id": "agency", "person_id": "person", "nominated_by": "person"},
          indexes=("agency_id", "person_id"))  # fmt: skip
    _make("procedure_circulation", _uuid("amendment_id"), _uuid("agency_id"), _uuid("person_id"), _number("notices"),
          _at("sent_at"), _at("acknowledged_at", optional=True), _at("forwarded_at", optional=True),
          _number("copies", optional=True), _unique("procedure_circulation", "amendment_id", "agency_id"),
          _check("procedure_circulation", "in_order", "forwarded_at IS NULL OR acknowledged_at IS NOT NULL"),
          refers={"amendment_id": table, "agency_id": "agency", "person_id": "person"},
          indexes=("person_id",), by_sending="sent_at id")  # fmt: skip
    _make("procedure_subscription", _text("manual", 80), _uuid("person_id"), _at("since"),
          _unique("procedure_subscription", "manual", "person_id"), refers={"person_id": "person"},
          indexes=("person_id",))  # fmt: skip


def _make_adoptions() -> None:
    table = "procedure_adoption"
    _make(table, _uuid("edition_id"), _uuid("agency_id", optional=True), _text("body", 200, optional=True),
          _one_of("adoption", "adoptionclass", "agreed", "contract", "encouraged"), _day("adopted_on"),
          _text("scope", 500, optional=True), _day("clause_sought_on", optional=True),
          _flag("clause_obtained", optional=True), _text("reason", optional=True), _uuid("recorded_by"),
          _at("recorded_at"), _check(table, "one_body", "num_nonnulls(agency_id, body) = 1"),
          _check(table, "clause", "adoption = 'contract' OR clause_obtained IS NULL"),
          _check(table, "refused", "clause_obtained IS NOT FALSE OR reason IS NOT NULL"),
          refers={"edition_id": "procedure_edition", "agency_id": "agency", "recorded_by": "person"},
          indexes=("edition_id", "agency_id"))  # fmt: skip


def downgrade() -> None:
    op.execute("DELETE FROM routing.task WHERE actor IN ('take_up_manual', 'read_manual', 'review_procedures')")
    for table in reversed(_GRANTS):
        op.drop_table(table)
    op.execute("DROP FUNCTION app.procedure_text_is_settled()")
    op.execute("DROP FUNCTION app.procedure_edition_is_settled()")
