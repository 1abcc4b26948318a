"""The stand-in's application."""

import asyncio
import os
from typing import Any, cast

from hypercorn.asyncio import serve as serve_http2
from hypercorn.config import Config
from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPRequestEvent, HTTPScope, Receive, Scope, Send

from infra.dev.carrier import apns, control, inbox, notify, push, received, sinch, smtp, vonage, webpush
from infra.dev.carrier.behaviour import Answer
from infra.dev.carrier.state import Carrier
from infra.dev.carrier.store import Store

PROVIDER_PATHS = ("/v1/", "/v2/", "/token", "/xms/", "/3/", "/push/", "/webhooks/")


class Recorder:
    """ASGI wrapper that keeps every byte of a provider request before anything looks at it."""

    def __init__(self, app: ASGIApp, store: Store) -> None:
        self._app = app
        self._store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or not scope["path"].startswith(PROVIDER_PATHS):
            await self._app(scope, receive, send)
            return
        body = bytearray()
        while True:
            event = await receive()
            if event["type"] != "http.request":
                break
            body += event["body"]
            if not event["more_body"]:
                break
        self._store.requests.append(wire(scope, bytes(body)))
        replay: list[HTTPRequestEvent] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def replayed() -> HTTPRequestEvent:
            return replay.pop() if replay else await receive()  # type: ignore[return-value]

        await self._app(scope, replayed, send)


def wire(scope: HTTPScope, body: bytes) -> bytes:
    """The request as HTTP/1.1 would write it."""
    query = b"?" + scope["query_string"] if scope["query_string"] else b""
    line = scope["method"].encode() + b" " + scope["path"].encode() + query + b" HTTP/1.1\r\n"
    return line + b"".join(name + b": " + value + b"\r\n" for name, value in scope["headers"]) + b"\r\n" + body


def refused(_: Request[object, object, State], refusal: notify.Refusal) -> Answer:
    return refusal.answer


def create_app() -> ASGIApp:
    """The application, with its settings from the environment."""
    carrier = Carrier.from_environment()
    apple = Recorder(_application(carrier, [apns.send]), carrier.store)
    servers: list[asyncio.Task[Any]] = []

    async def listen() -> None:
        """Open the ports that speak no HTTP/1.1: mail, and Apple's HTTP/2."""
        certificate, key = os.environ["CARRIER_CERTIFICATE"], os.environ["CARRIER_CERTIFICATE_KEY"]
        user, password = os.environ["CARRIER_SMTP_USER"], os.environ["CARRIER_SMTP_PASSWORD"]
        await smtp.serve(carrier, int(os.environ["CARRIER_SMTP_PORT"]), certificate, key, user, password)
        config = Config()
        config.bind = [f"127.0.0.1:{os.environ['CARRIER_APNS_PORT']}"]
        config.certfile, config.keyfile = certificate, key
        config.errorlog = None
        forever = asyncio.Event()
        server = serve_http2(cast("Any", apple), config, shutdown_trigger=cast("Any", forever.wait))
        servers.append(asyncio.get_running_loop().create_task(server))

    app = _application(carrier, [
        *(notify.send_sms, notify.send_email, notify.look_up, notify.search),
        *(push.token, push.send, sinch.send, sinch.search, vonage.place, vonage.search, vonage.press),
        *(webpush.push, webpush.webhook, inbox.recipients, inbox.inbox),
        *(control.add_rule, control.clear_rules, control.set_callback, control.messages, control.forget),
        *(control.receipts, control.raw, control.health),
        *(received.set_inbound_callback, received.receive_text, received.beat, received.beats),
    ], listen)  # fmt: skip
    return Recorder(app, carrier.store)


def _application(carrier: Carrier, handlers: list[Any], *on_startup: Any) -> Litestar:
    return Litestar(
        handlers,
        state=State({"carrier": carrier}),
        exception_handlers={notify.Refusal: refused},
        openapi_config=None,
        on_startup=list(on_startup),
    )
