"""Subset of GitHub's public GraphQL schema, and connections with cursors.

Names, arguments and types are those of https://docs.github.com/public/fpt/schema.docs.graphql, except that `search` is
nullable, so that the data of other searches survives a refused one.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from graphql import GraphQLError, GraphQLSchema, build_schema

from connectors.sandbox.github.rest import LARGEST_PAGE

Node = dict[str, Any]

SDL = """
scalar DateTime
scalar URI
interface Node { id: ID! }
enum SearchType { ISSUE }
enum IssueState { OPEN CLOSED }
enum IssueStateReason { COMPLETED DUPLICATE NOT_PLANNED REOPENED }
enum PullRequestState { OPEN CLOSED MERGED }
enum MilestoneState { OPEN CLOSED }
interface Actor { login: String! }
interface RepositoryOwner { login: String! }
interface ProjectV2Owner { projectV2(number: Int!): ProjectV2 }
type User implements Actor & RepositoryOwner & ProjectV2Owner { login: String! projectV2(number: Int!): ProjectV2 }
type Organization implements Actor & RepositoryOwner & ProjectV2Owner {
  login: String! projectV2(number: Int!): ProjectV2
}
type UserConnection { nodes: [User] totalCount: Int! pageInfo: PageInfo! }
type Label { name: String! }
type LabelConnection { nodes: [Label] totalCount: Int! pageInfo: PageInfo! }
type IssueCommentConnection { totalCount: Int! }
type PullRequestReviewConnection { totalCount: Int! }
type Ref { name: String! }
type PageInfo { endCursor: String hasNextPage: Boolean! }
enum CheckRunType { ALL LATEST }
input CheckRunFilter { appId: Int checkName: String checkType: CheckRunType }
type CheckSuite implements Node {
  id: ID! checkRuns(filterBy: CheckRunFilter, first: Int, after: String): CheckRunConnection
}
type CheckRunConnection { nodes: [CheckRun] totalCount: Int! pageInfo: PageInfo! }
type CheckRun { completedAt: DateTime detailsUrl: URI }
type Query {
  node(id: ID!): Node
  repository(owner: String!, name: String!, followRenames: Boolean = true): Repository
  repositoryOwner(login: String!): RepositoryOwner
  search(query: String!, type: SearchType!, first: Int, after: String): SearchResultItemConnection
}
union SearchResultItem = Issue | PullRequest
type SearchResultItemConnection { issueCount: Int! nodes: [SearchResultItem] pageInfo: PageInfo! }
type Repository {
  id: ID! nameWithOwner: String! url: URI! createdAt: DateTime! pushedAt: DateTime isArchived: Boolean!
  stargazerCount: Int! forkCount: Int! watchers(first: Int): UserConnection! defaultBranchRef: Ref
  issues(first: Int, after: String, states: [IssueState!]): IssueConnection!
  pullRequests(first: Int, after: String, states: [PullRequestState!]): PullRequestConnection!
  milestones(first: Int, after: String): MilestoneConnection
  releases(first: Int, after: String): ReleaseConnection!
  issue(number: Int!): Issue
  deployments(first: Int, after: String, environments: [String!], orderBy: DeploymentOrder): DeploymentConnection!
}
input DeploymentOrder { field: DeploymentOrderField! direction: OrderDirection! }
enum DeploymentOrderField { CREATED_AT }
enum OrderDirection { ASC DESC }
enum DeploymentStatusState { ERROR FAILURE INACTIVE IN_PROGRESS PENDING QUEUED SUCCESS WAITING }
type DeploymentConnection { nodes: [Deployment] totalCount: Int! pageInfo: PageInfo! }
type Deployment implements Node {
  id: ID! repository: Repository! environment: String ref: Ref commitOid: String! creator: Actor! createdAt: DateTime!
  latestStatus: DeploymentStatus statuses(first: Int, after: String): DeploymentStatusConnection
}
type DeploymentStatusConnection { nodes: [DeploymentStatus] totalCount: Int! pageInfo: PageInfo! }
type DeploymentStatus { state: DeploymentStatusState! createdAt: DateTime! logUrl: URI }
scalar Date
enum ProjectV2ItemArchivedState { ARCHIVED NOT_ARCHIVED }
enum ProjectV2ItemType { DRAFT_ISSUE ISSUE PULL_REQUEST REDACTED }
enum ProjectV2FieldType {
  ASSIGNEES DATE ITERATION LABELS MILESTONE MULTI_SELECT NUMBER PARENT_ISSUE REPOSITORY SINGLE_SELECT TEXT TITLE
}
type ProjectV2 {
  number: Int! title: String! url: URI!
  fields(first: Int, after: String): ProjectV2FieldConfigurationConnection!
  items(
    first: Int, after: String, archivedStates: [ProjectV2ItemArchivedState!] = [NOT_ARCHIVED]
  ): ProjectV2ItemConnection!
}
type ProjectV2FieldConfigurationConnection {
  nodes: [ProjectV2FieldConfiguration] totalCount: Int! pageInfo: PageInfo!
}
union ProjectV2FieldConfiguration = ProjectV2Field | ProjectV2IterationField | ProjectV2SingleSelectField
interface ProjectV2FieldCommon { name: String! dataType: ProjectV2FieldType! }
type ProjectV2Field implements ProjectV2FieldCommon { name: String! dataType: ProjectV2FieldType! }
type ProjectV2IterationField implements ProjectV2FieldCommon { name: String! dataType: ProjectV2FieldType! }
type ProjectV2SingleSelectField implements ProjectV2FieldCommon { name: String! dataType: ProjectV2FieldType! }
type ProjectV2ItemConnection { nodes: [ProjectV2Item] totalCount: Int! pageInfo: PageInfo! }
type ProjectV2Item implements Node {
  id: ID! type: ProjectV2ItemType! isArchived: Boolean! createdAt: DateTime! updatedAt: DateTime!
  content: ProjectV2ItemContent fieldValueByName(name: String!): ProjectV2ItemFieldValue
}
union ProjectV2ItemContent = DraftIssue | Issue | PullRequest
type DraftIssue {
  title: String! creator: Actor createdAt: DateTime! updatedAt: DateTime!
  assignees(first: Int, after: String): UserConnection!
}
union ProjectV2ItemFieldValue = ProjectV2ItemFieldDateValue | ProjectV2ItemFieldIterationValue
  | ProjectV2ItemFieldMultiSelectValue | ProjectV2ItemFieldNumberValue | ProjectV2ItemFieldSingleSelectValue
  | ProjectV2ItemFieldTextValue | ProjectV2ItemIssueFieldValue
