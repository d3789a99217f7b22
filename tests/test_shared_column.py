"""A sheet whose objectives and key results share one column: the draft, ids, and syncs; what is unsure is asked."""

import csv
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from command_kit import NOTHING_TO_WRITE, VERIFIED, Shell
from config.models import OkrSheet
from connectors.sandbox.google_sheets.book import Book
from demo_kit import demo_workspace, sheets_of
from people_sheets import Tabs, workbook
from syncer.sheet.columns import column_of
from syncer.sheet.layout import find_headers
from syncer.sheet.shared_column import objective_rows
from syncer.sheet.unknown_headers import unknown_headers
from test_draft import asked, drafted, loaded, sheet

HEADS = ("ID", "Objective / Key result", "Owner", "Target", "Current value")
ROWS: list[tuple[Any, ...]] = [
    ("O1", "Customers trust us", None, None, None),
    ("KR1", "Fix 80% of bugs", "Ana", "80%", "40%"),
    ("KR2", "Sign 12 accounts", "Ben", 12, 9),
    ("O2", "We keep what we promise", None, None, None),
    ("KR3", "Merge 900 PRs", "Cy", 900, 450),
]
CHINESE: Tabs = {
    "第四季": [
        ["群峰科技 OKR"],
        ["目標與關鍵成果", "負責人", "目標值", "目前值"],
        ["目標一：讓客戶信賴我們的服務"],
        ["客戶回報的臭蟲解決 80%", "怡君", "80%", "40%"],
        ["審查時間 6 小時以內", "柏宇", "6 小時以內", "9 小時"],
        ["目標二：新客戶成長", "惠美"],
        ["新簽約 12 家企業客戶", "惠美", "12 家", "9 家"],
        ["備註：第二項待討論"],
    ]
}


@pytest.mark.parametrize(
    "header",
    [
        "Objective / Key result", "Objectives / Key results", "OBJECTIVES AND KEY RESULTS", "目標 / 關鍵成果",
        "目標／關鍵成果", "目標與關鍵成果", "目標及關鍵成果",
    ],
)  # fmt: skip
def test_headers_that_name_both_are_the_column_of_titles(header: str) -> None:
    known = column_of(header)
    assert known is not None
    assert known.name == "title"


@pytest.mark.parametrize(
    ("heads", "stated"),
    [
        (("OKR", "Owner", "Target"), {"title": "OKR"}),
        (("OKR", "Metric", "Owner", "Current"), {"title": "Metric"}),
        (("OKR", "Key result", "Owner", "Target"), {}),
    ],
)
def test_okr_is_the_column_of_titles_where_nothing_else_is_and_is_asked_about(
    heads: tuple[str, ...], stated: dict[str, str]
) -> None:
    draft = drafted([("One", "Two", "Ann", "3")], heads)
    assert draft.columns == stated
    assert ("OKRs!A1 the column Key result okr_sheet.columns.title" in asked(draft)) == (stated == {"title": "OKR"})


def test_an_assumed_header_is_known_to_no_sync() -> None:
    layout = find_headers(
        sheet({"OKRs": [("KR id", "OKR", "Owner", "Target")]}).tabs["OKRs"], OkrSheet(file="okrs.csv")
    )
    assert layout is not None
    assert "title" not in layout.columns
    assert [one.means for one in unknown_headers(layout)] == ["title"]


TITLES = ("O1: Grow", "o2. Grow", "O3、Grow", "O4 Grow", "Objective 1: Grow", "OBJECTIVE: Grow", "Ｏ１：成長")
CHINESE_TITLES = ("目標 1：成長", "目標1: 成長", "目標一：成長", "目標十二：成長", "目標：成長")
OTHERS = (
    "Grow",
    "Ozone",
    "Objectives met: 9",
    "O1-KR1: Win",
    "O1.1 Win",
    "O1 KR2 Win",
    "目標1-關鍵成果2：簽約",
    "目標客戶：10 家",
)


