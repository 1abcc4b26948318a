"""How a process that stays for long loads the program."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Look for no garbage within the block, and never again through what is there at its end.

    There is next to none while modules are imported, and to look for it is a fifth of the time that this takes.
    Afterwards, the schema and all else that stays would be looked through every few hundred requests, which
    holds up a page, or an answer, by a tenth of a second.
    """
    gc.disable()
    try:
        yield
        gc.collect()
        gc.freeze()
    finally:
        gc.enable()
