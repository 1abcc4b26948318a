"""The Makefile is the one entry point: what it lists, what it needs, and what the README says of it."""

import re
from pathlib import Path
from typing import Final

import pytest

from backend.cli import commands
from backend.kit.settings import Settings
from support.make import REPOSITORY, make

README: Final = (REPOSITORY / "README.md").read_text()


@pytest.fixture(scope="module")
def listed() -> dict[str, str]:
    """What ``make help`` says of each target."""
    done = make("help")
    assert (done.returncode, done.stderr) == (0, "")
    found = [re.fullmatch(r"  make (\w+) +(\S.*)", line) for line in done.stdout.splitlines()]
    assert all(found), done.stdout
    return {line[1]: line[2] for line in found if line}


def test_help_lists_every_target_and_is_the_first_thing_that_make_does(listed: dict[str, str]) -> None:
    (phony,) = re.findall(r"^\.PHONY: (.+)$", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    assert list(listed) == phony.split() or set(listed) == set(phony.split())
    assert make().stdout == make("help").stdout


def test_every_target_that_the_readme_and_the_checks_name_is_there(listed: dict[str, str]) -> None:
    checks = (REPOSITORY / ".ci" / "run").read_text()
    named = set(re.findall(r"(?:`|^    |^step )make (\w+)", README + checks, re.MULTILINE))
    (rest,) = re.findall(r"`make help` lists the rest: (.+)\.", README)
    assert {"demo", "test", "help", "install", "lint", "types", "migrations"} <= named
    assert named | set(re.findall(r"`(\w+)`", rest)) <= listed.keys()


def test_the_variables_that_the_readme_names_change_what_make_does() -> None:
    assert "ONCE=1" in README
    for given, changed in (
        ("demo ONCE=1", "--once"),
        ("bench ONLY=B1,B2", "--only B1,B2"),
        ("bench PEERS=1", "--peers"),
    ):
        target, variable = given.split()
        assert changed in make("--dry-run", target, variable).stdout
        assert changed not in make("--dry-run", target).stdout


def test_every_command_setting_folder_and_file_of_the_readme_is_there() -> None:
    (sentence,) = re.findall(r"`safeguard --help` lists the commands: (.+?)\. Every\s+setting", README, re.DOTALL)
    for named in re.findall(r"`([a-z][a-z |]+)`", sentence):
        group, *names = named.replace("|", " ").split()
        assert group in commands.commands
        known = getattr(commands.commands[group], "commands", {})
        assert set(names) <= set(known), named
    settings = {name.upper() for name in Settings.model_fields}
    assert set(re.findall(r"`([A-Z][A-Z0-9]*_[A-Z0-9_]+)`", README)) <= settings
    for path in [*re.findall(r"^\| `([\w/]+)`", README, re.MULTILINE), *re.findall(r"\]\(([^)]+)\)", README)]:
        assert (REPOSITORY / path).exists(), path


def test_a_python_that_will_not_do_is_refused_in_one_sentence(tmp_path: Path) -> None:
    """Such as one that is too old, or comes without its venv module."""
    old = tmp_path / "python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o700)
    done = make("install", f"PYTHON={old}", f"VENV={tmp_path / 'venv'}")
    assert done.returncode == 2
    assert done.stdout.splitlines() == [
        "Safeguard needs Python 3.11 or later with its venv module; name one with PYTHON=/path/to/python."
    ]
    assert not (tmp_path / "venv").exists()


def test_a_registry_that_cannot_be_reached_is_said_in_one_sentence(tmp_path: Path) -> None:
    """After whatever the installer said of it."""
    nowhere = ("PIP_INDEX_URL=http://127.0.0.1:9/", "PIP_EXTRA_INDEX_URL=", "PIP_FIND_LINKS=", "PIP_RETRIES=0")
    done = make("install", "PIP_CONFIG_FILE=/dev/null", *nowhere, f"VENV={tmp_path / 'venv'}")
    assert done.returncode == 2
    assert done.stdout.splitlines()[-1] == (
        "Packages could not be fetched: a network to PyPI is needed, or a mirror, named to pip and to uv."
    )
    assert not (tmp_path / "venv" / ".installed").exists()
