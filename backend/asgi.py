"""The API process."""

import contextlib
from functools import partial
from typing import Any

from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from backend import models  # noqa: F401  # keys between tables are looked up by name
from backend.applications.signing import signing
from backend.callbacks import CALLBACKS
from backend.developers import developers
from backend.feeds import calendar_feed
from backend.health import live, metrics, ready
from backend.identity.tokens import Verifier
from backend.inbound import notify_inbound
from backend.kit.buckets import Buckets
from backend.kit.database import engine
from backend.kit.logging import configure
from backend.kit.operations import EDITIONS, OPERATIONS
from backend.kit.problems import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from backend.kit.proxies import Proxies
from backend.kit.settings import settings
from backend.landing import answer_link, app_page, call_link, landing, refused
from backend.oauth import OAUTH
from backend.open_referral import feed_details, feed_service, feed_services
from graphql_api.context import Entrance, request_context
from graphql_api.document_store import DocumentStore
from graphql_api.http import graphql_route
from graphql_api.published import contract_route
from graphql_api.schema import schema
from graphql_api.step_up import StepUpNeeded
from graphql_api.subscriptions.following import Hub
from graphql_api.subscriptions.route import subscription_route
from graphql_api.subscriptions.running import Subscriptions
from graphql_api.throttling import Throttle

_EXPECTED = (Conflict, Forbidden, Invalid, NotFound, StepUpNeeded)


async def _warm(verifier: Verifier) -> None:
    """Ask beforehand for what the first person would have to wait for. An issuer that is away may come later."""
    with contextlib.suppress(Unauthenticated):
        await verifier.prepare()


async def _close() -> None:
    await engine().dispose()


async def _look(request: Request[Any, Any, Any]) -> None:
    request.app.state.proxies.look(request.headers)


def create_app() -> Litestar:
    """The application. Litestar's own logging is off: it would write bodies and headers."""
    configured = settings()
    configure(configured.log_level)
    signing()  # keys that cannot be read stop the start, not a client
    operations = configured.operations_folder or OPERATIONS
    verifier = Verifier(configured.oidc_issuer, configured.oidc_audience)
    entrance = Entrance(verifier)
    store = DocumentStore(
        schema.core,
        operations if operations.is_dir() else None,
        configured.changelog_folder or EDITIONS,
        check=configured.operations_folder is not None,  # a test has read those beside the code
    )
    buckets = Buckets(configured.broker_url.get_secret_value() if configured.throttling else None)
    throttle = Throttle(buckets)
    graphql = graphql_route(
        schema,
        context=request_context(entrance, throttle),
        graphiql=configured.graphiql != "off",
        store=store,
        expected=_EXPECTED,
    )
    followed = subscription_route(Subscriptions(schema, store, Hub(), throttle, _EXPECTED), entrance)
    return Litestar(
        route_handlers=[
            *graphql,
            followed,
            contract_route(schema, entrance),
            live,
            ready,
            metrics,
            *CALLBACKS,
            notify_inbound,
            landing,
            app_page,
            call_link,
            answer_link,
            calendar_feed,
            feed_details,
            feed_services,
            feed_service,
            *OAUTH,
            developers,
        ],
        logging_config=None,
        openapi_config=None,
        exception_handlers={HTTPException: refused},
        before_request=_look,
        on_startup=[partial(_warm, verifier)],
        on_shutdown=[buckets.close, _close],
        state=State({"buckets": buckets, "proxies": Proxies(configured.proxies_in_front)}),
    )
