"""Scopes of classic tokens in the GitHub sandbox, as far as queries need them: those of projects."""

from collections.abc import Sequence
from typing import Any

from graphql import DocumentNode, FieldNode, Visitor, visit

from connectors.sandbox.github.schema import Node


def lacking_scopes(document: DocumentNode, scopes: Sequence[str]) -> list[Node]:
    """Return one error per field that needs a scope which a classic token does not have (github/docs#19712)."""
    if {"read:project", "project"} & set(scopes):
        return []
    fields = _Fields()
    visit(document, fields)
    return [
        {
            "type": "INSUFFICIENT_SCOPES",
            "locations": [{"line": 1, "column": 1}],
            "message": "Your token has not been granted the required scopes to execute this query. The "
            f"'{name}' field requires one of the following scopes: ['read:project'], but your token has only been "
            f"granted the: {list(scopes)} scopes. Please modify your token's scopes at: "
            "https://github.com/settings/tokens.",
        }
        for name in fields.names
        if name == "projectV2"
    ]


class _Fields(Visitor):
    """Names of the fields of a document."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self.names.append(node.name.value)
