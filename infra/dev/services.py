"""The development services together, and the environment the product finds them by."""

import fcntl
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc.jwk import OKPKey

from infra.dev import asgi, objectstore, valkey
from infra.dev.carrier import launch as carrier
from infra.dev.postgres import postgres
from infra.dev.supervisor import Process, ServiceError, Supervisor, free_port

AUDIENCE = "safeguard-api"


@dataclass(frozen=True)
class DevelopmentServices:
    """Running services. `carrier_url` is None when a real provider took the stand-in's place."""

    environment: dict[str, str]
    supervisor: Supervisor
    carrier_url: str | None

    def stop_valkey(self) -> None:
        """Take the broker away with everything in it."""
        self.supervisor.kill("valkey")

    def start_valkey(self) -> None:
        """Bring an empty broker back on the same address."""
        self.supervisor.restart("valkey")


@contextmanager
def development_services(
    folder: Path, *, environment: Mapping[str, str] | None = None, durable: bool = True
) -> Iterator[DevelopmentServices]:
    """Start every service whose variable is not in `environment`; on leaving stop them all.

    Yields with everything answering. `.environment` is what was given plus the variables of what was
    started; a given value always wins. Nothing is kept from one run to the next. `durable=False` trades
    PostgreSQL's safety in a power cut for speed. Raises ServiceError, whose message is one sentence.
    """
    given = {name: value for name, value in (environment or {}).items() if value}
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.enter_context(_only_user_of(folder))
        supervisor = stack.enter_context(Supervisor(folder))
        found: dict[str, str] = {}
        # All of these start while PostgreSQL, the slowest, makes its data folder.
        waiting: list[Process] = []
        for variable, launch in LAUNCHERS.items():
            if variable not in given:
                process, variables = launch(supervisor, folder)
                waiting.append(process)
                found |= variables
        if "DATABASE_URL" not in given:
            found |= stack.enter_context(postgres(supervisor, folder, durable=durable))
        for process in waiting:
            process.wait_ready()
        found |= _secrets()
        if "S3_ENDPOINT_URL" in found:
            found |= objectstore.provision(found["S3_ENDPOINT_URL"])
        yield DevelopmentServices({**found, **given}, supervisor, found.get("NOTIFY_BASE_URL"))


@contextmanager
def _only_user_of(folder: Path) -> Iterator[None]:
    """Hold the folder; a second run in it would delete the first one's data under it."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ServiceError(f"the development services already run in {folder}") from None
        yield


def _secrets() -> dict[str, str]:
    """Keys that the product signs with, for one run."""
    made = {"ANSWER_SECRET": secrets.token_urlsafe(32)}
    for name in ("EVIDENCE_SIGNING_KEY", "HANDBOOK_SIGNING_KEY"):
        made[name] = json.dumps(_signing_key())
    return made | {"APPLICATION_TOKEN_KEYS": json.dumps({"keys": [_signing_key()]})}


def _signing_key() -> dict[str, Any]:
    return dict(OKPKey.generate_key("Ed25519").as_dict(private=True))


def _broker(supervisor: Supervisor, folder: Path) -> tuple[Process, dict[str, str]]:
    process, url = valkey.launch(supervisor, folder)
    return process, {"BROKER_URL": url}


def _storage(supervisor: Supervisor, _: Path) -> tuple[Process, dict[str, str]]:
    process, url = objectstore.launch(supervisor)
    return process, {"S3_ENDPOINT_URL": url}


def issuer(supervisor: Supervisor, _: Path) -> tuple[Process, dict[str, str]]:
    """Start the OIDC issuer; returns its process and the variables that name it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = {"ISSUER_URL": url, "ISSUER_AUDIENCE": AUDIENCE}
    process = asgi.launch(supervisor, "issuer", "infra.dev.issuer:create_app", port, settings)
    return process, {"OIDC_ISSUER": url, "OIDC_AUDIENCE": AUDIENCE}


# The variable that, when set, says that a real server takes the place of the one started here.
LAUNCHERS = {
    "S3_ENDPOINT_URL": _storage,
    "OIDC_ISSUER": issuer,
    "NOTIFY_BASE_URL": carrier.launch,
    "BROKER_URL": _broker,
}
