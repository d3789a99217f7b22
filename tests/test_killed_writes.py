"""A write that was killed after it hit wrong cells, whatever people do to rows and columns before and after it.

The same hands work on a twin of the sheet that okrsync never wrote to: it says what every cell must hold after the
repair. `OKRSYNC_CASES=20000 pytest -n 0 -s tests/test_killed_writes.py` tries more.
"""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from random import Random

from config.errors import SheetError
from config.models import OkrSheet
from connectors.grids.a1 import cell_name
from connectors.okr_sheet import EMPTY, MEMORY_TAB, Cell, CellValue, CellWrite, SheetBatch, SheetImage
from memory_sheet import MemorySheet
from syncer.model.cells import encode_cell
from syncer.run.owed import Pending, Settled
from syncer.run.repair import finish
from syncer.run.strays import settle
from syncer.sheet.last_written import HEADERS

TAB = "OKRs"
STATED = OkrSheet(file="-", tabs=(TAB,))
ID, TITLE, CURRENT, PROGRESS, TAG, NO_HEADER = "KR id", "Key result", "Current value", "Progress", "Tag", None
RENAMED = {ID: "Our ids", TITLE: "What we want", CURRENT: "Where we are", PROGRESS: "How far"}
FIRST = {renamed: header for header, renamed in RENAMED.items()}
COLUMNS = (ID, TITLE, CURRENT, PROGRESS, TAG, NO_HEADER)
OWNED = (2, 3)
IDS = ("KR1", "KR2", "KR3", "KR4", "KR5")
ROWS: tuple[tuple[CellValue | Cell, ...], ...] = (
    COLUMNS,
    *(
        (key, f"Reach {n}", Decimal(n) + Decimal("0.111"), Decimal(n) / 10, f"tag {n}", f"note {n}" if n < 4 else None)
        for n, key in enumerate(IDS, 1)
    ),
    (None, "a total of people's", Decimal("777.5"), Decimal("0.5"), "total", None),
    (None, "a formula", Cell(Decimal(3), formula="=PI()"), Cell(Decimal(3), formula="=PI()/4"), "formula", None),
    (None, None, None, None, "a line", None),
)
BASE = [
    HEADERS,
    *(
        (key, name, encode_cell(Decimal(n)), "run 1")
        for n, key in enumerate(IDS, 1)
        for name in ("current", "progress")
    ),
]


class LooseSheet(MemorySheet):
    """A sheet without a version, as Google's."""

    def write(self, batch: SheetBatch) -> SheetImage:
        return super().write(replace(batch, version=str(self.version)))

    def _image(self) -> SheetImage:
        return replace(super()._image(), version="")


class BusySheet(LooseSheet):
    """People act right before its writes, and some of these are refused."""

    waiting: list[tuple[Callable[[], None], bool]]

    def write(self, batch: SheetBatch) -> SheetImage:
        if self.waiting:
            act, refused = self.waiting.pop(0)
            act()
            if refused:
                raise SheetError("writing", "refused", effect="Nothing was written.")
        return super().write(batch)


