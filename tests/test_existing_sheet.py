"""`init --sheet` on a sheet that people made: ids and columns proposed, confirmed, written; nothing else is touched."""

from pathlib import Path
from typing import Any

import pytest
import typer
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font, PatternFill

from command_kit import Shell
from connectors.sandbox.google_sheets.book import Book, GridCell, GridTab
from demo_kit import demo_workspace, sheets_of
from golden_files import check_golden
from memory_sheet import MemorySheet
from sandbox_kit import Sandbox
from syncer.make_sheet.proposal import NewLookups, propose
from syncer.plan.own_tab_plan import typed_ids
from syncer.sheet.view import own_tab_of
from workspace_kit import HEAD, load

Rows = list[list[Any]]

DESCRIBING = ["單位", "類型"]
"""Columns for key results that only the sheet states."""

TITLE = ["群峰科技 2026 年第四季 OKR（草稿，請勿外流）"]
HEADS = ["部門", "目標", "關鍵結果", "負責人", "起始值", "目標值", "實際值", "完成度", "備註"]
TABS: dict[str, list[list[Any]]] = {
    "研發處": [
        ["研發處", "讓客戶信賴我們的服務", "本季 Bug 解決率達 90%", "林怡君", 0.4, 0.9, None, None, "每週一更新"],
        [None, None, "p90 的審查時間縮短到 8 小時", "陳柏宇", 30, 8, None, None, None],
        [None, "成為大家想加入的團隊", "新進同仁 90 天留任率 95%", "王小明", 0.8, 0.95, None, None, None],
    ],
    "業務處": [
        ["業務處", "新客戶成長", "新簽約 10 家企業客戶", "張惠美", 0, 10, None, None, "=COUNTA(C3:C4)"],
        [None, None, "拜訪 60 家公司", "張惠美", 0, 60, None, None, None],
    ],
    "行銷處": [["行銷處", "品牌被看見", "電子報訂閱 5,000 人", "許雅婷", 1200, 5000, None, None, None]],
}
MERGES = {"研發處": ["A1:I1", "A3:A5", "B3:B4"], "業務處": ["A1:I1", "A3:A4", "B3:B4"], "行銷處": ["A1:I1"]}
CONFIG = """\
cycle: 2026-Q4
timezone: Asia/Taipei
language: zh-TW
okr_sheet:
  file: 公司OKR.xlsx
  tabs: [研發處, 業務處, 行銷處]
measures:
  visits:
    from: files.rows
    path: visits.csv
    value: count(*)
objectives:
  O7:
    title: 新客戶成長
    key_results:
      KR2:
        title: 拜訪 60 家公司
        measure: visits
"""
FILE = "公司OKR.xlsx"


def company_sheet() -> None:
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for title, rows in TABS.items():
        tab = book.create_sheet(title)
        for row in (TITLE, HEADS, *rows):
            tab.append(row)
        for cell in tab[2]:
            cell.font, cell.fill = Font("微軟正黑體", 12, bold=True), PatternFill("solid", fgColor="FFE699")
        for merge in MERGES[title]:
            tab.merge_cells(merge)
        tab["F3"].number_format = "0%"
    book.create_sheet("說明")["A1"] = "OKR 填寫說明"
    book.save(FILE)


@pytest.fixture
def company(shell: Shell) -> Shell:
    company_sheet()
    Path("okrsync.yaml").write_text(CONFIG, "utf-8")
    Path("visits.csv").write_text("customer\nA\nB\nC\n", "utf-8")
    return shell


def test_it_is_shown_and_not_written_without_a_yes(company: Shell) -> None:
    before = Path(FILE).read_bytes()
    output = company.run("init", "--sheet")
    assert output.code == 5
    assert Path(FILE).read_bytes() == before
    check_golden("existing_sheet.zh-TW.txt", output.out)


def test_only_ids_and_new_headers_are_written(company: Shell) -> None:
    before = {title: _cells(title) for title in (*TABS, "說明")}
    assert company.run("init", "--sheet", "--yes").code == 0
    for title, cells in before.items():
        after = _cells(title)
        assert {place: after[place] for place in cells} == cells
    ids = {title: [row[9] for row in _values(title)[2:]] for title in TABS}
    assert ids == {"研發處": ["KR1", "KR3", "KR4"], "業務處": ["KR5", "KR2"], "行銷處": ["KR6"]}
    assert _values("研發處")[1][9:] == [
        "KR 編號",
        "資料來源",
        "應有進度",
        "狀態",
        "數值更新日",
        "系統建議分數",
        *DESCRIBING,
    ]

    written = Path(FILE).read_bytes()
    again = company.run("init", "--sheet")
    assert (again.code, Path(FILE).read_bytes()) == (0, written)
    assert again.out == "OKR 試算表已具備編號、欄位與查詢公式，不需補上任何內容。\n下一步：okrsync dry-run\n"
    done = company.run("sync")
    assert done.code in (0, 4), done.err
    row = next(row for row in _values("業務處") if row[9] == "KR2")
    assert (row[6], row[7], row[10]) == (3, 0.05, "visits")
    assert "Nothing" not in done.out
    assert _values("業務處")[2][8] == "=COUNTA(C3:C4)"


