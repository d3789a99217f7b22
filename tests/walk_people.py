"""What people do in a random walk to their tab and to okrsync's own, and what they must find in their tab."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from book_kit import delete_tab, rename_tab
from connectors.sandbox.google_sheets.book import Book, GridCell, GridTab, enter
from connectors.sandbox.google_sheets.formulas import Shown
from connectors.sandbox.google_sheets.moves import (
    delete_dimension,
    insert_dimension,
    move_dimension,
)

TAB, OTHER_TITLE, OWN, OWN_OTHER = "OKRs", "Our OKRs", "okrsync 2026-Q4", "Do not touch"
ID, TITLE, CURRENT, PROGRESS, WORD = HEADERS = ("KR id", "Key result", "Current value", "Progress", "Tag")
RENAMED = {ID: "Our ids", CURRENT: "How far we are"}
HAND = 9_000_000
MOST_ROWS, MOST_COLUMNS, FEWEST_ROWS = 22, 12, 3
Act = tuple[Any, ...]
"""The name of something that `People` do, and its arguments."""


def owner_of(value: object) -> str:
    """Whose number of okrsync's it is; empty for any other value."""
    return f"KR{int(value) // 10}" if isinstance(value, int | float) and 10 <= value < 100 else ""


def owner_of_id(text: str) -> bool:
    """Whether a text is an id of a key result."""
    return text.startswith("KR") and text[2:].isdigit()


def order_by(dice: Random, length: int) -> Callable[[int], int]:
    """A new order of so many places; what lies beyond stays."""
    order = list(range(length))
    dice.shuffle(order)
    return lambda place: order[place] if place < length else place


