"""Settings, read from the environment and from nowhere else."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from backend.kit.database_urls import driver_url


class Settings(BaseSettings):
    """Every variable the processes read; the field name in capitals is the variable.

    Secrets are ``SecretStr``, so printing or logging the settings shows none of them. A variable that is
    empty is not set: else a callback's secret that was left out would be a key that everybody has.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)

    database_url: SecretStr = Field(description="PostgreSQL as the application role")
    database_owner_url: SecretStr | None = Field(None, description="the same as the owner: migrations, CLI")
    database_pool_size: int = Field(10, ge=1, description="connections of each process; more than a worker has threads")
    broker_url: SecretStr = Field(description="Valkey or Redis, for wake-ups only")

    s3_endpoint_url: str | None = Field(None, description="unset for AWS itself")
    s3_role_arn: str = Field("", description="role assumed, narrowed to one partnership's bucket")
    aws_region: str = "eu-west-2"

    oidc_issuer: str
    oidc_audience: str = "safeguard-api"
    step_up_acr: str = Field(
        "", description="classes (acr) of a fresh sign-in that restricted records and histories need; empty: none"
    )
    step_up_seconds: int = Field(900, ge=60, description="how fresh (auth_time) it must be")

    notify_base_url: str = "https://api.notifications.service.gov.uk"
    notify_api_key: SecretStr | None = None
    notify_callback_token: SecretStr | None = Field(None, description="bearer of delivery receipts")
    notify_inbound_token: SecretStr | None = Field(None, description="bearer of received text messages")
    notify_templates_file: Path = Field(Path("infra/notify-templates.json"), description="name, type and id of each")
    fcm_base_url: str = "https://fcm.googleapis.com"
    fcm_service_account_file: Path | None = None

    answer_secret: SecretStr = Field(min_length=32, description="makes the links and codes that answer a call")
    answer_link_seconds: int = Field(1800, ge=60, description="a link or code lives no longer than this, nor its call")
    application_token_keys: SecretStr | None = Field(
        None, description="JWK Set of private keys, the signing one first: applications' tokens; unset: no applications"
    )
    evidence_signing_key: SecretStr | None = Field(None, description="Ed25519 private key as JWK: signs evidence")
    handbook_signing_key: SecretStr | None = Field(None, description="the same: signs handbooks that telephones carry")
    heartbeat_url: SecretStr | None = Field(None, description="asked each minute while all is well, never otherwise")
    sinch_base_url: str = "https://eu.sms.api.sinch.com"
    sinch_service_plan_id: str = Field("", description="set to have a second way for SMS")
    sinch_api_token: SecretStr | None = None
    sinch_from: str = "Safeguard"
    sinch_callback_secret: SecretStr | None = Field(None, description="signs delivery reports")

    smtp_host: str = Field("", description="set to have a second way for email")
    smtp_port: int = 587
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_from: str = "safeguard@localhost"
    smtp_ca_file: Path | None = Field(None, description="whom to trust; default: the system's authorities")

    apns_base_url: str = "https://api.push.apple.com"
    apns_key_file: Path | None = Field(None, description="the .p8 of the provider token")
    apns_key_id: str = ""
    apns_team_id: str = ""
    apns_topic: str = Field("", description="the app's bundle id")
    apns_interruption_level: Literal["critical", "time-sensitive"] = Field(
        "time-sensitive", description="of calls to be answered; critical needs Apple's entitlement"
    )
    apns_ca_file: Path | None = Field(None, description="whom to trust; default: the system's authorities")

    webpush_private_key: SecretStr | None = Field(None, description="VAPID key: 32 bytes in base64url")
    webpush_subject: str = Field("mailto:safeguard@localhost", description="whom a push service may write to")

    vonage_base_url: str = "https://api.nexmo.com"
    vonage_application_id: str = Field("", description="set to have voice calls")
    vonage_private_key_file: Path | None = None
    vonage_from: str = ""
    vonage_signature_secret: SecretStr | None = Field(None, description="signs what a call reports")

    webhook_signing_key: SecretStr | None = Field(None, description="each endpoint's secret is derived from it")
    private_targets: bool = Field(
        default=False, description="development: webhooks and browsers by plain http and in private networks too"
    )
    callback_base_url: str | None = Field(None, description="where calls report to; default: APP_URL")

    app_url: str = Field("http://localhost:8000", description="where a message's link leads")
    graphiql: Literal["off", "sandbox", "everywhere"] = Field(
        "off", description="GraphiQL at /graphql: for sandboxes alone, or, in development, for every partnership"
    )
    introspection: Literal["members", "sandbox"] = Field(
        "members", description="who may ask for the schema itself: whoever is let in, or in sandboxes alone"
    )
    throttling: bool = Field(default=True, description="refuse with 429 whoever asks for too much in a short time")
    proxies_in_front: int = Field(0, description="how many proxies of ours add to X-Forwarded-For")
    operations_folder: Path | None = Field(None, description="trusted documents; default: those beside the code")
    changelog_folder: Path | None = Field(
        None, description="published schemas and trusted documents by day; default: those beside the code"
    )
    metrics_port: int | None = Field(None, description="workers and scheduler serve metrics here")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "INFO"

    @field_validator("database_url", "database_owner_url")
    @classmethod
    def _can_be_read(cls, url: SecretStr | None) -> SecretStr | None:
        """Every process says so when it starts, and not whenever it needs a connection."""
        if url is not None:
            driver_url(url.get_secret_value())
        return url

    @field_validator("broker_url")
    @classmethod
    def _is_a_broker(cls, url: SecretStr) -> SecretStr:
        if not url.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
            message = "Write redis://:password@host:port/0, or rediss:// where it is encrypted."
            raise ValueError(message)
        return url


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The process's settings. Raises ``pydantic.ValidationError`` naming each missing variable."""
    return Settings()  # type: ignore[call-arg]  # pydantic-settings fills it from the environment
