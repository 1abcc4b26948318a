"""Email through a mail server of one's own: the second way for email. SMTP cannot be asked afterwards.

``Message-ID`` is our reference, so that a repeat is seen as one by the mailbox and by whoever reads its log.
"""

import asyncio
import ssl
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import formatdate
from functools import lru_cache
from pathlib import Path
from typing import Final

import aiosmtplib
from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from backend.kit.settings import settings
from notifications.channels.http import CONNECT_SECONDS, SEND_SECONDS
from notifications.channels.outcomes import HandedOver, Message, NotTaken, Outcome, Refused, Unknown
from notifications.channels.templates import render, template_of
from tenants.contacts.models import Channel

_NO_SUCH_MAILBOX: Final = frozenset({550, 551, 553})
_OPEN_SECONDS: Final = 1.5
_DATA_SECONDS: Final = SEND_SECONDS - _OPEN_SECONDS


class Smtp:
    """One submission server. Configured when SMTP_HOST is set; STARTTLS always, logging in where there is a user."""

    name = "smtp"

    async def send(self, message: Message) -> Outcome:
        template = template_of(message.template, Channel.EMAIL)
        text = None if template is None else render(template.body, message)
        if template is None or text is None:
            return Refused("no such template")
        try:
            mail = _mail(message, template.subject or "Safeguard", text)
        except ValueError:
            return Refused("not an email address", dead=True)
        client = _client()
        try:
            return await _open(client, message.address) or await _hand_over(client, mail)
        finally:
            client.close()

    async def find(self, reference: str) -> Outcome | None:  # noqa: ARG002  # SMTP keeps nothing to ask for
        """Whether an earlier attempt arrived cannot be told."""
        return Unknown("SMTP cannot be asked")

    async def ready(self) -> bool | None:
        """The server greets us, proves who it is and lets us log in; then we leave."""
        if not settings().smtp_host:
            return None
        client = _client()
        try:
            async with asyncio.timeout(_OPEN_SECONDS):
                await client.connect()
                await client.quit()
        except (SMTPException, OSError, ValueError):
            return False
        finally:
            client.close()
        return True


async def _open(client: SMTP, address: str) -> Outcome | None:
    """Everything before the message itself; None when the server will take it."""
    try:
        async with asyncio.timeout(_OPEN_SECONDS):
            await client.connect()
            await client.mail(settings().smtp_from)
            await client.rcpt(address)
    except SMTPResponseException as error:
        if error.code >= 500 and isinstance(error, aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPSenderRefused):
            return Refused(f"code {error.code}", dead=error.code in _NO_SUCH_MAILBOX)
        return NotTaken(f"code {error.code}")
    except (SMTPException, OSError, ValueError) as error:
        return NotTaken(type(error).__name__)
    return None


async def _hand_over(client: SMTP, mail: EmailMessage) -> Outcome:
    """DATA. A server that falls silent here may have taken it."""
    try:
        async with asyncio.timeout(_DATA_SECONDS):
            await client.data(mail.as_bytes(policy=WIRE))
    except SMTPResponseException as error:
        if error.code < 400:
            return Unknown("unparseable answer")
        return Refused(f"code {error.code}") if error.code >= 500 else NotTaken(f"code {error.code}")
    except (SMTPException, OSError) as error:
        return Unknown(type(error).__name__)
    return HandedOver(str(mail["Message-ID"]))


@lru_cache(maxsize=2)
def _trust(authorities: Path | None) -> ssl.SSLContext:
    """Whom to believe; reading the authorities costs more than sending a mail."""
    return ssl.create_default_context(cafile=authorities)


def _client() -> SMTP:
    configured = settings()
    password = configured.smtp_password
    return SMTP(
        hostname=configured.smtp_host, port=configured.smtp_port, username=configured.smtp_username,
        password=password.get_secret_value() if password else None, start_tls=True,
        tls_context=_trust(configured.smtp_ca_file), timeout=CONNECT_SECONDS,
    )  # fmt: skip


def _mail(message: Message, subject: str, text: str) -> EmailMessage:
    sender = settings().smtp_from
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, message.address, subject
    mail["Date"] = formatdate(usegmt=True)
    mail["Message-ID"] = f"<{message.reference}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's out-of-office answers a page
    mail.set_content(text)
    return mail
