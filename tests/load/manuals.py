"""B12: how long ``safeguard procedures parse`` takes over a great manual, and how much memory.

The command is run in a process of its own, as anybody would; its own report says the seconds of reading alone.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from support.manuals import great

ROUNDS = 3


def reading() -> dict[str, Any]:
    """B12: the slowest of several runs, and the most memory that one held."""
    text, truth = great()
    with tempfile.TemporaryDirectory() as folder:
        file, report = Path(folder) / "manual.txt", Path(folder) / "report.json"
        file.write_text(text)
        runs = [_run(file, report) for _ in range(ROUNDS)]
        told = json.loads(report.read_text())
    found = (told["must"], told["should"], told["dangling"])
    return {
        "characters": len(text), "lines": text.count("\n"), "seconds": max(seconds for seconds, _ in runs),
        "reading_seconds": told["seconds"], "megabytes": max(megabytes for _, megabytes in runs),
        "provisions": told["provisions"],
        "missing": sum(abs(one - other) for one, other in zip(found, (truth.must, truth.should, truth.dangling), strict=True)),
    }  # fmt: skip


def _run(file: Path, report: Path) -> tuple[float, int]:
    """Seconds and megabytes of one run."""
    began = time.perf_counter()
    arguments = [sys.executable, "-m", "backend.cli", "procedures", "parse", str(file), "--report", str(report)]
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"the command failed with {process.returncode}")
    return round(time.perf_counter() - began, 2), usage.ru_maxrss // 1024
