"""Format issues as in Jira's REST API version 2."""

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from connectors.sandbox.jira.issues import EPIC_LINK, SPRINT, STORY_POINTS, Issue, Sprint, category_of, jira_time
from connectors.sandbox.jira.jql_match import CATEGORY_TEXTS

_COLORS = {"new": "blue-gray", "indeterminate": "yellow", "done": "green"}
_POINTS_TYPE = "com.atlassian.jira.plugin.system.customfieldtypes:float"
_SPRINT_TYPE = "com.pyxis.greenhopper.jira:gh-sprint"
_EPIC_LINK_TYPE = "com.pyxis.greenhopper.jira:gh-epic-link"
_SOFTWARE_FIELDS = (SPRINT, EPIC_LINK)
"""Fields that a site without Jira Software lacks."""

SPRINT_ORDERS: Mapping[str, Sequence[str]] = {
    "alphabet": (
        "activatedDate", "autoStartStop", "completeDate", "endDate", "goal", "id", "incompleteIssuesDestinationId",
        "name", "rapidViewId", "sequence", "startDate", "state", "synced",
    ),
    "id first": (
        "id", "rapidViewId", "state", "name", "startDate", "endDate", "completeDate", "sequence", "goal",
    ),
    "id last": ("rapidViewId", "state", "name", "startDate", "endDate", "completeDate", "sequence", "id"),
}  # fmt: skip
"""Orders in which versions of Data Center write the fields of a sprint."""


def issue_json(issue: Issue, wanted: Sequence[str], site: "Site") -> dict[str, Any]:
    """Format an issue with the requested fields; without fields only its id. Unknown fields are omitted."""
    names = {name.strip() for name in wanted}
    if names <= {"id"}:
        return {"id": str(issue.id)}
    body: dict[str, Any] = {"id": str(issue.id), "key": issue.key}
    if names <= {"id", "key"}:
        return body
    body["self"] = f"{site.base_url}/rest/api/2/issue/{issue.id}"
    everything = names & {"*all", "*navigable"}
    chosen = set(_FIELDS) | set(issue.custom) if everything else names
    chosen -= {name.removeprefix("-") for name in names if name.startswith("-")}
    body["fields"] = {name: _FIELDS[name](issue, site) for name in _FIELDS if name in chosen}
    body["fields"] |= {name: value for name, value in issue.custom.items() if name in chosen}
    for name in () if site.software else _SOFTWARE_FIELDS:
        body["fields"].pop(name, None)
    if issue.parent is None or not (site.cloud or issue.is_sub_task):
        body["fields"].pop("parent", None)
    return body


class Site:
    """Site properties in the JSON of an issue: address, time zone, deployment, Jira Software, order of sprint texts."""

    def __init__(
        self, base_url: str, zone: ZoneInfo, *, cloud: bool, software: bool = True, sprint_order: str = "alphabet"
    ) -> None:
        self.base_url = base_url
        self.zone = zone
        self.cloud = cloud
        self.software = software
        self.sprint_order = sprint_order

    def user(self, name: str | None) -> dict[str, Any] | None:
        """Format a user; None for no user."""
        if name is None:
            return None
        identity = {"accountId": f"account:{name}"} if self.cloud else {"name": name, "key": name}
        return {**identity, "displayName": name, "active": True, "timeZone": self.zone.key}

    def sprint(self, sprint: Sprint) -> object:
        """Format a sprint: an object on Cloud, the text of a Java object on Data Center."""
        if self.cloud:
            return {"id": sprint.id, "name": sprint.name, "state": sprint.state, "boardId": 1}
        values = {
            "id": str(sprint.id), "rapidViewId": "1", "state": sprint.state.upper(), "name": sprint.name,
            "sequence": str(sprint.id), "goal": "", "autoStartStop": "false", "synced": "false",
        }  # fmt: skip
        inner = ",".join(f"{name}={values.get(name, '<null>')}" for name in SPRINT_ORDERS[self.sprint_order])
        return f"com.atlassian.greenhopper.service.sprint.Sprint@1f{sprint.id}[{inner}]"


def _status_json(name: str) -> dict[str, Any]:
    category = category_of(name)
    id_, title = CATEGORY_TEXTS[category]
    inner = {"id": int(id_), "key": category, "colorName": _COLORS[category], "name": title}
    return {"name": name, "id": status_id(name), "statusCategory": inner}


def status_id(name: str) -> str:
    """Return a status's id, derived from its name, as the sandbox has no list of statuses."""
    return str(zlib.crc32(name.encode()))


