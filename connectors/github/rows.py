"""Map columns to GraphQL fields and answers to rows; only the fields that the columns need are requested."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from config.message import Message
from config.tables import Column, Table
from connectors.protocol import Row, Value, require_type

Node = Mapping[str, Any]
"""One JSON object of an answer."""

ENDED = "okrsync.ended"
"""Key under which a workflow run holds when it ended, where a column needs that; null where it is not known."""

_HISTORY = "latestStatus{state,createdAt} statuses(first:100){totalCount,nodes{state,createdAt}}"
_ENDS = ("SUCCESS", "FAILURE", "ERROR")
"""States of a deployment's status that are an end."""

_Field = tuple[str, Callable[[Node], Value]]
"""GraphQL fields of a column, and a function from the node to the column's value."""

_HEAD = re.compile(r"\W")


def whole(number: object) -> int:
    """Return a count. Raises TypeError for anything that is not a whole number of at least 0."""
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise TypeError(Message("a count came as {number!r}", number=number))
    return number


def instant(text: object) -> datetime | None:
    """Parse a GitHub timestamp as UTC; None for null. Raises ValueError."""
    return datetime.fromisoformat(str(text)).astimezone(UTC) if text is not None else None


def hours(start: object, end: object) -> float | None:
    """Return the hours between two GitHub timestamps; None where one is null. Raises ValueError."""
    first, last = instant(start), instant(end)
    return (last - first).total_seconds() / 3600 if first and last else None


def _plain(field: str) -> _Field:
    return field, lambda node: node.get(field)


def _time(field: str) -> _Field:
    return field, lambda node: instant(node.get(field))


def _lower(field: str, name: str) -> _Field:
    return field, lambda node: node[name].lower() if node[name] is not None else None


def _inner(field: str, key: str) -> _Field:
    return f"{field}{{{key}}}", lambda node: node[field][key] if node[field] is not None else None


def _names(field: str, key: str) -> _Field:
    # An issue holds at most 100 labels and 10 assignees, so one page is all of them.
    return f"{field}(first:100){{nodes{{{key}}}}}", lambda node: _texts(node[field], key)


def _texts(connection: Node | None, key: str) -> list[str] | None:
    return [str(one[key]) for one in connection["nodes"]] if connection is not None else None


def _total(alias: str, field: str) -> _Field:
    return f"{alias}:{field}{{totalCount}}", lambda node: node[alias]["totalCount"]


def _lead_time(end: str) -> _Field:
    return f"createdAt {end}", lambda node: hours(node["createdAt"], node[end])


def _share(node: Node) -> float | None:
    closed, opened = node["closed_issues"]["totalCount"], node["open_issues"]["totalCount"]
    return closed / (closed + opened) if closed + opened else None


def _issue_key(issue: Node | None) -> str | None:
    return f"{issue['repository']['nameWithOwner']}#{issue['number']}" if issue is not None else None


def _ran(run: Node) -> float | None:
    return hours(run.get("run_started_at"), run[ENDED])


def _of_status(deployment: Node, key: str, read: Callable[[Any], Value]) -> Value:
    """Return a part of a deployment's latest status; None where there is none."""
    value = deployment["latestStatus"][key] if deployment["latestStatus"] is not None else None
    return read(value) if value is not None else None


def _end(deployment: Node) -> Node | None:
    """Return the status by which a deployment ended: its latest one, or the last end of one that is inactive."""
    latest = deployment["latestStatus"]
    found = deployment["statuses"]["nodes"] if latest is not None and latest["state"] == "INACTIVE" else [latest]
    ends = [status for status in found if status is not None and status["state"] in _ENDS]
    return max(ends, key=lambda status: str(status["createdAt"]), default=None)


def _conclusion(deployment: Node) -> str | None:
    end = _end(deployment)
    return str(end["state"]).lower() if end is not None else None


def _ended(deployment: Node) -> str | None:
    end = _end(deployment)
    return end["createdAt"] if end is not None else None


