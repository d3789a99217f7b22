"""What is shown while a command works: on a terminal only, as far as reads are, and gone afterwards."""

import io
import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.cells import cell_len

from command_kit import Shell
from connectors.http import Call, Meter
from demo_kit import demo_workspace
from syncer.commands import screen as output
from syncer.present.progress import Progress

READS = {"jira": (1, 3), "google": (2, 2)}


def meter_of(*made: tuple[str, str], reads: Mapping[str, tuple[int, int]] = READS) -> Meter:
    meter = Meter()
    for connection, (answered, asked) in reads.items():
        meter.add_reads(connection, asked, answered)
    for connection, kind in made:
        meter.add(Call(connection, kind, 10, 0.1))
    return meter


def progress(meter: Meter, language: str = "en", seconds: float = 65) -> Progress:
    return Progress("reading", language, meter, lambda: seconds, 0)


def lines(shown: Progress, width: int = 80) -> list[str]:
    return [line.plain for line in shown.lines(width)]


def test_each_connection_has_a_line_with_reads_answered_and_requests_made() -> None:
    shown = progress(meter_of(("jira", "id walk"), ("google", "token"), ("google", "read"), ("sheet", "read")))
    assert lines(shown) == [
        "jira    ██████░░░░░░░░░░░░░░   1 of 3 reads, 1 request  1:05",
        "google  ████████████████████  2 of 2 reads, 2 requests  1:05",
        "sheet                                        1 request  1:05",
    ]


def test_the_time_of_a_connection_ends_with_its_last_read() -> None:
    now = [3.0]
    shown = Progress("reading", "en", meter_of(), lambda: now[0], 0)
    assert lines(shown)[1].endswith("0:03")
    now[0] = 9.0
    assert [line[-4:] for line in lines(shown)] == ["0:09", "0:03"]


@pytest.mark.parametrize("language", ["en", "zh-TW"])
@pytest.mark.parametrize("width", [24, 40, 80, 120])
def test_lines_of_wide_names_align_and_fit(width: int, language: str) -> None:
    reads = {"客戶服務部的資料平台與問題追蹤系統": (0, 1200), "jira": (0, 2), "資料": (1, 30)}
    shown = lines(progress(meter_of(("資料", "rows"), reads=reads), language), width)
    assert max(map(cell_len, shown)) < width
    if width >= 80:
        assert len({cell_len(line[: line.index("░")].rstrip("█")) for line in shown}) == 1
        assert len({cell_len(line) for line in shown}) == 1


def test_where_nothing_is_read_yet_it_says_what_is_done() -> None:
    assert lines(progress(Meter(), "zh-TW")) == ["讀取中 …  1:05"]


@dataclass
class Terminal:
    """The screen end of a pseudo terminal of 80 columns; `held` is what came."""

    screen: int
    held: str = ""

    def until(self, wanted: Callable[[str], bool]) -> str:
        while not wanted(self.held):
            try:
                piece = os.read(self.screen, 65536)
            except OSError:  # the program has ended
                return self.held
            if not piece:
                return self.held
            self.held += piece.decode("utf-8", "replace")
        return self.held

    def left(self) -> str:
        """What stands on the screen after all that came: enough of a terminal for what is written here."""
        rows, row, column = [""], 0, 0
        text = iter(self.held)
        for char in text:
            if char == "\x1b":
                code = ""
                for char in text:  # noqa: PLW2901 - the same characters, up to the end of the sequence
                    code += char
                    if char.isalpha():
                        break
                if code[-1] == "A":
                    row -= int(code[1:-1] or 1)
                elif code == "[2K":
                    rows[row] = ""
            elif char == "\r":
                column = 0
            elif char == "\n":
                row += 1
                rows += [""] * (row + 1 - len(rows))
            else:
                rows[row] = rows[row][:column].ljust(column) + char + rows[row][column + 1 :]
                column += 1
        return "\n".join(rows).strip()


@pytest.fixture
def terminal() -> Iterator[tuple[Terminal, int]]:
    screen, program = pty.openpty()
    yield Terminal(screen), program
    for end in (screen, program):
        try:
            os.close(end)
        except OSError:
            continue


STARTED = "import sys; from syncer.commands import screen; screen.DELAY_SECONDS = 0\n"
RUN = STARTED + "from syncer.cli import run_guarded; sys.exit(run_guarded(sys.argv[1:]))"


def started(folder: Path, program: int, *arguments: str, **environment: str) -> "subprocess.Popen[bytes]":
    """A command in a process whose stderr is the terminal."""
    plain = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM", "COLUMNS")}
    child = subprocess.Popen(
        [sys.executable, "-c", RUN, *arguments],
        cwd=folder,
        env={**plain, "TERM": "xterm", "COLUMNS": "80", "OKRSYNC_NOW": "2026-11-16T09:30+08:00", **environment},
        stdout=subprocess.PIPE,
        stderr=program,
    )
    os.close(program)
    return child


