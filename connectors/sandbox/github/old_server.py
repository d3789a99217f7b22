"""Refuse GraphQL fields that an older GitHub Enterprise Server does not have.

The errors have the form of GitHub's own validation: the path begins with the operation, a field is named by its alias,
and nothing is executed.
"""

from collections.abc import Collection
from typing import Any

from graphql import DocumentNode, FieldNode, InlineFragmentNode, TypeInfo, TypeInfoVisitor, Visitor, visit

from connectors.sandbox.github.schema import schema


def undefined_fields(document: DocumentNode, missing: Collection[str]) -> list[dict[str, Any]]:
    """Return one error per use of a missing field, given as `Type.field`."""
    if not missing:
        return []
    types = TypeInfo(schema())
    found = _Missing(types, missing)
    visit(document, TypeInfoVisitor(types, found))
    return found.errors


class _Missing(Visitor):
    def __init__(self, types: TypeInfo, missing: Collection[str]) -> None:
        super().__init__()
        self._types = types
        self._missing = missing
        self._path = ["query"]
        self.errors: list[dict[str, Any]] = []

    def enter_inline_fragment(self, node: InlineFragmentNode, *_: Any) -> None:
        condition = node.type_condition
        self._path.append(f"... on {condition.name.value}" if condition else "...")

    def leave_inline_fragment(self, *_: Any) -> None:
        self._path.pop()

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self._path.append(node.alias.value if node.alias else node.name.value)
        parent, name = self._types.get_parent_type(), node.name.value
        if parent is not None and f"{parent.name}.{name}" in self._missing:
            self.errors.append(
                {
                    "path": list(self._path),
                    "extensions": {"code": "undefinedField", "typeName": parent.name, "fieldName": name},
                    "message": f"Field '{name}' doesn't exist on type '{parent.name}'",
                }
            )

    def leave_field(self, *_: Any) -> None:
        self._path.pop()
