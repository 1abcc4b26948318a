"""A statistic with its definition, its rows and their figures."""

from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

import strawberry

from backend.statistics.asked import AgeBand as AgeBandValue
from backend.statistics.csv_text import csv_text
from backend.statistics.definitions import STATISTICS, Measure, Unit
from backend.statistics.service import Line, Table

_CODES: Enum = Enum(  # type: ignore[misc]  # made of the definitions, so that the contract says what each counts
    "StatisticCode",
    {
        code.name: strawberry.enum_value(
            code.value, description=f"{one.title}. {one.definition} Source: {one.citation}."
        )
        for code, one in STATISTICS.items()
    },
)
if TYPE_CHECKING:
    StatisticCode: TypeAlias = Enum
else:
    StatisticCode = strawberry.enum(_CODES, description="Which statistic.")
AgeBand: type[Enum] = strawberry.enum(AgeBandValue, description="Completed years, as the national returns have them.")
StatisticUnit: type[Enum] = strawberry.enum(
    Unit, name="StatisticUnit", description="What a figure is in. Days are of 24 hours, and may have a fraction."
)


@strawberry.type(description="What one figure of each row counts.")
class StatisticMeasure:
    code: str
    counts: str = strawberry.field(description="In words.")
    unit: StatisticUnit  # type: ignore[valid-type]

    @classmethod
    def of(cls, one: Measure) -> "StatisticMeasure":
        return cls(code=one.code, counts=one.counts, unit=one.unit)


@strawberry.type(description="One figure.")
class StatisticFigure:
    measure: str = strawberry.field(description="The code of the measure.")
    value: float | None = strawberry.field(
        description="Null where there is none, such as the median of nothing, and where it is kept back."
    )
    kept_back: bool = strawberry.field(description="Whether it counts one to five, or was worked out from so few.")


@strawberry.type(description="The figures of one group.")
class StatisticRow:
    groups: list[str] = strawberry.field(description="A value for each dimension of the statistic, in their order.")
    figures: list[StatisticFigure] = strawberry.field(description="One for each measure, in their order.")

    @classmethod
    def of(cls, line: Line) -> "StatisticRow":
        figures = [
            StatisticFigure(measure=code, value=one.value, kept_back=one.kept_back)
            for code, one in line.figures.items()
        ]
        return cls(groups=list(line.groups), figures=figures)


@strawberry.type(description="A statistic over all cases of the partnership. Exercises are no cases and count nowhere.")
class Statistic:
    code: StatisticCode
    title: str
    definition: str = strawberry.field(description="What is counted, when, and by which area and age.")
    citation: str = strawberry.field(description="The paragraph of the source that it answers to.")
    from_on: date = strawberry.field(description="The first day.")
    until_on: date = strawberry.field(description="The day after the last.")
    dimensions: list[str] = strawberry.field(description="By what the rows are grouped.")
    measures: list[StatisticMeasure]
    rows: list[StatisticRow] = strawberry.field(description="By group. A group that nothing falls into has none.")
    guarded: bool = strawberry.field(
        description="Whether you are shown no small numbers: one to five kept back, others to the nearest five."
    )
    generated: bool = strawberry.field(description="Whether the partnership is a sandbox, so that none of it is real.")
    table: strawberry.Private[Table]

    @strawberry.field(
        description="The same as the text of a CSV file (RFC 4180). A figure that is kept back is c; the column data"
        " says recorded, or generated for a sandbox."
    )
    def csv(self) -> str:
        return csv_text(self.table)

    @classmethod
    def of(cls, table: Table) -> "Statistic":
        one = table.of
        return cls(
            code=StatisticCode(one.code.value), title=one.title, definition=one.definition, citation=one.citation,
            from_on=table.asked.from_on, until_on=table.asked.until_on, dimensions=list(one.dimensions),
            measures=[StatisticMeasure.of(each) for each in one.measures],
            rows=[StatisticRow.of(line) for line in table.lines], guarded=table.guarded, generated=table.generated,
            table=table,
        )  # fmt: skip
