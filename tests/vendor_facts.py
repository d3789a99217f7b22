"""What services publish about their APIs for machines, as far as the cookbook's recipes use it: names and types.

| service | read from | as of | licence there |
|---|---|---|---|
| Linear | github.com/linear/linear, `packages/sdk/src/schema.graphql` | 2026-07-22 | MIT |
| monday | github.com/mondaycom/monday-graphql-api, `packages/agent-toolkit/lib/monday-graphql/schema.graphql`, and `packages/api-types` of 2025-11-12 | 2025-04-02 | MIT |
| Asana | github.com/Asana/openapi, `defs/asana_oas.yaml` | 2026-06-11 | Apache 2.0 |
| HubSpot | github.com/HubSpot/hubspot-api-python, `hubspot/crm/deals` | 2025-11-04 | Apache 2.0 |
| Azure DevOps | github.com/MicrosoftDocs/vsts-rest-api-specs, `specification/wit/7.1/workItemTracking.json` | 2026-05-12 | MIT |

HubSpot's own OpenAPI files are not licensed for use, so its open client library was read instead. What the text says
and no schema does: `pageInfo` of Linear and `cursor` of monday end with the last page, Asana's `next_page` is null there.
"""  # noqa: E501 - a table

from collections.abc import Mapping
from dataclasses import dataclass, field

LINEAR = """
scalar DateTime
scalar DateTimeOrDuration
type Query { issues(after: String, before: String, filter: IssueFilter, first: Int, last: Int): IssueConnection! }
type IssueConnection { edges: [IssueEdge!]! nodes: [Issue!]! pageInfo: PageInfo! }
type IssueEdge { cursor: String! node: Issue! }
type PageInfo { endCursor: String hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String }
type Issue {
  identifier: String! createdAt: DateTime! completedAt: DateTime estimate: Float priority: Float! state: WorkflowState!
}
type WorkflowState { id: ID! name: String! type: String! }
input IssueFilter { team: TeamFilter createdAt: DateComparator completedAt: NullableDateComparator }
input TeamFilter { key: StringComparator name: StringComparator }
input StringComparator { eq: String in: [String!] neq: String }
input DateComparator { eq: DateTimeOrDuration gt: DateTimeOrDuration gte: DateTimeOrDuration lt: DateTimeOrDuration }
input NullableDateComparator { gte: DateTimeOrDuration lt: DateTimeOrDuration null: Boolean }
"""
MONDAY = """
scalar JSON
type Query { boards(ids: [ID!], limit: Int, page: Int): [Board] }
type Board { id: ID! name: String! items_page(cursor: String, limit: Int! = 25): ItemsResponse! }
type ItemsResponse { cursor: String items: [Item!]! }
type Item { id: ID! name: String! column_values(ids: [String!]): [ColumnValue!]! }
interface ColumnValue { id: ID! text: String value: JSON }
type StatusValue implements ColumnValue { id: ID! text: String value: JSON label: String is_done: Boolean }
"""
MOST_OF_MONDAY = 500
"""Items of a page, as the description of `limit` says."""

Shape = Mapping[str, object]
"""Fields of an object by name: a type's name, a shape, or a list of one shape."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One request of a REST API and its answer. A `limit` of the request may be up to `most`."""

    method: str
    path: str
    answer: Shape
    params: Mapping[str, str] = field(default_factory=dict)
    body: Shape = field(default_factory=dict)
    most: int = 0


TASK = {
    "gid": "string", "name": "string", "completed": "boolean", "completed_at": "date-time", "created_at": "date-time",
    "due_at": "date-time", "due_on": "date",
}  # fmt: skip
ASANA = Endpoint(
    "GET",
    "/tasks",
    {"data": [TASK], "next_page": {"offset": "string", "path": "string", "uri": "string"}},
    {
        "limit": "integer", "offset": "string", "project": "string", "section": "string", "assignee": "string",
        "workspace": "string", "completed_since": "date-time", "modified_since": "date-time", "opt_fields": "list",
        "opt_pretty": "boolean",
    },
    most=100,
)  # fmt: skip
HUBSPOT = Endpoint(
    "POST",
    "/crm/v3/objects/deals/search",
    {
        "total": "integer",
        "results": [{"id": "string", "properties": "texts", "createdAt": "date-time", "archived": "boolean"}],
        "paging": {"next": {"after": "string", "link": "string"}},
    },
    body={
        "filterGroups": [{"filters": [{"propertyName": "string", "operator": "operator", "value": "string"}]}],
        "sorts": "list", "query": "string", "properties": "list", "limit": "integer", "after": "string",
    },
)  # fmt: skip
HUBSPOT_OPERATORS = (
    "EQ", "NEQ", "LT", "LTE", "GT", "GTE", "BETWEEN", "IN", "NOT_IN", "HAS_PROPERTY", "NOT_HAS_PROPERTY",
    "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN",
)  # fmt: skip
AZURE = Endpoint(
    "POST",
    "/{project}/{team}/_apis/wit/wiql",
    {
        "asOf": "date-time", "columns": "list", "queryType": "string", "queryResultType": "string",
        "workItems": [{"id": "integer", "url": "string"}],
    },
    {"timePrecision": "boolean", "$top": "integer", "api-version": "string"},
    {"query": "string"},
)  # fmt: skip
