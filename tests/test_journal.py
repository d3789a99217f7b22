import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from config.errors import LedgerError
from config.models import OkrSheet
from connectors.okr_sheet import Cell, CellWrite, NewTab, RowInsert, SheetBatch, SheetImage, Tab
from syncer.run.account import Trace
from syncer.run.alignment import Shape
from syncer.run.journal import Journal, journals_beside, open_journal
from syncer.run.owed import Owed, Pending

STATED = OkrSheet(connection="google", spreadsheet="demo", tabs=("OKRs",))
CELLS = (Cell("KR1"), Cell(Decimal("0.5"), formula="=A1", percent=True), Cell(date(2026, 10, 1)), Cell(error="#REF!"))
TAB = Tab("OKRs", (CELLS, ()))
SHAPE = Shape(0, (1, 2), {0: "id", 3: "current"})
TRACE = Trace(
    TAB,
    SHAPE,
    frozenset({"3"}),
    frozenset({("KR2", "Target")}),
    frozenset({("KR1", "current", "3")}),
    frozenset({"a"}),
    frozenset({"b"}),
)
PENDING = Pending(
    "run-1",
    SheetImage("", {"OKRs": TAB}, datetime(2026, 10, 1, tzinfo=UTC), ids={"OKRs": 7}),
    SheetBatch(
        (CellWrite("OKRs", 1, 2, Decimal(3), percent=True), CellWrite("OKRs", 0, 1, None, restored=CELLS[1])),
        (RowInsert("OKRs", 1, 2),),
        (NewTab("okrsync"),),
    ),
    (Owed("OKRs", 0, 1, True, CELLS[1], "KR1", known=False, reformat=True, formula=True),),
    {"OKRs": SHAPE},
    {"OKRs": TRACE},
)


def test_what_is_kept_reads_back(tmp_path: Path) -> None:
    keep, nothing = open_journal(tmp_path, "key", STATED)
    assert nothing is None
    keep(PENDING)
    _, left = open_journal(tmp_path, "key", STATED)
    assert left is not None
    assert (left.run, left.batch, left.owed, left.shapes) == (PENDING.run, PENDING.batch, PENDING.owed, PENDING.shapes)
    assert (left.image.tabs, left.image.ids, left.traces) == (PENDING.image.tabs, PENDING.image.ids, PENDING.traces)
    (file,) = (tmp_path / ".okrsync").glob("*.json")
    assert oct(file.stat().st_mode)[-3:] == "600"
    keep(None)
    assert open_journal(tmp_path, "key", STATED)[1] is None


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / ".okrsync").write_text("a file")
    with pytest.raises(LedgerError, match="keeping the write under way"):
        open_journal(tmp_path, "key", STATED)[0](PENDING)


def test_what_an_older_version_kept_reads_back_and_only_what_says_whose_it_is_is_found_from_beside(
    tmp_path: Path,
) -> None:
    open_journal(tmp_path, "key", STATED)[0](PENDING)
    assert journals_beside(tmp_path, "other") == [Journal("key", STATED)]
    assert journals_beside(tmp_path, "key") == []
    (file,) = (tmp_path / ".okrsync").glob("*.json")
    data = json.loads(file.read_text("utf-8"))
    file.write_text(
        json.dumps({name: data[name] for name in data.keys() - {"key", "stated", "traces", "ids"}}), "utf-8"
    )
    left = open_journal(tmp_path, "key", STATED)[1]
    assert left is not None
    assert (left.batch, left.owed, left.traces) == (PENDING.batch, PENDING.owed, {})
    assert journals_beside(tmp_path, "other") == []
