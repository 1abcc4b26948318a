"""Chain audit entries in the database, so that they are written with the rows they are about

Revision ID: 20261122_00
Revises: 20261121_03
"""

from alembic import op

revision = "20261122_00"
down_revision = "20261121_03"
branch_labels = None
depends_on = None

# Hashes what ``backend.kit.audit.entry_hash`` hashes: `sealed` is the end of that JSON, and the
# instant is spelt as JSON spells a floating-point number.
_APPEND = """
CREATE FUNCTION app.append_audit(entries jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    tail record;
    entry jsonb;
    previous text;
    number bigint;
    seconds numeric;
    instant text;
    sealed text;
BEGIN
    SELECT * INTO tail FROM app.audit_tail();
    previous := coalesce(tail.hash, repeat('0', 64));
    number := coalesce(tail.seq, 0);
    seconds := trim_scale(extract(epoch FROM tail.now));
    instant := CASE scale(seconds) WHEN 0 THEN seconds || '.0' ELSE seconds::text END;
    FOR entry IN SELECT * FROM jsonb_array_elements(entries) LOOP
        number := number + 1;
        sealed := encode(sha256(convert_to(
            '["' || previous || '",' || number || ',' || instant || ',' || (entry ->> 'sealed'), 'UTF8')), 'hex');
        INSERT INTO audit_entry (tenant_id, id, seq, at, actor_id, action, subject_kind, subject_id, detail,
            previous_hash, hash)
        VALUES ((SELECT app.current_tenant()), (entry ->> 'id')::uuid, number, tail.now, (entry ->> 'actor_id')::uuid,
            entry ->> 'action', entry ->> 'subject_kind', (entry ->> 'subject_id')::uuid, entry -> 'detail',
            previous, sealed);
        previous := sealed;
    END LOOP;
END $$
"""


def upgrade() -> None:
    op.execute(_APPEND)


def downgrade() -> None:
    op.execute("DROP FUNCTION app.append_audit(jsonb)")
