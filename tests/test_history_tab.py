"""The history tab and the cell that says when okrsync last wrote: written along with the rest, verified, kept."""

import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

import sheet_people as people
from command_kit import NOTHING_TO_WRITE, VERIFIED, Shell
from config.errors import ConfigError
from connectors.sandbox.google_sheets.book import Book, GridTab, enter
from lean_kit import OWN, lean_workspace, numbers
from sandbox_kit import Sandbox
from sheet_people import between, entered_by_id, tab_of
from syncer.plan.history_lines import week_of
from workspace_kit import load

CONFIG = """\
cycle: 2026-Q4
timezone: Asia/Taipei
okr_sheet:
  file: okrs.xlsx
{more}
measures:
  visits:
    from: files.rows
    path: visits.csv
    value: count(*)
objectives:
  O1:
    title: Companies choose us
    key_results:
      KR1: {{title: Visit 6 companies, target: 6, measure: visits}}
      KR2: {{title: Sign, baseline: 0%, target: 50%}}
"""
HEADS = ["Week", "KR id", "Key result", "Current value", "Progress", "Expected", "Status", "Confidence"]


def workspace(shell: Shell, more: str, rows: int = 1) -> None:
    Path("okrsync.yaml").write_text(CONFIG.format(more=more), "utf-8")
    visits(rows)
    assert shell.run("init", "--sheet").code == 0


def visits(rows: int) -> None:
    Path("visits.csv").write_text("customer\n" + "Acme\n" * rows, "utf-8")


def lines(title: str = "History") -> list[list[Any]]:
    return [list(row) for row in load_workbook("okrs.xlsx")[title].iter_rows(values_only=True)]


def typed(title: str, cells: dict[str, Any]) -> None:
    book = load_workbook("okrs.xlsx")
    for name, value in cells.items():
        book[title][name] = value
    book.save("okrs.xlsx")


def test_a_line_per_key_result_and_week(shell: Shell) -> None:
    workspace(shell, "  history_tab: true")
    dry = shell.run("dry-run")
    assert "History tab 'History': 2 rows of 2026-W47 are written." in dry.out
    assert "History" not in load_workbook("okrs.xlsx").sheetnames
    assert shell.run("sync").code == 4
    assert lines()[0] == HEADS
    first, unknown = lines()[1:]
    assert first[:4] == ["2026-W47", "KR1", "Visit 6 companies", 1]
    assert first[4:7] == [pytest.approx(1 / 6, abs=1e-5), 0.5, "off track"]
    assert unknown == ["2026-W47", "KR2", "Sign", None, None, None, "unknown", None]
    assert load_workbook("okrs.xlsx")["History"]["E2"].number_format.endswith("%")

    before = Path("okrs.xlsx").read_bytes()
    assert NOTHING_TO_WRITE in shell.run("sync").out
    assert Path("okrs.xlsx").read_bytes() == before

    visits(3)
    shell.at("2026-11-18T09:30:00+08:00")
    assert "History tab 'History': 1 row of 2026-W47 is written." in shell.run("sync").out
    assert [line[:4] for line in lines()[1:]] == [[*first[:3], 3], unknown[:4]]

    shell.at("2026-11-23T00:30:00+08:00")
    shell.run("sync")
    assert [line[:4] for line in lines()[1:]] == [
        [*first[:3], 3], unknown[:4], ["2026-W48", "KR1", "Visit 6 companies", 3], ["2026-W48", "KR2", "Sign", None],
    ]  # fmt: skip


def test_what_people_put_there_stays(shell: Shell) -> None:
    workspace(shell, "  history_tab: true")
    shell.run("sync")
    typed("History", {"J1": "Ours", "J2": "good week", "A5": "Remember", "D5": 7, "D2": 99})
    visits(2)
    shell.at("2026-11-24T09:30:00+08:00")
    shell.run("sync")
    found = lines()
    assert (found[0][9], found[1][9], found[4][0], found[4][3]) == ("Ours", "good week", "Remember", 7)
    assert found[1][3] == 99, "a week that has passed is left as it is"
    assert [line[:2] for line in found[5:]] == [["2026-W48", "KR1"], ["2026-W48", "KR2"]]


def test_an_unknown_value_leaves_the_week_s_line_as_it_is(shell: Shell) -> None:
    workspace(shell, "  history_tab: true")
    shell.run("sync")
    known = lines()
    Path("visits.csv").unlink()
    shell.at("2026-11-17T09:30:00+08:00")
    shell.run("sync")
    assert lines() == known


