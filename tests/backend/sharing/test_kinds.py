"""What passes between partnerships, against the pathways that it runs in and the rules of who may have what."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe
from joserfc.jwk import ECKey, OctKey, RSAKey

from backend.cases.children.checks import AddressTold, ChildTold
from backend.kit.problems import Conflict
from backend.pathways.definitions import archetypes
from backend.pathways.definitions.library import shipped
from backend.sharing import packet, recipients
from backend.sharing.kinds import FORMS, Gate, Kind, PaperKind, gates_of
from backend.sharing.packet import ConsentTold, Packet
from backend.sharing.sealing import Enclosed, seal
from backend.sharing.states import Responsible, Side, State, Told, acted, heard, notice_days, responsible

TODAY = date(2026, 12, 10)
CHILD = ChildTold(
    name="Bramble Movingchild", date_of_birth=date(2020, 5, 4), addresses=(AddressTold("3 Invented Lane"),)
)
CONSENT = ConsentTold("Both parents", "All of it", TODAY)


@pytest.mark.parametrize("kind", list(Kind))
def test_all_that_a_form_names_is_in_the_definition_that_it_runs_in(kind: Kind) -> None:
    form = FORMS[kind]
    texts = [archetypes.effective(shipped(), archetypes.overlays(name)) for name in archetypes.names()]
    definitions = [found[form.pathway].definition for found in texts]
    events = {event.id for one in definitions for event in one.events}
    everywhere = set.intersection(*({event.id for event in one.events} for one in definitions))
    for course in (form.sender, form.receiver):
        if course is not None:
            starts = {code for code in (course.known, course.moves, course.received) if code}
            assert starts <= everywhere
            assert set(course.criteria) <= {one.id for one in definitions[0].entry.criteria}
            assert course.variant in {None, *(one.id for one in definitions[0].entry.variants)}
    named = (form.papers_sent, form.court_permits, form.court_shared, form.settles, form.outcome_heard)
    assert {code for code in named if code} <= events
    for one in definitions:
        assert form.notice in {None, *(each.id for each in one.notifications)}
        assert form.meeting in {None, *(each.id for each in one.meetings)}


def test_what_leaves_needs_the_gate_that_its_kind_has_in_the_texts() -> None:
    plan, need, court = Kind.CHILD_PROTECTION_PLAN, Kind.CHILD_IN_NEED, Kind.COURT_PROCEEDINGS
    assert gates_of(plan, PaperKind.PLAN) == frozenset(), "for a plan the protocol states no consent (L4337)"
    assert gates_of(plan, PaperKind.EXPERT_REPORT) == {Gate.COURT_PERMISSION}, "L4339-4346"
    assert gates_of(plan, PaperKind.LEGAL_ORDER) == {Gate.COURT_PERMISSION}
    assert gates_of(need, PaperKind.ASSESSMENT) == {Gate.CONSENT}, "explicit agreement (L4363)"
    assert gates_of(need, PaperKind.SECTION_7_REPORT) == {Gate.CONSENT, Gate.COURT_PERMISSION}
    assert gates_of(court, PaperKind.ASSESSMENT) == {Gate.COURT_PERMISSION}, "no report without leave (L4378)"
    assert gates_of(court, PaperKind.LEGAL_ORDER) == frozenset(), "orders are always told (L4378-4389)"


def both(order: list[tuple[Side, Told]]) -> tuple[State, State]:
    """Where the two sides stand once all that they did has crossed; who may not act any more does nothing."""
    at = dict.fromkeys(Side, State.OFFERED)
    underway: dict[Side, list[Told]] = {Side.OUTGOING: [], Side.INCOMING: []}
    for side, told in order:
        other = Side.INCOMING if side is Side.OUTGOING else Side.OUTGOING
        if told is Told.RECEIVED:  # stands for: the oldest word to this side arrives
            if underway[side]:
                at[side] = heard(at[side], underway[side].pop(0))
            continue
        try:
            at[side] = acted(at[side], side, told)
        except Conflict:
            continue
        underway[other].append(told)
    for side, words in underway.items():
        for told in words:
            at[side] = heard(at[side], told)
    return at[Side.OUTGOING], at[Side.INCOMING]


STEPS = st.tuples(st.sampled_from(Side), st.sampled_from([Told.ACCEPTED, Told.REFUSED, Told.WITHDRAWN, Told.RECEIVED]))


@given(st.lists(STEPS, max_size=12))
def test_both_sides_come_to_stand_alike_however_their_words_cross(order: list[tuple[Side, Told]]) -> None:
    sender, receiver = both(order)
    assert sender is receiver


@given(kind=st.sampled_from(Kind), state=st.sampled_from(State), settled=st.booleans())
def test_the_sender_answers_for_the_child_until_the_receiver_has_accepted(
    *, kind: Kind, state: State, settled: bool
) -> None:
    found = responsible(kind, state, settled=settled)
    if state is not State.ACCEPTED:
        assert found is Responsible.SENDER
    if kind in {Kind.CHILD_PROTECTION_PLAN, Kind.SECTION_47, Kind.COURT_PROCEEDINGS} and not settled:
        assert found is Responsible.SENDER
    if kind is Kind.LOOKED_AFTER:
        assert found is Responsible.SENDER


def test_notice_is_counted_in_calendar_days() -> None:
    assert notice_days(TODAY, date(2026, 12, 24)) == 14
    assert notice_days(TODAY, date(2026, 12, 9)) == -1
    assert notice_days(TODAY, None) is None


def test_a_packet_is_read_as_it_was_written_and_any_change_breaks_its_seal() -> None:
    told = Packet((CHILD,), {"needs": "Help at home."}, CONSENT)
    data = told.as_data()
    assert Packet.read(data) == told
    sealed = packet.digest(data)
    data["items"]["needs"] = "Help at home!"
    assert packet.digest(data) != sealed


def test_a_packet_says_all_that_is_wrong_with_it_at_once() -> None:
    told = Packet((ChildTold(),), {"permanence": " ", "never": "x", "plan": "\x07"})
    found = {fault.field for fault in packet.faults(Kind.CHILD_PROTECTION_PLAN, told, TODAY)}
    assert found == {"children.0.name", "items.permanence", "items.never", "items.plan", "items.effect-on-risk",
                     "items.interim-work", "items.worker"}  # fmt: skip
    dates = Packet((CHILD,), {"enquiry": "x", "last-strategy-discussion": "soon", "immediate-risk": "x", "worker": "x"})
    assert [one.field for one in packet.faults(Kind.SECTION_47, dates, TODAY)] == ["items.last-strategy-discussion"]
    partly = ConsentTold("Both parents")
    assert [one.field for one in packet.consent_faults("c", partly, TODAY)] == ["c.agreedBy"]


@pytest.mark.filterwarnings("ignore:Key size")  # of the key that is too short
def test_a_sealed_file_opens_with_the_receivers_key_alone() -> None:
    for make in (lambda: RSAKey.generate_key(2048), lambda: ECKey.generate_key("P-256")):
        key = make()
        pem = key.as_pem(private=False).decode()
        assert recipients.key_of(pem) is not None
        sealed = seal(pem, {"transfer": "x"}, [Enclosed("plan", "Plan", "text/plain", "0" * 64, b"kept")])
        assert b"kept" not in sealed
        opened = jwe.decrypt_compact(sealed, key, algorithms=["RSA-OAEP-256", "ECDH-ES+A256KW", "A256GCM", "DEF"])
        assert b'"transfer": "x"' in (opened.plaintext or b"")
        other = make()
        with pytest.raises(Exception, match=r".+"):
            jwe.decrypt_compact(sealed, other, algorithms=["RSA-OAEP-256", "ECDH-ES+A256KW", "A256GCM", "DEF"])
    private = ECKey.generate_key("P-256").as_pem(private=True).decode()
    short = RSAKey.generate_key(1024).as_pem(private=False).decode()
    for bad in (private, short, "", "-----BEGIN PUBLIC KEY-----\nxx\n-----END PUBLIC KEY-----", str(OctKey)):
        assert recipients.key_of(bad) is None, bad[:40]
