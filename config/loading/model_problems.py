"""Pydantic's errors as problems that people can act on: in their words, without any value of a secret."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from config import models
from config.connections import connection_type, type_names
from config.fields import OPTIONS, TEXT
from config.loading.yaml_nodes import Node, joined
from config.message import Message, sentence_part
from config.scalars import quoted
from config.suggest import did_you_mean

_SECTIONS: dict[str, type[BaseModel]] = {
    "measures": models.Measure,
    "objectives": models.Objective,
    "key_results": models.KeyResult,
    "parts": models.Part,
    "steps": models.Step,
    "teams": models.Team,
    "kpis": models.Kpi,
    "cycles": models.CycleOptions,
    "revisions": models.Revision,
    "fields": models.JiraField,
}
_SINGLE: dict[str, type[BaseModel]] = {
    "okr_sheet": models.OkrSheet,
    "safety": models.Safety,
    "status": models.StatusRule,
    "measure": models.Measure,
    "work": models.Work,
    "pace": models.Pace,
    "over": models.Over,
    "baseline": models.AtStart,
    "dropped": models.Dropped,
    "company": models.Company,
    "check_in": models.CheckIn,
    "confidence": models.Confidence,
    "retention": models.Retention,
}
_NAME = Message("must be a name of small letters, digits and '_', such as bugs_closed")
_ID = Message("must be an id of at most 64 letters, digits, '.', '-' and '_', such as KR1")
_NAMES_OF_A_WORKSPACE = (("title",), ("name",))
_HAS_NO_NAME = Message(
    "does not belong here: reports and messages name a workspace by the title of its OKR sheet; if it is of an "
    "objective or a key result, look at its indentation"
)
_NOT_INSTALLED = Message("; is the package that offers it installed?")
_FROM = Message("must be written <connection>.<table>, such as jira.issues")


def faults(
    error: ValidationError, root: dict[str, Node], emptied: Collection[str], query_keys: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Give each error once: its dotted path and a message.

    `emptied` holds paths at which a key has no value, `query_keys` those of other packages' tables.
    """
    seen = set()
    for detail in error.errors(include_url=False, include_input=False):
        steps = _steps(detail["loc"])
        path = dotted(steps)
        if path in seen:
            continue
        seen.add(path)
        kind = str(detail["type"])
        if detail["loc"][-1:] == ("[key]",) and kind != "value_error":
            kind = "key"
        if kind == "extra_forbidden":
            yield path, _unknown_option(steps, root, query_keys)
        else:
            yield path, _message(kind, detail, steps, root, empty=path in emptied)


def dotted(steps: Sequence[str | int]) -> str:
    """Steps as a dotted path, in which items count from 1."""
    path = ""
    for step in steps:
        path = joined(path, str(step + 1) if isinstance(step, int) else step)
    return path


def options_at(steps: Sequence[str | int], root: dict[str, Node]) -> frozenset[str]:
    """The options that are known at a place of the tree."""
    model = _model_at(steps, root)
    if model is None:
        return frozenset()
    return frozenset(field.alias or name for name, field in model.model_fields.items())


def node_at(steps: Sequence[str | int], root: Node) -> Node:
    """What stands there, None where nothing does."""
    node: Node = root
    for step in steps:
        if isinstance(node, dict) and isinstance(step, str):
            node = node.get(step)
        elif isinstance(node, list) and isinstance(step, int) and step < len(node):
            node = node[step]
        else:
            return None
    return node


def _steps(loc: Sequence[str | int]) -> tuple[str | int, ...]:
    """Pydantic's path without the steps that are not in the file: tags of unions, `[key]`."""
    return tuple(step for step in loc if step not in ("[key]", TEXT, OPTIONS))


def _model_at(steps: Sequence[str | int], root: dict[str, Node]) -> type[BaseModel] | None:
    if not steps:
        return models.Workspace
    if len(steps) == 2 and steps[0] == "connections":  # noqa: PLR2004 - connections.<name>
        found = connection_type(str(node_at((*steps, "type"), root)))
        return found.settings if found else None
    if len(steps) > 1 and steps[-2] in _SECTIONS:
        return _SECTIONS[str(steps[-2])]
    return _SINGLE.get(str(steps[-1]))