@dataclass
class Hands:
    """Moves the rows and columns of a sheet and of its twin alike."""

    dice: Random
    sheets: Sequence[MemorySheet]
    done: list[str] = field(default_factory=list)
    typed_over: dict[CellValue, set[CellValue]] = field(default_factory=dict)
    """By what was typed: what stood there before; nobody sees it who puts that back right then."""

    @property
    def twin(self) -> list[list[Cell]]:
        return self.sheets[1].tabs[TAB]

    @property
    def head(self) -> int:
        return next(row for row, cells in enumerate(self.twin) if Cell(TAG) in cells)

    def rows(self, order: Sequence[int | None]) -> None:
        for sheet in self.sheets:
            old = sheet.tabs[TAB]
            sheet.tabs[TAB] = [old[at] if at is not None and at < len(old) else [] for at in order]

    def columns(self, order: Sequence[int | None]) -> None:
        for sheet in self.sheets:
            sheet.tabs[TAB] = [
                [row[at] if at is not None and at < len(row) else EMPTY for at in order] for row in sheet.tabs[TAB]
            ]

    def act(self, names: Sequence[str]) -> None:
        name, dice = self.dice.choice(names), self.dice
        height = max(len(sheet.tabs[TAB]) for sheet in self.sheets)
        width = max(len(row) for sheet in self.sheets for row in sheet.tabs[TAB])
        rows: list[int | None] = [*range(height)]
        columns: list[int | None] = [*range(width)]
        match name:
            case "sort":
                below = rows[self.head + 1 :]
                dice.shuffle(below)
                self.rows([*rows[: self.head + 1], *below])
            case "insert_row":
                rows[(at := dice.randrange(height + 1)) : at] = [None]
                self.rows(rows)
            case "delete_row":
                self.rows([row for row in rows if row != dice.randrange(self.head + 1, height)])
            case "insert_column":
                columns[(at := dice.randrange(width + 1)) : at] = [None]
                self.columns(columns)
            case "delete_column":
                spare = [
                    at
                    for at, cell in enumerate(self.twin[self.head])
                    if cell.value in (PROGRESS, RENAMED[PROGRESS], NO_HEADER)
                ]
                self.columns([at for at in columns if at not in spare[:1]])
            case "move_columns":
                dice.shuffle(columns)
                self.columns(columns)
            case "rename_ids" | "rename_header":
                self.rename(ID if name == "rename_ids" else dice.choice((TITLE, CURRENT, PROGRESS)))
            case "type":
                row, column = dice.randrange(self.head + 1, height), dice.randrange(width)
                was = self.sheets[1].read().tabs[TAB].cell(row, column)
                word = f"typed {len(self.done)}"
                self.typed_over[word] = {was.value, *self.typed_over.get(was.value, ())}
                for sheet in self.sheets:
                    sheet.set(TAB, row, column, word)
        self.done.append(name)

    def rename(self, header: str) -> None:
        headers = self.twin[self.head]
        if Cell(header) in headers:
            at = headers.index(Cell(header))
            self.typed_over[RENAMED[header]] = {header}
            for sheet in self.sheets:
                sheet.set(TAB, self.head, at, RENAMED[header])


MOVES = ("sort", "insert_row", "delete_row", "insert_column", "delete_column", "move_columns")


def planned(dice: Random) -> dict[tuple[int, int], Decimal]:
    """New numbers for some cells of some rows."""
    chosen = dice.sample(range(1, 6), dice.randrange(1, 6))
    return {
        (row, column): Decimal(row * 10) + Decimal(dice.randrange(100, 999)) / 1000 if column == 2 else Decimal(row) / 8
        for row in chosen
        for column in (OWNED if dice.random() < 0.8 else OWNED[:1])
    }


def killed(dice: Random) -> tuple[Hands, dict[str, set[CellValue]], str]:
    """One run that is killed after its write, and the run that puts right what it had hit; what that one said."""
    sheet, twin = LooseSheet({TAB: ROWS, MEMORY_TAB: BASE}), LooseSheet({TAB: ROWS})
    hands, image = Hands(dice, (sheet, twin)), sheet.read()
    writes = planned(dice)
    cells = [CellWrite(TAB, *place, value) for place, value in writes.items()]
    cells += [
        CellWrite(MEMORY_TAB, 2 * row - 1 + OWNED.index(column), index, text)
        for (row, column), value in writes.items()
        for index, text in ((2, encode_cell(value)), (3, "run 2"))
    ]
    batch = SheetBatch(tuple(cells))
    for _ in range(dice.choice((0, 1, 1, 2))):
        hands.act(MOVES)
    sheet.write(batch)
    for _ in range(dice.choice((0, 1, 2, 3))):
        hands.act((*MOVES, "type"))
    said = ""
    try:
        finish(sheet, Pending("run 2", image, batch), STATED, lambda _: None)
    except SheetError as error:
        said = str(error)
    ours: dict[str, set[CellValue]] = {key: set() for key in IDS}
    for (row, _), value in writes.items():
        ours[IDS[row - 1]].add(value)
    return hands, ours, said


def differences(hands: Hands, ours: dict[str, set[CellValue]]) -> tuple[list[str], list[str]]:
    """Cells that hold what they must not, and words that are gone."""
    found, twin = (sheet.read().tabs[TAB] for sheet in hands.sheets)
    headers = [FIRST.get(str(cell.value), cell.value) for cell in twin.rows[hands.head]]
    wrong: list[str] = []
    gone: list[str] = []
    for row in range(max(len(found.rows), len(twin.rows))):
        for column in range(max(len(cells) for cells in (*found.rows, *twin.rows))):
            now, then = found.cell(row, column), twin.cell(row, column)
            header = headers[column] if column < len(headers) else None
            key = str(twin.cell(row, headers.index(ID)).value)
            keys = {key, *hands.typed_over.get(key, ())} & ours.keys()
            own = {None}.union(*(ours[str(one)] for one in keys)) if keys and header in (CURRENT, PROGRESS) else set()
            if (now.value, now.formula) == (then.value, then.formula) or now.value in own:
                continue
            if now.value in hands.typed_over.get(then.value, ()):
                continue
            told = f"{TAB}!{cell_name(row, column)} ({key}, {header}): {now.formula or now.value}"
            told += f", was {then.formula or then.value}"
            (gone if now == EMPTY else wrong).append(told)
    return wrong, gone


