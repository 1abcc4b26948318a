"""B12: how long ``safeguard procedures parse`` takes over a great manual, and how much memory.

The command is run in a process of its own, as anybody would; its own report says the seconds of reading alone.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from support.manuals import great

ROUNDS = 3
# A process has, by the kernel's count, held at least what the one that started it held: a small one has to start it.
_WATCH = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def reading() -> dict[str, Any]:
    """B12: the slowest of several runs, and the most memory that one held."""
    text, truth = great()
    with tempfile.TemporaryDirectory() as folder:
        file, report = Path(folder) / "manual.txt", Path(folder) / "report.json"
        file.write_text(text)
        runs = [_run(file, report) for _ in range(ROUNDS)]
        told = json.loads(report.read_text())
    found, put_in = (told["must"], told["should"], told["dangling"]), (truth.must, truth.should, truth.dangling)
    return {
        "characters": len(text), "lines": text.count("\n"), "seconds": max(seconds for seconds, _ in runs),
        "reading_seconds": told["seconds"], "megabytes": max(megabytes for _, megabytes in runs),
        "provisions": told["provisions"],
        "missing": sum(abs(one - other) for one, other in zip(found, put_in, strict=True)),
    }  # fmt: skip


def _run(file: Path, report: Path) -> tuple[float, int]:
    """Seconds and megabytes of one run."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "backend.cli", "procedures", "parse", str(file), "--report", str(report)]
    run = subprocess.run([sys.executable, "-c", _WATCH, *command], check=True, capture_output=True, text=True)
    return round(time.perf_counter() - began, 2), int(run.stdout) // 1024
