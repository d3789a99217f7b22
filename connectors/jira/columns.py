"""Columns of the table `jira.issues`, and which of them need the history of issues."""

from collections.abc import Container, Iterable

from config.tables import Column, QueryKey
from connectors.grids.columns import DATES_KEY, NUMBERS_KEY

CATEGORIES = ("new", "indeterminate", "done")

_UNTIL = "up to its resolution, or to the run while unresolved. Reads history"

COLUMNS = (
    Column("key", "text", "The issue's key, such as CORE-12. It changes when an issue moves to another project."),
    Column("id", "text", "The issue's number inside Jira; it never changes."),
    Column("project", "text", "The project's key."),
    Column("type", "text", "The issue type's name, such as Bug."),
    Column(
        "type_level",
        "integer",
        "The level of the issue type: -1 sub-tasks, 0 stories, bugs and tasks, 1 epics, 2 and more above them. On Data "
        "Center -1 for sub-tasks, else unknown.",
    ),
    Column("status", "text", "The status's name, in the account's language."),
    Column(
        "status_category",
        "text",
        "What the status means in every language and workflow: new (To Do), indeterminate (In Progress) or done.",
        values=CATEGORIES,
    ),
    Column("summary", "text", "The issue's title."),
    Column("assignee", "text", "The display name of who works on it."),
    Column("reporter", "text", "The display name of who reported it."),
    Column("priority", "text", "The priority's name."),
    Column("labels", "list", "Its labels."),
    Column("components", "list", "The names of its components."),
    Column("fix_versions", "list", "The names of its fix versions."),
    Column("affects_versions", "list", "The names of the versions it affects."),
    Column(
        "parent",
        "text",
        "The key of its parent or epic. Asks Data Center once for the id of the Epic Link.",
    ),
    Column("sprint", "text", "The name of its latest sprint (highest number). Asks Jira once for the field's id."),
    Column("resolution", "text", "The resolution's name, unknown while unresolved."),
    Column("created", "timestamp", "When it was created."),
    Column("updated", "timestamp", "When it was last changed."),
    Column("resolved", "timestamp", "When it was resolved, unknown while unresolved."),
    Column("due", "timestamp", "Its due date, as midnight in the workspace's time zone."),
    Column("estimate_hours", "number", "Its original estimate, without those of sub-tasks.", unit="hours"),
    Column("spent_hours", "number", "The work logged on it, without that on sub-tasks.", unit="hours"),
    Column("remaining_hours", "number", "Its remaining estimate, without those of sub-tasks.", unit="hours"),
    Column("lead_time_hours", "number", "From created to resolved, unknown while unresolved.", unit="hours"),
    Column(
        "started",
        "timestamp",
        "When it first came into a status of the category indeterminate, unknown if it never did. Reads history.",
    ),
    Column(
        "cycle_time_hours",
        "number",
        "From started to resolved, unknown while unresolved or where it was never in progress. Reads history.",
        unit="hours",
    ),
    Column("hours_new", "number", f"How long it was in statuses of the category new, {_UNTIL}.", unit="hours"),
    Column(
        "hours_in_progress",
        "number",
        f"How long it was in statuses of the category indeterminate, {_UNTIL}.",
        unit="hours",
    ),
    Column("url", "text", "Its page in Jira."),
)

CUSTOM_FIELDS = (
    "custom fields are columns once the connection's `fields` name them, by the type stated there:",
    "  number     a number field, story points",
    "  text       a text or a link; a single choice, user, group, version, project or team by its name; a cascading",
    "             select as `Parent > Child` (`level: both`) or one of the two (`level: parent`, `level: child`);",
    "             texts that hold numbers or dates are read as such where a measure states `types`",
    "  timestamp  a date picker (midnight in the workspace's time zone) or a date time picker",
    "  list       labels; checkboxes, several choices, users, groups, versions or sprints by their names",
)
"""How custom fields become columns, for people."""

TYPE_KEYS = (
    QueryKey(
        "types",
        "Types of custom fields of `type: text`, such as {budget: number, due_text: date DMY}; default: text.",
        required=False,
    ),
    NUMBERS_KEY,
    DATES_KEY,
)
"""Query keys by which a measure reads custom text fields as numbers or dates."""

HISTORY_COLUMNS = frozenset({"started", "cycle_time_hours", "hours_new", "hours_in_progress"})
"""Columns computed from an issue's changes of status."""


def needs_history(names: Iterable[str], custom: Container[str]) -> bool:
    """Return whether a column needs history; a custom field of the same name replaces the built-in column."""
    return any(name.lower() in HISTORY_COLUMNS and name.lower() not in custom for name in names)
