"""What is asked of the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from backend.kit.database import engine


@contextmanager
def noted() -> Iterator[list[str]]:
    """The statements that the product's engine sends meanwhile, as they come."""
    sent: list[str] = []

    def note(*arguments: Any) -> None:
        sent.append(str(arguments[2]))

    event.listen(engine().sync_engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine().sync_engine, "before_cursor_execute", note)
