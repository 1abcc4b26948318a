"""Where the trusted documents lie, and what was published of them, unless the settings name other folders."""

from pathlib import Path
from typing import Final

OPERATIONS: Final = Path(__file__).parents[2] / "graphql" / "operations"
EDITIONS: Final = Path(__file__).parents[2] / "graphql" / "changelog"
