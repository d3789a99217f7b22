"""What people do to the OKR sheet at random while syncs run, and what has to stand there after."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import sheet_people
from connectors.sandbox.google_sheets.book import Book
from demo_kit import sheets_of
from lean_kit import NUMBERS
from sandbox_kit import Sandbox
from walk_kit import HARMS, lay_out
from walk_people import HAND, TAB, Act
from walk_people import People as Walkers

STEPS = range(1, 10)
PEOPLES = (777.5, 0.5)
"""Numbers that people typed before; ids get cut and dragged into their rows."""
ACTS = (
    "sort", "move_rows", "move_columns", "insert_row", "delete_row", "copy_row", "insert_column", "delete_column",
    "cut_an_id", "drag_an_id", "copy_a_neighbour", "type_current", "type_a_word", "type_a_word", "harm_own_tab",
)  # fmt: skip


def right(key: str, value: object) -> bool:
    """Whether a key result may show that: one of its own numbers, what a person typed, or no number."""
    if not isinstance(value, int | float) or value in PEOPLES or value >= HAND:
        return True
    return key[2:].isdigit() and value in [int(key[2:]) * (10 + step) for step in STEPS]


class People:
    """The walk's people on the sandbox's spreadsheet, throwing dice."""

    def __init__(self, sandbox: Sandbox, dice: random.Random) -> None:
        self.sandbox, self.dice = sandbox, dice
        self.done: Counter[str] = Counter()
        self.walkers = Walkers(self._book, self._put, fits=right)

    def _book(self) -> Book:
        return sheet_people.book_of(self.sandbox)

    def _put(self, book: Book) -> None:
        sheets_of(self.sandbox).books[book.id] = book

    def lay_out(self) -> None:
        """A sheet that was never written."""
        tab, book = sheet_people.tab_of(self.sandbox, TAB), self._book()
        tab.cells, tab.merges, book.tabs = {}, [], [tab]
        lay_out(book, NUMBERS)

    def begin(self) -> None:
        """Take the sheet as it stands for right."""
        self.walkers = Walkers(self._book, self._put, fits=right)
        self.walkers.look()

    def act(self, *, window: bool = False) -> str:
        """Do something at random; its name."""
        name = self.dice.choice(ACTS)
        self.walkers.act(self._arguments(name))
        self.done[name + (" in the window" if window else "")] += 1
        return name

    def _arguments(self, name: str) -> Act:
        places: dict[str, tuple[Any, ...]] = dict.fromkeys(("sort", "move_rows", "move_columns"), (self.dice,))
        places |= {name: (self._place(), self._place()) for name in ("cut_an_id", "drag_an_id", "copy_a_neighbour")}
        places["type_current"] = (self._place(), self.dice.choice(("number", "formula", "nothing")))
        harms = [harm for harm in HARMS if harm not in ("rename", "delete")]
        places["harm_own_tab"] = (self.dice.choice(harms), self.dice)
        return (name, *places.get(name, (self._place(),)))

    def _place(self) -> int:
        return self.dice.randrange(30)

    def lost(self) -> list[str]:
        """Rows of people's that are not as they left them."""
        found = [str(row) for row in self.walkers.lost()]
        self.walkers.look()
        return found

    def wrong(self) -> list[str]:
        """Numbers beside another's id."""
        return self.walkers.wrong()

    def old(self, step: int) -> list[str]:
        """Lookups that do not show the number of this step."""
        return self.walkers.lacking({f"KR{n}": n * (10 + step) for n in NUMBERS})

    def tidy(self, run: Callable[..., object]) -> None:
        """Have lookups put back."""
        run("init", "--sheet", "--yes")
        self.walkers.look()
