"""The API process."""

import contextlib
from functools import partial
from pathlib import Path

from litestar import Litestar

from backend.callbacks import CALLBACKS
from backend.health import live, metrics, ready
from backend.identity.tokens import Verifier
from backend.kit.database import engine
from backend.kit.logging import configure
from backend.kit.problems import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from backend.kit.settings import settings
from backend.landing import landing
from graphql_api.context import request_context
from graphql_api.http import graphql_route
from graphql_api.schema import schema

_OPERATIONS = Path(__file__).parents[1] / "graphql" / "operations"


async def _warm(verifier: Verifier) -> None:
    """Fetch the issuer's keys before the first person waits for them; an issuer that is away may come later."""
    with contextlib.suppress(Unauthenticated):
        await verifier.prepare()


async def _close() -> None:
    await engine().dispose()


def create_app() -> Litestar:
    """The application. Litestar's own logging is off: it would write bodies and headers."""
    configured = settings()
    configure(configured.log_level)
    operations = configured.operations_folder or _OPERATIONS
    verifier = Verifier(configured.oidc_issuer, configured.oidc_audience)
    graphql = graphql_route(
        schema,
        context=request_context(verifier),
        graphiql=configured.graphiql,
        operations=operations if operations.is_dir() else None,
        expected=(Conflict, Forbidden, Invalid, NotFound),
    )
    return Litestar(
        route_handlers=[*graphql, live, ready, metrics, *CALLBACKS, landing],
        logging_config=None,
        openapi_config=None,
        on_startup=[partial(_warm, verifier)],
        on_shutdown=[_close],
    )
