"""Generate `docs/configuration.md`, the reference of all config keys, from the models and one example.

The meaning of a key is the description of its field in the models; nothing is described a second time here.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from config.connection_types import Connection
from config.connections import CONNECTION_TYPES
from config.cycles import Cycle
from config.fields import ID_LENGTH
from config.models import Workspace
from config.scalars import Amount, RelativeChange, Threshold
from config.secrets import Secret

_HEAD = """\
# The config, key by key

Made from the models that check a config, so it says what holds. The words around it are in the [README](../README.md),
what the numbers mean in [okr-method.md](okr-method.md), each source's own query in its page and in `okrsync sources`.
The examples below are the parts of [example.yaml](example.yaml), a config that loads. Editors complete and check a
config by [okrsync.schema.json](okrsync.schema.json):

```yaml
# yaml-language-server: $schema=okrsync.schema.json
workspace: {id: acme-okrs-7f3k, name: Acme}
cycle: 2026-Q4
timezone: Asia/Taipei
okr_sheet: {file: okrs.xlsx}
```

## How values are written

| value | is written as |
|---|---|
| number | `12`, `1,234`, `1.5`, `40%` (0.4), `50萬`, full-width digits |
| share | `30%` or `0.3`; where points are meant, `25pp` |
| day | `2026-10-31`, `2026/10/31`, or of the Minguo calendar: `115/10/31` |
| duration | `30s`, `2m`, `1h`; a bare number is seconds |
| change | `+30%` of the baseline, `-2pp` (points), `+2000` |
| threshold | `at_least 90%`, `at_most 2`, `between 3 and 5` |
| secret | a reference: `$NAME` (environment), `file:path`, `keyring:service/name`; never the secret itself |
| id | a letter or digit, then up to 63 letters, digits, `_`, `.`, `-`: `KR1`, `1.10` |
| name | small letters, digits and `_`: `bugs_resolved_share` |

Paths start at the config's folder. An option that is left out has its default; "–" is none. Lists of texts may be one
text.

## What a measure's `value` can say

One SQL expression over the rows that its query selects, evaluated by DuckDB. A condition in `filter (...)` picks rows.

| value | is |
|---|---|
| `count(*)`, `count(distinct company)` | how many rows, how many different values |
| `sum(amount) filter (stage = 'won')` | a sum over the rows that meet a condition |
| `avg(hours)`, `median(hours)`, `quantile_cont(hours, 0.9)`, `min(hours)`, `max(hours)` | a figure over one column |
| `share(status = 'done')` | the share of the rows that meet a condition |
| `last(value order by created)`, `max_by(value, created)`, `arg_max(value, created)` | the latest entry of a log |
| `first(value order by created)`, `min_by(value, created)`, `arg_min(value, created)` | its earliest entry |

Over no row, counts and sums are 0 and everything else is unknown. The latest entry is one that has both a value and a
`created`: rows without either are passed over. Several entries with the same latest `created` and different values are
an error that names them, never a choice; order by something finer, such as an id that counts up. An expression without
columns, such as `count(*) / 2`, asks for a count instead of rows.

Texts are compared as written: rows whose text differs from the one asked for by case or outer spaces alone do not
count. The plan, `explain` and `check --online` name them; `lower(stage) = 'won'` takes both.

A cell or field that does not fit its column makes the measures unknown that name this column, and no others.

## Dates that move: placeholders

In a query, and in a `value`, where they are points in time:

| placeholder | is |
|---|---|
| `{cycle.start}`, `{cycle.end}` | the start of the cycle's first day, and of the day after its last |
| `{today}` | the start of today in the workspace's time zone |
| `{as_of}` | now, or the last instant of the day that `explain --at`, `backfill` or `--as-of` is about |
| `{today-14d}`, `{cycle.start+1m}` | the same, moved by days, weeks, months or years: `d`, `w`, `m`, `y` |

