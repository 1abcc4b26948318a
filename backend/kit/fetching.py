"""What is fetched by an address alone."""

from functools import partial
from typing import Final

from litestar import route
from litestar.types import Method

_METHODS: Final[list[Method]] = ["GET", "HEAD"]

fetched = partial(route, http_method=_METHODS, include_in_schema=False)
"""A route handler that answers HEAD too, as RFC 9110 ¶9.1 has it: calendar programs look before they fetch."""
