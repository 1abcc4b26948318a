"""Building blocks of the tables: every partnership's row begins with ``tenant_id``."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Enum, ForeignKeyConstraint, Table, and_, text
from sqlalchemy.orm import declared_attr
from sqlalchemy.types import TypeEngine
from sqlmodel import Field, SQLModel

from backend.kit.ids import uuid7

# Constraints have names that a migration can be written against.
SQLModel.metadata.naming_convention = {
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}

RowT = TypeVar("RowT")

INSTANT = DateTime(timezone=True)


def column(kind: TypeEngine[Any], **options: Any) -> Any:
    """A field stored as ``kind``; SQLModel's own signature admits only classes, not instances."""
    return Field(sa_type=cast("type[Any]", kind), **options)


def instant(**options: Any) -> Any:
    """A ``timestamptz`` field."""
    return column(INSTANT, **options)


def made_at() -> Any:
    """When a row was made: by the database clock, unless given."""
    return instant(default=None, nullable=False, sa_column_kwargs={"server_default": text("app.now()")})


def one_of(states: type[StrEnum], **options: Any) -> Any:
    """A text field with a CHECK on the enumeration's values: PostgreSQL's enum types resist change."""
    kind = Enum(
        states,
        native_enum=False,
        create_constraint=True,
        length=40,
        name=states.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )
    return column(kind, **options)


def belongs_to(column_name: str, table: str) -> ForeignKeyConstraint:
    """A foreign key that carries the tenant: foreign-key checks bypass row-level security."""
    return ForeignKeyConstraint(["tenant_id", column_name], [f"{table}.tenant_id", f"{table}.id"])


def table_of(model: type[SQLModel]) -> Table:
    """The table of a model, which SQLModel does not declare to type checkers."""
    return cast("Table", model.__table__)  # type: ignore[attr-defined]


def defaults_of(model: type[SQLModel]) -> dict[str, Any]:
    """The values a new row of ``model`` has where none is given; a new id among them."""
    constants, factories = _defaults(cast("Any", model))
    return constants | {name: make() for name, make in factories.items()}


@cache
def _defaults(model: type[SQLModel]) -> tuple[dict[str, Any], dict[str, Callable[[], Any]]]:
    fields = {name: field for name, field in model.model_fields.items() if not field.is_required()}
    factories = {name: cast("Callable[[], Any]", f.default_factory) for name, f in fields.items() if f.default_factory}
    return {name: f.default for name, f in fields.items() if name not in factories}, factories


def grouped(rows: Iterable[RowT], key: Callable[[RowT], UUID]) -> dict[UUID, list[RowT]]:
    """Rows by a key, each group in the order given; a key that no row has gives an empty list."""
    groups: dict[UUID, list[RowT]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def link(child: type[SQLModel], column_name: str, parent: type[SQLModel]) -> ColumnElement[bool]:
    """The join of ``child`` to ``parent`` by a column, within the partnership."""
    lower, upper = table_of(child).c, table_of(parent).c
    return and_(lower.tenant_id == upper.tenant_id, lower[column_name] == upper.id)


class Row(SQLModel):
    """A table named after its class: ``AlertSlot`` is ``alert_slot``."""

    # Nothing is ever validated by them, and to build what would do so took a quarter of the time to load the tables.
    model_config = {"defer_build": True}

    def __init__(self, **values: Any) -> None:
        """As SQLModel makes a row, which validates nothing, but in a tenth of the time: a report makes dozens.

        Raises ``TypeError`` for a value that the table has no column for.
        """
        constants, factories = _defaults(cast("Any", type(self)))
        if not values.keys() <= type(self).model_fields.keys():
            unknown = ", ".join(sorted(values.keys() - type(self).model_fields.keys()))
            message = f"{type(self).__name__} has no {unknown}"
            raise TypeError(message)
        made = {name: make() for name, make in factories.items() if name not in values}
        vars(self).update(constants | made | values)
        for name, value in (("fields_set", set(values)), ("extra", None), ("private", None)):
            object.__setattr__(self, f"__pydantic_{name}__", value)

    @declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805  # pyright: ignore[reportIncompatibleVariableOverride]
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


class TenantRow(Row):
    """Key of every partnership row. Row-level security keys on ``tenant_id``."""

    tenant_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid7, primary_key=True)