Shifts go by the calendar: a month after January 31 is the last day of February, and a day later is the same time of
day; several go from left to right, as in `{cycle.start+1m-1d}`. Each source gets the form that it reads. So "no pull
request waits longer than 14 days" is `count(*) filter (created < {today-14d})` over `is:pr is:open`, and "no invoice is
overdue by 30 days" the same over the `due` of a sheet. A placeholder that does not exist is an error; other braces, in
quotes or with signs between them, belong to the query.
"""
_WORDS: dict[Any, str] = {
    str: "text", bool: "`true` or `false`", int: "whole number", float: "duration", Amount: "number", Decimal: "share",
    date: "day", RelativeChange: "change", Threshold: "threshold", Secret: "secret", ZoneInfo: "time zone",
    Cycle: "text, or `name`, `start`, `end` and `phase`",
}  # fmt: skip
_MANY = 5
"""Options in common from which on they are described once."""
_BOUNDS = {"ge": "from {}", "gt": "above {}", "le": "up to {}"}


_BUILT_IN = {
    "files": "Local files: built in, without an entry here.",
    "pushed": "Numbers that `okrsync record` keeps: built in, without an entry here; `from: pushed`.",
}


def reference_page(example: str) -> str:
    """Render the page as Markdown. `example` is a config, split into parts at its top-level keys. Deterministic."""
    homes = dict(_homes())
    keys = Workspace.model_fields
    parts = _parts_of(example)
    contents = " · ".join(f"[`{key}`](#{key})" for key in keys)
    sections = [_section(key, field, parts.get(key, ""), homes) for key, field in keys.items()]
    return "\n".join([_HEAD, f"## Keys\n\n{contents}\n", *sections])


def _homes() -> Iterator[tuple[type[BaseModel], str]]:
    """Yield each model with the path at which it is described: the first that leads to it, top-level keys first.

    The path below a connection names its type where a model of another type has that path.
    """
    waiting = [
        (model, _path(key, field), "") for key, field in Workspace.model_fields.items() for model in _models(field)
    ]
    seen, taken = set(), set()
    while waiting:
        model, path, kind = waiting.pop(0)
        if model not in seen:
            seen.add(model)
            path = f"{path} ({kind})" if kind and path in taken else path
            taken.add(path)
            yield model, path
            waiting += [
                (inner, f"{path}.{_path(name, field)}", _type_of(model))
                for name, field in model.model_fields.items()
                for inner in _models(field)
            ]


def _type_of(model: type[BaseModel]) -> str:
    """Return the type of a connection's model; empty for another one."""
    return str(get_args(model.model_fields["type"].annotation)[0]) if issubclass(model, Connection) else ""


def _path(name: str, field: FieldInfo) -> str:
    bare = _bare(field.annotation)
    if get_origin(bare) is dict:
        return f"{name}.{_key_word(get_args(bare)[0]).upper()}"
    return f"{name}[]" if get_origin(bare) is tuple else name


def _section(key: str, field: FieldInfo, example: str, homes: dict[type[BaseModel], str]) -> str:
    value = _value(field.annotation, field.metadata, homes).replace(f"[options](#{key})", "options")
    default = _default(field)
    stated = "required" if default == "required" else f"default {default}" if default != "–" else ""
    kind = "; ".join(text for text in ("" if value == "options" else value, stated) if text)
    lines = [f"## `{key}`\n", f"{_sentence(field.description)}{f' ({kind})' if kind else ''}\n"]
    lines += [f"```yaml\n{example}```\n"] if example else []
    lines += _types() if key == "connections" else []
    for model, path in homes.items():
        if path.partition(".")[0].removesuffix("[]") == key:
            lines.append(_options(model, path, homes))
    return "\n".join(lines)


def _types() -> list[str]:
    """Return a table of the built-in connection types, with links to the pages about what they can read."""
    lines = ["| type | what it is | what it reads |", "|---|---|---|"]
    for each in CONNECTION_TYPES.values():
        link = f"[{each.page.removeprefix('docs/')}]({each.page.removeprefix('docs/')})"
        described = _first_line(each.settings) if each.settings else _BUILT_IN[each.name]
        lines.append(f"| `{each.name}` | {_cell(described)} | {link} |")
    more = "Installed packages may offer more ([add-a-connector.md](add-a-connector.md)): `okrsync sources` lists all."
    common = [_option(name, field, {}) for name, field in Connection.model_fields.items() if name != "type"]
    return [*lines, "", f"{more}\n", "### Options of every connection\n", *common, ""]


def _options(model: type[BaseModel], path: str, homes: dict[type[BaseModel], str]) -> str:
    """Return a list of a model's options: name, value, default and meaning."""
    fields, own = model.model_fields, _own_fields(model)
    kinds = get_args(fields["type"].annotation) if "type" in fields and fields["type"].is_required() else ()
    kind = f", `type: {kinds[0]}`" if len(kinds) == 1 else f", `type: {kinds[0]}` and others" if kinds else ""
    lines = [f"### `{path}`{kind}\n", f"{_first_line(model)}\n"] if path not in Workspace.model_fields else []
    named = {name: field for name, field in fields.items() if not (name == "type" and len(kinds) == 1)}
    above, shared = _shared(model, homes)
    named = {name: field for name, field in named.items() if name not in shared}
    for name, field in sorted(named.items(), key=lambda item: (not item[1].is_required(), item[0] not in own)):
        if issubclass(model, Connection) and name not in own:
            continue
        lines.append(_option(name, field, homes))
    if issubclass(model, Connection) and model is not Connection:
        lines.append("- and the [options of every connection](#options-of-every-connection)")
    if above is not None:
        heading = _heading_of(above, homes)
        lines.append(
            f"- as in [`{heading}`](#{_slug(heading)}): "
            + ", ".join(f"`{fields[name].alias or name}`" for name in shared)
        )
    return "\n".join([*lines, ""])


