"""A notice is a delivery without an alert; every answer says how it came; a key of each partnership's own for evidence

Codes are no longer kept as hashes, because they follow from a secret outside the database. So a code that
was sent by one release cannot be confirmed by the other: its person is told to ask for a new one.

Revision ID: 20261122_07
Revises: 20261122_06
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_07"
down_revision = "20261122_06"
branch_labels = None
depends_on = None

_OPENED = ("delivery", "delivery_event", "notice", "contact_verification", "page", "message_answer", "slot_answer")
# More wrong guesses than anybody has: the code counts no more.
_SPENT = "UPDATE contact_verification SET wrong_guesses = 5 WHERE confirmed_at IS NULL AND {which}"

_TO_DELIVERIES = """
    INSERT INTO delivery (tenant_id, id, person_id, contact_method_id, subject_id, channel, address, template,
        reference, raised_at, first_page, drill, wanted, wanted_until, state, attempts, lease_until, provider,
        provider_id, repeated, created_at, handed_over_at, failure)
    SELECT tenant_id, id, person_id, contact_method_id, subject_id, channel, address, template, reference, created_at,
        false, false, state <> 'expired', wanted_until,
        CASE state WHEN 'sent' THEN 'handed_over' WHEN 'expired' THEN 'cancelled' ELSE state END,
        attempts, lease_until, provider, provider_id, false, created_at, sent_at, failure
    FROM notice
"""
# Of a notice no history was kept but where it has got to.
_TO_HISTORY = """
    INSERT INTO delivery_event (tenant_id, id, delivery_id, state, at, detail)
    SELECT tenant_id, gen_random_uuid(), id, 'pending', created_at, '{}'::jsonb FROM delivery WHERE subject_id IS NOT NULL
    UNION ALL
    SELECT tenant_id, gen_random_uuid(), id, state, coalesce(handed_over_at, created_at),
        jsonb_build_object('attempt', attempts, 'provider', provider)
    FROM delivery WHERE subject_id IS NOT NULL AND state <> 'pending'
"""
_TO_NOTICES = """
    INSERT INTO notice (tenant_id, id, person_id, contact_method_id, subject_id, template, channel, address, reference,
        state, attempts, lease_until, wanted_until, provider, provider_id, created_at, sent_at, failure)
    SELECT tenant_id, id, person_id, contact_method_id, subject_id, template, channel, address, reference,
        CASE state WHEN 'handed_over' THEN 'sent' WHEN 'opened' THEN 'delivered' WHEN 'cancelled' THEN 'expired'
            ELSE state END,
        attempts, lease_until, wanted_until, provider, provider_id, created_at, handed_over_at, failure
    FROM delivery WHERE subject_id IS NOT NULL AND template <> 'contact-retired'
"""
_TO_ANSWERS = """
    INSERT INTO slot_answer (tenant_id, id, slot_id, page_id, person_id, given, via, factor, delivery_id, received_id, at)
    SELECT told.tenant_id, told.id, page.slot_id, told.page_id, told.person_id, told.given, told.via, told.factor,
        told.delivery_id, told.received_id, told.at
    FROM message_answer AS told JOIN page ON page.tenant_id = told.tenant_id AND page.id = told.page_id
"""
_TO_MESSAGE_ANSWERS = """
    INSERT INTO message_answer (tenant_id, id, page_id, delivery_id, person_id, via, given, factor, received_id, at)
    SELECT tenant_id, id, page_id, delivery_id, person_id, via, given, factor, received_id, at
    FROM slot_answer WHERE via IN ('link', 'sms')