_OPEN_ISSUES = _total("open_issues", "issues(states:OPEN)")
_CLOSED_ISSUES = _total("closed_issues", "issues(states:CLOSED)")
_ITEM: Mapping[str, _Field] = {
    "number": _plain("number"),
    "repository": _inner("repository", "nameWithOwner"),
    "title": _plain("title"),
    "state": _lower("state", "state"),
    "author": _inner("author", "login"),
    "assignees": _names("assignees", "login"),
    "labels": _names("labels", "name"),
    "milestone": _inner("milestone", "title"),
    "created": _time("createdAt"),
    "closed": _time("closedAt"),
    "updated": _time("updatedAt"),
    "comments": _inner("comments", "totalCount"),
    "url": _plain("url"),
}
_OF_DRAFTS = ("title", "assignees", "created", "updated")
_ISSUE: Mapping[str, _Field] = {
    **_ITEM,
    # Without the argument a duplicate is given as "not planned".
    "state_reason": _lower("stateReason(enableDuplicate:true)", "stateReason"),
    "lead_time_hours": _lead_time("closedAt"),
    "parent": ("parent{number,repository{nameWithOwner}}", lambda issue: _issue_key(issue["parent"])),
    "sub_issues_total": _inner("subIssuesSummary", "total"),
    "sub_issues_completed": _inner("subIssuesSummary", "completed"),
}
_PULL_REQUEST: Mapping[str, _Field] = {
    **_ITEM,
    "merged": _time("mergedAt"),
    "draft": _plain("isDraft"),
    "additions": _plain("additions"),
    "deletions": _plain("deletions"),
    "changed_files": _plain("changedFiles"),
    "reviews": _inner("reviews", "totalCount"),
    "base_branch": _plain("baseRefName"),
    "head_branch": _plain("headRefName"),
    "lead_time_hours": _lead_time("mergedAt"),
}
_FIELDS: Mapping[str, Mapping[str, _Field]] = {
    "issues": _ISSUE,
    "sub_issues": _ISSUE,
    "pull_requests": _PULL_REQUEST,
    "drafts": {**{name: _ITEM[name] for name in _OF_DRAFTS}, "author": ("author:creator{login}", _ITEM["author"][1])},
    # Beside issues, whose state is of another type, the field needs another name (GraphQL, 5.3.2).
    "project_pull_requests": {**_PULL_REQUEST, "state": _lower("pullState:state", "pullState")},
    "project_items": {
        "id": _plain("id"),
        "type": _lower("type", "type"),
        "archived": _plain("isArchived"),
        "added": _time("createdAt"),
    },
    "milestones": {
        "number": _plain("number"),
        "repository": _inner("repository", "nameWithOwner"),
        "title": _plain("title"),
        "state": _lower("state", "state"),
        "due": _time("dueOn"),
        "open_issues": _OPEN_ISSUES,
        "closed_issues": _CLOSED_ISSUES,
        "progress": (f"{_OPEN_ISSUES[0]} {_CLOSED_ISSUES[0]}", _share),
        "created": _time("createdAt"),
        "closed": _time("closedAt"),
        "url": _plain("url"),
    },
    "releases": {
        "repository": _inner("repository", "nameWithOwner"),
        "tag": _plain("tagName"),
        "name": _plain("name"),
        "draft": _plain("isDraft"),
        "prerelease": _plain("isPrerelease"),
        "created": _time("createdAt"),
        "published": _time("publishedAt"),
        "author": _inner("author", "login"),
        "url": _plain("url"),
    },
    "repositories": {
        "name": _plain("nameWithOwner"),
        "stars": _plain("stargazerCount"),
        "forks": _plain("forkCount"),
        "watchers": _inner("watchers", "totalCount"),
        "open_issues": _OPEN_ISSUES,
        "closed_issues": _CLOSED_ISSUES,
        "open_pull_requests": _total("open_pull_requests", "pullRequests(states:OPEN)"),
        "merged_pull_requests": _total("merged_pull_requests", "pullRequests(states:MERGED)"),
        "releases": _inner("releases", "totalCount"),
        "default_branch": _inner("defaultBranchRef", "name"),
        "archived": _plain("isArchived"),
        "created": _time("createdAt"),
        "pushed": _time("pushedAt"),
        "url": _plain("url"),
    },
    "deployments": {
        "id": _plain("id"),
        "repository": _inner("repository", "nameWithOwner"),
        "environment": _plain("environment"),
        "ref": _inner("ref", "name"),
        "sha": _plain("commitOid"),
        "author": ("creator{login}", lambda one: one["creator"]["login"] if one["creator"] is not None else None),
        "created": _time("createdAt"),
        "status": ("latestStatus{state}", lambda one: _of_status(one, "state", str.lower)),
        "updated": ("latestStatus{createdAt}", lambda one: _of_status(one, "createdAt", instant)),
        "conclusion": (_HISTORY, _conclusion),
        "ended": (_HISTORY, lambda one: instant(_ended(one))),
        "duration_hours": (f"createdAt {_HISTORY}", lambda one: hours(one["createdAt"], _ended(one))),
        "url": ("latestStatus{logUrl}", lambda one: _of_status(one, "logUrl", str)),
    },
    "workflow_runs": {
        "id": _plain("id"),
        "repository": ("", lambda run: run["repository"]["full_name"]),
        "workflow": ("", lambda run: str(run["path"]).partition("@")[0].rpartition("/")[2]),
        "event": _plain("event"),
        "branch": _plain("head_branch"),
        "status": _plain("status"),
        "conclusion": _plain("conclusion"),
        "created": _time("created_at"),
        "started": _time("run_started_at"),
        "updated": _time("updated_at"),
        "ended": _time(ENDED),
        "duration_hours": ("", _ran),
        "attempt": _plain("run_attempt"),
        "url": _plain("html_url"),
    },
}


