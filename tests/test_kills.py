"""`kill -9` at every step of a run, a full disk, a read-only folder, a broken ledger, a clock that goes back."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path

import pytest

from command_kit import NOTHING_TO_WRITE, Shell
from connectors.sandbox.google_sheets.book import Book, GridTab
from kill_kit import KILLED, Warm
from lean_kit import OWN, lean_workspace, numbers
from sandbox_kit import Sandbox
from sheet_people import between, entered_by_id, shown_by_id

LEDGER = Path(".okrsync/ledger.db")
MOUNT, UNMOUNT = shutil.which("mount") or "", shutil.which("umount") or ""
Drive = Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def warmed() -> Iterator[Callable[[], Warm]]:
    """The process that does the runs, begun when first asked for: by then everything is imported."""
    with ExitStack() as stack:
        yield cache(lambda: stack.enter_context(Warm()))


@pytest.fixture
def drive(warmed: Callable[[], Warm], sandbox: Sandbox) -> Drive:
    """A sync in a process of its own, which meets what a step of `kill_driver.py` names."""
    assert sandbox
    return lambda step: warmed().run(step)


@pytest.fixture
def sandbox(shell: Shell) -> Iterator[Sandbox]:
    """Everything written once; then the numbers moved."""
    with lean_workspace(shell.folder) as running:
        assert shell.run("sync").code == 0
        numbers(running, 2)
        yield running


def goes_on(shell: Shell, sandbox: Sandbox, step: int = 2) -> None:
    """The next run puts everything in its row, once, and the one after that finds nothing to do."""
    done = shell.run("sync")
    assert done.code == 0, done.out + done.err
    found = shown_by_id(sandbox)
    assert {key: row["Current value"] for key, row in found.items() if key.startswith("KR")} == {
        f"KR{n}": n * (10 + step) for n in range(1, 9)
    }
    assert NOTHING_TO_WRITE in shell.run("sync").out


@pytest.mark.parametrize("step", ["begin", "intent", "write", "answer", "record"])
def test_the_next_run_goes_on_where_one_was_killed(shell: Shell, sandbox: Sandbox, step: str, drive: Drive) -> None:
    before = entered_by_id(sandbox, OWN)
    assert drive(step).returncode == KILLED
    arrived = step in ("answer", "record")
    assert (entered_by_id(sandbox, OWN) != before) is arrived
    goes_on(shell, sandbox)
    outcomes = shell.run("history").out
    assert ("interrupted" in outcomes) is (step in ("intent", "write")), outcomes
    assert ("partial" in outcomes) is arrived, outcomes


def test_a_ledger_killed_while_its_tables_are_made_is_made_by_the_next_run(
    shell: Shell, sandbox: Sandbox, drive: Drive
) -> None:
    for path in Path(".okrsync").glob("ledger.db*"):
        path.unlink()
    before = entered_by_id(sandbox, OWN)
    assert drive("migrate").returncode == KILLED
    assert entered_by_id(sandbox, OWN) == before
    goes_on(shell, sandbox)


@pytest.mark.parametrize("step", ["full:begin", "full:intent", "full:write", "full:record"])
def test_a_full_disk_is_a_clear_end_and_the_next_run_goes_on(
    shell: Shell, sandbox: Sandbox, step: str, drive: Drive
) -> None:
    done = drive(step)
    assert done.returncode in (1, 3), done.stderr
    goes_on(shell, sandbox)


@pytest.mark.parametrize("room", [0, 4096, 40_000])
def test_a_ledger_that_may_not_grow_is_a_clear_end_and_the_next_run_goes_on(
    shell: Shell, sandbox: Sandbox, room: int, drive: Drive
) -> None:
    """A limit on the size of files: the system refuses to write, wherever in the run that is."""
    before = entered_by_id(sandbox, OWN)
    done = drive(f"limit:{room}")
    written = entered_by_id(sandbox, OWN) != before
    assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stdout + done.stderr
    assert ("The sheet was written before that" in done.stderr) is written
    assert "Free space on that disk" in done.stderr
    goes_on(shell, sandbox)


@pytest.fixture
def small_disk(shell: Shell, sandbox: Sandbox) -> Iterator[Path]:
    """The state folder on a disk of its own of 1 MB; the numbers have moved since the last run."""
    assert sandbox
    state = shell.folder / ".okrsync"
    kept = {path.name: path.read_bytes() for path in state.iterdir()}
    mount = [MOUNT, "-t", "tmpfs", "-o", "size=1m", "okrsync-test", str(state)]
    if os.geteuid() != 0 or not MOUNT or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root mounts a disk, and not everywhere")
    try:
        for name, content in kept.items():
            (state / name).write_bytes(content)
        yield state
    finally:
        subprocess.run([UNMOUNT, "-l", str(state)], check=True)


@pytest.mark.parametrize("room", [0, 16, 20, 24, 64])
def test_a_disk_that_is_full_is_a_clear_end_and_the_next_run_goes_on(
    shell: Shell, sandbox: Sandbox, small_disk: Path, room: int, drive: Drive
) -> None:
    """So many pages of 4 KB are free when the run begins."""
    before = entered_by_id(sandbox, OWN)
    filler = small_disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
    os.truncate(filler, filler.stat().st_size - 4096 * room)
    done = drive("never")
    written = entered_by_id(sandbox, OWN) != before
    if done.returncode:
        assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stdout + done.stderr
        assert ("The sheet was written before that" in done.stderr) is written
        assert "Free space on that disk" in done.stderr
    filler.unlink()
    goes_on(shell, sandbox)


def test_a_read_only_disk_stops_before_anything_is_written(
    shell: Shell, sandbox: Sandbox, small_disk: Path, drive: Drive
) -> None:
    before = entered_by_id(sandbox, OWN)
    subprocess.run([MOUNT, "-o", "remount,ro", str(small_disk)], check=True)
    done = drive("never")
    subprocess.run([MOUNT, "-o", "remount,rw", str(small_disk)], check=True)
    assert done.returncode == 1
    assert "Give this user write access" in done.stderr
    assert entered_by_id(sandbox, OWN) == before
    goes_on(shell, sandbox)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_folder_stops_before_anything_is_read(shell: Shell, sandbox: Sandbox) -> None:
    Path(".okrsync").chmod(0o500)
    try:
        done = shell.run("sync")
    finally:
        Path(".okrsync").chmod(0o700)
    assert done.code == 1
    goes_on(shell, sandbox)


def test_a_broken_ledger_stops_before_anything_is_written_and_says_the_way_out(shell: Shell, sandbox: Sandbox) -> None:
    before = entered_by_id(sandbox, OWN)
    for path in Path(".okrsync").glob("ledger.db-*"):
        path.unlink()
    LEDGER.write_bytes(b"not a database at all" * 400)
    done = shell.run("sync")
    assert done.code == 1
    assert "Move the file away and run again" in done.err
    assert entered_by_id(sandbox, OWN) == before
    LEDGER.unlink()
    goes_on(shell, sandbox)


@pytest.mark.parametrize("share", range(0, 100, 14))
def test_a_ledger_with_a_broken_page_never_spoils_the_sheet(shell: Shell, sandbox: Sandbox, share: int) -> None:
    """Wherever the page is: the run ends as always, or says what to do with the file."""
    before = entered_by_id(sandbox, OWN)
    content = bytearray(LEDGER.read_bytes())
    at = len(content) * share // 100 // 4096 * 4096
    content[at : at + 4096] = b"\xa5" * 4096
    LEDGER.write_bytes(content)
    done = shell.run("sync")
    assert done.code in (0, 1), done.err
    written = entered_by_id(sandbox, OWN) != before
    if done.code == 1:
        assert "Move the file away and run again" in done.err
        assert ("The sheet was written before that" in done.err) is written
        LEDGER.unlink()
    goes_on(shell, sandbox)


def test_a_second_run_names_the_first_and_writes_nothing(shell: Shell, sandbox: Sandbox, drive: Drive) -> None:
    seconds: list[subprocess.CompletedProcess[str]] = []

    def second(_book: Book, _tab: GridTab) -> None:
        seconds.append(drive("never"))

    between(sandbox, second)
    goes_on(shell, sandbox)
    (output,) = seconds
    assert output.returncode == 1
    assert f"another run is using this workspace (process {os.getpid()}" in output.stderr
    assert "Nothing was read or written." in output.stderr


def test_a_clock_that_goes_back_doubles_nothing(shell: Shell, sandbox: Sandbox) -> None:
    shell.at("2026-11-20T08:00:00+08:00")
    assert shell.run("sync").code == 0
    numbers(sandbox, 3)
    shell.at("2026-11-12T08:00:00+08:00")
    goes_on(shell, sandbox, step=3)
    assert [key for key in entered_by_id(sandbox) if key.startswith("KR")].count("KR6") == 1
