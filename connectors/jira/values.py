"""Convert single values of Jira's fields: texts, lists, numbers, instants. An unexpected form is an error."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import Literal

from config.message import Message
from config.models import JiraField
from connectors.jira.sprints import is_sprint_text, sprint_of
from connectors.protocol import Value

Level = Literal["parent", "child"]


class OddFieldError(ValueError):
    """A field of an unexpected form. The message names the field and the form, never the value."""


class OddAnswerError(OddFieldError):
    """An issue of an unexpected form."""


def odd(name: str, value: object, wanted: str) -> OddFieldError:
    """Create the error for a value of another form than the wanted one."""
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


def text(name: str, value: object) -> str | None:
    """Return a text, the name of an object such as a user or a version, or `Parent > Child` of a cascading select.

    Raises OddFieldError.
    """
    if isinstance(value, str):
        return _sprint_name(name, value) if is_sprint_text(value) else value
    if value is None:
        return None
    own = _own_text(name, value)
    child = value.get("child") if isinstance(value, dict) else None
    return own if child is None else f"{own} > {_own_text(name, child)}"


def level(name: str, value: object, wanted: Level) -> str | None:
    """Return one level of a cascading select; None where it is not chosen. Raises OddFieldError."""
    if value is None:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("value"), str):
        raise odd(name, value, Message("a cascading select"))
    if wanted == "parent":
        return str(value["value"])
    child = value.get("child")
    return None if child is None else _own_text(name, child)


def has_levels(value: object) -> bool:
    """Return whether a value is a cascading select of which both levels are chosen."""
    return isinstance(value, dict) and value.get("child") is not None


def texts(name: str, value: object) -> list[str] | None:
    """Return a list of texts or of the names of objects. Raises OddFieldError."""
    if value is None:
        return None
    if not isinstance(value, list):
        raise odd(name, value, Message("a list"))
    found = [text(name, item) for item in value]
    if None in found:
        raise OddFieldError(Message("the field {name} holds an empty entry", name=name))
    return [each for each in found if each is not None]


def number(name: str, value: object) -> float | int | None:
    """Return a finite number. Raises OddFieldError."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise odd(name, value, Message("a number"))
    return value


def hours(name: str, value: object) -> float | None:
    """Return hours of a number of seconds, as Jira tracks time. Raises OddFieldError."""
    seconds = number(name, value)
    return None if seconds is None else seconds / 3600


def instant(name: str, value: object, zone: tzinfo = UTC) -> datetime | None:
    """Parse `2026-10-01T09:30:00.000+0800` or `2026-10-01` (midnight in `zone`) as UTC. Raises OddFieldError."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise odd(name, value, Message("a date"))
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise odd(name, value, Message("a date")) from None
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def latest_sprint(name: str, value: object) -> str | None:
    """Return the name of the sprint with the highest id. Raises OddFieldError."""
    if value is None:
        return None
    if not isinstance(value, list):
        raise odd(name, value, Message("a list"))
    found = [sprint_of(sprint) for sprint in value]
    if None in found:
        raise odd(name, value[found.index(None)], Message("a sprint"))
    return max(sprint for sprint in found if sprint).name if found else None


def reader_of(field: JiraField, zone: tzinfo) -> Callable[[object], Value]:
    """Return the conversion that a custom field of the config states. Raises OddFieldError when called."""
    if field.level in ("parent", "child"):
        return partial(level, field.id, wanted=field.level)
    dated: Callable[[str, object], Value] = partial(instant, zone=zone)
    read: Callable[[str, object], Value] = {"text": text, "number": number, "timestamp": dated, "list": texts}[
        field.type
    ]
    return partial(read, field.id)


def _own_text(name: str, value: object) -> str:
    if isinstance(value, dict):
        for inner in ("displayName", "name", "value", "key"):
            if isinstance(value.get(inner), str):
                return str(value[inner])
    raise odd(name, value, "text")


def _sprint_name(name: str, value: str) -> str:
    sprint = sprint_of(value)
    if sprint is None:
        raise odd(name, value, Message("a sprint"))
    return sprint.name
