"""Sprints in whole runs: messages with measure and line, unknown values, other sources untouched."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from command_kit import Shell
from connectors.sandbox.jira.boards import Board
from connectors.sandbox.jira.sample import sample_board, sample_issues
from connectors.sandbox.jira.service import JiraSandbox
from golden_files import check_golden
from sandbox_kit import Fault, Sandbox

NOW = datetime(2026, 11, 16, 9, 30, tzinfo=ZoneInfo("Asia/Taipei"))
FIRST = date(2026, 10, 1)
TOKEN = "sandbox-token"
HTML = {"Content-Type": "text/html"}
CONFIG = """\
cycle: 2026-Q4
timezone: Asia/Taipei
language: {language}
okr_sheet: {{file: okrs.xlsx}}
connections:
  jira:
    type: jira
    url: {url}
    email: demo@example.com
    token: $JIRA_TOKEN
measures:
  velocity:
    from: jira.sprints
    {query}
    value: avg(completed_points)
  visits:
    from: files.rows
    path: visits.csv
    value: sum(n)
objectives:
  O1:
    title: Grow
    key_results:
      KR1: {{title: Velocity, baseline: 20, target: 40, measure: velocity}}
      KR2: {{title: Visits, baseline: 0, target: 100, measure: visits}}
"""
GOOD = "board: 1\n    last: 3"


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setenv("JIRA_TOKEN", TOKEN)
    site = JiraSandbox(sample_issues(FIRST, NOW, "en"), time_zone="Asia/Taipei", now=lambda: NOW)
    site.boards = {1: sample_board(FIRST, NOW), 2: Board(2, "Flow", "CORE", "project = CORE", kind="kanban")}
    with Sandbox([site]) as made:
        yield made


def state(box: Sandbox, query: str = GOOD, language: str = "en") -> None:
    text = CONFIG.format(url=box.service_url("jira"), query=query, language=language)
    Path("okrsync.yaml").write_text(text, "utf-8")


def current() -> Any:
    sheet = load_workbook("okrs.xlsx")["OKRs"]
    column = [cell.value for cell in sheet[1]].index("Current value") + 1
    return [sheet.cell(row, column).value for row in range(2, sheet.max_row + 1)][-2:]


def prepare(shell: Shell, box: Sandbox) -> None:
    """A sheet with good numbers."""
    state(box)
    Path("visits.csv").write_text("id,n\na,40\n", "utf-8")
    assert shell.run("init", ".", "--sheet", "--yes").code == 0
    assert shell.run("sync").code == 0
    assert current() == [29.0, 40]
    Path("visits.csv").write_text("id,n\na,60\n", "utf-8")


def fault(match: str, status: int, body: Any = None, **headers: str) -> Fault:
    return Fault("jira", match, status, body, headers, times=99)


NO = {"errorMessages": ["no"]}
CASES: dict[str, tuple[Fault | None, str]] = {
    "a kanban board": (None, "board: 2"),
    "a board that is not there": (None, "board: 7"),
    "no board": (None, "last: 3"),
    "an unknown field of points": (None, "board: 1\n    points: Story Pionts"),
    "a wrong password": (fault("/sprint", 401, NO), GOOD),
    "no permission": (fault("/configuration", 403, NO), GOOD),
    "a limit": (fault("/sprint", 429, NO, **{"Retry-After": "900"}), GOOD),
    "a gateway that fails": (fault("/configuration", 502, b"<html>Bad gateway</html>", **HTML), GOOD),
    "HTML where JSON is due": (fault("/sprint", 200, b"<html>Sign in</html>", **HTML), GOOD),
    "a page that does not end": (fault("/sprint", 200, {"values": [], "isLast": False}), GOOD),
    "a history that fails": (fault("changelog", 400, NO), GOOD),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_input(shell: Shell, box: Sandbox, case: str) -> None:
    prepare(shell, box)
    broken, query = CASES[case]
    box.faults += [broken] if broken else []
    state(box, query)
    said = shell.output_of(("sync",))
    assert current() == [29, 60], "unknown keeps its number, and the other source is written"
    assert "measure velocity (okrsync.yaml:12)" in said
    assert TOKEN not in said
    check_golden(f"jira_sprints_{case.replace(' ', '_')}.txt", f"# {case}\n{said}")


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("board: 1\n    last: 0", "must be at least 1"),
        ("board: 1\n    state: open", "'open' is not one of future, active, closed"),
        ("board: 1\n    jql: project = CORE", "jira.sprints"),
    ],
)
def test_a_config_that_cannot_be_meant(shell: Shell, box: Sandbox, query: str, problem: str) -> None:
    state(box, query)
    done = shell.run("check")
    assert done.code == 1
    assert problem in done.err + done.out
    assert not box.log


def test_check_online_and_the_requests(shell: Shell, box: Sandbox) -> None:
    prepare(shell, box)
    done = shell.run("check", "--online")
    assert done.code == 0, done.err
    done = shell.run("dry-run", "--requests")
    assert re.search(r"jira +board +1 ×", done.out)
    assert re.search(r"jira +sprints +1 ×", done.out)
    assert re.search(r"jira +history +1 ×", done.out)
    box.faults.append(fault("/configuration", 403, NO))
    done = shell.run("check", "--online")
    assert done.code == 4
    assert "HTTP 403 (no)" in done.out + done.err


def test_in_chinese(shell: Shell, box: Sandbox) -> None:
    prepare(shell, box)
    state(box, "board: 2", "zh-TW")
    said = shell.output_of(("dry-run",))
    assert "只有使用衝刺的看板才有速度" in said
