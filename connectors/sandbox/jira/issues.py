"""Issues of the Jira sandbox, with conversion from and to JSON and from CSV files."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

STORY_POINTS = "customfield_10016"
SPRINT = "customfield_10020"
EPIC_LINK = "customfield_10014"

CATEGORIES = {
    "to do": "new",
    "backlog": "new",
    "待辦事項": "new",
    "in progress": "indeterminate",
    "in review": "indeterminate",
    "進行中": "indeterminate",
    "done": "done",
    "closed": "done",
    "resolved": "done",
    "完成": "done",
}
"""Status to status category. Any other status is `indeterminate` (in progress)."""

_CSV_NAMES = {"key": "issuekey", "summary": "title", "story_points": "storypoint", "storypoints": "storypoint"}


@dataclass(frozen=True, slots=True)
class Sprint:
    """A sprint. `state` is future, active or closed."""

    id: int
    name: str
    state: str


@dataclass(slots=True)
class Issue:
    """One issue. Instants are aware; `changelog` holds (instant, field, from, to). `custom` is by field id.

    `estimate`, `spent` and `remaining` are in seconds.
    """

    id: int
    key: str
    summary: str
    created: datetime
    type: str = "Task"
    status: str = "To Do"
    updated: datetime | None = None
    resolved: datetime | None = None
    resolution: str | None = None
    due: date | None = None
    assignee: str | None = None
    reporter: str | None = None
    priority: str | None = "Medium"
    parent: str | None = None
    points: float | None = None
    description: str = ""
    labels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    fix_versions: tuple[str, ...] = ()
    affects_versions: tuple[str, ...] = ()
    estimate: int | None = None
    spent: int | None = None
    remaining: int | None = None
    sprints: tuple[Sprint, ...] = ()
    custom: dict[str, Any] = field(default_factory=dict)
    changelog: list[tuple[datetime, str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.status_category == "done" and self.resolved is None:
            self.resolved = self.updated or self.created
        if self.resolved is not None and self.resolution is None:
            self.resolution = "Done"
        if self.updated is None:
            self.updated = self.resolved or self.created

    @property
    def project(self) -> str:
        """Key of the project: the issue key without its number."""
        return self.key.rpartition("-")[0]

    @property
    def is_sub_task(self) -> bool:
        """Whether its parent is an issue of another type than Epic, which Data Center keeps in another field."""
        return self.type == "Sub-task"

    @property
    def status_category(self) -> str:
        """`new`, `indeterminate` or `done`."""
        return category_of(self.status)


def category_of(status: str) -> str:
    """Return the category of a status by its name."""
    return CATEGORIES.get(status.lower(), "indeterminate")


def issue_from_json(state: Mapping[str, Any], *, id_: int, now: datetime) -> Issue:
    """Create an issue from JSON values: `{"key": "CORE-1", "summary": "..."}`. Raises ValueError for invalid fields."""
    values = _values({"created": now.isoformat(), "id": id_, **state})
    if missing := {"key", "summary"} - set(values):
        raise ValueError(f"an issue needs {', '.join(sorted(missing))}")
    if not values["key"].rpartition("-")[0]:
        raise ValueError(f"{values['key']!r} is not a key; write PROJECT-1")
    return Issue(**values)


def change_issue(issue: Issue, state: Mapping[str, Any], now: datetime) -> None:
    """Set fields. A new status, sprint or estimate is kept in the changelog; a status sets `resolved` as well."""
    values = _values(state)
    was_done = issue.status_category == "done"
    for name, value in values.items():
        old = getattr(issue, name)
        if name in _LOGGED and old != value:
            issue.changelog.append((now, _LOGGED[name], _logged(old), _logged(value)))
        setattr(issue, name, {**old, **value} if name == "custom" else value)
    is_done = issue.status_category == "done"
    if is_done and not was_done and "resolved" not in values:
        issue.resolved = now
    if was_done and not is_done:
        issue.resolved = issue.resolution = None
    if issue.resolved is not None and issue.resolution is None:
        issue.resolution = "Done"
    if "updated" not in values:
        issue.updated = now


_LOGGED = {"status": "status", "sprints": SPRINT, "points": STORY_POINTS}
"""Fields whose changes are kept, as the changelog names them."""


def _logged(value: Any) -> str:
    """Return a value as a changelog has it: sprints as `1, 2`, a number or a name as text."""
    if isinstance(value, tuple):
        return ", ".join(str(sprint.id) for sprint in value)
    return f"{value:g}" if isinstance(value, float) else str(value or "")


def issue_to_json(issue: Issue) -> dict[str, Any]:
    """Convert an issue to JSON for `issue_from_json`, with instants in ISO 8601."""
    state: dict[str, Any] = {}
    for item in fields(issue):
        value = getattr(issue, item.name)
        if item.name == "sprints":
            value = [[sprint.id, sprint.name, sprint.state] for sprint in value]
        elif item.name == "changelog":
            value = [[at.isoformat(), name, old, new] for at, name, old, new in value]
        elif isinstance(value, date):
            value = value.isoformat()
        elif isinstance(value, tuple):
            value = list(value)
        state[item.name] = value
    return state


def _values(state: Mapping[str, Any]) -> dict[str, Any]:
    known = {item.name for item in fields(Issue)}
    if wrong := set(state) - known:
        raise ValueError(f"unknown field {min(wrong)!r}; an issue has {', '.join(sorted(known))}")
    values = dict(state)
    for name in ("created", "updated", "resolved"):
        if values.get(name) is not None:
            values[name] = _instant(str(values[name]))
    if values.get("due") is not None:
        values["due"] = date.fromisoformat(values["due"])
    for name in ("labels", "components", "fix_versions", "affects_versions"):
        if name in values:
            values[name] = tuple(map(str, values[name]))
    if "sprints" in values:
        values["sprints"] = tuple(Sprint(*sprint) for sprint in values["sprints"])
    if "changelog" in values:
        values["changelog"] = [(_instant(at), name, old, new) for at, name, old, new in values["changelog"]]
    return values


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def issues_from_csv(source: Path | str | Iterable[str], *, now: datetime | None = None) -> list[Issue]:
    """Read issues from a CSV file or its lines: issuekey, title, and optionally storypoint, status, type, ...

    Further columns: description, created, resolved (ISO 8601), labels (separated by white space), assignee. Others are
    ignored. The default of `created` is 30 days before `now`. Raises ValueError with the row, OSError.
    """
    if isinstance(source, str | Path):
        with Path(source).open(encoding="utf-8-sig", newline="") as lines:
            return issues_from_csv(lines, now=now)
    rows = csv.reader(source)
    header = [name.strip().lstrip("\ufeff").lower() for name in next(rows, [])]
    names = [_CSV_NAMES.get(name, name) for name in header]
    if missing := {"issuekey", "title"} - set(names):
        raise ValueError(f"the CSV has no column {', '.join(sorted(missing))}; it has {', '.join(header) or 'none'}")
    made = (now or datetime.now(UTC)) - timedelta(days=30)
    issues: dict[str, Issue] = {}
    for number, row in enumerate(rows, start=2):
        if not row:
            continue
        try:
            issue = _from_row(names, row, id_=10000 + len(issues), made=made)
        except ValueError as exc:
            raise ValueError(f"row {number}: {exc}") from exc
        if issue.key in issues:
            raise ValueError(f"row {number}: {issue.key} occurs twice")
        issues[issue.key] = issue
    return list(issues.values())


def _from_row(names: Sequence[str], row: Sequence[str], *, id_: int, made: datetime) -> Issue:
    if len(row) != len(names):
        raise ValueError(f"{len(row)} cells where the header has {len(names)}")
    cells = {name: text.strip() for name, text in zip(names, row, strict=True)}
    key = cells["issuekey"].upper()
    project, _, number = key.rpartition("-")
    if not project or not number.isdigit():
        raise ValueError(f"{key!r} is not an issue key")
    points, resolved = cells.get("storypoint"), cells.get("resolved")
    return Issue(
        id=id_,
        key=key,
        summary=" ".join(cells["title"].split()),
        created=_instant(cells["created"]) if cells.get("created") else made,
        type=cells.get("type") or "Story",
        status=cells.get("status") or ("Done" if resolved else "To Do"),
        resolved=_instant(resolved) if resolved else None,
        assignee=cells.get("assignee") or None,
        points=float(points) if points else None,
        description=cells.get("description", ""),
        labels=tuple(cells.get("labels", "").split()),
    )


_EXISTING: Mapping[str, Sequence[str]] = {
    "type": ("Bug", "Story", "Task", "Epic", "Sub-task"),
    "status": ("To Do", "In Progress", "In Review", "Done"),
    "statuscategory": ("new", "indeterminate", "done", "To Do", "In Progress", "2", "3", "4"),
    "priority": ("Highest", "High", "Medium", "Low", "Lowest"),
    "resolution": ("Done", "Won't Do", "Duplicate", "Cannot Reproduce"),
}


def known_values(issues: Iterable[Issue]) -> dict[str, set[str]]:
    """Return the values that exist on a site with these issues, by field, in lower case."""
    known = {name: {value.lower() for value in values} for name, values in _EXISTING.items()}
    for name in ("project", "component", "fixversion", "assignee", "reporter", "sprint"):
        known[name] = set()
    for issue in issues:
        for name in ("project", "type", "status", "priority", "resolution", "assignee", "reporter"):
            if value := getattr(issue, name):
                known[name].add(value.lower())
        known["component"].update(map(str.lower, issue.components))
        known["fixversion"].update(map(str.lower, issue.fix_versions))
        known["sprint"].update(text for sprint in issue.sprints for text in (sprint.name.lower(), str(sprint.id)))
    return known


def jira_time(instant: datetime, zone: ZoneInfo) -> str:
    """Format an instant like Jira: `2026-10-01T09:30:00.000+0800`."""
    local = instant.astimezone(zone)
    return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}{local:%z}"
