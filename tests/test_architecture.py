"""The shape of the code: what may import what, and who may open and commit a transaction."""

import ast
import importlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# From the top floor to the ground. A package imports its own floor and those under it.
FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"graphql_api"}),
    frozenset(
        f"backend.{domain}"
        for domain in (
            "applications", "cases", "changes", "pathways", "clocks", "documents", "child_deaths", "meetings",
            "letters", "procedures", "registers", "sandbox", "sharing", "statistics", "identity", "onboarding",
            "offboarding",
            "thresholds", "directory", "readiness", "referrals",
        )
    ),
    frozenset({"notifications"}),
    frozenset({"tenants"}),
    frozenset({"backend.kit"}),
)  # fmt: skip
# These put the rest together, so they may import all of it, and nothing but another of them imports them.
ENTRY_POINTS = frozenset(
    f"backend.{name}"
    for name in (
        "asgi", "worker", "scheduler", "cli", "models", "health", "callbacks", "feeds", "landing", "commands",
        "inbound", "watching", "open_referral", "oauth", "developers",
    )
)  # fmt: skip
PRODUCT = frozenset({"backend", "graphql_api", "notifications", "tenants"})
# Folders beside the product, under every name by which their modules can be imported.
OUTSIDE = frozenset({"infra", "tests", "support"})

# Who ends a transaction: the request, the task, the callback, and what the command line calls.
COMMITTERS = frozenset(
    {
        "backend.callbacks.gathering",
        "backend.callbacks.voice",
        "backend.commands.alerts",
        "backend.commands.directory",
        "backend.commands.editions",
        "backend.feeds",
        "backend.inbound",
        "backend.kit.actors",
        "backend.kit.session",
        "backend.landing",
        "backend.offboarding.erasure",
        "backend.offboarding.export",
        "backend.onboarding.service",
        "backend.procedures.tasks",
        "backend.sandbox.applications",
        "backend.sandbox.service",
        "backend.sharing.tasks",
        "backend.watching",
        "graphql_api.context",
        "graphql_api.problems",
        "notifications.deliveries.tasks",
        "notifications.webhooks.tasks",
    }
)


@cache
def trees() -> Mapping[str, ast.Module]:
    """The product's modules by their import name."""
    found: dict[str, ast.Module] = {}
    for base, package in ((ROOT, "backend"), (ROOT, "notifications"), (ROOT, "tenants")):
        found |= _trees(base, package)
    return found | _trees(ROOT / "graphql", "graphql_api")


def _trees(base: Path, package: str) -> dict[str, ast.Module]:
    files = sorted((base / package).rglob("*.py"))
    assert files, f"there is no package {package} in {base}"
    return {
        ".".join(file.relative_to(base).with_suffix("").parts).removesuffix(".__init__"): ast.parse(
            file.read_text(), str(file)
        )
        for file in files
    }


