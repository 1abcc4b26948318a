"""A small GraphQL client for the demonstration and the benchmarks."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

REPORT = """
mutation ReportChildDeath($input: ReportChildDeathInput!) {
  reportChildDeath(input: $input) {
    __typename
    ... on ReportChildDeathPayload {
      childDeath { id unexpected case { id reference } }
      alert { id reference slots { id role } }
    }
    ... on Problem { message }
    ... on ValidationProblem { fields { field message } }
  }
}
"""


class Caller:
    """One signed-in person on one kept-open connection: so light that a benchmark measures the server.

    ``run`` raises ``RuntimeError`` on anything but an answer without errors. It asks once more where the
    connection was lost: what changes something carries an idempotency key.
    """

    def __init__(self, api_url: str, token: str) -> None:
        self.api_url, self.token = api_url, token
        parts = urlsplit(api_url)
        self._connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def close(self) -> None:
        self._connection.close()

    def run(self, document: str, **variables: Any) -> dict[str, Any]:
        return self._data("POST", "/graphql", json.dumps({"query": document, "variables": variables}))

    def get(self, url: str) -> dict[str, Any]:
        """As ``run``, of a trusted document named in the URL."""
        return self._data("GET", url)

    def _data(self, method: str, url: str, body: str | None = None) -> dict[str, Any]:
        try:
            answer, told = self._ask(method, url, body)
        except ConnectionError:
            self._connection.close()
            answer, told = self._ask(method, url, body)
        if answer.status != 200 or "errors" in told:
            raise RuntimeError(f"the API answered {answer.status}: {told.get('errors', told)}")
        return dict(told["data"])

    def _ask(self, method: str, url: str, body: str | None) -> tuple[HTTPResponse, dict[str, Any]]:
        self._connection.request(method, url, body, self._headers)
        answer = self._connection.getresponse()
        return answer, json.loads(answer.read())


def invented_death(child_name: str, authority: str, coroner: str | None, **changes: Any) -> dict[str, Any]:
    """The input of a report: an unexpected death an hour ago, of a child who never lived."""
    died = datetime.now(UTC) - timedelta(hours=1)
    return {
        "idempotencyKey": str(uuid.uuid4()),
        "childName": child_name,
        "dateOfBirth": "2026-02-03",
        "sex": "FEMALE",
        "usualHomeAddress": "7 Invented Row, Nowhere-on-the-Wold",
        "homeArea": authority,
        "setting": "EMERGENCY_DEPARTMENT",
        "placeOfDeath": "Reedwater Hospital, emergency department",
        "areaOfDeath": authority,
        "coronerArea": coroner,
        "diedAt": died.isoformat(),
        "confirmedAt": (died + timedelta(minutes=20)).isoformat(),
        "confirmedBy": "Dr Juniper Blythe",
        "anticipated24hBefore": False,
        "unexpectedCollapse": False,
        "circumstances": "Found unresponsive in the cot in the early morning.",
        "suspicion": "NONE",
        "otherChildrenInHousehold": True,
        "reporter": {
            "name": "Dr Juniper Blythe", "role": "emergency department consultant", "telephone": "01632 960123",
        },
        **changes,
    }  # fmt: skip
