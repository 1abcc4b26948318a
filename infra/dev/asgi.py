"""Runs one of this package's own applications as a service."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx

from infra.dev.supervisor import Process, Supervisor

REPOSITORY = Path(__file__).parents[2]


def launch(supervisor: Supervisor, name: str, factory: str, port: int, settings: Mapping[str, str]) -> Process:
    """Start `factory` on a loopback port in one granian worker, without waiting for it."""
    argv = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", factory]
    argv += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--loop", "asyncio"]
    return supervisor.start(
        name,
        [*argv, "--log-level", "warning", "--no-ws"],
        env={
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONPATH": str(REPOSITORY),
            "PYTHONUNBUFFERED": "1",
            **settings,
        },
        ready=lambda: answers(f"http://127.0.0.1:{port}/dev/health"),
        wait=False,
    )


def answers(url: str) -> bool:
    """Whether a GET is answered with success at this moment."""
    try:
        return httpx.get(url, timeout=1).is_success
    except httpx.TransportError:
        return False
