"""Keep what somebody has begun to write, through time-outs and lost sessions, until it is done with.

A draft's content is in its row and nowhere else: no log, audit entry, notice or task carries it.
"""

import json
import re
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.cases import service as cases
from backend.cases.drafts import repository
from backend.cases.drafts.models import Draft
from backend.identity.policies import Caller
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, cancel, owe
from backend.kit.texts import text_fault

FORGET_DRAFT: Final = Actor("forget_draft", NOTICES)
KEPT_FOR: Final = timedelta(days=90)
LARGEST: Final = 200_000
DEEPEST: Final = 20
_FORM: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)


class DraftMoved(Conflict):
    """Somebody saved the draft since: the same person on another device. ``stored`` is what is there."""

    def __init__(self, stored: Draft) -> None:
        super().__init__("This draft was saved from elsewhere since. Compare the two, then save with its version.")
        self.stored = stored


async def save(
    session: TenantSession, caller: Caller, form: str, case_id: UUID | None, content: Any, version: int, draft_id: UUID
) -> Draft:
    """Keep ``content``, a JSON object, as the caller's draft of ``form`` about a case or none.

    ``version`` is the one the caller last had, 0 for none. Raises ``Invalid``, ``NotFound`` for a case
    that is not there for the caller, ``DraftMoved`` when the stored version is another.
    """
    if faults := _faults(form, content):
        raise Invalid(faults)
    if case_id is not None:
        await cases.seen(session, caller, case_id)
    await session.execute(_ALONE, {"key": f"draft {caller.tenant_id} {caller.person_id}"})
    stored, now = await repository.of_form(session, caller.person_id, form, case_id), await session.now()
    if stored is None:
        # A version that is gone was discarded or has run out: what was written since is kept all the same.
        row = Draft(
            tenant_id=session.tenant_id, id=draft_id, person_id=caller.person_id, form=form, case_id=case_id,
            content=content, saved_at=now, expires_at=now + KEPT_FOR,
        )  # fmt: skip
        session.insert(row)
        await owe(session, FORGET_DRAFT, draft_id, due_at=row.expires_at)
        return row
    if stored.version != version:
        raise DraftMoved(stored)
    stored.content, stored.version, stored.saved_at, stored.expires_at = content, version + 1, now, now + KEPT_FOR
    return stored


# One save of a person's at a time, so that two first ones do not both find nothing.
_ALONE: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


async def discard(session: TenantSession, caller: Caller, draft_id: UUID) -> None:
    """Delete one of the caller's drafts for good. Raises ``NotFound``."""
    row = await repository.draft(session, caller, draft_id, lock=True)
    await session.delete(row)
    cancel(session, FORGET_DRAFT, [draft_id])


async def forget(session: TenantSession, draft_id: UUID) -> None:
    """Delete a draft that nobody has saved for ``KEPT_FOR``; one saved since is looked at again in time."""
    row = await repository.locked(session, draft_id)
    if row is None:
        return
    if row.expires_at > await session.now():
        await owe(session, FORGET_DRAFT, draft_id, due_at=row.expires_at)
    else:
        await session.delete(row)


def _faults(form: str, content: Any) -> list[FieldError]:
    found = []
    if len(form) > 80 or not _FORM.fullmatch(form):
        found.append(FieldError("form", "must be a form's code, such as initial-assessment"))
    if not isinstance(content, dict):
        return [*found, FieldError("content", "must be a JSON object")]
    if _too_deep(content, DEEPEST):
        return [*found, FieldError("content", f"must not nest deeper than {DEEPEST}")]
    written = json.dumps(content, ensure_ascii=False)
    if len(written) > LARGEST:
        found.append(FieldError("content", f"must be at most {LARGEST:,} characters as JSON"))
    elif any(text_fault("content", each, LARGEST) for each in _texts(content) if each.strip()):
        found.append(FieldError("content", "holds a control character; type it again instead of pasting it"))
    return found


def _too_deep(value: Any, left: int) -> bool:
    if left == 0:
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_too_deep(each, left - 1) for each in inner)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for key, each in value.items() for text in (str(key), *_texts(each))]
    return [text for each in value for text in _texts(each)] if isinstance(value, list) else []
