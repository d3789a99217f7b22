"""docs/json.md: made of the schemas in `docs/json` and of what the commands print in the demo."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from json_kit import schemas

PAGE = Path(__file__).resolve().parent.parent / "docs" / "json.md"
INTRODUCTION = """\
# JSON: `--format json`

`check`, `sources`, `dry-run`, `sync`, `status`, `explain`, `history`, `undo`, `report`, `lint` and `close` take
`--format json`. Each prints one JSON document to stdout; faults and hints for people go to stderr, in the workspace's
language.

The document is the same in every language:

- Keys and codes (`on_track`) are fixed English words. Titles, names and what cells hold are as the config or the sheet
  has them.
- Numbers are JSON numbers, of 12 significant digits at most. Progress, percentages and shares are fractions: 0.5 is
  50%. `null` is unknown, or nothing.
- A day is `2026-11-16`; an instant is ISO 8601 with its offset, `2026-11-16T09:30:00+08:00`.
- Every reason, note, refusal and error has an English sentence in `text`. Do not read it by program: its wording may
  change in any release. Where there is a `code` beside it, the code stays.

## Versions

`version` is the version of the document's shape. A release may add keys, and codes to a list of codes, without a new
version; ignore those you do not know. `version` goes up when a key is removed, or changes its name, meaning, type or
unit, and when a code is removed or changes its meaning; the changelog says so.

For each command there is a JSON Schema (draft 2020-12) in [json/](json), installed to `share/okrsync/json`. It names
every key and takes no other: validate with the schema of the release that you run. The schemas refer to each other by
file name; keep them together.

## When a command fails

