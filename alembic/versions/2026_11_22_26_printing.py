"""Manuals printed whole, letters of casework, and invitations and attendance that can be put right

Revision ID: 20261122_26
Revises: 20261122_25
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_26"
down_revision = "20261122_25"
branch_labels = None
depends_on = None

# What the application role may do beside SELECT. Records of what happened are never changed.
_GRANTS = {
    "procedure_print": "INSERT, UPDATE", "issued_letter": "INSERT", "letter_wording": "INSERT",
    "document_reader": "INSERT", "meeting_paper": "INSERT", "meeting_removal": "INSERT",
}  # fmt: skip


def _uuid(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Uuid(), nullable=optional)


def _text(name: str, most: int | None = None, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(most), nullable=optional)


def _at(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def _number(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=optional)


def _one_of(name: str, kind: str, *values: str) -> sa.Column[Any]:
    states = sa.Enum(*values, name=kind, native_enum=False, create_constraint=True, length=40)
    return sa.Column(name, states, nullable=False)


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint("tenant_id", *columns, name=f"{table}_tenant_id_{'_'.join(columns)}_key")


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
    _make("procedure_print", _uuid("edition_id"), _one_of("work", "work", "manual", "handbook"),
          _one_of("medium", "medium", "pdf", "html"), _text("content", 64),
          _one_of("state", "printstate", "waiting", "making", "done", "changed"), _number("progress"),
          _text("object_key"), _text("version_id", optional=True), _number("size", optional=True),
          _text("sha256", 64, optional=True), _uuid("asked_by", optional=True), _at("asked_at"),
          _at("finished_at", optional=True),
          sa.CheckConstraint("state <> 'done' OR (version_id IS NOT NULL AND sha256 IS NOT NULL)",
                             name="procedure_print_stored_check"),
          _unique("procedure_print", "edition_id", "work", "medium", "content"),
          refers={"edition_id": "procedure_edition", "asked_by": "person"}, indexes=("asked_by",))  # fmt: skip
    _make_letters()
    _mend_meetings()
    for table, writes in _GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table}"
            " USING (tenant_id = (SELECT app.current_tenant()))"
            " WITH CHECK (tenant_id = (SELECT app.current_tenant()))"
        )
        op.execute(f"GRANT SELECT, {writes} ON {table} TO safeguard_app")


def _make_letters() -> None:
    _make("document_reader", _uuid("document_id"), _uuid("person_id"),
          _unique("document_reader", "document_id", "person_id"),
          refers={"document_id": "document", "person_id": "person"}, indexes=("person_id",))  # fmt: skip
    _make("meeting_paper", _uuid("meeting_id"), _uuid("document_id"), _uuid("invitation_id", optional=True),
          _at("made_at"), _unique("meeting_paper", "document_id"),
          refers={"meeting_id": "meeting", "document_id": "document", "invitation_id": "meeting_invitation"},
          indexes=("meeting_id",))  # fmt: skip
    _make("issued_letter", _uuid("document_id"), _uuid("case_id"), _uuid("run_id", optional=True),
          _uuid("meeting_id", optional=True), _uuid("invitation_id", optional=True), _text("template", 80),
          _text("wording", 64), _number("number"), _one_of("audience", "audience", "case", "recipient"),
          _uuid("recipient_id", optional=True), _text("recipient_name", 200, optional=True),
          sa.Column("left_out", postgresql.JSONB(), nullable=False), _uuid("issued_by"), _at("issued_at"),
          sa.CheckConstraint("audience = 'case' OR num_nonnulls(recipient_id, recipient_name) = 1",
                             name="issued_letter_recipient_check"),
          _unique("issued_letter", "document_id"),
          refers={"document_id": "document", "case_id": "case_file", "run_id": "pathway_run", "meeting_id": "meeting",
                  "invitation_id": "meeting_invitation", "recipient_id": "person", "issued_by": "person"},
          indexes=("case_id", "meeting_id"))  # fmt: skip
    _make("letter_wording", _text("template", 80), _text("paragraph", 80), _text("text"), _uuid("set_by"),
          _at("set_at"), refers={"set_by": "person"}, indexes=("template paragraph",))  # fmt: skip


def _mend_meetings() -> None:
    _make("meeting_removal", _uuid("meeting_id"), _uuid("invitation_id"), _text("reason"), _number("notices"),
          _uuid("removed_by"), _at("removed_at"), _unique("meeting_removal", "invitation_id"),
          refers={"meeting_id": "meeting", "invitation_id": "meeting_invitation", "removed_by": "person"},
          indexes=("meeting_id",))  # fmt: skip
    op.add_column("meeting_invitation", _text("outside_email", 320, optional=True))
    op.create_check_constraint(
        op.f("meeting_invitation_outside_check"), "meeting_invitation",
        "outside_email IS NULL OR outside_name IS NOT NULL",
    )  # fmt: skip
    # Somebody whose invitation was taken back may be asked anew; an attendance that was put right is there twice.
    op.drop_constraint("meeting_invitation_tenant_id_meeting_id_person_id_key", "meeting_invitation")
    op.create_index("meeting_invitation_tenant_id_meeting_id_idx", "meeting_invitation", ["tenant_id", "meeting_id"])
    op.drop_constraint("meeting_attendance_tenant_id_invitation_id_key", "meeting_attendance")
    op.add_column("meeting_attendance", _text("reason", optional=True))


def _force(how: str) -> None:
    """Let the owner of the tables, who migrates, change the rows of every partnership, or no longer."""
    for table in ("meeting_invitation", "meeting_removal", "meeting_attendance"):
        op.execute(f"ALTER TABLE {table} {how} ROW LEVEL SECURITY")


def downgrade() -> None:
    # Those who were asked twice keep the invitation that stands; the other becomes one of nobody here.
    _force("NO FORCE")
    op.execute(
        "UPDATE meeting_invitation AS row SET person_id = NULL, outside_name = 'Asked again since'"
        " FROM meeting_removal AS taken WHERE taken.tenant_id = row.tenant_id AND taken.invitation_id = row.id"
        " AND row.person_id IS NOT NULL"
    )
    op.execute(
        "DELETE FROM meeting_attendance AS row USING meeting_attendance AS later WHERE later.tenant_id = row.tenant_id"
        " AND later.invitation_id = row.invitation_id AND later.id > row.id"
    )
    _force("FORCE")
    op.drop_column("meeting_attendance", "reason")
    op.create_unique_constraint(
        "meeting_attendance_tenant_id_invitation_id_key", "meeting_attendance", ["tenant_id", "invitation_id"]
    )
    op.drop_index("meeting_invitation_tenant_id_meeting_id_idx", "meeting_invitation")
    op.create_unique_constraint(
        "meeting_invitation_tenant_id_meeting_id_person_id_key", "meeting_invitation",
        ["tenant_id", "meeting_id", "person_id"],
    )  # fmt: skip
    op.drop_constraint("meeting_invitation_outside_check", "meeting_invitation")
    op.drop_column("meeting_invitation", "outside_email")
    for table in reversed(_GRANTS):
        op.drop_table(table)
