"""The handbook that is in force, signed, for telephones."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from joserfc.jwk import OKPKey

from backend.kit.keys import ed25519_key
from backend.kit.problems import Conflict
from backend.kit.session import TenantSession
from backend.kit.settings import settings
from tenants.partnerships import repository as partnerships
from tenants.procedures import bundle, repository
from tenants.procedures.bundle import Bundle
from tenants.procedures.models import ProcedureEdition, ProcedureHandbookEntry, ProcedureProvision


async def handbook(session: TenantSession, edition_id: UUID, have: Collection[str]) -> Bundle:
    """The bundle of an approved edition, with the items that are not among those that the asker ``have``.

    Raises ``NotFound``, and ``Conflict`` for a draft, or where there is no key to sign with.
    """
    edition: ProcedureEdition = await repository.edition(session, edition_id)
    if edition.in_force_from is None:
        raise Conflict("A draft has no handbook that could be carried; it is issued with the edition's approval.")
    provisions = await repository.parts(session, ProcedureProvision, edition.id)
    entries = await repository.parts(session, ProcedureHandbookEntry, edition.id)
    made = bundle.items(entries, {row.address: row for row in provisions})
    manifest, version = bundle.signed(edition, (await partnerships.own(session)).slug, made, signing_key())
    return Bundle(version, manifest, bundle.delta(made, have))


def public_key() -> dict[str, Any]:
    """What bundles are checked with, as JWK. Raises ``Conflict`` when there is none."""
    return dict(signing_key().as_dict(private=False))


def signing_key() -> OKPKey:
    """The installation's key, from HANDBOOK_SIGNING_KEY. Raises ``Conflict`` when there is none that can be read."""
    key = ed25519_key(settings().handbook_signing_key)
    if key is not None:
        return key
    raise Conflict("Handbooks cannot be signed: HANDBOOK_SIGNING_KEY must be set to an Ed25519 private key as JWK.")
