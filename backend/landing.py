"""Where a message's link leads in a browser.

``/alerts/…`` and the pages that notices name are the app's own addresses: without the app they say to open it.
``/r/…`` answers for the one person to whom the message went. Fetching it answers nothing; pressing a button does.
"""

from typing import Any, Final
from uuid import UUID

import structlog
from litestar import MediaType, Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.exceptions.responses import create_exception_response
from litestar.params import FromPath
from sqlalchemy import Row

from backend.identity.policies import Permission
from backend.identity.service import person_may
from backend.kit import metrics
from backend.kit.fetching import fetched
from backend.kit.session import TenantSession, open_session
from backend.kit.settings import settings
from notifications.answers import pages, service
from notifications.answers.reasons import REASONS
from notifications.answers.service import Standing
from notifications.answers.throttle import too_often
from notifications.deliveries.credentials import parse_link_token
from notifications.deliveries.wording import PAGES

log = structlog.get_logger(__name__)

_ANSWERS: Final = {"accept": True, "decline": False}
_LARGEST_FORM: Final = 1000


@fetched("/alerts/{reference:str}", media_type=MediaType.HTML, sync_to_thread=False)
def landing(reference: FromPath[str]) -> Response[str]:
    """The same page for every reference, whether or not there is such an alert."""
    return _html(pages.alert_page(reference[:20]), 200)


@fetched([f"/{page}" for page in sorted(set(PAGES.values()))], sync_to_thread=False)
def app_page() -> Response[str]:
    """The same page for whatever a notice leads to."""
    return _html(pages.app_page(), 200)


def refused(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """What no route takes. A browser gets a page, for its reader may hold half a link; programs, Litestar's answer."""
    if request.accept.best_match([MediaType.JSON, MediaType.HTML]) == MediaType.HTML:
        return _html(pages.refused_page(), error.status_code, dict(error.headers or {}))
    return create_exception_response(request, error)


def _failed(_: Request[Any, Any, Any], error: Exception) -> Response[str]:
    """Whoever holds a telephone at night is told what to do, whatever has failed."""
    log.error("link_failed", exc_info=error)
    return _html(pages.failed_page(), 500)


_FAILING: Final[dict[int | type[Exception], Any]] = {Exception: _failed}


# Not by HEAD: whoever only looks whether the link is there has not fetched it.
@get("/r/{token:str}", media_type=MediaType.HTML, include_in_schema=False, exception_handlers=_FAILING)
async def call_link(token: FromPath[str]) -> Response[str]:
    """The call's two buttons. Changes nothing but the record that the link was fetched."""
    named = _named(token)
    if named is None:
        return _unknown()
    tenant_id, delivery_id = named
    if await too_often(delivery_id):
        return _html(pages.too_often_page(), 429, {"Retry-After": "60"})
    return await _show(tenant_id, delivery_id)


@post(
    "/r/{token:str}", media_type=MediaType.HTML, include_in_schema=False, exception_handlers=_FAILING,
    request_max_body_size=_LARGEST_FORM,
)  # fmt: skip
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
