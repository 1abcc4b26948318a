"""Cases as practitioners work on them through the API."""

from dataclasses import dataclass
from typing import Any

from graphql_api.ids import encode
from support.api import JSON, Api, Door, operation
from support.partnership import Partnership

UNBORN = {"expectedOn": "2027-02-15"}
BABY = {"name": "Bramble Testchild", "dateOfBirth": "2025-03-04", "nhsNumber": "9434765919"}


@dataclass(frozen=True)
class Desk:
    """Somebody who works on cases, and their partnership."""

    api: Api
    door: Door
    partnership: Partnership

    async def open(self, **given: Any) -> str:
        """Open a case; returns its id."""
        made = await self.api.mutate("OpenCase", **{"pathway": "initial-assessment", **given})
        assert made["__typename"] == "CasePayload", made
        return str(made["case"]["id"])

    async def with_child(self, case_id: str, **child: Any) -> str:
        """Add a new child to a case; returns the child's id."""
        made = await self.api.mutate("AddSubject", caseId=case_id, child={**BABY, **child})
        assert made["__typename"] == "SubjectPayload", made
        return str(made["subject"]["child"]["id"])

    async def screen(self, case_id: str) -> JSON:
        shown: JSON = await case_screen(self.api, case_id)
        return shown

    async def person(self, role: str) -> str:
        """The id of somebody with a role."""
        return encode("Person", (await self.partnership.member(role)).person_id)

    async def other(self, role: str) -> Api:
        """Somebody else, with a role."""
        return await self.door.member(self.partnership, role)


async def case_screen(api: Api, case_id: str) -> Any:
    """The case as somebody is shown it; None where it is not there for them."""
    return (await api.run(operation("CaseScreen"), id=case_id))["case"]


def problems(answer: JSON) -> set[str]:
    """The fields that a refusal names."""
    assert answer["__typename"] == "ValidationProblem", answer
    return {fault["field"] for fault in answer["fields"]}
