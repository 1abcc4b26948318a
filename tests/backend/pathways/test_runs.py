"""Runs on the real database: one of two actions wins, events are corrected with a trace, overlays join in."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, Forbidden, Invalid, Problem
from backend.pathways import casework, clockwork, deciding, departing, overlaying, recording, repository, settling
from backend.pathways.casework import Known
from backend.pathways.casework_models import DepartureState, PathwayTask, TaskState
from backend.pathways.course import course_of
from backend.pathways.deciding import DecisionTold
from backend.pathways.definitions.steps import Permission, Prohibition
from backend.pathways.departing import DepartureTold
from backend.pathways.editions import repository as editions
from backend.pathways.editions.stored import effective_of
from backend.pathways.forms import FormTold
from backend.pathways.models import PathwayAction, PathwayEvent, RunState
from backend.pathways.moments import MomentTold, standing
from backend.pathways.refusals import Refused, Why
from backend.pathways.settling import SettlingTold
from backend.pathways.standing import step_of
from support.casework import OVERLAY, Started, put_in_force


async def test_of_two_moves_at_once_one_wins_and_the_other_is_told(started: Started) -> None:
    async def move() -> Problem | None:
        async with started.partnership.session() as session:
            try:
                await casework.move(session, started.intake, started.run_id, "consideration", MomentTold(), None,
                                    started.known(2))  # fmt: skip
            except Problem as problem:
                return problem
            await session.commit()
            return None

    outcomes = await asyncio.gather(*(move() for _ in range(4)))
    assert [type(one) for one in outcomes if one is not None] == [Conflict] * 3
    assert len(await actions(started)) == 3


async def test_a_transaction_takes_effect_once(started: Started) -> None:
    known = Known(None, "made-by-a-client-1")
    async with started.partnership.session() as session:
        await casework.move(session, started.intake, started.run_id, "consideration", MomentTold(), None, known)
        await session.commit()
    async with started.partnership.session() as session:
        with pytest.raises(Conflict, match="has taken effect"):
            await casework.hold_meeting(session, started.intake, started.run_id, "none", await session.now(), known)
    assert len(await actions(started)) == 3


async def test_the_actions_alone_give_the_run_as_it_stands(started: Started) -> None:
    async with started.partnership.session() as session:
        run = await repository.run(session, started.run_id)
        course = course_of(step_of(row) for row in await repository.actions(session, run.id))
    assert (course.version, course.stage, course.closed) == (run.version, run.stage, run.state is RunState.CLOSED)


async def test_what_was_recorded_can_be_neither_changed_nor_deleted(started: Started) -> None:
    for table in ("pathway_action", "pathway_event", "pathway_form", "pathway_fact", "pathway_sign_off"):
        for statement in (f"UPDATE {table} SET tenant_id = tenant_id", f"DELETE FROM {table}"):  # noqa: S608
            async with started.partnership.session() as session:
                with pytest.raises(DBAPIError, match="permission denied"):
                    await session.execute(text(statement))


async def test_a_corrected_start_moves_the_limit_and_leaves_a_trace(started: Started) -> None:
    async with started.partnership.session() as session:
        now = await session.now()
        sent = await recording.record_event(
            session, started.intake, started.run_id, "referral-telephoned", MomentTold(now), None, uuid7()
        )
        assert await due(session, started, "confirm-in-writing") == now + timedelta(hours=48)
        earlier = MomentTold(now - timedelta(hours=5))
        await recording.correct_event(session, started.intake, sent.id, earlier, "The log says seven.", uuid7())
        assert await due(session, started, "confirm-in-writing") == now + timedelta(hours=43)
        with pytest.raises(Conflict, match="corrected before"):
            await recording.correct_event(session, started.intake, sent.id, None, "Twice.", uuid7())
        newest = standing(await repository.of_run(session, PathwayEvent, started.run_id))[-1]
        await recording.correct_event(session, started.intake, newest.id, None, "It was another child.", uuid7())
        assert await due(session, started, "confirm-in-writing") is None
        rows = await repository.of_run(session, PathwayEvent, started.run_id)
        assert [row.code for row in rows].count("referral-telephoned") == 3
        run = await repository.run(session, started.run_id)
        one = effective_of(await editions.edition(session, run.edition_id))
        assert "referral-telephoned" not in (await clockwork.situation_of(session, run, one)).events


async def test_an_event_may_be_still_to_come_or_known_only_roughly(started: Started) -> None:
    async with started.partnership.session() as session:
        ahead = MomentTold(await session.now() + timedelta(days=9))
        due_on = await recording.record_event(
            session, started.intake, started.run_id, "actions-due", ahead, None, uuid7()
        )
        rough = await recording.record_event(
            session, started.intake, started.run_id, "difficulties-first-seen", MomentTold(on="autumn 2008"), None,
            uuid7(),
        )  # fmt: skip
        assert (due_on.anticipated, rough.anticipated, rough.occurred_at) == (True, False, None)
        for wrong in (MomentTold(on="last summer"), MomentTold(await session.now(), "2008")):
            with pytest.raises(Invalid, match="occurredOn"):
                await recording.record_event(
                    session, started.intake, started.run_id, "actions-due", wrong, None, uuid7()
                )


async def test_a_form_is_refused_where_nothing_stands_for_nothing_found(started: Started) -> None:
    async with started.partnership.session() as session:
        told = FormTold("referral-record", {"concern-nature": "Bruises", "decision-rationale": "  ", "channel": "fax"})
        with pytest.raises(Invalid) as refused:
            await casework.complete_form(session, started.intake, started.run_id, told, uuid7(), started.known())
        assert {fault.field for fault in refused.value.errors} == {"answers.decision-rationale", "answers.channel"}
        assert len(await repository.actions(session, started.run_id)) == 2


async def test_no_decision_is_taken_without_reasons(started: Started) -> None:
    async with started.partnership.session() as session:
        await casework.move(session, started.intake, started.run_id, "consideration", MomentTold(), None,
                            started.known())  # fmt: skip
        unreasoned = DecisionTold("next-step", ("no-further-action",), " ")
        with pytest.raises(Invalid, match="reasons"):
            await deciding.decide(session, started.manager, started.run_id, unreasoned, uuid7(), version=3,
                                  transaction_id="t-of-a-test")  # fmt: skip
        told = DecisionTold("next-step", ("may-be-in-need",), "Two visits show neglect.")
        with pytest.raises(Refused) as refused:
            await deciding.decide(session, started.intake, started.run_id, told, uuid7(), version=3,
                                  transaction_id="t-of-a-test")  # fmt: skip
        assert refused.value.why is Why.ROLE
        row = await deciding.decide(session, started.manager, started.run_id, told, uuid7(), version=3,
                                    transaction_id="t-of-a-test")  # fmt: skip
        assert set(row.follows["started"]) == {"initial-assessment"}
        assert row.follows["enters"] == "feedback"


async def test_an_overlay_joins_its_run_and_leaves_it_only_with_a_reason(started: Started) -> None:
    async with started.partnership.session() as session:
        await put_in_force(session, OVERLAY)
        row = await overlaying.attach_by_hand(
            session, started.manager, started.run_id, "forced-marriage", "The aunt rang.", uuid7(), version=2,
            transaction_id="attach",
        )  # fmt: skip
        await session.flush()
        assert [task.code for task in await open_tasks(session, row.overlay_run_id)] == ["see-alone"]
        binding = {one.prohibition.id: one.run.pathway for one in await overlaying.bindings(session, started.case_id)}
        assert binding["mediation"] == "forced-marriage"
        with pytest.raises(Refused, match="attached already"):
            await overlaying.attach_by_hand(session, started.manager, started.run_id, "forced-marriage", "Again.",
                                            uuid7(), version=3, transaction_id="attach-again")  # fmt: skip
        with pytest.raises(Invalid, match="reason"):
            await overlaying.detach(session, started.manager, row.id, " ", version=3, transaction_id="detach")
        await overlaying.detach(session, started.manager, row.id, "It was a film.", version=3, transaction_id="detach")
        await session.flush()
        assert await open_tasks(session, row.overlay_run_id) == []
        assert row.detach_reason == "It was a film."
        await session.commit()


async def test_an_event_is_passed_on_to_the_runs_that_take_it_over_and_so_is_its_correction(started: Started) -> None:
    async with started.partnership.session() as session:
        await put_in_force(session, OVERLAY)
        over = await overlaying.attach_by_hand(
            session, started.manager, started.run_id, "forced-marriage", "The aunt rang.", uuid7(), version=2,
            transaction_id="attach",
        )  # fmt: skip
        now = await session.now()
        made = await recording.record_event(
            session, started.intake, started.run_id, "referral-received", MomentTold(now), None, uuid7()
        )
        first, passed = await repository.of_run(session, PathwayEvent, over.overlay_run_id)
        (received,) = [row for row in await repository.of_run(session, PathwayEvent, started.run_id)
                       if row.code == "referral-received" and row.id != made.id]  # fmt: skip
        assert (first.code, first.source_id) == ("referral-received", received.id), "what was recorded before it began"
        assert (passed.code, passed.source_id) == ("referral-received", made.id)
        earlier = now - timedelta(hours=1)
        await recording.correct_event(session, started.intake, made.id, MomentTold(earlier), "An hour before.", uuid7())
        known = standing(await repository.of_run(session, PathwayEvent, over.overlay_run_id))
        assert [row.occurred_at for row in known] == [received.occurred_at, earlier]


async def test_of_two_rules_on_one_act_the_strictest_binds() -> None:
    laxer = {**OVERLAY["prohibitions"][0], "permission": "allowed"}
    rules: list[Any] = [Prohibition.model_validate(one) for one in (laxer, OVERLAY["prohibitions"][0])]
    runs: list[Any] = ["faith", "forced-marriage"]
    for order in ((0, 1), (1, 0)):
        (found,) = overlaying.strictest(overlaying.Binding(rules[place], runs[place]) for place in order)
        assert found.prohibition.permission is Permission.FORBIDDEN
        assert (found.run, found.overrules) == (runs[1], (runs[0],))


async def test_a_task_is_settled_by_whose_it_is_and_says_why(started: Started) -> None:
    async with started.partnership.session() as session:
        task = next(one for one in await open_tasks(session, started.run_id) if one.code == "answer-independent-school")
        assert task.owner_id == started.intake.person_id
        stranger = await started.partnership.member("cdop_manager")
        reasoned = SettlingTold(TaskState.NOT_APPLICABLE, reason="The child goes to a county school.")
        with pytest.raises(Forbidden):
            await settling.settle(session, stranger, task.id, reasoned, version=1, transaction_id="settle")
        with pytest.raises(Invalid, match="reason"):
            await settling.settle(session, started.intake, task.id, SettlingTold(TaskState.NOT_APPLICABLE), version=1,
                                  transaction_id="settle")  # fmt: skip
        await settling.settle(session, started.intake, task.id, reasoned, version=1, transaction_id="settle")
        with pytest.raises(Conflict):
            await settling.settle(session, started.intake, task.id, reasoned, version=2, transaction_id="settle-2")


async def test_mine_my_teams_and_overdue_are_what_they_say(started: Started) -> None:
    async with started.partnership.session() as session:
        now = await session.now()
        await recording.record_event(session, started.intake, started.run_id, "referral-telephoned",
                                     MomentTold(now - timedelta(hours=60)), None, uuid7())  # fmt: skip
        await session.flush()
        query = repository.tasks(started.intake)
        owned = {row.owner_id for row in await session.scalars(query.where(repository.mine(started.intake)))}
        late = {row.code for row in await session.scalars(query.where(repository.overdue()))}
        ours = list(await session.scalars(query.where(repository.of_my_teams(started.intake))))
        assert started.intake.person_id in owned
        assert late == {"confirm-in-writing"}
        assert ours == []


async def test_a_departure_takes_acknowledgement_authority_and_reasons(started: Started) -> None:
    async with started.partnership.session() as session:
        told = DepartureTold(
            "obligation", "clarify-with-referrer", "Ask the school instead.", "The referrer is abroad."
        )
        row = await departing.acknowledge(session, started.manager, started.run_id, told, uuid7())
        await session.flush()
        assert row.provision == "Working Together 2005 ¶4.17"
        assert "Hertfordshire manual 2006" in row.edition
        with pytest.raises(Forbidden, match="does not authorise"):
            await departing.answer(session, started.manager, row.id, None, agree=True)
        with pytest.raises(Forbidden):
            await departing.answer(session, started.intake, row.id, None, agree=True)
        other = await second_manager(session, started)
        await departing.answer(session, other, row.id, "Agreed by telephone.", agree=True)
        assert row.state is DepartureState.AUTHORISED
        rows = await repository.of_run(session, PathwayTask, started.run_id)
        task = next(one for one in rows if one.code == "clarify-with-referrer")
        assert (task.state, str(task.reason)[:24]) == (TaskState.NOT_DONE, "An authorised departure:")
        with pytest.raises(Conflict):
            await departing.answer(session, other, row.id, "Again.", agree=False)


async def second_manager(session: Any, started: Started) -> Any:
    from backend.identity.models import Membership  # noqa: PLC0415
    from backend.identity.policies import Caller  # noqa: PLC0415

    found = (
        await session.scalars(select(Membership).where(col(Membership.person_id) != started.manager.person_id))
    ).all()
    row = next(one for one in found if "duty_manager" in one.roles)
    return Caller(started.partnership.id, started.partnership.slug, row.person_id, tuple(row.roles))


async def actions(started: Started) -> list[PathwayAction]:
    async with started.partnership.session() as session:
        return await repository.actions(session, started.run_id)


async def open_tasks(session: Any, run_id: Any) -> list[PathwayTask]:
    return [row for row in await repository.of_run(session, PathwayTask, run_id) if row.state is TaskState.OPEN]


async def due(session: Any, started: Started, code: str) -> Any:
    return next(row.due_at for row in await open_tasks(session, started.run_id) if row.code == code)