@pytest.mark.parametrize(
    ("title", "found"), [*((one, True) for one in (*TITLES, *CHINESE_TITLES)), *((one, False) for one in OTHERS)]
)
def test_how_a_title_says_that_it_is_an_objective(title: str, found: bool) -> None:
    tab = sheet({"OKRs": [("Title", "Target"), (title, None), ("Win ten", 10)]}).tabs["OKRs"]
    assert objective_rows(tab, 0, {"title": 0, "target": 1}) == ({1} if found else set())


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([("O1", "Grow"), ("KR1", "Win"), ("o2", "Lead"), ("K2", "Train")], {1, 3}),
        ([("目標1", "成長"), ("KR1", "簽約")], {1}),
        ([("O1", "Grow"), ("O1.1", "Win"), ("O1.2", "Sell")], {1}),
        ([("O1", "Win"), ("O2", "Sell")], set()),
        ([("O1", "Win"), (None, "Sell")], set()),
        ([("O1", "Grow"), ("R1", "O2 sensors"), (None, "O2: Lead"), ("R2", "Train")], {1, 3}),
        ([("KR1", "O1: Grow"), ("KR2", "Win")], set()),
        ([("1", "Objective 1: Grow"), ("1.1", "Win")], {1}),
        ([(None, "O1: Grow"), (None, "O2: Lead"), (None, "Total")], set()),
        ([(None, "O2 sensors", 500), (None, "Boxes", 5)], set()),
    ],
)  # fmt: skip
def test_rows_of_objectives_by_id_or_title(rows: list[tuple[Any, ...]], found: set[int]) -> None:
    tab = sheet({"OKRs": [("ID", "Title", "Target"), *rows]}).tabs["OKRs"]
    assert objective_rows(tab, 0, {"id": 0, "title": 1, "target": 2}) == found
    assert not objective_rows(tab, 0, {"id": 0, "title": 1, "objective": 2}), "its objectives have their own column"


def test_objectives_are_drafted_with_the_key_results_below_them(tmp_path: Path) -> None:
    draft = drafted([("KR0", "Sell", "Di", 5, 1), *ROWS], HEADS)
    config = loaded(tmp_path, draft)
    assert [(key, one.title) for key, one in config.workspace.objectives.items()] == [
        ("O1", "Customers trust us"),
        ("O2", "We keep what we promise"),
    ]
    assert [(entry.id, entry.objective_id) for entry in config.key_results] == [
        ("KR1", "O1"), ("KR2", "O1"), ("KR3", "O2"), ("KR0", None),
    ]  # fmt: skip
    assert asked(draft) == []


def test_an_objective_without_key_results_and_an_unusable_id_are_asked_about() -> None:
    rows = [("目標1", "Grow"), ("KR1", "Win", "Ann", 10), ("O2", "Lead"), ("O3", "Learn"), ("KR2", "Train", "Bo", 2)]
    draft = drafted(rows, HEADS)
    assert [(one.id, len(one.key_results)) for one in draft.objectives] == [("O1", 1), ("O3", 1)]
    assert asked(draft) == [
        "OKRs!B4 no objective, as no key result belongs to it objectives",
        "OKRs!A2 the id O1, to be written there too: an id is unique, and of letters, digits, '.', '_' and '-' O1",
    ]


@pytest.mark.parametrize(
    ("rows", "places"),
    [
        ([(None, "Grow"), (None, "Win ten", "Ann", 10), (None, "Win"), (None, "Lead"), (None, "Two", "Bo")], [2, 5]),
        ([(None, "Grow"), (None, "Notes: ask Bo", "Bo"), (None, "Lead")], []),
        ([("KR1", "Grow"), ("KR2", "Win", "Ann", 10)], []),
        ([("O1", "Grow"), ("R1", "Lead"), ("R2", "Win", "Ann", 10)], []),
    ],
)
def test_what_only_may_be_an_objective_is_a_key_result_and_is_asked_about(
    rows: list[tuple[Any, ...]], places: list[int]
) -> None:
    questions = [one for one in drafted(rows, HEADS).all_questions() if "may be an objective" in one.assumed]
    assert [one.place for one in questions] == [f"OKRs!B{row}" for row in places]
    assert all("begin its title in the sheet with `Objective: `" in one.assumed for one in questions)