def _message(kind: str, detail: Any, steps: tuple[str | int, ...], root: dict[str, Node], *, empty: bool) -> str:
    node = node_at(steps, root)
    if kind == "key":
        return _NAME if steps[-2] in ("connections", "measures", "fields", "kpis") else _ID
    if kind == "missing" or node is None:
        return (Message("is required") if kind == "missing" and not empty else Message("is empty")) + _described(
            steps, root
        )
    return _of_value(kind, detail, steps, node)


def _unknown_option(steps: tuple[str | int, ...], root: dict[str, Node], query_keys: Collection[str]) -> str:
    name, known = str(steps[-1]), options_at(steps[:-1], root)
    if steps in _NAMES_OF_A_WORKSPACE:
        return _HAS_NO_NAME
    if name in models.KNOWN_OPTIONS:
        return Message("does not belong here; look at its indentation")
    known = known.union(query_keys if "from" in known else ())  # of a measure
    return Message("unknown option{meant}", meant=did_you_mean(name, known))


def _of_value(kind: str, detail: Any, steps: tuple[str | int, ...], node: Node) -> str:
    if kind == "value_error":
        return str(detail["ctx"]["error"])
    if kind in ("literal_error", "union_tag_invalid"):
        return _not_one_of(detail, node)
    if kind == "string_pattern_mismatch":
        return _FROM if steps[-1] == "from" else _ID
    return _WORDS[kind](detail.get("ctx", {})) if kind in _WORDS else str(detail["msg"])


def _described(steps: Sequence[str | int], root: dict[str, Node]) -> str:
    model = _model_at(steps[:-1], root)
    for name, field in model.model_fields.items() if model else ():
        if steps[-1] in (name, field.alias) and field.description:
            return Message(": {meaning}", meaning=described(field))
    return ""


def described(field: FieldInfo) -> Message:
    """What an option is, as it stands within a sentence."""
    text = field.description or ""
    return sentence_part(text if text[1:2].isupper() else text[:1].lower() + text[1:])


def _not_one_of(detail: Any, node: Node) -> str:
    value = node.get("type") if isinstance(node, dict) else node
    known = re.findall(r"'([^']*)'", detail["ctx"].get("expected") or detail["ctx"]["expected_tags"])
    is_type = detail["loc"][0] == "connections" and "expected_tags" in detail["ctx"]
    known = list(type_names()) if is_type else known
    if not isinstance(value, str):
        return Message("must be one of {known}", known=known)
    return Message(
        "{value} is none of {known}{meant}",
        value=quoted(value),
        known=known,
        meant=did_you_mean(value, known) or (_NOT_INSTALLED if is_type else ""),
    )


_WORDS: Mapping[str, Callable[[Any], str]] = {
    "union_tag_not_found": lambda _: Message("needs `type`: {connections}", connections=type_names()),
    "string_type": lambda _: Message("must be one text; a text that begins with '{{', '[' or '-' is quoted"),
    "dict_type": lambda _: Message("must hold entries by name, one a line"),
    "model_type": lambda _: Message("must hold options, one a line"),
    "model_attributes_type": lambda _: Message("must hold options, one a line"),
    "tuple_type": lambda _: Message("must be a list, with '- ' before each item"),
    "bool_parsing": lambda _: Message("must be true or false"),
    "bool_type": lambda _: Message("must be true or false"),
    "int_parsing": lambda _: Message("must be a whole number"),
    "int_type": lambda _: Message("must be a whole number"),
    "float_parsing": lambda _: Message("must be a number"),
    "float_type": lambda _: Message("must be a number"),
    "greater_than": lambda context: Message("must be above {limit:g}", limit=context["gt"]),
    "greater_than_equal": lambda context: Message("must be at least {limit:g}", limit=context["ge"]),
    "less_than_equal": lambda context: Message("must be at most {limit:g}", limit=context["le"]),
}
