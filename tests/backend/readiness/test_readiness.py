"""What of a partnership is unset, named with what to do; and what is set is not named."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from backend.kit.session import open_session
from backend.onboarding import files
from backend.onboarding.archetype import SettingPlan
from backend.readiness import gaps
from backend.readiness.gaps import REVERIFY, GapKind, checked_days, stale
from backend.readiness.service import alert_types, lines, report
from notifications.coverage.findings import WarningKind
from notifications.coverage.models import RotaWarning
from notifications.rotas import repository as rotas
from notifications.who_to_call.resolver import Point, Service
from support.api import open_door, operation
from support.command_line import CommandLine
from support.environment import owner_engine
from support.partnership import Partnership
from tenants.contacts.service_models import PointKind

TODAY = date(2026, 11, 20)


def service(*points: Point) -> Service:
    return Service(uuid4(), "desk", "Desk", "Care", frozenset({"x"}), points=points)


def point(kind: PointKind = PointKind.PHONE, value: str = "01632 960001", ago: int | None = None) -> Point:
    return Point(uuid4(), kind, value, verified_on=None if ago is None else TODAY - timedelta(days=ago))


@pytest.mark.parametrize(
    ("ago", "after", "said"),
    [(None, 90, "Nobody has verified it."), (90, 90, None), (91, 90, "It was last verified on 2026-08-21."),
     (5_000, None, None)],
)  # fmt: skip
def test_a_number_counts_as_verified_for_as_long_as_the_partnership_says(
    ago: int | None, after: int | None, said: str | None
) -> None:
    assert stale(point(ago=ago), after, TODAY) == said


def test_how_long_is_for_the_partnership_to_say_and_nothing_stands_in_for_it() -> None:
    (gap,) = gaps.of_contacts([service(point(ago=5_000))], None, TODAY)
    assert (gap.subject, gap.remedy) == (REVERIFY, f"Set {REVERIFY}.")


@pytest.mark.parametrize("value", [6, 1_099, True, "90", None])
def test_a_time_that_cannot_be_is_refused_before_it_is_in_force(value: object) -> None:
    with pytest.raises(ValueError, match=REVERIFY):
        checked_days(value)
    with pytest.raises(ValueError, match=REVERIFY):
        SettingPlan(key=REVERIFY, value=value, origin="local")


def test_a_service_that_points_nowhere_is_named() -> None:
    services = [service(), service(point(PointKind.ROTA, "nobody")), service(point(PointKind.DESK, "coroner"))]
    found = list(gaps.of_services(services, ["sio"], ["coroner"]))
    assert [gap.said for gap in found] == [
        "No way to reach it is entered.", "It is reached by the rota nobody, which is not there.",
    ]  # fmt: skip


def test_a_type_of_alert_without_a_policy_has_no_window() -> None:
    found = list(gaps.of_windows(["missing-from-care", "removal-from-uk"], ["removal-from-uk"], handover_set=False))
    assert [gap.subject for gap in found] == ["missing-from-care", "handovers"]


def test_warnings_of_rotas_are_told_once_each() -> None:
    seen = [(WarningKind.EMPTY_ROTA, "Night"), (WarningKind.EMPTY_ROTA, "Night"), (WarningKind.SHORT_REST, "Day")]
    assert [(gap.kind, gap.subject) for gap in gaps.of_warnings(seen)] == [(GapKind.EMPTY_ROTA, "Night")]


async def of(partnership: Partnership) -> dict[GapKind, list[str]]:
    async with partnership.session() as session:
        found = await report(session)
    kinds: dict[GapKind, list[str]] = {}
    for gap in found:
        kinds.setdefault(gap.kind, []).append(gap.subject)
    assert list(kinds) == [kind for kind in GapKind if kind in kinds], "in the order of the report"
    return kinds


async def test_the_reference_partnerships_name_what_only_their_boards_can_set(
    cambs: Partnership, herts: Partnership
) -> None:
    one, other = await of(cambs), await of(herts)
    assert GapKind.THRESHOLDS not in one
    assert other[GapKind.THRESHOLDS] == ["partnership"]
    assert one[GapKind.UNCONFIRMED_VALUE] == ["paediatrician_uncovered_hours"]
    assert "emergency-duty-team: phone" in one[GapKind.UNVERIFIED_CONTACT]
    assert REVERIFY in one[GapKind.UNVERIFIED_CONTACT]
    assert GapKind.ACKNOWLEDGEMENT_WINDOW not in one


async def test_that_nobody_is_left_to_let_people_in_is_told(cambs: Partnership) -> None:
    assert GapKind.ADMINISTRATION not in await of(cambs)
    async with cambs.session() as session:
        await session.execute(text("UPDATE person SET active = false"))
        await session.commit()
    assert (await of(cambs))[GapKind.ADMINISTRATION] == ["people"]


@pytest.mark.parametrize("name", files.names())
def test_a_reference_partnership_has_a_policy_for_all_that_the_product_raises(name: str) -> None:
    assert files.load(name).alert_policies.keys() == alert_types()


async def test_whatever_is_raised_without_a_policy_is_named_with_what_to_do(
    environment: dict[str, str], command_line: CommandLine, herts: Partnership
) -> None:
    async with open_session(herts.id, on=owner_engine()) as session:
        gone = "UPDATE alert_policy SET state = 'superseded' WHERE alert_type IN ('urgent-referral', 'clock-breach')"
        await session.execute(text(gone))
        await session.commit()
    said = command_line.run(["partnership", "readiness", herts.slug], environment).stdout
    nobody = "No policy is in force, so no acknowledgement window is set and nobody is alerted."
    for alert_type in ("clock-breach", "urgent-referral"):
        assert f"  {alert_type}: {nobody} Draft a policy with its times and switch it on.\n" in said
    assert said.count(nobody) == 2


async def test_the_report_of_a_partnership_without_levels_says_whose_they_are(herts: Partnership) -> None:
    async with herts.session() as session:
        said = list(lines(await report(session)))
    assert said[0] == "thresholds:"
    assert "Its board has to name the levels of need" in said[1]
    assert said[1].endswith("Draft a threshold document that names levels; approve it.")


async def test_a_rota_that_was_seen_to_be_empty_is_named(cambs: Partnership) -> None:
    assert GapKind.EMPTY_ROTA not in await of(cambs)
    async with cambs.session() as session:
        rota = (await rotas.rotas(session))[0]
        now = await session.now()
        session.append(RotaWarning, kind=WarningKind.EMPTY_ROTA, rota_id=rota.id, first_seen_at=now)
        await session.commit()
    assert (await of(cambs))[GapKind.EMPTY_ROTA] == [rota.name]


async def test_who_takes_turns_and_may_not_answer_is_named(cambs: Partnership) -> None:
    async with cambs.session() as session:
        assert "may not sign in" not in " ".join(lines(await report(session)))
        await session.execute(
            text(
                "UPDATE membership SET state = 'suspended'"
                " WHERE person_id = (SELECT id FROM person WHERE code = 'bram-cartwheel')"
            )
        )
        await session.commit()
    async with cambs.session() as session:
        said = " ".join(lines(await report(session)))
    mute = "Detective Inspector Bram Cartwheel takes turns on it and may not sign in, so cannot answer."
    assert f"Senior investigating officers: {mute}" in said


async def test_it_is_there_for_who_looks_after_readiness(environment: dict[str, str], cambs: Partnership) -> None:
    async with open_door(environment) as door:
        await door.change_roles(cambs, "tansy.millrace", "rota_manager")
        found = (await door.person("tansy.millrace").run(operation("PartnershipReadiness")))["partnershipReadiness"]
        assert {"THRESHOLDS", "UNVERIFIED_CONTACT"} & {one["kind"] for one in found} == {"UNVERIFIED_CONTACT"}
