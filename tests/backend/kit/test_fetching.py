"""Whoever looks at an address before fetching it hears what they would get."""

import pytest

from support.api import Door

LIKE = ("content-type", "content-length", "etag", "cache-control")


@pytest.mark.parametrize(
    "path",
    ["/health/live", "/health/ready", "/metrics", "/developers", "/developers/nothing", "/alerts/RR-AAAA-AAAA",
     "/oauth/jwks.json", "/.well-known/oauth-authorization-server", "/open-referral-uk/hertfordshire",
     "/schema.graphql", "/feeds/nothing.ics", "/graphql/console/nothing"],
)  # fmt: skip
async def test_what_is_fetched_can_be_looked_at_first(door: Door, path: str) -> None:
    fetched, looked = await door.client.get(path), await door.client.head(path)
    assert looked.content == b""
    assert looked.status_code == fetched.status_code != 405
    if path != "/metrics":  # grows with each request
        assert [looked.headers.get(name) for name in LIKE] == [fetched.headers.get(name) for name in LIKE]


async def test_to_look_at_the_link_of_a_call_is_not_to_fetch_it(door: Door) -> None:
    assert (await door.client.head("/r/nothing")).status_code == 405
