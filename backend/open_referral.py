"""The public feed of a partnership's services: Open Referral UK (HSDS 3.0, UK profile), read only.

Open to anybody, as the standard asks: no key, any origin. It says what is marked as public and nothing else; a
partnership that is suspended, and one that never was, are answered alike.
"""

from math import ceil
from typing import Annotated, Any, Final

from litestar import Response
from litestar.params import FromPath, QueryParameter
from sqlalchemy import select

from backend.directory import hsds, stored
from backend.kit.database import engine
from backend.kit.fetching import fetched
from backend.kit.session import open_session
from backend.kit.settings import settings
from backend.kit.tables import table_of
from tenants.contacts.service_models import Visibility
from tenants.partnerships import repository as partnerships
from tenants.partnerships.models import Partnership, PartnershipState

_HEADERS: Final = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=60",
                   "X-Content-Type-Options": "nosniff"}  # fmt: skip
OPENAPI: Final = "https://raw.githubusercontent.com/OpenReferralUK/uk-profile/main/schema/openapi.json"
_MOST: Final = 100
_USUAL: Final = 50
Page = Annotated[int, QueryParameter(name="page", ge=1, le=1_000_000)]
PerPage = Annotated[int, QueryParameter(name="per_page", ge=1, le=_MOST)]
Search = Annotated[str | None, QueryParameter(name="search", max_length=200)]
MinimumAge = Annotated[float | None, QueryParameter(name="minimum_age", ge=0, le=200)]
Topic = Annotated[str | None, QueryParameter(name="taxonomy_term_id", max_length=100)]
MaximumAge = Annotated[float | None, QueryParameter(name="maximum_age", ge=0, le=200)]


@fetched("/open-referral-uk/{partnership:str}")
async def feed_details(partnership: FromPath[str]) -> Response[dict[str, Any]]:
    """Which version and profile the feed has."""
    if await _services(partnership) is None:
        return _nothing()
    details = {"version": hsds.VERSION, "profile": hsds.PROFILE, "openapi_url": OPENAPI}
    return Response(details, headers=_HEADERS)


@fetched("/open-referral-uk/{partnership:str}/services")
async def feed_services(
    partnership: FromPath[str], page: Page = 1, per_page: PerPage = _USUAL, search: Search = None,
    topic: Topic = None, minimum_age: MinimumAge = None, maximum_age: MaximumAge = None,
) -> Response[dict[str, Any]]:  # fmt: skip
    """A page of services."""
    found = await _services(partnership)
    if found is None:
        return _nothing()
    wanted = [one for one in found if _asked_for(one, search, topic, minimum_age, maximum_age)]
    pages = max(1, ceil(len(wanted) / per_page))
    contents = wanted[(page - 1) * per_page : page * per_page]
    said = {
        "total_items": len(wanted), "total_pages": pages, "page_number": page, "size": len(contents),
        "first_page": page == 1, "last_page": page >= pages, "empty": not contents, "contents": contents,
    }  # fmt: skip
    return Response(said, headers=_HEADERS)


@fetched("/open-referral-uk/{partnership:str}/services/{service_id:str}")
async def feed_service(partnership: FromPath[str], service_id: FromPath[str]) -> Response[dict[str, Any]]:
    """One service, fully nested."""
    found = await _services(partnership) or []
    one = next((each for each in found if each["id"] == service_id), None)
    return Response(one, headers=_HEADERS) if one is not None else _nothing()


def _asked_for(
    one: dict[str, Any], search: str | None, topic: str | None, least: float | None, most: float | None
) -> bool:
    topics = " ".join(each["taxonomy_term"]["name"] for each in one["attributes"])
    words = f"{one['name']} {one.get('description', '')} {topics}".casefold()
    return (
        (search is None or search.casefold() in words)
        and (topic is None or topic in {each["taxonomy_term_id"] for each in one["attributes"]})
        and (least is None or one.get("maximum_age", least) >= least)
        and (most is None or one.get("minimum_age", most) <= most)
    )


async def _services(slug: str) -> list[dict[str, Any]] | None:
    """The public services of an active partnership; None where there is none of the name."""
    table = table_of(Partnership)
    async with engine().connect() as connection:
        row = (
            await connection.execute(select(table.c.id, table.c.state).where(table.c.slug == slug.replace("\0", "")))
        ).one_or_none()
    if row is None or row.state != PartnershipState.ACTIVE:
        return None
    async with open_session(row.id) as session:
        listing = await stored.listing(session, {Visibility.PUBLIC})
        names = {area.code: area.name for area in await partnerships.areas(session)}
    # Not the address that somebody asked by: what is kept in caches must not name another's.
    base = f"{settings().app_url.rstrip('/')}/open-referral-uk/{slug}"
    return hsds.as_json(listing, row.id, names, base)


def _nothing() -> Response[dict[str, Any]]:
    return Response({"message": "There is no such thing."}, status_code=404, headers=_HEADERS)
