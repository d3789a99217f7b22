"""Convert Jira's fields to typed columns. A field of an unexpected form is an error, never a wrong value.

Fields that every issue has are required in the answer; fields that a site can hide may be missing and are None then.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from typing import Any

from config.message import Message
from config.models import JiraConnection, JiraField
from config.tables import Column
from connectors.jira.columns import CATEGORIES, COLUMNS
from connectors.jira.flow import FLOW, Flow
from connectors.protocol import Row, Value

Raw = Mapping[str, Any]
SPRINT_TYPE = "com.pyxis.greenhopper.jira:gh-sprint"
"""`schema.custom` of the sprint field in the answer to `GET field`, on Cloud and on Data Center."""

FLOW_FIELDS = ("status", "created", "resolutiondate")
"""Fields, besides the history, from which a Flow is computed."""

_NO_CATEGORY = "undefined"
_DC_SPRINT = re.compile(r"\bid=(\d+),.*?\bname=(.*?),(?:startDate|endDate|goal|completeDate|sequence)=")


class OddFieldError(ValueError):
    """A field of an unexpected form. The message names the field and the form, never the value."""


class OddAnswerError(OddFieldError):
    """An issue of an unexpected form."""


@dataclass(frozen=True, slots=True)
class ColumnReader:
    """Reader of one column: `asks` are the fields to request, `value` converts an issue, `custom` is a custom field."""

    column: Column
    asks: tuple[str, ...]
    value: Callable[[Raw], Value]
    custom: str = ""


def columns_of(connection: JiraConnection | None) -> tuple[Column, ...]:
    """Return the columns; custom fields of the connection replace built-in columns of the same name."""
    custom = connection.fields if connection else {}
    own = [Column(name, field.type, f"The custom field {field.id}.") for name, field in custom.items()]
    return (*(column for column in COLUMNS if column.name not in custom), *own)


def readers(
    columns: Sequence[Column], connection: JiraConnection, sprint_field: str, zone: tzinfo
) -> tuple[ColumnReader, ...]:
    """Return one reader per column. `sprint_field` is the id of the site's sprint field, empty where it is not needed.

    A date without a time is midnight in `zone`, for `due` and custom fields.
    """
    return tuple(_reader(column, connection, sprint_field, zone) for column in columns)


def _reader(column: Column, connection: JiraConnection, sprint_field: str, zone: tzinfo) -> ColumnReader:
    field = connection.fields.get(column.name)
    if field:
        return ColumnReader(column, (field.id,), _custom(field, zone), field.id)
    if column.name == "due":
        return ColumnReader(column, ("duedate",), lambda issue: instant("duedate", _field(issue, "duedate"), zone))
    if column.name == "sprint":
        return ColumnReader(column, (sprint_field,), lambda issue: _sprint(_field(issue, sprint_field)))
    if column.name == "url":
        return ColumnReader(column, ("key",), lambda issue: f"{connection.url}/browse/{_top(issue, 'key')}")
    asks, value = _BUILT_IN[column.name]
    return ColumnReader(column, asks, value)


def row_of(issue: Raw, chosen: Sequence[ColumnReader]) -> Row:
    """Convert an issue to a row. Raises OddFieldError."""
    return {reader.column.name: reader.value(issue) for reader in chosen}


def has_field(issue: Raw, name: str) -> bool:
    """Return whether the issue has the field, even if it is empty. Raises OddAnswerError."""
    return name in _fields(issue)


def issue_id(issue: Any) -> str:
    """Return the id of an issue. Raises OddAnswerError."""
    if not isinstance(issue, Mapping):
        raise OddAnswerError(Message("an issue is no object"))
    return _top(issue, "id")


def _top(issue: Raw, name: str) -> str:
    value = issue.get(name)
    if not isinstance(value, str) or not value:
        raise OddAnswerError(Message("an issue has no {name}", name=name))
    return value


def _fields(issue: Raw) -> Raw:
    fields = issue.get("fields")
    if not isinstance(fields, Mapping):
        raise OddAnswerError(Message("an issue has no fields"))
    return fields


def _field(issue: Raw, name: str, *, always: bool = False) -> object:
    fields = _fields(issue)
    if always and name not in fields:
        raise OddFieldError(Message("the field {name} is missing", name=name))
    return fields.get(name)


def _odd(name: str, value: object, wanted: str) -> OddFieldError:
    kind = {
        bool: Message("a boolean"),
        int: Message("a number"),
        float: Message("a number"),
        str: "text",
        list: Message("a list"),
        dict: Message("an object"),
    }
    return OddFieldError(
        Message(
            "the field {name} is {value}, not {wanted}", name=name, value=kind.get(type(value), "empty"), wanted=wanted
        )
    )


def _text(name: str, value: object) -> str | None:
    """Return a text, or the name of an object such as an option, a user or a version. Raises OddFieldError."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        for inner in ("displayName", "name", "value", "key"):
            if isinstance(value.get(inner), str):
                return str(value[inner])
    raise _odd(name, value, "text")


