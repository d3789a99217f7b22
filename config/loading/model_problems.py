"""Translate pydantic's errors into messages about config options, without the values of secrets."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from config import models
from config.connection_types import Connection
from config.connections import connection_type, type_names
from config.dataclass import dataclass
from config.fields import OPTIONS, TEXT
from config.loading.yaml_nodes import Node, joined
from config.message import Message, sentence_part
from config.scalars import quoted
from config.suggest import did_you_mean, nearest

_NAME = Message("must be a name of small letters, digits and '_', such as bugs_closed")
_ID = Message("must be an id of at most 64 letters, digits, '.', '-' and '_', such as KR1")
_NAMES_OF_A_WORKSPACE = (("title",), ("name",))
_HAS_NO_NAME = Message(
    "does not belong here: reports and messages name a workspace by the title of its OKR sheet; if it "
    "belongs to an objective or a key result, check its indentation"
)
_ALMOST = 0.8
"""Similarity from which an option that belongs elsewhere is taken for a misspelt one: `tab` for `tabs`."""
_NOT_INSTALLED = Message("; is the package that offers it installed?")
_FROM = Message("must be written <connection>.<table>, such as jira.issues")


@dataclass(frozen=True, slots=True)
class Stated:
    """What a file states: its tree, the model for it, and the paths of keys without a value."""

    root: dict[str, Node]
    model: type[BaseModel] = models.Workspace
    emptied: Collection[str] = ()


def faults(error: ValidationError, stated: Stated, query_keys: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """Yield the dotted path and the message of each error, once per path.

    A required option that an unknown one is taken for is not missing, too. `query_keys` has the query keys of other
    packages' tables.
    """
    details = error.errors(include_url=False, include_input=False)
    seen = {_meant(_steps(each["loc"]), stated) for each in details if each["type"] == "extra_forbidden"}
    for detail in details:
        steps = _steps(detail["loc"])
        path = dotted(steps)
        if path in seen:
            continue
        seen.add(path)
        kind = str(detail["type"])
        if detail["loc"][-1:] == ("[key]",) and kind != "value_error":
            kind = "key"
        if kind == "extra_forbidden":
            yield path, _unknown_option(steps, stated, query_keys)
        else:
            yield path, _message(kind, detail, steps, stated)


def _meant(steps: Sequence[str | int], stated: Stated) -> str:
    """Return the path of the required option that an unknown one is taken for; empty where there is none."""
    parent = _model_at(steps[:-1], stated)
    fields = parent.model_fields.items() if parent else ()
    required = [field.alias or name for name, field in fields if field.is_required()]
    found = nearest(str(steps[-1]), options_at(steps[:-1], stated))
    return joined(dotted(steps[:-1]), found) if found in required else ""


def dotted(steps: Sequence[str | int]) -> str:
    """Join steps as a dotted path, in which items count from 1."""
    path = ""
    for step in steps:
        path = joined(path, str(step + 1) if isinstance(step, int) else step)
    return path


def options_at(steps: Sequence[str | int], stated: Stated) -> frozenset[str]:
    """Return the option names that are known at a path; empty where no single model applies."""
    model = _model_at(steps, stated)
    return _options_of(model) if model is not None else frozenset()


@cache
def _options_of(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(field.alias or name for name, field in model.model_fields.items())


def node_at(steps: Sequence[str | int], root: Node) -> Node:
    """Return the node at a path; None where there is none."""
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
    """Remove the steps of pydantic's path that are not in the file: tags of unions, `[key]`."""
    stated = (*loc[:2], *loc[3:]) if loc[:1] == ("notify",) else loc  # notify.<name>.<type>.<option>
    return tuple(step for step in stated if step not in ("[key]", TEXT, OPTIONS))


def _model_at(steps: Sequence[str | int], stated: Stated) -> type[BaseModel] | None:
    """Return the model of the options at a path; None where no single model applies."""
    found = _models_at(steps, stated)
    return found[0] if len(found) == 1 else None


def _models_at(steps: Sequence[str | int], stated: Stated) -> list[type[BaseModel]]:
    """Return the models possible for the options at a path: one, or those of several types."""
    found: list[Any] = [stated.model]
    for number, step in enumerate(steps, 1):
        found = [one for each in found for one in _below(each, step)]
        if len(found) > 1:
            found = _of_type(found, node_at((*steps[:number], "type"), stated.root))
    return [each for each in found if _is_model(each)]


