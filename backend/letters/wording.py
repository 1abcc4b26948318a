"""What a partnership words for itself in its letters: the letterhead, and the paragraphs of a template."""

from uuid import UUID

from backend.identity.policies import Caller, Permission
from backend.kit.audit import Entry
from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault
from backend.letters import library
from backend.letters.models import LetterWording
from backend.letters.template import ALWAYS, ANY, EVERYWHERE, places, wording_faults

MOST_TEXT = 4_000


async def word(
    session: TenantSession, caller: Caller, template: str, paragraph: str, text: str, wording_id: UUID
) -> LetterWording:
    """Word a paragraph from now on; empty words go back to the national ones. What was issued stays as it was.

    Raises ``Forbidden``, ``NotFound``, and ``Invalid`` for a paragraph or a field that is not there.
    """
    caller.require(Permission.WRITE_PROCEDURES)
    if template == ANY:
        known, faults = list(EVERYWHERE), [f"there is no field {one}; choose of {', '.join(ALWAYS)}"
                                           for one in places(text) if one not in ALWAYS]  # fmt: skip
    else:
        known, faults = list(library.template(template).wordings), wording_faults(library.template(template), text)
    found = [FieldError("text", one) for one in faults]
    if paragraph not in known:
        found.append(FieldError("paragraph", f"is not in this template; choose of {', '.join(known)}"))
    if text and (fault := text_fault("text", text, MOST_TEXT)):
        found.append(fault)
    if found:
        raise Invalid(found)
    row = LetterWording(
        tenant_id=session.tenant_id, id=wording_id, template=template, paragraph=paragraph, text=text,
        set_by=caller.person_id, set_at=await session.now(),
    )  # fmt: skip
    session.insert(row)
    session.audit_entries.append(Entry("letter.worded", "letter_wording", wording_id, caller.person_id,
                                       {"template": template, "paragraph": paragraph}))  # fmt: skip
    await session.flush()
    return row
