"""Starts the stand-in, with keys made for the occasion on both sides of it."""

import datetime
import ipaddress
import json
import secrets
import uuid
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from joserfc.jwk import ECKey, RSAKey

from infra.dev import asgi
from infra.dev.supervisor import Process, Supervisor, free_port

TEMPLATES = Path(__file__).parents[2] / "notify-templates.json"
PUSH_PROJECT = "safeguard-dev"
PUSH_TOPIC = "org.example.safeguard"


def launch(supervisor: Supervisor, folder: Path) -> tuple[Process, dict[str, str]]:
    """Start it without waiting. Gives the process, and the variables by which the product finds every provider."""
    port, apns_port, smtp_port = free_port(), free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    notify_key = f"safeguard_dev-{uuid.uuid4()}-{uuid.uuid4()}"
    account, certificate = _service_account(folder, url), _certificate(folder)
    plan, sinch_token, sinch_secret = secrets.token_hex(16), secrets.token_hex(16), secrets.token_urlsafe(32)
    application, call_secret = str(uuid.uuid4()), secrets.token_urlsafe(32)
    call_key = _keep(folder / "vonage.pem", RSAKey.generate_key(2048).as_pem(private=True))
    apns_key = _keep(folder / "apns.p8", ECKey.generate_key("P-256").as_pem(private=True))
    mail_user, mail_password = "safeguard", secrets.token_urlsafe(16)
    settings = {
        "CARRIER_URL": url, "CARRIER_NOTIFY_KEY": notify_key, "CARRIER_TEMPLATES": str(TEMPLATES),
        "CARRIER_FCM_ACCOUNT": str(account), "CARRIER_SINCH_PLAN": plan, "CARRIER_SINCH_TOKEN": sinch_token,
        "CARRIER_SINCH_SECRET": sinch_secret, "CARRIER_VONAGE_APPLICATION": application,
        "CARRIER_VONAGE_KEY": call_key, "CARRIER_VONAGE_SECRET": call_secret, "CARRIER_APNS_KEY": apns_key,
        "CARRIER_APNS_KEY_ID": "DEV0000001", "CARRIER_APNS_TEAM": "DEVTEAM001", "CARRIER_APNS_TOPIC": PUSH_TOPIC,
        "CARRIER_APNS_PORT": str(apns_port), "CARRIER_SMTP_PORT": str(smtp_port), "CARRIER_SMTP_USER": mail_user,
        "CARRIER_SMTP_PASSWORD": mail_password, "CARRIER_CERTIFICATE": str(certificate),
        "CARRIER_CERTIFICATE_KEY": str(certificate.with_suffix(".key")),
    }  # fmt: skip
    process = asgi.launch(supervisor, "carrier", "infra.dev.carrier.app:create_app", port, settings)
    return process, {
        "NOTIFY_BASE_URL": url, "NOTIFY_API_KEY": notify_key, "NOTIFY_CALLBACK_TOKEN": secrets.token_urlsafe(32),
        "NOTIFY_INBOUND_TOKEN": secrets.token_urlsafe(32), "HEARTBEAT_URL": f"{url}/dev/heartbeat",
        "FCM_SERVICE_ACCOUNT_FILE": str(account), "FCM_BASE_URL": url,
        "SINCH_BASE_URL": url, "SINCH_SERVICE_PLAN_ID": plan, "SINCH_API_TOKEN": sinch_token,
        "SINCH_CALLBACK_SECRET": sinch_secret,
        "SMTP_HOST": "localhost", "SMTP_PORT": str(smtp_port), "SMTP_USERNAME": mail_user,
        "SMTP_PASSWORD": mail_password, "SMTP_FROM": "safeguard@example.org", "SMTP_CA_FILE": str(certificate),
        "APNS_BASE_URL": f"https://localhost:{apns_port}", "APNS_KEY_FILE": apns_key, "APNS_KEY_ID": "DEV0000001",
        "APNS_TEAM_ID": "DEVTEAM001", "APNS_TOPIC": PUSH_TOPIC, "APNS_CA_FILE": str(certificate),
        "WEBPUSH_PRIVATE_KEY": str(ECKey.generate_key("P-256").as_dict(private=True)["d"]),
        "WEBPUSH_SUBJECT": "mailto:safeguard@example.org",
        "VONAGE_BASE_URL": url, "VONAGE_APPLICATION_ID": application, "VONAGE_PRIVATE_KEY_FILE": call_key,
        "VONAGE_FROM": "442079460000", "VONAGE_SIGNATURE_SECRET": call_secret,
        "WEBHOOK_SIGNING_KEY": secrets.token_urlsafe(32), "PRIVATE_TARGETS": "true",
    }  # fmt: skip


def _keep(file: Path, content: bytes) -> str:
    """Write a secret where its owner alone can read it."""
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_bytes(content)
    return str(file)


def _certificate(folder: Path) -> Path:
    """A certificate of our own for this machine, to be trusted by name; its key lies beside it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    here = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=30)).add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    _keep(folder / "carrier.key", key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    _keep(folder / "carrier.crt", made.public_bytes(pem))
    return folder / "carrier.crt"


def _service_account(folder: Path, url: str) -> Path:
    """A Google service-account file for the stand-in, readable by its owner only."""
    fields = {
        "type": "service_account",
        "project_id": PUSH_PROJECT,
        "private_key_id": secrets.token_hex(20),
        "private_key": RSAKey.generate_key(2048).as_pem(private=True).decode(),
        "client_email": f"push@{PUSH_PROJECT}.iam.gserviceaccount.example",
        "client_id": "100000000000000000000",
        "token_uri": f"{url}/token",
    }
    return Path(_keep(folder / "fcm-service-account.json", json.dumps(fields, indent=2).encode()))
