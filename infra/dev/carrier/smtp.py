"""A mail submission server: STARTTLS and a login first, as submission servers want it (RFC 6409)."""

import asyncio
import hmac
import ssl
from email import message_from_bytes
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from infra.dev.carrier.state import Carrier
from infra.dev.carrier.store import Message


class Mailbox:
    """aiosmtpd's handler: takes what it is given into the store, or fails as it was told to."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address.startswith("dead-") or "@" not in address:
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # as above
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        self._carrier.store.requests.append(f"SMTP {envelope.mail_from} {envelope.rcpt_tos}\r\n".encode() + content)
        message = self._compose(envelope.rcpt_tos[0], content)
        rule = self._carrier.behaviour.take(message.to, message.provider)
        match rule.mode:
            case "error500" | "rate_limit":
                return "451 4.3.0 Try again later"
            case "unregistered":
                return "550 5.1.1 No such mailbox"
            case "timeout":
                await asyncio.sleep(rule.seconds)
                return _hang_up(server)
            case "slow":
                await asyncio.sleep(rule.seconds)
        self._carrier.store.add(message, arrives=rule.mode != "false_delivered")
        if rule.mode == "drop_after_accept":
            return _hang_up(server)
        return "what" if rule.mode == "unparseable" else "250 2.0.0 Queued"

    def _compose(self, recipient: str, content: bytes) -> Message:
        mail = message_from_bytes(content, policy=default)
        text = mail.get_body(("plain",))
        words = text.get_content().strip() if text is not None else ""
        now = self._carrier.store.now_ns()
        identifier = str(mail["Message-ID"]).strip("<>")
        return Message(
            id=identifier, channel="email", provider="smtp", to=recipient, body=words, subject=str(mail["Subject"]),
            reference=identifier.rpartition("@")[0], template_id=self._carrier.recognise("email", words),
            received_ns=now, sent_ns=now,
        )  # fmt: skip


def _hang_up(server: SMTP) -> str:
    transport: Any = server.transport
    transport.abort()
    return "421 4.4.2 Gone"


async def serve(carrier: Carrier, port: int, certificate: str, key: str, user: str, password: str) -> None:
    """Listen on a loopback port until the process ends."""
    trust = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trust.load_cert_chain(certificate, key)

    def admit(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
        given = data if isinstance(data, LoginPassword) else LoginPassword(b"", b"")
        known = given.login == user.encode() and hmac.compare_digest(given.password, password.encode())
        return AuthResult(success=known)

    def connection() -> SMTP:
        return SMTP(
            Mailbox(carrier), hostname="localhost", tls_context=trust, require_starttls=True,
            auth_required=True, authenticator=admit, enable_SMTPUTF8=True,
        )  # fmt: skip

    await asyncio.get_running_loop().create_server(connection, "127.0.0.1", port)
