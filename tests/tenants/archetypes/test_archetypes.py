"""The shipped reference partnerships, and what a file with a fault is told."""

import json
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml

from backend.identity.policies import ROLES
from backend.onboarding import files
from backend.onboarding.archetype import Archetype
from backend.pathways.definitions.library import shipped
from notifications.ladders.policy import STAND_INS, DirectoryTarget, RotaTarget
from tenants.contacts.models import Channel
from tenants.partnerships.models import AreaKind

TEMPLATES = Path(__file__).parents[3] / "infra" / "notify-templates.json"
AT_LEAST = {
    "paediatrician": 3,
    "sio": 3,
    "designated_doctor": 2,
    "detective_superintendent": 2,
    "clinician": 1,
    "social_worker": 1,
    "cdop_manager": 1,
    "administrator": 1,
}


@pytest.fixture(params=["cambs-peterborough", "hertfordshire", "worcestershire"])
def archetype(request: pytest.FixtureRequest) -> Archetype:
    return files.load(request.param)


def addresses(archetype: Archetype) -> Iterator[tuple[Channel, str]]:
    for person in archetype.people:
        yield from person.contacts.items()
    for entry in archetype.directory:
        yield entry.channel, entry.address


def test_three_partnerships_are_shipped_and_load() -> None:
    assert files.names() == ["cambs-peterborough", "hertfordshire", "worcestershire"]
    assert [files.load(name).slug for name in files.names()] == files.names()


def test_areas() -> None:
    cambs, herts, worcs = (files.load(name) for name in files.names())
    assert sorted(area.kind for area in worcs.areas) == [AreaKind.CORONER, AreaKind.LOCAL_AUTHORITY]
    assert [area.code for area in cambs.areas if area.kind is AreaKind.LOCAL_AUTHORITY] == [
        "cambridgeshire",
        "peterborough",
    ]
    assert sum(area.kind is AreaKind.CORONER for area in cambs.areas) == 3
    assert sorted(area.kind for area in herts.areas) == [AreaKind.CORONER, AreaKind.LOCAL_AUTHORITY]


def test_numbers_and_addresses_are_from_the_ranges_kept_for_drama(archetype: Archetype) -> None:
    found = list(addresses(archetype))
    assert len(found) > 50
    for channel, address in found:
        if channel is Channel.SMS:
            assert re.fullmatch(r"07700900\d{3}", address)
        elif channel is Channel.EMAIL:
            assert address.endswith("@example.org")
        else:
            assert address.startswith("device-")


def test_no_number_or_address_belongs_to_two() -> None:
    people = [person for name in files.names() for person in files.load(name).people]
    found = [address for person in people for address in person.contacts.values()]
    assert len(set(found)) == len(found)


def test_no_other_number_stands_anywhere_in_the_file(archetype: Archetype) -> None:
    text = resources.files("tenants.archetypes").joinpath(f"{archetype.slug}.yaml").read_text("utf-8")
    assert re.sub(r"07700900\d{3}", "", text).count("07") == 0
    assert not re.search(r"\d{5,}", re.sub(r"07700900\d{3}", "", text))
    assert set(re.findall(r"@([\w.]+)", text)) == {"example.org"}


def test_enough_people_for_each_role(archetype: Archetype) -> None:
    held = [role for person in archetype.people if person.membership for role in person.membership.roles]
    assert {role: held.count(role) >= number for role, number in AT_LEAST.items()} == dict.fromkeys(AT_LEAST, True)


def test_who_takes_turns_in_a_role_may_answer_its_alerts(archetype: Archetype) -> None:
    roles = {person.code: person.membership.roles for person in archetype.people if person.membership}
    for rota in archetype.rotas:
        if rota.role in ROLES:
            assert all(rota.role in roles[code] for code in rota.people)
        else:
            assert rota.role.replace("_", "-") in shipped().roles, "those on it act in the role in cases alone"


def test_every_acknowledgement_time_is_a_local_setting_without_a_source(archetype: Archetype) -> None:
    chosen = {
        setting.value: setting
        for setting in archetype.settings
        if setting.key.startswith("acknowledge_") and setting.key.endswith("_within_seconds")
    }
    assert all(setting.origin == "local" and not setting.citation for setting in chosen.values())
    answered = [slot for plan in archetype.alert_policies.values() for slot in plan.slots if slot.needs_answer]
    assert len(answered) == 13
    assert {step.acknowledge_within for slot in answered for step in slot.steps} == set(chosen)


