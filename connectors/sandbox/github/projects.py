"""Projects (Projects v2) of the GitHub sandbox: their fields and items as GraphQL has them.

A project is plain JSON: `title`, `fields` (GitHub's types by name) and `items`. An item has an `id`, its `content` (the
`owner/name#number` of an issue or pull request, or a draft), `values` of fields by name, `archived` and `added_at`; the
token does not see the content of one that is `hidden`. `issue_fields` names those of its fields that are the
organisation's.
"""

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.github.schema import Node, connection

ARCHIVED = {True: "ARCHIVED", False: "NOT_ARCHIVED"}
_CONFIGURATIONS = {"SINGLE_SELECT": "ProjectV2SingleSelectField", "ITERATION": "ProjectV2IterationField"}
_VALUES: Mapping[str, Callable[[Any], Node]] = {
    "NUMBER": lambda value: {"__typename": "ProjectV2ItemFieldNumberValue", "number": value},
    "TEXT": lambda value: {"__typename": "ProjectV2ItemFieldTextValue", "text": value},
    "SINGLE_SELECT": lambda value: {"__typename": "ProjectV2ItemFieldSingleSelectValue", "name": value},
    "DATE": lambda value: {"__typename": "ProjectV2ItemFieldDateValue", "date": value},
    "MULTI_SELECT": lambda value: {
        "__typename": "ProjectV2ItemFieldMultiSelectValue",
        "options": [{"name": each} for each in value],
    },
    "ITERATION": lambda value: {
        "__typename": "ProjectV2ItemFieldIterationValue",
        "title": value["title"],
        "startDate": value["start"],
        "duration": value["days"],
    },
}


def item(id_: int, content: str | Mapping[str, Any], values: Mapping[str, Any], **given: Any) -> dict[str, Any]:
    """Create an item with defaults; a draft is given by its title and more of its own."""
    return {
        "id": id_,
        "content": content,
        "values": dict(values),
        "archived": False,
        "hidden": False,
        "added_at": "2026-10-01T00:00:00Z",
        **given,
    }


def project_node(project: Mapping[str, Any], number: int, url: str, content: Callable[[str], Node | None]) -> Node:
    """Return a project for GraphQL; `content` gives the node of an issue or pull request."""

    def items(info: Any, archivedStates: list[str] | None = None, **paging: Any) -> Node:  # noqa: N803 - GitHub's name
        wanted = archivedStates or [ARCHIVED[False]]
        found = [one for one in project["items"] if ARCHIVED[one["archived"]] in wanted]
        return connection(found, lambda one: _item(project, one, content))(info, **paging)

    fields = [
        {"__typename": _CONFIGURATIONS.get(kind, "ProjectV2Field"), "name": name, "dataType": kind}
        for name, kind in project["fields"].items()
    ]
    named = {"number": number, "title": project["title"], "url": url}
    return {**named, "fields": connection(fields, dict), "items": items}


def _item(project: Mapping[str, Any], one: Mapping[str, Any], content: Callable[[str], Node | None]) -> Node:
    held = one["content"]
    node = None if one["hidden"] else content(held) if isinstance(held, str) else _draft(held)
    kinds = {"Issue": "ISSUE", "PullRequest": "PULL_REQUEST", "DraftIssue": "DRAFT_ISSUE"}
    return {
        "__typename": "ProjectV2Item",
        "id": f"PVTI_{one['id']}",
        "type": kinds[node["__typename"]] if node is not None else "REDACTED",
        "isArchived": one["archived"],
        "createdAt": one["added_at"],
        "updatedAt": one["added_at"],
        "content": node,
        "fieldValueByName": lambda _info, name: _value(project, one["values"], name),
    }


def _value(project: Mapping[str, Any], values: Mapping[str, Any], name: str) -> Node | None:
    """Return a field's value. The name has to be spelled as the field's is, which GitHub leaves open."""
    value, kind = values.get(name), project["fields"].get(name, "")
    if value is None or kind not in _VALUES:
        return None
    made = _VALUES[kind](value)
    if name not in project.get("issue_fields", ()):
        return made
    type_ = made["__typename"].replace("ProjectV2Item", "Issue")
    of_issue = {**made, "__typename": type_, "value": value}
    return {"__typename": "ProjectV2ItemIssueFieldValue", "issueFieldValue": of_issue}


def _draft(draft: Mapping[str, Any]) -> Node:
    created = draft.get("created_at", "2026-10-01T00:00:00Z")
    author = draft.get("author")
    return {
        "__typename": "DraftIssue",
        "title": draft["title"],
        "creator": {"__typename": "User", "login": author} if author else None,
        "createdAt": created,
        "updatedAt": draft.get("updated_at", created),
        "assignees": connection(draft.get("assignees", []), lambda login: {"login": login}),
    }
