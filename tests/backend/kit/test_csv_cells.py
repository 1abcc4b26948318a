import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kit.csv_cells import guarded, unguarded


@pytest.mark.parametrize("formula", ["=1+1", "+44", "-5", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_a_spreadsheet_would_run_stands_behind_an_apostrophe(formula: str) -> None:
    assert guarded(formula) == f"'{formula}"


@given(st.text(alphabet=st.sampled_from("=+-@\t\r'ab ")))
def test_what_was_guarded_is_read_as_it_was_typed(typed: str) -> None:
    assert not guarded(typed).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unguarded(guarded(typed)) == typed
