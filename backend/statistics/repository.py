"""Every query of the statistics. Each gives the groups of its dimensions first, then a column for each measure."""

from typing import Any, Final

from sqlalchemy import Row, TextClause, text

from backend.kit.session import TenantSession
from backend.statistics.definitions import Code

_AGE: Final = """(CAST(:age_from AS integer) IS NULL OR ({born} <= {day} - make_interval(years => :age_from)
    AND {born} > {day} - make_interval(years => :age_until)))"""
_AREA: Final = "(CAST(:area AS uuid) IS NULL OR {column} = :area)"


def _aged(born: str, day: str) -> str:
    return _AGE.format(born=born, day=day)


def _day(instant: str) -> str:
    return f"CAST({instant} AT TIME ZONE :zone AS date)"


_WITH_CHILD: Final = f"""(CAST(:age_from AS integer) IS NULL OR EXISTS (
    SELECT FROM case_subject AS subject JOIN child ON child.tenant_id = :tenant AND child.id = subject.child_id
    WHERE subject.tenant_id = :tenant AND subject.case_id = file.id
      AND {_aged("child.date_of_birth", _day("file.opened_at"))}))"""

_TIMELINESS: Final = f"""
    WITH file AS MATERIALIZED (
        SELECT file.id, file.area_id FROM case_file AS file
        WHERE file.tenant_id = :tenant AND {_AREA.format(column="file.area_id")} AND {_WITH_CHILD}
    ),
    each_clock AS (
        SELECT clock.pathway COLLATE "C" AS pathway, clock.definition COLLATE "C" AS definition, file.area_id,
            clock.state, clock.reason_at, clock.met_at,
            departure.run_id AS departed, CAST(extract(epoch FROM clock.met_at - clock.started_at) AS double precision)
                / 86400 AS took
        FROM clock
        JOIN file ON file.id = clock.case_id
        LEFT JOIN (
            SELECT DISTINCT run_id, subject_code FROM pathway_departure
            WHERE tenant_id = :tenant AND subject_kind = 'clock' AND state = 'authorised'
        ) AS departure ON departure.run_id = clock.run_id AND departure.subject_code = clock.definition
        WHERE clock.tenant_id = :tenant AND clock.due_at >= :since AND clock.due_at < :until
          AND clock.effect IN ('breach', 'miss_needs_reason')
          AND clock.state IN ('met', 'met_late', 'breached', 'missed', 'running', 'paused')
    ),
    counted AS (
        SELECT pathway, definition, area_id,
            count(*) AS limits,
            count(*) FILTER (WHERE state = 'met') AS in_time,
            count(*) FILTER (WHERE state IN ('met_late', 'breached', 'missed')) AS late,
            count(*) FILTER (WHERE state IN ('breached', 'missed')) AS not_done,
            count(*) FILTER (WHERE state IN ('met_late', 'breached', 'missed') AND reason_at IS NOT NULL) AS explained,
            count(*) FILTER (WHERE state IN ('met_late', 'breached', 'missed') AND departed IS NOT NULL) AS departed,
            count(*) FILTER (WHERE state IN ('running', 'paused')) AS running,
            count(met_at) AS done,
            percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY took) FILTER (WHERE met_at IS NOT NULL) AS took
        FROM each_clock GROUP BY 1, 2, 3
    )
    SELECT pathway, definition, coalesce(area.name, 'not recorded'), limits, in_time, late, not_done, explained,
        departed, running, done, took[1] AS median_days, took[2] AS ninetieth_days
    FROM counted LEFT JOIN area ON area.tenant_id = :tenant AND area.id = counted.area_id
    ORDER BY 1, 2, 3"""  # noqa: S608  # our own words