def _shared(model: type[BaseModel], homes: dict[type[BaseModel], str]) -> tuple[type[BaseModel] | None, list[str]]:
    """Return an earlier model with many options of the same meaning, and these options."""
    if issubclass(model, Connection):
        return None, []
    for other in list(homes)[: list(homes).index(model)]:
        fields = other.model_fields
        names = [
            name
            for name, field in model.model_fields.items()
            if field.description and name in fields and field.description == fields[name].description
        ]
        if len(names) >= _MANY:
            return other, names
    return None, []


def _option(name: str, field: FieldInfo, homes: dict[type[BaseModel], str]) -> str:
    default = _default(field)
    stated = "required" if default == "required" else f"default {default}" if default != "–" else ""
    value = "; ".join(text for text in (_value(field.annotation, field.metadata, homes), stated) if text)
    meaning = _sentence(field.description)
    return f"- `{field.alias or name}` ({value}){f': {_cell(meaning)}' if meaning else ''}"


def _own_fields(model: type[BaseModel]) -> set[str]:
    """Return the options that a model states itself; for a connection, all but the options of every connection."""
    classes = model.__mro__[: model.__mro__.index(Connection)] if issubclass(model, Connection) else (model,)
    return {name for each in classes for name in each.__annotations__}


def _value(annotation: Any, metadata: Sequence[Any], homes: dict[type[BaseModel], str]) -> str:
    annotation = _bare(annotation)
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        words = [f"`{each}`" for each in inner]
        return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
    if origin is dict:
        return f"{_value(inner[1], (), homes)}, by {_key_word(inner[0])}"
    if origin is tuple:
        item = _value(inner[0], (), homes)
        return f"list of {item}s" if item in _WORDS.values() else f"list of {item}"
    if origin in (Union, UnionType):
        kinds = dict.fromkeys(_value(each, metadata, homes) for each in inner if each is not NoneType)
        return ", or ".join(kinds)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[options](#{_slug(_heading_of(annotation, homes))})"
    bounds = [
        text.format(f"{limit:g}") for name, text in _BOUNDS.items() if (limit := _limit(metadata, name)) is not None
    ]
    return " ".join([_WORDS[annotation], *bounds, *(["seconds"] if bounds and annotation is float else [])])


def _heading_of(model: type[BaseModel], homes: dict[type[BaseModel], str]) -> str:
    """Return the heading that describes a model: its path, or its top-level key where several types share a path."""
    path = homes[model]
    return path.partition(".")[0] if path.count(".") <= 1 and list(homes.values()).count(path) > 1 else path


def _key_word(annotation: Any) -> str:
    is_id = any(getattr(each, "max_length", None) == ID_LENGTH for each in _constraints(annotation))
    return "day" if _bare(annotation) is date else "id" if is_id else "name"


def _constraints(annotation: Any) -> list[Any]:
    found = list(getattr(annotation, "__metadata__", ()))
    return [*found, *(inner for each in found if isinstance(each, FieldInfo) for inner in each.metadata)]


def _limit(metadata: Sequence[Any], name: str) -> float | None:
    return next((float(getattr(each, name)) for each in metadata if getattr(each, name, None) is not None), None)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, Decimal):
        return f"`{value:.0%}`"
    if value is None or isinstance(value, BaseModel) or value in ((), {}):
        return "–"
    if isinstance(value, Amount):
        return f"`{value.value}`"
    text = ", ".join(value) if isinstance(value, tuple) else f"{value:g}s" if isinstance(value, float) else str(value)
    return f"`{text}`" if text else "–"


def _models(field: FieldInfo) -> list[type[BaseModel]]:
    def within(annotation: Any) -> Iterator[type[BaseModel]]:
        annotation = _bare(annotation)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield annotation
        for each in get_args(annotation):
            yield from within(each)

    return list(within(field.annotation))


def _bare(annotation: Any) -> Any:
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return annotation


def _parts_of(example: str) -> dict[str, str]:
    parts = re.split(r"^(?=[a-z_]+:)", example, flags=re.MULTILINE)
    return {part.partition(":")[0]: part.rstrip() + "\n" for part in parts[1:]}


def _first_line(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").strip().partition("\n")[0]


def _sentence(text: str | None) -> str:
    return (text or "").strip()


def _cell(text: str) -> str:
    """Escape a text for a Markdown table; code in backticks is kept."""
    parts = text.replace("|", "\\|").split("`")
    return "`".join(part if place % 2 else re.sub(r"([<*\[\]])", r"\\\1", part) for place, part in enumerate(parts))


def _slug(heading: str) -> str:
    """Return the anchor that GitHub generates for a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
