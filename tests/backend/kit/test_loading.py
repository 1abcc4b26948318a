"""Loading the program: no look for garbage meanwhile, whatever comes of it."""

import gc

import pytest

from backend.kit.loading import loading


def test_garbage_is_looked_for_again_afterwards_and_not_through_what_was_loaded() -> None:
    before = gc.get_freeze_count()
    with loading():
        assert not gc.isenabled()
        kept = [[number] for number in range(10_000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= before + len(kept)


def test_garbage_is_looked_for_again_when_the_program_cannot_be_loaded() -> None:
    with pytest.raises(ImportError), loading():
        raise ImportError
    assert gc.isenabled()
