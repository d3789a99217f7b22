"""Workbooks as tables: totals rows, merged cells, Strict Open XML, and files that claim too much."""

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.table import Table

from connectors.files import workbooks
from connectors.files.connector import FilesSource
from connectors.files.open_file import UnusableFileError, read_file
from connectors.protocol import Read, ReadError, Reading
from golden_files import check_golden
from source_contract import INSTANTS, Rows


def answer(folder: Path, data: bytes, **query: str) -> tuple[Reading | ReadError, list[Any]]:
    (folder / "t.xlsx").write_bytes(data)
    kept = Rows()
    read = Read("a", "rows", {"path": "t.xlsx", **query}, ("team", "n"), instants=INSTANTS)
    (found,) = FilesSource("files", folder).read([read], kept)
    return found, [(row.get("team"), row.get("n")) for row in kept.rows.get("a", ())]


def workbook(rows: list[list[Any]], *merges: str) -> Workbook:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    for merge in merges:
        book.active.merge_cells(merge)
    return book


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def replaced(data: bytes, old: bytes, new: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            after.writestr(name, before.read(name).replace(old, new))
    return out.getvalue()


def test_the_totals_row_of_a_table_is_left_out(tmp_path: Path) -> None:
    book = workbook([["team", "n"], ["a", 100], ["b", 200], ["Total", 300]])
    table = Table(displayName="Deals", ref="A1:B4", totalsRowCount=1)
    assert book.active is not None
    book.active.add_table(table)
    found, rows = answer(tmp_path, saved(book))
    assert isinstance(found, Reading)
    assert rows == [("a", 100), ("b", 200)]
    assert found.notes == ("row 4 is the totals row of the table Deals; it is left out",)


def test_a_merged_label_belongs_to_each_of_its_rows(tmp_path: Path) -> None:
    book = workbook([["team", "n"], ["core", 1], [None, 2], [None, 3], ["web", 4], [None, 5]], "A2:A4", "A5:A6")
    assert answer(tmp_path, saved(book))[1] == [("core", 1), ("core", 2), ("core", 3), ("web", 4), ("web", 5)]


def test_a_row_of_nothing_but_merged_parts_is_no_row(tmp_path: Path) -> None:
    book = workbook([["team", "n"], ["core", 1], [None, None], [None, 3], ["web", 4]], "A2:A4", "B2:B3")
    found, rows = answer(tmp_path, saved(book))
    assert isinstance(found, Reading)
    assert (rows, dict(found.failed)) == ([("core", 1), ("core", 3), ("web", 4)], {})


def test_a_merged_number_costs_only_its_column(tmp_path: Path) -> None:
    book = workbook([["team", "n"], ["a", 100], ["b", None], ["c", 7]], "B2:B3")
    found, _ = answer(tmp_path, saved(book))
    assert isinstance(found, Reading)
    assert list(found.failed) == ["n"]
    assert "Sheet!B3 is 'part of the merged cell Sheet!B2" in str(found.failed["n"])


def test_strict_open_xml(tmp_path: Path) -> None:
    data = saved(workbook([["team", "n"], ["a", 3], ["b", 4]]))
    for strict, ordinary in workbooks._STRICT:
        data = replaced(data, ordinary, strict)
    assert answer(tmp_path, data)[1] == [("a", 3), ("b", 4)]


def test_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MOST_CELLS", 20)
    monkeypatch.setattr(workbooks, "MOST_MERGES", 2)
    rows: list[list[Any]] = [["team", "n"], *[["a", 1]] * 4]
    files = {
        "cells": saved(workbook([["team", "n"], *[["a", 1]] * 20])),
        "merges": saved(workbook(rows, *[f"D{row}:E{row}" for row in range(1, 5)])),
        "a document type": replaced(saved(workbook(rows, "A2:A3")), b"<worksheet", b"<!DOCTYPE x><worksheet"),
    }
    output = []
    for what, data in files.items():
        found, _ = answer(tmp_path, data)
        assert isinstance(found, ReadError), what
        output.append(f"-- {what}\n{found.error}\n")
    check_golden("workbook_refusals.txt", "\n".join(output))


@pytest.mark.parametrize("claim", ["A1:A1048576", "A1:XFD1048576", "C9:C1048576"])
def test_a_merge_over_all_rows_fills_only_rows_that_are_there(tmp_path: Path, claim: str) -> None:
    data = saved(workbook([["team", "n"], ["a", 1], ["b", 2]]))  # openpyxl would make each cell of the merge
    ending = f'</sheetData><mergeCells><mergeCell ref="{claim}"/></mergeCells>'.encode()
    found, rows = answer(tmp_path, replaced(data, b"</sheetData>", ending))
    assert isinstance(found, Reading)
    assert len(rows) == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "t.csv")
    with pytest.raises(UnusableFileError, match="it is a pipe or a device"):
        read_file(tmp_path / "t.csv")


def test_a_device_is_refused() -> None:
    with pytest.raises(UnusableFileError, match="it is a pipe or a device"):
        read_file(Path(os.devnull))


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "t.csv").open("wb") as file:
        file.truncate(50 << 30)
    with pytest.raises(UnusableFileError, match="it has 51,200 MiB, more than 100"):
        read_file(tmp_path / "t.csv")
    (tmp_path / "s.csv").write_bytes(b"x" * ((1 << 20) + 1))
    with pytest.raises(UnusableFileError, match="it has 2 MiB, more than 1"):
        read_file(tmp_path / "s.csv", mebibytes=1)
