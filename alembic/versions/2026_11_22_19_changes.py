"""The log of changes that phones follow, the device's own time beside an answer, and sign-out from afar

Revision ID: 20261122_19
Revises: 20261122_18
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_19"
down_revision = "20261122_18"
branch_labels = None
depends_on = None

_KINDS = ("alert", "case", "run", "task", "clock", "meeting", "document", "handover", "contact_method")

# For each table: the kind, the thing's id, the id of its case, the people the row names, and further tables needed.
_ALERTS_CASE = "CASE WHEN a.subject_kind = 'case' THEN a.subject_id END"
_OF_SLOT = (
    " JOIN alert_slot AS s ON s.tenant_id = n.tenant_id AND s.id = n.slot_id"
    " JOIN alert AS a ON a.tenant_id = n.tenant_id AND a.id = s.alert_id"
)
_OF_ALERT = " JOIN alert AS a ON a.tenant_id = n.tenant_id AND a.id = n.alert_id"
_OF_CHILD = " JOIN case_subject AS s ON s.tenant_id = n.tenant_id AND s.child_id = {child}"
_OF_MEETING = " JOIN meeting AS m ON m.tenant_id = n.tenant_id AND m.id = n.meeting_id"
_OF_DOCUMENT = " JOIN document AS d ON d.tenant_id = n.tenant_id AND d.id = n.document_id"
_IN_CASE = ("case", "n.case_id", "n.case_id", (), "")

_SOURCES: dict[str, tuple[str, str, str, tuple[str, ...], str]] = {
    "alert": ("alert", "n.id", _ALERTS_CASE.replace("a.", "n."), ("n.raised_by",), ""),
    "alert_slot": ("alert", "n.alert_id", _ALERTS_CASE, ("n.acknowledged_by",), _OF_ALERT),
    "page": ("alert", "s.alert_id", _ALERTS_CASE, ("n.person_id",), _OF_SLOT),
    "slot_offer": ("alert", "s.alert_id", _ALERTS_CASE, ("n.giver_id", "n.receiver_id"), _OF_SLOT),
    "slot_answer": ("alert", "s.alert_id", _ALERTS_CASE, ("n.person_id",), _OF_SLOT),
    "delivery": ("alert", "s.alert_id", _ALERTS_CASE, (), _OF_SLOT),
    "case_file": ("case", "n.id", "n.id", ("n.opened_by", "n.owner_id"), ""),
    "case_change": _IN_CASE,
    "case_link": _IN_CASE,
    "case_grant": ("case", "n.case_id", "n.case_id", ("n.person_id",), ""),
    "case_bar": ("case", "n.case_id", "n.case_id", ("n.person_id",), ""),
    "break_glass": ("case", "n.case_id", "n.case_id", ("n.person_id",), ""),
    "case_practitioner": ("case", "n.case_id", "n.case_id", ("n.person_id",), ""),
    "case_subject": _IN_CASE,
    "chronology_entry": _IN_CASE,
    "party": _IN_CASE,
    "household_member": _IN_CASE,
    "relationship": _IN_CASE,
    "child_death": _IN_CASE,
    "child": ("case", "s.case_id", "s.case_id", (), _OF_CHILD.format(child="n.id")),
    "child_address": ("case", "s.case_id", "s.case_id", (), _OF_CHILD.format(child="n.child_id")),
    "pathway_run": ("run", "n.id", "n.case_id", (), ""),
    "pathway_task": ("task", "n.id", "n.case_id", ("n.owner_id", "n.deputy_id"), ""),
    "clock": ("clock", "n.id", "n.case_id", ("n.owner_id",), ""),
    "meeting": ("meeting", "n.id", "n.case_id", ("n.chair_id",), ""),
    "meeting_step": ("meeting", "m.id", "m.case_id", (), _OF_MEETING),
    "meeting_invitation": ("meeting", "m.id", "m.case_id", ("n.person_id",), _OF_MEETING),
    "meeting_minutes": ("meeting", "m.id", "m.case_id", (), _OF_MEETING),
    "document": ("document", "n.id", "n.case_id", (), ""),
    "document_withholding": ("document", "d.id", "d.case_id", ("n.person_id",), _OF_DOCUMENT),
    "handover": ("handover", "n.id", "NULL::uuid", ("n.outgoing_id", "n.incoming_id"), ""),
    "contact_method": ("contact_method", "n.id", "NULL::uuid", ("n.person_id",), ""),
}

# One run of a statement writes each thing once for each person it names. The data of a migration are changed without
# a partnership, and are not told.
_FUNCTION = """
CREATE FUNCTION app.{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF app.current_tenant() IS NULL THEN RETURN NULL; END IF;
    INSERT INTO change (tenant_id, transaction, kind, subject_id, case_id, person_id, lost, at)
    SELECT DISTINCT n.tenant_id, pg_current_xact_id()::text::bigint, '{kind}', {subject}, {case}, named.id, false,
        app.now()
    FROM {rows} AS n{joins}, LATERAL {people} AS named (id);
    RETURN NULL;
END $$
"""
_EVENTS = {"made": ("INSERT", "new_rows", "NEW TABLE AS new_rows"),
           "altered": ("UPDATE", "(TABLE new_rows UNION ALL TABLE old_rows)",
                       "NEW TABLE AS new_rows OLD TABLE AS old_rows")}  # fmt: skip


def _people(columns: tuple[str, ...]) -> str:
    """Those a row names; one row without a name where it names nobody."""
    if not columns:
        return "(SELECT NULL::uuid)"
    listed = ", ".join(columns)
    return f"(SELECT unnest(coalesce(nullif(array_remove(ARRAY[{listed}]::uuid[], NULL), '{{}}'), ARRAY[NULL::uuid])))"


def upgrade() -> None:
    _make_log()
    for table, (kind, subject, case, people, joins) in _SOURCES.items():
        for event, (verb, rows, transition) in _EVENTS.items():
            name = f"{table}_{event}"
            op.execute(_FUNCTION.format(name=name, kind=kind, subject=subject, case=case, people=_people(people),
                                        rows=rows, joins=joins))  # fmt: skip
            op.execute(
                f"CREATE TRIGGER change_{event} AFTER {verb} ON {table} REFERENCING {transition}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION app.{name}()"
            )
    op.create_index("access_entry_by_person", "access_entry", ["tenant_id", "person_id", "at"])
    op.add_column("slot_answer", sa.Column("device_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("GRANT DELETE ON idempotency_key TO safeguard_app")
    _make_sign_outs()


def _make_sign_outs() -> None:
    op.create_table(
        "sign_out",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("session", sa.String(length=255), nullable=False),
        sa.Column("ordered_by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column], ["person.tenant_id", "person.id"], name=f"sign_out_tenant_id_{column}_fkey"
            )
            for column in ("person_id", "ordered_by")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="sign_out_pkey"),
    )
    op.create_index("sign_out_tenant_id_person_id_session_idx", "sign_out", ["tenant_id", "person_id", "session"])
    _secure("sign_out", "INSERT")
    op.add_column("contact_method", sa.Column("registered_in", sa.String(length=255), nullable=True))


def _secure(table: str, writes: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant ON {table} USING (tenant_id = (SELECT app.current_tenant()))"
        " WITH CHECK (tenant_id = (SELECT app.current_tenant()))"
    )
    op.execute(f"GRANT SELECT, {writes} ON {table} TO safeguard_app")


def _make_log() -> None:
    op.create_table(
        "change",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("transaction", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Enum(*_KINDS, name="changekind", native_enum=False, create_constraint=True, length=40),
                  nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("lost", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "transaction", "number", name="change_pkey"),
    )  # fmt: skip
    op.create_index("change_lost", "change", ["tenant_id", "person_id", "subject_id"],
                    postgresql_where=sa.text("lost"))  # fmt: skip
    _secure("change", "INSERT, DELETE")


def downgrade() -> None:
    op.drop_column("contact_method", "registered_in")
    op.drop_table("sign_out")
    op.execute("REVOKE DELETE ON idempotency_key FROM safeguard_app")
    op.drop_column("slot_answer", "device_at")
    op.drop_index("access_entry_by_person", "access_entry")
    for table in _SOURCES:
        for event in _EVENTS:
            op.execute(f"DROP TRIGGER change_{event} ON {table}")
            op.execute(f"DROP FUNCTION app.{table}_{event}()")
    op.drop_table("change")
