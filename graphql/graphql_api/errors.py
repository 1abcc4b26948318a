"""What a client is told when something goes wrong, and what it is never told.

Three promises hold for every answer this package gives:

* a value sent by a client is never echoed in a message: it can be a child's name;
* an exception nobody foresaw becomes one fixed sentence with the correlation id, and the log
  receives the name of its class, where it was raised and the same id, never its text;
* no message suggests the name of a field, an argument or a type.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

import structlog
from graphql import (
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    OperationDefinitionNode,
)
from graphql.language import NonNullTypeNode, print_ast
from graphql.utilities import coerce_input_value, type_from_ast

from backend.kit.logging import describe

FormattedError: TypeAlias = dict[str, Any]
"""One entry of the `errors` list: message, extensions, and where known locations and path."""

INTERNAL: Final = "INTERNAL"
UNAVAILABLE: Final = "UNAVAILABLE"
BAD_REQUEST: Final = "BAD_REQUEST"
BAD_USER_INPUT: Final = "BAD_USER_INPUT"
PARSE_FAILED: Final = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED: Final = "GRAPHQL_VALIDATION_FAILED"

MASK: Final = "Something went wrong on our side. Quote the correlation id when you ask for help."
_BACK_SOON: Final = "We cannot answer just now. Ask again in a few seconds, with the same idempotency key."
_RETRY_AFTER: Final = 2
"""Seconds: a server that restarts is back within a few."""
_MAX_VARIABLE_ERRORS: Final = 20
_SUGGESTION: Final = re.compile(r" Did you mean .*", re.DOTALL)
_FOUND_VALUE: Final = re.compile(r"\b(String|BlockString|Int|Float) .+", re.DOTALL)
_NULL_ARGUMENT: Final = re.compile(r"Argument '(\w+)' of (?:required|non-null) type ")
_MISSING_FIELD: Final = re.compile(r"Field '(\w+)' of required type '")

log = structlog.stdlib.get_logger("graphql_api")


class ExpectedError(Exception):
    """Raised on purpose in a resolver: the client receives `message` and `code` as they are.

    The author of the message answers for its holding no personal data.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class HTTPProblem(ExpectedError):
    """Refuses a whole request with a status of its own, such as 401, 403 or 429.

    Raised by the context manager of a route; `headers` are added to the answer. A 401 without a
    `WWW-Authenticate` header is given `Bearer`.
    """

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code, message)
        self.status = status
        self.headers = dict(headers or {})
        if status == 401 and not any(name.lower() == "www-authenticate" for name in self.headers):
            self.headers["WWW-Authenticate"] = "Bearer"


class RequestRefusedError(Exception):
    """A GraphQL request error: the operation was not run and the answer has no `data`.

    The status is 400, except that a client which asked for `application/json` expects 200 from
    a request that was well formed and only its document or variables were not.
    """

    def __init__(self, errors: Iterable[FormattedError]) -> None:
        super().__init__("request refused")
        self.errors = tuple(errors)


def formatted(code: str, message: str) -> FormattedError:
    """Return an error that belongs to no place in the document."""
    return {"message": message, "extensions": {"code": code}}


def internal_error(exception: BaseException, correlation_id: str) -> FormattedError:
    """Log which class of exception it was, and return the sentence that hides it."""
    log.error("graphql_error_masked", correlation_id=correlation_id, **describe(exception))
    return {"message": MASK, "extensions": {"code": INTERNAL, "correlationId": correlation_id}}


def unavailable(exception: BaseException, correlation_id: str) -> HTTPProblem:
    """Log which class of exception it was, and return the refusal that says when to ask again."""
    log.warning("graphql_unavailable", correlation_id=correlation_id, **describe(exception))
    return HTTPProblem(503, UNAVAILABLE, _BACK_SOON, {"Retry-After": str(_RETRY_AFTER)})


def cause_of(error: GraphQLError) -> BaseException:
    """What a resolver raised, under the layers that GraphQL puts around it."""
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def document_errors(errors: Sequence[GraphQLError], default_code: str) -> tuple[FormattedError, ...]:
    """Format what parsing or validation found, without literals and suggestions."""
    return tuple(
        {
            "message": _FOUND_VALUE.sub(r"\1.", error.message)
            if default_code == PARSE_FAILED
            else _SUGGESTION.sub("", error.message),
            **_place(error),
            "extensions": {"code": (error.extensions or {}).get("code", default_code)},
        }
        for error in errors
    )


def resolver_error(error: GraphQLError, correlation_id: str, expected: tuple[type[Exception], ...]) -> FormattedError:
    """Format an error met while running an operation.

    Only `ExpectedError` and the classes in `expected` (which have `code` and `message`) keep
    their words. A bare `GraphQLError` is masked too: graphql-core raises it, with the value in
    the message, for an enum or scalar that could not be written.
    """
    cause = cause_of(error)
    if isinstance(cause, (ExpectedError, *expected)):
        told = formatted(getattr(cause, "code", BAD_REQUEST), getattr(cause, "message", MASK))
    elif isinstance(cause, GraphQLError) and (argument := _NULL_ARGUMENT.match(cause.message)):
        told = formatted(BAD_USER_INPUT, f"Argument '{argument[1]}' must be given and must not be null.")
    else:
        told = internal_error(cause, correlation_id)
    return {"message": told["message"], **_place(error), "extensions": told["extensions"]}


def variable_errors(
    schema: GraphQLSchema, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> tuple[FormattedError, ...]:
    """Say which variables could not be read, and where in them, but never what they held."""
    found: list[FormattedError] = []
    for definition in operation.variable_definitions:
        name = definition.variable.name.value
        if variables.get(name) is not None:
            input_type = cast("GraphQLInputType", type_from_ast(schema, definition.type))
            messages = [
                f"Variable '${name}' is not valid at '{name}{place}': give a value of type '{wanted}'."
                for place, wanted in _invalid_places(variables[name], input_type)
            ]
        elif isinstance(definition.type, NonNullTypeNode) and (name in variables or definition.default_value is None):
            messages = [f"Variable '${name}' of type '{print_ast(definition.type)}' must not be null."]
        else:
            messages = []
        found.extend(formatted(BAD_USER_INPUT, message) for message in messages)
    if not found:
        return (formatted(BAD_USER_INPUT, "The variables do not fit the operation."),)
    return tuple(found[:_MAX_VARIABLE_ERRORS])


def _invalid_places(value: object, input_type: GraphQLInputType) -> list[tuple[str, GraphQLInputType]]:
    """Paths such as `.child.dates[2]`, made only of names in the schema and of positions, and the type at each."""
    places: list[tuple[str, GraphQLInputType]] = []

    def note(path: list[str | int], _value: object, error: GraphQLError) -> None:
        missing = _MISSING_FIELD.match(error.message)  # its path ends one above the field
        whole = [*path, missing[1]] if missing else path
        place = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in whole)
        places.append((place, _type_at(input_type, whole)))

    coerce_input_value(value, input_type, note)
    return places


def _type_at(input_type: GraphQLInputType, path: Iterable[str | int]) -> GraphQLInputType:
    for key in path:
        inside = input_type.of_type if isinstance(input_type, GraphQLNonNull) else input_type
        if isinstance(inside, GraphQLInputObjectType):
            input_type = inside.fields[str(key)].type
        elif isinstance(inside, GraphQLList):
            input_type = inside.of_type
    return input_type


def _place(error: GraphQLError) -> dict[str, Any]:
    place: dict[str, Any] = {}
    if error.locations:
        place["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    if error.path is not None:
        place["path"] = error.path
    return place