def _cells(title: str) -> dict[str, Any]:
    tab = load_workbook(FILE)[title]
    return {
        cell.coordinate: (cell.value, cell.number_format, cell.font.b, cell.font.name, cell.fill.fgColor.rgb)
        for row in tab.iter_rows(max_col=9)
        for cell in row
    }


def _values(title: str) -> list[list[Any]]:
    return [list(row) for row in load_workbook(FILE)[title].iter_rows(values_only=True)]


@pytest.mark.parametrize("answer", [True, False])
def test_people_are_asked(company: Shell, monkeypatch: pytest.MonkeyPatch, answer: bool) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(typer, "confirm", lambda _question: answer)
    assert company.run("init", "--sheet").code == (0 if answer else 5)
    assert (_values("行銷處")[2][-1] is not None or len(_values("行銷處")[2]) > 9) == answer


def test_tabs_that_the_config_does_not_name_are_mentioned(company: Shell) -> None:
    Path("okrsync.yaml").write_text(CONFIG.replace("  tabs: [研發處, 業務處, 行銷處]\n", ""), "utf-8")
    output = company.run("init", "--sheet").out
    assert "業務處、行銷處" in output
    assert "說明" not in output


def test_the_same_in_google(shell: Shell) -> None:
    with demo_workspace(shell.folder) as sandbox:
        tabs = {title: [TITLE, HEADS, *rows] for title, rows in TABS.items()}
        book = Book.of_values("demo-okrs", "群峰 OKR", tabs)
        book.tabs[0].merges = [(0, 0, 1, 9), (2, 0, 5, 1), (2, 1, 4, 2)]
        sheets_of(sandbox).books["demo-okrs"] = book
        config = Path("okrsync.yaml")
        config.write_text(config.read_text("utf-8").replace("tabs: [OKRs]", "tabs: [研發處, 業務處, 行銷處]"), "utf-8")
        assert shell.run("init", "--sheet").code == 5
        assert sheets_of(sandbox).books["demo-okrs"].tabs[0].cells.get((2, 9)) is None
        assert shell.run("init", "--sheet", "--yes").code == 0
        now = sheets_of(sandbox).books["demo-okrs"]
        ids = [tab.cells[2, 9].entered["stringValue"] for tab in now.tabs[:3]]
        taken = {"KR1", "KR2", "KR3", "KR4"}
        assert len(set(ids)) == 3
        assert not set(ids) & taken, "the config's ids are for its own titles"
        assert shell.run("dry-run").code in (0, 4)


def test_a_row_moved_while_ids_are_written_takes_them_out_again(shell: Shell) -> None:
    from connectors.sandbox.google_sheets.moves import insert_dimension
    from sheet_people import between

    with demo_workspace(shell.folder) as sandbox:
        book = Book.of_values("demo-okrs", "OKR", {"OKRs": [["KR", "Owner", "Target"], ["Sign ten", "Ann", 10]]})
        sheets_of(sandbox).books["demo-okrs"] = book
        between(sandbox, lambda changed, tab: insert_dimension(changed, tab, "ROWS", (1, 2), inherit=True))
        done = shell.run("init", "--sheet", "--yes")
        assert done.code == 1
        assert "They were removed again." in done.err
        tab = sheets_of(sandbox).books["demo-okrs"].tabs[0]
        assert not any("KR1" in str(cell.entered) for cell in tab.cells.values())


def test_what_ids_hit_when_people_move_is_put_back(shell: Shell) -> None:
    from connectors.sandbox.google_sheets.moves import insert_dimension
    from sheet_people import between, shuffle

    rows: Rows = [["KR id", "KR", "Owner"], [None, "Sign ten", "Ann"], ["X7", "Win", "Bob"], [None, "Keep", "Cy"]]
    with demo_workspace(shell.folder) as sandbox:
        sheets_of(sandbox).books["demo-okrs"] = Book.of_values("demo-okrs", "OKR", {"OKRs": rows})

        def up(book: Book, tab: GridTab) -> None:
            shuffle(tab, (1, 0, 2), top=1)
            insert_dimension(book, tab, "ROWS", (4, 5), inherit=True)

        between(sandbox, up)
        done = shell.run("init", "--sheet", "--yes")
        assert done.code == 1
        assert "They were removed again." in done.err
        assert _ids_by_title(sandbox) == {"Win": "X7", "Sign ten": None, "Keep": None}
        assert shell.run("init", "--sheet", "--yes").code == 0
        found = _ids_by_title(sandbox)
        assert found["Win"] == "X7"
        assert found["Sign ten"]
        assert found["Keep"]


