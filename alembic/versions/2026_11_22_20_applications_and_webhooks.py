"""Applications of third parties with their grants, and webhooks

Revision ID: 20261122_20
Revises: 20261122_19
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_20"
down_revision = "20261122_19"
branch_labels = None
depends_on = None

# What the application role may do beside SELECT. Records of what happened are never changed.
_GRANTS = {
    "application_grant": "INSERT, UPDATE", "application_request": "INSERT", "webhook_endpoint": "INSERT, UPDATE",
    "webhook_event": "INSERT", "webhook_message": "INSERT, UPDATE", "webhook_attempt": "INSERT",
}  # fmt: skip
# Applications and what they sign in by are the operator's; ours is to remember which assertions were used.
_ROUTING = {
    "application": "SELECT", "application_credential": "SELECT", "application_document": "SELECT",
    "seen_assertion": "SELECT, INSERT, DELETE",
}  # fmt: skip


def _uuid(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Uuid(), nullable=optional)


def _text(name: str, most: int | None = None, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(most), nullable=optional)


def _at(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def _list(name: str, *, optional: bool = False) -> sa.Column[Any]:
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
    _make_applications()
    _make_grants()
    _make_webhooks()
    for table, writes in _GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table}"
            " USING (tenant_id = (SELECT app.current_tenant()))"
            " WITH CHECK (tenant_id = (SELECT app.current_tenant()))"
        )
        op.execute(f"GRANT SELECT, {writes} ON {table} TO safeguard_app")
    # Which types somebody listens for is remembered; how an endpoint fares is no part of the configuration.
    op.execute(
        "CREATE TRIGGER configuration_changed AFTER INSERT OR UPDATE OF types, state OR DELETE ON webhook_endpoint"
        " FOR EACH ROW EXECUTE FUNCTION app.configuration_changed()"
    )
    for table, rights in _ROUTING.items():
        op.execute(f"GRANT {rights} ON routing.{table} TO safeguard_app")


def _make_applications() -> None:
    op.create_table(
        "application", _uuid("id"), _text("name", 200), _text("organisation", 200), _text("contact", 200),
        _text("purpose", 1000), _list("scopes"), _one_of("state", "applicationstate", "active", "suspended"),
        _at("registered_at"), sa.PrimaryKeyConstraint("id", name="application_pkey"), schema="routing",
    )  # fmt: skip
    op.create_table(
        "application_credential", _uuid("id"), _uuid("application_id"),
        _one_of("kind", "credentialkind", "secret", "key"), _text("secret_hash", 64, optional=True),
        _list("public_key", optional=True), _at("made_at"), _at("expires_at", optional=True),
        _at("revoked_at", optional=True),
        sa.CheckConstraint("(kind = 'secret') = (secret_hash IS NOT NULL)", name="application_credential_hash_check"),
        sa.CheckConstraint("(kind = 'key') = (public_key IS NOT NULL)", name="application_credential_key_check"),
        sa.ForeignKeyConstraint(
            ["application_id"], ["routing.application.id"], name="application_credential_application_id_fkey"
        ),
        sa.PrimaryKeyConstraint("id", name="application_credential_pkey"), schema="routing",
    )  # fmt: skip
    op.create_index(
        "application_credential_application_id_idx", "application_credential", ["application_id"], schema="routing"
    )
    op.create_table(
        "seen_assertion", _uuid("application_id"), _text("digest", 64), _at("expires_at"),
        sa.PrimaryKeyConstraint("application_id", "digest", name="seen_assertion_pkey"), schema="routing",
    )  # fmt: skip
    op.create_index("seen_assertion_expires_at_idx", "seen_assertion", ["expires_at"], schema="routing")
    op.create_table(
        "application_document", _uuid("application_id"), _text("sha256", 64), _text("content"), _at("approved_at"),
        sa.ForeignKeyConstraint(
            ["application_id"], ["routing.application.id"], name="application_document_application_id_fkey"
        ),
        sa.PrimaryKeyConstraint("application_id", "sha256", name="application_document_pkey"), schema="routing",
    )  # fmt: skip


def _make_grants() -> None:
    _make("application_grant", _uuid("application_id"), _list("scopes"), _uuid("granted_by"), _at("granted_at"),
          _uuid("revoked_by", optional=True), _at("revoked_at", optional=True),
          sa.CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="application_grant_revoked_check"),
          sa.UniqueConstraint("tenant_id", "application_id", name="application_grant_tenant_id_application_id_key"),
          refers={"granted_by": "person", "revoked_by": "person"})  # fmt: skip
    _make("application_request", _uuid("application_id"), _uuid("credential_id"), _at("at"), _list("fields"),
          _text("correlation_id", 64), refers={}, indexes=("application_id at",))  # fmt: skip


def _make_webhooks() -> None:
    _make("webhook_endpoint", _uuid("application_id", optional=True), _text("name", 200), _text("url", 1000),
          _list("types"), _one_of("state", "endpointstate", "active", "paused", "failing", "retired"),
          sa.Column("secret_generation", sa.Integer(), nullable=False), _at("previous_secret_until", optional=True),
          _at("failing_since", optional=True),  _uuid("created_by"),
          _at("created_at"), _at("retired_at", optional=True),
          sa.CheckConstraint("(state = 'retired') = (retired_at IS NOT NULL)", name="webhook_endpoint_retired_check"),
          refers={"created_by": "person"}, indexes=("state",))  # fmt: skip
    _make("webhook_event", _text("type", 60), _uuid("subject_id"), _at("at"), refers={}, indexes=("at id",))
    _make("webhook_message", _uuid("endpoint_id"), _uuid("event_id"),
          _one_of("state", "messagestate", "pending", "held", "delivered", "failed"),
          sa.Column("attempts", sa.Integer(), nullable=False), sa.Column("replayed", sa.Boolean(), nullable=False),
          _at("created_at"), _at("lease_until"),
          refers={"endpoint_id": "webhook_endpoint", "event_id": "webhook_event"},
          indexes=("endpoint_id state", "event_id"))  # fmt: skip
    _make("webhook_attempt", _uuid("endpoint_id"), _uuid("message_id"), _at("at"),
          sa.Column("number", sa.Integer(), nullable=False), sa.Column("status", sa.Integer()),
          sa.Column("milliseconds", sa.Integer(), nullable=False), _text("outcome", 60),
          sa.Column("delivered", sa.Boolean(), nullable=False),
          refers={"endpoint_id": "webhook_endpoint", "message_id": "webhook_message"},
          indexes=("endpoint_id at", "message_id"))  # fmt: skip


def downgrade() -> None:
    op.execute("DELETE FROM routing.task WHERE actor IN ('tell_webhooks', 'send_webhook', 'webhook_paused')")
    # An application's way in is a sign-in at ourselves; the old code has nobody to let in by it.
    op.execute("DELETE FROM routing.sign_in WHERE subject IN (SELECT id::text FROM routing.application)")
    for table in ("webhook_attempt", "webhook_message", "webhook_event", "webhook_endpoint", "application_request",
                  "application_grant"):  # fmt: skip
        op.drop_table(table)
    for table in ("application_document", "seen_assertion", "application_credential", "application"):
        op.drop_table(table, schema="routing")
