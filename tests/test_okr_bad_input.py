"""What makes no key result is a config error with its line and a remedy, and nothing has been asked of any service."""

import socket
from typing import NoReturn

import pytest

from command_kit import Shell

CONFIG = """\
cycle: 2026-Q4
timezone: Asia/Taipei
okr_sheet:
  file: okrs.xlsx
connections:
  jira:
    type: jira
    url: http://127.0.0.1:1
    email: demo@example.com
    token: $JIRA_TOKEN
measures:
  hours: {from: jira.issues, jql: project = CORE, value: avg(lead_time_hours)}
  bugs: {from: jira.issues, jql: project = CORE, value: count(*)}
objectives:
  O1: {aligns_to: O2, key_results: {KR0: {measure: bugs, target: 3}}}
  O2: {}
key_results:
"""
CASES = {
    "KR1: {measure: hours, change: -10%}": (
        "change  `change` needs a `baseline`: write where it starts, or write `target` instead"
    ),
    "KR1: {parts: [{measure: hours, target: 1}]}": (
        "parts.1.target  has no baseline: write where it starts (only counts, sums, shares and "
        "typed values start at 0 automatically), or `kind: at_least` or `at_most` if only reaching the target counts"
    ),
    "KR1: {measure: hours, baseline: 4, target: 4}": (
        "target  `target` and `baseline` are both 4, so nothing can move: change one of them"
    ),
    "KR1: {measure: bugs, target: 4, weight: 0}": "weight  must be above 0: write such a number, or remove it",
    "KR1: {measure: bugs, target: 4, weight: -1}": "weight  must be above 0: write such a number, or remove it",
    "KR1: {parts: [{measure: bugs, target: 4, weight: -1}]}": (
        "parts  part 1 has weight -1: write a number above 0, or remove it"
    ),
    "KR1: {measure: hours, min: 3, max: 1}": ("min  `min` 3 is above `max` 1: exchange them"),
    "KR1: {measure: bugs, target: 4, due: 2027-01-01}": (
        "due  2027-01-01 is not within the cycle 2026-Q4, 2026-10-01 to 2026-12-31; write a day within it"
    ),
    "KR1: {parts: []}": "parts  is empty: write at least one entry, with '- ' before it, or remove it",
    "KR1: {measure: hours, baseline: 40, target: 90%}": (
        "target  is a percent, but the measure gives hours: write hours, or measure a share"
    ),
    "KR1: {baseline: 40, target: 90%}": ("target  40 is part of a goal in percent: write 40%"),
}


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> NoReturn:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setenv("JIRA_TOKEN", "a-secret-token")


def refused(shell: Shell, text: str) -> str:
    (shell.folder / "okrsync.yaml").write_text(text, "utf-8")
    for command in ("dry-run", "sync", "check"):
        done = shell.run(command)
        assert done.code == 1
    return done.err


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("stated", CASES)
def test_a_key_result_that_makes_no_goal(shell: Shell, stated: str) -> None:
    assert refused(shell, f"{CONFIG}  {stated}\n").splitlines()[:2] == [
        "okrsync.yaml: 1 problem",
        f"  line 18   key_results.KR1.{CASES[stated]}",
    ]


@pytest.mark.usefixtures("offline")
def test_objectives_that_align_in_a_loop(shell: Shell) -> None:
    text = CONFIG.replace("O2: {}", "O2: {aligns_to: KR0}") + "  KR1: {title: typed}\n"
    output = "is circular: O1 -> O2 -> O1; remove one of these from its `aligns_to`"
    assert refused(shell, text).splitlines()[:2] == [
        "okrsync.yaml: 1 problem",
        f"  line 15   objectives.O1.aligns_to  {output}",
    ]