def test_policies_name_only_rotas_and_desks_that_exist(archetype: Archetype) -> None:
    rotas = {rota.role for rota in archetype.rotas} | STAND_INS
    desks = {entry.role for entry in archetype.directory}
    steps = [step for plan in archetype.alert_policies.values() for slot in plan.slots for step in slot.steps]
    assert {step.target.role for step in steps if isinstance(step.target, RotaTarget)} <= rotas
    assert {step.target.role for step in steps if isinstance(step.target, DirectoryTarget)} <= desks


def test_every_message_has_a_template_for_its_channel(archetype: Archetype) -> None:
    known = {(entry["name"], entry["type"]) for entry in json.loads(TEMPLATES.read_text())}
    for plan in archetype.alert_policies.values():
        for slot in plan.slots:
            for channel in {channel for step in slot.steps for channel in step.channels} - {Channel.PUSH}:
                assert (slot.template, channel.value) in known


def test_social_care_is_reachable_in_each_authority_and_by_night(archetype: Archetype) -> None:
    desks = [entry for entry in archetype.directory if entry.role == "childrens_social_care"]
    by_day = {entry.area for entry in desks if entry.hours}
    assert by_day == {area.code for area in archetype.areas if area.kind is AreaKind.LOCAL_AUTHORITY}
    assert [entry.area for entry in desks if not entry.hours] == [None]


def test_every_coroner_area_has_its_coroner(archetype: Archetype) -> None:
    coroners = [entry.area for entry in archetype.directory if entry.role == "coroner"]
    assert coroners == [area.code for area in archetype.areas if area.kind is AreaKind.CORONER]


def test_cambs_keeps_the_manuals_cover_and_names_who_answers_outside_it() -> None:
    rota = next(rota for rota in files.load("cambs-peterborough").rotas if rota.role == "paediatrician")
    assert [(hours.start, hours.end, len(hours.weekdays)) for hours in rota.cover] == [("08:00", "20:00", 7)]
    assert rota.uncovered_role == "designated_doctor"


def small() -> dict[str, Any]:
    """The least that an archetype can be, as read from a file."""
    folder = resources.files("tenants.archetypes")
    content: dict[str, Any] = yaml.safe_load(folder.joinpath("hertfordshire.yaml").read_text("utf-8"))
    policies = yaml.safe_load(folder.joinpath("hertfordshire/policies.yaml").read_text("utf-8"))
    return {**content, **policies, "settings": content["settings"] + policies["settings"]}


def said_about(content: dict[str, Any]) -> str:
    with pytest.raises(files.ArchetypeError) as raised:
        files.parse(yaml.safe_dump(content), "ours.yaml")
    assert "\n" not in raised.value.message
    return raised.value.message


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("colour",), "red", "ours.yaml: colour: is not known here; remove it or correct its spelling."),
        (("zone",), "Europe/Nowhere", "There is no time zone called 'Europe/Nowhere'"),
        (("slug",), "No Slug", "slug: must be at most 40 lower-case letters"),
        (("people", 0, "contacts", "sms"), "07700 900100", "people.0: sms must be a mobile number"),
        (("people", 0, "contacts", "email"), "nobody", "people.0: email must be an email address"),
        (("people", 0, "contacts"), {}, "takes turns as paediatrician but has no contacts; add one"),
        (("people", 0, "agency"), "nowhere", "people: nowhere is not defined"),
        (("people", 1, "code"), "merle-brackenbury", "people: merle-brackenbury stands there twice"),
        (("people", 0, "membership", "roles"), ["wizard"], "wizard is not a role; choose from"),
        (("directory", 0, "area"), "elsewhere", "directory: elsewhere is not defined"),
        (("directory", 1, "hours", 0, "end"), 1020, "hours.0.end: must be text; put it in quotes"),
        (("directory", 1, "hours", 0, "end"), "25:00", "directory.1.hours.0.end: hour must be in 0..23"),
        (("rotas", 0, "members"), ["nobody"], "rotas: nobody is not defined"),
        (("rotas", 0, "uncovered_role"), "nobody", "rotas: nobody is not defined"),
        (("rotas", 0, "first_handover"), "2026-01-05T09:00:00Z", "carries no time zone"),
        (("settings", 0, "origin"), "baseline", "is a national value: name its paragraph in citation"),
        (("settings", 0), {"key": "closure_days", "value": ["soon"], "origin": "local"}, "Invalid isoformat string"),
        (
            ("settings", 0),
            {"key": "working_days_from_receipt", "value": {"cut_off": "5 o'clock"}, "origin": "local"},
            "Invalid isoformat string",
        ),
    ],
)
def test_a_fault_names_file_place_and_remedy_in_one_line(
    place: tuple[str | int, ...], value: object, message: str
) -> None:
    content: Any = small()
    inner = content
    for part in place[:-1]:
        inner = inner[part]
    inner[place[-1]] = value
    said = said_about(content)
    assert said.startswith("ours.yaml: ")
    assert message in said