def hold(until: threading.Event) -> None:
    """Keep a service from answering."""
    until.wait()


@pytest.mark.parametrize(("language", "words"), [("en", "0 of 2 reads"), ("zh-TW", "讀取 0 / 2")])
def test_a_run_shows_its_reads_on_a_terminal_and_leaves_nothing(
    tmp_path: Path, terminal: tuple[Terminal, int], language: str, words: str
) -> None:
    screen, program = terminal
    go_on = threading.Event()
    with demo_workspace(tmp_path, "zh-TW" if language == "zh-TW" else "en") as sandbox:
        sandbox.hooks["jira"] = lambda _request: hold(go_on)
        with started(tmp_path, program, "dry-run") as run:
            seen = screen.until(lambda held: words in held)  # Jira answers only once that stands there
            go_on.set()
            screen.until(lambda _held: False)
            out = run.stdout.read().decode() if run.stdout else ""
        assert run.returncode == 4
    assert "jira" in seen
    assert "\x1b[36m" in seen
    assert "█" in screen.held
    assert "KR1" in out
    assert "\x1b" not in out
    left = screen.left()
    assert "░" not in left
    assert words not in left


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (("dry-run", "--quiet"), {}),
        (("status", "--plain"), {}),
        (("dry-run",), {"TERM": "dumb"}),
    ],
)
def test_what_asks_for_none_gets_none(
    tmp_path: Path, terminal: tuple[Terminal, int], arguments: tuple[str, ...], environment: dict[str, str]
) -> None:
    screen, program = terminal
    with demo_workspace(tmp_path), started(tmp_path, program, *arguments, **environment) as run:
        screen.until(lambda _held: False)
        run.communicate()
    assert "reads" not in screen.held
    assert "\x1b" not in screen.held


def test_no_colour_where_none_is_wanted(tmp_path: Path, terminal: tuple[Terminal, int]) -> None:
    screen, program = terminal
    go_on = threading.Event()
    with demo_workspace(tmp_path) as sandbox:
        sandbox.hooks["jira"] = lambda _request: hold(go_on)
        with started(tmp_path, program, "dry-run", NO_COLOR="1") as run:
            screen.until(lambda held: "of 2 reads" in held)
            go_on.set()
            screen.until(lambda _held: False)
            run.communicate()
    assert "\x1b[36m" not in screen.held


def test_ctrl_c_ends_at_once_takes_the_lines_away_and_says_so(tmp_path: Path, terminal: tuple[Terminal, int]) -> None:
    screen, program = terminal
    go_on = threading.Event()
    with demo_workspace(tmp_path) as sandbox:
        sandbox.hooks["jira"] = lambda _request: hold(go_on)
        with started(tmp_path, program, "status") as run:
            screen.until(lambda held: "of 2 reads" in held)
            run.send_signal(signal.SIGINT)
            screen.until(lambda _held: False)
            run.communicate()
        go_on.set()
    assert run.returncode == 130
    assert "interrupted; run `okrsync status`" in screen.left()
    assert "reads" not in screen.left()


class Screen(io.StringIO):
    """A stderr that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_short_work_shows_nothing_and_needs_nothing(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "DELAY_SECONDS", 3600)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delitem(sys.modules, "syncer.present.progress", raising=False)
    Path("okrsync.yaml").write_text(
        "cycle: 2026-Q4\ntimezone: Asia/Taipei\nokr_sheet: {file: okrs.csv}\nobjectives:\n  O1:\n    title: A\n"
        "    key_results:\n      KR1: {title: B, baseline: 0, target: 2}\n",
        "utf-8",
    )
    Path("okrs.csv").write_text("KR id,Current value\nKR1,1\n", "utf-8")
    with closing(Screen()) as screen:
        monkeypatch.setattr(sys, "stderr", screen)
        shell.run("status")
        assert screen.getvalue() == ""
    assert "syncer.present.progress" not in sys.modules
    timers = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
    assert all(timer.finished.is_set() for timer in timers)


@pytest.mark.parametrize("command", ["dry-run", "sync", "status", "check", "report"])
def test_a_config_in_the_folder_of_another_is_refused(shell: Shell, command: str) -> None:
    done = shell.run(command, "-c", "a.yaml", "--config", "b.yaml")
    assert done.code == 2
    wanted = (
        "okrsync report a.yaml b.yaml" if command == "report" else f"run `okrsync {command}` once for each workspace"
    )
    assert wanted in done.err


def test_a_report_takes_its_configs_one_way(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "okrsync report a.yaml b.yaml" in shell.run("report", "-c", "a.yaml", "b.yaml").err
    monkeypatch.setenv("OKRSYNC_CONFIG", "a.yaml")
    assert "b.yaml" in shell.run("report", "b.yaml").err  # the environment's is only where none is named
