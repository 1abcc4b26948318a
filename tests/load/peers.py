"""Other systems beside ours, where they are installed: Prometheus Alertmanager.

It keeps alerts in memory and writes nothing before it answers, so it bounds what a system can do
that may lose a page. Debian has it as ``prometheus-alertmanager``. LinkedIn's Iris and oncall need
a MySQL server, which neither PyPI nor this project brings, and are not run.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from load.floor import burst_of, poster, wait_until_up
from load.stub import Stub

from infra.dev.supervisor import free_port

_CONFIGURATION = """
route: {{receiver: stand-in, group_by: ['...'], group_wait: 0s, group_interval: 1s, repeat_interval: 4h}}
receivers: [{{name: stand-in, webhook_configs: [{{url: 'http://127.0.0.1:{port}/', send_resolved: false}}]}}]
"""


def alertmanager(count: int, clients: int) -> dict[str, Any] | None:
    """Alertmanager's figures for one at a time and for a burst; None where it is not installed."""
    program = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if program is None:
        return None
    with Stub() as stub, tempfile.TemporaryDirectory() as folder:
        configuration = Path(folder) / "alertmanager.yml"
        configuration.write_text(_CONFIGURATION.format(port=stub.port))
        port = free_port()
        argv = [program, f"--config.file={configuration}", f"--storage.path={folder}", "--cluster.listen-address=",
                f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]  # fmt: skip
        running = subprocess.Popen(argv)
        url = f"http://127.0.0.1:{port}/api/v2/alerts"
        try:
            wait_until_up(url, _alert)
            post = poster(url, _alert)
            alone = burst_of(post, stub, 40, 1, each=1)
            row = burst_of(post, stub, count, clients, each=1)
        finally:
            running.terminate()
            running.wait(10)
    return {**row, "accept_alone_ms_p50": alone["accept_ms_p50"], "accept_alone_ms_p95": alone["accept_ms_p95"]}


def _alert(mark: str) -> object:
    return [{"labels": {"alertname": mark}}]
