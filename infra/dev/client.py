"""A small GraphQL client for the demonstration and the benchmarks."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

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
    """One signed-in person. ``run`` raises on anything but an answer without errors."""

    def __init__(self, api_url: str, token: str) -> None:
        self.http = httpx.Client(base_url=api_url, headers={"Authorization": f"Bearer {token}"}, timeout=60)

    def run(self, document: str, **variables: Any) -> dict[str, Any]:
        answer = self.http.post("/graphql", json={"query": document, "variables": variables})
        body = answer.json()
        if answer.status_code != 200 or "errors" in body:
            raise RuntimeError(f"the API answered {answer.status_code}: {body.get('errors', body)}")
        return dict(body["data"])


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
