"""Where a message's link leads in a browser.

``/alerts/…`` is the app's own address: without the app it says how to answer. ``/r/…`` answers
for the one person to whom the message went. Fetching it answers nothing; pressing a button does.
"""

from html import escape
from typing import Any, Final
from uuid import UUID

from litestar import MediaType, Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from sqlalchemy import Row

from backend.identity.policies import Permission
from backend.identity.service import person_may
from backend.kit import metrics
from backend.kit.session import TenantSession, open_session
from backend.kit.settings import settings
from notifications.answers import pages, service
from notifications.answers.reasons import REASONS
from notifications.answers.service import Standing
from notifications.answers.throttle import too_often
from notifications.deliveries.credentials import parse_link_token

_PAGE: Final = """<!doctype html>
<html lang="en-GB">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Safeguard call {reference}</title>
<style>body {{ font: 1.125rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 2rem auto; padding: 0 1rem }}</style>
<h1>Call {reference}</h1>
<p>Open the Safeguard app and sign in to see what you are called for and to answer.</p>
<p>Reading this page is not an answer: the next person is called when your time is up.</p>
</html>
"""
_ANSWERS: Final = {"accept": True, "decline": False}
_LARGEST_FORM: Final = 1000


@get("/alerts/{reference:str}", media_type=MediaType.HTML, include_in_schema=False, sync_to_thread=False)
def landing(reference: FromPath[str]) -> Response[str]:
    """The same page for every reference, whether or not there is such an alert."""
    page = _PAGE.format(reference=escape(reference[:20]))
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
               "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}  # fmt: skip
    return Response(page, headers=headers, media_type=MediaType.HTML)


@get("/r/{token:str}", media_type=MediaType.HTML, include_in_schema=False)
async def call_link(token: FromPath[str]) -> Response[str]:
    """The call's two buttons. Changes nothing but the record that the link was fetched."""
    named = _named(token)
    if named is None:
        return _unknown()
    tenant_id, delivery_id = named
    if await too_often(delivery_id):
        return _html(pages.too_often_page(), 429, {"Retry-After": "60"})
    return await _show(tenant_id, delivery_id)


@post("/r/{token:str}", media_type=MediaType.HTML, include_in_schema=False, request_max_body_size=_LARGEST_FORM)
async def answer_link(token: FromPath[str], request: Request[Any, Any, Any]) -> Response[str]:
    """A button was pressed. Pressing it twice is one answer, and shows the same page."""
    named = _named(token)
    if named is None:
        return _unknown()
    tenant_id, delivery_id = named
    if await too_often(delivery_id):
        return _html(pages.too_often_page(), 429, {"Retry-After": "60"})
    try:
        form = await request.form()
    except (HTTPException, ValueError, KeyError):
        form = {}  # type: ignore[assignment]
    answer = form.get("answer")
    if not isinstance(answer, str) or answer not in _ANSWERS:
        return await _show(tenant_id, delivery_id)
    reason = REASONS.get(str(form.get("reason")), REASONS["other"])
    async with open_session(tenant_id) as session:
        found = await service.by_link(
            session, delivery_id, accepts=_ANSWERS[answer], reason=reason, may=may_answer
        )  # fmt: skip
        await session.commit()
    if found:
        metrics.count_answer("link", found[1].value, drill=found[0].drill)
    return _call(found)


async def _show(tenant_id: UUID, delivery_id: UUID) -> Response[str]:
    async with open_session(tenant_id) as session:
        found = await service.fetched(session, delivery_id, may_answer)
        await session.commit()
    if found:
        metrics.count_answer("link", "fetched", drill=found[0].drill)
    return _call(found)


async def may_answer(session: TenantSession, person_id: UUID) -> bool:
    """The right that the app asks for, too."""
    return await person_may(session, person_id, Permission.ANSWER_ALERTS)


def _named(token: str) -> tuple[UUID, UUID] | None:
    return parse_link_token(settings().answer_secret.get_secret_value(), token)


def _call(found: tuple[Row[Any], Standing] | None) -> Response[str]:
    return _html(pages.call_page(*found), 200) if found else _unknown()


def _unknown() -> Response[str]:
    metrics.count_answer("link", "unknown")
    return _html(pages.unknown_page(), 404)


def _html(content: str, status: int, more: dict[str, str] | None = None) -> Response[str]:
    headers = {**pages.HEADERS, **(more or {})}
    return Response(content, status_code=status, headers=headers, media_type=MediaType.HTML)
