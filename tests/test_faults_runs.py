"""Whole runs against a service that fails: what the run says, which cells stay as they were, its exit code."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from command_kit import Shell
from connectors.patience import Patience
from connectors.sandbox.server import Fault, Request, Sandbox
from demo_kit import demo_workspace, sheets_of
from fault_cases import FINAL, PASSING, UNREADABLE

STANDS_ON = {"github": ("KR3", "KR4"), "sheets": ("KR5", "KR6")}
"""The demo's eighth key result is typed by people and has no value yet: a run is never complete, its exit code 4."""

ADDRESSES = {"github": "/graphql", "sheets": "/demo-sales/"}
NAMES = ("429 without Retry-After", "502", "reset in the body", "truncated JSON", "HTML with 200", "401")
FAULTS = {name: (PASSING | UNREADABLE | FINAL)[name] for name in NAMES}
FAULTS["429 with an absurd Retry-After"] = {"status": 429, "headers": {"Retry-After": "86400"}}


@pytest.fixture
def sandbox(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    def no_wait(patience: Patience, seconds: float) -> None:
        patience._slept_until = max(patience._slept_until, patience._now() + seconds)

    monkeypatch.setattr(Patience, "_sleep", no_wait)
    with demo_workspace(shell.folder) as running:
        yield running


def cells(sandbox: Sandbox) -> Mapping[str, list[object]]:
    """What was entered in each key result's row."""
    tab = sheets_of(sandbox).books["demo-okrs"].tabs[0]
    rows = [[next(iter(tab.cell(row, column).entered.values()), None) for column in range(14)] for row in range(1, 12)]
    return {str(row[0]): row for row in rows if row[0]}


def move(sandbox: Sandbox, status: str) -> None:
    """Somebody moves a bug, so that a key result of Jira's has another value."""
    body = json.dumps({"status": status}).encode()
    assert sandbox.answer(Request("POST", "/_sandbox/jira/issues/CORE-42", {}, {}, body, sandbox.url)).status == 200


def writes(sandbox: Sandbox) -> int:
    return sum(":batchUpdate" in entry.target for entry in sandbox.requests("sheets"))


@pytest.mark.parametrize("service", STANDS_ON)
def test_a_service_that_fails_costs_its_own_key_results(shell: Shell, sandbox: Sandbox, service: str) -> None:
    assert "8 key results, 1 unknown" in shell.run("sync").out
    for number, name in enumerate(FAULTS):
        before = cells(sandbox)
        move(sandbox, "To Do" if number % 2 else "Done")
        sandbox.faults.append(Fault(service, ADDRESSES[service], times=1000, **FAULTS[name]))
        done = shell.run("sync")
        after = cells(sandbox)
        assert (name, done.code) == (name, 4)
        assert f"{1 + len(STANDS_ON[service])} unknown" in done.out
        for key in STANDS_ON[service]:
            assert (name, after[key]) == (name, before[key])
        assert (name, after["KR1"] != before["KR1"]) == (name, True)
        sandbox.faults.clear()
    assert "8 key results, 1 unknown" in shell.run("sync").out


@pytest.mark.parametrize("name", [*FAULTS, "403", "404"])
def test_an_okr_sheet_that_cannot_be_read_is_not_written(shell: Shell, sandbox: Sandbox, name: str) -> None:
    before = cells(sandbox)
    given: dict[str, Any] = {**FAULTS, **FINAL}[name]
    sandbox.faults.append(Fault("sheets", "/demo-okrs", times=1000, **given))
    done = shell.run("sync")
    assert done.code == 1
    assert "Nothing was written" in done.err
    assert "demo-okrs" in done.err
    sandbox.faults.clear()
    assert (writes(sandbox), cells(sandbox)) == (0, before)


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("arrived", [False, True])
def test_a_write_whose_answer_is_lost_ends_right_or_says_so(
    shell: Shell, sandbox: Sandbox, name: str, arrived: bool
) -> None:
    refused = FAULTS[name]["status"] in (401, 429)
    sandbox.faults.append(Fault("sheets", ":batchUpdate", times=1, after=arrived and not refused, **FAULTS[name]))
    done = shell.run("sync")
    assert done.code == (1 if refused else 4)
    if refused:
        assert "Nothing was written" in done.err
    assert writes(sandbox) == (1 if refused or arrived else 2)
    assert shell.run("sync").code == 4
    assert writes(sandbox) == (1 if arrived and not refused else 2)
    assert "Nothing to write" in shell.run("sync").out
