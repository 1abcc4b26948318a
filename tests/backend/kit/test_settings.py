"""Settings come from the environment, keep their secrets, and say what is missing."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from backend.kit.settings import Settings, settings

ROOT = Path(__file__).parents[3]
WORD = "word-that-must-stay-secret"
REQUIRED = {
    "DATABASE_URL": f"postgresql://app:{WORD}@db.example.org/safeguard",
    "BROKER_URL": f"redis://:{WORD}@broker.example.org/0",
    "OIDC_ISSUER": "https://issuer.example.org",
    "ANSWER_SECRET": f"{WORD}-of-at-least-32-characters",
}
SECRET = {
    "DATABASE_OWNER_URL": f"postgresql://owner:{WORD}@db.example.org/safeguard",
    "NOTIFY_API_KEY": WORD,
    "NOTIFY_CALLBACK_TOKEN": WORD,
}


@pytest.fixture(autouse=True)
def _only_these(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The variables of this test's process and no others."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(name, raising=False)
    for name, value in {**REQUIRED, **SECRET}.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_neither_repr_nor_text_nor_dump_shows_a_secret() -> None:
    made = settings()
    for shown in (repr(made), str(made), f"{made}", str(made.model_dump()), made.model_dump_json()):
        assert WORD not in shown
    assert WORD in made.database_url.get_secret_value()


def test_whatever_is_called_a_key_token_or_url_with_a_password_is_a_secret() -> None:
    named = {"database_url", "broker_url"} | {
        name for name in Settings.model_fields if name.endswith(("_key", "_token", "_secret", "_password"))
    }
    open_ones = [name for name in named if "SecretStr" not in str(Settings.model_fields[name].annotation)]
    assert not open_ones
    assert isinstance(settings().database_owner_url, SecretStr)


def test_everything_missing_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in REQUIRED:
        monkeypatch.delenv(name)
    with pytest.raises(ValidationError) as caught:
        settings()
    assert {str(fault["loc"][0]).upper() for fault in caught.value.errors()} == set(REQUIRED)
    assert {fault["type"] for fault in caught.value.errors()} == {"missing"}


def test_a_process_names_what_is_missing_in_one_line_without_any_value() -> None:
    environment = {"PATH": os.defpath, "PYTHONPATH": f"{ROOT}:{ROOT / 'graphql'}", "BROKER_URL": REQUIRED["BROKER_URL"]}
    done = subprocess.run(
        [sys.executable, "-m", "backend.cli", "scheduler"],
        env=environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    (line,) = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (1, "")
    assert line == "safeguard: Set DATABASE_URL, OIDC_ISSUER, ANSWER_SECRET in the environment."


def test_settings_do_not_change_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    made = settings()
    with pytest.raises(ValidationError, match="frozen"):
        made.log_level = "DEBUG"
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    assert settings() is made


def test_nothing_is_read_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LOG_LEVEL=DEBUG\n")
    monkeypatch.chdir(tmp_path)
    assert settings().log_level == "INFO"


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_OWNER_URL", "BROKER_URL"])
def test_what_is_said_of_an_address_that_cannot_be_read_holds_none_of_it(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, f"nonsense:{WORD}@db.example.org:port")
    with pytest.raises(ValidationError) as refused:
        settings()
    assert WORD not in str(refused.value)
