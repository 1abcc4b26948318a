"""The stand-in against the providers' own contracts: Notify's official client, and FCM's HTTP format."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any, Protocol

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from notifications_python_client.errors import HTTPError, InvalidResponse
from notifications_python_client.notifications import NotificationsAPIClient

from infra.dev.services import DevelopmentServices
from support.pages import usable

TEMPLATES = json.loads((Path(__file__).parents[2] / "infra/notify-templates.json").read_text())
PAGE = next(t["id"] for t in TEMPLATES if (t["name"], t["type"]) == ("rapid-response-page", "sms"))
PAGE_BY_EMAIL = next(t["id"] for t in TEMPLATES if (t["name"], t["type"]) == ("rapid-response-page", "email"))
PHONE = "07700900123"
WORDS = {"reference": "RR-7K2M", "when": "Friday 30 April 2027 at 15:00",
         "link": "https://safeguard.example.org/a/RR-7K2M", "code": "4821",
         "answer_link": "https://safeguard.example.org/r/7K2M"}  # fmt: skip


class Notify(Protocol):
    """What is used here of the official client, which carries no annotations."""

    def send_sms_notification(
        self,
        phone_number: str,
        template_id: str,
        personalisation: dict[str, str],
        reference: str | None = None,
    ) -> dict[str, Any]: ...

    def send_email_notification(
        self,
        email_address: str,
        template_id: str,
        personalisation: dict[str, str],
        reference: str | None = None,
    ) -> dict[str, Any]: ...

    def get_notification_by_id(self, id: str) -> dict[str, Any]: ...  # noqa: A002 - the client's name

    def get_all_notifications(self, *, reference: str) -> dict[str, Any]: ...


def client_of(services: DevelopmentServices, key: str) -> Notify:
    url = services.environment["NOTIFY_BASE_URL"]
    client: Notify = NotificationsAPIClient(key, base_url=url, timeout=5)
    return client


@pytest.fixture
def notify(services: DevelopmentServices) -> Notify:
    return client_of(services, services.environment["NOTIFY_API_KEY"])


def errors_of(refused: HTTPError) -> list[dict[str, str]]:
    assert isinstance(refused.message, list)
    return refused.message


@pytest.fixture
def bearer(services: DevelopmentServices) -> str:
    """An FCM access token obtained with the service-account file, as the product obtains it."""
    account = json.loads(Path(services.environment["FCM_SERVICE_ACCOUNT_FILE"]).read_text())
    return str(exchange(account, RSAKey.import_key(account["private_key"])).json()["access_token"])


def exchange(account: dict[str, str], key: RSAKey) -> httpx.Response:
    now = int(time.time())
    claims = {"iss": account["client_email"], "aud": account["token_uri"], "iat": now, "exp": now + 3600}
    claims["scope"] = "https://www.googleapis.com/auth/firebase.messaging"
    fields = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"}
    fields["assertion"] = jwt.encode({"alg": "RS256"}, claims, key)
    return httpx.post(account["token_uri"], data=fields)


def push(services: DevelopmentServices, bearer: str, token: str) -> httpx.Response:
    return httpx.post(
        f"{services.environment['FCM_BASE_URL']}/v1/projects/safeguard-dev/messages:send",
        json={"message": {"token": token, "notification": {"title": "Safeguard", "body": "Sign in"}}},
        headers={"authorization": f"Bearer {bearer}"},
    )


def test_an_sms_is_accepted_shown_and_found_by_its_reference(notify: Notify, carrier: httpx.Client) -> None:
    sent = notify.send_sms_notification(PHONE, PAGE, WORDS, reference="d-1")
    said = "Rapid response call RR-7K2M. To accept reply 4821; if you cannot come reply NO 4821. Or open"
    assert sent["content"]["body"] == f"{said} {WORDS['answer_link']}"
    assert notify.get_notification_by_id(sent["id"])["phone_number"] == PHONE
    found = notify.get_all_notifications(reference="d-1")["notifications"]
    assert [one["id"] for one in found] == [sent["id"]]
    assert notify.get_all_notifications(reference="d-2")["notifications"] == []
    inbox = carrier.get(f"/inbox/{PHONE}").text
    assert f'<a href="{WORDS["answer_link"]}">' in inbox
    everybody = carrier.get("/").text
    assert f'href="/inbox/{PHONE}"' in everybody
    usable(inbox)
    usable(everybody)
    assert 'http-equiv="refresh"' in carrier.get(f"/inbox/{PHONE}?watched=true").text


def test_the_same_reference_twice_is_two_messages(notify: Notify, carrier: httpx.Client) -> None:
    for _ in range(2):
        notify.send_email_notification("duty@example.org", PAGE_BY_EMAIL, WORDS, reference="d-1")
    arrived = carrier.get("/dev/messages").json()
    assert [message["subject"] for message in arrived] == ["Rapid response call: answer now"] * 2
    assert arrived[0]["received_ns"] < arrived[1]["received_ns"]
    later = carrier.get("/dev/messages", params={"since": arrived[0]["received_ns"]}).json()
    assert later == arrived[1:]


@pytest.mark.parametrize(
    ("phone", "template", "words", "message"),
    [
        (PHONE, "5b1d7a52-0000-0000-0000-000000000000", WORDS, "Template not found"),
        (PHONE, PAGE_BY_EMAIL, WORDS, "email template is not suitable for sms notification"),
        (PHONE, PAGE, {"reference": "RR"}, "Missing personalisation: code, answer_link"),
        ("12", PAGE, WORDS, "phone_number Not a valid phone number"),
    ],
)
def test_a_bad_request_is_refused_in_notifys_words(
    notify: Notify, phone: str, template: str, words: dict[str, str], message: str
) -> None:
    with pytest.raises(HTTPError) as refused:
        notify.send_sms_notification(phone, template, words)
    assert refused.value.status_code == 400
    assert [error["message"] for error in errors_of(refused.value)] == [message]


def test_another_key_is_refused(services: DevelopmentServices) -> None:
    key = services.environment["NOTIFY_API_KEY"][:-36] + "00000000-0000-0000-0000-000000000000"
    stranger = client_of(services, key)
    with pytest.raises(HTTPError) as refused:
        stranger.send_sms_notification(PHONE, PAGE, WORDS)
    assert refused.value.status_code == 403
    assert errors_of(refused.value) == [{"error": "AuthError", "message": "Invalid token: API key not found"}]


@pytest.mark.parametrize(("mode", "status"), [("rate_limit", 429), ("error500", 500)])
def test_a_failure_lasts_as_often_as_asked_and_for_whom_it_was_asked(
    notify: Notify, carrier: httpx.Client, mode: str, status: int
) -> None:
    carrier.post("/dev/behaviour", json={"match": "+44 7700 900123", "mode": mode, "count": 1})
    notify.send_sms_notification("07700900456", PAGE, WORDS)
    with pytest.raises(HTTPError) as refused:
        notify.send_sms_notification(PHONE, PAGE, WORDS)
    assert refused.value.status_code == status
    notify.send_sms_notification(PHONE, PAGE, WORDS)
    assert [message["to"] for message in carrier.get("/dev/messages").json()] == ["07700900456", PHONE]


def test_a_cut_connection_after_acceptance_leaves_the_message_to_be_found(
    notify: Notify, carrier: httpx.Client
) -> None:
    carrier.post("/dev/behaviour", json={"mode": "drop_after_accept", "count": 1})
    with pytest.raises(HTTPError) as lost:
        notify.send_sms_notification(PHONE, PAGE, WORDS, reference="d-9")
    assert lost.value.response is None
    assert len(notify.get_all_notifications(reference="d-9")["notifications"]) == 1


def test_however_many_hang_up_before_it_cuts_them_off_it_goes_on(
    services: DevelopmentServices, notify: Notify, carrier: httpx.Client
) -> None:
    impatient = NotificationsAPIClient(
        services.environment["NOTIFY_API_KEY"], base_url=services.environment["NOTIFY_BASE_URL"], timeout=0.1
    )
    carrier.post("/dev/behaviour", json={"mode": "timeout", "seconds": 0.2, "count": 14})
    for _ in range(14):
        with pytest.raises(HTTPError):
            impatient.send_sms_notification(PHONE, PAGE, WORDS, reference="hung-up")
        time.sleep(0.2)
    notify.send_sms_notification(PHONE, PAGE, WORDS, reference="taken")
    assert [message["reference"] for message in carrier.get("/dev/messages").json()] == ["taken"]


def test_a_timeout_accepts_nothing_and_an_unreadable_answer_does(notify: Notify, carrier: httpx.Client) -> None:
    carrier.post("/dev/behaviour", json={"mode": "timeout", "seconds": 0.1, "count": 1})
    with pytest.raises(HTTPError) as silence:
        notify.send_sms_notification(PHONE, PAGE, WORDS, reference="timeout")
    assert silence.value.response is None
    carrier.post("/dev/behaviour", json={"mode": "unparseable", "count": 1})
    with pytest.raises(InvalidResponse):
        notify.send_sms_notification(PHONE, PAGE, WORDS, reference="unparseable")
    assert [one["reference"] for one in carrier.get("/dev/messages").json()] == ["unparseable"]


def test_every_byte_is_kept_even_of_a_refused_request(notify: Notify, carrier: httpx.Client) -> None:
    with pytest.raises(HTTPError):
        notify.send_sms_notification(PHONE, "unknown", {"reference": "a name that must not leave"})
    raw = carrier.get("/dev/raw").content
    assert b"POST /v2/notifications/sms HTTP/1.1\r\n" in raw
    assert b"a name that must not leave" in raw


@pytest.fixture
def callbacks() -> Iterator[tuple[str, "Queue[tuple[str, dict[str, Any]]]"]]:
    """A listener that refuses the first receipt; yields its address and what it has received."""
    received: Queue[tuple[str, dict[str, Any]]] = Queue()

    class Listener(BaseHTTPRequestHandler):
        refusals = 1

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            received.put((self.headers["authorization"], body))
            refused, Listener.refusals = Listener.refusals > 0, Listener.refusals - 1
            self.send_response(503 if refused else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/receipts", received
        server.shutdown()


@pytest.mark.parametrize(("mode", "status"), [("ok", "delivered"), ("permanent_failure", "permanent-failure")])
def test_a_receipt_arrives_and_is_sent_again_when_refused(
    notify: Notify,
    carrier: httpx.Client,
    callbacks: "tuple[str, Queue[tuple[str, dict[str, Any]]]]",
    mode: str,
    status: str,
) -> None:
    url, received = callbacks
    carrier.post("/dev/callback", json={"url": url, "token": "secret"})
    carrier.post("/dev/behaviour", json={"mode": mode, "count": 1})
    sent = notify.send_sms_notification(PHONE, PAGE, WORDS, reference="d-3")
    first, again = received.get(timeout=10), received.get(timeout=10)
    assert first == again
    assert first[0] == "Bearer secret"
    expected = {
        "id": sent["id"],
        "reference": "d-3",
        "to": PHONE,
        "status": status,
        "notification_type": "sms",
    }
    assert first[1].items() >= expected.items()
    assert notify.get_notification_by_id(sent["id"])["status"] == status


def test_a_push_is_accepted_and_shown(services: DevelopmentServices, carrier: httpx.Client, bearer: str) -> None:
    answer = push(services, bearer, "token-1")
    assert answer.json()["name"].startswith("projects/safeguard-dev/messages/")
    assert [message["to"] for message in carrier.get("/dev/messages").json()] == ["token-1"]


def test_push_errors_have_googles_format(services: DevelopmentServices, carrier: httpx.Client, bearer: str) -> None:
    carrier.post("/dev/behaviour", json={"match": "token-2", "mode": "rate_limit"})

    def code_of(answer: httpx.Response) -> tuple[int, str]:
        return answer.status_code, answer.json()["error"]["details"][0]["errorCode"]

    assert code_of(push(services, bearer, "dead-1")) == (404, "UNREGISTERED")
    assert code_of(push(services, bearer, "token-2")) == (429, "QUOTA_EXCEEDED")
    assert push(services, "forged", "token-1").status_code == 401


def test_an_assertion_signed_by_another_key_gets_no_token(services: DevelopmentServices) -> None:
    account = json.loads(Path(services.environment["FCM_SERVICE_ACCOUNT_FILE"]).read_text())
    answer = exchange(account, RSAKey.generate_key(2048))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_slow_answer_to_one_delays_no_other(carrier: httpx.Client, notify: Notify) -> None:
    carrier.post("/dev/behaviour", json={"match": PHONE, "mode": "slow", "seconds": 3, "count": 1})
    send: Callable[[str], Any] = lambda phone: notify.send_sms_notification(phone, PAGE, WORDS)  # noqa: E731
    with ThreadPoolExecutor(1) as background:
        slow = background.submit(send, PHONE)
        carrier.get("/dev/messages")
        assert not slow.done()
        assert slow.result()["id"]


def test_what_a_slow_provider_still_holds_is_forgotten_with_the_rest(carrier: httpx.Client, notify: Notify) -> None:
    carrier.post("/dev/behaviour", json={"match": PHONE, "mode": "slow", "seconds": 3, "count": 1})
    with ThreadPoolExecutor(1) as background:
        slow = background.submit(notify.send_sms_notification, PHONE, PAGE, WORDS)
        while carrier.get("/dev/raw").content.count(PHONE.encode()) == 0:
            assert not slow.done()
        carrier.delete("/dev/messages")
        assert slow.result()["id"]
    assert carrier.get("/dev/messages").json() == []


def batch(services: DevelopmentServices, reference: str, number: str = "447700900123") -> httpx.Response:
    """Send one text message by the second provider's API."""
    given = services.environment
    fields = {
        "from": "Safeguard", "to": [number], "body": "Rapid response call", "type": "mt_text",
        "delivery_report": "per_recipient_final", "client_reference": reference, "expire_at": "2099-01-01",
    }  # fmt: skip
    url = f"{given['SINCH_BASE_URL']}/xms/v1/{given['SINCH_SERVICE_PLAN_ID']}/batches"
    return httpx.post(url, json=fields, headers={"authorization": f"Bearer {given['SINCH_API_TOKEN']}"})