_CONTENT = {"project_items": ("issues", "project_pull_requests", "drafts")}
"""Tables whose fields rows of a table may have as well."""


def columns_of(table: Table, names: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns of these names, ignoring case; without names, the table's `key` and `link`."""
    wanted = {name.lower() for name in names or (table.key, table.link)}
    return tuple(column for column in table.columns if column.name.lower() in wanted)


def selection(table: str, columns: Sequence[Column], *extra: str) -> str:
    """Return the GraphQL fields of these columns and the extra ones, each once."""
    fields = _FIELDS[table]
    asked = [field for column in columns for field in fields[column.name][0].split(" ")]
    return " ".join(dict.fromkeys([*asked, *extra]))


def columns_with(table: str, columns: Sequence[Column], field: str) -> tuple[Column, ...]:
    """Return the columns that need a GraphQL field of the rows' type, given by its name or alias."""
    tables = [_FIELDS[name] for name in (table, *_CONTENT.get(table, ()))]

    def heads(column: Column) -> set[str]:
        stated = [fields[column.name][0] for fields in tables if column.name in fields]
        return {_HEAD.split(part, maxsplit=1)[0] for text in stated for part in text.split(" ")}

    return tuple(column for column in columns if field in heads(column))


def columns_in(table: str, columns: Sequence[Column]) -> tuple[Column, ...]:
    """Return the columns that rows of a table have."""
    return tuple(column for column in columns if column.name in _FIELDS[table])


def row_of(table: str, columns: Sequence[Column], node: Node) -> Row:
    """Convert a node to the columns that its table has. Raises KeyError, TypeError or ValueError, as `rows_of` does."""
    return rows_of(table, columns_in(table, columns), [node])[0]


def rows_of(table: str, columns: Sequence[Column], nodes: Sequence[Node]) -> list[Row]:
    """Convert nodes to rows. Raises KeyError, TypeError or ValueError where an answer is not as documented."""
    fields = _FIELDS[table]
    pairs = [(column, fields[column.name][1]) for column in columns]
    return [{column.name: require_type(column, make(node)) for column, make in pairs} for node in nodes]
