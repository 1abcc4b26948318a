"""From a document to its model: what does not fit the grammar is told by line, in words."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any, Final, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from backend.pathways.definitions.faults import Fault, Faulty, choose
from backend.pathways.definitions.positions import Document, Path

ModelT = TypeVar("ModelT", bound=BaseModel)
# What is wrong and what to do, by pydantic's name of the fault.
_SAID: Final = {
    "string_type": ("must be text", "put it in quotes"),
    "bool_type": ("must be true or false", "write true or false"),
    "bool_parsing": ("must be true or false", "write true or false"),
    "int_type": ("must be a whole number", "write a number without quotes"),
    "int_parsing": ("must be a whole number", "write a number without quotes"),
    "tuple_type": ("must be a list", "write its items in [ ], or one a line with a dash"),
    "dict_type": ("must be a mapping", "write key: value pairs"),
    "model_type": ("must be a mapping", "write key: value pairs"),
    "model_attributes_type": ("must be a mapping", "write key: value pairs"),
    "too_short": ("is empty", "name at least one"),
    "string_too_short": ("is empty", "write it, or leave the key out"),
    "date_from_datetime_parsing": ("is not a date", "write it as 2026-04-01"),
}


def parse(document: Document, model: type[ModelT]) -> ModelT:
    """The document as a ``model``. Raises ``Faulty`` with every fault."""
    if not isinstance(document.data, dict):
        raise Faulty([Fault(document.file, 1, "the file holds no mapping", "begin it with key: value pairs")])
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise Faulty(grammar_faults(error, model, document)) from error


def grammar_faults(error: ValidationError, model: type[BaseModel], document: Document) -> list[Fault]:
    """What pydantic found, each at its place in the document."""
    found = []
    for details in _of_the_likeliest_branch(error.errors(), document.data):
        path = _path(details["loc"], document.data)
        if details["type"] in {"extra_forbidden", "missing"}:
            path = (*path, *_tail(details, path))
        message, remedy = _words(details, path, model)
        found.append(Fault(document.file, document.line(path), message, remedy))
    return found


def _tail(details: ErrorDetails, path: Path) -> Path:
    last = details["loc"][-1] if details["loc"] else None
    return () if last is None or (path and path[-1] == last) else (last,)


def _inside(data: Any, part: int | str) -> bool:
    """Whether ``part`` leads into the data; the names of forms, which pydantic puts between, do not."""
    if isinstance(data, dict):
        return part in data
    return isinstance(data, list) and isinstance(part, int) and part < len(data)


def _path(loc: Sequence[int | str], data: Any) -> Path:
    """``loc`` without the names of forms, which are no part of the file."""
    path: list[str | int] = []
    for part in loc:
        if _inside(data, part):
            path.append(part)
            data = data[part]
    return tuple(path)


def _of_the_likeliest_branch(errors: Iterable[ErrorDetails], data: Any) -> Iterator[ErrorDetails]:
    """Where a value may take several forms, only the faults of the form that it resembles most."""
    branches: dict[Path, dict[str, list[ErrorDetails]]] = {}
    for details in errors:
        branch = _branch(details["loc"], data)
        if branch is None:
            yield details
        else:
            at, form = branch
            branches.setdefault(at, {}).setdefault(form, []).append(details)
    for forms in branches.values():
        yield from min(forms.values(), key=lambda faults: sum(_foreign(details) for details in faults))


def _foreign(details: ErrorDetails) -> int:
    return 10 if details["type"] in {"missing", "extra_forbidden"} else 11 if details["type"] == "model_type" else 1


def _branch(loc: Sequence[int | str], data: Any) -> tuple[Path, str] | None:
    """The value with several forms that the fault lies in, if any, and the name of the form."""
    at: list[str | int] = []
    for part in loc:
        if _inside(data, part):
            at.append(part)
            data = data[part]
        elif isinstance(part, str) and (part[:1].isupper() or part.startswith("literal[")):
            return tuple(at), part
    return None


def _words(details: ErrorDetails, path: Path, model: type[BaseModel]) -> tuple[str, str]:
    """What is wrong, and what to do about it."""
    name, given, context = _place(path), details["input"], details.get("ctx", {})
    match details["type"]:
        case "extra_forbidden":
            where = _place(path[:-1])
            within = f" in {where}" if where else ""
            words = f"{path[-1]} is not known{within}", choose(path[-1], _keys(model, path[:-1]))
        case "missing":
            words = f"{name} is missing", "add it"
        case "enum" | "literal_error":
            words = f"{name} cannot be {given!r}", choose(given, _listed(context["expected"]))
        case "union_tag_invalid":
            kind = context["tag"]
            words = f"{name} cannot be of the kind {kind!r}", choose(kind, _listed(context["expected_tags"]))
        case "string_pattern_mismatch":
            words = f"{name} cannot be {given!r}", "write lower-case words joined by hyphens, such as first-visit"
        case "value_error":
            said, _, remedy = str(context["error"]).rpartition("; ")
            words = (f"{name} {said}", remedy) if said else (f"{name} {remedy}", "mend it")
        case "greater_than_equal":
            words = f"{name} cannot be {given!r}", f"write at least {context['ge']}"
        case "less_than_equal":
            words = f"{name} cannot be {given!r}", f"write at most {context['le']}"
        case "string_too_long" | "too_long":
            words = f"{name} is too long", f"shorten it to {context['max_length']}"
        case other:
            said, remedy = _SAID.get(other, (details["msg"][:1].lower() + details["msg"][1:], "mend it"))
            words = f"{name}: {said}" if name else said, remedy
    return words


def _listed(expected: str) -> list[str]:
    """The words that pydantic lists: ``'a', 'b' or 'c'``."""
    return [word.strip(" '") for word in expected.replace(" or ", ", ").split(",")]


def _place(path: Path) -> str:
    """``clocks 2 limit.unit`` as people count: items from one."""
    words = ""
    for part in path:
        words += f" {part + 1}" if isinstance(part, int) else f".{part}" if words else part
    return words.replace(" .", " ")


def _keys(annotation: Any, path: Path) -> set[str]:
    """The keys that the grammar knows at ``path``."""
    forms = set(_models(annotation))
    for part in path:
        if isinstance(part, int):
            continue
        forms = {
            model
            for form in forms
            for name, field in form.model_fields.items()
            if part in {name, field.alias}
            for model in _models(field.annotation)
        }
    return {field.alias or name for form in forms for name, field in form.model_fields.items()}


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every model in an annotation, however it is wrapped."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) is Annotated:
        yield from _models(get_args(annotation)[0])
    else:
        for argument in get_args(annotation):
            yield from _models(argument)
