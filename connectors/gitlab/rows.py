"""Convert GitLab's JSON to rows."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from config.message import Message
from config.tables import Column
from connectors.json_rows import instant
from connectors.protocol import Row, Value, require_type

Node = Mapping[str, Any]
"""One JSON object of an answer."""

_Field = Callable[[Node, tzinfo], Value]

_CATEGORIES = {"opened": "new", "locked": "indeterminate", "closed": "done", "merged": "done"}


def rows_of(columns: Sequence[Column], nodes: Sequence[Node], place: str, zone: tzinfo) -> list[Row]:
    """Convert objects read from a project or group to rows; days without a time are days of `zone`.

    Raises KeyError, TypeError or ValueError where they are not as GitLab documents.
    """
    fields = [(column, _FIELDS[column.name]) for column in columns]
    return [
        {column.name: _checked(column, make({**node, _PLACE: place}, zone)) for column, make in fields}
        for node in nodes
    ]


def identity(node: Node) -> object:
    """Return what tells an object from the others of its list. Raises KeyError."""
    return node["id"] if "id" in node else _page(node) or node["tag_name"]


_PLACE = "okrsync.place"
"""Key under which an object holds where it was read."""


def _plain(field: str) -> _Field:
    return lambda node, _zone: node.get(field)


def _time(field: str) -> _Field:
    return lambda node, zone: _instant(node.get(field), zone)


def _instant(text: object, zone: tzinfo) -> datetime | None:
    if text is None:
        return None
    found = instant(str(text), zone)
    if found is None:
        raise ValueError(Message("{text!r} is not a time", text=text))
    return found


def _inner(field: str, key: str) -> _Field:
    return lambda node, _zone: node[field][key] if node.get(field) else None


def _names(field: str) -> _Field:
    return lambda node, _zone: [str(one["username"]) for one in node[field]] if node.get(field) is not None else None


def _labels(node: Node, _zone: tzinfo) -> Value:
    return [str(one["name"] if isinstance(one, Mapping) else one) for one in node["labels"]]


def _reference(node: Node, _zone: tzinfo) -> Value:
    return str(node["references"]["full"])


def _project(node: Node, _zone: tzinfo) -> Value:
    if "references" not in node:
        return str(node[_PLACE])
    mark = "!" if "source_branch" in node else "#"
    return str(node["references"]["full"]).rpartition(mark)[0]


def _category(node: Node, _zone: tzinfo) -> Value:
    return _CATEGORIES[node["state"]]


def _lead_time(node: Node, zone: tzinfo) -> Value:
    """Return the hours from creation to the merge or, of an issue, to the closing."""
    end = _instant(node.get("merged_at" if "source_branch" in node else "closed_at"), zone)
    begin = _instant(node["created_at"], zone)
    return (end - begin).total_seconds() / 3600 if end and begin else None


def _tracked(field: str, *, zero: float | None) -> _Field:
    def hours(node: Node, _zone: tzinfo) -> Value:
        seconds = node["time_stats"][field]
        return seconds / 3600 if seconds else zero

    return hours


def _page(node: Node) -> str | None:
    return node.get("web_url") or (node.get("_links") or {}).get("self")


_FIELDS: Mapping[str, _Field] = {
    "id": _plain("id"),
    "key": _reference,
    "number": _plain("iid"),
    "project": _project,
    "title": _plain("title"),
    "name": _plain("name"),
    "state": _plain("state"),
    "status_category": _category,
    "status": _plain("status"),
    "type": _plain("issue_type"),
    "source": _plain("source"),
    "branch": _plain("ref"),
    "tag": _plain("tag_name"),
    "author": _inner("author", "username"),
    "assignees": _names("assignees"),
    "reviewers": _names("reviewers"),
    "labels": _labels,
    "milestone": _inner("milestone", "title"),
    "comments": _plain("user_notes_count"),
    "weight": _plain("weight"),
    "draft": _plain("draft"),
    "expired": _plain("expired"),
    "upcoming": _plain("upcoming_release"),
    "base_branch": _plain("target_branch"),
    "head_branch": _plain("source_branch"),
    "created": _time("created_at"),
    "updated": _time("updated_at"),
    "closed": _time("closed_at"),
    "merged": _time("merged_at"),
    "published": _time("released_at"),
    "start": _time("start_date"),
    "due": _time("due_date"),
    "lead_time_hours": _lead_time,
    "estimate_hours": _tracked("time_estimate", zero=None),
    "spent_hours": _tracked("total_time_spent", zero=0.0),
    "url": lambda node, _zone: _page(node),
}


def _checked(column: Column, value: Value) -> Value:
    require_type(column, value)
    if value is not None and column.values and value not in column.values:
        raise ValueError(Message("{name} is {value!r}", name=column.name, value=value))
    return value
