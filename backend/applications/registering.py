"""Registering applications and their credentials, as the operator, who owns the database."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key
from sqlalchemy import Row, and_, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlmodel import col

from backend.applications.authentication import hash_of
from backend.applications.repository import usable
from backend.kit.ids import uuid7
from backend.kit.problems import FieldError, Invalid, NotFound
from backend.kit.tables import table_of
from backend.kit.texts import text_fault
from tenants.applications.models import (
    Application,
    ApplicationCredential,
    ApplicationDocument,
    ApplicationState,
    CredentialKind,
)
from tenants.applications.scopes import SCOPES

_NOW: Final = func.app.now()
_LEAST_RSA_BITS: Final = 2048


async def register(
    on: AsyncEngine, *, name: str, organisation: str, contact: str, purpose: str, scopes: Sequence[str]
) -> UUID:
    """A new application, which nobody can be yet and nobody has granted anything. Raises ``Invalid``."""
    told = {"name": (name, 200), "organisation": (organisation, 200), "contact": (contact, 200),
            "purpose": (purpose, 1000)}  # fmt: skip
    faults = [fault for field, (text, most) in told.items() if (fault := text_fault(field, text, most))]
    if not scopes or not set(scopes) <= SCOPES.keys():
        faults.append(FieldError("scopes", f"must be one or more of {', '.join(SCOPES)}"))
    if faults:
        raise Invalid(faults)
    application_id = uuid7()
    async with on.begin() as connection:
        values = {field: text for field, (text, _) in told.items()} | {
            "id": application_id,
            "scopes": sorted(set(scopes)),
            "registered_at": _NOW,
        }
        await connection.execute(insert(Application).values(state=ApplicationState.ACTIVE, **values))
    return application_id


async def add_secret(on: AsyncEngine, application_id: UUID, expires_at: datetime | None = None) -> tuple[UUID, str]:
    """A further secret, given here and never again. The others go on counting. Raises ``NotFound``, ``Invalid``."""
    secret = f"sgs_{secrets.token_urlsafe(32)}"
    values = {"kind": CredentialKind.SECRET, "secret_hash": hash_of(secret)}
    return await _add(on, application_id, expires_at, values), secret


async def add_key(
    on: AsyncEngine, application_id: UUID, key: Mapping[str, Any], expires_at: datetime | None = None
) -> UUID:
    """A further public key, as a JWK. The others go on counting. Raises ``NotFound``, ``Invalid``."""
    values = {"kind": CredentialKind.KEY, "public_key": _public(key)}
    return await _add(on, application_id, expires_at, values)


async def revoke_credential(on: AsyncEngine, credential_id: UUID) -> None:
    """End a credential and every token that was issued on it; twice is no error. Raises ``NotFound``."""
    ended = update(ApplicationCredential).where(col(ApplicationCredential.id) == credential_id)
    async with on.begin() as connection:
        done = await connection.execute(
            ended.values(revoked_at=func.coalesce(col(ApplicationCredential.revoked_at), _NOW))
        )
        if not done.rowcount:
            raise NotFound("There is no such credential.")


async def set_state(on: AsyncEngine, application_id: UUID, state: ApplicationState) -> None:
    """Keep an application out of every partnership at once, or let it in again. Raises ``NotFound``."""
    async with on.begin() as connection:
        await _require(connection, application_id)
        await connection.execute(update(Application).where(col(Application.id) == application_id).values(state=state))


async def approve(on: AsyncEngine, application_id: UUID, content: str, sha256: str) -> None:
    """Approve a document for one application; twice is no error. Raises ``NotFound``."""
    async with on.begin() as connection:
        await _require(connection, application_id)
        await connection.execute(
            upsert(ApplicationDocument)
            .values(application_id=application_id, sha256=sha256, content=content, approved_at=_NOW)
            .on_conflict_do_nothing()
        )


async def withdraw(on: AsyncEngine, application_id: UUID, sha256: str) -> None:
    """Approve a document no longer, from the application's next request on. Raises ``NotFound``."""
    approved = and_(
        col(ApplicationDocument.application_id) == application_id, col(ApplicationDocument.sha256) == sha256
    )
    async with on.begin() as connection:
        done = await connection.execute(delete(ApplicationDocument).where(approved))
        if not done.rowcount:
            raise NotFound("This application has no approved document of this id.")


async def listed(on: AsyncEngine) -> Sequence[Row[Any]]:
    """Every application, by name, with each of its credentials and whether it counts."""
    async with on.connect() as connection:
        found = await connection.execute(
            select(
                col(Application.id), col(Application.name), col(Application.organisation), col(Application.state),
                col(Application.scopes), col(ApplicationCredential.id).label("credential"),
                col(ApplicationCredential.kind), usable().label("usable"),
            )
            .outerjoin(ApplicationCredential, col(ApplicationCredential.application_id) == col(Application.id))
            .order_by(col(Application.name), col(Application.id), col(ApplicationCredential.id))
        )  # fmt: skip
        return found.all()


async def _add(on: AsyncEngine, application_id: UUID, expires_at: datetime | None, values: dict[str, Any]) -> UUID:
    credential_id = uuid7()
    async with on.begin() as connection:
        await _require(connection, application_id)
        if expires_at is not None and expires_at <= (await connection.execute(select(_NOW))).scalar_one():
            raise Invalid([FieldError("expires", "must be in the future; the credential would never count")])
        await connection.execute(
            insert(table_of(ApplicationCredential)).values(
                id=credential_id, application_id=application_id, expires_at=expires_at, made_at=_NOW, **values
            )
        )
    return credential_id


async def _require(connection: AsyncConnection, application_id: UUID) -> None:
    query = select(col(Application.id)).where(col(Application.id) == application_id).with_for_update(key_share=True)
    if await connection.scalar(query) is None:
        raise NotFound("There is no such application.")


def _public(given: Mapping[str, Any]) -> dict[str, Any]:
    """The public half of a key that can verify assertions; a private half is refused rather than kept."""
    try:
        key = import_key(dict(given))
    except (JoseError, KeyError, TypeError, ValueError):
        raise Invalid([FieldError("key", "is not a JSON Web Key")]) from None
    strong = (
        (isinstance(key, ECKey) and key.curve_name == "P-256")
        or (isinstance(key, OKPKey) and key.curve_name == "Ed25519")
        or (isinstance(key, RSAKey) and key.raw_value.key_size >= _LEAST_RSA_BITS)
    )
    if key.is_private or not strong:
        raise Invalid([FieldError("key", "must be a public key: P-256, Ed25519, or RSA of 2,048 bits or more")])
    return dict(key.as_dict(private=False))
