"""Local files as tables: CSV, XLSX, JSON and JSON lines."""

import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from config.errors import SourceError
from connectors import protocol
from connectors.files import csv_records, file_tables
from connectors.files.connector import FilesSource
from connectors.files.encodings import decode
from connectors.protocol import Read, ReadError, Reading
from connectors.registry import Context, open_source
from source_contract import Rows

TAIPEI = ZoneInfo("Asia/Taipei")
INSTANTS = {"today": datetime(2026, 11, 2, tzinfo=TAIPEI)}


@pytest.fixture
def kept() -> Rows:
    return Rows()


@pytest.fixture
def source(tmp_path: Path) -> FilesSource:
    opened = open_source("files", None, Context(tmp_path))
    assert isinstance(opened, FilesSource)
    return opened


def rows_of(
    path: str, key: str = "a", columns: tuple[str, ...] = (), *, count_only: bool = False, **query: str
) -> Read:
    return Read(key, "rows", {"path": path, **query}, columns, count_only, INSTANTS)


def reading(source: FilesSource, read: Read, kept: Rows) -> Reading:
    (answer,) = list(source.read([read], kept))
    assert isinstance(answer, Reading), str(answer.error)
    return answer


def refusal(source: FilesSource, read: Read, kept: Rows) -> str:
    (answer,) = list(source.read([read], kept))
    assert isinstance(answer, ReadError)
    assert isinstance(answer.error, SourceError)
    assert "left as they were" in str(answer.error)
    assert kept.rows == {}
    return str(answer.error)


CSV = "姓名,金額,日期\n王小明,1200,2026-10-01\n李四,,2026-10-02\n"
ROWS = [
    {"姓名": "王小明", "金額": 1200.0, "日期": datetime(2026, 9, 30, 16, tzinfo=UTC)},
    {"姓名": "李四", "金額": None, "日期": datetime(2026, 10, 1, 16, tzinfo=UTC)},
]


@pytest.mark.parametrize(
    ("data", "notes"),
    [
        (CSV.encode(), ()),
        (CSV.encode("utf-8-sig"), ()),
        (b"\xff\xfe" + CSV.encode("utf-16-le"), ()),
        (b"\xfe\xff" + CSV.encode("utf-16-be"), ()),
        (CSV.encode("cp950"), ("read as big5",)),
        (CSV.replace("\n", "\r\n").encode(), ()),
        (CSV.replace("\n", "\r").encode(), ()),
        (CSV.replace(",", "\t").encode(), ("fields separated by tab",)),
        (CSV.replace(",", ";").encode(), ("fields separated by semicolon",)),
        (CSV.replace("王小明", '"王小明"').encode(), ()),
    ],
)
def test_a_csv_reads_the_same_however_it_was_saved(
    source: FilesSource, kept: Rows, tmp_path: Path, data: bytes, notes: tuple[str, ...]
) -> None:
    (tmp_path / "s.csv").write_bytes(data)
    answer = reading(source, rows_of("s.csv"), kept)
    assert (answer.count, answer.asked, answer.link) == (2, "s.csv", "")
    assert answer.notes == notes
    assert kept.rows["a"] == ROWS
    assert kept.types("a") == {"姓名": "text", "金額": "number", "日期": "timestamp"}


@pytest.mark.parametrize("encoding", ["big5", "cp950"])
def test_a_stated_encoding_is_used(source: FilesSource, kept: Rows, tmp_path: Path, encoding: str) -> None:
    (tmp_path / "s.csv").write_bytes(CSV.encode("cp950"))
    assert reading(source, rows_of("s.csv", encoding=encoding), kept).asked == "s.csv"
    assert kept.rows["a"] == ROWS


def test_quoted_line_ends_and_long_fields_are_kept(source: FilesSource, kept: Rows, tmp_path: Path) -> None:
    long = "x" * 200_000
    (tmp_path / "s.csv").write_text(f'id,note\r\nA1,"two\r\nlines, and ""quotes"""\r\nA2,{long}\r\n', newline="")
    assert reading(source, rows_of("s.csv"), kept).count == 2
    assert kept.rows["a"] == [{"id": "A1", "note": 'two\r\nlines, and "quotes"'}, {"id": "A2", "note": long}]


