"""Compute the cost of a GraphQL query in points.

See https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphql import DocumentNode, FieldNode, SelectionSetNode

CONNECTIONS = (
    "search",
    "issues",
    "pullRequests",
    "milestones",
    "releases",
    "assignees",
    "labels",
    "comments",
    "reviews",
    "checkRuns",
    "deployments",
    "statuses",
    "subIssues",
    "items",
    "fields",
    "watchers",
)
"""Connections of the schema."""
_REQUESTS_A_POINT = 100


def points_of(query: str, variables: Mapping[str, Any]) -> int:
    """Return the cost of a query, given as text."""
    from graphql import parse

    return points(parse(query), variables)


def points(document: "DocumentNode", variables: Mapping[str, Any]) -> int:
    """Return the cost of a query: the number of requests for its connections divided by 100, rounded, at least 1.

    A nested connection counts once per node that its parent may return.
    """
    from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, OperationDefinitionNode

    fragments = {part.name.value: part for part in document.definitions if isinstance(part, FragmentDefinitionNode)}

    def below(selected: "SelectionSetNode | None", parents: int) -> int:
        found = 0
        for part in selected.selections if selected else ():
            if isinstance(part, FragmentSpreadNode):
                found += below(fragments[part.name.value].selection_set, parents)
            elif not isinstance(part, FieldNode):
                found += below(part.selection_set, parents)  # type: ignore[attr-defined]  # an inline fragment
            elif part.name.value in CONNECTIONS:
                found += parents + below(part.selection_set, parents * _size(part, variables))
            else:
                found += below(part.selection_set, parents)
        return found

    operations = [part for part in document.definitions if isinstance(part, OperationDefinitionNode)]
    return max(1, round(sum(below(part.selection_set, 1) for part in operations) / _REQUESTS_A_POINT))


def _size(field: "FieldNode", variables: Mapping[str, Any]) -> int:
    from graphql import VariableNode

    for argument in field.arguments or ():
        if argument.name.value == "first":
            value = argument.value
            stated = variables.get(value.name.value) if isinstance(value, VariableNode) else getattr(value, "value", 1)
            return int(stated or 1)
    return 1
