"""Evaluate a parsed JQL query: select and order the matching issues."""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from connectors.sandbox.jira.issues import STORY_POINTS, Issue
from connectors.sandbox.jira.jql import Clause, Function, JqlError, Node, Not, Query, Value
from connectors.sandbox.jira.jql_dates import World, no_function, read_instant

Matches = Callable[[Issue], bool]

CATEGORY_TEXTS = {"new": ("2", "To Do"), "indeterminate": ("4", "In Progress"), "done": ("3", "Done")}
"""(id, English name) by the key of a status category."""

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


_NAMES: Mapping[str, Callable[[Issue], Sequence[str]]] = {
    "project": lambda issue: (issue.project,),
    "type": lambda issue: (issue.type,),
    "status": lambda issue: (issue.status,),
    "statuscategory": lambda issue: (issue.status_category, *CATEGORY_TEXTS[issue.status_category]),
    "resolution": lambda issue: _some(issue.resolution),
    "priority": lambda issue: _some(issue.priority),
    "labels": lambda issue: issue.labels,
    "component": lambda issue: issue.components,
    "fixversion": lambda issue: issue.fix_versions,
    "assignee": lambda issue: _some(issue.assignee),
    "reporter": lambda issue: _some(issue.reporter),
    "sprint": lambda issue: [text for sprint in issue.sprints for text in (sprint.name, str(sprint.id))],
    "parent": lambda issue: _some(issue.parent),
    "sub-task of": lambda issue: _some(issue.parent) if issue.is_sub_task else (),
    "epic link": lambda issue: () if issue.is_sub_task else _some(issue.parent),
    "key": lambda issue: (issue.key,),
    "id": lambda issue: (str(issue.id),),
}
_ORDERED: Mapping[str, Callable[[Issue], datetime | date | float | None]] = {
    "created": lambda issue: issue.created,
    "updated": lambda issue: issue.updated,
    "resolved": lambda issue: issue.resolved,
    "due": lambda issue: issue.due,
    "story points": lambda issue: issue.points,
}
_TEXTS: Mapping[str, Callable[[Issue], str]] = {
    "summary": lambda issue: issue.summary,
    "text": lambda issue: f"{issue.summary}\n{issue.description}",
}
_ALIASES = {
    "issuekey": "key",
    "issue": "key",
    "issuetype": "type",
    "resolutiondate": "resolved",
    "duedate": "due",
    f"cf[{STORY_POINTS.removeprefix('customfield_')}]": "story points",
}
_UNCHECKED = ("labels", "id", "parent", "epic link")
_SOFTWARE = ("sprint", "epic link")


def select(query: Query, issues: Iterable[Issue], world: World) -> list[Issue]:
    """Return the matching issues in the requested order, else in their own. Raises JqlError."""
    keys = [(_sort_key(name), descending) for name, descending in query.order]
    matches = compile_node(query.where, world) if query.where else lambda _: True
    found = [issue for issue in issues if matches(issue)]
    for key, descending in reversed(keys):
        found.sort(key=key, reverse=descending)
        found.sort(key=lambda issue, key=key: key(issue)[0])  # type: ignore[misc]
    return found


def compile_node(node: Node, world: World, *, negate: bool = False) -> Matches:
    """Compile a query tree to a predicate. Negation applies to the conditions: `NOT x = 1` excludes empty fields."""
    if isinstance(node, Not):
        return compile_node(node.part, world, negate=not negate)
    if isinstance(node, Clause):
        return _clause(node, world, negate=negate)
    parts = [compile_node(part, world, negate=negate) for part in node.parts]
    if (node.operator == "and") != negate:
        return lambda issue: all(part(issue) for part in parts)
    return lambda issue: any(part(issue) for part in parts)


def _clause(clause: Clause, world: World, *, negate: bool) -> Matches:
    if clause.field.lower() == "filter" and clause.operator == "=":
        return _filter(clause, world, negate=negate)
    name = canonical(clause.field)
    if name in _SOFTWARE and not world.software:
        raise _no_field(clause.field)
    if name in _TEXTS:
        return _text(name, clause, negate=negate)
    if clause.operator == "~" or (name in _NAMES and clause.operator in ("<", "<=", ">", ">=")):
        raise _unsupported(clause)
    if name in _NAMES:
        return _named(name, clause, world, negate=negate)
    return _ordered(name, clause, world, negate=negate)


def _filter(clause: Clause, world: World, *, negate: bool) -> Matches:
    operand = clause.operands[0]
    query = world.filters.get(operand.text) if isinstance(operand, Value) else None
    if query is None or query.where is None:
        shown = operand.text if isinstance(operand, Value) else "EMPTY"
        raise JqlError(f"The value '{shown}' does not exist for the field 'filter'.")
    return compile_node(query.where, world, negate=negate)


def canonical(field: str) -> str:
    """Return the canonical name of a field. Raises JqlError for a field that does not exist."""
    name = _ALIASES.get(field.lower(), field.lower())
    if name in _NAMES or name in _ORDERED or name in _TEXTS:
        return name
    raise _no_field(field)


