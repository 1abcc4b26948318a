"""`python -m infra.dev.fuzz`: schemathesis calls every root field of the running API with generated documents.

What must hold of every answer, whatever was asked: no failure on our side, an error only with a code that a program
can go by, the id to ask for help with, and no trace of what is inside: no exception, no path, no statement, no name.
"""

import argparse
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
import schemathesis
from graphql import IntrospectionQuery, get_introspection_query
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes

from infra.dev.asgi import answers
from infra.dev.product import COMMAND, load, process_environment
from infra.dev.services import development_services
from infra.dev.supervisor import ServiceError, free_port

_PERSON: Final = "juniper.blythe"
_INSIDE: Final = re.compile(
    r"Traceback|File \"|\.py\b|asyncpg|sqlalchemy|psycopg|\bSELECT\b|\bINSERT INTO\b|UPDATE \w+ SET|violates"
    r"|relation \"|Exception\b|\bNoneType\b|object has no attribute"
)
_MASKED: Final = "INTERNAL"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back of one call."""

    status: int
    headers: Mapping[str, str]
    text: str


@dataclass
class Tally:
    """How many calls were made and ran, with which codes others were refused, and what was wrong with any."""

    calls: int = 0
    ran: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def note(self, operation: str, document: str, answer: Answer, secrets: Collection[str]) -> None:
        """Count an answer and judge it."""
        self.calls += 1
        fault = amiss(answer, secrets)
        if fault is not None:
            self.faults.append(f"{operation}: {fault}\n    {document}")
            return
        body = json.loads(answer.text)
        self.ran += body.get("data") is not None
        self.codes.update(error["extensions"]["code"] for error in body.get("errors", ()))


def amiss(answer: Answer, secrets: Collection[str] = ()) -> str | None:
    """What is wrong with an answer, or None. ``secrets`` are words that may stand in no answer to this caller."""
    if answer.status >= 500:
        return f"status {answer.status}"
    try:
        body = json.loads(answer.text)
        errors = body.get("errors", [])
    except (ValueError, AttributeError):
        return "is no JSON object"
    wrong = {
        "holds neither data nor errors": "data" not in body and not errors,
        "has no correlation id": not answer.headers.get("x-correlation-id"),
        "tells a name that this caller must not be told": any(word in answer.text for word in secrets),
    }
    faults = [fault for fault, holds in wrong.items() if holds]
    return next((fault for fault in (*faults, *map(_error_amiss, errors)) if fault is not None), None)


def _error_amiss(error: Mapping[str, Any]) -> str | None:
    extensions = error.get("extensions", {})
    if not extensions.get("code"):
        return "has an error without a code"
    if extensions["code"] == _MASKED:
        return f"failed inside (correlation id {extensions.get('correlationId')})"
    if _INSIDE.search(error["message"]) or not extensions.keys() <= {"code", "correlationId"}:
        return f"tells what is inside: {error['message']}"
    return None


def fuzz(
    schema: Mapping[str, Any],
    send: Callable[[str], Answer],
    *,
    examples: int,
    ids: Sequence[str] = (),
    secrets: Collection[str] = (),
    seeded: int = 1,
    only: Collection[str] | None = None,
) -> Tally:
    """Call each root field of an introspected schema ``examples`` times, by ``send``, which takes a document.

    ``ids`` are of things that there are; without any, none that is sent means anything. The same ``seeded`` gives
    the same calls.
    """
    _register(ids)
    tally = Tally()

    def call(case: Any) -> None:
        document = str(case.body)
        tally.note(case.operation.label, document, send(document), secrets)

    for found in schemathesis.graphql.from_dict(dict(schema)).get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # it raises for a schema that is not valid
        name = operation.label
        if operation.definition.type_.name == "Subscription" or (only is not None and name not in only):
            continue
        _given(operation.as_strategy(), examples, seeded)(call)()
    return tally


def _given(strategy: Any, examples: int, seeded: int) -> Callable[[Callable[[Any], None]], Callable[[], None]]:
    """So many examples of a strategy, the same ones each time."""
    bounded = settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate], verbosity=Verbosity.quiet,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )  # fmt: skip

    def decorated(call: Callable[[Any], None]) -> Callable[[], None]:
        take: Any = given(strategy)
        repeated: Any = bounded(take(call))
        made: Callable[[], None] = seed(seeded)(repeated)
        return made

    return decorated


def _register(ids: Sequence[str]) -> None:
    """How values of the schema's own scalars, and ids that mean something, are generated."""
    instants = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
    texts = st.text(max_size=40)
    for name, values in {
        "Instant": instants.map(lambda at: nodes.String(at.isoformat())) | texts.map(nodes.String),
        "Date": st.dates().map(lambda day: nodes.String(day.isoformat())) | texts.map(nodes.String),
        "JSON": texts.map(nodes.String) | st.integers(-9, 9).map(nodes.Int),
        "ID": (st.sampled_from(list(ids)) | texts).map(nodes.String) if ids else texts.map(nodes.String),
    }.items():
        schemathesis.graphql.scalar(name, values)


def introspected(send: Callable[[str], Answer]) -> IntrospectionQuery:
    """The schema as the API tells it."""
    found: IntrospectionQuery = json.loads(send(get_introspection_query()).text)["data"]
    return found


def _product(examples: int) -> Tally:
    with (
        tempfile.TemporaryDirectory(prefix="safeguard-fuzz-") as name,
        development_services(Path(name), durable=False) as services,
    ):
        environment = process_environment(services, Path(name), THROTTLING="false")
        load(environment)
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        api = [*COMMAND, "api", "--port", str(port)]
        services.supervisor.start("api", api, env=environment, ready=lambda: answers(f"{url}/health/ready"))
        signed = httpx.post(f"{environment['OIDC_ISSUER']}/dev/token", json={"subject": _PERSON})
        headers = {"authorization": f"Bearer {signed.raise_for_status().json()['access_token']}"}
        with httpx.Client(base_url=url, headers=headers, timeout=30) as client:

            def send(document: str) -> Answer:
                told = client.post("/graphql", json={"query": document})
                return Answer(told.status_code, told.headers, told.text)

            return fuzz(introspected(send), send, examples=examples)


def main() -> None:
    """Print how many calls were made and what came of them; exit with 1 for any that was answered amiss."""
    parser = argparse.ArgumentParser(prog="fuzz", description="Generated calls of every root field of the API.")
    parser.add_argument("--examples", type=int, default=25, help="of each root field")
    try:
        tally = _product(parser.parse_args().examples)
    except ServiceError as error:
        sys.exit(str(error))
    for fault in tally.faults:
        print(fault)
    refused = ", ".join(f"{count} {code}" for code, count in tally.codes.most_common())
    print(f"{tally.calls} calls, {tally.ran} of which ran; errors: {refused or 'none'}; amiss: {len(tally.faults)}")
    sys.exit(1 if tally.faults else 0)


if __name__ == "__main__":
    main()