It prints its error and exits with 1. A plan that a guard refuses is printed as a plan, and the exit code is 1. A wrong
command line (2), a bug (3) and an interruption (130) print nothing to stdout. With `--out FILE` the result goes to the
file, an error still to stdout.
"""


@dataclass(frozen=True, slots=True)
class Section:
    """What one command prints.

    `tables` are the places of the schemas that make up each of its tables; `kept` names the entries that are shown.
    """

    title: str
    command: tuple[str, ...]
    schema: str
    text: str
    tables: tuple[tuple[str, ...], ...] = (("",),)
    kept: Mapping[str, tuple[str, ...]] | None = None


ERROR = Section("", ("status", "-c", "none.yaml"), "error", "")
SECTIONS = (
    Section(
        "`okrsync check`",
        ("check", "--online"),
        "check",
        "What a config without problems holds, and with `--online` what its reads and tabs gave. Problems are in "
        "the [error](#error) of a config that has some: each with file, line and option.",
        kept={"measures": ("bugs_resolved_share",), "exposed_secrets": ()},
    ),
    Section(
        "`okrsync sources`",
        ("sources", "jira.issues"),
        "sources",
        "What can be read: all, one source, or one table.",
    ),
    Section(
        "`okrsync status`",
        ("status",),
        "status",
        "Where the OKRs stand today.",
        kept={"key_results": ("KR1",)},
    ),
    Section(
        "`okrsync dry-run`",
        ("dry-run",),
        "dry-run",
        "The plan. `dry-run --out FILE` writes the same without the last five keys "
        "([plan.schema.json](json/plan.schema.json)), for `sync --plan FILE`.",
        (("plan:$defs/plan", "plan:$defs/run"),),
        {"lines": ("KR8",), "cells": (), "requests": ("github",)},
    ),
    Section(
        "`okrsync sync`",
        ("sync",),
        "sync",
        "The plan that was written; its keys are those of `dry-run`.",
        (),
        dict.fromkeys(("lines", "new_rows", "requests_planned", "requests_expected", "requests"), ()),
    ),
    Section(
        "`okrsync explain KR1`",
        ("explain", "KR1"),
        "explain",
        "The keys that a key result has in `status`, and these.",
        (("explain:$defs/derivation",),),
    ),
    Section(
        "`okrsync explain O1`",
        ("explain", "O1"),
        "explain",
        "The keys that an objective has in `status`, and these.",
        (("explain:$defs/mean",),),
    ),
    Section(
        "`okrsync explain KR1 --at 2026-11-16`",
        ("explain", "KR1", "--at", "2026-11-16"),
        "explain",
        "As the ledger knew it that day. An objective has the keys above.",
        (("explain:$defs/past_day",),),
    ),
    Section(
        "`okrsync history`",
        ("history",),
        "history",
        "The runs.",
        (("history:$defs/runs",),),
    ),
    Section(
        "`okrsync history KR1`",
        ("history", "KR1"),
        "history",
        "One key result over time.",
        (("history:$defs/story",),),
    ),
    Section(
        "`okrsync report`",
        ("report",),
        "report",
        "The keys of `status`, and those of the first table. A report of several workspaces has those of the second.",
        (("report:$defs/workspace",), ("report:$defs/several",)),
        {"key_results": ("KR1",)},
    ),
    Section(
        "`okrsync report --adoption`",
        ("report", "--adoption"),
        "report",
        "OKR adoption by team.",
        (("report:$defs/adoption",),),
    ),
    Section("`okrsync lint`", ("lint",), "lint", "Advice on how the OKRs are written."),
    Section(
        "`okrsync close`",
        ("close", "--next", "2027-Q1"),
        "close",
        "Scores and decisions. With `--write-scores` their plan and its outcome stand on stderr.",
    ),
    Section(
        "`okrsync undo`",
        ("undo",),
        "undo",
        "What the undo of a run put back and what it left alone.",
    ),
)
STATUSES = schemas()["common"]["$defs"]["status"]["enum"]
MOST_LISTED = 6
SHARED = (
    "reason",
    "text",
    "error",
    "override",
    "measure",
    "goal",
    "value",
    "check_in",
    "forecast",
    "changed",
    "step",
    "rate",
)
"""What several commands have in common; each has a table of its own."""
_DEFINED = {name: node for schema in schemas().values() for name, node in schema.get("$defs", {}).items()}
RUN = "20261116T013000-1a2b3c"
_OF_A_RUN = {
    "config_hash": "519a599c4186",
    "fingerprint": "0ddd4d28e498",
    "run": RUN,
    "read_at": "2026-11-16T09:30:00+08:00",
    "started_at": "2026-11-16T09:30:00+08:00",
    "finished_at": "2026-11-16T09:30:02+08:00",
    "okrsync_version": "0.1.0",
    "bytes": 8156,
    "seconds": 0.25,
}
"""What differs from run to run."""


def page(run: Callable[[tuple[str, ...]], Any]) -> str:
    """The whole page; `run` gives what a command prints."""
    parts = [INTRODUCTION, _block(_example(ERROR, run)), _link(ERROR.schema)]
    for section in SECTIONS:
        example = _block(_example(section, run))
        parts += [f"## {section.title}\n", f"{section.text} {_link(section.schema)}", example]
        for table in section.tables:
            rows = [row for place in table for row in _rows(_node(section.schema, place))]
            if section.title == "`okrsync report`":
                rows = [row for row in rows if row not in set(_rows(schemas()["status"]))]
            parts.append(_table(rows))
    parts.append("## What several have in common\n")
    statuses = ", ".join(f"`{status}`" for status in STATUSES)
    parts.append(f"A *status* is one of {statuses} ([okr-method.md](okr-method.md)).\n")
    parts.append("A *cell* is what a cell of the sheet holds: a string, a number, true or false, or null.\n")
    for name in SHARED:
        parts += [f"### {name}\n", _table(_rows(schemas()["common"]["$defs"][name]))]
    return "\n".join(parts)


def _link(schema: str) -> str:
    return f"Schema: [{schema}.schema.json](json/{schema}.schema.json).\n"


def _block(data: Any) -> str:
    return f"```json\n{json.dumps(data, ensure_ascii=False, indent=2)}\n```\n"


def _example(section: Section, run: Callable[[tuple[str, ...]], Any]) -> Any:
    return _shortened(run(section.command), "", section.kept or {})


def _shortened(data: Any, name: str, kept: Mapping[str, tuple[str, ...]]) -> Any:
    """An entry of each list, or those named in `kept`; and what differs from run to run made the same."""
    if isinstance(data, dict):
        return {
            each: _OF_A_RUN[each] if each in _OF_A_RUN and value is not None and not isinstance(value, list)
            else _shortened(value, each, kept)
            for each, value in data.items()
        }  # fmt: skip
    if not isinstance(data, list):
        return data
    wanted = set(kept.get(name, ()))
    found = (
        [one for one in data if {one.get("id"), one.get("connection"), one.get("name")} & wanted]
        if name in kept
        else data
    )
    return [_shortened(each, "", kept) for each in found[:1]]


def _node(schema: str, place: str) -> Any:
    file, _, path = place.rpartition(":")
    node = schemas()[file or schema]
    for part in path.split("/") if path else ():
        node = node[part]
    return node


def _table(rows: Iterable[tuple[str, str, str]]) -> str:
    lines = [f"| {key} | {kind} | {meaning} |" for key, kind, meaning in rows]
    return "\n".join(["| key | type | meaning |", "|---|---|---|", *lines]) + "\n"


def _rows(node: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """A row for each key of an object, then those of what stands inside it."""
    for name, value in node["properties"].items():
        inner, kind, many = _inside(value)
        yield f"`{prefix}{name}`", kind, value.get("description") or inner.get("description", "")
        meanings = [each.get("description") for each in inner.get("properties", {}).values()]
        if len(meanings) == 1 or len(set(meanings)) > 1:
            yield from _rows(inner, f"{prefix}{name}{'[]' if many else ''}.")


def _inside(node: Mapping[str, Any]) -> tuple[Mapping[str, Any], str, bool]:
    """What a value is, past references, lists and null; its type in words; whether it is a list."""
    if "anyOf" in node:
        inner, kind, many = _inside(node["anyOf"][0])
        return inner, f"{kind} or null", many
    if node.get("type") == "array":
        inner, kind, _ = _inside(node["items"])
        return inner, f"list of {kind}", True
    if "properties" not in node and "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        if name in SHARED:
            return {}, f"[{name}](#{name})", False
        if name == "status":
            return {}, "status", False
        return _DEFINED[name], "object", False
    return node, _kind(node), False


def _kind(node: Mapping[str, Any]) -> str:
    if "const" in node:
        return f"`{node['const']}`"
    if "enum" in node:
        codes = [code for code in node["enum"] if code is not None]
        explained = all(f"`{code}`" in node.get("description", "") for code in codes)
        listed = ", ".join(f"`{code}`" for code in codes)
        text = "status" if set(codes) == set(STATUSES) else "code" if explained or len(codes) > MOST_LISTED else listed
        return f"{text} or null" if None in node["enum"] else text
    names = [node["type"]] if isinstance(node["type"], str) else node["type"]
    formats = {"date": "day", "date-time": "instant"}
    words = {"string": formats.get(node.get("format", ""), "string"), "boolean": "true or false"}
    if names == ["string", "number", "boolean", "null"]:
        return "cell"
    return " or ".join(words.get(name, name) for name in names)