def test_headers_without_rows_are_zero_rows(source: FilesSource, kept: Rows, tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("id,amount\n")
    assert reading(source, rows_of("s.csv"), kept).count == 0
    assert kept.pages == [0]
    assert list(kept.types("a")) == ["id", "amount"]


def test_a_count_keeps_no_rows(source: FilesSource, kept: Rows, tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(CSV)
    assert reading(source, rows_of("s.csv", count_only=True), kept).count == 2
    assert kept.pages == []


def test_rows_go_in_pages(source: FilesSource, kept: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "ROWS_STORED_TOGETHER", 2)
    (tmp_path / "s.csv").write_text("id,n\n" + "".join(f"x{n},{n}\n" for n in range(5)))
    assert reading(source, rows_of("s.csv"), kept).count == 5
    assert kept.pages == [2, 2, 1]
    assert [row["n"] for row in kept.rows["a"]] == [0, 1, 2, 3, 4]


def test_reads_of_one_file_parse_it_once(
    source: FilesSource, kept: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "s.csv").write_text(CSV)
    calls: list[str] = []

    def counted(text: str, delimiter: str) -> Iterator[list[str]]:
        calls.append(delimiter)
        return csv_records.parse_fields(text, delimiter)

    monkeypatch.setattr(file_tables, "parse_fields", counted)
    answers = list(source.read([rows_of("s.csv", "a"), rows_of("s.csv", "b"), rows_of("no.csv", "c")], kept))
    assert [type(answer) for answer in answers] == [Reading, Reading, ReadError]
    assert calls == [","]
    assert kept.rows["a"] == kept.rows["b"]


def test_a_bad_cell_costs_only_its_column(source: FilesSource, kept: Rows, tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("id,amount,city\na,1,X\nb,2,Y\nc,many,Z\n")
    first, second = source.read(
        [rows_of("s.csv", "a", ("amount", "city")), rows_of("s.csv", "c", count_only=True)], kept
    )
    assert isinstance(first, Reading)
    assert list(first.failed) == ["amount"]
    assert "B4 is 'many' where a number is needed" in str(first.failed["amount"])
    assert [(row["amount"], row["city"]) for row in kept.rows["a"]] == [(1, "X"), (2, "Y"), (None, "Z")]
    assert isinstance(second, Reading)
    assert (first.count, second.count) == (3, 3)


@pytest.mark.parametrize("name", ["s.json", "s.jsonl"])
def test_two_spellings_of_a_field_cost_only_that_field(
    source: FilesSource, kept: Rows, tmp_path: Path, name: str
) -> None:
    lines = ['{"Id": 1, "n": 2}', '{"ID": 5, "n": 3}']
    (tmp_path / name).write_text("\n".join(lines) if name.endswith("l") else f"[{','.join(lines)}]")
    answer = reading(source, rows_of(name), kept)
    assert "the fields 'Id' and 'ID' differ only in case" in str(answer.error_of(["n", "id"]))
    assert answer.error_of(["n"]) is None
    assert kept.rows["a"] == [{"n": 2}, {"n": 3}]


def test_placeholders_and_folders_above(kept: Rows, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "export-2026-11-02.csv").write_text(CSV)
    inner = FilesSource("files", tmp_path / "config")
    answer = reading(inner, rows_of("../export-{today}.csv"), kept)
    assert (answer.count, answer.asked) == (2, "../export-2026-11-02.csv")


@pytest.mark.parametrize(
    ("name", "data", "query", "words"),
    [
        ("s.csv", None, {}, "there is no such file; did you mean 'sales.csv'?"),
        ("s.csv", b"", {}, "no header row was found"),
        ("s.csv", b"\n\n", {}, "no header row was found"),
        ("s.csv", b"a,b\n\xff\xfe\xff", {}, "line 2 is not UTF-8, and its encoding is not certain"),
        ("s.csv", "a,b\n".encode("utf-16-le"), {}, "NUL bytes"),
        ("s.csv", CSV.encode("cp950"), {"encoding": "utf-8"}, "it is not utf-8"),
        ("s.csv", CSV.encode(), {"encoding": "klingon"}, "there is no encoding 'klingon'"),
        ("s.csv", CSV.encode(), {"encoding": "rot13"}, "is not a text encoding"),
        ("s.csv", CSV.encode(), {"header_row": "9"}, "row 9 has no headers"),
        ("s.csv", b'a,b\n1,"open\n2,3\n', {}, "a quote that opens in line 2 is never closed"),
        ("s.pdf", b"%PDF", {}, "it is not one of .csv"),
        ("s.json", b"", {}, "it is empty"),
        ("s.json", b"{", {}, "it is not JSON"),
        ("s.json", b'{"items": [1]}', {}, "`rows: items`"),
        ("s.json", b'{"items": [1]}', {"rows": "item"}, "`rows: item` finds nothing"),
        ("s.json", b"[]", {"rows": "["}, "is not valid JMESPath"),
        ("s.jsonl", b'{"a": 1}\n{"a"\n', {}, "line 2 is not JSON"),
        ("s.xlsx", b"not a zip", {}, "it is not a workbook"),
        ("s.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1", {}, "it has a password, or is an old .xls"),
    ],
)
def test_refusals(tmp_path: Path, name: str, data: bytes | None, query: dict[str, str], words: str) -> None:
    source, kept = FilesSource("files", tmp_path), Rows()
    (tmp_path / "sales.csv").write_text("x")
    if data is not None:
        (tmp_path / name).write_bytes(data)
    error = refusal(source, Read("a", "rows", {"path": name, **query}, instants=INSTANTS), kept)
    assert words in error
    assert f"files: reading {name}" in error


def test_a_folder_is_no_file(source: FilesSource, kept: Rows, tmp_path: Path) -> None:
    (tmp_path / "s.csv").mkdir()
    assert "IsADirectoryError" in refusal(source, rows_of("s.csv"), kept)


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    book = Workbook()
    hidden = book.active
    assert hidden is not None
    hidden.title = "Old"
    hidden.sheet_state = "hidden"
    deals = book.create_sheet("Deals")
    deals.append(["Deals of the quarter"])
    deals.append(["stage", "amount", "day", "at", "won"])
    deals.append(["成交", 10, date(2026, 10, 1), time(9, 30), True])
    deals.append(["0123", 2.5, datetime(2026, 10, 2, 12), None, False])  # noqa: DTZ001 - a sheet's have none
    other = book.create_sheet("Other")
    other.append(["x", "y"])
    path = tmp_path / "w.xlsx"
    book.save(path)
    return path


def test_a_workbook(source: FilesSource, kept: Rows, workbook: Path) -> None:
    answer = reading(source, rows_of(workbook.name), kept)
    assert (answer.count, answer.asked) == (2, "w.xlsx")
    assert kept.rows["a"] == [
        {"stage": "成交", "amount": 10, "day": datetime(2026, 9, 30, 16, tzinfo=UTC), "at": "09:30:00", "won": True},
        {"stage": "0123", "amount": 2.5, "day": datetime(2026, 10, 2, 4, tzinfo=UTC), "at": None, "won": False},
    ]


def test_tabs_by_name(source: FilesSource, kept: Rows, workbook: Path) -> None:
    error = refusal(source, rows_of(workbook.name, tab="deal"), kept)
    assert "there is no tab 'deal'; did you mean 'Deals'? (its tabs: Old, Deals, Other)" in error
    answer = reading(source, rows_of(workbook.name, tab="Other"), kept)
    assert (answer.count, answer.asked) == (0, "w.xlsx tab Other")


def with_values(path: Path, replaced: dict[str, str]) -> None:
    """Write what a calculating program would have left in the cells of the first tab."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    for old, new in replaced.items():
        assert old in sheet
        sheet = sheet.replace(old, new)
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def test_formulas_have_the_value_that_was_calculated_or_none(source: FilesSource, kept: Rows, tmp_path: Path) -> None:
    book = Workbook()
    tab = book.active
    assert tab is not None
    for row in (["id", "amount", "note"], ["a", "=1+1", '=IF(1,"")'], ["b", "=2+2", "x"], ["c", 5, "#REF!"]):
        tab.append(row)
    path = tmp_path / "w.xlsx"
    book.save(path)
    with_values(
        path,
        {
            "<f>1+1</f><v />": "<f>1+1</f><v>2</v>",
            '<c r="C2"><f>IF(1,"")</f><v />': '<c r="C2" t="str"><f>IF(1,"")</f><v></v>',
        },
    )
    answer = reading(source, rows_of("w.xlsx"), kept)
    assert (answer.count, list(answer.failed)) == (3, ["amount", "note"])
    never = "Sheet!B3 is 'a formula that was never calculated' where a number is needed"
    assert answer.failed["amount"].saw == never
    assert "Sheet!C4 is '#REF!'" in answer.failed["note"].saw
    assert [row["amount"] for row in kept.rows["a"]] == [2, None, 5]


def test_a_wrong_extent_hides_no_rows(source: FilesSource, kept: Rows, workbook: Path, tmp_path: Path) -> None:
    book = Workbook()
    tab = book.active
    assert tab is not None
    for row in (["id", "n"], ["a", 1], ["b", 2]):
        tab.append(row)
    book.save(tmp_path / "w.xlsx")
    with_values(tmp_path / "w.xlsx", {'<dimension ref="A1:B3" />': '<dimension ref="A1" />'})
    assert reading(source, rows_of("w.xlsx"), kept).count == 2
    assert workbook.exists()


def test_json_and_json_lines(source: FilesSource, kept: Rows, tmp_path: Path) -> None:
    items = [{"id": 1, "stage": "成交", "at": "2026-10-01T08:00:00+08:00"}, {"id": 2, "x": {"y": 1}}]
    (tmp_path / "s.json").write_text(json.dumps({"data": {"items": items}}, ensure_ascii=False), "utf-8-sig")
    (tmp_path / "s.jsonl").write_text("\n".join(map(json.dumps, items)) + "\n\n")
    (tmp_path / "empty.jsonl").write_text("")
    answer = reading(source, rows_of("s.json", "a", rows="data.items"), kept)
    assert (answer.count, answer.asked) == (2, "s.json rows data.items")
    assert reading(source, rows_of("s.jsonl", "b"), kept).count == 2
    assert reading(source, rows_of("empty.jsonl", "c"), kept).count == 0
    assert kept.types("a") == kept.types("b") == {"id": "integer", "stage": "text", "at": "timestamp"}
    assert kept.rows["a"] == kept.rows["b"]


@given(st.text() | st.text(alphabet=',;\t"\r\n成a'))
@settings(max_examples=200)
def test_any_text_is_records_that_add_up_to_it_or_a_refusal(text: str) -> None:
    try:
        records = list(csv_records.parse_csv(text, csv_records.find_delimiter(text)))
    except ValueError:
        return
    assert "".join(record.raw for record in records) == text


@given(st.lists(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00\r\n"), max_size=9), min_size=2))
def test_a_record_that_is_written_reads_the_same(fields: list[str]) -> None:
    for quote_all in (False, True):
        written = csv_records.write_record(fields, ",", "\r\n", quote_all=quote_all)
        assert [record.fields for record in csv_records.parse_csv(written, ",")] == [fields]


@given(st.text(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp950"]))
def test_a_text_is_decoded_as_it_was_encoded_or_refused(text: str, encoding: str) -> None:
    try:
        data = text.encode(encoding)
    except UnicodeEncodeError:
        return
    text = data.decode(encoding)  # cp950 writes some pairs of characters with one code
    try:
        decoded = decode(data, "" if encoding == "utf-8-sig" else encoding)
    except ValueError:
        assert "\x00" in text
        return
    assert decoded.text == text or text.startswith("\ufeff")
    assert decoded.encode(decoded.text) == data or text.startswith("\ufeff")


def test_types_are_stated_or_found_and_shown(source: FilesSource, kept: Rows, tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text("Due;kg;sku\n1/10/2026;0,125;0123\n2/10/2026;1,500;7\n", "utf-8")
    found = reading(source, rows_of("o.csv"), kept)
    assert found.types == {
        "Due": "dates",
        "kg": "numbers such as 1.234,5, as B2 '0,125' shows",
        "sku": "text, as C2 '0123' shows",
    }
    assert list(found.failed) == ["Due"]
    assert found.failed["Due"].advice.startswith("Set `types: {Due: date DMY}`, or `dates: DMY`")
    stated = reading(source, rows_of("o.csv", types='{"due": "date MDY", "sku": "number"}'), kept)
    assert (stated.failed, stated.types["Due"]) == ({}, "dates, month first, as configured")
    rows = kept.rows[stated.read.key]
    assert [row["sku"] for row in rows[-2:]] == [123, 7]
    assert [row["Due"] for row in rows[-2:]] == [datetime(2026, month, 9, 16, tzinfo=UTC) for month in (1, 2)]


def test_types_of_json(source: FilesSource, kept: Rows, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"d": "20261001", "n": "1,5"}, {"d": "", "n": "x"}]', "utf-8")
    types = '{"d": "date", "n": "number"}'
    found = reading(source, rows_of("a.json", types=types, numbers="1.234,5"), kept)
    assert kept.rows[found.read.key][-2:] == [
        {"d": datetime(2026, 9, 30, 16, tzinfo=UTC), "n": 1.5},
        {"d": None, "n": None},
    ]
    assert found.failed["n"].saw == "row 2 is 'x' where a number is needed"
    wrong = refusal(source, rows_of("a.json", types='{"dd": "date"}'), Rows())
    assert "`types` names 'dd', which is not a column; did you mean 'd'?" in wrong