def test_each_provider_fails_by_itself(services: DevelopmentServices, carrier: httpx.Client, notify: Notify) -> None:
    carrier.post("/dev/behaviour", json={"mode": "error500", "provider": "govuk-notify"})
    assert batch(services, "d-1").status_code == 201
    with pytest.raises(HTTPError):
        notify.send_sms_notification(PHONE, PAGE, WORDS)
    (arrived,) = carrier.get("/dev/messages").json()
    assert (arrived["provider"], arrived["to"]) == ("sinch", PHONE)


def test_a_false_delivered_is_known_to_the_provider_and_reaches_nobody(
    services: DevelopmentServices, carrier: httpx.Client, notify: Notify
) -> None:
    carrier.post("/dev/behaviour", json={"mode": "false_delivered"})
    notify.send_sms_notification(PHONE, PAGE, WORDS, reference="d-5")
    assert len(notify.get_all_notifications(reference="d-5")["notifications"]) == 1
    assert carrier.get("/dev/messages").json() == []


def test_receipts_come_late_twice_and_in_the_wrong_order_when_asked(
    notify: Notify, carrier: httpx.Client, callbacks: "tuple[str, Queue[tuple[str, dict[str, Any]]]]"
) -> None:
    url, received = callbacks
    carrier.post("/dev/callback", json={"url": url, "token": "secret", "delay": 0.05})
    carrier.post("/dev/behaviour", json={"mode": "reordered", "count": 1})
    notify.send_sms_notification(PHONE, PAGE, WORDS)
    told = [received.get(timeout=10)[1]["status"] for _ in range(5)]  # the first is refused once
    assert told == ["delivered", "delivered", "delivered", "sending", "temporary-failure"]
    carrier.post("/dev/behaviour", json={"mode": "late_receipt", "seconds": 1.0, "count": 1})
    began = time.monotonic()
    notify.send_sms_notification(PHONE, PAGE, WORDS)
    received.get(timeout=10)
    assert time.monotonic() - began >= 1.0
    carrier.post("/dev/callback", json={"url": url, "token": "secret", "delay": 0.5})


def test_how_many_receipts_are_still_to_come_is_told(notify: Notify, carrier: httpx.Client) -> None:
    carrier.post("/dev/behaviour", json={"mode": "late_receipt", "seconds": 60.0})
    for _ in range(2):
        notify.send_sms_notification(PHONE, PAGE, WORDS)
    assert carrier.get("/dev/receipts").json() == {"due": 2}
    carrier.delete("/dev/messages")
    assert carrier.get("/dev/receipts").json() == {"due": 0}


def test_a_number_that_is_none_is_refused_by_the_second_provider_too(
    services: DevelopmentServices, carrier: httpx.Client
) -> None:
    assert batch(services, "d-7", number="12").status_code == 400
    assert carrier.get("/dev/messages").json() == []
