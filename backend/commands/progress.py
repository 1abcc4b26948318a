"""How far long work has come, for whoever looks on."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

Told = Callable[[int, int], None]
"""To be called with how much is done, of how much."""


@contextmanager
def progress(label: str) -> Iterator[Told]:
    """A bar on standard error where that is a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _done, _of_all: None
        return
    with click.progressbar(length=100, label=label, file=sys.stderr) as bar:
        yield lambda done, of_all: bar.update(max(0, done * 100 // of_all - bar.pos))
