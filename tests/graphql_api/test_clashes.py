"""A transaction that PostgreSQL ends because another stood in its way is done anew, unseen by who asked.

When PostgreSQL itself goes away, whoever asked is told to ask again, and loses nothing by it.
"""

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
    """Makes PostgreSQL refuse what it is given next to keep, or hang up on it."""

    owner_url: str

    async def comes(self, times: int, code: str) -> None:
        await self._meets(times, f"RAISE EXCEPTION 'refused' USING ERRCODE = '{code}'")

    async def hangs_up(self) -> None:
        """At the end of the next transaction that keeps anything: within its COMMIT."""
        await self._meets(1, "PERFORM pg_terminate_backend(pg_backend_pid())")

    async def _meets(self, times: int, action: str) -> None:
        connection = await asyncpg.connect(self.owner_url)
        # A sequence is not rolled back with the transaction that it has ended.
        await connection.execute(f"""
            CREATE SEQUENCE refused;
            GRANT USAGE ON SEQUENCE refused TO PUBLIC;
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF nextval('refused') <= {times} THEN {action}; END IF;
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


async def test_who_asked_when_the_connection_was_lost_is_told_to_ask_again(
    clinician: Api, cambs: Partnership, trouble: Trouble
) -> None:
    deaths, alerts, keys = await kept(cambs)
    await trouble.hangs_up()
    told = death(idempotencyKey=fresh_key())
    body = {"query": operation("ReportChildDeath"), "variables": {"input": told}}
    refused = await clinician.client.post("/graphql", json=body, headers=clinician.headers)
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "2"
    assert refused.json()["errors"] == [
        {
            "message": "We cannot answer just now. Ask again in a few seconds, with the same idempotency key.",
            "extensions": {"code": "UNAVAILABLE"},
        }
    ]
    assert (await clinician.mutate("ReportChildDeath", **told))["__typename"] == "ReportChildDeathPayload"
    assert await kept(cambs) == (deaths + 1, alerts + 1, keys + 1)


async def test_who_asks_over_connections_that_were_cut_meanwhile_is_told_to_ask_again(
    clinician: Api, environment: dict[str, str]
) -> None:
    me = "{ me { person { name } } }"
    await clinician.run(me)
    connection = await asyncpg.connect(environment["POSTGRES_ADMIN_URL"])
    name = environment["DATABASE_URL"].rpartition("/")[2]
    await connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
    await connection.close()
    assert await clinician.codes(me) == ["UNAVAILABLE"]
    await clinician.run(me)
