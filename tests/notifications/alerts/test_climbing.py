"""A ladder as an alert lives through it, whatever the policy, the answers and the order in which they come."""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from notifications.alerts.climbing import PassedOver, climb
from notifications.alerts.responders import Responders
from notifications.ladders.hours import Hours
from notifications.ladders.policy import PersonTarget, RotaTarget, SlotPolicy, Step, TeamTarget
from notifications.rotas.roster import Roster
from tenants.contacts.models import Channel, ContactMethod

TENANT = UUID(int=1)
CODES = ["ash", "birch", "cedar", "elm"]
PEOPLE = {code: uuid5(TENANT, code) for code in CODES}
DAY = Hours.model_validate({"weekdays": list(range(7)), "start": "08:00", "end": "20:00"})
NIGHT = Hours.model_validate({"weekdays": list(range(7)), "start": "20:00", "end": "08:00"})

targets = st.one_of(
    st.sampled_from(CODES).map(lambda code: RotaTarget(role=code)),
    st.sampled_from(CODES).map(lambda code: PersonTarget(person=code)),
    st.lists(st.sampled_from(CODES), min_size=1, unique=True).map(lambda m: TeamTarget(team="duty", members=tuple(m))),
)
steps = st.builds(
    Step, target=targets, channels=st.just((Channel.SMS,)), acknowledge_within=st.integers(10, 900),
    page_again_every=st.none(), only_between=st.sampled_from([(), (DAY,), (NIGHT,), (DAY, NIGHT)]),
)  # fmt: skip
plans = st.builds(
    SlotPolicy, role=st.just("r"), template=st.just("t"),
    repeat=st.integers(0, 4), confirm_within=st.none(), steps=st.lists(steps, min_size=1, max_size=5).map(tuple),
)  # fmt: skip
some = st.sets(st.sampled_from(CODES))
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1))  # noqa: DTZ001  # local wall times


def people_at(local: datetime, reachable: set[str]) -> Responders:
    methods = {
        PEOPLE[code]: [ContactMethod(tenant_id=TENANT, person_id=PEOPLE[code], channel=Channel.SMS, address=code)]
        for code in reachable
    }
    on_duty = {code: [person] for code, person in PEOPLE.items()}
    return Responders(Roster(on_duty, {}), methods, [], local, people=dict(PEOPLE))


@given(plans, moments, some, some)
def test_every_ladder_ends_and_goes_up_only(
    plan: SlotPolicy, begins: datetime, reachable: set[str], declining: set[str]
) -> None:
    """Climbed to its end with nobody answering: each rung once, in order, each at its time, none twice."""
    declined = frozenset(PEOPLE[code] for code in declining)
    number, local, seen = 0, begins, list[int]()
    while True:
        went = climb(plan, number, people_at(local, reachable), declined)
        seen += [rung.number for rung in went.passed]
        if went.paged is None:
            break
        seen.append(went.paged.number)
        assert went.paged.reached
        assert not {found.person_id for found in went.paged.reached} & declined
        within = went.paged.step.acknowledge_within
        assert within is not None
        number, local = went.paged.number + 1, local + timedelta(seconds=within)
    assert seen == list(range(plan.rungs))


@given(plans, moments, some, some)
def test_a_rung_is_paged_unless_there_is_a_reason_not_to(
    plan: SlotPolicy, local: datetime, reachable: set[str], declining: set[str]
) -> None:
    declined = frozenset(PEOPLE[code] for code in declining)
    at = people_at(local, reachable)
    went = climb(plan, 0, at, declined)
    for rung in went.passed:
        found = {responder.person_id for responder in at.at_step(rung.step)}
        match rung.passed_over:
            case PassedOver.OUT_OF_HOURS:
                assert rung.step.only_between
                assert not any(hours.include(local, frozenset()) for hours in rung.step.only_between)
            case PassedOver.NOBODY:
                assert not found
            case PassedOver.DECLINED:
                assert found
                assert found <= declined
            case None:
                raise AssertionError


@given(moments, st.permutations(CODES), some, st.integers(0, 20))
def test_of_a_team_one_is_asked_who_can_be(local: datetime, members: list[str], reachable: set[str], turn: int) -> None:
    step = Step(
        target=TeamTarget(team="duty", members=tuple(members), turn=turn), channels=(Channel.SMS,),
        acknowledge_within=60, page_again_every=None,
    )  # fmt: skip
    plan = SlotPolicy(role="r", template="t", repeat=0, confirm_within=None, steps=(step,))
    went = climb(plan, 0, people_at(local, reachable))
    in_turn = [code for code in members[turn % 4 :] + members[: turn % 4] if code in reachable]
    assert [found.addresses[0].address for found in (went.paged.reached if went.paged else ())] == in_turn[:1]
