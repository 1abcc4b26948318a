"""Alert rules and the dashboard ask for metrics, labels and commands that there are."""

import json
import re
from pathlib import Path
from typing import Any, Final

import click
import pytest
import yaml
from prometheus_client import REGISTRY
from prometheus_client.metrics_core import Metric

import backend.asgi
import backend.scheduler
import backend.worker
from backend.cli import QUEUES, commands
from notifications.deliveries.models import DeliveryState

assert all((backend.asgi, backend.scheduler, backend.worker))  # loaded, and with them every metric

FOLDER: Final = Path(__file__).parents[2] / "infra" / "monitoring"
RULES: Final[list[dict[str, Any]]] = [
    rule for group in yaml.safe_load((FOLDER / "alerts.yaml").read_text())["groups"] for rule in group["rules"]
]
PANELS: Final[list[dict[str, Any]]] = json.loads((FOLDER / "dashboard.json").read_text())["panels"]
EXPRESSIONS: Final = [rule["expr"] for rule in RULES] + [
    target["expr"] for panel in PANELS for target in panel.get("targets", [])
]
VALUES: Final = {"queue": set(QUEUES), "state": {str(state) for state in DeliveryState}}
"""What a label can be, where it is one of a few."""


def labels(metric: Metric) -> set[str]:
    """The labels it is counted by; those of a metric that nothing was counted in yet are its collector's."""
    collector: Any = REGISTRY._names_to_collectors[metric.name]
    return set(collector._labelnames)


METRICS: Final = {metric.name: metric for metric in REGISTRY.collect() if metric.name.startswith("safeguard_")}
EXPORTED: Final = {
    name + suffix: metric
    for name, metric in METRICS.items()
    for suffix in {"counter": ["_total"], "gauge": [""], "histogram": ["_bucket", "_count", "_sum"]}[metric.type]
}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_metric_and_label_is_one_that_the_product_exports(expression: str) -> None:
    named = re.findall(r"safeguard_\w+", expression)
    assert named
    assert set(named) <= EXPORTED.keys()
    known = {"le"}.union(*(labels(EXPORTED[name]) for name in named))
    grouped = {label.strip() for found in re.findall(r"by \(([^)]*)\)", expression) for label in found.split(",")}
    matched = re.findall(r'(\w+)(?:=|!=|=~|!~)"([^"]*)"', expression)
    assert grouped | {label for label, _ in matched} <= known
    for label, pattern in matched:
        assert set(pattern.split("|")) <= VALUES.get(label, set(pattern.split("|"))), expression


def test_each_rule_says_whom_it_wakes_and_what_is_the_matter() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule["labels"] in ({"severity": "page"}, {"severity": "ticket"}), rule["alert"]
        assert rule["annotations"]["summary"].endswith("."), rule["alert"]
    assert {"PagesAreNotLeaving", "SchedulerIsMute", "AuditorIsMute"} <= {
        rule["alert"] for rule in RULES if rule["labels"]["severity"] == "page"
    }


def test_every_command_that_a_rule_or_the_manual_names_exists() -> None:
    manual = (FOLDER.parent / "README.md").read_text()
    texts = [manual, *(text for rule in RULES for text in rule["annotations"].values())]
    named = {found for text in texts for found in re.findall(r"safeguard ([a-z]+) ([a-z]+)\b", text)}
    assert named >= {("alerts", "stuck"), ("providers", "history")}
    for group, name in named:
        found = commands.commands[group]
        assert not isinstance(found, click.Group) or name in found.commands, f"safeguard {group} {name}"
