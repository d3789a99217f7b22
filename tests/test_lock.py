import json
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from config.errors import OkrsyncError
from syncer.ledger.lock import workspace_lock

HOLD = """
import sys
from pathlib import Path
from syncer.ledger.lock import workspace_lock
with workspace_lock(Path(sys.argv[1]), "okrs"):
    print("held", flush=True)
    sys.stdin.read()
"""


def holding(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_process_learns_who_holds_the_workspace(tmp_path: Path) -> None:
    with holding(tmp_path) as process:
        with pytest.raises(OkrsyncError) as caught, workspace_lock(tmp_path, "okrs"):
            pytest.fail("two runs at once")
        assert f"process {process.pid} on {socket.gethostname()} since 20" in caught.value.saw
        assert caught.value.effect == "Nothing was read or written."
        with workspace_lock(tmp_path, "another workspace"):
            pass
        process.communicate("")
    assert process.returncode == 0
    with workspace_lock(tmp_path, "okrs"):
        pass


def test_a_killed_run_frees_its_lock(tmp_path: Path) -> None:
    with holding(tmp_path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert len(list(tmp_path.glob("*.holder.json"))) == 1
    with workspace_lock(tmp_path, "okrs"):
        (holder,) = tmp_path.glob("*.holder.json")
        assert json.loads(holder.read_text())["pid"] == os.getpid()
    assert list(tmp_path.glob("*.holder.json")) == []


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"pid": "x", "host": "h", "since": "s"}', None])
def test_a_holder_that_cannot_be_read_is_not_needed(tmp_path: Path, content: str | None) -> None:
    with workspace_lock(tmp_path, "okrs"):
        (holder,) = tmp_path.glob("*.holder.json")
        holder.unlink()
        if content is not None:
            holder.write_text(content)
        with pytest.raises(OkrsyncError, match="it does not say which"), workspace_lock(tmp_path, "okrs"):
            pytest.fail("two runs at once")


def test_the_lock_goes_when_the_run_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), workspace_lock(tmp_path, "okrs"):
        raise ZeroDivisionError
    with workspace_lock(tmp_path, "okrs"):
        pass


def test_the_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    with workspace_lock(tmp_path / "new" / ".okrsync", "okrs"):
        assert stat.S_IMODE((tmp_path / "new" / ".okrsync").stat().st_mode) == 0o700
        assert (tmp_path / "new" / ".okrsync" / ".gitignore").read_text() == "*\n"


def test_a_full_disk_does_not_keep_a_run_from_starting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with workspace_lock(tmp_path, "okrs"), pytest.raises(OkrsyncError, match="it does not say which"):
        workspace_lock(tmp_path, "okrs").__enter__()


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(OkrsyncError, match="locking the workspace") as caught,
        workspace_lock(tmp_path / "file", "okrs"),
    ):
        pytest.fail("no lock")
    assert caught.value.advice == "Give this user write access to that folder."
