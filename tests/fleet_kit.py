"""A folder of workspaces with a fleet.yaml, each with its config, its data and its sheet."""

from pathlib import Path

from openpyxl import load_workbook

from command_kit import Shell

CONFIG = """\
workspace: {{id: {id}, name: {name}}}
cycle: 2026-Q4
timezone: Asia/Taipei
okr_sheet: {{file: okrs.xlsx}}
measures:
  deals: {{from: files.rows, path: deals.csv, value: sum(amount)}}
objectives:
  O1:
    title: Grow
    key_results:
      KR1: {{title: Close deals, baseline: 0, target: 100, measure: deals}}
"""
MANIFEST = "workspaces: [teams/*/okrsync.yaml]\nat_once: 2\n"


class Teams:
    """A folder of workspaces, each with its config, its data and its sheet."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        (shell.folder / "fleet.yaml").write_text(MANIFEST, "utf-8")

    def add(self, name: str, config: str = CONFIG) -> Path:
        folder = self.shell.folder / "teams" / name
        folder.mkdir(parents=True)
        (folder / "deals.csv").write_text("amount\n40\n20\n", "utf-8")
        (folder / "okrsync.yaml").write_text(config.format(id=f"{name}-2222", name=name.title()), "utf-8")
        done = self.shell.run("init", str(folder), "--sheet", "--yes")
        assert done.code == 0, done.err
        return folder


def current_value(folder: Path) -> object:
    rows = list(load_workbook(folder / "okrs.xlsx").worksheets[0].iter_rows(values_only=True))
    head = next(row for row in rows if "KR id" in row)
    [row] = [row for row in rows if row[head.index("KR id")] == "KR1"]
    return row[head.index("Current value")]
