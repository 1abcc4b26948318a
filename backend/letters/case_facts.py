"""What a letter says of the case, the children it is about and the people around them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from backend.cases.children import repository as children
from backend.cases.children.identity import address_key
from backend.cases.children.models import Child, ChildAddress
from backend.cases.models import CaseFile
from backend.cases.people import repository as people
from backend.cases.people.models import CasePractitioner, Party
from backend.kit.session import TenantSession
from backend.letters.sight import Sight
from backend.letters.sources import SOURCES
from backend.letters.values import EMPTY, KEPT, LEAST_GUARDED, Value, day, key, moment, said, spaced, table
from tenants.contacts import repository as contacts
from tenants.partnerships import repository as partnerships


@dataclass
class CaseFacts:
    """The rows that a letter about a case is made from, and what no text in the copy may give away."""

    case: CaseFile
    children: list[Child]
    addresses: dict[UUID, list[ChildAddress]]
    parties: list[Party]
    practitioners: list[CasePractitioner]
    names: dict[UUID, str]
    area: str | None
    secrets: frozenset[str] = frozenset()
    hidden_keys: frozenset[str] = field(default_factory=frozenset)


async def case_facts(session: TenantSession, case: CaseFile, sight: Sight) -> CaseFacts:
    """All that is recorded of a case and its people."""
    subjects = (await children.subjects(session, [case.id])).get(case.id, [])
    found = [child for _, child in subjects]
    addresses = await children.addresses(session, [one.id for one in found])
    parties = (await people.parties(session, [case.id])).get(case.id, [])
    working = [row for row in (await people.practitioners(session, [case.id])).get(case.id, []) if row.to_at is None]
    persons = await contacts.people(session, [row.person_id for row in working if row.person_id is not None])
    area = (await partnerships.areas_by_id(session, [case.area_id])).get(case.area_id) if case.area_id else None
    facts = CaseFacts(case, found, addresses, parties, working, {one.id: one.name for one in persons.values()},
                      area.name if area else None)  # fmt: skip
    facts.hidden_keys = frozenset(row.match_key for rows in addresses.values() for row in rows if row.hidden)
    facts.secrets = frozenset(_secrets(facts, sight))
    return facts


def _secrets(facts: CaseFacts, sight: Sight) -> Iterable[str]:
    """What the copy may not hold, wherever somebody has typed it."""
    hidden = [row.address for rows in facts.addresses.values() for row in rows if row.match_key in facts.hidden_keys]
    hidden += [one.address for one in facts.parties if one.address and one.address_hidden]
    told = [] if sight.address(hidden=True) else hidden
    for one in facts.parties:
        if not sight.identity(one.roles):
            told += [text for text in (one.name, one.telephone, one.address) if text]
    return (plain for text in told if len(plain := key(text)) >= LEAST_GUARDED)


def case_values(facts: CaseFacts, sight: Sight, zone: str) -> dict[str, Value]:
    """The sources ``case`` and ``child``."""
    kids = facts.children
    return {
        "case.reference": said(facts.case.reference), "case.opened": moment(facts.case.opened_at, zone),
        "case.area": said(facts.area),
        "case.practitioners": table(SOURCES["case.practitioners"].columns, [
            ((facts.names.get(row.person_id) if row.person_id else row.outside_name) or "", spaced(row.role))
            for row in facts.practitioners
        ]),
        "case.family": _family(facts, sight),
        "child.name": _each(kids, lambda one: said(one.name)),
        "child.born": _each(kids, lambda one: day(one.date_of_birth) if one.date_of_birth else _expected(one)),
        "child.sex": _each(kids, lambda one: said(spaced(one.sex.value)) if one.sex else EMPTY),
        "child.nhs-number": _each(kids, lambda one: said(one.nhs_number)),
        "child.ethnicity": _each(kids, lambda one: said(one.ethnicity)),
        "child.language": _each(kids, lambda one: said(one.first_language)),
        "child.address": _each(kids, lambda one: _address(facts, one, sight)),
    }  # fmt: skip


def _each(kids: list[Child], tell: Callable[[Child], Value]) -> Value:
    found = [tell(one) for one in kids]
    kept = [one for one in found if not one.empty]
    if len(kept) <= 1:
        return kept[0] if kept else EMPTY
    return Value("; ".join(one.text for one in kept), data=[one.data for one in found],
                 left_out=any(one.left_out for one in kept))  # fmt: skip


def _expected(one: Child) -> Value:
    found = day(one.expected_on)
    return EMPTY if found.empty else Value(f"Unborn, expected on {found.text}", data=found.data)


def _address(facts: CaseFacts, child: Child, sight: Sight) -> Value:
    """Where the child lives now, by the latest that is recorded."""
    now = [row for row in facts.addresses.get(child.id, []) if row.to_on is None]
    if not now:
        return EMPTY
    # Recorded twice, once in the open, it is hidden all the same.
    return said(now[0].address) if sight.address(hidden=now[0].match_key in facts.hidden_keys) else KEPT


def is_hidden(facts: CaseFacts, address: str) -> bool:
    return address_key(address) in facts.hidden_keys


def _family(facts: CaseFacts, sight: Sight) -> Value:
    """Parties of the case. One whose identity is kept from a reader is not in the copy at all."""
    rows, left = [], False
    for one in facts.parties:
        if not sight.identity(one.roles):
            left = True
            continue
        shown = sight.address(hidden=one.address_hidden)
        left = left or (bool(one.address) and not shown)
        rows.append((one.name or "Not known", ", ".join(spaced(each) for each in one.roles),
                     (one.address or "") if shown else KEPT.text))  # fmt: skip
    return table(SOURCES["case.family"].columns, rows, left_out=left)
