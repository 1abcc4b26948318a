"""A run shows the provisions of the partnership's manual that bind it, and what was acted under stays as it was."""

from datetime import timedelta
from typing import Any

import pytest

from backend.kit.ids import uuid7
from backend.kit.problems import Invalid
from backend.pathways import casework, deciding, departing, repository, settling
from backend.pathways.casework_models import PathwayTask, TaskState
from backend.pathways.deciding import DecisionTold
from backend.pathways.departing import DepartureTold
from backend.pathways.moments import MomentTold
from backend.pathways.settling import SettlingTold
from backend.procedures import linking
from graphql_api.ids import encode
from infra.dev.clock import Clock
from support.api import Door, operation
from support.casework import REFERRAL, Started, referral
from support.partnership import Partnership
from support.procedures import MANUAL, approved, drafted
from support.scene import coming
from tenants.procedures import approving, corrections, drafting
from tenants.procedures import repository as manuals
from tenants.procedures.drafting import DraftTold
from tenants.procedures.links import LinkTold

LINKS = [
    LinkTold("1.2", REFERRAL, "obligation", "confirm-in-writing"),
    LinkTold("2.1", REFERRAL, "decision", "next-step"),
    LinkTold("2.2", source="Working Together 2005", place="¶4.17"),
    LinkTold("2.2", REFERRAL, "gate", "permission-before-checks"),
    LinkTold("1.1", REFERRAL, "gate", "family-consulted"),
]


async def first_edition(partnership: Partnership) -> None:
    """A manual in force whose links name an obligation, a decision and a place of the national text."""
    author = (await partnership.member("administrator")).person_id
    async with partnership.session() as session:
        draft = await drafted(session, author)
        for wrong, field in (
            (LinkTold("9.9", REFERRAL, "obligation", "refer"), "links.0.address"),
            (LinkTold("1.1", REFERRAL, "obligation", "refr"), "links.0.code"),
            (LinkTold("1.1", "referal", "obligation", "refer"), "links.0.pathway"),
            (LinkTold("1.1", REFERRAL), "links.0"),
            (LinkTold("1.1", source="Working Together 2005"), "links.0.address"),
        ):
            with pytest.raises(Invalid) as refused:
                await linking.write(session, draft.id, [wrong], author)
            assert [one.field for one in refused.value.errors] == [field]
        await linking.write(session, draft.id, LINKS, author)
        await approved(session, draft)
        await session.commit()


async def second_edition(partnership: Partnership) -> None:
    """The next edition: 1.2 reads otherwise and is 1.4 now; it says by which title it is cited itself."""
    author = (await partnership.member("administrator")).person_id
    async with partnership.session() as session:
        (before,) = await manuals.in_force(session, await manuals.today(session))
        told = DraftTold(MANUAL, before.title, law_as_at=before.law_as_at, based_on_id=before.id)
        draft = await drafting.draft(session, told, author, uuid7())
        changed = {"text": "The referrer should confirm in writing within 24 hours.", "address": "1.4", "number": "1.4"}
        await corrections.set_fields(session, draft.id, ["1.2"], changed, author)
        await approving.approve(session, draft.id, None, role="procedures_approver", authority="Minute 9",
                                in_force_from=await manuals.today(session))  # fmt: skip
        await session.commit()


async def act(started: Started) -> None:
    """Speak to the referrer, go past a gate for want of permission, and decide the next step."""
    async with started.partnership.session() as session:
        await casework.open_gate(session, started.intake, started.run_id, "permission-before-checks",
                                 "Asking may put the child at risk.", started.known())  # fmt: skip
        tasks = await repository.of_run(session, PathwayTask, started.run_id)
        (task,) = [one for one in tasks if one.code == "clarify-with-referrer"]
        await settling.settle(session, started.intake, task.id, SettlingTold(TaskState.DONE, "We telephoned."),
                              version=task.version, transaction_id="settle")  # fmt: skip
        await casework.move(session, started.intake, started.run_id, "consideration", MomentTold(), None,
                            started.known())  # fmt: skip
        told = DecisionTold("next-step", ("may-be-in-need",), "Two visits show neglect.")
        await deciding.decide(session, started.manager, started.run_id, told, uuid7(), version=None,
                              transaction_id="decide")  # fmt: skip
        await session.commit()


def shown(items: list[dict[str, Any]], code: str) -> list[tuple[str, int]]:
    """Address and edition of what binds the parts of a code."""
    return [
        (bound["address"], bound["edition"]["number"])
        for one in items
        if one.get("code") == code
        for bound in one["provisions"]
    ]


