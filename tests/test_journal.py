from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from config.errors import LedgerError
from connectors.okr_sheet import Cell, CellWrite, NewTab, RowInsert, SheetBatch, SheetImage, Tab
from syncer.writing.alignment import Shape
from syncer.writing.journal import open_journal
from syncer.writing.owed import Owed, Pending

CELLS = (Cell("KR1"), Cell(Decimal("0.5"), formula="=A1", percent=True), Cell(date(2026, 10, 1)), Cell(error="#REF!"))
PENDING = Pending(
    "run-1",
    SheetImage("", {"OKRs": Tab("OKRs", (CELLS, ()))}, datetime(2026, 10, 1, tzinfo=UTC)),
    SheetBatch(
        (CellWrite("OKRs", 1, 2, Decimal(3), percent=True), CellWrite("OKRs", 0, 1, None, restored=CELLS[1])),
        (RowInsert("OKRs", 1, 2),),
        (NewTab("okrsync"),),
    ),
    (Owed("OKRs", 0, 1, True, CELLS[1], "KR1", known=False, reformat=True, formula=True),),
    {"OKRs": Shape(0, (1, 2), {0: "id", 3: "current"})},
)


def test_what_is_kept_reads_back(tmp_path: Path) -> None:
    keep, nothing = open_journal(tmp_path, "key")
    assert nothing is None
    keep(PENDING)
    _, left = open_journal(tmp_path, "key")
    assert left is not None
    assert (left.run, left.batch, left.owed, left.shapes) == (PENDING.run, PENDING.batch, PENDING.owed, PENDING.shapes)
    assert left.image.tabs == PENDING.image.tabs
    (file,) = (tmp_path / ".okrsync").glob("*.json")
    assert oct(file.stat().st_mode)[-3:] == "600"
    keep(None)
    assert open_journal(tmp_path, "key")[1] is None


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / ".okrsync").write_text("a file")
    with pytest.raises(LedgerError, match="keeping the write under way"):
        open_journal(tmp_path, "key")[0](PENDING)
