"""The people whom other types name."""

from collections.abc import Iterable
from uuid import UUID

from graphql_api.context import Info
from graphql_api.execution import later
from graphql_api.partnerships.types import Person


def person_by_id(info: Info, person_id: UUID | None) -> Person | None:
    """A practitioner, those who have left too. For a resolver to hand on (``later``)."""
    return None if person_id is None else later(load_person(info, person_id))


async def people_by_id(info: Info, person_ids: Iterable[UUID]) -> list[Person]:
    """Practitioners in the order named, those who have left too."""
    return [Person.of(found) for found in await info.context.loaders.person.load_many(list(person_ids)) if found]


async def load_person(info: Info, person_id: UUID | None) -> Person | None:
    """As ``person_by_id``, for whoever has something to await first."""
    found = await info.context.loaders.person.load(person_id) if person_id is not None else None
    return Person.of(found) if found else None