def test_a_tab_without_its_headers_stops_the_history_alone(shell: Shell) -> None:
    workspace(shell, "  history_tab: Weeks")
    book = load_workbook("okrs.xlsx")
    book.create_sheet("Weeks")["A1"] = "Holidays"
    book.save("okrs.xlsx")
    done = shell.run("sync")
    assert "Tab 'Weeks' has no header row with a week and a KR id" in done.out
    assert lines("Weeks") == [["Holidays"]]
    assert VERIFIED in done.out


def test_undo_takes_the_figures_of_the_week_back(shell: Shell) -> None:
    workspace(shell, "  history_tab: true")
    shell.run("sync")
    visits(2)
    shell.run("sync")
    assert lines()[1][3] == 2
    assert shell.run("undo").code == 0
    assert lines()[1][3] == 1


def test_headers_and_statuses_in_the_workspace_s_language(shell: Shell) -> None:
    workspace(shell, "  history_tab: true\nlanguage: zh-TW")
    shell.run("sync")
    found = lines("歷史紀錄")
    assert found[0] == ["週次", "KR 編號", "關鍵成果", "目前值", "進度", "應有進度", "狀態", "信心指數"]
    assert found[1][6] == "進度落後"
    Path("okrsync.yaml").write_text(Path("okrsync.yaml").read_text("utf-8").replace("language: zh-TW\n", ""), "utf-8")
    shell.at("2026-11-25T09:30:00+08:00")
    shell.run("sync")
    assert "History" not in load_workbook("okrs.xlsx").sheetnames
    assert len(lines("歷史紀錄")) == 5


@pytest.mark.parametrize(
    ("more", "output"),
    [
        ("  file: okrs.csv\n  history_tab: true", "a CSV holds one table and no second tab"),
        ("  file: okrs.xlsx\n  tabs: [OKRs]\n  history_tab: okrs", "give it one that no other tab has"),
        ("  file: okrs.xlsx\n  last_synced: somewhere", "is not a cell; write OKRs!H1"),
    ],
)
def test_what_the_config_cannot_mean(tmp_path: Path, more: str, output: str) -> None:
    text = CONFIG.replace("  file: okrs.xlsx\n", "").format(more=more)
    with pytest.raises(ConfigError, match=output.partition(";")[0]):
        load(tmp_path, text, {"visits.csv": "customer\n"})


@pytest.mark.parametrize(
    ("day", "week"), [(date(2026, 12, 31), "2026-W53"), (date(2027, 1, 3), "2026-W53"), (date(2027, 1, 4), "2027-W01")]
)
def test_weeks_are_those_of_iso_8601(day: date, week: str) -> None:
    assert week_of(day) == week


@pytest.fixture
def google(shell: Shell) -> Any:
    with lean_workspace(shell.folder) as sandbox:
        config = Path("okrsync.yaml")
        stated = "tabs: [OKRs]\n  history_tab: true"
        config.write_text(config.read_text("utf-8").replace("tabs: [OKRs]", stated), "utf-8")
        yield sandbox


def google_lines(sandbox: Sandbox, title: str = "History") -> dict[str, Any]:
    found: dict[str, Any] = {}
    tab = tab_of(sandbox, title)
    for row in range(tab.rows):
        key = tab.cells.get((row, 1))
        if key and key.entered:
            value = tab.cells[row, 3].entered if (row, 3) in tab.cells else {}
            found[f"{tab.cells[row, 0].entered['stringValue']} {key.entered['stringValue']}"] = value.get("numberValue")
    return found


def test_in_google_it_is_one_request_with_the_rest(shell: Shell, google: Sandbox) -> None:
    assert shell.run("sync").code == 0
    writes = [one for one in google.requests() if one.target.endswith(":batchUpdate") or ":batchUpdate?" in one.target]
    assert len(writes) == 1
    assert google_lines(google)["2026-W47 KR1"] == 11
    assert NOTHING_TO_WRITE in shell.run("sync").out


def test_in_google_each_week_has_lines_with_check_ins(shell: Shell, google: Sandbox) -> None:
    shell.run("sync")
    tab = tab_of(google)
    heads = {cell.entered["stringValue"]: at for (row, at), cell in tab.cells.items() if row == 1 and cell.entered}
    enter(tab, 2, heads["Confidence"], 3)
    people.shuffle(tab, (6, 5, 4, 3, 2, 1, 0))
    numbers(google, 2)
    shell.at("2026-11-23T09:30:00+08:00")
    done = shell.run("sync")
    assert done.code == 0, done.err
    assert "History tab 'History': 8 rows of 2026-W48 are written." in done.out
    both = {f"2026-W{week} KR{n}": n * (9 + step) for n in range(1, 9) for week, step in ((47, 2), (48, 3))}
    assert {key: value for key, value in google_lines(google).items() if key != "Week KR id"} == both
    history = tab_of(google, "History")
    printed = [history.cells[row, 7].entered.get("numberValue") for row in range(1, 17) if (row, 7) in history.cells]
    assert printed.count(3) == 1
    assert NOTHING_TO_WRITE in shell.run("sync").out


