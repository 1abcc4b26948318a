"""Look for the child an enquiry is about: those on record, others at the address, and those who asked before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.cases.children import repository as children
from backend.cases.children.models import Child
from backend.cases.models import CaseFile, CaseState
from backend.identity.policies import Caller
from backend.kit.session import TenantSession
from backend.registers.enquiries import repository
from backend.registers.enquiries.likeness import Terms, Why, is_likely, likeness, may_be_the_child, weight
from backend.registers.enquiries.models import ChildEnquiry
from backend.registers.plans import reading
from backend.registers.plans import repository as plans
from backend.registers.plans.entries import PlanEntry

MOST_SHOWN = 25


@dataclass(frozen=True, slots=True)
class Match:
    """A child who may be the one asked about, with why, their cases in sight and the plan they have today."""

    child: Child
    why: tuple[Why, ...]
    cases: tuple[CaseFile, ...]
    plan: PlanEntry | None

    @property
    def open_case(self) -> CaseFile | None:
        """The newest open case."""
        return next((case for case in self.cases if case.state is CaseState.OPEN), None)

    @property
    def likely(self) -> bool:
        return is_likely(self.why)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search has found.

    ``at_address`` are other children with a plan who live at the address; ``earlier`` enquiries about what may be
    the same child, who was not known then. ``held`` are open cases that are not there for the searcher and may be
    about the child, each with whether it is kept from the searcher by name: of such a one they are told nothing.
    """

    matches: tuple[Match, ...]
    at_address: tuple[PlanEntry, ...]
    earlier: tuple[ChildEnquiry, ...]
    held: tuple[tuple[CaseFile, bool], ...]

    @property
    def withheld(self) -> list[CaseFile]:
        """Cases of which the searcher may know that there is something."""
        return [case for case, barred in self.held if not barred]


async def find(session: TenantSession, caller: Caller, enquiry: ChildEnquiry, terms: Terms) -> Found:
    """Everything that the searcher has to weigh; what is not there for them is only in ``held``."""
    alike = await _alike(session, caller, terms)
    when = await reading.day_of(session, None)
    with_plan = await plans.with_plan(session, when.zone, when.day, when.midnight)
    neighbours = await plans.living_at(session, terms.address_key, when.day) if terms.address_key else []
    at_address = [child_id for child_id in neighbours if child_id in with_plan]
    shown = [(child, why) for child, why, seen in alike if seen][:MOST_SHOWN]
    own = await repository.cases_of(session, caller, [*(child.id for child, _ in shown), *at_address])
    visible = {case.id for found in own.values() for case in found}
    places = [
        with_plan[child_id] for child_id in dict.fromkeys([*(child.id for child, _ in shown), *at_address])
        if child_id in with_plan and with_plan[child_id].case_id in visible
    ]  # fmt: skip
    entries = {one.child.id: one for one in await reading.entries(session, caller, when, places)}
    matched = {child.id for child, _ in shown}
    hidden = [child.id for child, why, seen in alike if not seen and is_likely(why)]
    hidden += [
        child_id for child_id in dict.fromkeys([*at_address, *(child.id for child, why in shown if is_likely(why))])
        if child_id in with_plan and with_plan[child_id].case_id not in visible
    ]  # fmt: skip
    held = await repository.held_cases(session, caller, hidden) if hidden else []
    return Found(
        tuple(Match(child, why, tuple(own.get(child.id, ())), entries.get(child.id)) for child, why in shown),
        tuple(entries[child_id] for child_id in at_address if child_id in entries and child_id not in matched),
        tuple(await earlier(session, enquiry, terms)),
        tuple(held),
    )  # fmt: skip


async def _alike(session: TenantSession, caller: Caller, terms: Terms) -> list[tuple[Child, tuple[Why, ...], bool]]:
    rows = await repository.alike(session, caller, terms)
    homes = await children.addresses(session, [row[0].id for row in rows])
    found: list[tuple[Child, tuple[Why, ...], bool]] = []
    for child, alike, seen in rows:
        keys = {home.match_key for home in homes.get(child.id, []) if not home.hidden}
        born = child.date_of_birth
        why = likeness(terms, search_name=child.search_name, name_alike=alike, born=born, address_keys=keys)
        if may_be_the_child(why, births_known=born is not None and terms.date_of_birth is not None):
            found.append((child, why, bool(seen)))
    return sorted(found, key=lambda one: (-weight(one[1]), str(one[0].id)))


async def earlier(session: TenantSession, enquiry: ChildEnquiry, terms: Terms) -> list[ChildEnquiry]:
    """Enquiries that may be about the same child, who was not known then; the newest first."""
    found: list[ChildEnquiry] = []
    for row, alike in await repository.earlier_alike(session, enquiry, terms):
        why = likeness(
            terms, search_name=row.search_name, name_alike=alike, born=row.date_of_birth,
            address_keys=(row.match_key,) if row.match_key else (),
        )  # fmt: skip
        known = row.date_of_birth is not None and terms.date_of_birth is not None
        if may_be_the_child(why, births_known=known) or why == (Why.ADDRESS,):
            found.append(row)
    return found


def shown_ids(searches: Iterable[Sequence[dict[str, object]]]) -> set[UUID]:
    """The children that searches have shown."""
    return {UUID(str(one["child"])) for shown in searches for one in shown}
