"""Tables of the first release

Revision ID: 20261121_02
Revises: 20261121_01
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261121_02"
down_revision = "20261121_01"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agency",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "health",
                "police",
                "social_care",
                "coroner",
                "education",
                "partnership",
                "other",
                name="agencykind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="agency_pkey"),
        sa.UniqueConstraint("tenant_id", "code", name="agency_tenant_id_code_key"),
    )
    op.create_table(
        "alert",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(60), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("subject_kind", sa.String(60), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "met", "closed", name="alertstate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="alert_pkey"),
        sa.UniqueConstraint("tenant_id", "reference", name="alert_tenant_id_reference_key"),
    )
    op.create_index("alert_by_acceptance", "alert", ["tenant_id", "accepted_at", "id"])
    op.create_index("alert_tenant_id_subject_id_idx", "alert", ["tenant_id", "subject_id"])
    op.create_table(
        "alert_policy",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alert_type", sa.String(60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("slots", postgresql.JSONB(), nullable=False),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="alert_policy_pkey"),
    )
    op.create_index(
        "alert_policy_in_force",
        "alert_policy",
        ["tenant_id", "alert_type"],
        unique=True,
        postgresql_where=sa.text("in_force"),
    )
    op.create_index("alert_policy_version", "alert_policy", ["tenant_id", "alert_type", "version"], unique=True)
    op.create_table(
        "area",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "local_authority",
                "coroner",
                "hospital",
                name="areakind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="area_pkey"),
        sa.UniqueConstraint("tenant_id", "kind", "code", name="area_tenant_id_kind_code_key"),
    )
    op.create_table(
        "audit_entry",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="audit_entry_pkey"),
        sa.UniqueConstraint("tenant_id", "seq", name="audit_entry_tenant_id_seq_key"),
    )
    op.create_index("audit_entry_tenant_id_subject_id_idx", "audit_entry", ["tenant_id", "subject_id"])
    op.create_table(
        "configuration_alarm",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "no_policy",
                "nobody_found",
                "ladder_exhausted",
                name="alarmkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(60), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="configuration_alarm_pkey"),
    )
    op.create_index("configuration_alarm_tenant_id_subject_id_idx", "configuration_alarm", ["tenant_id", "subject_id"])
    op.create_table(
        "idempotency_key",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("request_hash", sa.String(), nullable=False),
        sa.Column("result_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="idempotency_key_pkey"),
        sa.UniqueConstraint("tenant_id", "person_id", "key", name="idempotency_key_tenant_id_person_id_key_key"),
    )
    op.create_table(
        "partnership_setting",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("value", postgresql.JSONB(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("citation", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="partnership_setting_pkey"),
        sa.UniqueConstraint("tenant_id", "key", name="partnership_setting_tenant_id_key_key"),
    )
    op.create_table(
        "rota",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(60), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("rule", postgresql.JSONB(), nullable=False),
        sa.Column("uncovered_role", sa.String(60), nullable=True),
        sa.Column("materialised_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="rota_pkey"),
        sa.UniqueConstraint("tenant_id", "role", name="rota_tenant_id_role_key"),
    )
    op.create_index("rota_tenant_id_uncovered_role_idx", "rota", ["tenant_id", "uncovered_role"])
    op.create_table(
        "partnership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "active", "suspended", name="partnershipstate", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("bucket", sa.String(), nullable=True),
        sa.Column("kms_key_id", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="partnership_pkey"),
        sa.UniqueConstraint("slug", name="partnership_slug_key"),
        schema="routing",
    )
    op.create_table(
        "sign_in",
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", "tenant_id", name="sign_in_pkey"),
        schema="routing",
    )
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wake_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="task_pkey"),
        schema="routing",
    )
    op.create_index("task_queue_due_at_idx", "task", ["queue", "due_at"], schema="routing")
    op.create_index("task_subject_id_idx", "task", ["subject_id"], schema="routing")
    op.create_index("task_wake_at_idx", "task", ["wake_at"], schema="routing")
    op.create_table(
        "case_file",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pathway", sa.String(80), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("open", "closed", name="casestate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "area_id"], ["area.tenant_id", "area.id"], name="case_file_tenant_id_area_id_fkey"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="case_file_pkey"),
        sa.UniqueConstraint("tenant_id", "reference", name="case_file_tenant_id_reference_key"),
    )
    op.create_index("case_file_tenant_id_area_id_idx", "case_file", ["tenant_id", "area_id"])
    op.create_table(
        "directory_entry",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("role", sa.String(60), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=True),
        sa.Column(
            "channel",
            sa.Enum("sms", "email", "push", name="channel", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("hours", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "area_id"], ["area.tenant_id", "area.id"], name="directory_entry_tenant_id_area_id_fkey"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="directory_entry_pkey"),
        sa.UniqueConstraint("tenant_id", "code", name="directory_entry_tenant_id_code_key"),
    )
    op.create_index("directory_entry_tenant_id_area_id_idx", "directory_entry", ["tenant_id", "area_id"])
    op.create_index("directory_entry_tenant_id_role_idx", "directory_entry", ["tenant_id", "role"])
    op.create_table(
        "person",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("post", sa.String(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "agency_id"], ["agency.tenant_id", "agency.id"], name="person_tenant_id_agency_id_fkey"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="person_pkey"),
        sa.UniqueConstraint("tenant_id", "code", name="person_tenant_id_code_key"),
    )
    op.create_index("person_tenant_id_agency_id_idx", "person", ["tenant_id", "agency_id"])
    op.create_table(
        "access_entry",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.String(60), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["person.tenant_id", "person.id"], name="access_entry_tenant_id_person_id_fkey"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="access_entry_pkey"),
    )
    op.create_index("access_entry_by_subject", "access_entry", ["tenant_id", "subject_id", "at"])
    op.create_table(
        "alert_slot",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(60), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("ladder", postgresql.JSONB(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "paging",
                "acknowledged",
                "exhausted",
                "cancelled",
                name="slotstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "acknowledged_by"],
            ["person.tenant_id", "person.id"],
            name="alert_slot_tenant_id_acknowledged_by_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "alert_id"], ["alert.tenant_id", "alert.id"], name="alert_slot_tenant_id_alert_id_fkey"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="alert_slot_pkey"),
        sa.UniqueConstraint("tenant_id", "alert_id", "role", name="alert_slot_tenant_id_alert_id_role_key"),
    )
    op.create_table(
        "case_event",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "actor_id"], ["person.tenant_id", "person.id"], name="case_event_tenant_id_actor_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"], ["case_file.tenant_id", "case_file.id"], name="case_event_tenant_id_case_id_fkey"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="case_event_pkey"),
    )
    op.create_index("case_event_timeline", "case_event", ["tenant_id", "case_id", "recorded_at", "id"])
    op.create_table(
        "child_death",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("child_name", sa.String(), nullable=False),
        sa.Column("date_of_birth", sa.Date(), nullable=False),
        sa.Column(
            "sex",
            sa.Enum(
                "female",
                "male",
                "indeterminate",
                "not_known",
                name="sex",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("nhs_number", sa.String(10), nullable=True),
        sa.Column("usual_home_address", sa.String(), nullable=False),
        sa.Column("home_area_id", sa.Uuid(), nullable=True),
        sa.Column("home_area_outside", sa.String(), nullable=True),
        sa.Column(
            "setting",
            sa.Enum(
                "emergency_department",
                "ward",
                "home",
                "community",
                "custody",
                "abroad",
                name="setting",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("place_of_death", sa.String(), nullable=False),
        sa.Column("area_of_death_id", sa.Uuid(), nullable=False),
        sa.Column("coroner_area_id", sa.Uuid(), nullable=False),
        sa.Column("died_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.String(), nullable=False),
        sa.Column("anticipated_24h_before", sa.Boolean(), nullable=False),
        sa.Column("unexpected_collapse", sa.Boolean(), nullable=False),
        sa.Column("unexpected", sa.Boolean(), nullable=False),
        sa.Column("circumstances", sa.String(), nullable=False),
        sa.Column(
            "suspicion",
            sa.Enum(
                "none",
                "abuse_or_neglect",
                "crime",
                name="suspicion",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("other_children_in_household", sa.Boolean(), nullable=True),
        sa.Column("reporter_name", sa.String(), nullable=False),
        sa.Column("reporter_role", sa.String(), nullable=False),
        sa.Column("reporter_telephone", sa.String(), nullable=False),
        sa.Column("reported_by", sa.Uuid(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("possible_duplicates", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "area_of_death_id"],
            ["area.tenant_id", "area.id"],
            name="child_death_tenant_id_area_of_death_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"], ["case_file.tenant_id", "case_file.id"], name="child_death_tenant_id_case_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "coroner_area_id"],
            ["area.tenant_id", "area.id"],
            name="child_death_tenant_id_coroner_area_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "home_area_id"], ["area.tenant_id", "area.id"], name="child_death_tenant_id_home_area_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reported_by"],
            ["person.tenant_id", "person.id"],
            name="child_death_tenant_id_reported_by_fkey",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="child_death_pkey"),
        sa.UniqueConstraint("tenant_id", "case_id", name="child_death_tenant_id_case_id_key"),
    )
    op.create_index("child_death_by_birth", "child_death", ["tenant_id", "date_of_birth"])
    op.create_index("child_death_by_nhs_number", "child_death", ["tenant_id", "nhs_number"])
    op.create_index("child_death_by_report", "child_death", ["tenant_id", "reported_at", "id"])
    op.create_table(
        "clock",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("definition", sa.String(80), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("rule", postgresql.JSONB(), nullable=False),
        sa.Column(
            "force",
            sa.Enum(
                "must", "should", "will", "may", name="force", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("citation", sa.String(), nullable=False),
        sa.Column("owner_role", sa.String(60), nullable=False),
        sa.Column("start_event", sa.String(60), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "running",
                "met",
                "breached",
                "cancelled",
                name="clockstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("breached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("met_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"], ["case_file.tenant_id", "case_file.id"], name="clock_tenant_id_case_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "met_by"], ["person.tenant_id", "person.id"], name="clock_tenant_id_met_by_fkey"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="clock_pkey"),
        sa.UniqueConstraint("tenant_id", "case_id", "definition", name="clock_tenant_id_case_id_definition_key"),
    )
    op.create_index("clock_due", "clock", ["tenant_id", "state", "due_at", "id"])
    op.create_table(
        "contact_method",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("sms", "email", "push", name="channel", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
            name="contact_method_tenant_id_person_id_fkey",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="contact_method_pkey"),
        sa.UniqueConstraint(
            "tenant_id",
            "person_id",
            "channel",
            "address",
            name="contact_method_tenant_id_person_id_channel_address_key",
        ),
    )
    op.create_table(
        "document",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(120), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("object_key", sa.String(), nullable=False),
        sa.Column("version_id", sa.String(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "awaiting_upload",
                "available",
                name="documentstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"], ["case_file.tenant_id", "case_file.id"], name="document_tenant_id_case_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "uploaded_by"], ["person.tenant_id", "person.id"], name="document_tenant_id_uploaded_by_fkey"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="document_pkey"),
        sa.UniqueConstraint("tenant_id", "object_key", name="document_tenant_id_object_key_key"),
    )
    op.create_index("document_tenant_id_case_id_idx", "document", ["tenant_id", "case_id"])
    op.create_index("document_tenant_id_uploaded_by_idx", "document", ["tenant_id", "uploaded_by"])
    op.create_table(
        "membership",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("roles", postgresql.JSONB(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "active", "suspended", name="membershipstate", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["person.tenant_id", "person.id"], name="membership_tenant_id_person_id_fkey"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="membership_pkey"),
        sa.UniqueConstraint("tenant_id", "issuer", "subject", name="membership_tenant_id_issuer_subject_key"),
        sa.UniqueConstraint("tenant_id", "person_id", name="membership_tenant_id_person_id_key"),
    )
    op.create_table(
        "shift",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rota_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("turn", postgresql.TSTZRANGE(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("tenant_id"), "="),
            (sa.column("rota_id"), "="),
            (sa.column("turn"), "&&"),
            using="gist",
            name="shift_one_at_a_time",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["person.tenant_id", "person.id"], name="shift_tenant_id_person_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "rota_id"], ["rota.tenant_id", "rota.id"], name="shift_tenant_id_rota_id_fkey"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="shift_pkey"),
    )
    op.create_index("shift_during", "shift", ["tenant_id", "rota_id", "during"], postgresql_using="gist")
    op.create_index("shift_tenant_id_person_id_idx", "shift", ["tenant_id", "person_id"])
    op.create_table(
        "page",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("found_by", sa.String(80), nullable=False),
        sa.Column("paged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "answer",
            sa.Enum(
                "acknowledged",
                "declined",
                "expired",
                "unreachable",
                name="answer",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "entry_id"],
            ["directory_entry.tenant_id", "directory_entry.id"],
            name="page_tenant_id_entry_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["person.tenant_id", "person.id"], name="page_tenant_id_person_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "slot_id"], ["alert_slot.tenant_id", "alert_slot.id"], name="page_tenant_id_slot_id_fkey"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="page_pkey"),
    )
    op.create_index("page_tenant_id_person_id_idx", "page", ["tenant_id", "person_id"])
    op.create_index("page_tenant_id_slot_id_idx", "page", ["tenant_id", "slot_id"])
    op.create_table(
        "delivery",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("page_id", sa.Uuid(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("sms", "email", "push", name="channel", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("template", sa.String(60), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_page", sa.Boolean(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "claimed",
                "unknown",
                "handed_over",
                "delivered",
                "opened",
                "failed",
                "cancelled",
                name="deliverystate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_id", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "alert_id"], ["alert.tenant_id", "alert.id"], name="delivery_tenant_id_alert_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "page_id"], ["page.tenant_id", "page.id"], name="delivery_tenant_id_page_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "slot_id"], ["alert_slot.tenant_id", "alert_slot.id"], name="delivery_tenant_id_slot_id_fkey"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="delivery_pkey"),
    )
    op.create_index("delivery_tenant_id_alert_id_idx", "delivery", ["tenant_id", "alert_id"])
    op.create_index("delivery_tenant_id_slot_id_idx", "delivery", ["tenant_id", "slot_id"])
    op.create_table(
        "delivery_event",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "claimed",
                "unknown",
                "handed_over",
                "delivered",
                "opened",
                "failed",
                "cancelled",
                name="deliverystate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "delivery_id"],
            ["delivery.tenant_id", "delivery.id"],
            name="delivery_event_tenant_id_delivery_id_fkey",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="delivery_event_pkey"),
    )
    op.create_index("delivery_event_tenant_id_delivery_id_idx", "delivery_event", ["tenant_id", "delivery_id"])


def downgrade() -> None:
    op.drop_table("delivery_event")
    op.drop_table("delivery")
    op.drop_table("page")
    op.drop_table("shift")
    op.drop_table("membership")
    op.drop_table("document")
    op.drop_table("contact_method")
    op.drop_table("clock")
    op.drop_table("child_death")
    op.drop_table("case_event")
    op.drop_table("alert_slot")
    op.drop_table("access_entry")
    op.drop_table("person")
    op.drop_table("directory_entry")
    op.drop_table("case_file")
    op.drop_table("task", schema="routing")
    op.drop_table("sign_in", schema="routing")
    op.drop_table("partnership", schema="routing")
    op.drop_table("rota")
    op.drop_table("partnership_setting")
    op.drop_table("idempotency_key")
    op.drop_table("configuration_alarm")
    op.drop_table("audit_entry")
    op.drop_table("area")
    op.drop_table("alert_policy")
    op.drop_table("alert")
    op.drop_table("agency")