def statuses_json(issues: Iterable[Issue]) -> list[dict[str, Any]]:
    """Return the body of `GET status`: every status that an issue has or had."""
    names = dict.fromkeys(("To Do", "In Progress", "In Review", "Done"))
    for issue in issues:
        names[issue.status] = None
        names.update({text: None for _, field, *texts in issue.changelog if field == "status" for text in texts})
    return [_status_json(name) for name in names]


def history_json(at: object, field: str, old: str, new: str, *, cloud: bool = True) -> dict[str, Any]:
    """Format one change; `at` is used as given. Data Center names a custom field by its name alone."""
    ids: dict[str, str | None] = {"from": None, "to": None}
    if field == "status":
        ids = {"from": status_id(old), "to": status_id(new)}
    elif field == SPRINT:
        ids = {"from": old, "to": new}
    name = _HISTORY_NAMES.get(field, field)
    kind = {"fieldtype": "custom" if name != field else "jira"} | ({"fieldId": field} if cloud else {})
    return {"created": at, "items": [{"field": name, **kind, **ids, "fromString": old, "toString": new}]}


_HISTORY_NAMES = {SPRINT: "Sprint", STORY_POINTS: "Story Points"}


def _named(name: str | None) -> dict[str, str] | None:
    return None if name is None else {"id": str(sum(map(ord, name))), "name": name}


def _type_json(name: str, site: Site) -> dict[str, Any]:
    """Format an issue type; only Cloud tells its level."""
    level = {"hierarchyLevel": _LEVELS.get(name, 0)} if site.cloud else {}
    return {**(_named(name) or {}), "subtask": name == "Sub-task", **level}


_LEVELS = {"Sub-task": -1, "Epic": 1, "Initiative": 2}
_FIELDS: Mapping[str, Callable[[Issue, Site], Any]] = {
    "summary": lambda issue, _: issue.summary,
    "description": lambda issue, _: issue.description or None,
    "project": lambda issue, _: {"id": "10000", "key": issue.project, "name": issue.project},
    "issuetype": lambda issue, site: _type_json(issue.type, site),
    "status": lambda issue, _: _status_json(issue.status),
    "assignee": lambda issue, site: site.user(issue.assignee),
    "reporter": lambda issue, site: site.user(issue.reporter),
    "priority": lambda issue, _: _named(issue.priority),
    "resolution": lambda issue, _: _named(issue.resolution),
    "labels": lambda issue, _: list(issue.labels),
    "components": lambda issue, _: [_named(name) for name in issue.components],
    "fixVersions": lambda issue, _: [_named(name) for name in issue.fix_versions],
    "versions": lambda issue, _: [_named(name) for name in issue.affects_versions],
    "timeoriginalestimate": lambda issue, _: issue.estimate,
    "timespent": lambda issue, _: issue.spent,
    "timeestimate": lambda issue, _: issue.remaining,
    "parent": lambda issue, _: {"key": issue.parent},
    "created": lambda issue, site: jira_time(issue.created, site.zone),
    "updated": lambda issue, site: jira_time(issue.updated or issue.created, site.zone),
    "resolutiondate": lambda issue, site: jira_time(issue.resolved, site.zone) if issue.resolved else None,
    "duedate": lambda issue, _: issue.due.isoformat() if issue.due else None,
    STORY_POINTS: lambda issue, _: issue.points,
    EPIC_LINK: lambda issue, _: None if issue.is_sub_task else issue.parent,
    SPRINT: lambda issue, site: [site.sprint(sprint) for sprint in issue.sprints] or None,
}


def fields_json(*, software: bool = True) -> list[dict[str, Any]]:
    """Return the body of `GET field`, with the fields of Jira Software or without."""
    system = [
        {"id": name, "key": name, "name": name, "custom": False, "clauseNames": [name], "schema": {"system": name}}
        for name in _FIELDS
        if not name.startswith("customfield_")
    ]
    return [
        *system,
        _custom_field(STORY_POINTS, "Story Points", "number", _POINTS_TYPE),
        *(
            [
                _custom_field(SPRINT, "Sprint", "array", _SPRINT_TYPE),
                _custom_field(EPIC_LINK, "Epic Link", "any", _EPIC_LINK_TYPE),
            ]
            if software
            else []
        ),
    ]


def _custom_field(id_: str, name: str, kind: str, custom: str) -> dict[str, Any]:
    number = int(id_.removeprefix("customfield_"))
    schema = {"type": kind, "custom": custom, "customId": number}
    return {
        "id": id_,
        "key": id_,
        "name": name,
        "custom": True,
        "clauseNames": [f"cf[{number}]", name],
        "schema": schema,
    }