def test_ids_that_are_left_when_people_move_once_more_are_named(shell: Shell) -> None:
    from connectors.sandbox.google_sheets.moves import insert_dimension
    from sheet_people import between

    def down(book: Book, tab: GridTab) -> None:
        insert_dimension(book, tab, "ROWS", (1, 2), inherit=True)

    rows: Rows = [["KR id", "KR", "Owner"], [None, "Sign ten", "Ann"], [None, "Win", "Bob"]]
    with demo_workspace(shell.folder) as sandbox:
        sheets_of(sandbox).books["demo-okrs"] = Book.of_values("demo-okrs", "OKR", {"OKRs": rows})
        between(sandbox, down, down)
        done = shell.run("init", "--sheet", "--yes")
        assert done.code == 1
        assert "except where rows moved once more: OKRs!A4." in done.err
        assert _ids_by_title(sandbox)["Sign ten"] is not None


def _ids_by_title(sandbox: Sandbox) -> dict[str, str | None]:
    cells = sheets_of(sandbox).books["demo-okrs"].tabs[0].cells
    titles = {row: cell.entered["stringValue"] for (row, at), cell in cells.items() if at == 1 and row and cell.entered}
    none = GridCell()
    return {title: cells.get((row, 0), none).entered.get("stringValue") for row, title in titles.items()}


def test_a_column_that_new_headers_hit_is_put_back(shell: Shell) -> None:
    from sheet_people import between, insert_first_column

    rows: Rows = [["KR", "Owner", "Target", "Ours"], ["Sign ten", "Ann", 10, "=1+1"], ["Win", "Bob", 20, 7]]
    with demo_workspace(shell.folder) as sandbox:
        sheets_of(sandbox).books["demo-okrs"] = Book.of_values("demo-okrs", "OKR", {"OKRs": rows})
        between(sandbox, insert_first_column)
        done = shell.run("init", "--sheet", "--yes")
        assert "They were removed again." in done.err
        cells = sheets_of(sandbox).books["demo-okrs"].tabs[0].cells
        assert [next(iter(cells[row, 4].entered.values())) for row in range(3)] == ["Ours", "=1+1", 7]


def test_objectives_in_rows_of_their_own_get_ids_too(shell: Shell) -> None:
    Path("okrs.csv").write_text(
        "OKR 2026,,,\nObjective,Key result,Owner,Target\nGrow,,,\n,Sign ten,Ann,10\nLead,,,\n,Win,Bob,1\n", "utf-8"
    )
    Path("okrsync.yaml").write_text("cycle: 2026-Q4\ntimezone: Asia/Taipei\nokr_sheet:\n  file: okrs.csv\n", "utf-8")
    assert shell.run("init", "--sheet", "--yes").code == 0
    rows = Path("okrs.csv").read_text("utf-8").splitlines()
    assert [row.split(",")[4] for row in rows[1:]] == ["KR id", "O1", "KR1", "O2", "KR2"]


def test_people_type_the_current_value_of_what_has_no_measure(tmp_path: Path) -> None:
    stated = """\
measures:
  visits: {from: files.rows, path: visits.csv, value: count(*)}
objectives:
  O1:
    title: Companies choose us
    key_results:
      KR1: {title: Visit, target: 9, measure: visits, was: OLD1}
      KR2: {title: Call, baseline: 0, target: 9, was: OLD2}
      KR3: {title: Both, parts: [{measure: visits, target: 3}, {measure: visits, target: 4}]}
"""
    config = load(tmp_path, HEAD + stated)
    assert typed_ids(config) == {"O1", "KR2", "OLD2"}
    rows = [(key, key, None) for key in ("OLD1", "OLD2", "KR3")]
    image = MemorySheet({"OKRs": [("KR id", "Key result", "Current value"), *rows]}).read()
    own = own_tab_of(image, (), config.workspace.okr_sheet)
    (tab,) = propose(config, image).tabs
    found = {(one.row, one.column) for one in NewLookups(config, own).of_tab(tab)}
    assert {row for row, column in found if column == "current"} == {1, 3}


OWN_WORDS = """\
cycle: 2026-Q4
timezone: Asia/Taipei
okr_sheet:
  file: krs.csv
objectives:
  O1:
    title: Trust
    key_results:
      R7: {}
"""


def test_headers_in_words_of_people_s_own_are_named_and_stated_in_the_config(shell: Shell) -> None:
    Path("krs.csv").write_text("Os nossos OKRs\nnumero,texto,meta\nR7,Reduzir chamados,80\n", "utf-8")
    Path("okrsync.yaml").write_text(OWN_WORDS, "utf-8")
    check_golden("headers_of_no_known_name.txt", shell.output_of(["init", "--sheet"]) + shell.output_of(["dry-run"]))
    stated = "  columns: {id: numero, title: texto, target: meta}\n"
    Path("okrsync.yaml").write_text(OWN_WORDS.replace("krs.csv\n", f"krs.csv\n{stated}"), "utf-8")
    assert shell.run("init", "--sheet", "--yes").code == 0
    assert Path("krs.csv").read_text("utf-8-sig").splitlines()[1].startswith("numero,texto,meta,Source,Current value")
    assert "nothing to add" in shell.run("init", "--sheet").out
    assert shell.run("dry-run").code == 4
