"""What can be wrong with a request, in terms the caller can act on.

A service raises one of these; the API turns it into a typed answer. Messages never hold personal
data or internals: they name the field, say what is wrong and what would be right.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field's fault. ``field`` is the path in the input, in the API's spelling."""

    field: str
    message: str


class Problem(Exception):
    """A refusal that is the caller's to mend. The transaction is rolled back."""

    code: ClassVar[str] = "PROBLEM"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Invalid(Problem):
    """Input that cannot be accepted; lists every faulty field at once."""

    code = "INVALID"

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__("Some fields need attention: " + "; ".join(f"{e.field}: {e.message}" for e in errors))
        self.errors = errors


class NotFound(Problem):
    """No such thing in this partnership. Says the same for another partnership's ids."""

    code = "NOT_FOUND"


class Forbidden(Problem):
    """The person is known but may not do this."""

    code = "FORBIDDEN"


class Conflict(Problem):
    """The state has moved on, or the idempotency key belongs to another request."""

    code = "CONFLICT"


class Unauthenticated(Problem):
    """No valid credentials. ``reason`` is a code that tells a client whether to sign in again."""

    code = "UNAUTHENTICATED"

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
