"""Convert the fields of projects to typed columns, by their names.

A field that the project does not have, or that is of another type than stated, is an error of its column alone.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from config.dataclass import dataclass
from config.errors import SourceError
from config.message import Message
from config.models import GitHubField
from config.suggest import did_you_mean
from config.tables import Column
from connectors.github.client import GitHubClient
from connectors.github.errors import EFFECT
from connectors.github.rows import Node
from connectors.protocol import Value, require_type

BUILT_IN: Mapping[str, GitHubField] = {"status": GitHubField(name="Status", type="text")}
"""Fields that are columns without being named in the config."""

_VALUES = {
    "number": "...on ProjectV2ItemFieldNumberValue{number}",
    "text": "...on ProjectV2ItemFieldTextValue{text} ...on ProjectV2ItemFieldSingleSelectValue{name} "
    "...on ProjectV2ItemFieldIterationValue{title}",
    "timestamp": "...on ProjectV2ItemFieldDateValue{date} ...on ProjectV2ItemFieldIterationValue{startDate duration}",
    "list": "...on ProjectV2ItemFieldMultiSelectValue{options{name}}",
}
_ISSUE_VALUE = "ProjectV2ItemIssueFieldValue"
"""Value of an issue field: a field of the organisation's issues, which a project may show as one of its own."""

_ISSUE_VALUES = {
    "number": "...on IssueFieldNumberValue{number:value}",
    "text": "...on IssueFieldTextValue{text:value} ...on IssueFieldSingleSelectValue{name}",
    "timestamp": "...on IssueFieldDateValue{date:value}",
    "list": "...on IssueFieldMultiSelectValue{options{name}}",
}
_TYPES = {
    "NUMBER": "number",
    "TEXT": "text",
    "SINGLE_SELECT": "text",
    "ITERATION": "text",
    "DATE": "timestamp",
    "MULTI_SELECT": "list",
}
"""The type that each of GitHub's types of fields is read as; an iteration's ends are timestamps as well."""

_KINDS = {
    "NUMBER": Message("a number"),
    "TEXT": Message("a text"),
    "SINGLE_SELECT": Message("a single select"),
    "ITERATION": Message("an iteration"),
    "DATE": Message("a date"),
    "MULTI_SELECT": Message("a multi select"),
}


_WANTED = {
    "number": _KINDS["NUMBER"],
    "text": _KINDS["TEXT"],
    "timestamp": _KINDS["DATE"],
    "list": _KINDS["MULTI_SELECT"],
}


class OddValueError(TypeError):
    """A value of another type than that of its field."""


@dataclass(frozen=True, slots=True)
class FieldColumn:
    """A column of a project's field. In the query, the field's values are those of `alias`."""

    column: Column
    field: GitHubField
    alias: str

    def selection(self, *, issue_fields: bool) -> str:
        """Return the GraphQL fields of an item; the variable of the alias's name is the field's name.

        `issue_fields` asks for the values of issue fields as well, which only newer servers know.
        """
        more = f" ...on {_ISSUE_VALUE}{{issueFieldValue{{__typename {_ISSUE_VALUES[self.field.type]}}}}}"
        values = _VALUES[self.field.type] + (more if issue_fields else "")
        return f"{self.alias}:fieldValueByName(name:${self.alias}){{__typename {values}}}"

    def is_issue_field(self, item: Node) -> bool:
        """Return whether the item has a value of an issue field that was not asked for. Raises KeyError, TypeError."""
        given = item[self.alias]
        return given is not None and given["__typename"] == _ISSUE_VALUE and "issueFieldValue" not in given

    def value(self, item: Node, zone: tzinfo) -> Value:
        """Return the value of an item; a date is midnight in `zone`. Raises KeyError, TypeError or ValueError."""
        given = item[self.alias]
        return None if given is None else require_type(self.column, _value(self.field, given, zone))


def field_columns(columns: Sequence[Column], fields: Mapping[str, GitHubField]) -> list[FieldColumn]:
    """Return the columns that are fields of projects."""
    known = {**BUILT_IN, **fields}
    named = [column for column in columns if column.name in known]
    return [FieldColumn(column, known[column.name], f"f{n}") for n, column in enumerate(named)]


