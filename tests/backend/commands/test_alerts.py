"""The commands on alerts, as an operator at a terminal meets them."""

import json
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from support.command_line import CommandLine
from support.partnership import SEEDED
from support.scene import WINDOW, Scene

Run = Callable[..., subprocess.CompletedProcess[str]]
HERE = ("--partnership", "cambs-peterborough")


@pytest.fixture
def safeguard(environment: dict[str, str], command_line: CommandLine) -> Run:
    """Run ``safeguard`` with arguments."""
    return lambda *arguments: command_line.run([*map(str, arguments)], environment)


def said(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one line a failed command leaves."""
    assert done.returncode == 1, done.stdout
    (line,) = done.stderr.splitlines()
    return line


async def test_an_alert_is_explained_by_id_and_by_reference(scene: Scene, safeguard: Run) -> None:
    await scene.report()
    await scene.clock.advance(timedelta(seconds=7))
    await scene.acknowledge("sio", await scene.on_call("sio"))
    reference = (await scene.alert()).reference
    told = said(safeguard("alerts", "explain", reference.lower(), *HERE))
    assert told == said(safeguard("alerts", "explain", scene.alert_id, *HERE))
    lines = told.splitlines()
    assert f"The alert {reference} (child-death-joint-response) was accepted" in lines[0]
    assert any("+0:00:07.000" in line and "accepted the call as sio, signed in." in line for line in lines)
    assert not [word for word in SEEDED if word in told]


async def test_evidence_is_written_verified_and_its_first_broken_entry_named(
    scene: Scene, safeguard: Run, tmp_path: Path
) -> None:
    await scene.report()
    file, print_, key = tmp_path / "evidence.json", tmp_path / "evidence.pdf", tmp_path / "key.json"
    said(safeguard("alerts", "evidence", scene.alert_id, *HERE, "--output", file))
    said(safeguard("alerts", "evidence", scene.alert_id, *HERE, "--format", "pdf", "--output", print_))
    assert print_.read_bytes().startswith(b"%PDF-")
    key.write_text(said(safeguard("alerts", "key", *HERE)))
    assert '"d"' not in key.read_text()
    assert "entries hold" in said(safeguard("alerts", "verify", file))
    assert "entries hold" in said(safeguard("alerts", "verify", file, "--key", key))
    for no_key in ("{}", "null", '""'):
        key.write_text(no_key)
        assert "not JSON of the kind" in refused(safeguard("alerts", "verify", file, "--key", key))
    document = json.loads(file.read_text())
    document["entries"][4]["facts"]["role"] = "sio2"
    file.write_text(json.dumps(document))
    assert "Entry 5 was changed" in refused(safeguard("alerts", "verify", file))
    file.write_text("no evidence")
    assert "not JSON" in refused(safeguard("alerts", "verify", file))


async def test_what_is_not_there_is_said_in_one_line(scene: Scene, safeguard: Run) -> None:
    await scene.report()
    assert "There is no alert ZZZZ-9999" in refused(safeguard("alerts", "explain", "ZZZZ-9999", *HERE))
    elsewhere = ("--partnership", "hertfordshire")
    assert "There is no such alert" in refused(safeguard("alerts", "explain", scene.alert_id, *elsewhere))
    assert "There is no partnership atlantis" in refused(
        safeguard("alerts", "explain", scene.alert_id, "--partnership", "atlantis")
    )
    assert "state: is none" in refused(safeguard("deliveries", "list", *HERE, "--state", "lost"))


async def test_what_is_stuck_is_shown_by_ids_alone(scene: Scene, safeguard: Run) -> None:
    assert said(safeguard("alerts", "stuck")) == "nothing is stuck\n"
    await scene.report(send=False)
    await scene.clock.advance(WINDOW)
    told = said(safeguard("alerts", "stuck"))
    assert f"{scene.partnership.id}  deliver_pages  {scene.alert_id}  120 s late  tried 0" in told
    assert "page_ended" not in told, "it fell due this moment"
    assert not [word for word in (*SEEDED, "cambs", (await scene.alert()).reference) if word in told]


async def test_messages_are_listed_without_addresses(scene: Scene, safeguard: Run) -> None:
    number = await scene.address(await scene.on_call("sio"), "sms")
    scene.phones.misbehave("permanent_failure", number)
    await scene.report(send=False)
    waiting = said(safeguard("deliveries", "list", *HERE, "--state", "pending", "--channel", "sms"))
    assert len(waiting.splitlines()) == 2
    assert said(safeguard("deliveries", "list", *HERE, "--stuck")) == ""
    await scene.clock.advance(timedelta(seconds=31))
    assert len(said(safeguard("deliveries", "list", *HERE, "--stuck")).splitlines()) == 4
    await scene.work.run_due()
    everything = said(safeguard("deliveries", "list", *HERE))
    assert "handed_over" in everything
    assert number not in everything
    assert "@" not in everything
    assert said(safeguard("deliveries", "list", *HERE, "--since", "2099-01-01")) == ""


async def test_whoever_suspends_a_partnership_hears_of_the_alerts_that_nobody_can_answer_now(
    scene: Scene, safeguard: Run
) -> None:
    await scene.report()
    told = said(safeguard("partnership", "suspend", "cambs-peterborough"))
    assert told.splitlines() == [
        "cambs-peterborough: suspended",
        "cambs-peterborough: alerts that call people and cannot be answered now: 1",
    ]