# Referrals of the twelve months before are read as well: each child's last one says whether the next is repeated.
_REFERRALS: Final = f"""
    WITH about AS (
        SELECT run.id, run.opened_at, file.area_id, max(run.opened_at) OVER (
                PARTITION BY subject.child_id ORDER BY run.opened_at
                RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL '1 microsecond' PRECEDING) AS before,
            subject.child_id IS NOT NULL AND {_aged("child.date_of_birth", _day("run.opened_at"))} AS counts
        FROM pathway_run AS run
        JOIN case_file AS file ON file.tenant_id = :tenant AND file.id = run.case_id
        LEFT JOIN case_subject AS subject ON subject.tenant_id = :tenant AND subject.case_id = run.case_id
        LEFT JOIN child ON child.tenant_id = :tenant AND child.id = subject.child_id
        WHERE run.tenant_id = :tenant AND run.pathway = 'referral-to-childrens-social-care'
          AND run.opened_at >= CAST(:since AS timestamptz) - interval '12 months' AND run.opened_at < :until
    ),
    referral AS (
        SELECT id, area_id, count(*) FILTER (WHERE counts) AS children,
            coalesce(bool_or(before >= opened_at - interval '12 months') FILTER (WHERE counts), false) AS repeated
        FROM about WHERE opened_at >= :since AND {_AREA.format(column="area_id")}
        GROUP BY id, area_id, opened_at
        HAVING CAST(:age_from AS integer) IS NULL OR bool_or(counts)
    ),
    source AS (
        SELECT DISTINCT ON (fact.run_id) fact.run_id, fact.value
        FROM referral JOIN pathway_fact AS fact ON fact.tenant_id = :tenant AND fact.run_id = referral.id
        WHERE fact.code = 'referrer-type' ORDER BY fact.run_id, fact.recorded_at DESC, fact.id DESC
    ),
    outcome AS (
        SELECT DISTINCT ON (decision.run_id) decision.run_id, decision.options
        FROM referral JOIN pathway_decision AS decision
            ON decision.tenant_id = :tenant AND decision.run_id = referral.id
        WHERE decision.code = 'next-step' AND decision.state = 'taken'
        ORDER BY decision.run_id, decision.decided_at DESC, decision.id DESC
    ),
    counted AS (
        SELECT referral.area_id, source.value AS source, outcome.options, count(*) AS referrals,
            sum(children) AS children, count(*) FILTER (WHERE repeated) AS repeated
        FROM referral LEFT JOIN source ON source.run_id = referral.id LEFT JOIN outcome ON outcome.run_id = referral.id
        GROUP BY 1, 2, 3
    )
    SELECT coalesce(area.name, 'not recorded'), coalesce(source #>> '{{}}', 'not recorded'),
        coalesce(array_to_string(ARRAY(SELECT jsonb_array_elements_text(options) ORDER BY 1), ' and '), 'not decided'),
        sum(referrals) AS referrals, sum(children) AS children, sum(repeated) AS repeated
    FROM counted LEFT JOIN area ON area.tenant_id = :tenant AND area.id = counted.area_id
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""  # noqa: S608  # our own words

# A plan of a child: from the decision of the conference as it is known now, to the decision that ended it, which may
# have been written down later than it was made; else to the end of its run.
_PLANS: Final = """
    WITH each_plan AS (
        SELECT run.id, run.case_id, file.area_id, subject.child_id, child.date_of_birth AS born,
            coalesce(decided.at, run.opened_at) AS began, coalesce(concluded.at, run.closed_at) AS ended
        FROM pathway_run AS run
        JOIN case_file AS file ON file.tenant_id = :tenant AND file.id = run.case_id
        JOIN case_subject AS subject ON subject.tenant_id = :tenant AND subject.case_id = run.case_id
        JOIN child ON child.tenant_id = :tenant AND child.id = subject.child_id
        CROSS JOIN LATERAL (
            SELECT min(event.occurred_at) AS at FROM pathway_event AS event
            WHERE event.tenant_id = :tenant AND event.run_id = run.id AND event.code = 'plan-decided'
              AND NOT event.withdrawn AND NOT event.anticipated
              AND NOT EXISTS (SELECT FROM pathway_event AS correction
                WHERE correction.tenant_id = :tenant AND correction.corrects_id = event.id)
        ) AS decided
        CROSS JOIN LATERAL (
            SELECT min(event.occurred_at) AS at
            FROM pathway_run AS ending
            JOIN pathway_event AS event ON event.tenant_id = :tenant AND event.run_id = ending.id
            WHERE ending.tenant_id = :tenant AND ending.case_id = run.case_id
              AND ending.pathway = 'discontinue-child-protection-plan'
              AND ending.opened_at BETWEEN run.opened_at AND run.closed_at
              AND event.code = 'plan-ended' AND NOT event.withdrawn AND event.occurred_at <= app.now()
              AND NOT EXISTS (SELECT FROM pathway_event AS correction
                WHERE correction.tenant_id = :tenant AND correction.corrects_id = event.id)
        ) AS concluded
        WHERE run.tenant_id = :tenant AND run.pathway = 'child-protection-plan'
    ),
    plan AS (
        SELECT each_plan.*, coalesce(area.name, 'not recorded') AS area,
            row_number() OVER (PARTITION BY child_id ORDER BY began, each_plan.id) AS place,
            (SELECT CASE jsonb_typeof(fact.value) WHEN 'array' THEN
                    CASE jsonb_array_length(fact.value) WHEN 0 THEN NULL WHEN 1 THEN fact.value ->> 0
                        ELSE 'more than one category' END
                ELSE fact.value #>> '{}' END
             FROM pathway_run AS of_case
             JOIN pathway_fact AS fact ON fact.tenant_id = :tenant AND fact.run_id = of_case.id
             WHERE of_case.tenant_id = :tenant AND of_case.case_id = each_plan.case_id AND fact.code = 'category'
               AND fact.recorded_at < :until
             ORDER BY fact.recorded_at DESC, fact.id DESC LIMIT 1) AS category
        FROM each_plan LEFT JOIN area ON area.tenant_id = :tenant AND area.id = each_plan.area_id
    )"""

_CHILDREN_ON_PLANS: Final = f"""{_PLANS},
    here AS (
        SELECT DISTINCT ON (child_id) *, CASE
            WHEN born IS NULL OR born > {_day(":until")} THEN 'not born, or not known'
            WHEN born > {_day(":until")} - interval '1 year' THEN 'under_1'
            WHEN born > {_day(":until")} - interval '5 years' THEN '1_to_4'
            WHEN born > {_day(":until")} - interval '10 years' THEN '5_to_9'
            WHEN born > {_day(":until")} - interval '16 years' THEN '10_to_15'
            WHEN born > {_day(":until")} - interval '18 years' THEN '16_to_17' ELSE '18 or older' END AS age
        FROM plan
        WHERE began < :until AND (ended IS NULL OR ended >= :until)
          AND {_AREA.format(column="area_id")} AND {_aged("born", _day(":until"))}
        ORDER BY child_id, began, id
    )
    SELECT area, age, coalesce(category, 'not recorded'), count(*) AS children,
        count(*) FILTER (WHERE began <= CAST(:until AS timestamptz) - interval '2 years') AS over_two_years
    FROM here GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""  # noqa: S608  # our own words

