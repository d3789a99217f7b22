"""Jira endpoints of the sandbox, with the limits documented by Atlassian.

Each takes the site and the request and returns the body; a ValueError becomes HTTP 400 with its text.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.sandbox.jira.issue_json import history_json, issue_json
from connectors.sandbox.jira.issues import jira_time
from connectors.sandbox.jira.state import JiraState, page_token
from connectors.sandbox.server import Request

LARGEST_PAGE = 5000
LARGEST_BULK = 100
LARGEST_CHANGELOG = 1000
LARGEST_HISTORY_PAGE = 10_000
MOST_CHANGELOG_FIELDS = 10

_DEFAULT_PAGE = 50
_BAD_BODY = "Invalid request payload. Refer to the REST API documentation and try again."
_SEARCH = {
    "jql", "nextPageToken", "maxResults", "fields", "expand", "properties", "reconcileIssues", "fieldsByKeys",
}  # fmt: skip
_BULK = {"issueIdsOrKeys", "fields", "fieldsByKeys", "expand", "properties"}
_CHANGELOG = {"issueIdsOrKeys", "fieldIds", "maxResults", "nextPageToken"}
_SERVER_SEARCH = {"jql", "startAt", "maxResults", "fields", "expand", "properties", "validateQuery", "fieldsByKeys"}


def search_jql(state: JiraState, request: Request) -> Mapping[str, Any]:
    """Answer Cloud's search: token pages of 1 to 5000, only ids by default, shorter pages if fields are named."""
    asked = _asked(request, _SEARCH)
    size = _whole(asked, "maxResults", _DEFAULT_PAGE)
    if not 1 <= size <= LARGEST_PAGE:
        raise ValueError(f"The maxResults parameter must be between 1 and {LARGEST_PAGE}.")
    fields = _fields(asked)
    if not set(fields) <= {"id", "key"}:
        size = min(size, state.page_cap)
    found, walk, start = state.walk(str(asked.get("jql") or ""), str(asked.get("nextPageToken") or ""))
    site = state.site(request.base_url)
    page = [issue_json(issue, fields, site) for issue in found[start : start + size]]
    if start + size >= len(found):
        return {"issues": page, "isLast": True}
    return {"issues": page, "isLast": False, "nextPageToken": page_token(walk, start + size)}


def approximate_count(state: JiraState, request: Request) -> Mapping[str, Any]:
    """Answer Cloud's approximate count."""
    return {"count": len(state.select(str(_asked(request, {"jql"}).get("jql") or "")))}


def bulkfetch(state: JiraState, request: Request) -> Mapping[str, Any]:
    """Return up to 100 issues by id or key; missing ones are listed in `issueErrors`."""
    asked = _asked(request, _BULK)
    names = _ids(asked, LARGEST_BULK)
    site, fields = state.site(request.base_url), _fields(asked) or ["*navigable"]
    found = {name: state.find(name) for name in names}
    return {
        "expand": "names,schema",
        "issues": [issue_json(issue, ("key", *fields, "self"), site) for issue in found.values() if issue],
        "issueErrors": [{"id": name, "errorMessage": "Issue not found."} for name in names if not found[name]],
    }


def changelogs(state: JiraState, request: Request) -> Mapping[str, Any]:
    """Return the histories of up to 1000 issues and 10 fields, oldest first, in token pages.

    Issues without changes are omitted.
    """
    asked = _asked(request, _CHANGELOG)
    names, fields = _ids(asked, LARGEST_CHANGELOG), asked.get("fieldIds") or []
    if len(fields) > MOST_CHANGELOG_FIELDS:
        raise ValueError(f"fieldIds must hold at most {MOST_CHANGELOG_FIELDS} fields.")
    size = _whole(asked, "maxResults", LARGEST_HISTORY_PAGE)
    if not 1 <= size <= LARGEST_HISTORY_PAGE:
        raise ValueError(f"maxResults must be between 1 and {LARGEST_HISTORY_PAGE}.")
    size = min(size, state.history_cap)
    issues = {issue.id: issue for issue in map(state.find, names) if issue}
    found = sorted(
        (at, issue.id, name, old, new)
        for issue in issues.values()
        for at, name, old, new in issue.changelog
        if not fields or name in fields
    )
    start = _history_start(asked)
    logs: dict[int, list[Mapping[str, Any]]] = {}
    for at, id_, name, old, new in found[start : start + size]:
        logs.setdefault(id_, []).append(history_json(int(at.timestamp() * 1000), name, old, new))
    body = {"issueChangeLogs": [{"issueId": str(id_), "changeHistories": entries} for id_, entries in logs.items()]}
    return body | ({"nextPageToken": f"changes:{start + size}"} if start + size < len(found) else {})


