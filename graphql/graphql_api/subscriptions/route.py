"""Subscriptions over WebSocket, as one Litestar route beside that of HTTP."""

import time
from collections.abc import Mapping
from typing import Any

from litestar import WebSocket, websocket
from litestar.handlers import WebsocketRouteHandler

from backend.kit.problems import Forbidden, Unauthenticated
from graphql_api.context import Entrance, Member
from graphql_api.subscriptions.connection import Connection, Pace
from graphql_api.subscriptions.messages import PROTOCOL, ClosedError, Code
from graphql_api.subscriptions.running import Subscriptions


def subscription_route(
    subscriptions: Subscriptions, entrance: Entrance, *, path: str = "/graphql", pace: Pace | None = None
) -> WebsocketRouteHandler:
    """The route handler. Whoever connects says who they are in the first message, as they would in headers:

    ``{"authorization": "Bearer …", "partnership": "the-slug"}``. The connection ends when the token does.
    """

    async def enter(payload: Mapping[str, Any]) -> tuple[Member, float]:
        given = {name: payload.get(name) for name in ("authorization", "partnership")}
        authorization, slug = given["authorization"] or "", given["partnership"]
        if not isinstance(authorization, str) or not isinstance(slug, str | None):
            raise ClosedError(Code.BAD_MESSAGE, "Invalid message")
        try:
            signed_in, bearer = await entrance.identify(authorization)
            if bearer is not None:
                raise ClosedError(Code.FORBIDDEN, "Applications are told by webhooks")
            member = Member(signed_in, await entrance.partnership(signed_in.identity, slug))
            async with member.enter():
                pass
        except Unauthenticated as problem:
            raise ClosedError(Code.FORBIDDEN, problem.reason) from None
        except Forbidden as problem:
            raise ClosedError(Code.FORBIDDEN, problem.code) from None
        return member, signed_in.expires_at - time.time()

    @websocket(path)
    async def graphql_socket(socket: WebSocket[Any, Any, Any]) -> None:
        if PROTOCOL not in socket.scope["subprotocols"]:
            await socket.accept()
            await socket.close(Code.BAD_PROTOCOL, "Subprotocol not acceptable")
            return
        await socket.accept(subprotocols=PROTOCOL)
        await Connection(socket, enter, subscriptions.run, pace or Pace()).serve()

    return graphql_socket