@dataclass(slots=True)
class People:
    """People at work on a spreadsheet. `book` gives it as it stands; `put` puts another version in its place.

    Attributes:
        theirs: their rows as they left them.
        versions: old versions of the spreadsheet.
        fits: whether a number may stand beside an id.
        blind: somebody took their tab's title, its header of ids or okrsync's own tab away while a run was writing.
    """

    book: Callable[[], Book]
    put: Callable[[Book], None]
    typed: int = 0
    theirs: list[dict[str, str]] = field(default_factory=list)
    versions: list[Book] = field(default_factory=list)
    blind: bool = False
    fits: Callable[[str, object], bool] = lambda key, value: owner_of(value) in (key, "")

    def act(self, act: Act) -> None:
        name, *arguments = act
        getattr(self, name)(*arguments)
        self.look()

    def look(self) -> None:
        """Remember their rows as they are now."""
        self.theirs = self.rows()

    # --- their tab

    @property
    def tab(self) -> GridTab:
        return next(tab for tab in self.book().tabs if tab.title in (TAB, OTHER_TITLE))

    @property
    def own(self) -> GridTab | None:
        return next((tab for tab in self.book().tabs if tab.title in (OWN, OWN_OTHER)), None)

    def texts(self, tab: GridTab) -> dict[tuple[int, int], str]:
        return {place: str(next(iter(cell.entered.values()))) for place, cell in tab.cells.items() if cell.entered}

    def head(self) -> int:
        return next(row for (row, _), text in sorted(self.texts(self.tab).items()) if text == WORD)

    def columns(self) -> dict[str, int]:
        """The columns by what their headers were called at first."""
        first = {other: name for name, other in RENAMED.items()}
        head = self.head()
        return {first.get(text, text): column for (row, column), text in self.texts(self.tab).items() if row == head}

    def rows(self) -> list[dict[str, str]]:
        """Their rows in any order: what was entered, by header."""
        names = {column: name for name, column in self.columns().items()}
        found: dict[int, dict[str, str]] = {}
        for (row, column), text in self.texts(self.tab).items():
            if row != self.head():
                found.setdefault(row, {})[names.get(column, "elsewhere")] = text
        return sorted(found.values(), key=str)

    def size(self, tab: GridTab) -> tuple[int, int]:
        places = [place for place, cell in tab.cells.items() if cell.entered] or [(0, 0)]
        return 1 + max(row for row, _ in places), 1 + max(column for _, column in places)

    def below(self, row: int) -> int:
        """A row below the headers."""
        first, height = self.head() + 1, self.size(self.tab)[0]
        return first + row % max(height - first, 1)

    def sort(self, dice: Random) -> None:
        head, height = self.head(), self.size(self.tab)[0]
        moved = order_by(dice, height - head - 1)
        tab = self.tab
        tab.cells = {
            (row if row <= head else head + 1 + moved(row - head - 1), column): cell
            for (row, column), cell in tab.cells.items()
        }

    def move_rows(self, dice: Random) -> None:
        head, height = self.head(), self.size(self.tab)[0]
        moved = order_by(dice, height - head - 1)
        move_dimension(
            self.book(), self.tab, "ROWS", lambda row: row if row <= head else head + 1 + moved(row - head - 1)
        )

    def insert_row(self, at: int) -> None:
        height = self.size(self.tab)[0]
        if height < MOST_ROWS:
            first = at % (height + 1)
            insert_dimension(self.book(), self.tab, "ROWS", (first, first + 1))

    def delete_row(self, at: int) -> None:
        if self.size(self.tab)[0] - self.head() > FEWEST_ROWS:
            row = self.below(at)
            delete_dimension(self.book(), self.tab, "ROWS", (row, row + 1))

    def copy_row(self, at: int) -> None:
        row, height = self.below(at), self.size(self.tab)[0]
        if height < MOST_ROWS:
            for (there, column), cell in list(self.tab.cells.items()):
                if there == row:
                    self.tab.cells[height, column] = copy.deepcopy(cell)

    def insert_column(self, at: int) -> None:
        width = self.size(self.tab)[1]
        if width < MOST_COLUMNS:
            first = at % (width + 1)
            insert_dimension(self.book(), self.tab, "COLUMNS", (first, first + 1))

    def delete_column(self, at: int) -> None:
        kept = {column for name, column in self.columns().items() if name != PROGRESS}
        spare = [column for column in range(self.size(self.tab)[1]) if column not in kept]
        if spare:
            gone = spare[at % len(spare)]
            delete_dimension(self.book(), self.tab, "COLUMNS", (gone, gone + 1))

    def move_columns(self, dice: Random) -> None:
        move_dimension(self.book(), self.tab, "COLUMNS", order_by(dice, self.size(self.tab)[1]))

    def rename_header(self, name: str) -> None:
        there, other = self.tab.cells[self.head(), self.columns()[name]], RENAMED[name]
        there.entered = {"stringValue": name if there.entered["stringValue"] == other else other}
        self.blind = True

    def rename_tab(self) -> None:
        rename_tab(self.book(), self.tab, OTHER_TITLE if self.tab.title == TAB else TAB)
        self.blind = True

    def cut_an_id(self, first: int, second: int) -> None:
        """Cut the id of one row and paste it into another; what stood there goes to the first."""
        cells, column = self.tab.cells, self.columns()[ID]
        one, other = (self.below(first), column), (self.below(second), column)
        cells[one], cells[other] = cells.pop(other, GridCell()), cells.pop(one, GridCell())

    def drag_an_id(self, first: int, second: int) -> None:
        """Drag the id of one row over another's."""
        column = self.columns()[ID]
        self.tab.cells[self.below(second), column] = copy.deepcopy(
            self.tab.cells.get((self.below(first), column), GridCell())
        )

    def type_current(self, row: int, what: str) -> None:
        self.typed += 1
        value = {"number": HAND + self.typed, "formula": f"=PI()+{self.typed}", "nothing": None}[what]
        enter(self.tab, self.below(row), self.columns()[CURRENT], value)

    def type_a_word(self, row: int) -> None:
        self.typed += 1
        enter(self.tab, self.below(row), self.columns()[WORD], f"word {self.typed}")

    def copy_a_neighbour(self, first: int, second: int) -> None:
        """Give a cell back: copy another one of its column over it."""
        column = self.columns()[CURRENT]
        self.tab.cells[self.below(second), column] = copy.deepcopy(
            self.tab.cells.get((self.below(first), column), GridCell())
        )

    # --- okrsync's own tab

    def harm_own_tab(self, how: str, dice: Random) -> None:
        own, book = self.own, self.book()
        if own is None:
            return
        height, width = self.size(own)
        self.blind = self.blind or how in ("delete", "rename")
        row, column = dice.randrange(height), dice.randrange(width)
        change = dice.choice((insert_dimension, delete_dimension))
        harms: dict[str, Callable[[], None]] = {
            "delete": lambda: delete_tab(book, own),
            "rename": lambda: rename_tab(book, own, OWN if own.title == OWN_OTHER else OWN_OTHER),
            "empty": own.cells.clear,
            "sort": lambda: self._sort_own(own, order_by(dice, height - 1)),
            "move_rows": lambda: move_dimension(book, own, "ROWS", order_by(dice, height)),
            "move_columns": lambda: move_dimension(book, own, "COLUMNS", order_by(dice, width)),
            "rows": lambda: change(book, own, "ROWS", (row, row + 1)),
            "columns": lambda: change(book, own, "COLUMNS", (column, column + 1)),
            "edit": lambda: enter(own, row, column, "somebody's word"),
        }
        harms[how]()

    def _sort_own(self, own: GridTab, moved: Callable[[int], int]) -> None:
        own.cells = {(row and 1 + moved(row - 1), column): cell for (row, column), cell in own.cells.items()}

    # --- versions

    def keep_a_version(self) -> None:
        self.versions.append(copy.deepcopy(self.book()))

    def restore_a_version(self, dice: Random) -> None:
        if self.versions:
            self.put(copy.deepcopy(dice.choice(self.versions)))
            self.blind = True

    # --- what must hold

    def wrong(self) -> list[str]:
        """The rows whose current value shows another key result's number."""
        return [f"{key} shows {value}" for key, value in self.shown() if not self.fits(key, value)]

    def lacking(self, wanted: dict[str, float]) -> list[str]:
        """The rows with a lookup that do not show the number of today, though their id stands in no other row."""
        shown = self.shown(lookups=True)
        once = [row.get(ID, "").strip() for row in self.rows()]
        return [
            f"{key} shows {value}, not {wanted[key]}"
            for key, value in shown
            if key in wanted and once.count(key) == 1 and value != wanted[key]
        ]

    def shown(self, *, lookups: bool = False) -> list[tuple[str, object]]:
        """What the column of current values shows beside each id; of whole lookups alone where that is asked."""
        shown, tab, columns = Shown(self.book()), self.tab, self.columns()
        found: list[tuple[str, object]] = []
        for row in range(self.head() + 1, self.size(tab)[0]):
            key = next(iter(shown.value(tab, row, columns[ID]).values()), "")
            entered = tab.cells.get((row, columns[CURRENT]), GridCell()).entered.get("formulaValue", "")
            looks = "IFNA(" in entered and "#REF!" not in entered
            if isinstance(key, str) and key and (looks or not lookups) and "PI()" not in entered:
                found.append((key, next(iter(shown.value(tab, row, columns[CURRENT]).values()), None)))
        return found

    def picture(self) -> str:
        """Both tabs as they stand, for a failure's message."""
        tabs = [self.tab, *([self.own] if self.own else [])]
        return "\n".join(
            f"{tab.title} {row}:{column} {text[:60]}"
            for tab in tabs
            for (row, column), text in sorted(self.texts(tab).items())
            if column < 4 or tab is self.tab
        )

    def lost(self) -> list[dict[str, str]]:
        """The rows that are not as people left them, but for those that okrsync made for ids that had none.

        Where columns moved meanwhile, a row born in the write may hold its id and lookups in other columns.
        """
        now = self.rows()
        for row in self.theirs:
            if row in now:
                now.remove(row)
        made = [row for row in now if all(text.startswith("=IFNA") or owner_of_id(text) for text in row.values())]
        left = list(self.theirs)
        for row in self.rows():
            if row in left:
                left.remove(row)
        return left + [row for row in now if row not in made]
