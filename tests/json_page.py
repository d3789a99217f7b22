"""docs/json.md and the examples beside its schemas: made of what the commands print in the demo."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from json_kit import schemas

PAGE = Path(__file__).resolve().parent.parent / "docs" / "json.md"
EXAMPLES = PAGE.parent / "json" / "examples"
INTRODUCTION = """\
# JSON: `--format json`

The commands below take `--format json` and print one JSON document to stdout, the same in every language. Errors and
hints for people go to stderr.

- Keys and codes (`on_track`) are fixed English words; titles, names and cells are as in the config or the sheet.
- Numbers are JSON numbers of at most 12 significant digits; progress and percentages are fractions (0.5 is 50%).
  `null` is unknown, or nothing.
- A day is `2026-11-16`; an instant is ISO 8601 with its offset, `2026-11-16T09:30:00+08:00`.
- Reasons, notes, refusals and errors have an English sentence in `text`, whose wording may change in any release. Use
  `code` where there is one.

**Versions.** `version` goes up when a key or a code is removed or changes its meaning, type or unit; the changelog says
so. New keys and codes do not count: ignore those you do not know.

**Schemas.** Each command has a JSON Schema (draft 2020-12) that names every key with its meaning and allows no other.
They are in [json/](json), installed to `share/okrsync/json`, and refer to each other by file name: keep them together.

**Failures.** A command that fails prints its [error](json/examples/error.json) and exits with 1. A plan that a guard
refuses is printed as a plan, with exit code 1. A wrong command line (2), a bug (3) and an interruption (130) print
nothing to stdout. With `--out FILE` the result goes to the file, an error still to stdout.
"""


@dataclass(frozen=True, slots=True)
class Section:
    """What one command prints; `kept` names the entries that its example has."""

    command: tuple[str, ...]
    schema: str
    text: str
    kept: Mapping[str, tuple[str, ...]] | None = None


ERROR = Section(("status", "-c", "none.yaml"), "error", "")
SECTIONS = (
    Section(
        ("check", "--online"),
        "check",
        "Counts of the config; with `--online`, what its reads and tabs gave",
        {"measures": ("bugs_resolved_share",), "exposed_secrets": ()},
    ),
    Section(("sources", "jira.issues"), "sources", "Tables that can be read, with their columns"),
    Section(("status",), "status", "Objectives, key results and KPIs today", {"key_results": ("KR1",)}),
    Section(
        ("dry-run",),
        "dry-run",
        "The plan; `--out FILE` writes it for `sync --plan FILE` ([schema](json/plan.schema.json))",
        {"lines": ("KR8",), "cells": (), "requests": ("github",)},
    ),
    Section(
        ("sync",),
        "sync",
        "The plan that was written, with the keys of `dry-run`",
        dict.fromkeys(("lines", "new_rows", "requests_planned", "requests_expected", "requests"), ()),
    ),
    Section(("explain", "KR1"), "explain", "The key result as in `status`, its measures, rows and formula"),
    Section(("explain", "O1"), "explain", "The objective as in `status`, and the terms of its mean"),
    Section(("explain", "KR1", "--at", "2026-11-16"), "explain", "The same as recorded on a day"),
    Section(("history",), "history", "Recorded runs"),
    Section(("history", "KR1"), "history", "Values, check-ins and forecast of a key result by day"),
    Section(("report",), "report", "The keys of `status`, and those of the report", {"key_results": ("KR1",)}),
    Section(("report", "--adoption"), "report", "OKR adoption by team"),
    Section(("lint",), "lint", "Advice on how the OKRs are written"),
    Section(("close", "--next", "2027-Q1"), "close", "Scores and decisions; the plan of `--write-scores` is on stderr"),
    Section(("undo",), "undo", "What the undo of a run restored and what it left alone"),
    Section(("fleet", "check"), "fleet-check", "The workspaces of a fleet, and what keeps some from being synced"),
    Section(("fleet", "sync"), "fleet-sync", "How the sync of each workspace of a fleet ended"),
    Section(("fleet", "status"), "fleet-status", "How each workspace of a fleet is doing"),
    Section(("record", "nps", "42"), "record", "The numbers recorded for measures with `from: pushed`"),
)
STATUSES = schemas()["common"]["$defs"]["status"]["enum"]
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
"""Shapes that several commands have in common, of `common.schema.json`."""
RUN = "20261116T013000-1a2b3c"
_OF_A_RUN = {
    "config_hash": "519a599c4186",
    "fingerprint": "0ddd4d28e498",
    "run": RUN,
    "read_at": "2026-11-16T09:30:00+08:00",
    "started_at": "2026-11-16T09:30:00+08:00",
    "finished_at": "2026-11-16T09:30:02+08:00",
    "okrsync_version": "0.1.0",
    "recorded_at": "2026-11-16T09:30:00+08:00",
    "who": "kim",
    "bytes": 8156,
    "seconds": 0.25,
}
"""What differs from run to run."""


def examples(run: Callable[[tuple[str, ...]], Any]) -> dict[str, Any]:
    """An example of what each command prints, by file name; `run` gives what a command prints."""
    return {
        file_of(section): _shortened(run(section.command), "", section.kept or {}) for section in (ERROR, *SECTIONS)
    }


def file_of(section: Section) -> str:
    """The file of a command's example."""
    name = "error" if section is ERROR else "-".join(word.strip("-") for word in section.command)
    return f"{name}.json"


def page(found: Mapping[str, Any]) -> str:
    """The whole page, for these examples."""
    lines = ["## Commands\n", "| command | prints | keys |", "|---|---|---|"]
    for section in SECTIONS:
        links = f"[schema](json/{section.schema}.schema.json), [example](json/examples/{file_of(section)})"
        command = f"`okrsync {' '.join(section.command)}`"
        lines.append(f"| {command} | {section.text}. {links} | {_names(found[file_of(section)])} |")
    statuses = ", ".join(f"`{status}`" for status in STATUSES)
    lines += [
        "\n## Shared shapes\n",
        f"A *status* is one of {statuses} ([okr-method.md](okr-method.md)). A *cell* is a string, a number, a truth",
        "value or null. The others, key by key, are in [common.schema.json](json/common.schema.json):\n",
        "| shape | keys |",
        "|---|---|",
        *(f"| {name} | {_names(schemas()['common']['$defs'][name]['properties'])} |" for name in SHARED),
    ]
    return f"{INTRODUCTION}\n" + "\n".join(lines) + "\n"


def _names(keys: Iterable[str]) -> str:
    return ", ".join(f"`{key}`" for key in keys)


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
