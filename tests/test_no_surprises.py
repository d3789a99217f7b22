"""What a machine can do to okrsync is told with an exit code of its own, never as a bug of ours."""

import errno
from pathlib import Path

import pytest

from command_kit import Shell
from syncer import cli


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(tmp_path, capsys, monkeypatch)


def full(*_arguments: object, **_options: object) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_clock_that_is_none(shell: Shell) -> None:
    shell.run("init", ".")
    shell.at("tomorrow")
    done = shell.run("sync")
    assert done.code == 1
    assert "'tomorrow' is no instant. Nothing was read or written.\nWrite it as in OKRSYNC_NOW=" in done.err


def test_a_full_disk_ends_init_in_words(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "write_text", full)
    done = shell.run("init", "new")
    assert done.code == 1
    assert "No space left on device" in done.err


def test_a_full_disk_leaves_nothing_of_the_next_cycle(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.run("init", ".")
    with monkeypatch.context() as patch:

        def half(path: Path, *_arguments: object, **_options: object) -> int:
            path.touch()
            return full()

        patch.setattr(Path, "write_text", half)
        done = shell.run("close", "--next", "next.yaml", "--next-cycle", "2027-Q1")
    assert done.code == 1
    assert "Nothing is left of it." in done.err
    assert not Path("next.yaml").exists()


def test_a_folder_that_nobody_may_look_into(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
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
    assert "Let this user write there" in done.err


def test_ctrl_c_inside_of_a_class_being_made(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrapped(_arguments: object) -> int:
        message = "Error calling __set_name__"
        raise RuntimeError(message) from KeyboardInterrupt()

    monkeypatch.setattr(cli, "run_command", wrapped)
    assert cli.run_guarded([]) == 130
    assert capsys.readouterr().err.startswith("interrupted;")
