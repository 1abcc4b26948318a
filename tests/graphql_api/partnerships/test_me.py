"""Who I am, and where."""

from backend.identity.policies import ROLES
from support.api import Door
from support.partnership import Partnership

ME = "{ me { person { name post active } partnership roles permissions } }"
HEADER = "safeguard-partnership"


async def test_me(door: Door, cambs: Partnership) -> None:
    me = (await door.person("juniper.blythe").run(ME))["me"]
    assert me["person"] == {
        "name": "Dr Juniper Blythe",
        "post": "Emergency department consultant",
        "active": True,
    }
    assert (me["partnership"], me["roles"]) == ("cambs-peterborough", ["clinician"])
    assert set(me["permissions"]) == {permission.value for permission in ROLES["clinician"]}


async def test_the_partnership_and_its_areas(door: Door, herts: Partnership) -> None:
    query = "{ partnership { slug name zone areas { kind code name } } }"
    found = (await door.person("clover.ashdown").run(query))["partnership"]
    assert (found["slug"], found["zone"]) == ("hertfordshire", "Europe/London")
    assert {(area["kind"], area["code"]) for area in found["areas"]} == {
        ("LOCAL_AUTHORITY", "hertfordshire"),
        ("CORONER", "coroner-hertfordshire"),
    }


async def test_a_partnership_is_entered_only_by_its_members(door: Door) -> None:
    api = door.person("juniper.blythe")
    for slug, status in (("cambs-peterborough", 200), ("hertfordshire", 403), ("atlantis", 403), ("", 200)):
        headers = {**api.headers, HEADER: slug}
        answer = await door.client.post("/graphql", json={"query": ME}, headers=headers)
        assert answer.status_code == status, slug


async def test_without_a_token_nobody_is_let_in(door: Door) -> None:
    answer = await door.client.post("/graphql", json={"query": ME})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    answer = await door.client.post("/graphql", json={"query": ME}, headers={"authorization": "Bearer x.y.z"})
    assert answer.json()["errors"][0]["extensions"]["code"] == "INVALID_TOKEN"