async def test_what_was_done_stays_under_the_edition_it_was_done_under_and_what_is_open_follows_the_new_one(
    door: Door, herts: Partnership, clock: Clock
) -> None:
    await clock.freeze(coming(weekday=1, hour=12))
    await first_edition(herts)
    started = await referral(herts)
    reader = await door.of(herts, started.manager.person_id)
    run_id = encode("PathwayRun", started.run_id)

    async def screen(**given: Any) -> dict[str, Any]:
        return dict((await reader.run(operation("PathwayProvisions"), id=run_id, **given))["pathwayRun"])

    before = await screen()
    assert shown(before["tasks"], "confirm-in-writing") == [("1.2", 1)]
    assert shown(before["stages"], "intake") == [("2.2", 1)]  # it cites ¶4.17 of the national text
    assert shown(before["stages"], "feedback") == []
    assert shown(before["gates"], "permission-before-checks") == [("2.2", 1)]
    assert shown(before["gates"], "family-consulted") == [("1.1", 1)]
    await act(started)
    async with herts.session() as session:
        first_day = await manuals.today(session)

    await clock.advance(timedelta(days=2))
    assert shown((await screen())["tasks"], "confirm-in-writing") == [("1.2", 1)]
    await second_edition(herts)
    async with herts.session() as session:
        told = DepartureTold("obligation", "confirm-in-writing", "By telephone.", "The office burnt down.")
        departure = await departing.acknowledge(session, started.intake, started.run_id, told, uuid7())
        await session.commit()
    assert departure.provision == "Working Together 2005 ¶4.19; Manual of child-protection 1.4"
    assert departure.edition.endswith("Manual of child-protection, edition 2")

    now = await screen()
    assert shown(now["tasks"], "confirm-in-writing") == [("1.4", 2)]  # the link went with the provision's new number
    assert shown(now["tasks"], "clarify-with-referrer") == [("2.2", 1)]
    assert shown(now["decisions"], "next-step") == [("2.1", 1)]
    assert shown(now["stages"], "intake") == [("2.2", 2)]
    assert shown(now["gates"], "permission-before-checks") == [("2.2", 1)], "it was opened under the first edition"
    assert shown(now["gates"], "family-consulted") == [("1.1", 2)]
    (cited,) = now["departures"]
    assert [(one["address"], one["edition"]["number"]) for one in cited["provisions"]] == [("1.4", 2)]

    on_the_first_day = await screen(on=first_day.isoformat())
    assert shown(on_the_first_day["tasks"], "confirm-in-writing") == [("1.2", 1)]
    (bound,) = next(one for one in on_the_first_day["tasks"] if one["code"] == "confirm-in-writing")["provisions"]
    assert bound["text"] == "The referrer should confirm in writing within 48 hours; see 2.1."
    assert shown((await screen(on="2001-01-01"))["tasks"], "confirm-in-writing") == []


async def test_links_are_written_over_the_api_and_do_not_change_once_the_text_is_approved(
    door: Door, herts: Partnership
) -> None:
    author = await door.member(herts, "administrator")
    told = await author.mutate("DraftProcedureEdition", manual="local", title="Local procedures", lawAsAt="2026-08-01")
    draft = told["edition"]["id"]
    await author.mutate("AddProcedureProvision", editionId=draft, address="4.2", number="4.2", text="Staff must refer.",
                        force="MUST")  # fmt: skip
    links = [
        {"source": "County manual"},
        {"address": "4.2", "pathway": REFERRAL, "kind": "obligation", "code": "refer"},
    ]
    done = await author.mutate("SetProcedureLinks", editionId=draft, links=links)
    assert done["__typename"] == "ProcedureEditionPayload", done
    await author.mutate("CorrectProcedureProvisions", editionId=draft, addresses=["4.2"], newAddress="4.3")
    found = (await author.run(operation("ProcedureEdition"), id=draft))["procedureEdition"]
    assert [(one["source"], one["code"], one["address"]) for one in found["links"]] == [
        ("County manual", None, None), (None, "refer", "4.3"),
    ]  # fmt: skip
    await author.mutate("RemoveProcedureProvision", editionId=draft, address="4.3")
    found = (await author.run(operation("ProcedureEdition"), id=draft))["procedureEdition"]
    assert "dangling-link" in [one["code"] for one in found["findings"] if one["blocking"]]
    approver = await door.member(herts, "duty_manager")
    await author.mutate("SetProcedureLinks", editionId=draft, links=[{"source": "County manual"}])
    await author.mutate("AddProcedureProvision", editionId=draft, address="5", number="5", text="x")
    approval = {"editionId": draft, "role": "duty_manager", "inForceFrom": "2100-01-01", "authority": "Minute 1"}
    assert (await approver.mutate("ApproveProcedureEdition", **approval))["__typename"] == "ProcedureEditionPayload"
    late = await author.mutate("SetProcedureLinks", editionId=draft, links=[])
    assert late["__typename"] == "ConflictProblem"
