"""The 61 audits of the GraphQL-over-HTTP specification, run over a real socket."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.api import token

VERSION = "1.23.1"
GRAPHQL_JS_VERSION = "16.15.0"
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Audit:
    """The outcome of one audit: `status` is `ok`, `notice`, `warn` or `error`."""

    id: str
    name: str
    status: str
    reason: str | None


def installed_audits() -> Path:
    """Return the folder that holds the audits, installing them when they are not there yet.

    Skips the test that called when npm is missing or cannot install them.
    """
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("the audits of GraphQL over HTTP need node and npm on PATH")
    folder = Path(tempfile.gettempdir()) / f"graphql-http-audits-{VERSION}-{os.getuid()}"
    if not folder.exists():
        fresh = tempfile.mkdtemp(prefix=folder.name)
        packages = [f"graphql-http@{VERSION}", f"graphql@{GRAPHQL_JS_VERSION}"]
        command = [npm, "install", "--prefix", fresh, "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run([*command, *packages], capture_output=True, text=True, check=False, timeout=120)
        if done.returncode != 0:
            pytest.skip(f"npm could not install the audits: {done.stderr.strip()[-300:]}")
        with contextlib.suppress(OSError):  # another process was first
            Path(fresh).rename(folder)
    return folder


def run_audits(url: str, headers: Mapping[str, str]) -> list[Audit]:
    """Run every audit against a URL, each request with these headers added."""
    job = json.dumps({"folder": str(installed_audits()), "url": url, "headers": dict(headers)})
    command = ["node", str(HERE / "audit.mjs"), job]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return [Audit(**each) for each in json.loads(done.stdout)]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Serve the toy application with granian on a free loopback port."""
    with _serving("--working-dir", str(HERE), "toy_app:app") as found:
        yield found


@contextlib.contextmanager
def _serving(*application: str, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    granian = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1"]
    command = [*granian, "--port", str(port), *application]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, server)
        yield f"http://127.0.0.1:{port}/graphql"
    finally:
        server.terminate()
        server.wait(timeout=10)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the application did not start")


def test_all_audits_pass(url: str) -> None:
    audits = run_audits(url, {"authorization": "Bearer toy"})
    assert [audit for audit in audits if audit.status != "ok"] == []
    assert len(audits) == 61


def test_the_audits_do_notice_a_server_that_fails(url: str) -> None:
    audits = run_audits(url, {})
    assert {audit.status for audit in audits} > {"ok", "error"}


def test_the_product_passes_all_of_them(environment: dict[str, str]) -> None:
    bearer = {"authorization": f"Bearer {token(environment['OIDC_ISSUER'], 'juniper.blythe')}"}
    with _serving("--factory", "backend.asgi:create_app", environment=environment) as url:
        audits = run_audits(url, bearer)
        strangers = run_audits(url, {})
    assert [audit for audit in audits if audit.status != "ok"] == []
    assert len(audits) == 61
    assert "error" in {audit.status for audit in strangers}
