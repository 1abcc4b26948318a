"""An allegation against a member of staff, over Christmas and the weeks after it, in two partnerships that differ."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from infra.dev.clock import Clock
from support.api import JSON, Door, said
from support.partnership import Partnership
from support.play import Play
from support.work import Work

ALLEGATION = "allegation-against-staff"
LONDON = ZoneInfo("Europe/London")

MANAGER, ACCUSED, COLLEAGUE, OFFICER = "nettie.sedgewick", "tansy.millrace", "corin.waterbeck", "sorrel.pennywhistle"
CAMBS = {
    "recipient-of-allegation": "juniper.blythe", "designated-senior-manager": MANAGER, "employer": MANAGER,
    "allegations-officer": OFFICER, "child-abuse-investigator": "bram.cartwheel", "social-worker": "isolde.marram",
    "social-care-manager": "rowan.fenwick", "human-resources": "linden.oakshaw", "partnership-chair": "greta.stonecrop",
}  # fmt: skip
HERTS = {
    "recipient-of-allegation": "clover.ashdown", "employer": "elowen.tidewater", "social-worker": "sylvan.harebell",
    "social-care-manager": "marlow.goosegrass", "child-abuse-investigator": "tobin.gravelpit",
    "human-resources": "briar.candlewick", "partnership-chair": "verity.hornbeam",
}  # fmt: skip


def on(month: int, day: int, hour: int = 12, minute: int = 0, year: int | None = None) -> datetime:
    """Local time in the winter of 2026: Christmas Eve is a Thursday, and Boxing Day is kept on Monday the 28th."""
    return datetime(year or (2027 if month < 6 else 2026), month, day, hour, minute, tzinfo=LONDON).astimezone(UTC)


def end_of(month: int, day: int) -> str:
    """How a limit in days is printed that lasts to the end of one."""
    return said(on(month, day, 0) + timedelta(days=1))


async def opened(play: Play, opener: str, criteria: list[str], **more: Any) -> None:
    """The opener opens the case, keeps it from the accused, names those who have to know, and starts the pathway."""
    play.owner = play.cast[opener]
    made = await play.do("OpenCase", opener, pathway=ALLEGATION)
    assert made["case"]["restricted"] is True
    play.case = made["case"]["id"]
    for role, subject in play.cast.items():
        if not (role == opener and role == "partnership-chair"):
            await play.do(
                "AssignPractitioner", opener, caseId=play.case, personId=await play.person(subject), role=role
            )
    people = [await play.person(subject) for subject in {*play.cast.values()}]
    await play.do("RestrictCase", opener, caseId=play.case, personIds=people, reason="They have to know.")
    started = await play.do("StartPathway", opener, caseId=play.case, pathway=ALLEGATION, criteria=criteria, **more)
    play.run, play.version = started["run"]["id"], started["run"]["version"]


async def never_there(play: Play, *subjects: str) -> None:
    """To these people the case is as if it never was, by every way there is; they are given nothing of it."""
    for subject in subjects:
        somebody = play.door.person(subject)
        assert (await somebody.run("query ($id: ID!) { case(id: $id) { id } }", id=play.case))["case"] is None
        assert (await somebody.run("query ($id: ID!) { pathwayRun(id: $id) { id } }", id=play.run))[
            "pathwayRun"
        ] is None
        for query in (
            "{ found: cases(first: 50) { edges { node { id } } } }",
            '{ found: clocks(first: 50, where: {pathway: "allegation-against-staff"}) { edges { node { id } } } }',
            "{ found: tasks(first: 50) { edges { node { id } } } }",
        ):
            assert (await somebody.run(query))["found"]["edges"] == [], (subject, query)
        found = (await somebody.run("{ alerts(first: 50) { edges { node { type case { id } } } } }"))["alerts"]["edges"]
        assert {edge["node"]["type"] for edge in found} <= {"configuration-alarm"}, "which names no case"
        assert play.case not in str(found)


async def test_in_a_partnership_with_an_officer_for_allegations(
    door: Door, cambs: Partnership, clock: Clock, work: Work, carrier: httpx.Client
) -> None:
    # A child says on Christmas Eve at two what a social worker of the county has done; the manager hears at four.
    play = await Play.begun(cambs, door, clock, work, carrier, CAMBS, on(12, 24, 16))
    await opened(play, "designated-senior-manager", ["abuse-alleged", "possible-offence"], variant="own-staff",
                 occurredAt=on(12, 24, 14).isoformat())  # fmt: skip
    await play.do("BarFromCase", "employer", caseId=play.case, personId=await play.person(ACCUSED),
                  reason="The allegation is against her.")  # fmt: skip
    await never_there(play, ACCUSED, COLLEAGUE)
    assert await play.told() == {}
    clocks = await play.clocks("employer")
    # One working day from a Thursday is Tuesday: Christmas, the weekend and the holiday on Monday lie between.
    assert clocks["employer-tells-allegations-officer"] == ("RUNNING", end_of(12, 29))
    assert clocks.keys() == {"employer-tells-allegations-officer"}  # the board lets all words without a figure stand

    await the_manager_is_told_and_tells_the_officer(play)
    await the_threshold_is_met_and_the_meeting_called(play)
    await police_and_strands(play)
    await the_police_review_is_missed_and_then_held(play)
    await strands_conclude(play)
    await outcome_and_end(play)


async def the_manager_is_told_and_tells_the_officer(play: Play) -> None:
    await play.step("GivePathwayNotice", "recipient-of-allegation", notification="senior-manager-alerted",
                    givenTo="N. Sedgewick, by telephone", acknowledged=True)  # fmt: skip
    clocks = await play.clocks("employer")
    # The manager's own day is the weaker: it yields to the employer's, which is a must.
    assert clocks["manager-tells-allegations-officer"] == ("RUNNING", end_of(12, 29))
    await play.step("CompletePathwayForm", "recipient-of-allegation", form="recipients-record", answers={
        "allegation-words": "In the child's own words.", "times-dates-places": "Today at two, at school."})  # fmt: skip
    await play.step("MovePathway", "designated-senior-manager", stage="senior-manager")

    # Nothing goes out over the holidays, and nobody may go on before the officer is told.
    await play.at(on(12, 28, 23))
    assert await play.told() == {}
    shut = await play.refused("MovePathway", "designated-senior-manager", stage="threshold")
    assert (shut["why"], shut["subject"], shut["missing"]) == (
        "GATE", "officer-told-first", ["notification officer-notified"],
    )  # fmt: skip

    # On the last day at eight each who owes it is told that it is due, once; no rota is called, nor anybody else.
    await play.at(on(12, 29, 8))
    assert await play.told() == {"clock-notice": {MANAGER}}
    await play.at(on(12, 29, 10))
    await play.step("GivePathwayNotice", "employer", notification="officer-notified", givenTo="The officer, rung",
                    acknowledged=True)  # fmt: skip
    clocks = await play.clocks("employer")
    assert {
        clocks[code][0] for code in ("employer-tells-allegations-officer", "manager-tells-allegations-officer")
    } == {"MET"}
    assert "employer-tells-officer" not in await play.owed("employer")
    await play.step("MovePathway", "designated-senior-manager", stage="threshold")

    # The officer answers for the case from here on, and is told so; nobody else is.
    handed = await play.do("HandOverCase", "employer", caseId=play.case, ownerId=await play.person(OFFICER),
                           reason="The officer for allegations leads.")  # fmt: skip
    assert [one["kind"] for one in handed["case"]["changes"]] == ["HANDED_OVER"]
    play.owner = OFFICER
    await play.work.run_due()
    assert await play.told() == {"case-handed-over": {OFFICER}}


async def the_threshold_is_met_and_the_meeting_called(play: Play) -> None:
    forbidden = await play.refused(
        "DecidePathway", "employer", decision="threshold-met", options=["met"], reasons="Yes."
    )
    assert (forbidden["why"], forbidden["missing"]) == ("ROLE", ["role allegations-officer"])
    await play.step(
        "CompletePathwayForm",
        "allegations-officer",
        form="officer-case-record",
        answers={"threshold-limb": ["harm", "offence"], "person-role": "Social worker of the county"},
    )
    decided = await play.step("DecidePathway", "allegations-officer", decision="threshold-met", options=["met"],
                              reasons="A child may have been harmed, and an offence committed.")  # fmt: skip
    assert decided["run"]["stage"] == "management-meeting"
    clocks = await play.clocks("allegations-officer")
    # Three working days from Tuesday: New Year's Day and a weekend lie between.
    assert clocks["allegations-management-meeting"] == ("RUNNING", end_of(1, 4))
    assert clocks["allegation-concluded-target"][0] == "RUNNING"
    assert "officer-refers-to-police" in await play.owed("allegations-officer")
    await play.step("GivePathwayNotice", "allegations-officer", notification="officer-refers-to-police",
                    givenTo="Child abuse investigation unit", acknowledged=True)  # fmt: skip

    await play.at(on(1, 3, 23))
    assert await play.told() == {}
    await play.at(on(1, 4, 9))
    assert await play.told() == {"clock-notice": {OFFICER}}
    await play.at(on(1, 4, 14))
    await meeting_held(play)
    clocks = await play.clocks("allegations-officer")
    assert clocks["allegations-management-meeting"][0] == "MET"
    assert clocks["allegation-police-review"] == ("RUNNING", end_of(2, 1))
    await play.step("MovePathway", "allegations-officer", stage="consideration")


async def meeting_held(play: Play) -> None:
    """The management meeting is on record, and its duty is settled with what shows it."""
    await play.do("RecordPathwayEvent", "allegations-officer", runId=play.run, code="management-meeting-held")
    await play.settle("hold-management-meeting", "allegations-officer", words="Minutes of the meeting.")


async def police_and_strands(play: Play) -> None:
    await play.step("DecidePathway", "social-care-manager", decision="offence", options=["offence-possible"],
                    reasons="What is said would be an assault.")  # fmt: skip
    assert "police-told" in await play.owed("social-care-manager")
    await play.step("GivePathwayNotice", "social-care-manager", notification="police-told", givenTo="DI Cartwheel",
                    acknowledged=True)  # fmt: skip
    decided = await play.step("DecidePathway", "social-care-manager", decision="strands",
                              options=["crime", "discipline"],
                              reasons="No child of hers is at risk; the police and the employer act.")  # fmt: skip
    assert decided["run"]["stage"] == "enquiries"
    # The person accused is told nothing by one agency alone.
    shut = await play.refused("CompletePathwayForm", "human-resources", form="information-to-accused",
                              answers={"told-to-accused": "That a complaint was made."})  # fmt: skip
    assert (shut["why"], shut["subject"]) == ("GATE", "telling-the-suspect-agreed")
    await play.step(
        "CompletePathwayForm",
        "child-abuse-investigator",
        form="agreement-on-telling",
        answers={"telling-accused-agreed": "Police, social care and employer: after the first interview."},
    )
    await play.step("CompletePathwayForm", "human-resources", form="information-to-accused",
                    answers={"told-to-accused": "That the police wish to speak to her."})  # fmt: skip
    await never_there(play, ACCUSED, COLLEAGUE)
    assert await play.told() == {}


async def the_police_review_is_missed_and_then_held(play: Play) -> None:
    await play.at(on(2, 1, 9))
    assert await play.told() == {"clock-notice": {"bram.cartwheel"}}
    # "Wherever possible": once it has passed the reason is wanted, and it is no breach.
    await play.at(on(2, 2, 9))
    assert await play.told() == {"clock-notice": {"bram.cartwheel"}}
    assert (await play.clocks("allegations-officer"))["allegation-police-review"][0] == "MISSED"
    await play.step("CompletePathwayForm", "child-abuse-investigator", form="police-review",
                    answers={"decisions-and-reasons": "Consulted.", "police-review-frequency": "fortnightly"},
                    events=[{"code": "police-review-held", "occurredAt": on(2, 2, 8).isoformat()}])  # fmt: skip
    clocks = await play.clocks("allegations-officer")
    assert clocks["allegation-police-review"][0] == "MET_LATE"
    assert clocks["allegation-police-review-fortnightly"] == ("RUNNING", end_of(2, 16))
    assert "allegation-police-review-monthly" not in clocks
    await play.at(on(2, 12, 12))
    await play.step(
        "CompletePathwayForm",
        "child-abuse-investigator",
        form="police-review",
        answers={"decisions-and-reasons": "No charge.", "police-review-frequency": "fortnightly"},
        events=[{"code": "further-police-review-held", "occurredAt": on(2, 12, 11).isoformat()}],
    )
    # The next one counts from when it was held, not from when it was due.
    assert (await play.clocks("allegations-officer"))["allegation-police-review-fortnightly"] == (
        "RUNNING", end_of(2, 26),
    )  # fmt: skip
    assert await play.told() == {}


async def strands_conclude(play: Play) -> None:
    await play.at(on(2, 15, 12))
    going_on = await play.step("DecidePathway", "social-care-manager", decision="strand-conclusions",
                               options=["no-prosecution"], reasons="The prosecutor will not charge.")  # fmt: skip
    assert going_on["run"]["stage"] == "enquiries"  # the other strands go on all the same
    await play.step("SignOffPathway", "child-abuse-investigator", signOff="crime-concluded", note="No further action.")


async def outcome_and_end(play: Play) -> None:
    await play.at(on(2, 16, 12))
    concluded = await play.step(
        "DecidePathway",
        "employer",
        decision="strand-conclusions",
        options=["not-substantiated"],
        reasons="It can be neither proved nor disproved.",
    )
    assert concluded["run"]["stage"] == "outcome"
    await play.step("DecidePathway", "allegations-officer", decision="allegation-outcome", options=["unsubstantiated"],
                    reasons="Neither guilt nor innocence.")  # fmt: skip
    clocks = await play.clocks("allegations-officer")
    assert clocks["allegation-concluded-target"][0] != "BREACHED"  # a share of all cases, not a limit of one
    await play.detach("police-offence-notification", "allegations-officer", "The police know, and have decided.")
    # No strand that was opened is left without a conclusion: the protection of children was none of them here.
    ends = {"decision": "review-of-lessons", "options": ["no-wider-review"], "reasons": "The county acts on its own."}
    shut = await play.refused("DecidePathway", "partnership-chair", **ends)
    assert (shut["why"], shut["subject"], shut["missing"]) == (
        "GATE", "each-strand-concludes", ["sign-off discipline-concluded"],
    )  # fmt: skip
    early = await play.who("allegations-officer").mutate("CloseCase", caseId=play.case, reason="Done.")
    assert early["__typename"] == "CaseStillRunsProblem"
    assert {one["kind"] for one in early["remaining"]} == {"RUN", "TASK", "CLOCK", "GATE"}
    assert {one["code"] for one in early["remaining"] if one["kind"] in {"RUN", "GATE"}} == {
        "outcome", "each-strand-concludes", "planning",  # the last is the enquiry that was opened with the police
    }  # fmt: skip
    await end_of_joint_enquiry(play, next(one["id"] for one in early["remaining"] if one["code"] == "planning"))
    await play.step("SignOffPathway", "employer", signOff="discipline-concluded", note="A warning in writing.")
    undone = await play.refused("DecidePathway", "partnership-chair", **ends)
    assert (undone["why"], set(undone["missing"])) == (
        "DUTIES", {"obligation tell-regulator", "obligation consider-telling-employer"},
    )  # fmt: skip
    await play.settle("tell-regulator", "employer", state="NOT_APPLICABLE", words="The setting is not registered.")
    await play.settle("consider-telling-employer", "child-abuse-investigator", state="NOT_APPLICABLE",
                      words="She has no children.")  # fmt: skip
    ended = await play.step("DecidePathway", "partnership-chair", **ends)
    assert ended["run"]["state"] == "CLOSED"
    await why_the_review_was_late(play)
    closed = await play.do("CloseCase", "allegations-officer", caseId=play.case, reason="Every strand has concluded.")
    assert closed["case"]["state"] == "CLOSED"
    await never_there(play, ACCUSED, COLLEAGUE)
    await play.at(on(3, 1, 12))
    assert await play.told() == {}


async def why_the_review_was_late(play: Play) -> None:
    """The case waits for the reason of the one limit that was missed."""
    officer = play.who("allegations-officer")
    held = await officer.mutate("CloseCase", caseId=play.case, reason="Every strand has concluded.")
    (review,) = held["remaining"]
    assert (review["kind"], review["code"]) == ("CLOCK", "allegation-police-review")
    given = await officer.mutate("GiveBreachReason", clockId=review["id"], reason="The prosecutor was away.")
    assert given["__typename"] == "ClockPayload", given


async def end_of_joint_enquiry(play: Play, run: str) -> None:
    """The enquiry with the police has a run of its own, which their officer takes to its end."""
    officer = "child-abuse-investigator"

    async def decide(decision: str, option: str) -> JSON:
        version = (await play.screen(officer, run))["version"]
        return await play.do("DecidePathway", officer, runId=run, version=version, decision=decision, options=[option],
                             reasons="Nothing that was found is an offence.")  # fmt: skip

    await decide("lead-intervention", "social-care-led")
    for task in (await play.screen(officer, run))["tasks"]:
        if task["state"] == "OPEN":
            await play.do("SettlePathwayTask", officer, taskId=task["id"], version=task["version"], state="DONE",
                          evidence="As recorded.")  # fmt: skip
    closed = await decide("criminal-proceedings", "none")
    assert closed["run"]["state"] == "CLOSED"


async def test_in_a_partnership_without_an_officer_and_without_figures(
    door: Door, herts: Partnership, clock: Clock, work: Work, carrier: httpx.Client
) -> None:
    accused, colleague = "perrin.woodruff", "hollis.greenway"
    play = await Play.begun(herts, door, clock, work, carrier, HERTS, on(12, 24, 16))
    await opened(play, "social-care-manager", ["abuse-alleged"], variant="own-staff")
    await play.do("BarFromCase", "social-care-manager", caseId=play.case, personId=await play.person(accused),
                  reason="The allegation is against him.")  # fmt: skip
    await never_there(play, accused, colleague)
    # The edition prints no figure and the board lets its words stand: nothing is timed, and nobody is told by a clock.
    assert await play.clocks("social-care-manager") == {}
    assert "take-seriously" in await play.owed("employer", force="MUST")
    await play.step("CompletePathwayForm", "recipient-of-allegation", form="allegation-record", answers={
        "person-alleged": "A social worker of the county", "allegation-words": "In her own words.",
        "own-staff-or-carer": True, "historical-allegation": False})  # fmt: skip
    assert "take-seriously" not in await play.owed("employer")
    await play.step("GivePathwayNotice", "recipient-of-allegation", notification="referral-to-social-care",
                    givenTo="Intake", acknowledged=True)  # fmt: skip
    # There is no officer to be told first here: the case goes straight to social care.
    await play.step("MovePathway", "employer", stage="consideration")
    await play.step("DecidePathway", "social-care-manager", decision="offence", options=["no-offence-seen"],
                    reasons="Words, and no more.")  # fmt: skip
    assert "police-told" not in await play.owed("social-care-manager")
    await play.step("DecidePathway", "social-care-manager", decision="strands", options=["protection", "discipline"],
                    reasons="Other children may be at risk.")  # fmt: skip
    shown = await play.screen("human-resources")
    assert {one["code"]: one["asked"] for one in shown["signOffsAsked"]} == {
        "protection-concluded": True, "crime-concluded": False, "discipline-concluded": True,
        "departure-authorised": True,
    }  # fmt: skip
    (record,) = [form for form in shown["forms"] if form["code"] == "allegation-record"]
    assert record["withheld"] == ["person-alleged"]  # personnel advises without being shown who it is
    await play.at(on(1, 15, 12))
    # The partnership has no strategy discussion and no enquiry in force, which the decision opens.
    assert await play.told() == {"statutory-notice": {"systems.herts@example.org"}}
    await play.step("SignOffPathway", "social-care-manager", signOff="protection-concluded")
    await play.step("SignOffPathway", "employer", signOff="discipline-concluded")
    await play.step("DecidePathway", "employer", decision="strand-conclusions", options=["substantiated"],
                    reasons="He has said so himself.")  # fmt: skip
    await play.settle("record-departure", "social-worker", state="NOT_APPLICABLE", words="Nothing was departed from.")
    ended = await play.step("DecidePathway", "partnership-chair", decision="review-of-lessons",
                            options=["case-review"], reasons="It happened under several managers.")  # fmt: skip
    assert ended["run"]["state"] == "CLOSED"
    assert ended["decision"]["follows"]["not_in_force"] == ["serious-case-review-decision"]
    await never_there(play, accused, colleague)
    assert await play.told() == {}


async def test_nobody_breaks_the_glass_on_a_case_about_themselves(
    door: Door, cambs: Partnership, clock: Clock, work: Work, carrier: httpx.Client
) -> None:
    play = await Play.begun(cambs, door, clock, work, carrier, CAMBS, on(12, 24, 16))
    await opened(play, "designated-senior-manager", ["abuse-alleged"])
    glass = {"caseId": play.case, "reason": "I believe that this is about me"}
    accused = play.door.person(ACCUSED)
    await play.do("BarFromCase", "employer", caseId=play.case, personId=await play.person(ACCUSED), reason="About her.")
    refused = await accused.mutate("BreakGlass", **glass)
    assert refused == {"__typename": "NotFoundProblem", "message": "There is no such case in this partnership."}
    for mutation, given in (
        ("AssignPractitioner", {"personId": await play.person(ACCUSED), "role": "social-worker"}),
        ("HandOverCase", {"ownerId": await play.person(ACCUSED), "reason": "x"}),
        ("RestrictCase", {"personIds": [await play.person(ACCUSED)], "reason": "x"}),
    ):
        answer = await play.who("employer").mutate(mutation, caseId=play.case, **given)
        assert "from whom the case is kept" in answer["fields"][0]["message"], mutation
    # A colleague with the role for it may, in an emergency: the owner is told.
    assert (await play.door.person(COLLEAGUE).mutate("BreakGlass", **glass))["__typename"] == "BreakGlassPayload"
    await play.work.run_due()
    assert await play.told() == {"case-access-notice": {MANAGER}}
