"""What a GraphQL query costs.

See https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api.
"""

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)

_CONNECTIONS = (
    "search",
    "issues",
    "pullRequests",
    "milestones",
    "releases",
    "assignees",
    "labels",
    "comments",
    "reviews",
)
"""Those of the schema."""
_REQUESTS_A_POINT = 100


def points(document: DocumentNode, variables: Mapping[str, Any]) -> int:
    """What a query costs: the requests that its connections stand for, by the hundred, rounded; at least one.

    A connection below the nodes of another is asked for once for each node that may come.
    """
    fragments = {part.name.value: part for part in document.definitions if isinstance(part, FragmentDefinitionNode)}

    def below(selected: SelectionSetNode | None, parents: int) -> int:
        found = 0
        for part in selected.selections if selected else ():
            if isinstance(part, FragmentSpreadNode):
                found += below(fragments[part.name.value].selection_set, parents)
            elif not isinstance(part, FieldNode):
                found += below(part.selection_set, parents)  # type: ignore[attr-defined]  # an inline fragment
            elif part.name.value in _CONNECTIONS:
                found += parents + below(part.selection_set, parents * _size(part, variables))
            else:
                found += below(part.selection_set, parents)
        return found

    operations = [part for part in document.definitions if isinstance(part, OperationDefinitionNode)]
    return max(1, round(sum(below(part.selection_set, 1) for part in operations) / _REQUESTS_A_POINT))


def _size(field: FieldNode, variables: Mapping[str, Any]) -> int:
    for argument in field.arguments or ():
        if argument.name.value == "first":
            value = argument.value
            stated = variables.get(value.name.value) if isinstance(value, VariableNode) else getattr(value, "value", 1)
            return int(stated or 1)
    return 1
