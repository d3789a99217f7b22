"""Grids of values as typed tables: nothing is guessed into a smaller sum."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from config.cell_types import CellRules
from config.errors import SourceError
from connectors.grids.a1 import Area, cell_name, column_of, letters, parse_area, quoted
from connectors.grids.columns import NO_VALUES
from connectors.grids.layout import Shape
from connectors.grids.place import GridPlace
from connectors.grids.tables import GridTable, failed_columns, table_of

TAIPEI = ZoneInfo("Asia/Taipei")
PLACE = GridPlace("google 'g': rows Deals!A:F", "Deals")


def column_type(*cells: Any) -> str:
    return column(*cells).columns[0].type


def column(*cells: Any) -> GridTable:
    return table_of([["name", "key"], *([cell, "k"] for cell in cells)], PLACE, rules=CellRules(zone=TAIPEI))


def values(*cells: Any) -> list[Any]:
    return [row["name"] for row in column(*cells).rows]


@pytest.mark.parametrize(
    ("cells", "kind", "expected"),
    [
        ((1, 2.5, None), "number", [1, 2.5, None]),
        (("45%", "0", "30 %"), "number", [0.45, 0, 0.3]),
        (("1,234.5", "1,234", "50萬", "１２３", " 7 "), "number", [1234.5, 1234, 500000, 123, 7]),
        ((Decimal("0.1"), "1e+3", "2.5e3"), "number", [0.1, 1000, 2500]),
        (("12.50", "1.10", "3"), "number", [12.5, 1.1, 3]),
        (("0.5", "0"), "number", [0.5, 0]),
        (("0123", "7"), "text", ["0123", "7"]),
        (("12.50", "9.9", "3.25"), "number", [12.5, 9.9, 3.25]),
        (("08", "10", "07"), "number", [8, 10, 7]),
        (("A004", "1001", "1002"), "text", ["A004", "1001", "1002"]),
        (("N/A", "1001", "1002"), "number", [None, 1001, 1002]),
        (("0,125", "0,250", "1,500"), "number", [0.125, 0.25, 1.5]),
        (("23.0", "20.4", "5.37"), "number", [23.0, 20.4, 5.37]),
        (("12345678901234567890", "1"), "text", ["12345678901234567890", "1"]),
        (("Acme", "104"), "number", [None, 104]),
        (("Acme", "Nimbus", "104"), "text", ["Acme", "Nimbus", "104"]),
        ((True, False, None), "boolean", [True, False, None]),
        (("TRUE", "false"), "boolean", [True, False]),
        ((True, "maybe"), "text", ["TRUE", "maybe"]),
        (("a", 3.0, date(2026, 1, 2)), "text", ["a", "3", "2026-01-02"]),
        ((None, "  "), "empty", []),
    ],
)
def test_types(cells: tuple[Any, ...], kind: str, expected: list[Any]) -> None:
    grid = [["name", "key"], *([cell, None if not expected else "k"] for cell in cells)]
    table = table_of(grid, PLACE)
    assert table.columns[0].type == kind
    assert [row["name"] for row in table.rows] == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (date(2026, 10, 1), datetime(2026, 9, 30, 16, tzinfo=UTC)),
        (datetime(2026, 10, 1, 8), datetime(2026, 10, 1, tzinfo=UTC)),  # noqa: DTZ001 - naive, as Excel has it
        (datetime(2026, 10, 1, 8, tzinfo=UTC), datetime(2026, 10, 1, 8, tzinfo=UTC)),
        ("2026-10-01", datetime(2026, 9, 30, 16, tzinfo=UTC)),
        ("115/10/01", datetime(2026, 9, 30, 16, tzinfo=UTC)),
        ("2026年10月1日", datetime(2026, 9, 30, 16, tzinfo=UTC)),
        ("2026-10-01T08:00:00Z", datetime(2026, 10, 1, 8, tzinfo=UTC)),
        ("2026-10-01 08:00", datetime(2026, 10, 1, tzinfo=UTC)),
        ("2026/10/1 下午 3:04:05", datetime(2026, 10, 1, 7, 4, 5, tzinfo=UTC)),
        ("2026/10/1 12:00:00 AM", datetime(2026, 9, 30, 16, tzinfo=UTC)),
        ("2026/10/1 上午 12:30", datetime(2026, 9, 30, 16, 30, tzinfo=UTC)),
    ],
)
def test_dates_and_times_are_instants_in_utc(cell: Any, expected: datetime) -> None:
    table = column(cell)
    assert table.columns[0].type == "timestamp"
    assert table.rows[0]["name"] == expected


@pytest.mark.parametrize("text", ["2026-13-01", "2026/10/1 25:00", "3:00", "Q4"])
def test_what_is_no_certain_date_stays_text(text: str) -> None:
    assert column_type(text) == "text"


def test_a_cell_that_does_not_fit_is_reported_and_never_counted() -> None:
    table = column(1, 2, "N/A", "#REF!", None)
    assert table.columns[0].type == "number"
    assert [(bad.row, bad.column, bad.text) for bad in table.bad] == [
        (4, "name", "N/A"),
        (5, "name", "#REF!"),
    ]
    assert [row["name"] for row in table.rows] == [1, 2, None, None, None]


def test_only_a_column_with_a_bad_cell_fails() -> None:
    grid: list[list[Any]] = [["name", "key", "Note"], [1, "k", "x"], [2, "k", None], ["N/A", "k", "#REF!"]]
    found = failed_columns(table_of(grid, PLACE), PLACE)
    assert list(found) == ["name", "Note"]
    assert str(found["name"]) == (
        "google 'g': rows Deals!A:F: Deals!A4 is 'N/A' where a number is needed. Its key results were left as they "
        "were.\nCorrect the cell, or clear it where the value is not known yet."
    )
    assert found["Note"].saw == "Deals!C4 is '#REF!' where a value is needed"


def test_a_table_without_a_bad_cell_has_no_failed_column() -> None:
    assert failed_columns(column(1, 2, None), PLACE) == {}


def test_many_bad_cells_are_counted_and_a_few_are_named() -> None:
    [error] = failed_columns(column(*[1] * 5, *["x?"] * 5), PLACE).values()
    assert re.search(r"Deals!A7 .*; Deals!A8 .*; Deals!A9 .*; and 2 more", error.saw)


def test_an_error_in_a_text_column_is_bad_too() -> None:
    table = column("a", "#N/A", "Loading...")
    assert [bad.row for bad in table.bad] == [3, 4]


def test_titles_and_empty_rows_above_the_headers_are_skipped() -> None:
    grid: list[list[Any]] = [
        ["Acme", None, "x"],
        [],
        ["日期", "金額\n(元)", None, "階段"],
        ["2026-10-01", 5, "lost", "成交"],
        [None] * 4,
    ]
    table = table_of(grid, PLACE)
    assert table.header_row == 3
    assert [(one.name, one.doc) for one in table.columns] == [
        ("日期", "column A"),
        ("金額 (元)", "column B"),
        ("階段", "column D"),
    ]
    assert table.rows == [{"日期": datetime(2026, 10, 1, tzinfo=UTC), "金額 (元)": 5, "階段": "成交"}]


def test_a_table_of_one_column() -> None:
    table = table_of([["who"], ["amy"], ["ben"]], PLACE)
    assert [row["who"] for row in table.rows] == ["amy", "ben"]


def test_headers_without_rows_are_an_empty_table_of_unknown_types() -> None:
    table = table_of([["a", "b"]], PLACE)
    assert ([one.note for one in table.columns], table.rows, table.bad) == ([NO_VALUES, NO_VALUES], [], ())


def test_rows_of_different_lengths() -> None:
    table = table_of([["a", "b"], ["x"], ["y", 2, "beyond"]], PLACE)
    assert table.rows == [{"a": "x", "b": None}, {"a": "y", "b": 2}]


def test_a_stated_header_row_counts_in_the_tab() -> None:
    place = GridPlace("reading", "T", top=4, left=2)
    table = table_of([["x", "y"], ["2025", "2026"], [1, "x"], [3, 4]], place, Shape(header_row=6))
    assert [one.name for one in table.columns] == ["2025", "2026"]
    assert [(bad.row, place.name(bad.row - 1, bad.index)) for bad in table.bad] == [(7, "T!D7")]


@pytest.mark.parametrize(
    ("grid", "header_row", "saw"),
    [
        ([], None, "no header row was found"),
        ([[1, 2], [3, 4]], None, "no header row was found"),
        ([["a", "b"], []], 2, "row 2 has no headers"),
        ([["a", "b"]], 9, "row 9 has no headers"),
    ],
)
def test_a_grid_that_is_no_table_is_refused(grid: Any, header_row: int | None, saw: str) -> None:
    with pytest.raises(SourceError, match=saw):
        table_of(grid, PLACE, Shape(header_row=header_row))


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.dates(),
    st.datetimes(),
    st.text(max_size=12),
    st.sampled_from(["45%", "50萬", "#REF!", "N/A", "0123", "2026-10-01", "", "TRUE", "1.10", "1e999"]),
)


@given(st.lists(st.lists(CELLS, max_size=4), max_size=8))
def test_any_grid_is_a_table_or_a_refusal(rows: list[list[Any]]) -> None:
    grid: list[list[Any]] = [["a", "b", "c"], *rows]
    table = table_of(grid, PLACE, Shape(header_row=1), rules=CellRules(zone=TAIPEI))
    kinds: dict[str, Any] = {
        "number": (int, float),
        "timestamp": datetime,
        "boolean": bool,
        "text": str,
        "empty": type(None),
    }
    for one in table.columns:
        for row in table.rows:
            value = row[one.name]
            assert value is None or isinstance(value, kinds[one.type])
            assert not isinstance(value, float) or abs(value) < float("inf")
            assert not isinstance(value, datetime) or value.tzinfo is UTC
    assume(not table.notes)  # rows with nothing but FALSE are left out
    missing = sum(row[one.name] is None for row in table.rows for one in table.columns)
    empty = sum(
        all(index >= len(row) or row[index] is None or not str(row[index]).strip() for index in (column,))
        for row in rows
        for column in range(3)
        if any(cell is not None and str(cell).strip() for cell in row[:3])
    )
    assert missing == empty + len(table.bad)


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1), st.lists(st.sampled_from(["N/A", "待補", "#REF!"])))
def test_a_sum_over_a_number_column_is_whole_or_refused(numbers: list[int], others: list[str]) -> None:
    table = column(*numbers, *others)
    if table.columns[0].type != "number":
        assert len([text for text in others if text != "#REF!"]) > len(numbers)
    elif others:
        assert list(failed_columns(table, PLACE)) == ["name"]
    else:
        assert sum(row["name"] for row in table.rows if isinstance(row["name"], int)) == sum(numbers)


@given(st.integers(0, 18277))
def test_letters_and_columns(number: int) -> None:
    assert column_of(letters(number)) == number


@given(st.text(min_size=1).filter(str.strip))
def test_a_quoted_title_is_always_a_tab(title: str) -> None:
    title = title.strip()
    assert parse_area(quoted(title)) == Area(title)
    assert parse_area(f"{quoted(title)}!B2").tab == title


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("Deals!A:F", Area("Deals", 0, 0, None, 6)),
        ("Deals!$B$2", Area("Deals", 1, 1, 2, 2)),
        ("'My tab'!A2:F", Area("My tab", 1, 0, None, 6)),
        ("A:C", Area("", 0, 0, None, 3)),
        ("2:4", Area("", 1, 0, 4, None)),
        ("Deals", Area("Deals")),
        ("AA10", Area("", 9, 26, 10, 27)),
    ],
)
def test_areas(text: str, area: Area) -> None:
    assert parse_area(text) == area


@pytest.mark.parametrize("text", ["", "  ", "Deals!", "Deals!A", "Deals!A1:", "Deals!?"])
def test_texts_that_are_no_range(text: str) -> None:
    with pytest.raises(ValueError, match="range"):
        parse_area(text)


def test_cell_names() -> None:
    assert [cell_name(6, 4), cell_name(0, 26), cell_name(0, 701), cell_name(0, 702)] == ["E7", "AA1", "ZZ1", "AAA1"]
