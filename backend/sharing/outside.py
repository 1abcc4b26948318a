"""The other side is not on the platform: a sealed file, fetched once, and the answer recorded by hand."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from backend.documents.transfers import DOWNLOAD_WITHIN, PresignedDownload
from backend.identity.policies import Caller, Permission
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault, text_faults
from backend.sharing import following, home_panel, repository, story
from backend.sharing.kinds import FORMS, Settling
from backend.sharing.models import PartnershipTransfer, TransferExport, TransferPaper
from backend.sharing.offering import to_change
from backend.sharing.papers import shut
from backend.sharing.repository import NO_EXPORT, NO_TRANSFER
from backend.sharing.sealing import CONTENT_TYPE, LARGEST, Enclosed, seal
from backend.sharing.states import State
from tenants.partnerships import repository as partnerships
from tenants.partnerships.models import Partnership
from tenants.partnerships.storage import storage_of, tenant_client

_AT_MOST: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class OutsideAnswerTold:
    """What somebody outside has answered: who, when and by what it is known (a letter, a recorded call)."""

    accepted: bool
    person: str
    post: str
    answered_at: datetime
    evidence: str
    reason: str | None = None


async def make(session: TenantSession, caller: Caller, transfer_id: UUID, export_id: UUID) -> TransferExport:
    """Seal the packet and every paper whose gates are open into one file in the partnership's own bucket.

    Raises ``NotFound``, ``Forbidden``, ``Conflict`` for a transfer that has ended, goes to another partnership of
    the platform, or whose papers are too large together.
    """
    row = await _outside(session, caller, transfer_id)
    if row.state not in {State.OFFERED, State.ACCEPTED}:
        raise Conflict(f"This transfer is {row.state.value}; nothing goes any more.")
    papers = [one for one in (await repository.papers(session, [row.id])).get(row.id, []) if not shut(one)]
    if sum(one.size for one in papers) > LARGEST:
        raise Conflict(f"The papers come to more than {LARGEST // 2**20} MiB. Send fewer of them in one file.")
    partnership, now = await partnerships.own(session), await session.now()
    sealed, version = await asyncio.to_thread(_store, partnership, row, papers, export_id)
    export = TransferExport(
        tenant_id=session.tenant_id, id=export_id, transfer_id=row.id, title=f"transfer {export_id}.jwe",
        content_type=CONTENT_TYPE, size=len(sealed), sha256=hashlib.sha256(sealed).hexdigest(),
        object_key=_key(row, export_id), version_id=version, thumbprint=_thumbprint(row),
        papers=[str(one.id) for one in papers], made_by=caller.person_id, made_at=now,
    )  # fmt: skip
    session.insert(export)
    await session.flush()
    await story.record(session, row, "sealed", caller, export=export.id, thumbprint=export.thumbprint,
                       sha256=export.sha256, papers=len(papers))  # fmt: skip
    return export


async def fetch(
    session: TenantSession, caller: Caller, export_id: UUID
) -> tuple[TransferExport, PresignedDownload]:  # fmt: skip
    """A link that gives the sealed file for a minute; once. Who needs it again makes another.

    Raises ``NotFound``, ``Forbidden``, ``Conflict`` for one that was fetched.
    """
    known = await repository.export(session, export_id)
    row = await _outside(session, caller, known.transfer_id, otherwise=NO_EXPORT)
    export = await repository.export(session, export_id, lock=True)
    if export.fetched_at is not None:
        raise Conflict("This file was fetched already. Make another; the story then shows both.")
    if row.state not in {State.OFFERED, State.ACCEPTED}:
        raise Conflict(f"This transfer is {row.state.value}; nothing goes any more.")
    export.fetched_at, export.fetched_by = await session.now(), caller.person_id
    await story.record(session, row, "fetched", caller, export=export.id, sha256=export.sha256)
    for paper in (await repository.papers(session, [row.id])).get(row.id, []):
        if str(paper.id) in export.papers and paper.crossed_at is None:
            paper.crossed_at = export.fetched_at
    return export, await asyncio.to_thread(_link, await partnerships.own(session), export)


async def record_answer(
    session: TenantSession, caller: Caller, transfer_id: UUID, told: OutsideAnswerTold
) -> PartnershipTransfer:
    """Record what somebody outside has answered, with the evidence. It counts as received by then at the latest.

    Raises ``NotFound``, ``Forbidden``, ``Conflict`` for one that is answered or was never fetched, ``Invalid``.
    """
    row = await _outside(session, caller, transfer_id)
    if row.state is not State.OFFERED:
        raise Conflict(f"This transfer is {row.state.value} already.")
    if faults := _faults(told, row, await session.now()):
        raise Invalid(faults)
    exports = (await repository.exports(session, [row.id])).get(row.id, [])
    if all(one.fetched_at is None for one in exports):
        raise Conflict("Nothing was sent yet: make the sealed file and fetch it, then record the answer to it.")
    row.state = State.ACCEPTED if told.accepted else State.REFUSED
    row.received_at, row.answered_at = row.received_at or told.answered_at, told.answered_at
    row.answered_by, row.answer_reason = caller.person_id, told.reason
    await following.received(session, row, row.received_at)
    await home_panel.received(session, row, row.received_at)
    if told.accepted:
        row.accountable_name, row.accountable_post = told.person, told.post
        facts = {"acceptance": f"{told.person}, {told.post}, {told.answered_at.isoformat()}"}
        await following.tell(session, row, "accepted", {"position-raised": told.answered_at}, facts)
    act = "outside_accepted" if told.accepted else "outside_refused"
    await story.record(session, row, act, caller, words=told.evidence, answered=told.answered_at.isoformat())
    return row


async def record_settled(
    session: TenantSession, caller: Caller, transfer_id: UUID, happened: datetime, evidence: str
) -> PartnershipTransfer:
    """Record when the event happened outside on which responsibility passes: the receiver's conference.

    Raises ``NotFound``, ``Forbidden``, ``Conflict``, ``Invalid``.
    """
    row = await _outside(session, caller, transfer_id)
    form, now = FORMS[row.kind], await session.now()
    if form.settling is not Settling.RECEIVER_TELLS or form.settles is None:
        raise Conflict("Responsibility for this kind passes by nothing that the other side tells.")
    if row.state is not State.ACCEPTED or row.settled_at is not None:
        raise Conflict("This is recorded once, after the transfer was accepted.")
    faults = [fault] if (fault := text_fault("evidence", evidence, 2_000)) else []
    if not (row.answered_at or row.offered_at) <= happened <= now:
        faults.append(FieldError("happenedAt", "must lie after the acceptance and not in the future"))
    if faults:
        raise Invalid(faults)
    row.settled_at = happened
    day = (await following.local_day(session, happened)).isoformat()
    await following.tell(session, row, "settled", {form.settles: happened}, {"receiving-conference-date": day},
                         meeting=form.meeting, at=happened)  # fmt: skip
    await story.record(session, row, "outside_settled", caller, words=evidence, happened=happened.isoformat())
    return row


async def _outside(
    session: TenantSession, caller: Caller, transfer_id: UUID, *, otherwise: str = NO_TRANSFER
) -> PartnershipTransfer:
    caller.require(Permission.OFFER_TRANSFERS)
    row = await to_change(session, caller, transfer_id, otherwise=otherwise)
    if row.outside is None:
        raise Conflict("The other side is on the platform: it has the transfer there, and answers it there.")
    return row


def _faults(told: OutsideAnswerTold, row: PartnershipTransfer, now: datetime) -> list[FieldError]:
    required = {"person": (told.person, 200), "post": (told.post, 200), "evidence": (told.evidence, 2_000)}
    found = [fault for name, (text, most) in required.items() if (fault := text_fault(name, text, most))]
    found += text_faults(reason=(told.reason, 2_000))
    if not max(row.offered_at, now - _AT_MOST) <= told.answered_at <= now:
        found.append(FieldError("answeredAt", "must lie after the offer and not in the future"))
    if not told.accepted and told.reason is None:
        found.append(FieldError("reason", "say why it was refused"))
    if not told.accepted and not FORMS[row.kind].refusable:
        found.append(FieldError("accepted", "must be true: nobody refuses a notice of a death"))
    return found


def _store(
    partnership: Partnership, row: PartnershipTransfer, papers: Sequence[TransferPaper], export_id: UUID
) -> tuple[bytes, str]:
    client, bucket = tenant_client(partnership), storage_of(partnership).bucket
    enclosed = []
    for one in papers:
        stored = client.get_object(Bucket=bucket, Key=one.object_key, VersionId=one.version_id or "")
        content = stored["Body"].read()
        if hashlib.sha256(content).hexdigest() != one.sha256:
            message = f"paper {one.id} is not what was promised"
            raise RuntimeError(message)
        enclosed.append(Enclosed(one.kind.value, one.title, one.content_type, one.sha256, content))
    sealed = seal(str((row.outside or {})["key"]), _about(row, partnership), enclosed)
    put = client.put_object(
        Bucket=bucket, Key=_key(row, export_id), Body=sealed, ContentType=CONTENT_TYPE,
        ContentDisposition="attachment", ChecksumAlgorithm="SHA256",
    )  # fmt: skip
    return sealed, put["VersionId"]


def _link(partnership: Partnership, export: TransferExport) -> PresignedDownload:
    expires_at = datetime.now(UTC) + DOWNLOAD_WITHIN  # by this machine's clock: it is what S3 is told
    url = tenant_client(partnership).generate_presigned_url(
        "get_object",
        Params={
            "Bucket": storage_of(partnership).bucket, "Key": export.object_key, "VersionId": export.version_id or "",
            "ResponseContentDisposition": f'attachment; filename="transfer-{export.id}.jwe"',
            "ResponseCacheControl": "no-store",
        },
        ExpiresIn=int(DOWNLOAD_WITHIN.total_seconds()),
    )  # fmt: skip
    return PresignedDownload(url, expires_at)


def _about(row: PartnershipTransfer, partnership: Partnership) -> dict[str, Any]:
    return {
        "transfer": str(row.id), "kind": row.kind.value, "from": partnership.name, "sender": row.sender_name,
        "post": row.sender_post, "reason": row.reason, "offered_at": row.offered_at.isoformat(),
        "move_on": row.move_on.isoformat() if row.move_on else None, "packet": row.packet, "digest": row.digest,
    }  # fmt: skip


def _key(row: PartnershipTransfer, export_id: UUID) -> str:
    return f"transfers/{row.id}/sealed/{export_id}"


def _thumbprint(row: PartnershipTransfer) -> str:
    return str((row.outside or {})["thumbprint"])
