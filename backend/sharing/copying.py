"""Copy a paper's bytes from one partnership's bucket to another's, each by its own credentials. Blocks."""

import base64
import hashlib
import tempfile
from typing import Final
from uuid import UUID

from backend.documents import transfers
from backend.kit.problems import Conflict
from backend.sharing.models import TransferPaper
from tenants.partnerships.models import Partnership
from tenants.partnerships.storage import storage_of, tenant_client

_CHUNK: Final = 1024 * 1024
_IN_MEMORY: Final = 4 * _CHUNK


class WrongBytesError(RuntimeError):
    """What lies in the sender's bucket is not what was promised."""


def key_for(transfer_id: UUID, paper_id: UUID) -> str:
    """Where the receiver keeps the paper; seen in logs and bills, so it tells nothing."""
    return f"transfers/{transfer_id}/{paper_id}"


def copy(paper: TransferPaper, sender: Partnership, receiver: Partnership) -> tuple[str, str]:
    """Key and version of the copy, whose SHA-256 both stores have checked. What was copied before is found again.

    Raises ``WrongBytesError``, and ``StorageError`` where either side has no storage.
    """
    key = key_for(paper.transfer_id, paper.id)
    promised = TransferPaper(**{**paper.model_dump(), "object_key": key, "version_id": None})
    try:
        return key, transfers.arrived(receiver, promised)
    except Conflict:
        pass
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as held:
        digest = hashlib.sha256()
        body = tenant_client(sender).get_object(
            Bucket=storage_of(sender).bucket, Key=paper.object_key, VersionId=paper.version_id or ""
        )["Body"]
        for chunk in body.iter_chunks(_CHUNK):
            digest.update(chunk)
            held.write(chunk)
        if digest.hexdigest() != paper.sha256:
            raise WrongBytesError(str(paper.id))
        held.seek(0)
        tenant_client(receiver).put_object(
            Bucket=storage_of(receiver).bucket, Key=key, Body=held, ContentType=paper.content_type,
            ChecksumAlgorithm="SHA256", ChecksumSHA256=base64.b64encode(digest.digest()).decode(),
            ContentDisposition="attachment",
        )  # fmt: skip
    return key, transfers.arrived(receiver, promised)
