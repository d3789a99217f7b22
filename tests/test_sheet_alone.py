"""A sheet alone is enough: every row with a key result counts, with or without YAML, and before ids exist."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from command_kit import NOTHING_TO_WRITE, VERIFIED, Shell
from demo_kit import demo_workspace, sheets_of
from golden_files import check_golden
from people_sheets import ENGLISH, MERGES, google_book, workbook

BARE = """\
cycle: 2026-Q4
timezone: Asia/Taipei
okr_sheet:
  file: okrs.xlsx
  tabs: [Apps, Field]
"""


@pytest.fixture
def bare(shell: Shell) -> Shell:
    workbook(Path("okrs.xlsx"), ENGLISH, MERGES)
    Path("okrsync.yaml").write_text(BARE, "utf-8")
    return shell


def test_rows_count_before_they_have_ids_and_nothing_is_written(bare: Shell) -> None:
    before = Path("okrs.xlsx").read_bytes()
    check_golden("sheet_alone.txt", bare.output_of(["dry-run"]))
    checked = bare.run("check", "--online")
    assert checked.code == 0
    assert "headers in row 4: Objective, Key result, Owner, Target, Current value\n" in checked.out
    assert "Apps!F4: the header 'Hints' is not read\n" in checked.out
    assert "People trust the app" in bare.run("status").out
    assert Path("okrs.xlsx").read_bytes() == before
    refused = bare.run("sync")
    assert refused.code == 1
    assert "`okrsync init --sheet`" in refused.err
    assert Path("okrs.xlsx").read_bytes() == before


def test_with_ids_a_sync_fills_both_tabs_without_yaml(bare: Shell) -> None:
    assert bare.run("init", "--sheet", "--yes").code == 0
    done = bare.run("sync")
    assert done.code == 4, done.err
    rows = {
        row[6].value: row
        for tab in load_workbook("okrs.xlsx").worksheets[:2]
        for row in tab.iter_rows()
        if len(row) > 8
    }
    heads = [cell.value for cell in load_workbook("okrs.xlsx")["Apps"][4]]
    at = heads.index("Progress")
    shown = {key: row[at].value for key, row in rows.items() if key in ("KR1", "KR2", "KR3", "KR6", "KR7")}
    assert shown == {"KR1": 0.5, "KR2": 0.5, "KR3": 1, "KR6": 0.75, "KR7": 0.5}
    assert NOTHING_TO_WRITE in bare.run("sync").out


def test_a_key_result_that_left_the_config_is_none_of_the_sheet_s_own(shell: Shell) -> None:
    Path("data.csv").write_text("a\n1\n", "utf-8")
    Path("okrs.csv").write_text("KR id,Key result,Target,Current value,Progress\nKR1,Count rows,4,,\n", "utf-8")
    measured = "measures:\n  rows: {from: files.rows, path: data.csv, value: count(*)}\n"
    head = BARE.replace("okrs.xlsx\n  tabs: [Apps, Field]", "okrs.csv") + measured
    stated = "key_results:\n  KR1: {title: Count rows, target: 4, measure: rows}\n"
    Path("okrsync.yaml").write_text(head + stated, "utf-8")
    assert shell.run("sync").code == 0
    Path("okrsync.yaml").write_text(head, "utf-8")
    plan = shell.run("dry-run").out
    assert "KR1 (okrs!2) is not in the config" in plan
    assert "0 to write" in plan


def test_rows_of_a_google_sheet_keep_their_typed_values(shell: Shell) -> None:
    with demo_workspace(shell.folder) as sandbox:
        sheets_of(sandbox).books["demo-okrs"] = google_book("demo-okrs", ENGLISH, MERGES)
        text = Path("okrsync.yaml").read_text("utf-8")
        head = text[: text.index("\nmeasures:")].replace("tabs: [OKRs]", "tabs: [Apps, Field]")
        Path("okrsync.yaml").write_text(head, "utf-8")
        assert "matched by titles" in shell.run("dry-run").out
        assert shell.run("init", "--sheet", "--yes").code == 0
        done = shell.run("sync")
        assert done.code == 4, done.err
        assert VERIFIED in done.out
        cells = sheets_of(sandbox).books["demo-okrs"].tabs[0].cells
        assert [next(iter(cells[row, 4].entered.values())) for row in (4, 5, 6)] == [0.4, "30 pts", "90 min"]
        assert shell.run("sync").out.rstrip().endswith(f"{NOTHING_TO_WRITE}.")
