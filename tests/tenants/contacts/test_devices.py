"""What a device may be registered as, and the one way in which it is stored."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from backend.kit.problems import Invalid
from backend.kit.settings import settings
from tenants.contacts.devices import Subscription, device_address
from tenants.contacts.models import DevicePlatform

FCM, APNS, BROWSER = DevicePlatform.FCM, DevicePlatform.APNS, DevicePlatform.WEBPUSH
KEY = ec.derive_private_key(7, ec.SECP256R1()).public_key()
POINT = KEY.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
COMPRESSED = KEY.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
ENDPOINT = "https://push.example.org/send/abc"


@pytest.fixture(autouse=True)
def _production(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRIVATE_TARGETS", raising=False)
    settings.cache_clear()


def b64(raw: bytes, *, padded: bool = False) -> str:
    made = base64.urlsafe_b64encode(raw).decode()
    return made if padded else made.rstrip("=")


def subscription(**changes: str) -> Subscription:
    return Subscription(**{"endpoint": ENDPOINT, "p256dh": b64(POINT), "auth": b64(b"x" * 16), **changes})


def fields(platform: DevicePlatform, token: str | None, given: Subscription | None) -> list[str]:
    with pytest.raises(Invalid) as refused:
        device_address(platform, token, given)
    return [error.field for error in refused.value.errors]


def test_a_token_is_stored_in_one_spelling() -> None:
    assert device_address(FCM, " dGVzdA:APA91b-_x ", None) == "dGVzdA:APA91b-_x"
    assert device_address(APNS, "AB" * 32, None) == "ab" * 32


def test_a_subscription_is_stored_as_the_sender_reads_it_whatever_its_padding() -> None:
    stored = device_address(BROWSER, None, subscription())
    padded = subscription(p256dh=b64(POINT, padded=True), auth=b64(b"x" * 16, padded=True))
    assert device_address(BROWSER, None, padded) == stored
    assert json.loads(stored) == {"endpoint": ENDPOINT, "keys": {"p256dh": b64(POINT), "auth": b64(b"x" * 16)}}


@pytest.mark.parametrize("token", ["", "short", "with a space in it", "a" * 2001, "nul\0nul\0nul", "tök" * 5])
def test_what_firebase_never_gives_out_is_refused(token: str) -> None:
    assert fields(FCM, token, None) == ["token"]


@pytest.mark.parametrize("token", ["", "ab" * 31, "ab" * 101, "abc" * 23, "xy" * 32, "device-of-a-test-0123"])
def test_what_apple_never_gives_out_is_refused(token: str) -> None:
    assert fields(APNS, token, None) == ["token"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("endpoint", "http://push.example.org/send/abc"),
        ("endpoint", "https:///abc"),
        ("endpoint", "https://user:word@push.example.org/"),
        ("endpoint", "https://push.example.org/#part"),
        ("endpoint", "https://push.example.org:99999/"),
        ("endpoint", "https://[push/"),
        ("endpoint", "https://push.example.org/ x"),
        ("endpoint", "https://push.example.org/" + "a" * 1_500),
        ("p256dh", ""),
        ("p256dh", b64(COMPRESSED)),
        ("p256dh", b64(b"\4" + b"\1" * 64)),
        ("p256dh", "é" * 87),
        ("auth", b64(b"x" * 15)),
        ("auth", "not/base64+url=="),
    ],
)
def test_a_subscription_that_nobody_could_write_to_is_refused_by_its_field(field: str, value: str) -> None:
    assert fields(BROWSER, None, subscription(**{field: value})) == [f"subscription.{field}"]


def test_every_fault_of_a_subscription_is_listed() -> None:
    bad = Subscription("ftp://x", "x", "x")
    assert fields(BROWSER, None, bad) == ["subscription.endpoint", "subscription.p256dh", "subscription.auth"]


def test_a_token_goes_with_an_app_and_a_subscription_with_a_browser() -> None:
    assert fields(FCM, None, None) == ["token"]
    assert fields(APNS, None, subscription()) == ["token"]
    assert fields(FCM, "a-token-of-firebase", subscription()) == ["token"]
    assert fields(BROWSER, None, None) == ["subscription"]
    assert fields(BROWSER, "a-token-of-firebase", subscription()) == ["subscription"]
