"""`python -m infra.dev.migrations`: migrations up, down and up on a real database, and no drift."""

import sys
import tempfile
from pathlib import Path

from infra.dev.postgres import postgres
from infra.dev.product import COMMAND_ENVIRONMENT, command
from infra.dev.supervisor import ServiceError, Supervisor


def main() -> None:
    """Exit with one sentence when a step fails."""
    try:
        with tempfile.TemporaryDirectory(prefix="safeguard-migrations-") as name:
            folder = Path(name)
            with Supervisor(folder) as supervisor, postgres(supervisor, folder, durable=False) as urls:
                environment = {**COMMAND_ENVIRONMENT, **urls}
                for step in (("up",), ("check",), ("down", "base"), ("up",), ("check",)):
                    command(environment, "migrate", *step)
                    print(f"migrate {' '.join(step)}: done")
    except ServiceError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
