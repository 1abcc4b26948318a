"""A transaction that PostgreSQL ends because another stood in its way is done anew, unseen by who asked."""

from dataclasses import dataclass

import asyncpg
import pytest

from backend.child_deaths.models import ChildDeath
from backend.kit.idempotency import IdempotencyKey
from notifications.alerts.models import Alert
from support.api import Api, death, fresh_key, operation, rows
from support.partnership import Partnership


@dataclass(frozen=True)
class Trouble:
    """Makes PostgreSQL refuse what it is given next to keep, with a code of its own."""

    owner_url: str

    async def comes(self, times: int, code: str) -> None:
        connection = await asyncpg.connect(self.owner_url)
        # A sequence is not rolled back with the transaction that it has ended.
        await connection.execute(f"""
            CREATE SEQUENCE refused;
            GRANT USAGE ON SEQUENCE refused TO PUBLIC;
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF nextval('refused') <= {times} THEN RAISE EXCEPTION 'refused' USING ERRCODE = '{code}'; END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER refusing BEFORE INSERT ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse()""")
        await connection.close()


@pytest.fixture
def trouble(environment: dict[str, str]) -> Trouble:
    return Trouble(environment["DATABASE_OWNER_URL"])


async def kept(cambs: Partnership) -> tuple[int, int, int]:
    return len(await rows(cambs, ChildDeath)), len(await rows(cambs, Alert)), len(await rows(cambs, IdempotencyKey))


@pytest.mark.parametrize("code", ["40P01", "40001"])
async def test_what_clashed_is_done_anew_and_once(
    clinician: Api, cambs: Partnership, trouble: Trouble, code: str
) -> None:
    deaths, alerts, keys = await kept(cambs)
    await trouble.comes(2, code)
    told = death(idempotencyKey=fresh_key())
    first = await clinician.mutate("ReportChildDeath", **told)
    assert first["__typename"] == "ReportChildDeathPayload"
    assert await clinician.mutate("ReportChildDeath", **told) == first
    assert await kept(cambs) == (deaths + 1, alerts + 1, keys + 1)


@pytest.mark.parametrize(("times", "code"), [(3, "40P01"), (1, "23514")])
async def test_what_goes_on_clashing_or_fails_otherwise_leaves_nothing_behind(
    clinician: Api, cambs: Partnership, trouble: Trouble, times: int, code: str
) -> None:
    before = await kept(cambs)
    await trouble.comes(times, code)
    told = death(idempotencyKey=fresh_key())
    assert await clinician.codes(operation("ReportChildDeath"), input=told) == ["INTERNAL"]
    assert await kept(cambs) == before
    assert (await clinician.mutate("ReportChildDeath", **told))["__typename"] == "ReportChildDeathPayload"
