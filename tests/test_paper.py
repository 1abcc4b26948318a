"""What the product prints, with the longest that it may hold: all of it is on the paper."""

from pathlib import Path
from typing import Any

import pytest

from support.paper import right_margins

ROOT = Path(__file__).parents[1]
LONG = "an.extremely.long.name.of.a.mailbox.that.never.ends@safeguarding.constabulary.example.org"
FACTS: dict[str, Any] = {
    "alert": {"reference": "34XD-J5T2", "type": "child-death-joint-response", "state": "open"},
    "partnership": {"name": "Invented Vale", "slug": "invented-vale"},
    "audit_log": {"first": 1, "last": 9, "holds": True, "head": {"seq": 12, "hash": "ab" * 32}},
}
SHEETS: dict[str, tuple[Path, float, dict[str, Any]]] = {
    "evidence": (ROOT / "notifications" / "evidence" / "evidence.typ", 18, {
        "heading": FACTS, "made_at": "2026-07-01 03:10:07.250 BST", "zone": "Europe/London", "kid": "a" * 43,
        "signature": "aB3_x" * 100,
        "lines": [{"number": 1, "at": "2026-07-01 03:10:07.250 BST", "elapsed": "+0:00:00.000", "said": "Raised.",
                   "hash": "a" * 64}],
    }),
    "rota": (ROOT / "notifications" / "printed_rotas" / "rota.typ", 18, {
        "partnership": "Invented Vale", "version": 1, "printed_at": "", "valid_until": "", "zone": "Europe/London",
        "rotas": [{"name": "Officers", "hours": [], "otherwise": "", "positions": [{"title": "First", "turns": [
            {"from": "Mon 23 Nov 09:00", "until": "Mon 30 Nov 09:00", "nobody": False, "name": "Dr Wren",
             "telephone": "07700 900 107 or 01632 960001 or 020 7946 0123"}]}]}],
        "ladders": [], "desks": [{"name": "Duty", "area": "", "hours": "At all hours", "address": LONG}],
    }),
    "letter": (ROOT / "backend" / "letters" / "letter.typ", 22, {
        "title": "Notification", "letterhead": "", "footer": "", "date": "1 July 2026", "reference": "34XD-J5T2",
        "sections": [{"heading": "People", "text": "", "lines": [
            {"label": "Who", "columns": ["Name", "Role", "Agency", "Post", "Address"],
             "rows": [["Dr Wren", "Paediatrician", "Hospital", "Consultant", LONG]]}]}],
    }),
    "manual": (ROOT / "tenants" / "procedures" / "printing" / "work.typ", 22, {
        "title": "Procedures", "partnership": "Invented Vale", "lines": [], "terms": [], "index": [], "moved": [],
        "blocks": [{"anchor": "p-1", "depth": 1, "marker": "", "heading": None, "level": 0, "lines": [],
                    "rows": [["Role", "Hours", "Desk", "Remarks", "Address"], ["SIO", "24", "Duty", "None", LONG]],
                    "anchors": [], "also": [], "notes": []}],
    }),
}  # fmt: skip


@pytest.mark.parametrize("name", SHEETS)
def test_nothing_runs_off_the_paper_however_long_an_address_or_a_signature_is(name: str) -> None:
    template, margin, data = SHEETS[name]
    assert all(found >= margin - 1.5 for found in right_margins(template, data)), name
