"""`python -m infra.dev [folder]`: the services until Ctrl-C, their variables as `export` lines."""

import os
import shlex
import signal
import sys
from pathlib import Path

from infra.dev.services import development_services
from infra.dev.supervisor import ServiceError


def main() -> None:
    """Run until interrupted; exit with one sentence when a service cannot be started."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".dev")
    try:
        with development_services(folder, environment=os.environ) as services:
            # Only what was started here: the rest is in the caller's environment already.
            for name in sorted(services.environment.keys() - os.environ.keys()):
                print(f"export {name}={shlex.quote(services.environment[name])}")
            sys.stdout.flush()
            signal.pause()
    except KeyboardInterrupt:
        pass
    except ServiceError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