def _list(name: str, value: object) -> list[str] | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise _odd(name, value, Message("a list"))
    texts = [_text(name, item) for item in value]
    if None in texts:
        raise OddFieldError(Message("the field {name} holds an empty entry", name=name))
    return [text for text in texts if text is not None]


def _number(name: str, value: object) -> float | int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _odd(name, value, Message("a number"))
    return value


def instant(name: str, value: object, zone: tzinfo = UTC) -> datetime | None:
    """Parse `2026-10-01T09:30:00.000+0800` or `2026-10-01` (midnight in `zone`) as UTC. Raises OddFieldError."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise _odd(name, value, Message("a date"))
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        raise _odd(name, value, Message("a date")) from None
    return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC)


def _custom(field: JiraField, zone: tzinfo) -> Callable[[Raw], Value]:
    dated: Callable[[str, object], Value] = partial(instant, zone=zone)
    read: Callable[[str, object], Value] = {"text": _text, "number": _number, "timestamp": dated, "list": _list}[
        field.type
    ]
    return lambda issue: read(field.id, _field(issue, field.id))


def _category(issue: Raw) -> str | None:
    return category_of(_field(issue, "status", always=True))


def category_of(status: object) -> str | None:
    """Return the category of a status object; None for Jira's "No Category". Raises OddFieldError."""
    category = status.get("statusCategory") if isinstance(status, Mapping) else None
    key = category.get("key") if isinstance(category, Mapping) else None
    if key == _NO_CATEGORY:
        return None
    if key not in CATEGORIES:
        raise OddFieldError(Message("the status has no category that Jira documents"))
    return str(key)


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


def _sprint(value: object) -> str | None:
    """Return the name of the sprint with the highest id: objects on Cloud, Java `toString` texts on Data Center."""
    if value is None:
        return None
    if not isinstance(value, list):
        raise _odd("sprint", value, Message("a list"))
    found: list[tuple[int, str]] = []
    for sprint in value:
        match = _DC_SPRINT.search(sprint) if isinstance(sprint, str) else None
        if match:
            found.append((int(match[1]), match[2]))
        elif isinstance(sprint, Mapping) and isinstance(sprint.get("id"), int) and isinstance(sprint.get("name"), str):
            found.append((sprint["id"], sprint["name"]))
        else:
            raise _odd("sprint", sprint, Message("a sprint"))
    return max(found)[1] if found else None


def _object_key(name: str, *, always: bool = False) -> Callable[[Raw], Value]:
    """Create a reader of the key of an object, such as a project or a parent."""

    def read(issue: Raw) -> str | None:
        value = _field(issue, name, always=always)
        if value is None and not always:
            return None
        key = value.get("key") if isinstance(value, Mapping) else None
        if not isinstance(key, str):
            raise _odd(name, value, Message("an object with a key"))
        return key

    return read


def _plain(
    name: str, read: Callable[[str, object], Value], *, always: bool = False
) -> tuple[tuple[str, ...], Callable[[Raw], Value]]:
    return (name,), lambda issue: read(name, _field(issue, name, always=always))


_BUILT_IN: Mapping[str, tuple[tuple[str, ...], Callable[[Raw], Value]]] = {
    "key": (("key",), lambda issue: _top(issue, "key")),
    "id": ((), lambda issue: _top(issue, "id")),
    "project": (("project",), _object_key("project", always=True)),
    "type": _plain("issuetype", _text, always=True),
    "status": _plain("status", _text, always=True),
    "status_category": (("status",), _category),
    "summary": _plain("summary", _text, always=True),
    "assignee": _plain("assignee", _text),
    "reporter": _plain("reporter", _text),
    "priority": _plain("priority", _text),
    "labels": _plain("labels", _list),
    "components": _plain("components", _list),
    "fix_versions": _plain("fixVersions", _list),
    "parent": (("parent",), _object_key("parent")),
    "resolution": _plain("resolution", _text),
    "created": _plain("created", instant, always=True),
    "updated": _plain("updated", instant, always=True),
    "resolved": _plain("resolutiondate", instant, always=True),
    "lead_time_hours": (("created", "resolutiondate"), _lead_time),
    "started": _flow(lambda flow: flow.started),
    "cycle_time_hours": _flow(lambda flow: flow.cycle_time_hours),
    "hours_new": _flow(lambda flow: flow.hours_new),
    "hours_in_progress": _flow(lambda flow: flow.hours_in_progress),
}