_PLANS_STARTED: Final = f"""{_PLANS}
    SELECT area, coalesce(category, 'not recorded'), count(*) AS children,
        count(*) FILTER (WHERE place > 1) AS second_or_later
    FROM plan
    WHERE began >= :since AND began < :until AND {_AREA.format(column="area_id")} AND {_aged("born", _day("began"))}
    GROUP BY 1, 2 ORDER BY 1, 2"""  # noqa: S608  # our own words

_PLANS_ENDED: Final = f"""{_PLANS}
    SELECT area, count(*) AS children, count(*) FILTER (WHERE ended >= began + interval '2 years') AS lasted_two_years,
        percentile_cont(0.5) WITHIN GROUP (
            ORDER BY CAST(extract(epoch FROM ended - began) AS double precision) / 86400) AS median_days
    FROM plan
    WHERE ended >= :since AND ended < :until AND {_AREA.format(column="area_id")} AND {_aged("born", _day("ended"))}
    GROUP BY 1 ORDER BY 1"""  # noqa: S608  # our own words

_ALLEGATIONS: Final = f"""
    SELECT coalesce(area.name, 'not recorded'), coalesce(
            (SELECT array_to_string(ARRAY(SELECT jsonb_array_elements_text(decision.options) ORDER BY 1), ' and ')
             FROM pathway_decision AS decision
             WHERE decision.tenant_id = :tenant AND decision.run_id = run.id AND decision.state = 'taken'
               AND decision.code IN ('allegation-outcome', 'strand-conclusions')
             ORDER BY decision.code, decision.decided_at DESC, decision.id DESC LIMIT 1), 'not concluded') AS outcome,
        count(*) AS allegations, count(run.closed_at) AS closed,
        count(*) FILTER (WHERE run.closed_at <= run.opened_at + interval '1 month') AS within_month,
        percentile_cont(0.5) WITHIN GROUP (
                ORDER BY CAST(extract(epoch FROM run.closed_at - run.opened_at) AS double precision) / 86400)
            FILTER (WHERE run.closed_at IS NOT NULL) AS median_days
    FROM pathway_run AS run
    JOIN case_file AS file ON file.tenant_id = :tenant AND file.id = run.case_id
    LEFT JOIN area ON area.tenant_id = :tenant AND area.id = file.area_id
    WHERE run.tenant_id = :tenant AND run.pathway = 'allegation-against-staff'
      AND run.opened_at >= :since AND run.opened_at < :until
      AND {_AREA.format(column="file.area_id")} AND {_WITH_CHILD}
    GROUP BY 1, 2 ORDER BY 1, 2"""  # noqa: S608  # our own words