type ProjectV2ItemFieldDateValue { date: Date }
type ProjectV2ItemFieldIterationValue { title: String! startDate: Date! duration: Int! }
type ProjectV2ItemFieldMultiSelectValue { options: [ProjectV2MultiSelectFieldOption!] }
type ProjectV2MultiSelectFieldOption { name: String! }
type ProjectV2ItemFieldNumberValue { number: Float }
type ProjectV2ItemFieldSingleSelectValue { name: String }
type ProjectV2ItemFieldTextValue { text: String }
type ProjectV2ItemIssueFieldValue { field: ProjectV2FieldConfiguration! issueFieldValue: IssueFieldValue }
union IssueFieldValue = IssueFieldDateValue | IssueFieldMultiSelectValue | IssueFieldNumberValue
  | IssueFieldSingleSelectValue | IssueFieldTextValue
type IssueFieldDateValue { value: String! }
type IssueFieldMultiSelectValue { options: [IssueFieldMultiSelectOption!] }
type IssueFieldMultiSelectOption { name: String! }
type IssueFieldNumberValue { value: Float! }
type IssueFieldSingleSelectValue { name: String! }
type IssueFieldTextValue { value: String! }
type IssueConnection { nodes: [Issue] totalCount: Int! pageInfo: PageInfo! }
type PullRequestConnection { nodes: [PullRequest] totalCount: Int! pageInfo: PageInfo! }
type MilestoneConnection { nodes: [Milestone] totalCount: Int! pageInfo: PageInfo! }
type ReleaseConnection { nodes: [Release] totalCount: Int! pageInfo: PageInfo! }
type Issue {
  number: Int! title: String! url: URI! state: IssueState!
  stateReason(enableDuplicate: Boolean = false): IssueStateReason
  author: Actor assignees(first: Int, after: String): UserConnection! labels(first: Int, after: String): LabelConnection
  milestone: Milestone repository: Repository! comments(first: Int): IssueCommentConnection!
  createdAt: DateTime! updatedAt: DateTime! closedAt: DateTime
  parent: Issue subIssues(first: Int, after: String): IssueConnection! subIssuesSummary: SubIssuesSummary!
}
type SubIssuesSummary { total: Int! completed: Int! percentCompleted: Int! }
type PullRequest {
  number: Int! title: String! url: URI! state: PullRequestState! mergedAt: DateTime isDraft: Boolean!
  author: Actor assignees(first: Int, after: String): UserConnection! labels(first: Int, after: String): LabelConnection
  milestone: Milestone repository: Repository! comments(first: Int): IssueCommentConnection!
  reviews(first: Int): PullRequestReviewConnection additions: Int! deletions: Int! changedFiles: Int!
  baseRefName: String! headRefName: String! createdAt: DateTime! updatedAt: DateTime! closedAt: DateTime
}
type Milestone {
  repository: Repository!
  number: Int! title: String! state: MilestoneState! url: URI! dueOn: DateTime createdAt: DateTime! closedAt: DateTime
  issues(first: Int, after: String, states: [IssueState!]): IssueConnection!
}
type Release {
  repository: Repository!
  name: String tagName: String! isDraft: Boolean! isPrerelease: Boolean! createdAt: DateTime! publishedAt: DateTime
  author: User url: URI!
}
"""


@cache
def schema() -> GraphQLSchema:
    """Build the schema once."""
    return build_schema(SDL)


def connection(
    rows: Sequence[Any], make: Callable[[Any], Node], *, reachable: int | None = None
) -> Callable[..., Node]:
    """Return a resolver for a connection over filtered rows; `reachable` limits the rows accessible by paging."""

    def resolve(_info: Any, first: int | None = None, after: str | None = None, **_: Any) -> Node:
        if first is not None and not 1 <= first <= LARGEST_PAGE:
            raise GraphQLError(
                f"Requesting {first} records on the connection exceeds the `first` limit of {LARGEST_PAGE} records.",
                extensions={"type": "EXCESSIVE_PAGINATION"},
            )
        seen = rows[:reachable]
        start = _offset(after)
        shown = seen[start : start + (first or 0)]
        return {
            "totalCount": len(rows),
            "issueCount": len(rows),
            "nodes": [make(row) for row in shown] if first else _unbounded,
            "pageInfo": {
                "endCursor": _cursor(start + len(shown)) if shown else None,
                "hasNextPage": start + len(shown) < len(seen),
            },
        }

    return resolve


def _unbounded(_info: Any) -> Node:
    raise GraphQLError(
        "You must provide a `first` or `last` value to properly paginate the connection.",
        extensions={"type": "MISSING_PAGINATION_BOUNDARIES"},
    )


def _cursor(offset: int) -> str:
    return base64.b64encode(f"cursor:{offset}".encode()).decode()


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        return int(base64.b64decode(cursor).decode().removeprefix("cursor:"))
    except (ValueError, binascii.Error) as exc:
        raise GraphQLError(
            f"`{cursor}` does not appear to be a valid cursor.", extensions={"type": "INVALID_CURSOR_ARGUMENTS"}
        ) from exc