def search(state: JiraState, request: Request) -> Mapping[str, Any]:
    """Answer Data Center's search: `startAt` pages with an exact total; `maxResults` 0 returns only the total."""
    asked = _asked(request, _SERVER_SEARCH)
    start = _whole(asked, "startAt", 0)
    size = min(_whole(asked, "maxResults", _DEFAULT_PAGE), state.page_cap)
    if start < 0 or size < 0:
        raise ValueError("startAt and maxResults must not be negative.")
    found = state.select(str(asked.get("jql") or ""))
    fields, site = _fields(asked) or ["*navigable"], state.site(request.base_url)
    page = [issue_json(issue, ("key", *fields, "self"), site) for issue in found[start : start + size]]
    if "changelog" in _expanded(asked):
        for body, issue in zip(page, found[start : start + size], strict=True):
            entries = [history_json(jira_time(at, state.zone), *change, cloud=False) for at, *change in issue.changelog]
            log = {"startAt": 0, "maxResults": len(entries), "total": len(entries), "histories": entries}
            body["changelog"] = log
    return {"expand": "schema,names", "startAt": start, "maxResults": size, "total": len(found), "issues": page}


def server_info(state: JiraState, request: Request) -> Mapping[str, Any]:
    """Return version and deployment type."""
    version = [1001, 0, 0] if state.cloud else [10, 3, 0]
    return {
        "baseUrl": request.base_url,
        "deploymentType": "Cloud" if state.cloud else "Server",
        "version": ".".join(map(str, version)),
        "versionNumbers": version,
        "serverTime": jira_time(state.now(), state.zone),
    }


def myself(state: JiraState, request: Request) -> Mapping[str, Any]:
    """Return the calling account with its time zone."""
    return {**(state.site(request.base_url).user("Sandbox") or {}), "emailAddress": state.email, "locale": "zh_TW"}


def _asked(request: Request, known: set[str]) -> dict[str, Any]:
    """Return the parameters from the body or the URL. Raises ValueError for unknown ones in a body."""
    if request.method != "POST":
        asked: dict[str, Any] = {name: values[0] for name, values in request.query.items()}
        lists = ("fields", "reconcileIssues", "properties")
        return asked | {name: list(request.query[name]) for name in lists if name in request.query}
    body = request.json()
    if not isinstance(body, dict) or set(body) - known or not isinstance(body.get("jql", ""), str | None):
        raise ValueError(_BAD_BODY)
    return body


def _whole(asked: Mapping[str, Any], name: str, default: int) -> int:
    value = asked.get(name)
    if isinstance(value, str) and value.lstrip("-").isdigit():
        value = int(value)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(_BAD_BODY)  # noqa: TRY004 - what a client sent is a value; it becomes HTTP 400
    return value


def _history_start(asked: Mapping[str, Any]) -> int:
    name, _, start = str(asked.get("nextPageToken") or "changes:0").partition(":")
    if name != "changes" or not start.isdigit():
        raise ValueError("The provided next page token is invalid or expired.")
    return int(start)


def _expanded(asked: Mapping[str, Any]) -> Sequence[str]:
    """Return the `expand` values of a search: a list in a body, comma-separated texts in a URL."""
    named = asked.get("expand") or []
    return [part.strip() for text in ([named] if isinstance(named, str) else named) for part in str(text).split(",")]


def _fields(asked: Mapping[str, Any]) -> Sequence[str]:
    fields = asked.get("fields") or []
    if not isinstance(fields, list) or not all(isinstance(name, str) for name in fields):
        raise ValueError(_BAD_BODY)
    return [part.strip() for name in fields for part in name.split(",")]


def _ids(asked: Mapping[str, Any], most: int) -> Sequence[str]:
    ids = asked.get("issueIdsOrKeys")
    if not isinstance(ids, list) or not ids:
        raise ValueError(_BAD_BODY)
    if len(ids) > most:
        raise ValueError(f"issueIdsOrKeys must hold at most {most} issues.")
    return [str(name) for name in ids]
