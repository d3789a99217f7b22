"""Whole runs against a service that fails: what the run says, which cells stay as they were, its exit code."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from command_kit import NOTHING_TO_WRITE, Shell
from connectors.retry import RetryPolicy
from demo_kit import demo_workspace
from fault_cases import FINAL, PASSING, UNREADABLE
from fault_matrix import ARRIVED, CASES, LASTING, SERVICES, WRITE, Case
from fault_page import PAGE, check_row, page, row_of, rows
from fault_world import (
    IDS,
    NO_HOST,
    FaultWorld,
    Ran,
    be_impatient,
    fault_world,
    hanging,
    locked,
    no_such_host,
    point_away,
    write_elsewhere,
)
from sandbox_kit import Fault, Sandbox


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultWorld]:
    with fault_world(tmp_path_factory.mktemp("faults")) as world:
        yield world


@pytest.fixture
def world(made: FaultWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FaultWorld:
    made.restore(tmp_path)
    monkeypatch.chdir(tmp_path)
    return made


def put(case: Case, world: FaultWorld, patch: pytest.MonkeyPatch, stack: ExitStack) -> None:
    """Make the fault."""
    service = SERVICES[case.service]
    if case.file:
        case.file(Path(service.match))
    elif case.answer:
        match, skip = service.later if "401" in case.fault else (service.match, 0)
        given: dict[str, Any] = {"match": match, "skip": skip, **case.answer()}
        world.sandbox.faults.append(Fault(service.sandbox, times=LASTING, after=case.service == ARRIVED, **given))
    elif case.between:
        world.instead(service.sandbox, service.match, case.between())
    elif case.special == "locked":
        be_impatient(service.connection)
        stack.enter_context(locked(Path(service.match)))
    elif case.special == "hang":
        be_impatient(service.connection)
        stack.enter_context(hanging(world, service.sandbox, service.match, arrived=case.service == ARRIVED))
    else:
        url = f"https://{NO_HOST}" if case.special == "dns" else world.sandbox.url.replace("http:", "https:")
        no_such_host(patch)
        if case.service == WRITE:
            write_elsewhere(patch, url)
        else:
            point_away(service.connection, url)


def hold(world: FaultWorld, case: Case, ran: Ran) -> tuple[str, ...]:
    """The key results that stayed as they were: none but those the fault may cost, and no cell has any other value."""
    kept = tuple(key for key in IDS if ran.cells[key] == world.before[key])
    assert all(ran.cells[key] in (world.before[key], world.right[key]) for key in world.before)
    assert set(ran.cells) == set(world.before)
    assert (ran.code, bool(ran.err)) in ((0, False), (1, True), (4, True)), ran.err
    assert "okrsync-" not in ran.err
    if ran.code == 1:
        assert kept == IDS
        assert ran.cells == world.before
        assert "othing was written" in ran.err or "not sent again" in ran.err
    else:
        assert (kept != ()) is (ran.code == 4)
        assert set(kept) <= set(SERVICES[case.service].costs)
    return kept


@pytest.mark.parametrize(("service", "fault"), CASES)
def test_a_fault_costs_what_the_page_says(
    world: FaultWorld, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, service: str, fault: str
) -> None:
    case = CASES[service, fault]
    with ExitStack() as stack:
        put(case, world, monkeypatch, stack)
        ran = world.sync(capsys)
    check_row(service, fault, row_of(fault, ran, hold(world, case, ran)))


def test_the_limits_of_the_config_hold(world: FaultWorld, capsys: pytest.CaptureFixture[str]) -> None:
    with Path("okrsync.yaml").open("a", encoding="utf-8") as config:
        config.write("limits: {wait: 5s}\n")
    world.sandbox.faults.append(Fault("jira", times=LASTING, **PASSING["429 with Retry-After"]))
    ran = world.sync(capsys)
    assert ran.code == 4
    assert "it asks to wait 7 s, and a run waits 5 s at most" in ran.output
    assert ran.cells["KR1"] == world.before["KR1"]


def test_no_time_at_all_writes_nothing(world: FaultWorld, capsys: pytest.CaptureFixture[str]) -> None:
    with Path("okrsync.yaml").open("a", encoding="utf-8") as config:
        config.write("limits: {run: 0.000001s}\n")
    ran = world.sync(capsys)
    assert (ran.code, ran.cells, ran.writes) == (1, world.before, 0)
    assert "not sent: the run's time (1e-06 s) is used up. Nothing was written." in ran.output
    assert "raise `limits.run`" in ran.err


def test_the_page_says_no_more() -> None:
    assert set(rows()) == set(CASES)
    assert PAGE.read_text("utf-8") == page(rows())


NAMES = ("429 without Retry-After", "502", "reset in the body", "truncated JSON", "HTML with 200", "401")
FAULTS = {name: (PASSING | UNREADABLE | FINAL)[name] for name in NAMES}
FAULTS["429 with an absurd Retry-After"] = {"status": 429, "headers": {"Retry-After": "86400"}}


@pytest.fixture
def sandbox(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    def no_wait(patience: RetryPolicy, seconds: float) -> None:
        patience._quota.slept_until = patience._now() + seconds

    monkeypatch.setattr(RetryPolicy, "_sleep", no_wait)
    with demo_workspace(shell.folder) as running:
        yield running


def writes(sandbox: Sandbox) -> int:
    return sum(":batchUpdate" in entry.target for entry in sandbox.requests("sheets"))


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("arrived", [False, True])
def test_a_write_whose_answer_is_lost_ends_right_or_says_so(
    shell: Shell, sandbox: Sandbox, name: str, arrived: bool
) -> None:
    refused = name in ("401", "429 with an absurd Retry-After")
    passing = name == "429 without Retry-After"
    sandbox.faults.append(
        Fault("sheets", ":batchUpdate", times=1, after=arrived and not refused and not passing, **FAULTS[name])
    )
    done = shell.run("sync")
    gone_well = passing or (arrived and not refused)
    assert done.code == (4 if gone_well else 1)
    if refused:
        assert "Nothing was written" in done.err
    assert writes(sandbox) == 1 + passing
    assert shell.run("sync").code == 4
    assert writes(sandbox) == (1 + passing if gone_well else 2)
    assert NOTHING_TO_WRITE in shell.run("sync").out
