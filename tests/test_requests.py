"""The requests of a run: planned before it, counted after it."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from command_kit import Shell
from config.loading.loader import load_config
from config.models import GoogleSheetsConnection
from connectors import registry
from connectors.google_sheets.auth import READ_ONLY, Login, log_in
from connectors.http import Call, Meter
from demo_kit import NOW, demo_workspace
from syncer.present.requests import (
    planned_data,
    planned_text,
    requests_data,
    requests_markdown,
    requests_text,
)
from syncer.sources.read_sources import ReadOptions, instants, reads_of
from syncer.sources.reads import plan_reads
from workspace_kit import HEAD, context_of, load

CONFIG = (
    HEAD
    + """\
connections:
  jira: {type: jira, url: http://127.0.0.1:9, email: a@b.c, token: file:token}
measures:
  all_bugs:
    from: jira.issues
    jql: type = Bug
    value: count(*)
  bugs_again:
    from: jira.issues
    jql: type = Bug
    value: count(*)
  stories:
    from: jira.issues
    jql: type = Story
    value: count(*)
  lead_time:
    from: jira.issues
    jql: type = Task
    value: avg(lead_time_hours) filter (status_category = 'done')
  rows_here:
    from: files.rows
    path: rows.csv
    value: count(*)
"""
)


FILES = {"token": "secret", "rows.csv": "place\n1\n"}


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(tmp_path, capsys, monkeypatch)


def test_equal_queries_are_planned_once_and_counts_stand_apart_from_rows(tmp_path: Path) -> None:
    config = load(tmp_path, CONFIG, FILES)
    planned = plan_reads(config, config.measures, instants(config, NOW))

    assert planned_data(config, planned) == [
        {"connection": "files", "kind": "counts", "table": "rows", "queries": 1, "measures": 1, "columns": []},
        {"connection": "jira", "kind": "counts", "table": "issues", "queries": 2, "measures": 3, "columns": []},
        {
            "connection": "jira",
            "kind": "rows",
            "table": "issues",
            "queries": 1,
            "measures": 1,
            "columns": ["key", "lead_time_hours", "status_category"],
        },
        {"connection": "files", "kind": "okr_sheet", "table": "okrs.xlsx", "queries": 1, "measures": 0, "columns": []},
    ]


def test_only_the_requested_measures_are_planned(tmp_path: Path) -> None:
    config = load(tmp_path, CONFIG, FILES)
    planned = reads_of(config, NOW, ReadOptions(measures=["lead_time"]))

    assert [(entry["kind"], entry["measures"]) for entry in planned_data(config, planned)] == [
        ("rows", 1),
        ("okr_sheet", 0),
    ]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "en",
            [
                "Requests planned:",
                "  files        counts rows, 1 query for 1 measure",
                "  jira         counts issues, 2 queries for 3 measures",
                "  jira         rows issues, 1 query for 1 measure: key, lead_time_hours, status_category",
                "  files        OKR sheet okrs.xlsx",
            ],
        ),
        (
            "zh-TW",
            [
                "規劃的請求：",
                "  files        計數 rows，1 個查詢供 1 個指標使用",
                "  jira         計數 issues，2 個查詢供 3 個指標使用",
                "  jira         資料列 issues，1 個查詢供 1 個指標使用：key、lead_time_hours、status_category",
                "  files        OKR 試算表 okrs.xlsx",
            ],
        ),
    ],
)
def test_the_plan_of_requests_reads_in_both_languages(tmp_path: Path, language: str, expected: list[str]) -> None:
    config = load(tmp_path, CONFIG, FILES)

    assert planned_text(config, reads_of(config, NOW, ReadOptions()), language).splitlines() == expected


@pytest.mark.parametrize(("language", "walk"), [("en", "id walk"), ("zh-TW", "逐頁取編號")])
def test_markdown_has_a_line_for_each_kind_of_request(language: str, walk: str) -> None:
    meter = Meter([Call("jira", "id walk", 1200, 0.5), Call("jira", "id walk", 34, 0.25), Call("jira", "status", 7, 0)])

    assert requests_markdown(meter, language).splitlines()[4:] == [
        f"| jira | {walk} | 2 | 1,234 | 0.750 |",
        "| jira | status | 1 | 7 | 0.000 |",
    ]


@pytest.mark.parametrize("command", ["dry-run", "sync"])
@pytest.mark.parametrize("asked", [True, False])
def test_a_plan_in_markdown_holds_the_requests_where_asked(shell: Shell, command: str, asked: bool) -> None:
    with demo_workspace(shell.folder):
        done = shell.run(command, "--format", "markdown", *(["--requests"] if asked else []))

    assert ("**Requests**" in done.out) is asked
    assert ("| google | token | 1 |" in done.out) is asked
    assert ("| google | write | 1 |" in done.out) is (asked and command == "sync")


def test_requests_made_are_added_up_by_connection_and_kind() -> None:
    meter = Meter([Call("jira", "rows", 100, 0.5), Call("github", "counts", 7, 0.1), Call("jira", "rows", 50, 0.25)])

    assert requests_data(meter) == [
        {"connection": "github", "kind": "counts", "requests": 1, "bytes": 7, "seconds": 0.1},
        {"connection": "jira", "kind": "rows", "requests": 2, "bytes": 150, "seconds": 0.75},
    ]
    assert requests_text(meter, "en").splitlines()[2].split() == ["jira", "rows", "2", "×", "150", "B", "0.750", "s"]
    assert requests_text(Meter(), "zh-TW") == "實際請求：無。\n"


def test_a_dry_run_shows_requests_before_and_after_the_plan(shell: Shell) -> None:
    with demo_workspace(shell.folder) as sandbox:
        done = shell.run("dry-run", "--requests")
        sent = {name: len(sandbox.requests(name)) for name in ("github", "sheets")}

    planned, plan, made = (done.out.index(text) for text in ("Requests planned:", "Plan for", "Requests made:"))
    assert planned < plan < made
    assert "google       OKR sheet demo-okrs" in done.out
    lines = [line.split() for line in done.out[made:].splitlines()[1:]]
    counted = {name: sum(int(line[-6]) for line in lines if line[0] == name) for name in ("github", "google")}
    assert counted == {"github": sent["github"], "google": sent["sheets"]}


@pytest.mark.parametrize("command", ["dry-run", "sync"])
def test_json_holds_the_requests_planned_and_made(shell: Shell, command: str) -> None:
    with demo_workspace(shell.folder):
        done = shell.run(command, "--requests", "--format", "json", "--fail-on", "error")

    data = json.loads(done.out)
    kinds = {(entry["connection"], entry["kind"]) for entry in data["requests_planned"]}
    assert {("google", "cells"), ("google", "okr_sheet"), ("jira", "rows")} <= kinds
    assert all(entry["requests"] > 0 and entry["bytes"] > 0 for entry in data["requests"])
    assert ("google", "write") in {(entry["connection"], entry["kind"]) for entry in data["requests"]} or (
        command == "dry-run"
    )


def test_sources_and_sheet_that_open_at_once_share_one_login(tmp_path: Path) -> None:
    with demo_workspace(tmp_path):
        config = load_config(tmp_path / "okrsync.yaml", registry.tables)
    connection = config.workspace.connections["google"]
    assert isinstance(connection, GoogleSheetsConnection)
    context, together = context_of(config), Barrier(8)

    def open_one(_: int) -> Login:
        together.wait()
        return log_in("google", connection, context, READ_ONLY)

    with ThreadPoolExecutor(8) as pool:
        logins = list(pool.map(open_one, range(8)))

    assert {id(login) for login in logins} == {id(logins[0])}


def test_a_sync_that_is_refused_still_shows_what_was_planned(shell: Shell) -> None:
    with demo_workspace(shell.folder) as sandbox:
        sandbox.services["sheets"].load({"key": "", "books": []})
        done = shell.run("sync", "--requests")

    assert done.code == 1
    assert done.out.startswith("Requests planned:\n")


def test_the_first_sync_reads_the_sheet_once(shell: Shell) -> None:
    """Google refuses a read that names a tab which does not exist; okrsync's own does not before the first sync."""
    with demo_workspace(shell.folder) as sandbox:
        sent: list[tuple[str, int]] = []
        for expected in ([("GET", 200), ("POST", 200)], [("GET", 200)]):
            assert shell.run("sync", "--fail-on", "error").code == 0
            sent += expected
            calls = [entry for entry in sandbox.requests("sheets") if "/demo-okrs" in entry.target]
            assert [(entry.method, entry.status) for entry in calls] == sent
