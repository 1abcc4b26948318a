"""B11: nothing that identifies a child in what the other rows sent, logged or counted."""

from typing import Any

import httpx
import redis
from load.world import CHILDREN, World

SEEDED = [
    word.encode().lower() for word in (CHILDREN, "Invented Row", "Nowhere-on-the-Wold", "unresponsive in the cot")
]


def leaks(world: World) -> dict[str, Any]:
    product = world.product
    scanned = {
        "stand-in": httpx.get(f"{world.stand.url}/dev/raw", timeout=60).content,
        "metrics": httpx.get(f"{product.api_url}/metrics").content,
        **{log.stem: log.read_bytes() for log in product.supervisor.logs()},
    }
    broker = redis.Redis.from_url(product.environment["BROKER_URL"])
    scanned["broker"] = b"".join(key + (broker.dump(key) or b"") for key in broker.scan_iter())
    found = sum(content.lower().count(word) for content in scanned.values() for word in SEEDED)
    return {"leaks": found, "bytes_scanned": sum(map(len, scanned.values())), "places": len(scanned)}
