"""`python -m infra.dev.demo`: the whole product on this machine, and its main job played once.

Everything goes through the public GraphQL API, as three people would use it: a hospital clinician,
a paediatrician and a senior investigating officer. The child is invented.
"""

import argparse
import json
import os
import shlex
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import anyio

from backend.kit.settings import Settings
from infra.dev.clock import Clock
from infra.dev.product import Product, load, process_environment, product
from infra.dev.services import development_services
from infra.dev.story import Story, tell
from infra.dev.supervisor import ServiceError

FOLDER = Path(".dev/demo")
VARIABLES = FOLDER / "environment"


def main() -> None:
    """Play the story; stay up until Ctrl-C unless asked to stop after it."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="stop after the story; the last line is JSON")
    arguments = parser.parse_args()
    began = time.monotonic()
    try:
        with development_services(FOLDER, environment=os.environ) as services:
            if services.carrier_url is None:
                raise ServiceError("it reads the messages that the stand-in gets; leave NOTIFY_BASE_URL unset")
            say(began, "PostgreSQL, Valkey, S3, the sign-in service and the message provider are up.")
            load(process_environment(services, FOLDER))
            say(began, "The database is migrated; two reference partnerships are loaded.")
            with product(services, FOLDER) as running, clock_put_right(running.environment["DATABASE_OWNER_URL"]):
                say(began, "The API, the workers and the scheduler run as processes of their own.")
                story = tell(running, FOLDER, lambda sentence: say(began, sentence))
                if arguments.once:
                    print(json.dumps(story.figures()))
                else:
                    with variables_kept(running.environment):
                        show_around(running, story)
                        signal.pause()
    except KeyboardInterrupt:
        print("\nStopped.")
    except (ServiceError, OSError) as error:
        sys.exit(f"The demonstration could not start: {error}")
    except RuntimeError as error:
        sys.exit(f"The demonstration broke off: {error}")


def say(began: float, sentence: str) -> None:
    print(f"{time.monotonic() - began:7.2f} s  {sentence}", flush=True)


@contextmanager
def clock_put_right(owner_url: str) -> Iterator[None]:
    """The story moves the database clock on; a server that was there before keeps the time again afterwards."""
    try:
        yield
    finally:
        anyio.run(Clock(owner_url).restore)


@contextmanager
def variables_kept(environment: Mapping[str, str]) -> Iterator[None]:
    """A file with the variables that name the running services, for its owner alone and as long as they run."""
    read = {field.upper() for field in Settings.model_fields} | {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    given = {name: value for name, value in environment.items() if name in read}
    VARIABLES.touch(mode=0o600)
    VARIABLES.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in sorted(given.items())))
    try:
        yield
    finally:
        VARIABLES.unlink()


def show_around(running: Product, story: Story) -> None:
    """Where to look now, and a first query to copy."""
    inbox = running.services.carrier_url
    token = running.token("juniper.blythe")
    query = '{ me { person { name } roles } onCallNow(role: \\"sio\\") { people { name post } } }'
    lines = [
        "",
        "It stays up until Ctrl-C.",
        f"  GraphiQL                        {running.api_url}/graphql (put the token below under Headers)",
        f"  Pages for developers            {running.api_url}/developers/",
        f"  Paediatrician's messages        {inbox}/inbox/{story.paediatrician_address}",
        f"  Investigating officer's         {inbox}/inbox/{story.sio_address}",
        f"  Everybody's messages            {inbox}/",
        f"  Metrics                         {running.api_url}/metrics",
        f"  Sign-in service                 {running.environment['OIDC_ISSUER']}/.well-known/openid-configuration",
        f"  Logs                            {FOLDER / 'logs'}",
        "",
        "The command line on it, from another terminal in this folder:",
        f"  . {VARIABLES}",
        "  .venv/bin/safeguard partnership list",
        "  .venv/bin/safeguard clocks --partnership cambs-peterborough",
        "",
        "A first query, as the clinician:",
        f"""  curl -s {running.api_url}/graphql -H 'Content-Type: application/json' \\
    -H 'Authorization: Bearer {token}' \\
    -d '{{"query": "{query}"}}'""",
    ]
    print("\n".join(lines), flush=True)


if __name__ == "__main__":
    main()
