"""The 61 audits of the GraphQL-over-HTTP specification, run over a real socket."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from infra.dev import audits
from infra.dev.audits import AUDITS, Audit
from infra.dev.supervisor import ServiceError, free_port
from support.api import token

HERE = Path(__file__).parent


def run_audits(url: str, headers: Mapping[str, str]) -> list[Audit]:
    """Run every audit; skips the test that called where they cannot be installed."""
    try:
        audits.installed()
    except ServiceError as error:
        pytest.skip(str(error))
    return audits.run(url, headers)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Serve the toy application with granian on a free loopback port."""
    with _serving("--working-dir", str(HERE), "toy_app:app") as found:
        yield found


@contextlib.contextmanager
def _serving(*application: str, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    port = free_port()
    granian = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1"]
    command = [*granian, "--port", str(port), *application]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, server)
        yield f"http://127.0.0.1:{port}/graphql"
    finally:
        server.terminate()
        server.wait(timeout=60)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the application did not start")


def test_all_audits_pass(url: str) -> None:
    found = run_audits(url, {"authorization": "Bearer toy"})
    assert [audit for audit in found if audit.status != "ok"] == []
    assert len(found) == AUDITS


def test_the_audits_do_notice_a_server_that_fails(url: str) -> None:
    found = run_audits(url, {})
    assert {audit.status for audit in found} > {"ok", "error"}


def test_the_product_passes_all_of_them(environment: dict[str, str]) -> None:
    bearer = {"authorization": f"Bearer {token(environment['OIDC_ISSUER'], 'juniper.blythe')}"}
    with _serving("--factory", "backend.asgi:create_app", environment=environment) as url:
        found = run_audits(url, bearer)
        strangers = run_audits(url, {})
    assert [audit for audit in found if audit.status != "ok"] == []
    assert len(found) == AUDITS
    assert "error" in {audit.status for audit in strangers}
