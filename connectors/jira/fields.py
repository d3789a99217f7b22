"""Convert Jira's fields to typed columns. A field of an unexpected form is an error, never a wrong value.

Fields that every issue has are required in the answer; fields that a site can hide may be missing and are None then.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta, tzinfo
from typing import Any

from config.dataclass import dataclass
from config.message import Message
from config.models import JiraConnection, JiraField
from config.tables import Column
from connectors.jira.columns import CATEGORIES, COLUMNS
from connectors.jira.flow import FLOW, Flow
from connectors.jira.values import (
    OddAnswerError,
    OddFieldError,
    has_levels,
    hours,
    instant,
    latest_sprint,
    odd,
    reader_of,
    text,
    texts,
)
from connectors.protocol import Value

Raw = Mapping[str, Any]
FLOW_FIELDS = ("status", "created", "resolutiondate")
"""Fields, besides the history, from which a Flow is computed."""

_NO_CATEGORY = "undefined"


@dataclass(frozen=True, slots=True)
class ColumnReader:
    """Reader of one column.

    Attributes:
        column: the column.
        asks: the fields to request.
        value: conversion of an issue. Raises OddFieldError.
        custom: id of the custom field, for a column of the config.
        any_level: whether the config leaves open which level of a cascading select is meant.
    """

    column: Column
    asks: tuple[str, ...]
    value: Callable[[Raw], Value]
    custom: str = ""
    any_level: bool = False


@dataclass(frozen=True, slots=True)
class SiteFields:
    """Ids of fields that differ between sites. Empty where the site has no such field, or no column needs it."""

    sprint: str = ""
    epic_link: str = ""
    named: Mapping[str, str] = field(default_factory=dict)
    """Ids of the fields that the config states by name."""


def columns_of(connection: JiraConnection | None) -> tuple[Column, ...]:
    """Return the columns; custom fields of the connection replace built-in columns of the same name."""
    custom = connection.fields if connection else {}
    own = [Column(name, field.type, _doc(field), note=_note(field)) for name, field in custom.items()]
    return (*(column for column in COLUMNS if column.name not in custom), *own)


def _doc(field: JiraField) -> str:
    if field.level in ("parent", "child"):
        return f"The {field.level} option of the cascading select {field.id}."
    return f"The custom field {field.id}."


def _note(field: JiraField) -> str:
    return Message("text, as set in `fields`") if field.type == "text" else ""


def readers(
    columns: Sequence[Column], connection: JiraConnection, site: SiteFields, zone: tzinfo
) -> tuple[ColumnReader, ...]:
    """Return one reader per column. A date without a time is midnight in `zone`, for `due` and custom fields."""
    return tuple(_reader(column, connection, site, zone) for column in columns)


def _reader(column: Column, connection: JiraConnection, site: SiteFields, zone: tzinfo) -> ColumnReader:
    stated = connection.fields.get(column.name)
    if stated:
        id_, read = site.named.get(stated.id, stated.id), reader_of(stated, zone)
        any_level = stated.type == "text" and stated.level is None
        return ColumnReader(column, (id_,), lambda issue: read(_field(issue, id_)), id_, any_level)
    if column.name == "due":
        return ColumnReader(column, ("duedate",), lambda issue: instant("duedate", _field(issue, "duedate"), zone))
    if column.name == "sprint":
        return ColumnReader(column, (site.sprint,), lambda issue: latest_sprint("sprint", _field(issue, site.sprint)))
    if column.name == "parent" and site.epic_link:
        return ColumnReader(column, ("parent", site.epic_link), lambda issue: _parent_or_epic(issue, site.epic_link))
    if column.name == "url":
        return ColumnReader(column, ("key",), lambda issue: f"{connection.url}/browse/{_top(issue, 'key')}")
    asks, value = _BUILT_IN[column.name]
    return ColumnReader(column, asks, value)


def chooses_levels(issue: Raw, name: str) -> bool:
    """Return whether both levels of a field, a cascading select, are chosen. Raises OddAnswerError."""
    return has_levels(_field(issue, name))


def has_field(issue: Raw, name: str) -> bool:
    """Return whether the issue has the field, even if it is empty. Raises OddAnswerError."""
    return name in _fields(issue)


def issue_id(issue: Any) -> str:
    """Return the id of an issue. Raises OddAnswerError."""
    if not isinstance(issue, dict):
        raise OddAnswerError(Message("an issue is not an object"))
    return _top(issue, "id")


def _top(issue: Raw, name: str) -> str:
    value = issue.get(name)
    if not isinstance(value, str) or not value:
        raise OddAnswerError(Message("an issue has no {name}", name=name))
    return value


def _fields(issue: Raw) -> Raw:
    fields = issue.get("fields")
    if not isinstance(fields, dict):
        raise OddAnswerError(Message("an issue has no fields"))
    return fields


def _field(issue: Raw, name: str, *, always: bool = False) -> object:
    fields = _fields(issue)
    if always and name not in fields:
        raise OddFieldError(Message("the field {name} is missing", name=name))
    return fields.get(name)


def _category(issue: Raw) -> str | None:
    return category_of(_field(issue, "status", always=True))


def category_of(status: object) -> str | None:
    """Return the category of a status object; None for Jira's "No Category". Raises OddFieldError."""
    category = status.get("statusCategory") if isinstance(status, dict) else None
    key = category.get("key") if isinstance(category, dict) else None
    if key == _NO_CATEGORY:
        return None
    if key not in CATEGORIES:
        raise OddFieldError(Message("the status has no category that Jira documents"))
    return str(key)


