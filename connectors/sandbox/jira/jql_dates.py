"""Evaluate dates and functions of JQL with the site's clock and the account's time zone."""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connectors.sandbox.jira.jql import Function, JqlError, Query, Value

_DATE_FORMATS = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")
_PERIOD = re.compile(r"[+-]?\d+[wdhm](?:\s+\d+[wdhm])*")
_STEP = {"w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}
_MOMENT = re.compile(r"(start|end)of(day|week|month|year)")


@dataclass(frozen=True, slots=True)
class World:
    """Context for the evaluation of a query.

    Attributes:
        now: the instant that relative dates start from.
        zone: the calling account's time zone, in which date literals are read.
        cloud: Cloud accepts epoch milliseconds and ignores unknown keys; Data Center refuses both.
        known: existing values per field, both in lower case.
        keys: existing issue keys.
        software: whether the site has Jira Software, with sprints and epic links.
        filters: the queries of saved filters by id.
    """

    now: datetime
    zone: ZoneInfo
    cloud: bool
    known: Mapping[str, Container[str]]
    keys: Container[str]
    software: bool = True
    filters: Mapping[str, Query] = field(default_factory=dict)


def read_instant(operand: Value | Function | None, field: str, world: World) -> datetime:
    """Return the instant of a value. Raises JqlError."""
    if isinstance(operand, Function):
        return _moment(operand, world)
    text = operand.text if operand else "EMPTY"
    if operand and not operand.quoted and world.cloud and re.fullmatch(r"\d{9,15}", text):
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    if _PERIOD.fullmatch(text):
        return world.now + _period(text)
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=world.zone)
        except ValueError:
            continue
    raise JqlError(
        f"Date value '{text}' for field '{field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
        "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
    )


def _period(text: str) -> timedelta:
    parts = [int(number) * _STEP[unit] for number, unit in re.findall(r"(\d+)([wdhm])", text)]
    total = sum(parts, timedelta())
    return -total if text.startswith("-") else total


def _moment(function: Function, world: World) -> datetime:
    """Evaluate `now()`, `startOfMonth(-1)`, `endOfDay("-7d")`; an end is one millisecond before the next start."""
    name, arguments = function.name.lower(), function.arguments
    if name == "now" and not arguments:
        return world.now
    match = _MOMENT.fullmatch(name)
    if match is None or len(arguments) > 1:
        raise no_function(function)
    local, steps, argument = world.now.astimezone(world.zone), 0, arguments[0] if arguments else "0"
    if re.fullmatch(r"[+-]?\d+", argument):
        steps = int(argument)
    elif _PERIOD.fullmatch(argument):
        local += _period(argument)
    else:
        raise no_function(function)
    unit, end = match[2], match[1] == "end"
    start = _start(local.date(), unit, steps + end)
    return datetime.combine(start, time(), world.zone) - timedelta(milliseconds=int(end))


def _start(day: date, unit: str, steps: int) -> date:
    if unit == "day":
        return day + timedelta(days=steps)
    if unit == "week":
        return day - timedelta(days=day.isoweekday() % 7) + timedelta(weeks=steps)
    if unit == "year":
        return date(day.year + steps, 1, 1)
    years, month = divmod(day.month - 1 + steps, 12)
    return date(day.year + years, month + 1, 1)


def no_function(function: Function) -> JqlError:
    """Build the error for an unsupported function."""
    return JqlError(f"Unable to find JQL function '{function.name}({', '.join(function.arguments)})'.")