"""


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _id(name: str, *, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _to(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column], [f"{parent}.tenant_id", f"{parent}.id"], name=f"{table}_tenant_id_{column}_fkey"
    )


def _table(name: str, writes: str, *parts: sa.schema.SchemaItem) -> None:
    key = sa.PrimaryKeyConstraint("tenant_id", "id", name=f"{name}_pkey")
    op.create_table(name, _id("tenant_id"), _id("id"), *parts, key)
    op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant ON {name} USING (tenant_id = (SELECT app.current_tenant()))"
        " WITH CHECK (tenant_id = (SELECT app.current_tenant()))"
    )
    op.execute(f"GRANT SELECT, {writes} ON {name} TO safeguard_app")


def _force(kind: str) -> None:
    """``NO FORCE``: the owner sees every partnership's rows; ``FORCE``: not even the owner does."""
    for table in _OPENED:
        op.execute(f"ALTER TABLE {table} {kind} ROW LEVEL SECURITY")


def upgrade() -> None:
    for name in ("person_id", "contact_method_id", "subject_id"):
        op.add_column("delivery", _id(name, nullable=True))
    op.add_column("delivery", _instant("wanted_until", nullable=True))
    op.add_column("delivery", sa.Column("drill", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("delivery", "drill", server_default=None)
    for column, parent in (("person_id", "person"), ("contact_method_id", "contact_method")):
        op.create_foreign_key(
            f"delivery_tenant_id_{column}_fkey", "delivery", parent, ["tenant_id", column], ["tenant_id", "id"]
        )
    op.create_index(
        "delivery_notice", "delivery", ["tenant_id", "subject_id", "template", "contact_method_id"], unique=True,
        postgresql_where=sa.text("subject_id IS NOT NULL"),
    )  # fmt: skip
    _make_answers()
    op.add_column("partnership", sa.Column("evidence_key_id", sa.String()), schema="routing")
    op.execute("INSERT INTO routing.duty (name, claimed_at, findings) VALUES ('sweep', to_timestamp(0), 0)")
    _force("NO FORCE")
    op.execute(_TO_DELIVERIES)
    op.execute(_TO_HISTORY)
    op.execute(_SPENT.format(which="code_hash IS NOT NULL"))
    op.execute(_TO_ANSWERS)
    _mark_drills()
    op.execute("UPDATE routing.task SET actor = 'deliver_notices' WHERE actor IN ('send_notice', 'send_code')")
    _force("FORCE")
    op.drop_table("notice")
    op.drop_table("message_answer")
    for name in ("salt", "code_hash", "expires_at"):
        op.drop_column("contact_verification", name)


def _mark_drills() -> None:
    op.execute("ALTER TABLE alert NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE delivery SET drill = true FROM alert"
        " WHERE alert.tenant_id = delivery.tenant_id AND alert.id = delivery.alert_id AND alert.drill"
    )
    op.execute("ALTER TABLE alert FORCE ROW LEVEL SECURITY")


def _make_answers() -> None:
    _table(
        "slot_answer", "INSERT", _id("slot_id"), _id("page_id", nullable=True), _id("offer_id", nullable=True),
        _id("person_id"), sa.Column("given", _one_of("given", "accepted", "declined"), nullable=False),
        sa.Column("via", _one_of("via", "signed_in", "link", "sms", "voice", "override"), nullable=False),
        sa.Column("factor", _one_of("factor", "sign_in", "verified_number", "verified_mailbox"), nullable=False),
        _id("given_by", nullable=True), sa.Column("reason", sa.String(), nullable=True),
        _id("delivery_id", nullable=True), sa.Column("received_id", sa.String(80), nullable=True), _instant("at"),
        _to("slot_answer", "slot_id", "alert_slot"), _to("slot_answer", "page_id", "page"),
        _to("slot_answer", "offer_id", "slot_offer"), _to("slot_answer", "person_id", "person"),
        _to("slot_answer", "given_by", "person"), _to("slot_answer", "delivery_id", "delivery"),
    )  # fmt: skip
    for column in ("slot_id", "person_id"):
        op.create_index(f"slot_answer_tenant_id_{column}_idx", "slot_answer", ["tenant_id", column])
    op.create_index(
        "slot_answer_by_message", "slot_answer", ["tenant_id", "page_id"], unique=True,
        postgresql_where=sa.text("via IN ('link', 'sms')"),
    )  # fmt: skip


def downgrade() -> None:
    op.add_column("contact_verification", sa.Column("salt", sa.String()))
    op.add_column("contact_verification", sa.Column("code_hash", sa.String()))
    op.add_column("contact_verification", _instant("expires_at", nullable=True))
    _make_notices()
    _make_message_answers()
    _force("NO FORCE")
    op.execute(_TO_NOTICES)
    op.execute(_TO_MESSAGE_ANSWERS)
    op.execute(_SPENT.format(which=(
        "id IN (SELECT subject_id FROM notice WHERE template = 'contact-code' AND state <> 'pending')"
    )))  # fmt: skip
    op.execute("""
        UPDATE routing.task SET actor = CASE template WHEN 'contact-code' THEN 'send_code' ELSE 'send_notice' END
        FROM notice WHERE notice.tenant_id = task.tenant_id AND notice.id = task.subject_id
          AND task.actor = 'deliver_notices'
    """)
    op.execute("""
        DELETE FROM delivery_event USING notice
        WHERE notice.tenant_id = delivery_event.tenant_id AND notice.id = delivery_event.delivery_id
    """)
    op.execute("""
        DELETE FROM delivery USING notice WHERE notice.tenant_id = delivery.tenant_id AND notice.id = delivery.id
    """)
    _force("FORCE")
    op.drop_table("slot_answer")
    op.execute("DELETE FROM routing.duty WHERE name = 'sweep'")
    op.drop_column("partnership", "evidence_key_id", schema="routing")
    op.drop_index("delivery_notice", table_name="delivery")
    for name in ("drill", "wanted_until", "subject_id", "contact_method_id", "person_id"):
        op.drop_column("delivery", name)


def _make_notices() -> None:
    _table(
        "notice", "INSERT, UPDATE", _id("person_id"), _id("contact_method_id"), _id("subject_id"),
        sa.Column("template", sa.String(60), nullable=False),
        sa.Column("channel", _one_of("channel", "sms", "email", "push", "voice", "webhook"), nullable=False),
        sa.Column("address", sa.String(), nullable=False), sa.Column("reference", sa.String(20), nullable=False),
        sa.Column(
            "state",
            _one_of("noticestate", "pending", "claimed", "unknown", "sent", "delivered", "failed", "expired"),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False), _instant("lease_until", nullable=True),
        _instant("wanted_until"), sa.Column("provider", sa.String(40), nullable=True),
        sa.Column("provider_id", sa.String(), nullable=True), _instant("created_at"),
        _instant("sent_at", nullable=True), sa.Column("failure", sa.String(), nullable=True),
        _to("notice", "person_id", "person"), _to("notice", "contact_method_id", "contact_method"),
        sa.UniqueConstraint(
            "tenant_id", "subject_id", "template", "contact_method_id",
            name="notice_tenant_id_subject_id_template_contact_method_id_key",
        ),
    )  # fmt: skip


def _make_message_answers() -> None:
    _table(
        "message_answer", "INSERT", _id("page_id"), _id("delivery_id"), _id("person_id"),
        sa.Column("via", _one_of("via", "link", "sms"), nullable=False),
        sa.Column("given", _one_of("given", "accepted", "declined"), nullable=False),
        sa.Column("factor", _one_of("factor", "verified_number", "verified_mailbox"), nullable=False),
        sa.Column("received_id", sa.String(80), nullable=True), _instant("at"),
        _to("message_answer", "page_id", "page"), _to("message_answer", "delivery_id", "delivery"),
        _to("message_answer", "person_id", "person"),
        sa.UniqueConstraint("tenant_id", "page_id", name="message_answer_tenant_id_page_id_key"),
    )  # fmt: skip
    for column in ("delivery_id", "person_id"):
        op.create_index(f"message_answer_tenant_id_{column}_idx", "message_answer", ["tenant_id", column])
