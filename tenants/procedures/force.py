"""Which texts are in force on a day, or were when something was done. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from tenants.procedures.models import ProcedureEdition
from tenants.procedures.vocabulary import EditionState


@dataclass(frozen=True)
class Shelf:
    """The texts of a partnership that were ever approved.

    ``replaced`` says which manuals a text replaces beside its own, by the text's id. Days are the partnership's.
    """

    editions: Sequence[ProcedureEdition]
    replaced: Mapping[UUID, frozenset[str]]
    zone: ZoneInfo

    def on(self, day: date) -> list[ProcedureEdition]:
        """One text of each manual, by its code: of those approved for the day, the one that came in force last.

        A text that another manual in force replaces is in force no longer; one that was withdrawn was until the
        day before.
        """
        return self._in_force(
            one
            for one in self._begun(day)
            if one.withdrawn_at is None or one.withdrawn_at.astimezone(self.zone).date() > day
        )

    def at(self, instant: datetime) -> list[ProcedureEdition]:
        """As ``on``, at an instant: what was approved or withdrawn later that day is not yet so."""
        return self._in_force(
            one
            for one in self._begun(instant.astimezone(self.zone).date())
            if (one.approved_at is not None and one.approved_at <= instant)
            and (one.withdrawn_at is None or one.withdrawn_at > instant)
        )

    def _begun(self, day: date) -> Iterable[ProcedureEdition]:
        return (
            one
            for one in self.editions
            if one.state is not EditionState.DRAFT and one.in_force_from is not None and one.in_force_from <= day
        )

    def _in_force(self, standing: Iterable[ProcedureEdition]) -> list[ProcedureEdition]:
        latest: dict[str, ProcedureEdition] = {}
        for one in sorted(standing, key=_later, reverse=True):
            latest.setdefault(one.manual, one)
        gone = {
            manual
            for one in latest.values()
            for manual in self.replaced.get(one.id, frozenset())
            if manual != one.manual
        }
        return [latest[manual] for manual in sorted(latest) if manual not in gone]


def _later(one: ProcedureEdition) -> tuple[date, int, int]:
    return one.in_force_from or date.min, one.number, one.amendment
