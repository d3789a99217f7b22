"""OKR sheets in local files: the contract, and what is particular to workbooks and to CSVs."""

import csv
import io
import os
import warnings
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font, Protection
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

from config.errors import SheetError, StaleSheetError
from connectors.local_sheet import okr_sheet as local_okr_sheet
from connectors.local_sheet.okr_sheet import open_reader, open_writer
from connectors.okr_sheet import (
    MEMORY_TAB,
    CellWrite,
    Merge,
    NewTab,
    RowInsert,
    SheetBatch,
    SheetImage,
    SheetReader,
    SheetWriter,
)
from sheet_contract import ROWS, TAB, SheetContract, SheetPlace, batch_for, values


class LocalPlace:
    local = True

    def __init__(self, path: Path) -> None:
        self.path = path

    def reader(self) -> SheetReader:
        return open_reader(self.path)

    def writer(self) -> SheetWriter:
        return open_writer(self.path)

    def edit(self, row: int, column: int, text: str) -> None:
        if self.path.suffix == ".csv":
            rows = list(csv.reader(io.StringIO(self.path.read_text("utf-8"))))
            rows[row][column] = text
            with self.path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(rows)
        else:
            with edited(self.path) as tab:
                tab.cell(row + 1, column + 1, text)


class edited:  # noqa: N801 - used as a context manager
    """Change a workbook as a person would: through openpyxl."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book = load_workbook(path) if path.exists() else Workbook()

    def __enter__(self) -> Worksheet:
        tab = self.book.active
        assert isinstance(tab, Worksheet)
        return tab

    def __exit__(self, *_: object) -> None:
        self.book.save(self.path)


def book_of(tab: Worksheet) -> Workbook:
    assert isinstance(tab.parent, Workbook)
    return tab.parent


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "okrs.xlsx"
    with edited(path) as tab:
        tab.title = TAB
        for row in ROWS:
            tab.append([float(item) if isinstance(item, Decimal) else item for item in row])
    return path


class LocalContract(SheetContract):
    """What local files must do besides: they hold the memory of what was written."""

    def test_the_base_is_made_hidden_and_remembered(self, place: SheetPlace) -> None:
        writer = place.writer()
        cells = (
            CellWrite(MEMORY_TAB, 0, 0, "id"),
            CellWrite(MEMORY_TAB, 1, 0, "KR1"),
            CellWrite(MEMORY_TAB, 1, 2, "0.5"),
        )
        image = writer.read()
        after = writer.write(
            SheetBatch(cells, new_tabs=(NewTab(MEMORY_TAB, hidden=True, protected=True),), version=image.version)
        )
        assert after.tabs[MEMORY_TAB].hidden
        again = place.writer()
        image = again.read()
        assert values(image) == values(after) == [*values(image)]
        assert image.tabs[MEMORY_TAB].cell(1, 0).value == "KR1"
        assert image.tabs[MEMORY_TAB].cell(1, 0).locked is None
        after = again.write(batch_for(image, CellWrite(MEMORY_TAB, 2, 0, "=KR2"), CellWrite(TAB, 1, 2, Decimal(7))))
        assert [row[0] for row in values(after, MEMORY_TAB)] == ["id", "KR1", "=KR2"]
        assert after.tabs[TAB].cell(1, 2).value == Decimal(7)


class TestXlsx(LocalContract):
    @pytest.fixture
    def place(self, workbook: Path) -> LocalPlace:
        return LocalPlace(workbook)


class TestCsv(LocalContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> LocalPlace:
        path = tmp_path / f"{TAB}.csv"
        lines = [",".join("" if item is None else str(item) for item in row) for row in ROWS]
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return LocalPlace(path)


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def repack(path: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    found = parts(path)
    change(found)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in found.items():
            archive.writestr(name, data)


def write(path: Path, *cells: CellWrite, inserts: tuple[RowInsert, ...] = (), tabs: tuple[str, ...] = ()) -> SheetImage:
    writer = open_writer(path, tabs)
    return writer.write(batch_for(writer.read(), *cells, inserts=inserts))


NINE = CellWrite(TAB, 1, 2, Decimal(9))


@pytest.mark.parametrize("name", ["okrs.xls", "okrs.ods", "okrs", "okrs.XLSM"])
def test_other_files_are_refused(tmp_path: Path, name: str) -> None:
    for opened in (open_reader, open_writer):
        with pytest.raises(SheetError, match=r"an OKR sheet is a \.xlsx or a \.csv"):
            opened(tmp_path / name)


@pytest.mark.parametrize("name", ["okrs.xlsx", "okrs.csv"])
def test_a_file_that_is_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(SheetError, match="there is no such file") as caught:
        open_reader(tmp_path / name).read()
    assert "okrsync init" in str(caught.value)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "BadZipFile"),
        (b"PK\x03\x04 broken", "BadZipFile"),
        (b"\xd0\xcf\x11\xe0 old", "it has a password, or is an old .xls"),
    ],
)
def test_a_file_that_is_no_workbook(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "okrs.xlsx"
    path.write_bytes(data)
    with pytest.raises(SheetError, match=words):
        open_reader(path).read()


def test_tabs_by_name(workbook: Path) -> None:
    with edited(workbook) as tab:
        book = book_of(tab)
        book.create_sheet("Sales").append(["id"])
        book.create_sheet("Old", 0).sheet_state = "hidden"
    assert list(open_reader(workbook).read().tabs) == [TAB]
    assert list(open_reader(workbook, ["Sales", TAB]).read().tabs) == ["Sales", TAB]
    assert list(open_reader(workbook, [TAB, "not made yet"]).read().tabs) == [TAB]
    assert open_reader(workbook).read().all_tabs == ("Old", TAB, "Sales")
    with pytest.raises(SheetError, match="there is no tab 'sale'; did you mean 'Sales'") as caught:
        open_reader(workbook, ["sale"]).read()
    assert "Its tabs: Old, OKRs, Sales" in str(caught.value)


@pytest.mark.filterwarnings("ignore:Unknown extension:UserWarning")  # of openpyxl, which looks at the result
def test_everything_else_stays_byte_for_byte(workbook: Path) -> None:
    with edited(workbook) as tab:
        chart = BarChart()
        chart.add_data(Reference(tab, min_col=3, min_row=1, max_row=3))
        tab.add_chart(chart, "H2")
        tab["A2"].comment = Comment("ask Ann", "Bo")
        tab["A2"].font = Font(bold=True)
        tab.column_dimensions["B"].width = 44
        tab.freeze_panes = "B2"
        rule = Rule("cellIs", operator="lessThan", formula=["0.5"], dxf=DifferentialStyle(font=Font(bold=True)))
        tab.conditional_formatting.add("D2:D9", rule)
        choice = DataValidation("list", formula1='"a,b"')
        choice.add("E2:E9")
        tab.add_data_validation(choice)
    sparkline = b'<extLst><ext uri="{x}" xmlns:x14="http://x14"><x14:sparklineGroups/></ext></extLst></worksheet>'

    def add_more(found: dict[str, bytes]) -> None:
        found["xl/vbaProject.bin"] = b"macro"
        found["xl/worksheets/sheet1.xml"] = found["xl/worksheets/sheet1.xml"].replace(b"</worksheet>", sparkline)

    repack(workbook, add_more)
    before = parts(workbook)
    write(workbook, NINE)
    after = parts(workbook)
    assert set(after) == set(before)
    assert {name for name in before if before[name] != after[name]} == {"xl/worksheets/sheet1.xml"}
    sheet = after["xl/worksheets/sheet1.xml"]
    tail = before["xl/worksheets/sheet1.xml"].partition(b"</sheetData>")[2]
    assert sheet.endswith(tail)
    assert sparkline in sheet
    book = load_workbook(workbook)
    assert book[TAB]["A2"].font.b
    assert book[TAB]["C2"].value == 9
    assert book[TAB]["A2"].comment.text == "ask Ann"


def test_what_a_formula_was_calculated_to_survives(workbook: Path) -> None:
    with edited(workbook) as tab:
        tab["F1"], tab["F2"] = "=C2*2", "=NA()"

    def calculated(found: dict[str, bytes]) -> None:
        sheet = found["xl/worksheets/sheet1.xml"].decode()
        sheet = sheet.replace("<f>C2*2</f><v />", "<f>C2*2</f><v>2</v>")
        sheet = sheet.replace('<c r="F2"><f>NA()</f><v />', '<c r="F2" t="e"><f>NA()</f><v>#N/A</v>')
        found["xl/worksheets/sheet1.xml"] = sheet.encode()

    repack(workbook, calculated)
    before = open_reader(workbook).read().tabs[TAB]
    assert (before.cell(0, 5).value, before.cell(0, 5).formula, before.cell(0, 5).error) == (Decimal(2), "=C2*2", None)
    assert (before.cell(1, 5).value, before.cell(1, 5).error) == (None, "#N/A")
    after = write(workbook, NINE).tabs[TAB]
    assert after.cell(0, 5) == before.cell(0, 5)
    assert b'fullCalcOnLoad="1"' in parts(workbook)["xl/workbook.xml"]


def test_a_formula_nobody_calculated_is_no_empty_cell(workbook: Path) -> None:
    with edited(workbook) as tab:
        tab["C2"] = "=1+1"
    cell = open_reader(workbook).read().tabs[TAB].cell(1, 2)
    assert (cell.value, cell.formula, cell.error) == (None, "=1+1", "not calculated")


@pytest.mark.parametrize("number", [0.75, 1, 15, 59.5, 61, 45_000, 45_000.25, 3_000_000, -1])
@pytest.mark.parametrize(
    "code", ["yyyy-mm-dd", "h:mm", "[h]:mm:ss", "[mm]", "0.00%", '0 "days"', "[Red]0", "General", "m/d/yy h:mm", "0;d"]
)
def test_numbers_are_read_in_their_formats_as_openpyxl_reads_them(tmp_path: Path, number: float, code: str) -> None:
    book = Workbook()
    cell = book.active.cell(1, 1, number)  # type: ignore[union-attr]
    cell.number_format = code
    book.save(tmp_path / "okrs.xlsx")
    [[read]] = open_reader(tmp_path / "okrs.xlsx").read().tabs["Sheet"].rows
    with warnings.catch_warnings(action="ignore"):
        known = load_workbook(tmp_path / "okrs.xlsx").active["A1"]  # type: ignore[index]
    value = known.value
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        value = value.date()
    shown = value if isinstance(value, date) else Decimal(repr(value)) if known.data_type == "n" else str(value)
    assert (read.error or read.value) == shown
    assert read.percent == (code == "0.00%")


def test_texts_are_read_without_runs_and_readings_and_shared_formulas_at_each_cell(workbook: Path) -> None:
    def change(found: dict[str, bytes]) -> None:
        runs = "<is><r><t>東</t></r><r><t>京</t></r><rPh sb='0' eb='2'><t>トウキョウ</t></rPh></is>"
        cells = f"<c r='A9' t='inlineStr'>{runs}</c><c r='B9'><f t='shared' si='0' ref='B9:B10'>A9&amp;$A$1</f></c>"
        rows = (
            f"<row r='9'>{cells}</row><row r='10'><c r='B10' t='str'><f t='shared' si='0'/><v/></c></row></sheetData>"
        )
        name = "xl/worksheets/sheet1.xml"
        found[name] = found[name].replace(b"</sheetData>", rows.encode())

    repack(workbook, change)
    tab = open_reader(workbook).read().tabs[TAB]
    assert tab.cell(8, 0).value == "東京"
    assert (tab.cell(8, 1).formula, tab.cell(8, 1).error) == ("=A9&$A$1", "not calculated")
    assert (tab.cell(9, 1).formula, tab.cell(9, 1).error) == ("=A10&$A$1", None)


def test_locked_cells(workbook: Path) -> None:
    with edited(workbook) as tab:
        tab.merge_cells("A3:A4")
        tab["F1"] = ArrayFormula("F1:F3", "=C1:C3")
        tab["F2"] = 1
    image = open_reader(workbook).read().tabs[TAB]
    assert image.merges == (Merge(2, 0, 4, 1),)
    assert image.cell(3, 0).locked == "inside a merge"
    assert image.cell(2, 0).locked is None
    assert image.cell(1, 5).locked == "inside an array formula"
    assert image.cell(0, 5).formula == "=C1:C3"
    before = workbook.read_bytes()
    for cell in (CellWrite(TAB, 3, 0, "x"), CellWrite(TAB, 1, 5, "x"), CellWrite(TAB, 0, 5, "x")):
        with pytest.raises(SheetError, match="cannot be written") as caught:
            write(workbook, cell, NINE)
        assert "Nothing was written" in str(caught.value)
    assert workbook.read_bytes() == before


def test_people_s_protection_locks_and_ours_does_not(workbook: Path) -> None:
    with edited(workbook) as tab:
        tab.protection.sheet = True
        tab["C2"].protection = Protection(locked=False)
    writer = open_writer(workbook)
    image = writer.read()
    assert image.tabs[TAB].cell(1, 1).locked == "protected"
    assert image.tabs[TAB].cell(1, 2).locked is None
    with pytest.raises(SheetError, match=r"OKRs!B2 cannot be written \(protected\)"):
        writer.write(batch_for(image, CellWrite(TAB, 1, 1, "x")))
    tabs = (NewTab("okrsync", protected=True), NewTab(MEMORY_TAB, hidden=True, protected=True))
    cells = (NINE, CellWrite("okrsync", 0, 0, "id"), CellWrite(MEMORY_TAB, 0, 0, "id"))
    after = writer.write(SheetBatch(cells, new_tabs=tabs, version=image.version))
    assert set(after.tabs) == {TAB, "okrsync", MEMORY_TAB}
    assert after.tabs["okrsync"].cell(0, 0).locked is None
    again = open_reader(workbook, [TAB]).read()
    assert set(again.tabs) == {TAB, "okrsync", MEMORY_TAB}
    book = load_workbook(workbook)
    assert book[MEMORY_TAB].sheet_state == "veryHidden"
    assert book["okrsync"].sheet_state == "visible"
    assert book["okrsync"].protection.sheet
    assert (book["okrsync"].sheet_format.defaultColWidth or 0) > len("2026-11-16")
    assert set(write(workbook, CellWrite("okrsync", 1, 0, "KR1"), CellWrite(MEMORY_TAB, 1, 0, "KR1")).tabs) == set(
        again.tabs
    )


def test_a_tab_in_a_workbook_whose_sheets_declare_their_own_prefix(workbook: Path) -> None:
    declared = b' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'

    def move(found: dict[str, bytes]) -> None:
        book = found["xl/workbook.xml"].replace(declared, b"")
        found["xl/workbook.xml"] = book.replace(b"<sheet ", b"<sheet" + declared + b" ")

    repack(workbook, move)
    writer = open_writer(workbook)
    batch = SheetBatch((NINE,), new_tabs=(NewTab("okrsync"),), version=writer.read().version)
    assert set(writer.write(batch).tabs) == {TAB, "okrsync"}
    assert load_workbook(workbook)["okrsync"].sheet_state == "visible"


@pytest.mark.parametrize(
    ("title", "words"),
    [("okrs", "there is a tab 'okrs' already"), ("a/b", "cannot be the title"), ("x" * 32, "cannot be the title")],
)
def test_tabs_that_cannot_be_made(workbook: Path, title: str, words: str) -> None:
    writer = open_writer(workbook)
    batch = SheetBatch((), new_tabs=(NewTab(title),), version=writer.read().version)
    with pytest.raises(SheetError, match=words):
        writer.write(batch)


def test_new_rows_look_like_the_row_above(workbook: Path) -> None:
    with edited(workbook) as tab:
        tab["C3"].number_format = "0.0%"
        tab["A3"].font = Font(bold=True)
        tab.row_dimensions[3].height = 33
    write(workbook, CellWrite(TAB, 3, 0, "KR3"), CellWrite(TAB, 3, 2, Decimal(1)), inserts=(RowInsert(TAB, 3, 1),))
    tab = load_workbook(workbook)[TAB]
    assert (tab["A4"].value, tab["A4"].font.b, tab["C4"].number_format) == ("KR3", True, "0.0%")
    assert tab.row_dimensions[4].height == 33
    assert tab["B5"].value == "a note below"


def test_what_stands_below_moves_with_its_merges_rules_notes_and_table(workbook: Path) -> None:
    with edited(workbook) as tab:
        tab.merge_cells("B5:C6")
        tab["B5"] = "merged"
        tab["B5"].comment = Comment("moves", "Bo")
        choice = DataValidation("list", formula1='"a,b"')
        choice.add("E2:E9")
        tab.add_data_validation(choice)
        tab["A8"], tab["B8"], tab["A9"], tab["B9"] = "h1", "h2", "x", "y"
        tab.add_table(Table(displayName="Below", ref="A8:B9"))
        tab["F1"] = "=SUM(C2:C3)+SUM(C2:C900)+SUM(C:C)"
    after = write(workbook, CellWrite(TAB, 3, 0, "KR3"), inserts=(RowInsert(TAB, 3, 2),))
    assert after.tabs[TAB].merges == (Merge(6, 1, 8, 3),)
    tab = load_workbook(workbook)[TAB]
    assert (tab["B7"].value, tab["B7"].comment.text, tab["F1"].value) == (
        "merged",
        "moves",
        "=SUM(C2:C3)+SUM(C2:C900)+SUM(C:C)",
    )
    assert tab.tables["Below"].ref == "A10:B11"
    assert str(tab.data_validations.dataValidation[0].sqref) == "E2:E11"


@pytest.mark.parametrize("formula", ["=B4", "=SUM(C2:C4)", "=$C$4*2", "=OKRs!B4", '=IF(A1="B2",OKRs!$B$4,0)'])
@pytest.mark.parametrize("other_tab", [False, True])
def test_a_formula_that_would_have_to_change_refuses_the_insert(
    workbook: Path, formula: str, *, other_tab: bool
) -> None:
    with edited(workbook) as tab:
        place = book_of(tab).create_sheet("Other") if other_tab else tab
        place["F1"] = formula
    before = workbook.read_bytes()
    if other_tab and "OKRs!" not in formula:
        write(workbook, inserts=(RowInsert(TAB, 3, 1),))
        return
    with pytest.raises(SheetError, match="a row cannot be inserted above row 4 of tab 'OKRs'") as caught:
        write(workbook, inserts=(RowInsert(TAB, 3, 1),))
    assert "Leave the rows below the last key result empty." in str(caught.value)
    assert workbook.read_bytes() == before


def test_a_chart_of_rows_below_refuses_the_insert(workbook: Path) -> None:
    with edited(workbook) as tab:
        chart = BarChart()
        chart.add_data(Reference(tab, min_col=3, min_row=2, max_row=4))
        tab.add_chart(chart, "H2")
    with pytest.raises(SheetError, match=r"OKRs'!\$C\$2:\$C\$4 \(xl/charts/chart1\.xml\) would have to change"):
        write(workbook, inserts=(RowInsert(TAB, 3, 1),))
    write(workbook, inserts=(RowInsert(TAB, 4, 1),))


def test_formulas_below_move_and_their_order_is_rebuilt(workbook: Path) -> None:
    with edited(workbook) as tab:
        tab["F4"] = "=C2*2"

    def chained(found: dict[str, bytes]) -> None:
        found["xl/calcChain.xml"] = b'<calcChain><c r="F4" i="1"/></calcChain>'
        kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
        relation = b'<Relationship Id="rId99" Type="' + kind + b'" Target="calcChain.xml"/></Relationships>'
        rels = "xl/_rels/workbook.xml.rels"
        found[rels] = found[rels].replace(b"</Relationships>", relation)
        types = "[Content_Types].xml"
        override = b'<Override PartName="/xl/calcChain.xml" ContentType="x/y"/></Types>'
        found[types] = found[types].replace(b"</Types>", override)

    repack(workbook, chained)
    write(workbook, NINE)
    assert "xl/calcChain.xml" in parts(workbook)
    after = write(workbook, inserts=(RowInsert(TAB, 3, 1),))
    assert after.tabs[TAB].cell(4, 5).formula == "=C2*2"
    assert not [name for name, data in parts(workbook).items() if "calcChain" in name or b"calcChain" in data]


def test_formulas_do_not_matter_where_nothing_stands_below(workbook: Path) -> None:
    with edited(workbook) as tab:
        tab["F1"] = "=SUM(C2:C99)+C7"
    after = write(workbook, CellWrite(TAB, 4, 0, "KR3"), inserts=(RowInsert(TAB, 4, 1),))
    assert after.tabs[TAB].cell(4, 0).value == "KR3"


def test_days_in_the_calendar_of_1904(workbook: Path) -> None:
    with edited(workbook) as tab:
        book_of(tab).epoch = CALENDAR_MAC_1904
    cells = (CellWrite(TAB, 1, 4, date(2026, 10, 1)), CellWrite(TAB, 1, 5, datetime(2026, 10, 1, 9, 30, tzinfo=UTC)))
    after = write(workbook, *cells).tabs[TAB]
    assert after.cell(1, 4).value == date(2026, 10, 1)
    assert str(after.cell(1, 5).value) == "2026-10-01 09:30:00"


def test_texts_that_a_workbook_cannot_hold(workbook: Path) -> None:
    after = write(workbook, CellWrite(TAB, 1, 1, "a\x00b\x1fc\ud800d\r\ne"))
    assert after.tabs[TAB].cell(1, 1).value == "abcd\ne"
    with pytest.raises(SheetError, match="longer than a cell holds"):
        write(workbook, CellWrite(TAB, 1, 1, "x" * 40_000))
    with pytest.raises(SheetError, match="outside any sheet"):
        write(workbook, CellWrite(TAB, 1, 20_000, "x"))


def test_another_writer_s_xml_is_understood(workbook: Path) -> None:
    """Prefixed names, no `r` on rows and cells, an empty sheetData and names that are declared empty."""

    def other(found: dict[str, bytes]) -> None:
        main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        found["xl/worksheets/sheet1.xml"] = (
            f'<?xml version="1.0"?><x:worksheet xmlns:x="{main}"><x:dimension ref="A1:B2"/>'
            '<x:cols><x:col min="3" max="4" style="0"/></x:cols><x:sheetData><x:row/><x:row>'
            '<x:c t="inlineStr"><x:is><x:t>KR1</x:t></x:is></x:c><x:c><x:v>4</x:v></x:c></x:row></x:sheetData>'
            "</x:worksheet>"
        ).encode()

    repack(workbook, other)
    after = write(workbook, CellWrite(TAB, 1, 2, "=x"), CellWrite(TAB, 0, 0, "id"), CellWrite(TAB, 2, 0, "KR2"))
    assert values(after) == [["id"], ["KR1", Decimal(4), "=x"], ["KR2"]]


def test_an_empty_tab_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / "okrs.xlsx"
    with edited(path) as tab:
        tab.title = TAB
    name = "xl/worksheets/sheet1.xml"
    repack(path, lambda found: found.update({name: found[name].replace(b"<sheetData></sheetData>", b"<sheetData />")}))
    assert values(write(path, CellWrite(TAB, 0, 0, "id"))) == [["id"]]


def test_a_signed_workbook_is_not_written(workbook: Path) -> None:
    repack(workbook, lambda found: found.update({"_xmlsignatures/sig1.xml": b"<x/>"}))
    with pytest.raises(SheetError, match="it is signed"):
        write(workbook, NINE)


@pytest.mark.parametrize("name", ["okrs.xlsx", "OKRs.csv"])
class TestReplacing:
    @pytest.fixture
    def path(self, workbook: Path, name: str) -> Path:
        path = workbook.with_name(name)
        if path.suffix == ".csv":
            path.write_text("id,title,current\nKR1,a,1\n")
        return path

    def test_permissions_and_links_are_kept(self, path: Path) -> None:
        path.chmod(0o640)
        link = path.with_name(f"link{path.suffix}")
        link.symlink_to(path.name)
        tab = TAB if path.suffix == ".xlsx" else "link"
        write(link, CellWrite(tab, 1, 2, Decimal(9)))
        assert path.stat().st_mode & 0o777 == 0o640
        assert link.is_symlink()
        assert open_reader(path).read().tabs[TAB].cell(1, 2).value == Decimal(9)

    def test_a_full_disk_leaves_the_old_file(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        before = path.read_bytes()

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(SheetError, match="No space left on device"):
            write(path, NINE)
        assert path.read_bytes() == before
        assert not [entry for entry in path.parent.iterdir() if entry.suffix == ".tmp"]

    def test_one_writer_at_a_time(self, path: Path) -> None:
        with (
            FileLock(path.with_name(f".{path.name}.lock")),
            pytest.raises(SheetError, match="another okrsync is writing it"),
        ):
            write(path, NINE)
        write(path, NINE)

    @pytest.mark.parametrize("marker", ["~${}", ".~lock.{}#"])
    def test_a_file_open_in_another_program_is_not_replaced(self, path: Path, marker: str) -> None:
        path.with_name(marker.format(path.name)).write_text("Ann")
        open_reader(path).read()
        with pytest.raises(SheetError, match="it is open in another program"):
            write(path, NINE)

    def test_a_batch_without_a_version_is_stale(self, path: Path) -> None:
        with pytest.raises(StaleSheetError):
            open_writer(path).write(SheetBatch((NINE,)))

    def test_an_unknown_tab(self, path: Path) -> None:
        writer = open_writer(path)
        version = writer.read().version
        with pytest.raises(SheetError, match="no tab 'Gone'"):
            writer.write(SheetBatch((CellWrite("Gone", 0, 0, "x"),), version=version))


def csv_place(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "OKRs.csv"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"id,title,current\nKR1,a,1\nKR2,b,2\n", b"id,title,current\nKR1,a,9\nKR2,b,2\n"),
        (b"id,title,current\r\nKR1,a,1\r\nKR2,b,2", b"id,title,current\r\nKR1,a,9\r\nKR2,b,2"),
        (b"id;title;current\nKR1;a,b;1\n", b"id;title;current\nKR1;a,b;9\n"),
        (b"id\ttitle\tcurrent\nKR1\ta\t1\n", b"id\ttitle\tcurrent\nKR1\ta\t9\n"),
        (b'"id","title","current"\n"KR1","a","1"\n', b'"id","title","current"\n"KR1","a","9"\n'),
        (b'id,title,current\nKR1,a,1\nKR2,"b",2\n', b'id,title,current\nKR1,a,9\nKR2,"b",2\n'),
        (b'id,title,current\nKR1,"two\r\nlines",1\n', b'id,title,current\nKR1,"two\r\nlines",9\n'),
        (b"\xef\xbb\xbfid,title,current\nKR1,a,1\n", b"\xef\xbb\xbfid,title,current\nKR1,a,9\n"),
        ("編號,標題,現值\nKR1,成交,1\n".encode("cp950"), "編號,標題,現值\nKR1,成交,9\n".encode("cp950")),
        (b"id,title,current\nKR1,a,40%\n", b"id,title,current\nKR1,a,900%\n"),
        (b"id,title,current\nKR1\n", b"id,title,current\nKR1,,9\n"),
    ],
)
def test_a_csv_keeps_its_form(tmp_path: Path, before: bytes, after: bytes) -> None:
    path = csv_place(tmp_path, before)
    write(path, NINE)
    assert path.read_bytes() == after


@pytest.mark.parametrize(
    ("field", "value", "percent"),
    [
        ("12.5", Decimal("12.5"), False), ("62.5%", Decimal("0.625"), True), ("-3", Decimal(-3), False),
        ("0", Decimal(0), False), ("0%", Decimal(0), True), ("1000000", Decimal(1000000), False),
        ("007", "007", False), ("1.10", "1.10", False), ('"1,234"', "1,234", False), ("1e3", "1e3", False),
        ("50萬", "50萬", False), ("１２", "１２", False), ("=1+1", "=1+1", False), ("TRUE", "TRUE", False),
        (" 1", " 1", False), ("1234567890123", "1234567890123", False),
    ],
)  # fmt: skip
def test_fields_of_a_csv(tmp_path: Path, field: str, value: Any, *, percent: bool) -> None:
    path = csv_place(tmp_path, f"id,current\nKR1,{field}\n".encode())
    cell = open_reader(path).read().tabs[TAB].cell(1, 1)
    assert (cell.value, cell.percent) == (value, percent)


def test_the_base_of_a_csv_is_a_file_next_to_it(tmp_path: Path) -> None:
    path = csv_place(tmp_path, b"id,current\nKR1,1\n")
    path.chmod(0o640)
    writer = open_writer(path)
    image = writer.read()
    cells = (CellWrite(TAB, 1, 1, Decimal(2)), CellWrite(MEMORY_TAB, 0, 0, "id"), CellWrite(MEMORY_TAB, 1, 0, "KR1"))
    after = writer.write(SheetBatch(cells, new_tabs=(NewTab(MEMORY_TAB, hidden=True),), version=image.version))
    base = path.with_name("OKRs.okrsync.csv")
    assert base.read_text() == "id\nKR1\n"
    assert base.stat().st_mode & 0o777 == 0o640
    assert after.version == open_reader(path).read().version != image.version
    base.write_text("id\nKR1\nKR2\n")
    with pytest.raises(StaleSheetError):
        writer.write(batch_for(after, CellWrite(TAB, 1, 1, Decimal(3))))


def test_a_crash_between_a_csv_and_its_base_leaves_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = csv_place(tmp_path, b"id,current\nKR1,1\n")
    done: list[Path] = []
    real = local_okr_sheet.replace

    def crash(target: Path, data: bytes, doing: str, *, like: Path | None = None) -> None:
        if done:
            raise KeyboardInterrupt
        done.append(target)
        real(target, data, doing, like=like)

    monkeypatch.setattr(local_okr_sheet, "replace", crash)
    writer = open_writer(path)
    cells = (CellWrite(TAB, 1, 1, Decimal(2)), CellWrite(MEMORY_TAB, 0, 0, "id"))
    batch = SheetBatch(cells, new_tabs=(NewTab(MEMORY_TAB, hidden=True),), version=writer.read().version)
    with pytest.raises(KeyboardInterrupt):
        writer.write(batch)
    assert done == [path]
    now = open_reader(path).read()
    assert now.tabs[TAB].cell(1, 1).value == Decimal(2)
    assert MEMORY_TAB not in now.tabs


@pytest.mark.parametrize(
    ("data", "tabs", "words"),
    [
        (b'id,current\nKR1,"1\n', (), "a quote that opens in line 2 is never closed"),
        (b"id,current\n\xff\xfe\xff\n", (), "line 2 is not UTF-8"),
        (b"id,current\nKR1,1\n", ("okr",), "a CSV has one tab, 'OKRs', and no 'okr'; did you mean 'OKRs'"),
    ],
)
def test_csvs_that_cannot_be_read(tmp_path: Path, data: bytes, tabs: tuple[str, ...], words: str) -> None:
    path = csv_place(tmp_path, data)
    with pytest.raises(SheetError, match=words):
        open_reader(path, tabs).read()


def test_a_csv_cannot_hold_a_second_tab_or_a_character_it_does_not_have(tmp_path: Path) -> None:
    path = csv_place(tmp_path, "編號,現值,關鍵成果\nKR1,1,提升客戶滿意度\n".encode("cp950"))
    before = path.read_bytes()
    writer = open_writer(path)
    version = writer.read().version
    with pytest.raises(SheetError, match="a CSV cannot hold a second tab, 'okrsync'") as caught:
        writer.write(SheetBatch((), new_tabs=(NewTab("okrsync"),), version=version))
    assert "Use an Excel workbook" in str(caught.value)
    with pytest.raises(SheetError, match="'🎯' cannot be written in big5"):
        writer.write(SheetBatch((CellWrite(TAB, 1, 1, "🎯"),), version=version))
    assert path.read_bytes() == before


TEXTS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**7), max_value=10**7)


@given(cells=st.dictionaries(st.tuples(st.integers(0, 6), st.integers(0, 6)), TEXTS | NUMBERS | st.none(), max_size=12))
@settings(max_examples=25, deadline=None)
@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_any_cells_are_read_back(
    cells: dict[tuple[int, int], Any], suffix: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / f"OKRs{suffix}"
    if suffix == ".csv":
        path.write_bytes(b"id,title\n")
    else:
        with edited(path) as tab:
            tab.title = TAB
    after = write(path, *(CellWrite(TAB, row, column, value) for (row, column), value in cells.items())).tabs[TAB]
    for (row, column), value in cells.items():
        shown = after.cell(row, column).value
        if suffix == ".csv" and isinstance(value, str):
            assert str(shown) == value or f"{shown}" == value or after.cell(row, column).percent
        else:
            assert shown == value
