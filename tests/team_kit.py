"""Teams with a workspace and an `okrs.xlsx` each, whose ledger may be shared."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook, load_workbook

from command_kit import Done, Shell

CONFIG = """\
{identity}cycle: 2026-Q4
timezone: Asia/Taipei
okr_sheet: {{file: okrs.xlsx}}
{ledger}measures:
  rows: {{from: files.rows, path: rows.csv, value: count(*)}}
objectives:
  O1:
    title: Better
    key_results:
      KR1: {{title: Rows, baseline: 0, target: 20, measure: rows}}
"""
SHARED = "ledger: sqlite:///{folder}/shared.db\n"
OWN_LEDGER = ""


@dataclass(frozen=True)
class Team:
    """A folder with a workspace of one key result, which counts the rows of a file."""

    shell: Shell
    folder: Path

    def state(self, name: str = "", ledger: str = SHARED) -> None:
        """Write the config, with an id made of `name`."""
        stated = f"workspace: {{id: {name}-7f3k, name: Team {name}}}\n" if name else ""
        text = CONFIG.format(identity=stated, ledger=ledger.format(folder=self.shell.folder))
        (self.folder / "okrsync.yaml").write_text(text, "utf-8")

    def count(self, number: int) -> None:
        """Let the source have so many rows."""
        (self.folder / "rows.csv").write_text("key\n" + "".join(f"{n}\n" for n in range(number)), "utf-8")

    def new_sheet(self) -> None:
        """Write a sheet with one row that okrsync has not filled yet."""
        book = Workbook()
        book.worksheets[0].append(["ID", "Key result", "Target", "Current value", "Progress", "Status"])
        book.worksheets[0].append(["KR1", "Rows", 20])
        book.save(self.folder / "okrs.xlsx")

    def run(self, *arguments: str) -> Done:
        """Run a command on this workspace."""
        return self.shell.run(*arguments, "-c", str(self.folder / "okrsync.yaml"))

    def sync(self, number: int) -> None:
        """Synchronize with so many rows in the source."""
        self.count(number)
        done = self.run("sync")
        assert done.code == 0, done.err

    @property
    def current(self) -> object:
        """The current value of KR1 in the sheet."""
        return load_workbook(self.folder / "okrs.xlsx").worksheets[0]["D2"].value

    def copy(self, name: str) -> "Team":
        """Copy the folder with all that is in it."""
        shutil.copytree(self.folder, self.folder.parent / name)
        return Team(self.shell, self.folder.parent / name)


def a_team(shell: Shell, name: str, ledger: str = SHARED) -> Team:
    """A team whose workspace has an id of its own."""
    (shell.folder / name).mkdir()
    team = Team(shell, shell.folder / name)
    team.state(name, ledger)
    team.new_sheet()
    team.count(5)
    return team
