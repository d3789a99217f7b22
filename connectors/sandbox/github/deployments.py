"""Deployments of the GitHub sandbox's repositories as GraphQL has them."""

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.github.schema import Node, connection


def deployments(repo: Mapping[str, Any], base_url: str, repository: Callable[[], Node]) -> Callable[..., Node]:
    """Return a resolver for a repository's deployments; `repository` gives its node."""

    def resolve(
        info: Any,
        environments: list[str] | None = None,
        orderBy: Mapping[str, str] | None = None,  # noqa: N803 - GitHub's name
        **paging: Any,
    ) -> Node:
        found = [one for one in repo["deployments"] if environments is None or one["environment"] in environments]
        found.sort(key=lambda one: one["created_at"], reverse=bool(orderBy and orderBy["direction"] == "DESC"))
        return connection(found, node)(info, **paging)

    def node(one: Mapping[str, Any]) -> Node:
        log = f"{base_url}/{repo['name']}/actions/runs/{one['id']}"
        statuses = [{"state": state.upper(), "createdAt": at, "logUrl": log} for state, at in one["statuses"]]
        return {
            "id": f"DE_{one['id']}",
            "repository": lambda _info: repository(),
            "environment": one["environment"],
            "ref": {"name": one["ref"]} if one["ref"] else None,
            "commitOid": one["sha"],
            "creator": {"__typename": "User", "login": one["creator"]},
            "createdAt": one["created_at"],
            "latestStatus": statuses[-1] if statuses else None,
            "statuses": connection(statuses, dict),
        }

    return resolve
