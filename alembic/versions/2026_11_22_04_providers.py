"""Two providers a channel: who holds a delivery, how each provider does, voice, webhooks and device platforms

Revision ID: 20261122_04
Revises: 20261122_03
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_04"
down_revision = "20261122_03"
branch_labels = None
depends_on = None

_CHANNEL_TABLES = ("contact_method", "delivery", "directory_entry", "notice")
_OLD_CHANNELS = ("sms", "email", "push")
_NEW_CHANNELS = (*_OLD_CHANNELS, "voice", "webhook")
_ROUTING_GRANTS = {
    "provider_change": "SELECT, INSERT",
    "provider_state": "SELECT, INSERT, UPDATE",
    "provider_tally": "SELECT, INSERT, DELETE",
}


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _limit_channels(values: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{value}'" for value in values)
    for table in _CHANNEL_TABLES:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_channel_check")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_channel_check CHECK (channel IN ({listed}))")


def upgrade() -> None:
    _limit_channels(_NEW_CHANNELS)
    op.add_column("contact_method", sa.Column("platform", _one_of("deviceplatform", "fcm", "apns", "webpush")))
    op.create_index(
        "contact_method_tenant_id_channel_address_idx", "contact_method", ["tenant_id", "channel", "address"]
    )
    op.add_column("delivery", sa.Column("provider", sa.String(40)))
    op.add_column("delivery", sa.Column("repeated", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("delivery", "repeated", server_default=None)
    for column in ("alert_id", "slot_id", "page_id"):
        op.alter_column("delivery", column, nullable=True)
    op.create_table(
        "provider_tally",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.Column("slow", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="provider_tally_pkey"),
        schema="routing",
    )
    op.create_index("provider_tally_channel_at_idx", "provider_tally", ["channel", "at"], schema="routing")
    op.create_index("provider_tally_at_idx", "provider_tally", ["at"], schema="routing")
    op.create_table(
        "provider_state",
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("condition", _one_of("condition", "working", "degraded"), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "provider", name="provider_state_pkey"),
        schema="routing",
    )
    op.create_table(
        "provider_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column(
            "change",
            _one_of("changekind", "degraded", "still_degraded", "recovered", "pinned", "unpinned"),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="provider_change_pkey"),
        schema="routing",
    )
    op.create_index("provider_change_channel_at_idx", "provider_change", ["channel", "at"], schema="routing")
    for table, rights in _ROUTING_GRANTS.items():
        op.execute(f"GRANT {rights} ON routing.{table} TO safeguard_app")


def downgrade() -> None:
    for table in _ROUTING_GRANTS:
        op.drop_table(table, schema="routing")
    _forget_what_the_earlier_release_cannot_express()
    for column in ("page_id", "slot_id", "alert_id"):
        op.alter_column("delivery", column, nullable=False)
    op.drop_column("delivery", "repeated")
    op.drop_column("delivery", "provider")
    op.drop_index("contact_method_tenant_id_channel_address_idx", "contact_method")
    op.drop_column("contact_method", "platform")
    _limit_channels(_OLD_CHANNELS)


def _forget_what_the_earlier_release_cannot_express() -> None:
    """Notices to one person, calls and webhooks, and devices of other platforms than Firebase."""
    tables = ("delivery_event", "delivery", "notice", "contact_method", "directory_entry")
    for table in tables:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute("""
        DELETE FROM delivery_event USING delivery
        WHERE delivery.tenant_id = delivery_event.tenant_id AND delivery.id = delivery_event.delivery_id
          AND (delivery.alert_id IS NULL OR delivery.channel IN ('voice', 'webhook'))
    """)
    op.execute("DELETE FROM delivery WHERE alert_id IS NULL OR channel IN ('voice', 'webhook')")
    op.execute("DELETE FROM notice WHERE channel IN ('voice', 'webhook') OR provider IN ('apns', 'webpush')")
    op.execute("DELETE FROM contact_method WHERE channel IN ('voice', 'webhook') OR platform IN ('apns', 'webpush')")
    op.execute("DELETE FROM directory_entry WHERE channel IN ('voice', 'webhook')")
    for table in tables:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