def _type_level(issue: Raw) -> int | None:
    kind = _field(issue, "issuetype", always=True)
    if not isinstance(kind, dict):
        raise odd("issuetype", kind, Message("an issue type"))
    level = kind.get("hierarchyLevel")
    if isinstance(level, int):
        return level
    return -1 if kind.get("subtask") is True else None


def lifetime(issue: Raw) -> tuple[datetime | None, datetime | None]:
    """Return when an issue was created and resolved. Raises OddFieldError."""
    created = instant("created", _field(issue, "created", always=True))
    return created, instant("resolutiondate", _field(issue, "resolutiondate", always=True))


def _lead_time(issue: Raw) -> float | None:
    created, resolved = lifetime(issue)
    return None if created is None or resolved is None else (resolved - created) / timedelta(hours=1)


def _flow(value: Callable[[Flow], Value]) -> tuple[tuple[str, ...], Callable[[Raw], Value]]:
    """Create the reader of a column from the Flow that is added to an issue when its history is read."""
    return FLOW_FIELDS, lambda issue: value(issue[FLOW])


def _parent_or_epic(issue: Raw, epic_link: str) -> Value:
    """Return the key of a sub-task's parent, or of the epic of another issue, as Data Center keeps them apart."""
    parent = _object_key("parent")(issue)
    return text(epic_link, _field(issue, epic_link)) if parent is None else parent


def _object_key(name: str, *, always: bool = False) -> Callable[[Raw], Value]:
    """Create a reader of the key of an object, such as a project or a parent."""

    def read(issue: Raw) -> str | None:
        value = _field(issue, name, always=always)
        if value is None and not always:
            return None
        key = value.get("key") if isinstance(value, dict) else None
        if not isinstance(key, str):
            raise odd(name, value, Message("an object with a key"))
        return key

    return read


def _plain(
    name: str, read: Callable[[str, object], Value], *, always: bool = False
) -> tuple[tuple[str, ...], Callable[[Raw], Value]]:
    return (name,), lambda issue: read(name, _field(issue, name, always=always))


_BUILT_IN: Mapping[str, tuple[tuple[str, ...], Callable[[Raw], Value]]] = {
    "key": (("key",), lambda issue: _top(issue, "key")),
    "id": ((), lambda issue: _top(issue, "id")),
    "type_level": (("issuetype",), _type_level),
    "project": (("project",), _object_key("project", always=True)),
    "type": _plain("issuetype", text, always=True),
    "status": _plain("status", text, always=True),
    "status_category": (("status",), _category),
    "summary": _plain("summary", text, always=True),
    "assignee": _plain("assignee", text),
    "reporter": _plain("reporter", text),
    "priority": _plain("priority", text),
    "labels": _plain("labels", texts),
    "components": _plain("components", texts),
    "fix_versions": _plain("fixVersions", texts),
    "affects_versions": _plain("versions", texts),
    "estimate_hours": _plain("timeoriginalestimate", hours),
    "spent_hours": _plain("timespent", hours),
    "remaining_hours": _plain("timeestimate", hours),
    "parent": (("parent",), _object_key("parent")),
    "resolution": _plain("resolution", text),
    "created": _plain("created", instant, always=True),
    "updated": _plain("updated", instant, always=True),
    "resolved": _plain("resolutiondate", instant, always=True),
    "lead_time_hours": (("created", "resolutiondate"), _lead_time),
    "started": _flow(lambda flow: flow.started),
    "cycle_time_hours": _flow(lambda flow: flow.cycle_time_hours),
    "hours_new": _flow(lambda flow: flow.hours_new),
    "hours_in_progress": _flow(lambda flow: flow.hours_in_progress),
}
