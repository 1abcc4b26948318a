"""Cursors: opaque, of one database, and not followed for ever."""

import base64
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.changes.cursors import KEPT, KEPT_LONGER, LOOKS_KEPT, Log, Place, Stale, decode, encode, rights
from backend.changes.keeping import KEEP
from backend.identity.policies import ROLES, Caller, Permission

NOW = datetime(2026, 11, 22, 3, 5, tzinfo=UTC)
LOG = Log(system=7_300_000_000_000_000_001, horizon=1_000, next_transaction=1_004, now=NOW)
RIGHTS = 77
FAR_FUTURE = base64.urlsafe_b64encode(b"2.1.1.1.%s.1" % (b"f" * 30)).decode()


def at(when: datetime, system: int = LOG.system, next_transaction: int = LOG.next_transaction) -> Log:
    return Log(system, 1_000, next_transaction, when)


@given(st.integers(0, 1_004), st.integers(0, 2**63 - 1))
def test_a_cursor_leads_back_to_its_place(transaction: int, number: int) -> None:
    assert decode(encode(LOG, Place(transaction, number), RIGHTS), LOG, RIGHTS) == Place(transaction, number)


@pytest.mark.parametrize("text", ["", "x", "bm90IGEgY3Vyc29y", "é", "Mi4x", "=" * 7, FAR_FUTURE])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        decode(text, LOG, RIGHTS)


@given(st.integers(2**63, 2**80))
def test_a_number_that_no_row_can_have_is_no_cursor_of_ours(number: int) -> None:
    with pytest.raises(ValueError, match=r".*"):
        decode(encode(LOG, Place(990, number), RIGHTS), LOG, RIGHTS)


@given(st.text(max_size=60))
def test_no_text_at_all_does_more_than_be_refused(text: str) -> None:
    try:
        decode(text, LOG, RIGHTS)
    except (ValueError, Stale):
        return


def test_a_cursor_expires_before_any_row_it_leads_to_is_deleted() -> None:
    cursor = encode(LOG, Place(990), RIGHTS)
    assert decode(cursor, at(NOW + KEPT), RIGHTS) == Place(990)
    with pytest.raises(Stale):
        decode(cursor, at(NOW + KEPT + timedelta(seconds=1)), RIGHTS)
    assert KEPT_LONGER > KEPT


def test_a_cursor_of_another_database_or_of_a_future_that_was_not_restored_is_stale() -> None:
    cursor = encode(LOG, Place(1_000), RIGHTS)
    with pytest.raises(Stale):
        decode(cursor, at(NOW, system=5), RIGHTS)
    with pytest.raises(Stale):
        decode(cursor, at(NOW, next_transaction=999), RIGHTS)


def caller(*roles: str) -> Caller:
    return Caller(UUID(int=1), "made-up-shire", UUID(int=2), roles)


def test_a_cursor_is_stale_once_its_reader_was_given_a_role_or_lost_one() -> None:
    cursor = encode(LOG, Place(990), rights(caller("sio", "practitioner")))
    assert decode(cursor, LOG, rights(caller("practitioner", "sio"))) == Place(990)
    for others in ((), ("sio",), ("sio", "practitioner", "clinician")):
        with pytest.raises(Stale):
            decode(cursor, LOG, rights(caller(*others)))


def test_a_cursor_is_stale_once_a_role_of_its_reader_means_more(monkeypatch: pytest.MonkeyPatch) -> None:
    before = rights(caller("sio"))
    monkeypatch.setitem(ROLES, "sio", ROLES["sio"] ^ {Permission.MANAGE_ROTAS})
    assert rights(caller("sio")) != before


def test_a_cursor_of_an_earlier_kind_is_stale_and_no_fault() -> None:
    with pytest.raises(Stale):
        decode(base64.urlsafe_b64encode(b"1.1.1.1.1").decode(), LOG, RIGHTS)


def test_nothing_may_be_kept_for_longer_than_a_look_is_remembered() -> None:
    assert max(KEEP.values()) <= LOOKS_KEPT
