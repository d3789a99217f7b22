"""What a machine can do to okrsync is told with an exit code of its own, never as a bug of ours."""

import errno
import os
import stat
from pathlib import Path
from typing import NoReturn

import pytest

from command_kit import Shell
from config.errors import OkrsyncError
from syncer import cli
from syncer.commands.screen import write_out


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(tmp_path, capsys, monkeypatch)


def full(*_arguments: object, **_options: object) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


def full_file(handle: int, *_: object, **_options: object) -> NoReturn:
    os.close(handle)
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_clock_that_is_none(shell: Shell) -> None:
    shell.run("init", ".")
    shell.at("tomorrow")
    done = shell.run("sync")
    assert done.code == 1
    assert "'tomorrow' is not a point in time. Nothing was read or written.\nWrite it as in OKRSYNC_NOW=" in done.err


def test_a_full_disk_ends_init_in_words(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fdopen", full_file)
    done = shell.run("init", "new")
    assert done.code == 1
    assert "No space left on device" in done.err


def test_a_full_disk_leaves_nothing_of_the_next_cycle(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.run("init", ".")
    with monkeypatch.context() as patch:
        write_text = Path.write_text

        def half(path: Path, data: str, encoding: str) -> int:
            if path.suffix != ".yaml":
                return write_text(path, data, encoding)
            path.touch()
            return full()

        patch.setattr(Path, "write_text", half)
        done = shell.run("close", "--next", "next.yaml", "--next-cycle", "2027-Q1")
    assert done.code == 1
    assert "No partial file was kept." in done.err
    assert not Path("next.yaml").exists()


def test_a_folder_without_permission_to_look_into(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.run("init", ".")
    there, is_folder = Path.exists, Path.is_dir

    def allowed(path: Path) -> bool:
        if path.name == "ledger.db":
            raise PermissionError(errno.EACCES, "Permission denied")
        return True

    monkeypatch.setattr(Path, "exists", lambda path: allowed(path) and there(path))
    monkeypatch.setattr(Path, "is_dir", lambda path: allowed(path) and is_folder(path))
    done = shell.run("dry-run")
    assert done.code == 4
    assert "Give this user write access there" in done.err


def test_ctrl_c_inside_of_a_class_being_made(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrapped(_arguments: object) -> int:
        message = "Error calling __set_name__"
        raise RuntimeError(message) from KeyboardInterrupt()

    monkeypatch.setattr(cli, "run_command", wrapped)
    assert cli.run_guarded([]) == 130
    assert capsys.readouterr().err.startswith("interrupted;")


def test_what_out_cannot_write_whole_leaves_what_stood_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = tmp_path / "okr.html"
    report.write_text("last week's")
    report.chmod(0o640)

    with monkeypatch.context() as patched:
        patched.setattr("os.fdopen", full_file)
        with pytest.raises(OkrsyncError, match="No space left on device") as refused:
            write_out(report, "today's", private=False)
    assert refused.value.advice == "Free space on that disk, or name a file elsewhere."
    assert [path.read_text() for path in tmp_path.iterdir()] == ["last week's"]
    write_out(report, "today's", private=False)
    assert (report.read_text(), stat.S_IMODE(report.stat().st_mode)) == ("today's", 0o640)
    write_out(tmp_path / "plan.json", "{}", private=True)
    assert stat.S_IMODE((tmp_path / "plan.json").stat().st_mode) == 0o600


def test_a_key_result_without_an_objective_is_under_none(shell: Shell) -> None:
    (shell.folder / "okrsync.yaml").write_text(
        """\
cycle: 2026-Q4
timezone: Asia/Taipei
okr_sheet: {file: okrs.csv}
objectives:
  O1:
    title: Customers trust us
    key_results:
      KR1: {title: First, target: 5, baseline: 0}
key_results:
  KR9: {title: Last, target: 5, baseline: 0}
""",
        "utf-8",
    )
    (shell.folder / "okrs.csv").write_text("KR id,Key result,Current value,Progress\nKR1,,1,\nKR9,,2,\n", "utf-8")
    lines = shell.run("dry-run").out.splitlines()
    (apart,) = [number for number, line in enumerate(lines) if line == "  Without an objective"]
    assert "KR1" in "".join(lines[:apart])
    assert "KR9" in lines[apart + 1]
