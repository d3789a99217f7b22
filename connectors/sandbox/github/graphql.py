"""GraphQL API of the GitHub sandbox, executed by graphql-core with the schema in `schema.py`."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from graphql import DocumentNode, GraphQLError, execute_sync, parse, validate

from connectors.github.points import points
from connectors.sandbox.github.deployments import deployments
from connectors.sandbox.github.limits import Limits, refusal
from connectors.sandbox.github.projects import project_node
from connectors.sandbox.github.rest import SEARCH_RESULTS, jobs_of
from connectors.sandbox.github.schema import Node, connection, schema
from connectors.sandbox.github.scopes import lacking_scopes
from connectors.sandbox.github.search import Item, SearchRefusedError
from connectors.sandbox.github.state import State
from connectors.sandbox.server import Request, Response

REFUSED = "UNPROCESSABLE"
"""Error type of a refused search."""


def handle(state: State, limits: Limits, request: Request) -> Response:
    """Answer one authenticated GraphQL request."""
    try:
        body = request.json()
        document = _understood(body["query"])
    except (ValueError, KeyError, TypeError):
        return Response(400, {"message": "Problems parsing JSON"})
    except GraphQLError as exc:
        return Response(200, {"errors": [_error(exc)]})
    if state.scopes is not None and (lacking := lacking_scopes(document, state.scopes)):
        return Response(200, {"errors": lacking})
    variables = body.get("variables") or {}
    if not limits.spend("graphql", points(document, variables)):
        return refusal("graphql")
    result = execute_sync(schema(), document, _Root(state, request.base_url).fields(), variable_values=variables)
    answer: Node = {"data": result.data} if result.data is not None or not result.errors else {}
    if result.errors:
        answer["errors"] = [_error(error) for error in result.errors]
    return Response(200, answer)


@lru_cache(maxsize=64)
def _understood(text: str) -> DocumentNode:
    """Parse and validate a query, cached, since all pages of a list send the same one. Raises GraphQLError."""
    document = parse(text)
    if wrong := validate(schema(), document):
        raise wrong[0]
    return document


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

    def __init__(self, state: State, base_url: str) -> None:
        self._state = state
        self._base_url = base_url

    def fields(self) -> Node:
        """Return the root value: one resolver per field of Query."""
        return {
            "node": self._node,
            "search": self._search,
            "repository": self._repository,
            "repositoryOwner": self._owner,
        }

    def _node(self, _info: Any, id: str) -> Node:  # noqa: A002 - GitHub's name
        found = self._state.suite(id)
        if found is None:
            message = f"Could not resolve to a node with the global id of '{id}'"
            raise GraphQLError(message, extensions={"type": "NOT_FOUND"})
        if self._state.without_checks:
            message = "Resource not accessible by personal access token"
            raise GraphQLError(message, extensions={"type": "FORBIDDEN"})
        repo, run = found
        checks = [
            *(
                {**job, "details_url": f"/{repo['name']}/actions/runs/{run['id']}/job/{n}"}
                for n, job in enumerate(jobs_of(run))
            ),
            *run.get("reports", ()),
        ]
        return {"__typename": "CheckSuite", "id": id, "checkRuns": connection(checks, self._check)}

    def _check(self, one: Mapping[str, Any]) -> Node:
        return {"completedAt": one["completed_at"], "detailsUrl": self._base_url + one["details_url"]}

    def _search(self, info: Any, query: str, **paging: Any) -> Node:
        try:
            found = self._state.search(query)
        except SearchRefusedError as exc:
            raise GraphQLError(str(exc), extensions={"type": REFUSED}) from exc
        return connection(found, self._item, reachable=SEARCH_RESULTS)(info, **paging)

    def _owner(self, _info: Any, login: str) -> Node | None:
        names = [*self._state.repositories, *self._state.hidden, *self._state.projects]
        owner = next((owner for name in names if (owner := name.partition("/")[0]).lower() == login.lower()), None)
        if owner is None:
            return None
        kind = "User" if owner in self._state.users else "Organization"
        return {"__typename": kind, "login": owner, "projectV2": lambda _info, number: self._project(owner, number)}

    def _project(self, owner: str, number: int) -> Node:
        project = self._state.projects.get(f"{owner}/{number}")
        if project is None:
            message = f"Could not resolve to a ProjectV2 with the number {number}."
            raise GraphQLError(message, extensions={"type": "NOT_FOUND"})
        kind = "users" if owner in self._state.users else "orgs"
        return project_node(project, number, f"{self._base_url}/{kind}/{owner}/projects/{number}", self._content)

    def _content(self, key: str) -> Node | None:
        name, _, number = key.partition("#")
        repo = self._state.repository(name)
        one = next((one for one in repo["items"] if one["number"] == int(number)), None) if repo else None
        return self._item(one) if one else None

    def _repository(self, _info: Any, owner: str, name: str, followRenames: bool = True) -> Node:  # noqa: FBT001, FBT002, N803 - GitHub's name
        repo = self._state.repository(f"{owner}/{name}", renames=followRenames)
        if repo is None:
            raise GraphQLError(
                f"Could not resolve to a Repository with the name '{owner}/{name}'.", extensions={"type": "NOT_FOUND"}
            )
        return self._repository_node(repo)

    def _repository_node(self, repo: Mapping[str, Any]) -> Node:
        return {
            "id": f"R_{repo['name']}",
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
            "milestones": connection(repo["milestones"], lambda one: self._milestone(repo, one)),
            "releases": connection(repo["releases"], lambda one: self._release(repo, one)),
            "issue": lambda _info, number: self._issue(repo, number),
            "deployments": deployments(repo, self._base_url, lambda: self._repository_node(repo)),
        }

    def _issue(self, repo: Mapping[str, Any], number: int) -> Node:
        one = next((one for one in repo["items"] if (one["type"], one["number"]) == ("issue", number)), None)
        if one is None:
            message = f"Could not resolve to an Issue with the number of {number}."
            raise GraphQLError(message, extensions={"type": "NOT_FOUND"})
        return self._item(one)

    def _items_field(self, items: Callable[[], Iterable[Item]]) -> Callable[..., Node]:
        def resolve(info: Any, states: list[str] | None = None, **paging: Any) -> Node:
            found = [one for one in items() if states is None or _state(one) in states]
            return connection(found, self._item)(info, **paging)

        return resolve

    def _milestone(self, repo: Mapping[str, Any], one: Mapping[str, Any]) -> Node:
        def issues() -> Iterator[Item]:
            return (issue for issue in repo["items"] if (issue["type"], issue["milestone"]) == ("issue", one["title"]))

        return {
            "repository": lambda _info: self._repository_node(repo),
            "number": one["number"],
            "title": one["title"],
            "state": one["state"].upper(),
            "url": f"{self._base_url}/{repo['name']}/milestone/{one['number']}",
            "dueOn": one["due_on"],
            "createdAt": one["created_at"],
            "closedAt": one["closed_at"],
            "issues": self._items_field(issues),
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
        children = self._state.sub_issues(one)
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
            "parent": lambda _info: self._parent(one),
            "subIssues": connection(children, self._item),
            "subIssuesSummary": _summary(children),
        }

    def _parent(self, one: Item) -> Node | None:
        name, _, number = (one["parent"] or "").partition("#")
        return self._issue(self._state.repositories[name], int(number)) if name else None


def _summary(children: Sequence[Item]) -> Node:
    done = sum(one["state"] == "closed" for one in children)
    share = 100 * done // len(children) if children else 0
    return {"total": len(children), "completed": done, "percentCompleted": share}


def _state(one: Item) -> str:
    return "MERGED" if one["merged_at"] else str(one["state"]).upper()


def _reason(one: Item) -> Callable[..., str | None]:
    def resolve(_info: Any, enableDuplicate: bool = False) -> str | None:  # noqa: FBT001, FBT002, N803 - GitHub's name
        reason = str(one["state_reason"]).upper() if one["state_reason"] else None
        return "NOT_PLANNED" if reason == "DUPLICATE" and not enableDuplicate else reason

    return resolve