def test_an_answered_step_without_a_time_is_refused() -> None:
    content = small()
    del content["alert_policies"]["child-death-joint-response"]["slots"][0]["steps"][0]["acknowledge_within"]
    assert (
        "child-death-joint-response: slots.0.steps.0.acknowledgeWithin: must be set by you, in seconds: no source"
        in said_about(content)
    )


ALERTS_OF_THE_CATALOGUE = {
    "child-death-notification-fan-out", "child-death-police-oncall-alert", "child-death-health-oncall-alert",
    "emergency-department-attendance-notice", "threat-to-life-warning", "family-missing-with-concern",
    "removal-from-uk", "missing-from-care", "order-breach-report", "safeguarding-advice-cover",
    "urgent-referral",
}  # fmt: skip


def test_every_kind_of_alert_has_a_policy_in_each_partnership(archetype: Archetype) -> None:
    assert set(archetype.alert_policies) >= ALERTS_OF_THE_CATALOGUE


@pytest.mark.parametrize(
    ("platform", "token", "said"),
    [
        ("apns", "device-of-a-test", "APNs device token"),
        ("fcm", "a/token/with/slashes", "Firebase registration token"),
        ("webpush", "https://push.example.org/1", "a browser registers itself"),
        ("fcm", None, "goes with a push contact"),
    ],
)
def test_a_device_is_of_a_platform_that_has_such_tokens(platform: str, token: str | None, said: str) -> None:
    content = small()
    person = content["people"][0]
    person["device_platform"] = platform
    person["contacts"] = {**person["contacts"], "push": token} if token else {"email": "somebody@example.org"}
    assert said in said_about(content)


def test_a_policy_that_names_nobody_is_refused() -> None:
    content = small()
    content["alert_policies"]["clock-reminder"]["slots"][0]["steps"][0]["target"]["role"] = "accountant"
    assert "slots.0.steps.0.target.role: there is no rota for accountant" in said_about(content)


def test_a_missing_part_is_named() -> None:
    content = small()
    del content["name"]
    assert said_about(content) == "ours.yaml: name: is missing; add it."


def test_a_key_that_stands_twice_is_refused() -> None:
    with pytest.raises(files.ArchetypeError, match=r"^x\.yaml: line 1: name stands there twice; remove one\.$"):
        files.parse("name: a\nname: b\n", "x.yaml")


@pytest.mark.parametrize("text", ["", "- name\n", "name\n"])
def test_a_file_that_is_no_mapping_is_refused_in_our_words(text: str) -> None:
    with pytest.raises(files.ArchetypeError, match=r"^x\.yaml: holds no mapping; begin it with key: value pairs\.$"):
        files.parse(text, "x.yaml")


def test_text_that_is_not_yaml_is_refused_with_its_line() -> None:
    with pytest.raises(files.ArchetypeError, match=r"^x\.yaml: line 3: "):
        files.parse("name: a\nslug: b\n]\n", "x.yaml")


def test_an_archetype_may_be_a_file_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "ours.yaml"
    file.write_text(yaml.safe_dump(small()))
    assert files.load(str(file)).slug == "hertfordshire"


def test_unknown_names_and_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(files.ArchetypeError, match="choose from cambs-peterborough, hertfordshire"):
        files.load("atlantis")
    with pytest.raises(files.ArchetypeError, match="No such file"):
        files.load(str(tmp_path / "none.yaml"))
