"""`close --next` names the next config in the old one, whose sheet is not synced once its cycle has ended."""

from pathlib import Path

import pytest

from command_kit import Shell
from config.errors import SheetError
from config.loading.loader import Config, load_config
from connectors import registry
from golden_files import check_golden
from syncer.cycle_end.followed_by import state_successor

CONFIG = """\
# Our OKRs.
cycle: 2026-Q4  # the fourth quarter
cycles: {'2026': {}}
timezone: Asia/Taipei
okr_sheet: {file: okrs.xlsx}
measures:
  visits: {from: files.rows, path: visits.csv, value: count(*)}
objectives:
  O1:
    title: Companies choose us
    key_results:
      KR1: {title: Visits, baseline: 0, target: 5, measure: visits}
  O2:
    title: A year that we remember
    cycle: "2026"
    key_results:
      KR2: {title: Visits of the year, baseline: 0, target: 50, measure: visits}
"""


@pytest.fixture(autouse=True)
def _workspace(shell: Shell) -> None:
    Path("okrsync.yaml").write_text(CONFIG, "utf-8")
    Path("visits.csv").write_text("who\nKim\n", "utf-8")
    assert shell.run("init", "--sheet").code == 0
    assert shell.run("sync").code in (0, 4)


def loaded(name: str) -> Config:
    return load_config(Path(name), registry.tables)


def test_the_old_config_names_the_one_that_follows_it(shell: Shell) -> None:
    before = Path("okrsync.yaml").read_text("utf-8")
    done = shell.run("close", "--next", "2027-Q1")
    assert (
        "Added to okrsync.yaml: `followed_by: okrsync-2027-Q1.yaml`. So the sheet of 2026-Q4 is not synced" in done.err
    )
    after = Path("okrsync.yaml").read_text("utf-8")
    assert after.replace("followed_by: okrsync-2027-Q1.yaml\n", "", 1) == before
    assert "followed_by" not in Path("okrsync-2027-Q1.yaml").read_text("utf-8")
    assert shell.run("close", "--next", "winter.yaml", "--next-cycle", "winter=2027-01-01..2027-02-28").code == 0
    assert loaded("okrsync.yaml").workspace.followed_by == "winter.yaml"
    assert loaded("winter.yaml").workspace.followed_by == ""


def test_its_sheet_is_synced_until_its_last_day(shell: Shell) -> None:
    assert shell.run("close", "--next", "2027-Q1").code == 0
    shell.at("2026-12-31T23:30:00+08:00")
    assert shell.run("sync").code in (0, 4)
    before = Path("okrs.xlsx").read_bytes()
    shell.at("2027-01-01T00:30:00+08:00")
    check_golden("followed_by.en.txt", shell.output_of(["sync"]))
    assert Path("okrs.xlsx").read_bytes() == before
    dry = shell.run("dry-run")
    assert (dry.code in (0, 4), "okrsync-2027-Q1.yaml follows it" in dry.err) == (True, True)
    assert shell.run("close", "--write-scores", "--yes").code == 0
    assert shell.run("sync", "-c", "okrsync-2027-Q1.yaml").code in (0, 4)


@pytest.mark.parametrize("text", ["\ufeff{}", "# ours\n{}\n# the end", "{}"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "cycle", ["cycle: 2026-Q4", "cycle: {name: x, start: 2026-10-01, end: 2026-12-31}", "cycle:\n  name: x"]
)
def test_the_line_is_added_and_every_other_byte_kept(tmp_path: Path, text: str, end: str, cycle: str) -> None:
    config = tmp_path / "okrsync.yaml"
    before = text.format(f"{cycle}\ntimezone: Asia/Taipei\nlanguage: en\n").replace("\n", end).encode()
    config.write_bytes(before)
    assert state_successor(config, tmp_path / "Q1: new.yaml")
    line = f'followed_by: "Q1: new.yaml"{end}'.encode()
    after = config.read_bytes()
    assert line in after
    assert after.replace(line, b"").strip() == before.strip()
    assert state_successor(config, tmp_path / "other.yaml")
    assert b"followed_by: other.yaml" in config.read_bytes()
    assert b"Q1" not in config.read_bytes()


def test_the_line_to_add_is_printed_where_the_config_cannot_be_changed(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Path("okrsync.yaml").read_bytes()

    def refuse(path: Path, _data: bytes, doing: str) -> None:
        raise SheetError(doing, f"{path} is read-only")

    monkeypatch.setattr("syncer.cycle_end.followed_by.replace", refuse)
    done = shell.run("close", "--next", "2027-Q1")
    assert done.code == 0
    assert "okrsync.yaml could not be changed. Add `followed_by: okrsync-2027-Q1.yaml` to it" in done.err
    assert Path("okrsync.yaml").read_bytes() == before
