"""The one session of a request."""

import asyncio
from unittest.mock import sentinel

import pytest

from graphql_api.context import Context


async def test_who_has_the_session_and_asks_again_is_refused_rather_than_kept_waiting_for_ever() -> None:
    context = Context(sentinel.session, sentinel.caller, sentinel.partnership, sentinel.signed_in)

    async def batch() -> None:
        async with context.db():
            raise AssertionError("two have the session")

    async with context.db():
        with pytest.raises(RuntimeError, match="already"):
            await batch()
        with pytest.raises(RuntimeError, match="already"):
            await asyncio.create_task(batch())
    async with context.db() as session:
        assert session is sentinel.session


async def test_fields_beside_one_another_take_turns() -> None:
    context = Context(sentinel.session, sentinel.caller, sentinel.partnership, sentinel.signed_in)
    held: list[str] = []

    async def ask(name: str) -> None:
        async with context.db():
            held.append(f"{name} has it")
            await asyncio.sleep(0)
            held.append(f"{name} gives it back")

    await asyncio.gather(ask("one"), ask("other"))
    assert held == ["one has it", "one gives it back", "other has it", "other gives it back"]