def test_lines_that_people_move_while_they_are_written_are_right(shell: Shell, google: Sandbox) -> None:
    shell.run("sync")
    numbers(google, 2)

    def turn_round(_book: Book, tab: GridTab) -> None:
        people.shuffle(tab, (7, 6, 5, 4, 3, 2, 1, 0), top=1)

    between(google, turn_round, title="History")
    done = shell.run("sync")
    assert done.code == 0, done.err
    expected = {f"2026-W47 KR{n}": n * 12 for n in range(1, 9)}
    assert {key: value for key, value in google_lines(google).items() if key in expected} == expected


def test_the_cell_is_written_with_other_changes_and_never_alone(shell: Shell) -> None:
    workspace(shell, "  last_synced: Notes!B2")
    book = load_workbook("okrs.xlsx")
    book.create_sheet("Notes")
    book.save("okrs.xlsx")
    shell.run("sync")
    assert load_workbook("okrs.xlsx")["Notes"]["B2"].value == datetime(2026, 11, 16, 9, 30)  # noqa: DTZ001
    shell.at("2026-11-16T17:00:00+08:00")
    assert NOTHING_TO_WRITE in shell.run("sync").out
    visits(2)
    shell.run("sync")
    assert load_workbook("okrs.xlsx")["Notes"]["B2"].value == datetime(2026, 11, 16, 17, 0)  # noqa: DTZ001

    typed("Notes", {"B2": "do not touch"})
    visits(3)
    output = shell.run("sync").out
    assert "Notes!B2 does not say when okrsync last wrote: it holds something else." in output
    assert load_workbook("okrs.xlsx")["Notes"]["B2"].value == "do not touch"


def test_midnight_is_a_day_and_stays_okrsync_s_own(shell: Shell) -> None:
    workspace(shell, "  last_synced: OKRs!AE1")
    shell.at("2026-11-16T00:00:20+08:00")
    assert shell.run("sync").code == 4
    written = load_workbook("okrs.xlsx")["OKRs"]["AE1"].value
    assert (written.date(), written.hour, written.minute) == (date(2026, 11, 16), 0, 0)
    visits(2)
    shell.at("2026-11-16T00:01:00+08:00")
    done = shell.run("sync")
    assert (done.code, "does not say" in done.out) == (4, False)
    assert load_workbook("okrs.xlsx")["OKRs"]["AE1"].value.minute == 1


@pytest.mark.parametrize("place", ["H1", "okrs!H1"])
def test_in_a_csv_it_is_a_text(shell: Shell, place: str) -> None:
    Path("okrs.csv").write_text(",,,,,,,\nKR id,Current value,Progress,Status\nKR1,,,\nKR2,0.2,,\n", "utf-8")
    text = CONFIG.format(more=f"  last_synced: {place}").replace("okrs.xlsx", "okrs.csv")
    Path("okrsync.yaml").write_text(text, "utf-8")
    for rows in (1, 2):
        visits(rows)
        done = shell.run("sync")
        assert done.code == 0, done.out + done.err
        assert Path("okrs.csv").read_text("utf-8").splitlines()[0] == ",,,,,,,2026-11-16T09:30:00"


def test_okrsync_s_own_tab_says_it_in_a_row_of_its_own(shell: Shell, google: Sandbox) -> None:
    shell.run("sync")
    stamp = entered_by_id(google, OWN)["(okrsync)"]
    assert stamp["Key result"] == "Last synced"
    assert json.loads(stamp["Source"]) == {
        "workspace": "-", "spreadsheet": "demo-okrs", "tabs": ["OKRs"], "cycle": "2026-Q4", "run": run_of(shell),
    }  # fmt: skip
    own = tab_of(google, OWN)
    row, column = next(place for place, cell in own.cells.items() if cell.number_format.get("type") == "DATE_TIME")
    assert own.cells[row, 0].entered == {"stringValue": "(okrsync)"}
    assert own.cells[0, column].entered == {"stringValue": "Value updated"}


def run_of(shell: Shell) -> str:
    return str(re.findall(r"\d{8}T\d{6}-[0-9a-f]{6}", shell.run("history").out)[0])


def test_in_google_no_cell_of_people_s_says_it(shell: Shell, google: Sandbox) -> None:
    config = Path("okrsync.yaml")
    config.write_text(
        config.read_text("utf-8").replace("tabs: [OKRs]", "tabs: [OKRs]\n  last_synced: OKRs!T1"), "utf-8"
    )
    refused = shell.run("check")
    assert refused.code == 1
    assert "okr_sheet.last_synced" in refused.err
    assert google.requests("sheets") == []