def _no_field(field: str) -> JqlError:
    return JqlError(f"Field '{field}' does not exist or you do not have permission to view it.")


def _named(name: str, clause: Clause, world: World, *, negate: bool) -> Matches:
    get = _NAMES["sub-task of" if name == "parent" and not world.cloud else name]
    wanted, wants_empty = set[str](), False
    for operand in clause.operands:
        if operand is None or (
            isinstance(operand, Value) and (name, operand.text.lower()) == ("resolution", "unresolved")
        ):
            wants_empty = True
        elif isinstance(operand, Function):
            if (name, operand.name.lower(), operand.arguments) != ("sprint", "opensprints", ()):
                raise no_function(operand)
            return _open_sprints(negate=negate != (clause.operator in ("!=", "not in")))
        else:
            wanted.add(_known(name, clause.field, operand.text, world))
    if negate != (clause.operator in ("!=", "not in", "is not")):
        return lambda issue: bool(texts := get(issue)) and wanted.isdisjoint(map(str.lower, texts))

    def matches(issue: Issue) -> bool:
        texts = get(issue)
        return not wanted.isdisjoint(map(str.lower, texts)) if texts else wants_empty

    return matches


def _open_sprints(*, negate: bool) -> Matches:
    if negate:
        return lambda issue: bool(issue.sprints) and all(sprint.state != "active" for sprint in issue.sprints)
    return lambda issue: any(sprint.state == "active" for sprint in issue.sprints)


def _known(name: str, field: str, text: str, world: World) -> str:
    value = text.lower()
    if name == "key":
        if not world.cloud and text.upper() not in world.keys:
            raise JqlError(f"An issue with key '{text}' does not exist for field '{field}'.")
    elif name not in _UNCHECKED and value not in world.known.get(name, ()):
        if name == "sprint":
            raise JqlError(f"Sprint with name '{text}' does not exist or you do not have permission to view it.")
        raise JqlError(f"The value '{text}' does not exist for the field '{field}'.")
    return value


def _text(name: str, clause: Clause, *, negate: bool) -> Matches:
    get, operand = _TEXTS[name], clause.operands[0]
    if name == "summary" and clause.operator in ("is", "is not"):
        empty = (clause.operator == "is") != negate
        return lambda issue: (not get(issue)) == empty
    if clause.operator != "~" or not isinstance(operand, Value):
        raise _unsupported(clause)
    words = operand.text.lower().replace("*", " ").replace('"', " ").split()
    return lambda issue: all(word in get(issue).lower() for word in words) != negate


def _ordered(name: str, clause: Clause, world: World, *, negate: bool) -> Matches:
    get = _ORDERED[name]
    if clause.operands == (None,) and clause.operator in ("is", "is not", "=", "!="):
        empty = (clause.operator in ("is", "=")) != negate
        return lambda issue: (get(issue) is None) == empty
    read = _number if name == "story points" else _day if name == "due" else read_instant
    values = [read(operand, clause.field, world) for operand in clause.operands]
    if clause.operator in ("in", "not in"):
        outside = negate != (clause.operator == "not in")
        return lambda issue: (value := get(issue)) is not None and (value not in values) == outside
    compare = _COMPARE[_OPPOSITE[clause.operator] if negate else clause.operator]
    return lambda issue: (value := get(issue)) is not None and compare(value, values[0])


def _number(operand: Value | Function | None, field: str, _: World) -> float:
    try:
        return float(operand.text) if isinstance(operand, Value) else float("no number")
    except ValueError:
        shown = operand.text if isinstance(operand, Value) else operand.name if operand else "EMPTY"
        raise JqlError(f"Value '{shown}' is invalid for the '{field}' field.") from None


def _day(operand: Value | Function | None, field: str, world: World) -> date:
    return read_instant(operand, field, world).astimezone(world.zone).date()


def _sort_key(field: str) -> Callable[[Issue], tuple[bool, Any]]:
    """Return a sort key (whether the field is empty, its value); empty fields come last in both directions."""
    name = canonical(field)
    if name == "key":
        return lambda issue: (False, (issue.project, int(issue.key.rpartition("-")[2])))
    if name == "id":
        return lambda issue: (False, issue.id)
    if name in _ORDERED:
        get = _ORDERED[name]
        return lambda issue: (False, value) if (value := get(issue)) is not None else (True, 0)
    if name == "summary":
        return lambda issue: (False, issue.summary)
    if name == "text":
        raise JqlError(f"Field '{field}' is not sortable.")
    texts = _NAMES[name]
    return lambda issue: (not (found := texts(issue)), tuple(found))


def _some(text: str | None) -> tuple[str, ...]:
    return (text,) if text else ()


def _unsupported(clause: Clause) -> JqlError:
    return JqlError(f"The operator '{clause.operator}' is not supported by the '{clause.field}' field.")
