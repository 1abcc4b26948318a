"""B17: who is to be called now about a child who lives in an area, of an age, about a topic.

Asked by a trusted document over HTTP, without pause, by one connection and by eight, of a directory of two hundred
services: for areas and age bands, with hours of the week, rotas and fall-backs. Every answer has a first call or says
what is closed.
"""

import asyncio
import json
import random
import threading
import time
from http.client import HTTPConnection
from typing import Any, Final
from urllib.parse import urlsplit

from load.figures import percentile
from load.world import World

from backend.directory import importing
from backend.directory.listing import Listing, Organisation, Point, Service
from backend.kit.database import make_engine
from backend.kit.session import open_session
from graphql_api.document_store import digest
from graphql_api.ids import encode
from notifications.ladders.hours import Hours
from support.api import operation
from tenants.contacts.service_models import PointKind, Visibility
from tenants.partnerships import repository as partnerships
from tenants.partnerships.models import AreaKind

SERVICES: Final = 200
TOPICS: Final = ("made-school", "made-health", "made-housing", "made-police", "made-night", "made-advice")
_WHO: Final = "juniper.blythe"
_HOURS: Final = [{"weekdays": range(5), "start": "09:00", "end": "17:00", "bank_holidays": "except"}]
_REST: Final = [{"weekdays": range(7), "start": "17:00", "end": "09:00"},
                {"weekdays": (5, 6), "start": "09:00", "end": "17:00"}]  # fmt: skip


def made(areas: list[str]) -> Listing:
    """Services by day, each with one by night that stands in for it; every fifth is answered by a rota."""
    organisations = tuple(Organisation(code=f"made-{number}", name=f"Body {number}") for number in range(20))
    return Listing(organisations=organisations, services=tuple(_service(number, areas) for number in range(SERVICES)))


def _service(number: int, areas: list[str]) -> Service:
    pair, by_day = number // 2, number % 2 == 0
    line = Point(code="line", kind=PointKind.PHONE, value=f"01632 960{number:03d}",
                 hours=tuple(Hours.model_validate(one) for one in (_HOURS if by_day else _REST)),
                 visibility=Visibility.PUBLIC)  # fmt: skip
    rota = Point(code="rota", kind=PointKind.ROTA, value="duty_manager")
    return Service(
        code=f"made-{number}", organisation=f"made-{number % 20}", name=f"Team {number}",
        topics=(TOPICS[pair % len(TOPICS)],), areas=(areas[pair // len(TOPICS) % len(areas)],),
        minimum_age=0 if pair // (len(TOPICS) * len(areas)) % 2 == 0 else 11, maximum_age=18,
        visibility=Visibility.PUBLIC,
        fallback=f"made-{number + 1}" if by_day else None, points=(line, rota) if number % 5 == 0 else (line,),
    )  # fmt: skip


def who_to_call(world: World) -> dict[str, Any]:
    """Answers a second and their latency."""
    areas = asyncio.run(_filled(world.product.environment["DATABASE_URL"], world.tenant()))
    row: dict[str, Any] = {"services": SERVICES}
    for connections in (1, 8):
        row |= {f"{name}_at_{connections}": value for name, value in _asked(world, areas, connections).items()}
    return row


async def _filled(url: str, tenant: Any) -> list[str]:
    """Enter the services. Returns the areas' ids as clients have them."""
    engine = make_engine(url, 1)
    try:
        async with open_session(tenant, on=engine) as session:
            found = [one for one in await partnerships.areas(session) if one.kind is AreaKind.LOCAL_AUTHORITY]
            await importing.bring(session, made([one.code for one in found]))
            await session.commit()
            return [encode("Area", one.id) for one in found]
    finally:
        await engine.dispose()


def _asked(world: World, areas: list[str], connections: int) -> dict[str, float]:
    document, took, unanswered = f"sha256:{digest(operation('WhoToCall'))}", list[float](), list[str]()
    headers = {"Authorization": f"Bearer {world.token(_WHO)}", "Content-Type": "application/json"}
    parts, until = urlsplit(world.product.api_url), time.monotonic() + world.options.seconds

    def ask(seed: int) -> None:
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        chosen = random.Random(seed)  # noqa: S311  # no secret is made
        while time.monotonic() < until:
            asked = {"about": chosen.choice(TOPICS), "area": chosen.choice(areas), "age": chosen.randrange(18)}
            body = json.dumps({"documentId": document, "variables": asked})
            began = time.perf_counter()
            connection.request("POST", "/graphql", body, headers)
            raw = connection.getresponse().read()
            took.append((time.perf_counter() - began) * 1000)
            answer = (json.loads(raw).get("data") or {}).get("whoToCall")
            if not answer or not (answer["first"] or answer["closed"]):
                unanswered.append(f"{asked}: {raw[:300]!r}")
        connection.close()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if unanswered:
        raise RuntimeError(f"{len(unanswered)} questions had no answer: {unanswered[0]}")
    return {
        "per_s": round(len(took) / world.options.seconds, 1), "ms_p50": round(percentile(took, 0.5), 1),
        "ms_p95": round(percentile(took, 0.95), 1),
    }  # fmt: skip
