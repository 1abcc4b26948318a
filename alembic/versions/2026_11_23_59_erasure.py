"""Let the owner of the tables, and nobody else, delete the text of editions in force: a partnership may be erased

Revision ID: 20261123_59
Revises: 20261123_58
"""

from alembic import op

revision = "20261123_59"
down_revision = "20261123_58"
branch_labels = None
depends_on = None

_OWNER_MAY = """
    IF TG_OP = 'DELETE' AND pg_has_role((SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
        RETURN NULL;
    END IF;"""


def _settle(exception: str) -> None:
    op.execute(f"""
CREATE OR REPLACE FUNCTION app.procedure_text_is_settled() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched uuid[] := CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.edition_id] WHEN 'DELETE' THEN ARRAY[OLD.edition_id]
        ELSE ARRAY[OLD.edition_id, NEW.edition_id] END;
    owner uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.tenant_id ELSE NEW.tenant_id END;
    one uuid;
BEGIN{exception}
    FOREACH one IN ARRAY touched LOOP
        PERFORM 1 FROM procedure_edition WHERE tenant_id = owner AND id = one AND state = 'draft' FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the text of an edition that is no draft does not change' USING ERRCODE = 'check_violation';
        END IF;
    END LOOP;
    RETURN NULL;
END $$
""")


def upgrade() -> None:
    _settle(_OWNER_MAY)


def downgrade() -> None:
    _settle("")