def _csv(rows: list[tuple[Any, ...]]) -> None:
    with Path("okrs.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def _read() -> list[list[str]]:
    return list(csv.reader(Path("okrs.csv").read_text("utf-8-sig").splitlines()))


def test_from_a_csv_with_ids_to_a_second_sync_that_writes_nothing(shell: Shell) -> None:
    _csv([HEADS, *ROWS])
    drafted = shell.run("init", "--from-sheet", "okrs.csv", "--cycle", "2026-Q4", "--yes")
    assert "2 objectives, 3 key results" in drafted.out
    assert "to check" not in drafted.out
    assert shell.run("check").code == 0
    assert VERIFIED in shell.run("sync").out
    assert [(row[0], row[6]) for row in _read()[1:]] == [
        ("O1", "62.5%"), ("KR1", "50%"), ("KR2", "75%"), ("O2", "50%"), ("KR3", "50%"),
    ]  # fmt: skip
    assert NOTHING_TO_WRITE in shell.run("sync").out
    status = shell.run("status").out.splitlines()
    assert [line.split()[0] for line in status if line.strip()][1:] == ["O1", "KR1", "KR2", "O2", "KR3"]


def test_from_a_chinese_workbook_without_ids(shell: Shell) -> None:
    path = workbook(Path("公司OKR.xlsx"), CHINESE, {"第四季": [(2, 0, 3, 4)]})
    drafted = shell.run("init", "--from-sheet", str(path), "--cycle", "2026-Q4", "--yes")
    assert "2 個目標、3 項關鍵成果" in drafted.out
    assert "已寫入並驗證" in shell.run("sync").out
    rows = [row[4:7:2] for row in load_workbook(path)["第四季"].iter_rows(min_row=3, max_row=7, values_only=True)]
    assert rows == [("O1", 0.25), ("KR1", 0.5), ("KR2", 0), ("O2", 0.75), ("KR3", 0.75)]
    assert "共 0 格" in shell.run("sync").out


def test_ids_for_a_config_that_states_no_key_results(shell: Shell) -> None:
    _csv([("Objectives and key results", "Owner", "Target", "Current"), *(("O1: Trust", "", "", ""), *KEY_RESULTS)])
    Path("okrsync.yaml").write_text(PLAIN, "utf-8")
    before = shell.run("dry-run").out
    assert "no ids yet" in before
    assert shell.run("init", "--sheet", "--yes").code == 0
    assert [row[4] for row in _read()] == ["KR id", "O1", "KR1", "KR2"]
    assert VERIFIED in shell.run("sync").out
    assert [row[6] for row in _read()] == ["Progress", "62.5%", "50%", "75%"]
    assert NOTHING_TO_WRITE in shell.run("sync").out


KEY_RESULTS = [("Fix 80% of bugs", "Ana", "80%", "40%"), ("Sign 12 accounts", "Ben", 12, 9)]
PLAIN = "cycle: 2026-Q4\ntimezone: Asia/Taipei\nokr_sheet:\n  file: okrs.csv\n"


def test_an_id_for_what_may_be_an_objective_is_pointed_out(shell: Shell) -> None:
    _csv([("Key result", "Owner", "Target", "Current"), ("Trust", "", "", ""), *KEY_RESULTS])
    Path("okrsync.yaml").write_text(PLAIN, "utf-8")
    shown = shell.run("init", "--sheet").out.splitlines()
    place = shown.index("  E2  KR1  Trust")
    assert "it may be an objective" in shown[place + 1]
    assert shown[place + 2] == "  E3  KR2  Fix 80% of bugs"
    Path("okrsync.yaml").write_text(PLAIN + "key_results:\n  KR1: {title: Trust}\n", "utf-8")
    assert "may be an objective" not in shell.run("init", "--sheet").out, "the config says what it is"


def test_a_row_with_the_title_of_an_objective_in_the_config_gets_its_id(shell: Shell) -> None:
    _csv([("Key result", "Owner", "Target", "Current"), ("Trust", "", "", ""), *KEY_RESULTS])
    Path("okrsync.yaml").write_text(PLAIN + "objectives:\n  TRUST:\n    title: Trust\n", "utf-8")
    assert shell.run("init", "--sheet", "--yes").code == 0
    assert [row[4] for row in _read()] == ["KR id", "TRUST", "KR1", "KR2"]


def test_a_key_result_of_the_config_stays_one_whatever_its_id_looks_like(shell: Shell) -> None:
    _csv([HEADS, *ROWS])
    stated = "key_results:\n  O1: {title: Customers trust us}\n  KR1: {title: Fix 80% of bugs}\n"
    Path("okrsync.yaml").write_text(PLAIN + stated, "utf-8")
    assert shell.run("init", "--sheet", "--yes").code == 0
    plan = shell.run("dry-run").out.splitlines()
    without = plan.index("  Without an objective")
    assert [line.split()[1] for line in plan[without + 1 : without + 4]] == ["O1", "KR1", "KR2"]
    assert any(line.startswith("  O2 ") for line in plan)


def test_objectives_of_a_google_spreadsheet_are_looked_up_in_its_own_tab(shell: Shell) -> None:
    with demo_workspace(shell.folder) as sandbox:
        rows = [list(row) for row in (HEADS, *ROWS)]
        sheets_of(sandbox).books["demo-okrs"] = Book.of_values("demo-okrs", "OKR", {"OKRs": rows})
        config = Path("okrsync.yaml").read_text("utf-8")
        Path("okrsync.yaml").write_text(config[: config.index("\nmeasures:")] + "\n", "utf-8")
        assert shell.run("init", "--sheet", "--yes").code == 0
        done = shell.run("sync")
        assert done.code == 0, done.err
        own = next(tab for tab in sheets_of(sandbox).books["demo-okrs"].tabs if tab.title.startswith("okrsync "))
        texts = {str(cell.entered) for cell in own.cells.values()}
        assert {f"{{'stringValue': '{key}'}}" for key in ("O1", "O2", "KR1", "KR2", "KR3")} <= texts
        assert "{'numberValue': 0.625}" in texts
        assert NOTHING_TO_WRITE in shell.run("sync").out