def _of_type(found: list[Any], stated: Node) -> list[Any]:
    """Select the models with the stated `type`; all of them where none has it."""
    typed = [each for each in found if _is_model(each) and "type" in each.model_fields]
    if typed and issubclass(typed[0], Connection):
        record = connection_type(str(stated))
        return [record.settings] if record and record.settings else found
    return [each for each in typed if stated in get_args(each.model_fields["type"].annotation)] or found


def _types_at(steps: Sequence[str | int]) -> list[str]:
    """Return the possible values of `type` at a path with several models."""
    if steps[0] == "connections":
        return list(type_names())
    return [kind for each in _models_at(steps, Stated({})) for kind in get_args(each.model_fields["type"].annotation)]


def _below(annotation: Any, step: str | int) -> tuple[Any, ...]:
    """Return the possible types of the option, entry or item `step` below a type."""
    return _kinds_of_option(annotation, step) if _is_model(annotation) else _kinds_held(annotation)


@lru_cache(maxsize=1024)
def _kinds_of_option(model: type[BaseModel], step: str | int) -> tuple[Any, ...]:
    fields = model.model_fields.items()
    return tuple(one for name, field in fields if step in (name, field.alias) for one in _kinds(field.annotation))


@cache
def _kinds_held(annotation: Any) -> tuple[Any, ...]:
    held = {dict: get_args(annotation)[1:], tuple: get_args(annotation)[:1]}.get(get_origin(annotation), ())
    return tuple(one for each in held for one in _kinds(each))


def _kinds(annotation: Any) -> list[Any]:
    """Return the possible types of a value: the members of a union, each without its metadata."""
    origin, held = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kinds(held[0])
    return [one for each in held for one in _kinds(each)] if origin in (Union, UnionType) else [annotation]


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _message(kind: str, detail: Any, steps: tuple[str | int, ...], stated: Stated) -> str:
    node, empty = node_at(steps, stated.root), dotted(steps) in stated.emptied
    missing = kind in ("missing", "too_short")
    if kind == "key":
        return _NAME if steps[-2] in ("connections", "measures", "fields", "kpis") else _ID
    if missing or node is None:
        return (Message("is required") if missing and not empty else Message("is empty")) + _described(steps, stated)
    return value_message(kind, detail, steps, node)


def _unknown_option(steps: tuple[str | int, ...], stated: Stated, query_keys: Collection[str]) -> str:
    name, known = str(steps[-1]), options_at(steps[:-1], stated)
    if stated.model is models.Workspace and steps in _NAMES_OF_A_WORKSPACE:
        return _HAS_NO_NAME
    if name in models.KNOWN_OPTIONS and not did_you_mean(name, known, cutoff=_ALMOST):
        return Message("does not belong here; check its indentation")
    known = known.union(query_keys if "from" in known else ())  # of a measure
    return Message("unknown option{meant}", meant=did_you_mean(name, known))


def value_message(kind: str, detail: Any, steps: tuple[str | int, ...], node: Node) -> str:
    """Return what is wrong with the value of an option, by the type of pydantic's error."""
    if kind == "value_error":
        return str(detail["ctx"]["error"])
    if kind == "literal_error":
        return _not_one_of(node, re.findall(r"'([^']*)'", detail["ctx"]["expected"]))
    if kind == "union_tag_invalid":
        stated = node.get("type") if isinstance(node, dict) else node
        return _not_one_of(stated, _types_at(steps), _NOT_INSTALLED if steps[0] == "connections" else "")
    if kind == "union_tag_not_found":
        return Message("needs `type`: {connections}", connections=_types_at(steps))
    if kind in ("string_pattern_mismatch", "string_too_long"):
        return _FROM if steps[-1] == "from" else _ID
    return _WORDS[kind](detail.get("ctx", {})) if kind in _WORDS else str(detail["msg"])


def _described(steps: Sequence[str | int], stated: Stated) -> str:
    model = _model_at(steps[:-1], stated)
    for name, field in model.model_fields.items() if model else ():
        if steps[-1] in (name, field.alias) and field.description:
            return Message(": {meaning}", meaning=described(field))
    return ""


def described(field: FieldInfo) -> Message:
    """Return the description of an option as part of a sentence: first letter in lower case, no full stop."""
    text = field.description or ""
    return sentence_part(text if text[1:2].isupper() else text[:1].lower() + text[1:])


def _not_one_of(value: Node, known: Sequence[str], otherwise: str = "") -> str:
    if not isinstance(value, str):
        return Message("must be one of {known}", known=known)
    meant = did_you_mean(value, known) or otherwise
    return Message("{value} is not one of {known}{meant}", value=quoted(value), known=known, meant=meant)


_WORDS: Mapping[str, Callable[[Any], str]] = {
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
