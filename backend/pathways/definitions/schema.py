"""The JSON Schemas of the files, for editors that complete and check while one writes."""

import json
from typing import Any, Final

from pydantic import BaseModel

from backend.pathways.definitions.coverage import Coverage
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.local_overlay import LocalOverlay
from backend.pathways.definitions.shared import Catalogue, Roles, Sources

MODELS: Final[dict[str, type[BaseModel]]] = {
    "pathway": Definition,
    "overlay": LocalOverlay,
    "roles": Roles,
    "sources": Sources,
    "catalogue": Catalogue,
    "coverage": Coverage,
}


def file_name(kind: str) -> str:
    """What the schema of a kind of file is called in ``tenants/baseline``."""
    return f"{kind}.schema.json"


def json_schema(kind: str) -> dict[str, Any]:
    """JSON Schema 2020-12 of one kind of file."""
    schema = MODELS[kind].model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def printed(kind: str) -> str:
    """The schema as it is kept in its file."""
    return json.dumps(json_schema(kind), indent=2, ensure_ascii=False) + "\n"
