"""Rows by a key of their own, and rows of several parents."""

from sqlalchemy import select
from sqlmodel import col

from backend.kit.ids import uuid7
from backend.kit.reading import by_key, by_parent
from support.partnership import Partnership
from tenants.contacts.models import ContactMethod, Person


async def test_each_row_is_found_under_its_key_and_an_unknown_key_is_left_out(cambs: Partnership) -> None:
    async with cambs.session() as session:
        one, other = (await session.scalars(select(Person).order_by(col(Person.id)).limit(2))).all()
        found = await by_key(session, Person, [one.id, other.id, one.id, uuid7()])
        assert found == {one.id: one, other.id: other}
        assert await by_key(session, Person, []) == {}


async def test_rows_of_several_parents_come_in_the_order_asked_for(cambs: Partnership) -> None:
    async with cambs.session() as session:
        every = (await session.scalars(select(ContactMethod))).all()
        people = {method.person_id for method in every}
        found = await by_parent(session, ContactMethod, "person_id", people, order=("preference", "id"))
        assert sum(map(len, found.values())) == len(every)
        for person_id, methods in found.items():
            own = [method for method in every if method.person_id == person_id]
            assert methods == sorted(own, key=lambda method: (method.preference, method.id))
        assert found[uuid7()] == []


async def test_another_partnerships_rows_are_not_there(cambs: Partnership, herts: Partnership) -> None:
    async with herts.session() as session:
        theirs = (await session.scalars(select(ContactMethod))).all()
    async with cambs.session() as session:
        assert await by_key(session, ContactMethod, [method.id for method in theirs]) == {}
        assert not any(
            (await by_parent(session, ContactMethod, "person_id", [method.person_id for method in theirs])).values()
        )