def _value(field: GitHubField, given: Mapping[str, Any], zone: tzinfo) -> Value:
    kind = given["__typename"]
    if kind == _ISSUE_VALUE:
        if (given := given["issueFieldValue"]) is None:
            return None
        kind = f"ProjectV2Item{str(given['__typename']).removeprefix('Issue')}"  # each has a namesake
    match kind:
        case "ProjectV2ItemFieldNumberValue" if field.type == "number":
            return given["number"]  # type: ignore[no-any-return]  # checked against the column's type
        case "ProjectV2ItemFieldTextValue" if field.type == "text":
            return given["text"]  # type: ignore[no-any-return]
        case "ProjectV2ItemFieldSingleSelectValue" if field.type == "text":
            return given["name"]  # type: ignore[no-any-return]
        case "ProjectV2ItemFieldIterationValue" if field.type == "text":
            return given["title"]  # type: ignore[no-any-return]
        case "ProjectV2ItemFieldIterationValue" if field.part:
            days = given["duration"] if field.part == "end" else 0
            return _midnight(given["startDate"], days, zone)
        case "ProjectV2ItemFieldDateValue" if field.type == "timestamp":
            return _midnight(given["date"], 0, zone) if given["date"] is not None else None
        case "ProjectV2ItemFieldMultiSelectValue" if field.type == "list":
            return [str(option["name"]) for option in given["options"] or ()]
        case other:
            raise OddValueError(str(other))


def _midnight(day: str, days: int, zone: tzinfo) -> datetime:
    """Return the midnight that begins the day which is so many days after `day`."""
    return datetime.combine(date.fromisoformat(day) + timedelta(days=days), time(), zone).astimezone(UTC)


class ProjectFields:
    """The fields that a project has, by their names."""

    def __init__(self, client: GitHubClient, about: str, nodes: Sequence[Node | None]) -> None:
        """Take the nodes of its `fields`. Raises KeyError or TypeError."""
        self._client = client
        self._about = about
        self._types = {str(node["name"]): str(node["dataType"]) for node in nodes if node is not None}

    def name_of(self, stated: str) -> str:
        """Return the name as the project spells it, where it has one such field; else the stated one."""
        alike = [name for name in self._types if name.lower() == stated.lower()]
        return alike[0] if len(alike) == 1 else stated

    def error_of(self, column: FieldColumn) -> SourceError | None:
        """Return why the field cannot be read as its column is stated; None where it can."""
        field, place = column.field, f"connections.{self._client.name}.fields.{column.column.name}"
        name = self.name_of(field.name)
        if name not in self._types:
            return self._unknown(name, place)
        found = self._types[name]
        kind = _KINDS.get(found, Message("a field of type {type}", type=found))
        if found == "ITERATION" and field.type == "timestamp":
            if field.part:
                return None
            saw = Message("the field '{name}' is an iteration, which has a start and an end", name=name)
            return self._error(place, saw, Message("Write `part: start` or `part: end` in {place}.", place=place))
        if _TYPES.get(found) == field.type and not field.part:
            return None
        wanted = Message("an end of an iteration") if field.part else _WANTED[field.type]
        saw = Message("the field '{name}' is {kind}, not {wanted}", name=name, kind=kind, wanted=wanted)
        if found not in _TYPES:
            advice = Message("Use one of the columns that `okrsync sources github.project_items` lists.")
            return self._error(place, saw, advice)
        if field.part:
            advice = Message("Write `type: {type}` without `part` in {place}.", type=_TYPES[found], place=place)
        else:
            advice = Message("Write `type: {type}` in {place}.", type=_TYPES[found], place=place)
        return self._error(place, saw, advice)

    def odd_value(self, column: FieldColumn, kind: str) -> SourceError:
        """Return the error for a value of another type than that of its field, such as a field of issues."""
        place = f"connections.{self._client.name}.fields.{column.column.name}"
        saw = Message("values of the field '{name}' are of type {kind}", name=column.field.name, kind=kind)
        advice = Message("okrsync does not read such fields: leave the column `{name}` out.", name=column.column.name)
        return self._error(place, saw, advice)

    def _unknown(self, name: str, place: str) -> SourceError:
        meant, names = did_you_mean(name, self._types), sorted(self._types)
        saw = Message("the project has no field '{name}'{meant} (it has {names})", name=name, meant=meant, names=names)
        return self._error(place, saw, Message("Correct the name in {place}.", place=place))

    def _error(self, place: str, saw: str, advice: str) -> SourceError:
        doing = Message("{about}, for {place}", about=self._about, place=place)
        return SourceError(self._client.faults.doing(doing), saw, effect=EFFECT, advice=advice)
