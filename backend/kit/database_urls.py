"""Read the URL of a PostgreSQL database."""

import ssl
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

_SCHEMES: Final = frozenset({"postgresql", "postgres", "postgresql+asyncpg"})
_OPTIONS: Final = frozenset(
    {"host", "port", "ssl", "passfile", "target_session_attrs", "prepared_statement_cache_size"}
)  # fmt: skip
_WRITE_IT_SO: Final = (
    "A database URL cannot be read. Write postgresql://user:password@host:port/database,"
    " and what is neither letter nor digit in the password as %XX."
)


class UnreadableUrl(ValueError):
    """A URL that no connection can be made from. Its words hold nothing of the URL."""


def driver_url(url: str) -> tuple[str, dict[str, Any]]:
    """SQLAlchemy's URL and connect arguments for a libpq URL, whose ``sslmode`` asyncpg spells apart.

    Raises ``UnreadableUrl``.
    """
    try:
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        mode = options.pop("sslmode", None)
        bare = urlunsplit(parts._replace(scheme="postgresql+asyncpg", query=urlencode(options)))
        make_url(bare)
    except (ValueError, ArgumentError) as error:
        raise UnreadableUrl(_WRITE_IT_SO) from error
    if parts.scheme not in _SCHEMES:
        raise UnreadableUrl(_WRITE_IT_SO)
    if options.keys() - _OPTIONS:
        message = (
            f"A database URL has an option that is not known. Give none but sslmode, {', '.join(sorted(_OPTIONS))}."
        )
        raise UnreadableUrl(message)
    return bare, _encrypted(mode)


def _encrypted(mode: str | None) -> dict[str, Any]:
    if mode not in {"require", "verify-ca", "verify-full"}:
        return {}
    context = ssl.create_default_context()
    context.check_hostname = mode == "verify-full"
    if mode == "require":
        context.verify_mode = ssl.CERT_NONE
    return {"ssl": context}