def test_after_a_killed_write_no_cell_holds_what_is_not_its_own() -> None:
    told = Counter[str]()
    for seed in range(int(os.environ.get("OKRSYNC_CASES", "200"))):
        hands, ours, said = killed(Random(seed))  # noqa: S311 - cases that can be repeated
        wrong, gone = differences(hands, ours)
        unnamed = [one for one in wrong if one.partition(" ")[0] not in said]
        assert unnamed == [], (seed, hands.done, said)
        told.update({"cases": 1, "cells named": len(wrong), "words gone": len(gone), "said": bool(said)})
        told["cases whose lost words are not named"] += any(one.partition(" ")[0] not in said for one in gone)
    print(dict(told))  # noqa: T201 - figures for whoever tries more by hand
    assert told["cases whose lost words are not named"] * 100 <= told["cases"]


def test_a_formula_finds_its_row_again_while_the_ids_have_no_header() -> None:
    """Rows sorted, the repair hits other rows; the next is refused, the ids renamed and a row deleted meanwhile."""
    batch = SheetBatch(tuple(CellWrite(TAB, row, 2, Decimal(row * 10) + Decimal("0.123")) for row in range(1, 6)))
    for number in range(20):
        sheet, twin = BusySheet({TAB: ROWS, MEMORY_TAB: BASE}), LooseSheet({TAB: ROWS})
        hands, image = Hands(Random(number), (sheet, twin)), sheet.read()  # noqa: S311 - cases that can be repeated
        acts = (("sort",), ("sort",), ("rename_ids",), ("delete_row",))
        refused = (False, False, True, False)
        sheet.waiting = [(partial(hands.act, act), no) for act, no in zip(acts, refused, strict=True)]
        after = sheet.write(batch)
        put_right(sheet, settle(Pending("run 2", image, batch), after, STATED, done=True))
        ours = {key: {write.value} for key, write in zip(IDS, batch.cells, strict=True)}
        assert differences(hands, ours) == ([], []), number


def put_right(sheet: LooseSheet, state: Settled) -> str:
    """Run until nothing is owed any more; what the runs said that ended with an error."""
    kept: list[Pending | None] = [Pending("run 2", state.image, SheetBatch(()), state.owed, state.shapes)]
    said = ""
    while (pending := kept[-1]) is not None:
        before = len(kept)
        try:
            finish(sheet, pending, STATED, kept.append)
        except SheetError as error:
            said += str(error)
        assert len(kept) > before, said
    return said


def repaired(number: int) -> tuple[Hands, list[str], str]:
    """A write that hit wrong cells, whose repairs people get in the way of; what is left wrong, and what was said."""
    dice, sheet, twin = Random(number), BusySheet({TAB: ROWS, MEMORY_TAB: BASE}), LooseSheet({TAB: ROWS})  # noqa: S311 - cases that can be repeated
    hands, image, writes = Hands(dice, (sheet, twin)), sheet.read(), planned(dice)
    batch = SheetBatch(tuple(CellWrite(TAB, *place, value) for place, value in writes.items()))
    sheet.waiting = [(partial(hands.act, ("sort", "insert_row", "delete_row")), False)]
    after = sheet.write(batch)
    state = settle(Pending("run 2", image, batch), after, STATED, done=True)
    busy = ("sort", "insert_row", "delete_row", "insert_column", "move_columns", "rename_ids")
    sheet.waiting = [(partial(hands.act, busy), dice.random() < 0.5) for _ in range(dice.randrange(7))]
    said = put_right(sheet, state)
    ours: dict[str, set[CellValue]] = {key: set() for key in IDS}
    for (row, _), value in writes.items():
        ours[IDS[row - 1]].add(value)
    return hands, differences(hands, ours)[0], said


def test_whatever_comes_between_the_repairs_no_cell_holds_what_is_another_rows() -> None:
    for number in range(int(os.environ.get("OKRSYNC_CASES", "300"))):
        hands, wrong, said = repaired(number)
        assert [one for one in wrong if one.partition(" ")[0] not in said] == [], (number, hands.done, said)