def imported(tree: ast.AST) -> set[str]:
    """Everything that is imported, wherever it stands: in functions and under TYPE_CHECKING too."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "write imports in full: a relative one hides its floor"
            # What is imported from a package may be a module of it.
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@cache
def imports() -> Mapping[str, frozenset[str]]:
    """What each module imports."""
    return {module: frozenset(imported(tree)) for module, tree in trees().items()}


def unit(module: str) -> str:
    """What a rule speaks of: ``backend.kit``, ``notifications.alerts``; the API is one unit."""
    parts = module.split(".")
    return parts[0] if parts[0] == "graphql_api" else ".".join(parts[:2])


def floor(module: str) -> int | None:
    """Number of the floor from the top; None for what stands on none."""
    for number, names in enumerate(FLOORS):
        if unit(module) in names or module.split(".", maxsplit=1)[0] in names:
            return number
    return None


def upward(graph: Mapping[str, frozenset[str]]) -> list[str]:
    """Imports that go up a floor, or into an entry point."""
    wrong = []
    for module, names in graph.items():
        if unit(module) in ENTRY_POINTS or "." not in module:
            continue
        here = floor(module)
        for name in sorted(names):
            there = floor(name)
            if unit(name) in ENTRY_POINTS or (here is not None and there is not None and there < here):
                wrong.append(f"{module} imports {name}")
    return wrong


def circles(graph: Mapping[str, frozenset[str]]) -> list[str]:
    """Packages that import each other, directly or by way of others."""
    edges: dict[str, set[str]] = {}
    for module, names in graph.items():
        reached = {unit(name) for name in names if name.split(".")[0] in PRODUCT} - {unit(module)}
        edges.setdefault(unit(module), set()).update(reached)

    def walk(at: str, path: tuple[str, ...]) -> Iterator[str]:
        if at in path:
            circle = path[path.index(at) :]
            if at == min(circle):
                yield " → ".join((*circle, at))
            return
        for following in sorted(edges.get(at, ())):
            yield from walk(following, (*path, at))

    return sorted({circle for start in edges for circle in walk(start, ())})


@pytest.mark.parametrize("library", ["graphql", "alembic"])
def test_a_library_is_not_hidden_by_the_folder_of_its_name(library: str) -> None:
    assert "site-packages" in str(importlib.import_module(library).__file__)
    assert (ROOT / library).is_dir()
    assert not (ROOT / library / "__init__.py").exists(), f"{library}/__init__.py would hide the library"


def test_tests_are_no_package() -> None:
    found = [str(file.relative_to(ROOT)) for file in (ROOT / "tests").rglob("__init__.py")]
    assert not found, f"pytest imports tests by their path: remove {found}"


def test_every_module_stands_on_a_floor_or_is_an_entry_point() -> None:
    lost = [
        module for module in trees() if "." in module and floor(module) is None and unit(module) not in ENTRY_POINTS
    ]
    assert not lost, f"{lost}: put the package into FLOORS, or into ENTRY_POINTS if it starts a process"


def test_nothing_imports_upward() -> None:
    assert not upward(imports())


def test_no_packages_go_round_in_a_circle() -> None:
    domains = {module: names for module, names in imports().items() if unit(module) not in ENTRY_POINTS}
    assert not circles(domains)


def test_the_product_imports_nothing_of_its_development_or_tests() -> None:
    wrong = [
        f"{module} imports {name}"
        for module, names in imports().items()
        for name in sorted(names)
        if name.split(".")[0] in OUTSIDE
    ]
    assert not wrong


def test_sessions_are_made_in_one_place() -> None:
    makers = {"AsyncSession", "Session", "TenantSession", "async_sessionmaker", "sessionmaker", "scoped_session"}
    wrong = [
        f"{module}:{node.lineno} calls {name}"
        for module, tree in trees().items()
        if module != "backend.kit.session"
        for node in ast.walk(tree)
        # boto3's own sessions are no transactions.
        if isinstance(node, ast.Call) and not ast.unparse(node.func).startswith("boto3.")
        for name in [ast.unparse(node.func).rsplit(".", 1)[-1]]
        if name in makers
    ]
    assert not wrong, "use backend.kit.session.open_session: it sets the partnership"


def test_only_requests_and_tasks_commit() -> None:
    found = {
        module
        for module, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    }
    assert found <= COMMITTERS, "a service works in its caller's transaction and leaves the commit to it"


def test_a_locked_row_may_still_be_referred_to() -> None:
    """A check of foreign keys waits for FOR UPDATE, and by then holds the tail of the audit log: a deadlock."""
    calls = [
        f"{module}:{node.lineno}"
        for module, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (locking := [ast.unparse(node)] if ast.unparse(node.func).endswith("with_for_update") else
             [ast.unparse(given.value) for given in node.keywords if given.arg == "with_for_update"])
        and "key_share" not in locking[0]
    ]  # fmt: skip
    texts = [
        f"{module}:{node.lineno}"
        for module, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        and " FOR UPDATE" in node.value and "routing.task" not in node.value
    ]  # fmt: skip
    assert not calls + texts, "lock with key_share=True, or FOR NO KEY UPDATE"


@pytest.mark.parametrize(
    ("module", "name", "allowed"),
    [
        ("notifications.alerts.service", "backend.cases.models", False),
        ("backend.kit.tasks", "notifications.alerts", False),
        ("tenants.contacts.models", "notifications.rotas", False),
        ("backend.cases.service", "graphql_api.ids", False),
        ("backend.cases.service", "backend.worker", False),
        ("backend.clocks.service", "backend.cases.service", True),
        ("backend.cases.service", "backend.kit.session.open_session", True),
        ("graphql_api.loaders", "tenants.contacts", True),
        ("backend.cli", "backend.commands.partnerships", True),
        ("backend.asgi", "graphql_api.schema", True),
        ("notifications.rotas.models", "sqlalchemy.select", True),
    ],
)
def test_the_floors_are_told_apart(module: str, name: str, *, allowed: bool) -> None:
    assert bool(upward({module: frozenset({name})})) is not allowed


def test_a_circle_is_seen_through_a_third_package() -> None:
    graph = {
        "notifications.deliveries.tasks": frozenset({"notifications.alerts.service"}),
        "notifications.alerts.service": frozenset({"notifications.ladders.policy"}),
        "notifications.ladders.policy": frozenset({"notifications.deliveries.models"}),
    }
    assert circles(graph) == [
        "notifications.alerts → notifications.ladders → notifications.deliveries → notifications.alerts"
    ]


def test_imports_in_functions_and_for_type_checkers_count() -> None:
    tree = ast.parse(
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from backend import models\n"
        "def f():\n    import notifications.alerts\n"
    )
    assert imported(tree) == {"typing.TYPE_CHECKING", "backend.models", "notifications.alerts"}
