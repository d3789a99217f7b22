from decimal import Decimal

import pytest

from config.errors import SheetError
from config.models import OkrSheet
from connectors.okr_sheet import Cell, CellValue, Merge, Tab
from syncer.sheet.columns import COLUMNS, column_of
from syncer.sheet.layout import filled_down, find_layout, rows_of

STATED = OkrSheet(file="okrs.xlsx")


def tab(*rows: tuple[CellValue, ...], merges: tuple[Merge, ...] = ()) -> Tab:
    return Tab("OKRs", tuple(tuple(Cell(value) for value in row) for row in rows), merges)


@pytest.mark.parametrize("name", COLUMNS)
def test_every_column_is_known_by_both_its_headers(name: str) -> None:
    for header in (COLUMNS[name].en, COLUMNS[name].zh, COLUMNS[name].en.upper(), f" {COLUMNS[name].zh}\n"):
        found = column_of(header)
        assert found is not None
        assert found.name == name


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("關鍵結果", "title"),
        ("關鍵成果（KR）", "title"),
        ("目標（O）", "objective"),
        ("ＫＲ 編號", "id"),
        ("current", "current"),
    ],
)
def test_other_headers(header: str, name: str) -> None:
    found = column_of(header)
    assert found is not None
    assert found.name == name


def test_a_title_row_above_the_headers_is_skipped() -> None:
    layout = find_layout(tab(("Acme 2026-Q4 OKR",), (), ("KR 編號", "關鍵成果", "目前值"), ("KR1", "x", None)), STATED)
    assert layout.header_row == 2
    assert dict(layout.columns) == {"id": 0, "title": 1, "current": 2}
    assert [(row.id, row.number) for row in rows_of(layout)] == [("KR1", 4)]


def test_stated_headers_win_over_known_ones() -> None:
    stated = OkrSheet(file="x.xlsx", columns={"id": "我的代碼", "current": "Status"})
    layout = find_layout(tab(("我的代碼", "KR id", "Status"), ("KR1", "other", None)), stated)
    assert layout.columns["id"] == 0
    assert layout.columns["current"] == 2


def test_ids_are_trimmed_text_and_whole_numbers_read_as_seen() -> None:
    layout = find_layout(
        tab(("KR id", "Status"), (" KR1 ", ""), (Decimal(101), ""), (Decimal("1.1"), ""), (None, "")), STATED
    )
    assert [row.id for row in rows_of(layout)] == ["KR1", "101", "1.1"]


def test_merged_objective_cells_fill_down() -> None:
    merged = tab(("KR id", "Objective"), ("KR1", "Trust"), ("KR2", None), ("KR3", None), merges=(Merge(1, 1, 3, 2),))
    layout = find_layout(merged, STATED)
    assert [cell.value if (cell := filled_down(layout, row, "objective")) else 0 for row in (1, 2, 3)] == [
        "Trust",
        "Trust",
        None,
    ]


@pytest.mark.parametrize(
    ("rows", "stated", "saw"),
    [
        (((),), STATED, "no header row with 'KR id / KR 編號'"),
        ((("Owner", "Target"), ("a", "b")), STATED, "row 1 comes nearest: Owner, Target"),
        ((("KR id", "What we do"),), STATED, "row 1 has a column of ids, but no other header that okrsync knows"),
        ((("KR id", "Status", "狀態"),), STATED, "two columns of row 1 both mean Status / 狀態"),
        (
            (("KR id", "Statsu", "Target"),),
            OkrSheet(file="x.xlsx", columns={"status": "Status"}),
            "row 1 has no header 'Status'; did you mean 'Statsu'?",
        ),
    ],
)
def test_what_cannot_be_recognised_is_refused(rows: tuple[tuple[str, ...], ...], stated: OkrSheet, saw: str) -> None:
    with pytest.raises(SheetError) as caught:
        find_layout(tab(*rows), stated)
    assert saw in caught.value.saw
    assert caught.value.advice
