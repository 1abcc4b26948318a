"""The product's own processes beside the development services, as they run in production."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import redis

from infra.dev.asgi import REPOSITORY, answers
from infra.dev.services import DevelopmentServices
from infra.dev.supervisor import ServiceError, Supervisor, always_ready, free_port

REFERENCE_PARTNERSHIPS = ("cambs-peterborough", "hertfordshire")
COMMAND = [sys.executable, "-m", "backend.cli"]
COMMAND_ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'graphql'}",
    "PYTHONUNBUFFERED": "1",
}
WORKERS = ("worker-pages", "worker-notices")


@dataclass(frozen=True)
class Product:
    """Running processes: ``api``, ``worker-pages``, ``worker-notices``, ``scheduler``."""

    api_url: str
    environment: dict[str, str]
    services: DevelopmentServices

    @property
    def supervisor(self) -> Supervisor:
        return self.services.supervisor

    def token(self, subject: str) -> str:
        """An access token of the development issuer for one of the reference people. Raises ``ServiceError``."""
        issuer = self.environment["OIDC_ISSUER"]
        try:
            answer = httpx.post(f"{issuer}/dev/token", json={"subject": subject}).raise_for_status()
        except httpx.HTTPError:
            raise ServiceError(f"{issuer} gives no tokens to play with, as the development issuer does") from None
        return str(answer.json()["access_token"])


def process_environment(services: DevelopmentServices, folder: Path, **more: str) -> dict[str, str]:
    """What the product's processes find their services by."""
    metrics = folder.resolve() / "metrics"
    metrics.mkdir(parents=True, exist_ok=True)
    for stale in metrics.glob("*.db"):
        stale.unlink()
    return {
        **COMMAND_ENVIRONMENT,
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        "NOTIFY_TEMPLATES_FILE": str(REPOSITORY / "infra" / "notify-templates.json"),
        **services.environment,
        **more,
    }


def command(environment: Mapping[str, str], *arguments: str) -> str:
    """Run the ``safeguard`` command to its end. Raises ``ServiceError`` with its last line."""
    done = subprocess.run(
        [*COMMAND, *arguments], env=dict(environment), capture_output=True, text=True, check=False, cwd="/"
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise ServiceError(f"safeguard {' '.join(arguments)} failed: {said[-1] if said else 'no output'}")
    return done.stdout


def load(environment: Mapping[str, str]) -> None:
    """Migrate, and load the reference partnerships."""
    command(environment, "migrate", "up")
    load_partnerships(environment)


def load_partnerships(environment: Mapping[str, str]) -> None:
    """Load the reference partnerships into a migrated database, beside one another."""
    with ThreadPoolExecutor() as pool:
        creating = [
            pool.submit(command, environment, "partnership", "create", slug, "--archetype", slug)
            for slug in REFERENCE_PARTNERSHIPS
        ]
    for created in creating:
        created.result()


def _takes_messages(valkey: redis.Redis, workers: int) -> bool:
    """Whether so many worker processes have reported themselves to the broker."""
    return int(str(valkey.zcard("safeguard:__heartbeats__"))) >= workers


@contextmanager
def product(
    services: DevelopmentServices,
    folder: Path,
    *,
    processes: int = 1,
    receipts_after: float = 0.5,
    **more: str,
) -> Iterator[Product]:
    """Start the API, the workers and the scheduler on a migrated and loaded database; stop them on leaving.

    ``processes`` are those of the API, and as many of the workers that wake people.
    The stand-in sends a delivery receipt `receipts_after` seconds after it took a message.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = process_environment(services, folder, APP_URL=url, GRAPHIQL="everywhere", **more)
    if services.carrier_url is not None:
        callback = {"url": f"{url}/callbacks/notify/receipts", "token": environment["NOTIFY_CALLBACK_TOKEN"],
                    "sinch_url": f"{url}/callbacks/sinch/reports", "delay": receipts_after}  # fmt: skip
        httpx.post(f"{services.carrier_url}/dev/callback", json=callback).raise_for_status()
        texts = {"url": f"{url}/callbacks/notify/inbound", "token": environment["NOTIFY_INBOUND_TOKEN"]}
        httpx.post(f"{services.carrier_url}/dev/inbound/callback", json=texts).raise_for_status()
    starting = {"api": [*COMMAND, "api", "--port", str(port), "--workers", str(processes)]}
    for queue, workers, threads in (("pages", processes, 8), ("notices", 1, 4)):
        worker = ["worker", "--processes", str(workers), "--threads", str(threads), "--queues", queue]
        starting[f"worker-{queue}"] = [*COMMAND, *worker]
    starting["scheduler"] = [*COMMAND, "scheduler"]
    valkey = redis.Redis.from_url(environment["BROKER_URL"])
    listening = partial(_takes_messages, valkey, processes + 1)
    ready: dict[str, Callable[[], bool]] = dict.fromkeys(WORKERS, listening)
    ready["api"] = lambda: answers(f"{url}/health/ready")
    try:
        started = [
            services.supervisor.start(name, argv, env=environment, ready=ready.get(name, always_ready), wait=False)
            for name, argv in starting.items()
        ]
        for process in started:
            process.wait_ready()
        yield Product(url, environment, services)
    finally:
        services.supervisor.stop(*starting)
