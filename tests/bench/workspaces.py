"""The okrsync workspace that asks what a world's key results ask."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

Job = Mapping[str, Any]
"""The first line of `serve.py`."""

_PER_OBJECTIVE = 10


def write_workspace(folder: Path, job: Job) -> Path:
    """The config and its secrets in `folder`; the config's path."""
    folder.mkdir(parents=True, exist_ok=True)
    secrets = {
        "jira-token": job["jira"]["token"],
        "github-token": job["github"]["token"],
        "account.json": json.dumps(job["sheets"]["account"]),
    }
    for name, text in secrets.items():
        with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
    config = folder / "okrsync.yaml"
    config.write_text("\n".join([*_head(job), *_measures(job), *objectives(job["asked"])]) + "\n", "utf-8")
    return config


def _head(job: Job) -> list[str]:
    urls = job["urls"]
    return [
        "cycle: {name: 2026-H1, start: 2026-01-01, end: 2026-06-30}",
        "timezone: UTC",
        "language: en",
        "connections:",
        "  jira:",
        "    type: jira",
        f"    url: {urls['jira']}",
        f"    email: {job['jira']['email']}",
        "    token: file:jira-token",
        "    fields:",
        "      story_points: customfield_10016",
        "  github:",
        "    type: github",
        f"    url: {urls['github']}",
        "    token: file:github-token",
        "  google:",
        "    type: google_sheets",
        f"    url: {urls['google']}",
        f"    token_url: {urls['google']}/token",
        "    service_account: file:account.json",
        "okr_sheet:",
        "  connection: google",
        f"  spreadsheet: {job['sheets']['okrs']}",
        "  tabs: [OKRs]",
    ]


def _measures(job: Job) -> Iterator[str]:
    yield "measures:"
    for number, asked in enumerate(job["asked"]):
        yield f"  m{number}:"
        yield from (f"    {line}" for line in _measure(asked, job))


def _measure(asked: Mapping[str, Any], job: Job) -> list[str]:
    query = asked["query"]
    match asked["kind"]:
        case "jira_count":
            return ["from: jira.issues", "jql: |", f"  {query}", "value: count(*)"]
        case "jira_sum":
            points = "value: sum(story_points) filter (status_category = 'done' and type in ('Bug', 'Story', 'Task'))"
            return ["from: jira.issues", "jql: |", f"  {query}", points]
        case "github_count":
            return ["from: github.issues", "search: |", f"  {query}", "value: count(*)"]
        case "github_rows":
            comments = "value: sum(comments) filter (state = 'closed')"
            return ["from: github.issues", "search: |", f"  {query}", comments]
    return ["from: google.cell", f"spreadsheet: {job['sheets']['numbers']}", f"cell: {query}", "value: max(value)"]


def objectives(asked: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Ten key results each; key result n stands on measure n."""
    yield "objectives:"
    for number, one in enumerate(asked):
        if number % _PER_OBJECTIVE == 0:
            yield f"  O{number // _PER_OBJECTIVE + 1}:"
            yield f"    title: Objective {number // _PER_OBJECTIVE + 1}"
            yield "    key_results:"
        yield f"      {one['id']}:"
        yield f"        title: Key result {number + 1}"
        yield "        baseline: 0"
        yield "        target: 5000"
        yield f"        measure: m{number}"
