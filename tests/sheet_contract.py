"""What every OKR sheet must do, wherever it stands: inherit `SheetContract` and give the fixture `place`.

The sheet to give has one tab `OKRs` that holds `ROWS`, and no base tab.
"""

from datetime import date
from decimal import Decimal
from typing import Protocol

import pytest

from config.errors import StaleSheetError
from connectors.okr_sheet import (
    MEMORY_TAB,
    CellValue,
    CellWrite,
    RowInsert,
    SheetBatch,
    SheetImage,
    SheetReader,
    SheetWriter,
)

TAB = "OKRs"
ROWS: tuple[tuple[str | Decimal | None, ...], ...] = (
    ("KR 編號", "關鍵成果", "目前值", "進度"),
    ("KR1", "讓客戶信賴", Decimal(1), Decimal("0.5")),
    ("KR2", "Ship it", Decimal("2.25"), None),
    (None, "a note below", None, None),
)


class SheetPlace(Protocol):
    """A sheet under test."""

    local: bool
    """Whether a version guards it."""

    def reader(self) -> SheetReader:
        """A reader of the tab."""

    def writer(self) -> SheetWriter:
        """A writer of the tab."""

    def edit(self, row: int, column: int, text: str) -> None:
        """A person changes a cell, counted from 0."""


def batch_for(image: SheetImage, *cells: CellWrite, inserts: tuple[RowInsert, ...] = ()) -> SheetBatch:
    return SheetBatch(cells, inserts, version=image.version)


def values(image: SheetImage, tab: str = TAB) -> list[list[CellValue]]:
    return [[cell.value for cell in row] for row in image.tabs[tab].rows]


class SheetContract:
    """Inherited by the test of each OKR sheet."""

    def test_it_reads_what_stands_there(self, place: SheetPlace) -> None:
        image = place.reader().read()
        assert values(image) == [list(row[: 4 if row[3] is not None else 3]) for row in ROWS[:3]] + [
            [None, "a note below"]
        ]
        assert image.all_tabs[:1] == (TAB,)
        assert MEMORY_TAB not in image.tabs
        assert image.read_at.tzinfo is not None

    def test_a_reader_cannot_write(self, place: SheetPlace) -> None:
        assert not hasattr(place.reader(), "write")

    def test_reading_changes_nothing(self, place: SheetPlace) -> None:
        reader = place.reader()
        first, second = reader.read(), reader.read()
        assert (first.tabs, first.version) == (second.tabs, second.version)
        reader.close()
        reader.close()

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("plain", "plain"),
            ("=1+1", "=1+1"),
            ("'quoted", "'quoted"),
            ("+1", "+1"),
            ("@x", "@x"),
            ("007", "007"),
            ("1.10", "1.10"),
            ('中文，全形　１２３ & <b> "q" 🎯', '中文，全形　１２３ & <b> "q" 🎯'),
            ("two\nlines", "two\nlines"),
            (Decimal("0.1"), Decimal("0.1")),
            (Decimal("1.23456789012345"), Decimal("1.23456789012")),
            (Decimal(500000), Decimal(500000)),
            (Decimal("-0.000001"), Decimal("-0.000001")),
            (Decimal(0), Decimal(0)),
        ],
    )  # fmt: skip
    def test_what_is_written_is_read_back(self, place: SheetPlace, value: CellValue, expected: CellValue) -> None:
        writer = place.writer()
        after = writer.write(batch_for(writer.read(), CellWrite(TAB, 2, 2, value)))
        assert after.tabs[TAB].cell(2, 2).value == expected
        assert after.tabs[TAB].cell(2, 2).formula is None
        again = place.reader().read()
        assert values(again) == values(after)
        assert [row for number, row in enumerate(values(again)) if number != 2] == [
            row for number, row in enumerate(values(after)) if number != 2
        ]

    def test_a_day_is_read_back(self, place: SheetPlace) -> None:
        writer = place.writer()
        after = writer.write(batch_for(writer.read(), CellWrite(TAB, 1, 5, date(2026, 10, 1))))
        value = after.tabs[TAB].cell(1, 5).value
        assert (value if isinstance(value, str) else value.isoformat() if isinstance(value, date) else None) == (
            "2026-10-01"
        )

    def test_a_percentage_of_ours_is_shown_as_one(self, place: SheetPlace) -> None:
        writer = place.writer()
        cell = CellWrite(TAB, 2, 3, Decimal("0.625"), percent=True)
        after = writer.write(batch_for(writer.read(), cell)).tabs[TAB].cell(2, 3)
        assert (after.value, after.percent) == (Decimal("0.625"), True)

    def test_nothing_clears(self, place: SheetPlace) -> None:
        writer = place.writer()
        after = writer.write(batch_for(writer.read(), CellWrite(TAB, 1, 2, None), CellWrite(TAB, 1, 1, None)))
        assert after.tabs[TAB].cell(1, 2).value is None
        assert after.tabs[TAB].cell(1, 1).value is None
        assert after.tabs[TAB].cell(1, 3).value == Decimal("0.5")

    def test_rows_are_inserted_and_the_rest_moves(self, place: SheetPlace) -> None:
        writer = place.writer()
        cells = (CellWrite(TAB, 3, 0, "KR3"), CellWrite(TAB, 4, 0, "KR4"), CellWrite(TAB, 5, 2, Decimal(9)))
        before = writer.read()
        after = writer.write(batch_for(before, *cells, inserts=(RowInsert(TAB, 3, 2),)))
        assert values(after)[:3] == values(before)[:3]
        assert values(after)[3:] == [["KR3"], ["KR4"], [None, "a note below", Decimal(9)]]

    def test_rows_below_everything(self, place: SheetPlace) -> None:
        writer = place.writer()
        before = writer.read()
        after = writer.write(batch_for(before, CellWrite(TAB, 4, 0, "KR3"), inserts=(RowInsert(TAB, 4, 1),)))
        assert values(after) == [*values(before), ["KR3"]]

    def test_writes_follow_each_other(self, place: SheetPlace) -> None:
        writer = place.writer()
        image = writer.read()
        for number in range(3):
            image = writer.write(batch_for(image, CellWrite(TAB, 1, 2, Decimal(number))))
        assert place.reader().read().tabs[TAB].cell(1, 2).value == Decimal(2)

    def test_a_sheet_that_moved_on_is_not_written(self, place: SheetPlace) -> None:
        if not place.local:
            pytest.skip("a service has no version")
        writer = place.writer()
        image = writer.read()
        place.edit(1, 1, "a person was here")
        with pytest.raises(StaleSheetError, match="Nothing was written"):
            writer.write(batch_for(image, CellWrite(TAB, 1, 2, Decimal(9))))
        now = place.reader().read()
        assert now.version != image.version
        assert now.tabs[TAB].cell(1, 1).value == "a person was here"
        assert now.tabs[TAB].cell(1, 2).value == Decimal(1)
