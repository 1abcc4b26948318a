"""The Makefile, run as from a shell."""

import os
import subprocess
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).parents[2]
# What a make gives to those it starts, as when it starts the suite.
_INHERITED: Final = frozenset({"MAKEFLAGS", "MAKELEVEL", "MFLAGS"})


def make(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run it in the repository and wait."""
    outside = {name: value for name, value in os.environ.items() if name not in _INHERITED}
    return subprocess.run(
        ["make", *arguments], cwd=REPOSITORY, env=outside, capture_output=True, text=True, check=False
    )
