"""What one person is told of rows of the log."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from backend.cases.policies import Ties
from backend.changes.cursors import Place
from backend.changes.folding import Sight, fold
from backend.changes.keeping import NOT_AT_ALL, keep_for
from backend.changes.models import ChangeKind

ME, CASE, TASK, ALERT = (uuid4() for _ in range(4))
TIES = Ties(barred=False, restricted=False, listed=False, emergency=False, own=True, of_team=False, of_agency=False)


@dataclass
class Row:
    kind: str
    subject_id: UUID
    case_id: UUID | None = CASE
    person_id: UUID | None = None
    transaction: int = 10
    number: int = 1


def sight(*things: tuple[ChangeKind, UUID], there: bool = True, tied: bool = False) -> Sight:
    return Sight(ME, set(things), {CASE} if there else set(), {CASE} if tied else set())


def test_a_thing_touched_often_is_told_once_from_where_it_was_first_touched() -> None:
    rows = [Row("task", TASK, number=1), Row("case", CASE, number=2), Row("task", TASK, number=3)]
    entries, reached = fold(rows, sight((ChangeKind.TASK, TASK), (ChangeKind.CASE, CASE)), most=10)
    assert [(entry.kind, entry.place.number) for entry in entries] == [(ChangeKind.TASK, 1), (ChangeKind.CASE, 2)]
    assert reached is None


def test_whoever_never_saw_a_case_is_not_told_that_there_is_one() -> None:
    assert fold([Row("task", TASK), Row("case", CASE)], sight(there=False), most=10) == ([], None)


def test_whoever_may_hold_a_copy_is_told_once_that_the_case_is_gone() -> None:
    entries, _ = fold([Row("task", TASK), Row("case", CASE)], sight(there=False, tied=True), most=10)
    assert [(entry.kind, entry.subject_id, entry.gone) for entry in entries] == [(ChangeKind.CASE, CASE, True)]


def test_whom_a_row_names_is_told_that_the_case_is_gone() -> None:
    entries, _ = fold([Row("case", CASE, person_id=ME)], sight(there=False), most=10)
    assert [(entry.subject_id, entry.gone) for entry in entries] == [(CASE, True)]


def test_what_is_kept_from_a_person_alone_is_gone_without_its_case() -> None:
    entries, _ = fold([Row("document", TASK, person_id=ME)], sight(), most=10)
    assert [(entry.kind, entry.gone) for entry in entries] == [(ChangeKind.DOCUMENT, True)]
    assert fold([Row("document", TASK, person_id=uuid4())], sight(), most=10) == ([], None)


def test_somebody_who_sees_duties_but_no_cases_is_never_told_that_one_is_gone() -> None:
    assert fold([Row("case", CASE, person_id=ME)], sight(), most=10) == ([], None)


@given(st.lists(st.integers(0, 5), max_size=30), st.integers(1, 4))
def test_pages_of_any_size_tell_everything(subjects: list[int], most: int) -> None:
    rows = [Row("task", UUID(int=subject + 1), number=number) for number, subject in enumerate(subjects, start=1)]
    things = sight(*((ChangeKind.TASK, row.subject_id) for row in rows))
    told: set[tuple[UUID, int]] = set()
    after = Place(0)
    for _ in range(len(rows) + 1):
        left = [row for row in rows if Place(row.transaction, row.number) > after]
        entries, reached = fold(left, things, most=most)
        assert len(entries) <= most
        told |= {(entry.subject_id, entry.place.number) for entry in entries}
        if reached is None:
            break
        assert reached > after, "each page goes on"
        after = reached
    else:
        raise AssertionError("it never ends")
    # The copy fetched with the last telling is of after the last touch.
    assert {subject for subject, _ in told} == {row.subject_id for row in rows}


def test_nothing_of_a_restricted_case_or_of_an_emergency_may_be_kept() -> None:
    assert keep_for(ChangeKind.TASK, TIES) > NOT_AT_ALL
    restricted = Ties(**{**_values(TIES), "restricted": True})
    emergency = Ties(**{**_values(TIES), "emergency": True})
    listed = Ties(**{**_values(TIES), "emergency": True, "listed": True})
    assert keep_for(ChangeKind.TASK, restricted) == keep_for(ChangeKind.CASE, emergency) == NOT_AT_ALL
    assert keep_for(ChangeKind.CASE, listed) > NOT_AT_ALL


def _values(ties: Ties) -> dict[str, bool]:
    return {name: getattr(ties, name) for name in Ties.__dataclass_fields__}
