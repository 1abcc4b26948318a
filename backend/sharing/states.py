"""How a transfer stands, on which side responsibility lies, and what notice was given. Pure."""

from datetime import date
from enum import StrEnum
from typing import Final

from backend.kit.problems import Conflict
from backend.sharing.kinds import FORMS, Kind, Settling


class Side(StrEnum):
    OUTGOING = "outgoing"
    INCOMING = "incoming"


class State(StrEnum):
    """OFFERED until the other side answers, however long it is silent: no time makes it anything else."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Responsible(StrEnum):
    SENDER = "sender"
    RECEIVER = "receiver"


class Told(StrEnum):
    """What one side tells the other. ACCEPTED, REFUSED and WITHDRAWN are of the state that they bring about."""

    OFFERED = "offered"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    WROTE = "wrote"
    SETTLED = "settled"


_ANSWERS: Final = {Told.ACCEPTED: State.ACCEPTED, Told.REFUSED: State.REFUSED, Told.WITHDRAWN: State.WITHDRAWN}
_BY: Final = {Told.ACCEPTED: Side.INCOMING, Told.REFUSED: Side.INCOMING, Told.WITHDRAWN: Side.OUTGOING}

ENDED: Final = "This transfer is {} already. To take it up again, let it be offered anew."


def acted(state: State, side: Side, told: Told) -> State:
    """The state after somebody on ``side`` does it. Raises ``Conflict`` where it cannot be done any more, or here."""
    if _BY[told] is not side:
        doer = "that receives it" if _BY[told] is Side.INCOMING else "that offered it"
        raise Conflict(f"Only the partnership {doer} does this.")
    if state is not State.OFFERED:
        raise Conflict(ENDED.format(state.value))
    return _ANSWERS[told]


def heard(state: State, told: Told) -> State:
    """The state after the other side's word has come.

    Words may cross. The receiver's answer stands over a withdrawal that it could not know of, on both sides, so
    both come to stand alike and no child falls between them.
    """
    if told is Told.WITHDRAWN:
        return State.WITHDRAWN if state is State.OFFERED else state
    if told in {Told.ACCEPTED, Told.REFUSED} and state in {State.OFFERED, State.WITHDRAWN}:
        return _ANSWERS[told]
    return state


def responsible(kind: Kind, state: State, *, settled: bool) -> Responsible:
    """Who answers for the child: the sender until the receiver has accepted, and longer where the kind says so.

    A plan stays with the old authority until the new one's conference (Working Together 2005 ¶4.114); enquiries
    stay with whoever began them until they are concluded, and a report with whom the court directed until it is
    filed (Cambridgeshire and Peterborough manual L4356-4362, L4390-4392). Whoever places a looked-after child
    stays responsible.
    """
    if state is not State.ACCEPTED:
        return Responsible.SENDER
    settling = FORMS[kind].settling
    passes = settling is Settling.ACCEPTANCE or (settling is not Settling.NEVER and settled)
    return Responsible.RECEIVER if passes else Responsible.SENDER


def settles(kind: Kind, side: Side) -> bool:
    """Whether this side tells the event on which responsibility passes."""
    teller = {Settling.RECEIVER_TELLS: Side.INCOMING, Settling.SENDER_TELLS: Side.OUTGOING}.get(FORMS[kind].settling)
    return teller is side


def notice_days(offered_on: date, move_on: date | None) -> int | None:
    """Calendar days of notice before the move; negative once the child had moved."""
    return (move_on - offered_on).days if move_on is not None else None
