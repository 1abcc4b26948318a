"""What others give us to call leads to the internet at large, or nowhere."""

import socket
from collections.abc import Callable
from typing import Any

import pytest

from backend.kit import addresses
from backend.kit.addresses import NoSuchHost, Target, Unsafe, check_url, is_public, require_public, target_of
from backend.kit.problems import Invalid
from backend.kit.settings import settings

PRIVATE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0",
    "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::1",
    "2001::4136:e378:8000:63bf:3fff:fdd2",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "51.140.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]


@pytest.fixture(autouse=True)
def _production(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRIVATE_TARGETS", raising=False)
    settings.cache_clear()


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Give a name its addresses; returns the list of names that were looked up."""
    asked: list[str] = []

    def give(*found: str) -> list[str]:
        def answer(host: str, port: int, **_: Any) -> list[Any]:
            asked.append(host)
            if not found:
                raise socket.gaierror
            return [(socket.AF_INET6 if ":" in one else socket.AF_INET, None, None, "", (one, port)) for one in found]

        monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, *_, **__: answer(host, port))
        return asked

    return give


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_on_the_internet_at_large_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_on_it_is_public_however_it_is_wrapped(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", PRIVATE)
async def test_a_name_that_leads_to_it_is_refused(named: Callable[..., list[str]], address: str) -> None:
    named(address)
    with pytest.raises(Unsafe, match="private network"):
        await target_of("https://agency.example.org/hook")


async def test_one_private_address_among_public_ones_is_enough_to_refuse(named: Callable[..., list[str]]) -> None:
    named("8.8.8.8", "10.0.0.1")
    with pytest.raises(Unsafe):
        await target_of("https://agency.example.org/hook")


@pytest.mark.parametrize("literal", [f"[{one}]" if ":" in one else one for one in PRIVATE if "%" not in one])
def test_a_private_address_in_the_url_is_refused_without_asking_anybody(literal: str) -> None:
    with pytest.raises(Unsafe):
        check_url(f"https://{literal}/hook")


@pytest.mark.parametrize(
    "url",
    ["", "not an address", "http://example.org/", "ftp://example.org/", "file:///etc/passwd", "https://", "https:///x",
     "https://[::1", "https://example.org:99999/", "https://user@example.org/", "https://user:pass@example.org/",
     "https://exam ple.org/", "https://example.org/\n", "https://exämple.org/", f"https://example.org/{'x' * 2000}",
     "javascript:alert(1)", "//example.org/"],
)  # fmt: skip
def test_what_is_no_plain_https_address_is_refused(url: str) -> None:
    with pytest.raises(Unsafe):
        check_url(url)


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost"])
async def test_other_spellings_of_this_machine_are_refused(host: str) -> None:
    with pytest.raises((Unsafe, NoSuchHost)):
        await target_of(f"https://{host}/hook")


async def test_the_connection_goes_to_what_was_checked_in_one_look_up(named: Callable[..., list[str]]) -> None:
    asked = named("2606:4700::1111", "8.8.8.8")
    found = await target_of("https://agency.example.org:8443/hook?a=b")
    assert found == Target("https://[2606:4700::1111]:8443/hook?a=b", "agency.example.org:8443", "agency.example.org")
    assert asked == ["agency.example.org"]


async def test_a_name_without_an_address_is_not_found_and_told_to_its_owner(named: Callable[..., list[str]]) -> None:
    named()
    with pytest.raises(NoSuchHost):
        await target_of("https://agency.example.org/")
    with pytest.raises(Invalid, match="endpoint: cannot be found"):
        await require_public("https://agency.example.org/", "endpoint")


async def test_a_look_up_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    import time  # noqa: PLC0415  # the slow server of this test

    monkeypatch.setattr(addresses, "LOOK_UP_SECONDS", 0.05)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(2))
    with pytest.raises(NoSuchHost):
        await target_of("https://agency.example.org/")


async def test_a_development_machine_may_call_itself_by_setting_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unsafe):
        await target_of("http://127.0.0.1:8080/hook")
    monkeypatch.setenv("PRIVATE_TARGETS", "true")
    settings.cache_clear()
    assert (await target_of("http://127.0.0.1:8080/hook")).url == "http://127.0.0.1:8080/hook"
    with pytest.raises(Unsafe):
        check_url("http://127.0.0.1:8080/hook", private=False)
