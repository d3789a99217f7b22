"""GraphQL API of the GitHub sandbox, executed by graphql-core with the schema in `schema.py`."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from graphql import DocumentNode, FieldNode, GraphQLError, OperationDefinitionNode, execute_sync, parse, validate

from connectors.sandbox.github.limits import Limits, refusal
from connectors.sandbox.github.old_server import undefined_fields
from connectors.sandbox.github.points import points
from connectors.sandbox.github.rest import SEARCH_RESULTS
from connectors.sandbox.github.schema import Node, connection, schema
from connectors.sandbox.github.search import Item, SearchRefusedError
from connectors.sandbox.github.state import State
from connectors.sandbox.server import Request, Response

if TYPE_CHECKING:
    from connectors.sandbox.github.behaviour import Behaviour

REFUSED = "UNPROCESSABLE"
"""Error type of a refused search."""


def handle(state: State, behaviour: "Behaviour", limits: Limits, request: Request) -> Response:
    """Answer one authenticated GraphQL request."""
    try:
        body = request.json()
        document = _understood(body["query"])
    except (ValueError, KeyError, TypeError):
        return Response(400, {"message": "Problems parsing JSON"})
    except GraphQLError as exc:
        return Response(200, {"errors": [_error(exc)]})
    if lacking := undefined_fields(document, behaviour.missing_fields):
        return Response(200, {"errors": lacking})
    variables = body.get("variables") or {}
    cost = points(document, variables)
    if not limits.spend("graphql", cost):
        return refusal("graphql")
    if _top_fields(document) > behaviour.alias_limit and behaviour.beyond_limit == "502":
        return Response(502, b"<html><body>502 Bad Gateway</body></html>", {"Content-Type": "text/html"})
    root = _Root(state, behaviour, request.base_url, {"cost": cost, **limits.as_node()})
    result = execute_sync(schema(), document, root.fields(), variable_values=variables)
    answer: Node = {"data": result.data} if result.data is not None or not result.errors else {}
    if result.errors:
        answer["errors"] = [_error(error) for error in result.errors]
        if behaviour.refused_search == "whole" and any(e["type"] == REFUSED for e in answer["errors"] if "type" in e):
            answer["data"] = None
    return Response(200, answer)


@lru_cache(maxsize=64)
def _understood(text: str) -> DocumentNode:
    """Parse and validate a query, cached, since all pages of a list send the same one. Raises GraphQLError."""
    document = parse(text)
    if wrong := validate(schema(), document):
        raise wrong[0]
    return document


def _top_fields(document: DocumentNode) -> int:
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    return sum(isinstance(field, FieldNode) for node in operations for field in node.selection_set.selections)


def _error(error: GraphQLError) -> Node:
    extensions = error.extensions or {}
    shown: Node = {"type": extensions["type"]} if "type" in extensions else {}
    if error.path:
        shown["path"] = list(error.path)
    if error.locations:
        shown["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    return {**shown, "message": error.message}


class _Root:
    """Resolvers of one request."""

    def __init__(self, state: State, behaviour: "Behaviour", base_url: str, limit: Node) -> None:
        self._state = state
        self._behaviour = behaviour
        self._base_url = base_url
        self._limit = limit
        self._resolved = 0

    def fields(self) -> Node:
        """Return the root value: one resolver per field of Query."""
        return {
            "search": self._search,
            "repository": self._repository,
            "repositoryOwner": self._owner,
            "rateLimit": self._limit,
        }

    def _count_resolved(self) -> None:
        self._resolved += 1
        if self._resolved > self._behaviour.alias_limit:
            raise GraphQLError(
                "Resource limits for this query exceeded.", extensions={"type": "RESOURCE_LIMITS_EXCEEDED"}
            )

    def _search(self, info: Any, query: str, type: str, **paging: Any) -> Node:  # noqa: A002 - GitHub's name
        self._count_resolved()
        if type != "ISSUE":
            raise GraphQLError(f"the sandbox searches issues and pull requests only, not {type}")
        try:
            found = self._state.search(query, silent=self._behaviour.refused_search == "silent")
        except SearchRefusedError as exc:
            raise GraphQLError(str(exc), extensions={"type": REFUSED}) from exc
        return connection(found, self._item, reachable=SEARCH_RESULTS)(info, **paging)

    def _owner(self, _info: Any, login: str) -> Node | None:
        self._count_resolved()
        names = [*self._state.repositories, *self._state.hidden]
        owner = next((owner for name in names if (owner := name.partition("/")[0]).lower() == login.lower()), None)
        return {"__typename": "Organization", "login": owner} if owner else None

    def _repository(self, _info: Any, owner: str, name: str, followRenames: bool = True) -> Node:  # noqa: FBT001, FBT002, N803 - GitHub's name
        self._count_resolved()
        repo = self._state.repository(f"{owner}/{name}", renames=followRenames)
        if repo is None:
            raise GraphQLError(
                f"Could not resolve to a Repository with the name '{owner}/{name}'.", extensions={"type": "NOT_FOUND"}
            )
        return self._repository_node(repo)

    def _repository_node(self, repo: Mapping[str, Any]) -> Node:
        return {
            "id": f"R_{repo['name']}",
            "name": repo["name"].partition("/")[2],
            "nameWithOwner": repo["name"],
            "url": f"{self._base_url}/{repo['name']}",
            "createdAt": repo["created_at"],
            "pushedAt": repo["pushed_at"],
            "stargazerCount": repo["stars"],
            "forkCount": repo["forks"],
            "watchers": {"totalCount": repo["watchers"]},
            "isArchived": repo["archived"],
            "defaultBranchRef": {"name": repo["default_branch"]},
            "issues": self._items_field(lambda: [one for one in repo["items"] if one["type"] == "issue"]),
            "pullRequests": self._items_field(lambda: [one for one in repo["items"] if one["type"] == "pr"]),
            "milestones": self._milestones_field(repo),
            "milestone": lambda _info, number: next(
                (self._milestone(repo, one) for one in repo["milestones"] if one["number"] == number), None
            ),
            "releases": connection(repo["releases"], lambda one: self._release(repo, one)),
        }

    def _items_field(self, items: Callable[[], Sequence[Item]]) -> Callable[..., Node]:
        def resolve(
            info: Any,
            states: list[str] | None = None,
            labels: list[str] | None = None,
            orderBy: Mapping[str, str] | None = None,  # noqa: N803 - GitHub's name
            **paging: Any,
        ) -> Node:
            found = [one for one in items() if states is None or _state(one) in states]
            found = [one for one in found if labels is None or set(labels) & set(one["labels"])]
            if orderBy is not None:
                key = {"CREATED_AT": "created_at", "UPDATED_AT": "updated_at", "COMMENTS": "comments"}[orderBy["field"]]
                found.sort(key=lambda one: (one[key], one["number"]), reverse=orderBy["direction"] == "DESC")
            return connection(found, self._item)(info, **paging)

        return resolve

    def _milestones_field(self, repo: Mapping[str, Any]) -> Callable[..., Node]:
        def resolve(info: Any, states: list[str] | None = None, **paging: Any) -> Node:
            found = [one for one in repo["milestones"] if states is None or one["state"].upper() in states]
            return connection(found, lambda one: self._milestone(repo, one))(info, **paging)

        return resolve

    def _milestone(self, repo: Mapping[str, Any], one: Mapping[str, Any]) -> Node:
        def under(kind: str) -> Callable[..., Node]:
            return self._items_field(lambda: self._state.milestone_issues(repo, one["title"], kind))

        return {
            "repository": lambda _info: self._repository_node(repo),
            "number": one["number"],
            "title": one["title"],
            "state": one["state"].upper(),
            "url": f"{self._base_url}/{repo['name']}/milestone/{one['number']}",
            "dueOn": one["due_on"],
            "createdAt": one["created_at"],
            "closedAt": one["closed_at"],
            "issues": under("issue"),
            "pullRequests": under("pr"),
        }

    def _release(self, repo: Mapping[str, Any], one: Mapping[str, Any]) -> Node:
        return {
            "repository": lambda _info: self._repository_node(repo),
            "name": one["name"],
            "tagName": one["tag"],
            "isDraft": one["draft"],
            "isPrerelease": one["prerelease"],
            "createdAt": one["created_at"],
            "publishedAt": one["published_at"],
            "author": {"login": one["author"]} if one["author"] else None,
            "url": f"{self._base_url}/{repo['name']}/releases/tag/{one['tag']}",
        }

    def _item(self, one: Item) -> Node:
        repo = self._state.repositories[one["repository"]]
        is_pull = one["type"] == "pr"
        milestone = next((m for m in repo["milestones"] if m["title"] == one["milestone"]), None)
        return {
            "__typename": "PullRequest" if is_pull else "Issue",
            "number": one["number"],
            "title": one["title"],
            "url": f"{self._base_url}/{repo['name']}/{'pull' if is_pull else 'issues'}/{one['number']}",
            "state": _state(one),
            "stateReason": _reason(one),
            "author": {"__typename": "User", "login": one["author"]} if one["author"] else None,
            "assignees": connection(one["assignees"], lambda login: {"login": login}),
            "labels": connection(one["labels"], lambda name: {"name": name}),
            "milestone": lambda _info: self._milestone(repo, milestone) if milestone else None,
            "repository": lambda _info: self._repository_node(repo),
            "comments": {"totalCount": one["comments"]},
            "reviews": {"totalCount": one["reviews"]},
            "merged": one["merged_at"] is not None,
            "mergedAt": one["merged_at"],
            "isDraft": one["draft"],
            "additions": one["additions"],
            "deletions": one["deletions"],
            "changedFiles": one["changed_files"],
            "baseRefName": one["base"],
            "headRefName": one["head"],
            "createdAt": one["created_at"],
            "updatedAt": one["updated_at"],
            "closedAt": one["closed_at"],
        }


def _state(one: Item) -> str:
    return "MERGED" if one["merged_at"] else str(one["state"]).upper()


def _reason(one: Item) -> Callable[..., str | None]:
    def resolve(_info: Any, enableDuplicate: bool = False) -> str | None:  # noqa: FBT001, FBT002, N803 - GitHub's name
        reason = str(one["state_reason"]).upper() if one["state_reason"] else None
        return "NOT_PLANNED" if reason == "DUPLICATE" and not enableDuplicate else reason

    return resolve
