"""Where the trusted documents lie, unless the settings name another folder."""

from pathlib import Path
from typing import Final

OPERATIONS: Final = Path(__file__).parents[2] / "graphql" / "operations"
