"""The statistics of a generated year are those that a slow count of every row gives."""

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.problems import Forbidden, Invalid
from backend.kit.session import TenantSession
from backend.sandbox.service import Wanted, fill, prepare
from backend.statistics import service
from backend.statistics.asked import AgeBand, Asked
from backend.statistics.csv_text import csv_text
from backend.statistics.definitions import Code
from support.partnership import Partnership
from support.slow_statistics import SLOWLY, Counted, Everything
from tenants.partnerships import repository as partnerships

SEED = 500
CASES = 50
# Plans of the generated year made longer, taken back and repeated, so that every rule decides about somebody.
_OLDER = text("""
    UPDATE pathway_event SET occurred_at = occurred_at - interval '800 days' WHERE code = 'plan-decided' AND run_id IN (
        SELECT id FROM pathway_run WHERE tenant_id = :tenant AND pathway = 'child-protection-plan' ORDER BY id LIMIT 3)
""")
_MOVED = text("""
    INSERT INTO pathway_event (tenant_id, id, run_id, code, occurred_at, anticipated, withdrawn, source, corrects_id,
        recorded_at)
    SELECT tenant_id, gen_random_uuid(), run_id, code, occurred_at - interval '40 days', false, false, 'hand', id,
        recorded_at
    FROM pathway_event WHERE tenant_id = :tenant AND code = 'plan-decided' AND run_id = (
        SELECT id FROM pathway_run WHERE tenant_id = :tenant AND pathway = 'child-protection-plan'
        ORDER BY id DESC LIMIT 1)
""")
_AGAIN = text("""
    INSERT INTO case_subject (tenant_id, id, case_id, child_id, added_at)
    SELECT :tenant, gen_random_uuid(), last.case_id, first.child_id, app.now()
    FROM (SELECT run.case_id FROM pathway_run AS run WHERE run.tenant_id = :tenant
              AND run.pathway = 'child-protection-plan' ORDER BY id DESC LIMIT 1) AS last,
         (SELECT subject.child_id FROM pathway_run AS run JOIN case_subject AS subject
              ON subject.tenant_id = run.tenant_id AND subject.case_id = run.case_id
          WHERE run.tenant_id = :tenant AND run.pathway = 'child-protection-plan' ORDER BY run.id LIMIT 1) AS first
""")


async def generated(owner: AsyncEngine, partnership: Partnership) -> None:
    await prepare(owner, partnership.slug, SEED)
    await fill(owner, partnership.slug, Wanted(CASES, SEED), lambda _: None)
    async with owner.begin() as connection:
        await connection.execute(text(f"SELECT set_config('app.tenant_id', '{partnership.id}', true)"))
        for statement in (_OLDER, _MOVED, _AGAIN):
            done = await connection.execute(statement, {"tenant": partnership.id})
            assert done.rowcount, statement


async def counted(session: TenantSession, caller: Caller, code: Code, asked: Asked) -> Counted:
    table = await service.table(session, caller, code, asked)
    return {line.groups: {name: one.value for name, one in line.figures.items()} for line in table.lines}


def alike(found: Counted, slow: Counted) -> bool:
    return found.keys() == slow.keys() and all(
        figures.keys() == slow[key].keys()
        and all(value == pytest.approx(slow[key][name], abs=1e-6) for name, value in figures.items())
        for key, figures in found.items()
    )


async def test_each_is_planned_for_its_own_year_and_nothing_after_it(cambs: Partnership) -> None:
    officer = Caller(cambs.id, cambs.slug, uuid7(), ("performance_officer",))
    mode = text("SHOW plan_cache_mode")
    async with cambs.session() as session:
        today = (await session.now()).date()
        for code in Code:
            await counted(session, officer, code, Asked(today - timedelta(days=365), today))
            assert await session.scalar(mode) == "force_custom_plan"
            await session.rollback()
            assert await session.scalar(mode) == "force_generic_plan"


async def test_every_statistic_is_what_a_slow_count_gives(
    owner: AsyncEngine, cambs: Partnership, herts: Partnership
) -> None:
    await generated(owner, cambs)
    officer = Caller(cambs.id, cambs.slug, uuid7(), ("performance_officer",))
    manager = Caller(cambs.id, cambs.slug, uuid7(), ("team_manager",))
    async with cambs.session() as session:
        today = (await session.now()).date()
        year = Asked(today - timedelta(days=366), today + timedelta(days=1))
        areas = await partnerships.areas(session)
        wanted = [year, replace(year, from_on=today - timedelta(days=1_090)),
                  replace(year, until_on=today - timedelta(days=90)),
                  *(replace(year, area_id=one.id) for one in areas[:3]),
                  *(replace(year, ages=band) for band in AgeBand)]  # fmt: skip
        known = await Everything.of(session, cambs.zone)
        for code in Code:
            for asked in wanted:
                found = await counted(session, officer, code, asked)
                assert alike(found, SLOWLY[code](known, asked)), (code, asked)
            assert await counted(session, officer, code, year), f"nothing of {code} was generated"
        started = await counted(session, officer, Code.PLANS_STARTED, wanted[1])
        assert sum(row["second_or_later"] or 0 for row in started.values()) >= 1
        here = await counted(session, officer, Code.CHILDREN_ON_PLANS, year)
        assert sum(row["over_two_years"] or 0 for row in here.values()) >= 1

        table = await service.table(session, manager, Code.REFERRALS, year)
        whole = await counted(session, officer, Code.REFERRALS, year)
        assert table.guarded
        assert table.generated
        for line in table.lines:
            for name, figure in line.figures.items():
                real = whole[line.groups][name] or 0
                assert figure.kept_back == (0 < real < 6), (line, real)
                assert figure.value is None or figure.value % 5 == 0
        assert any(figure.kept_back for line in table.lines for figure in line.figures.values())
        read = list(csv.DictReader(io.StringIO(csv_text(table))))
        assert [row["outcome"] for row in read] == [line.groups[2] for line in table.lines]
        assert {row["data"] for row in read} == {"generated"}
        assert all(row["referrals"] == "c" or int(row["referrals"]) % 5 == 0 for row in read)

        for refused in (replace(year, until_on=year.from_on), replace(year, area_id=uuid7())):
            with pytest.raises(Invalid):
                await service.table(session, officer, Code.REFERRALS, refused)
        for role in ("practitioner", "social_worker", "rota_manager"):
            with pytest.raises(Forbidden):
                await service.table(session, replace(officer, roles=(role,)), Code.REFERRALS, year)

    stranger = Caller(herts.id, herts.slug, uuid7(), ("performance_officer",))
    async with herts.session() as session:
        for code in Code:
            assert await counted(session, stranger, code, year) == {}
        assert not (await service.table(session, stranger, Code.REFERRALS, year)).generated
        with pytest.raises(Invalid, match="area of this partnership"):
            await service.table(session, stranger, Code.REFERRALS, replace(year, area_id=areas[0].id))