_CHILD_DEATHS: Final = f"""
    SELECT coalesce(area.name, 'outside the partnership'), CASE
            WHEN response.state IS NULL THEN CASE WHEN death.unexpected THEN 'not begun' ELSE 'notified' END
            WHEN response.state = 'closed' THEN 'reviewed' ELSE coalesce(response.stage, 'not begun') END AS state,
        count(*) AS deaths, count(*) FILTER (WHERE death.unexpected) AS unexpected
    FROM child_death AS death
    LEFT JOIN area ON area.tenant_id = :tenant AND area.id = death.home_area_id
    LEFT JOIN LATERAL (
        SELECT run.state, run.stage FROM pathway_run AS run
        WHERE run.tenant_id = :tenant AND run.case_id = death.case_id
          AND run.pathway = 'child-death-joint-agency-response'
        ORDER BY run.opened_at DESC, run.id DESC LIMIT 1
    ) AS response ON true
    WHERE death.tenant_id = :tenant AND death.reported_at >= :since AND death.reported_at < :until
      AND {_AREA.format(column="death.home_area_id")} AND {_aged("death.date_of_birth", _day("death.died_at"))}
    GROUP BY 1, 2 ORDER BY 1, 2"""  # noqa: S608  # our own words

_QUERIES: Final[dict[Code, TextClause]] = {
    Code.TIMELINESS: text(_TIMELINESS), Code.REFERRALS: text(_REFERRALS),
    Code.CHILDREN_ON_PLANS: text(_CHILDREN_ON_PLANS), Code.PLANS_STARTED: text(_PLANS_STARTED),
    Code.PLANS_ENDED: text(_PLANS_ENDED), Code.ALLEGATIONS: text(_ALLEGATIONS), Code.CHILD_DEATHS: text(_CHILD_DEATHS),
}  # fmt: skip


_FOR_A_YEAR: Final = text(
    "SELECT set_config('work_mem', '64MB', true), set_config('plan_cache_mode', 'force_custom_plan', true)"
)
"""A year is sorted in memory, and planned as the year that it is: from the sixth time on in a connection PostgreSQL may
take a plan for any time and partnership, by which it has not ended. It holds for the transaction alone."""


async def counted(session: TenantSession, code: Code, parameters: dict[str, object]) -> list[Row[Any]]:
    """The rows of a statistic; ``parameters`` are those of ``Asked``."""
    await session.execute(_FOR_A_YEAR)
    wanted = _QUERIES[code]._bindparams.keys()  # noqa: SLF001  # a text's own parameters
    found = await session.execute(_QUERIES[code], {name: parameters[name] for name in wanted})
    return list(found.all())
