"""What the handlers share, built once from the environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import msgspec
from joserfc.jwk import ECKey, RSAKey

from infra.dev.carrier.behaviour import Behaviour
from infra.dev.carrier.receipts import Receipts
from infra.dev.carrier.store import Store, Template

PLACEHOLDER = re.compile(r"\(\((\w+)\)\)")


class ServiceAccount(msgspec.Struct, frozen=True):
    """The fields of a Google service-account file that are used here."""

    project_id: str
    client_email: str
    private_key: str
    token_uri: str


@dataclass
class Carrier:
    """Everything the stand-in knows. `service_id` and `secret` are the two halves of the Notify key.

    `push_tokens` are the access tokens given out with the wall-clock second they end at; `proven` is the
    Notify token checked last with the monotonic second until which it need not be checked again.
    """

    url: str
    service_id: str
    secret: str
    templates: Mapping[str, Template]
    account: ServiceAccount
    account_key: RSAKey
    store: Store
    receipts: Receipts
    sinch_plan: str
    sinch_token: str
    call_application: str
    call_key: RSAKey
    apns_key: ECKey
    apns_key_id: str
    apns_team_id: str
    apns_topic: str
    behaviour: Behaviour = field(default_factory=Behaviour)
    push_tokens: dict[str, float] = field(default_factory=dict)
    proven: dict[str, float] = field(default_factory=dict)

    @classmethod
    def from_environment(cls) -> Self:
        """Read the CARRIER_ variables: what each provider would know of its customer, and _RECEIPT_DELAY (seconds)."""
        templates = msgspec.json.decode(Path(os.environ["CARRIER_TEMPLATES"]).read_bytes(), type=list[Template])
        account_file = Path(os.environ["CARRIER_FCM_ACCOUNT"])
        account = msgspec.json.decode(account_file.read_bytes(), type=ServiceAccount)
        key = os.environ["CARRIER_NOTIFY_KEY"]
        store = Store()
        return cls(
            url=os.environ["CARRIER_URL"],
            # name-serviceid-secret, where both halves are UUIDs of 36 characters
            service_id=key[-73:-37],
            secret=key[-36:],
            templates={template.id: template for template in templates},
            account=account,
            account_key=RSAKey.import_key(account.private_key),
            store=store,
            receipts=Receipts(
                store,
                float(os.environ.get("CARRIER_RECEIPT_DELAY", "0.5")),
                os.environ["CARRIER_SINCH_SECRET"].encode(),
                os.environ["CARRIER_VONAGE_SECRET"],
            ),
            sinch_plan=os.environ["CARRIER_SINCH_PLAN"],
            sinch_token=os.environ["CARRIER_SINCH_TOKEN"],
            call_application=os.environ["CARRIER_VONAGE_APPLICATION"],
            call_key=RSAKey.import_key(Path(os.environ["CARRIER_VONAGE_KEY"]).read_text()),
            apns_key=ECKey.import_key(Path(os.environ["CARRIER_APNS_KEY"]).read_text()),
            apns_key_id=os.environ["CARRIER_APNS_KEY_ID"],
            apns_team_id=os.environ["CARRIER_APNS_TEAM"],
            apns_topic=os.environ["CARRIER_APNS_TOPIC"],
        )

    def recognise(self, channel: str, text: str) -> str | None:
        """Id of the template that a rendered text was made of."""
        for template in self.templates.values():
            pattern = PLACEHOLDER.sub(".+", re.escape(template.body).replace(r"\(\(", "((").replace(r"\)\)", "))"))
            if template.type == channel and re.fullmatch(pattern, text):
                return template.id
        return None
