"""The operating guide's commands, each run in the situation that its heading names."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook

from command_kit import NOTHING_TO_WRITE, VERIFIED, Done, Shell

GUIDE = (Path(__file__).resolve().parent.parent / "docs" / "operating.md").read_text("utf-8")
SECTIONS = {
    text.partition("\n")[0]: re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    for text in re.split(r"^#+ ", GUIDE, flags=re.MULTILINE)
}


@pytest.fixture
def workspace(shell: Shell) -> Shell:
    """A workspace that was synced once, with one value still to be typed."""
    assert shell.run("init", ".").code == 0
    assert shell.run("sync").code == 4
    return shell


def act(shell: Shell, section: str) -> list[Done]:
    """Run the block of a section, line by line. `cp` and `mv` are real."""
    done = []
    for line in SECTIONS[section][0].splitlines():
        program, *arguments = re.findall(r'"[^"]*"|\S+', line.partition(" #")[0])
        if program == "okrsync":
            done.append(shell.run(*(argument.strip('"') for argument in arguments)))
        else:
            assert program in ("cp", "mv")
            subprocess.run([program, *arguments], check=True)
    return done


def codes(done: list[Done]) -> list[int]:
    return [one.code for one in done]


def shrink() -> None:
    """The data file loses most of its rows."""
    rows = Path("data/example.csv").read_text("utf-8").splitlines(keepends=True)
    Path("data/example.csv").write_text("".join(rows[:3]), "utf-8")


def test_every_block_is_run_here() -> None:
    text = Path(__file__).read_text("utf-8")
    for section, blocks in SECTIONS.items():
        assert not blocks or (len(blocks) == 1 and f'"{section}"' in text), section


def test_the_job(workspace: Shell) -> None:
    assert codes(act(workspace, "The job")) == [0, 4, 0]


def test_the_schedules_are_printed(workspace: Shell) -> None:
    printed = act(workspace, "On a schedule")
    assert codes(printed) == [0] * 5
    assert all("--fail-on" in one.out for one in printed)


@pytest.mark.parametrize("kind", ["cron", "systemd", "github-actions", "kubernetes"])
def test_the_schedules_name_the_secrets_of_the_messages(workspace: Shell, kind: str) -> None:
    [block] = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    with Path("okrsync.yaml").open("a", encoding="utf-8") as config:
        config.write(block)
    printed = workspace.run("schedule", "print", kind)
    assert printed.code == 0
    assert "ON_CALL_WEBHOOK" in printed.out
    assert "TEAM_WEBHOOK" in printed.out


def test_alerts(workspace: Shell) -> None:
    preview, sent, reminded = act(workspace, "Alerts")
    assert (preview.code, sent.code, reminded.code) == (0, 1, 1)
    assert "has no recipient" in sent.err


def test_several_workspaces(workspace: Shell) -> None:
    Path("broken").mkdir()
    Path("broken/okrsync.yaml").write_text("cycle: 2026-Q4\n", "utf-8")
    [done] = act(workspace, "Several machines, several workspaces")
    assert done.code == 1
    assert "1 incomplete, 1 failed." in done.out


def test_a_copy_of_the_ledger_is_a_backup(workspace: Shell) -> None:
    before = workspace.run("history").out
    copy, restore = SECTIONS["Backups"][0].splitlines()
    subprocess.run(copy.split(), check=True)
    assert {path.suffix for path in Path(".okrsync").iterdir()} <= {".db", ".lock", ""}, "one file"
    Path(".okrsync/ledger.db").unlink()
    assert workspace.run("history").out != before
    subprocess.run(restore.split(), check=True)
    assert workspace.run("history").out == before
    assert act(workspace, "Backups") == []


def test_upgrading(workspace: Shell) -> None:
    assert codes(act(workspace, "Upgrading")) == [0, 0, 4]
    assert Path("ledger-backup.db").exists()


def test_a_guard_refuses(workspace: Shell) -> None:
    shrink()
    refused = workspace.run("sync")
    assert refused.code == 1
    assert "Nothing was written" in refused.err
    shown, explained, forced = act(workspace, "A guard refuses")
    assert "Safe: no" in shown.out
    assert explained.code == 0
    assert (forced.code, VERIFIED in forced.out) == (4, True)


def test_a_source_fails(workspace: Shell) -> None:
    Path("data/example.csv").unlink()
    failed, quiet = workspace.run("sync"), workspace.run("sync", "--fail-on", "error")
    assert (failed.code, quiet.code) == (4, 4)
    assert failed.out.count("left as is") == 3
    [checked] = act(workspace, "A source fails")
    assert checked.code != 0
    assert "example.csv" in checked.out + checked.err


def test_why_a_number(workspace: Shell) -> None:
    assert codes(act(workspace, "A number looks wrong, or a key result is red")) == [0, 0]


def typed(value: float) -> None:
    """A person types over what okrsync wrote for KR1."""
    book = load_workbook("okrs.xlsx")
    tab = book["OKRs"]
    column = [cell.value for cell in tab[1]].index("Current value") + 1
    row = next(row[0].row for row in tab.iter_rows() if row[0].value == "KR1")
    assert row is not None
    tab.cell(row, column).value = value
    book.save("okrs.xlsx")


def test_a_cell_stays_as_it_was_typed(workspace: Shell) -> None:
    Path("okrs.xlsx").unlink()
    assert workspace.run("init", "--sheet").code == 0
    assert workspace.run("sync", "--fail-on", "error").code == 0
    typed(99)
    assert re.search(r"^  ! KR1", workspace.run("dry-run").out, re.MULTILINE)
    act(workspace, "A cell stays as it was typed")
    assert not re.search(r"^  ! KR1", workspace.run("dry-run").out, re.MULTILINE)


def test_a_run_wrote_what_it_should_not_have(workspace: Shell) -> None:
    listed, undone = act(workspace, "A run wrote what it should not have")
    assert "sync" in listed.out
    assert "Undid run" in undone.out


def test_a_sheet_under_another_name_keeps_its_history(workspace: Shell) -> None:
    Path("okrs.xlsx").rename("moved.xlsx")
    text = Path("okrsync.yaml").read_text("utf-8")
    Path("okrsync.yaml").write_text(text.replace("file: okrs.xlsx", "file: moved.xlsx"), "utf-8")
    assert NOTHING_TO_WRITE in workspace.run("sync").out
    assert workspace.run("history").out.count("sync") == 2


def test_a_workspace_that_moved_to_a_copy_of_its_sheet(workspace: Shell) -> None:
    shutil.copy("okrs.xlsx", "copied.xlsx")
    text = Path("okrsync.yaml").read_text("utf-8")
    Path("okrsync.yaml").write_text(text.replace("file: okrs.xlsx", "file: copied.xlsx"), "utf-8")
    refused = workspace.run("sync")
    assert refused.code == 1
    assert "Copied config?" in refused.err
    assert codes(act(workspace, "A config or a folder was copied")) == [4, 4]
    assert workspace.run("history").out.count("sync") == 2


def test_a_ledger_that_cannot_be_read(workspace: Shell) -> None:
    Path(".okrsync/ledger.db").write_text("this is no database, whatever its name says", "utf-8")
    assert workspace.run("sync").code == 1
    assert codes(act(workspace, "The ledger cannot be read")) == [0]


def usage(shell: Shell) -> Done:
    return shell.run("sync", "--nothing")


def refusal(shell: Shell) -> Done:
    shrink()
    return shell.run("sync")


def waiting(shell: Shell) -> Done:
    Path("data/example.csv").write_text(Path("data/example.csv").read_text("utf-8").replace("good", "poor", 1), "utf-8")
    return shell.run("dry-run", "--detailed-exitcode", "--fail-on", "error")


def raising(error: BaseException) -> Callable[..., int]:
    def fails(*_: object, **__: object) -> int:
        raise error

    return fails


SITUATIONS: dict[int, Callable[[Shell], Done]] = {
    0: lambda shell: shell.run("sync", "--fail-on", "error"), 1: refusal, 2: usage,
    4: lambda shell: shell.run("sync"), 5: waiting,
}  # fmt: skip


@pytest.mark.parametrize("code", SITUATIONS)
def test_exit_codes(workspace: Shell, code: int) -> None:
    assert SITUATIONS[code](workspace).code == code


@pytest.mark.parametrize(("code", "error"), [(3, ZeroDivisionError()), (130, KeyboardInterrupt())])
def test_exit_codes_of_what_nobody_planned(
    workspace: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: int, error: BaseException
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("syncer.run.workspace.open_workspace", raising(error))
    assert workspace.run("status").code == code


def test_the_table_names_every_exit_code() -> None:
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", GUIDE, re.MULTILINE)} == {*SITUATIONS, 3, 130}
