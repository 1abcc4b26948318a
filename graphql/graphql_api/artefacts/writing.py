"""What the makers of a client build from: the contract, the trusted documents by hash, and their types."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from graphql import OperationDefinitionNode, parse

from graphql_api.artefacts import typescript
from graphql_api.document_store import DocumentStore, digest
from graphql_api.execution import ExecutableSchema

MANIFEST_FORMAT: Final = "apollo-persisted-query-manifest"


def trusted_documents(schema: ExecutableSchema, folder: Path) -> dict[str, str]:
    """The texts of the trusted documents by hash, in the order of their names.

    Raises ``ValueError`` naming the file for one that the schema does not allow.
    """
    DocumentStore(schema.core, folder)
    texts = [file.read_text() for file in sorted(folder.glob("*.graphql"))]
    return {digest(text): text for text in texts}


def manifest(documents: Mapping[str, str]) -> dict[str, object]:
    """The documents as Apollo's clients for iOS and Kotlin read and write them: a persisted query manifest."""
    operations = []
    for sha256, text in documents.items():
        (node,) = [one for one in parse(text).definitions if isinstance(one, OperationDefinitionNode)]
        name = node.name.value if node.name is not None else ""
        operations.append({"id": sha256, "name": name, "type": node.operation.value, "body": text})
    return {"format": MANIFEST_FORMAT, "version": 1, "operations": operations}


def write(schema: ExecutableSchema, operations: Path, out: Path) -> list[Path]:
    """Write the artefacts into a folder, which is made if need be; gives their paths."""
    documents = trusted_documents(schema, operations)
    contents = {
        "schema.graphql": f"{schema}\n",
        "documents.json": _json(documents),
        "persisted-query-manifest.json": _json(manifest(documents)),
        "types.ts": typescript.module(schema.core, documents),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (out / name).write_text(content)
    return [out / name for name in contents]


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
