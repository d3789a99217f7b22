"""What people do to their tab in a random walk, and what they must find in it afterwards."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any, Protocol

from syncer.plan.make_plan import Allowed

Value = str | Decimal | None
Place = tuple[int, int]

TAB, OWN, OTHER_TITLE = "OKRs", "okrsync", "Our OKRs"
ID, TITLE, CURRENT, PROGRESS, WORD = HEADERS = ("KR id", "Key result", "Current value", "Progress", "Tag")
RENAMED = {"Our ids": ID, "How far we are": CURRENT}
NOTES: tuple[tuple[Value, ...], ...] = (
    (None, "a total of people's", Decimal("777.5"), Decimal("0.5"), "total"),
    (None, "a formula of people's", "=PI()", "=PI()/4", "formula"),
)
HAND = 9_000_000
MOST_ROWS, MOST_COLUMNS, FEWEST_ROWS = 22, 9, 3


class Where(Protocol):
    """A sheet that people act on. Rows and columns count from 0; a formula is a text that begins with `=`."""

    def titles(self) -> list[str]:
        """Of all its tabs."""

    def cells(self, title: str) -> dict[Place, Value]:
        """What was entered in a tab, without empty cells."""

    def enter(self, title: str, row: int, column: int, value: Value) -> None:
        """Type into a cell; None clears it."""

    def move_rows(self, title: str, order: Sequence[int | None]) -> None:
        """Each row of a tab is now the one of that number before; None is a new one, what is not named is deleted."""

    def move_columns(self, title: str, order: Sequence[int | None]) -> None:
        """The same for columns."""

    def rename(self, title: str, other: str) -> None:
        """Give a tab another title."""

    def remove(self, title: str) -> None:
        """Delete a tab."""


def owner_of(value: Value) -> str:
    """Whose number of okrsync's it is; empty for people's values."""
    return f"KR{int(value) // 10}" if isinstance(value, Decimal) and 10 <= value < 100 else ""


@dataclass(slots=True)
class Seen:
    """The people's tab as it stands; `columns` and `rows` by what a header was called at first."""

    head: int
    columns: dict[str, int]
    rows: dict[int, dict[str, Value]]
    height: int
    width: int
    headers: frozenset[str]

    def by_id(self) -> dict[str, dict[str, Value]]:
        found: dict[str, dict[str, Value]] = {}
        for row in self.rows.values():
            if (key := row.get(ID)) is not None:
                assert str(key) not in found, f"{key} is doubled"
                found[str(key)] = row
        return found

    def place(self, key: str, header: str) -> Place:
        return next(at for at, row in self.rows.items() if row.get(ID) == key), self.columns[header]


def see(cells: Mapping[Place, Value]) -> Seen:
    head = next(row for (row, _), value in sorted(cells.items()) if value == WORD)
    headers = {column: str(value) for (row, column), value in cells.items() if row == head}
    columns = {RENAMED.get(text, text): column for column, text in headers.items()}
    names = {column: name for name, column in columns.items()}
    rows: dict[int, dict[str, Value]] = {}
    for (row, column), value in cells.items():
        if row != head:
            rows.setdefault(row, {})[names.get(column, f"column {column}")] = value
    width = 1 + max(column for _, column in cells)
    return Seen(head, columns, rows, 1 + max(row for row, _ in cells), width, frozenset(headers.values()))


@dataclass(slots=True)
class People:
    """People at work. What they know by heart: their words by id, and the values they typed into okrsync's cells.

    Attributes:
        unmade: key results without a row that okrsync may make at any time.
        gone: key results whose row they deleted: none is made without their leave.
        unsure: what a cell may hold that they touched in the window of a run, or gave up.
    """

    where: Where
    words: dict[str, Value]
    unmade: set[str]
    layout: str
    title: str = TAB
    hand: dict[str, Value] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    unsure: dict[tuple[str, str], set[Value]] = field(default_factory=dict)
    typed: int = 0
    window: bool = False
    harmed: bool = False
    harmed_in_window: bool = False
    theirs: dict[Place, Value] = field(default_factory=dict)
    headers: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.theirs = self.where.cells(self.title)

    def act(self, act: tuple[Any, ...]) -> None:
        name, *arguments = act
        getattr(self, name)(*arguments)
        self.theirs = self.where.cells(self.title)

    def in_window(self, act: tuple[Any, ...] | None) -> Callable[[], None]:
        def done() -> None:
            if act is not None:
                self.window = True
                self.act(act)
                self.window = False

        return done

    def see(self) -> Seen:
        return see(self.where.cells(self.title))

    def sort(self, dice: Random) -> None:
        seen = self.see()
        rows = list(range(seen.head + 1, seen.height))
        dice.shuffle(rows)
        self.where.move_rows(self.title, [*range(seen.head + 1), *rows])

    def insert_row(self, at: int) -> None:
        seen = self.see()
        if seen.height < MOST_ROWS:
            order: list[int | None] = [*range(seen.height)]
            order.insert(at % (seen.height + 1), None)
            self.where.move_rows(self.title, order)

    def delete_row(self, n: int) -> None:
        seen, key = self.see(), f"KR{n}"
        if key not in self.words or key not in seen.by_id() or len(seen.by_id()) <= FEWEST_ROWS:
            return
        at, _ = seen.place(key, ID)
        known = bool(owner_of(seen.rows[at].get(CURRENT))) or self.layout == "data_tab"
        if not known and PROGRESS not in seen.columns:
            return  # they cannot tell whether okrsync ever wrote there
        known = known or seen.rows[at].get(PROGRESS) is not None
        (self.gone if known else self.unmade).add(key)
        self.where.move_rows(self.title, [row for row in range(seen.height) if row != at])
        self.forget(key)
        del self.words[key]

    def forget(self, key: str) -> None:
        self.hand.pop(key, None)
        self.unsure = {touched: values for touched, values in self.unsure.items() if touched[0] != key}

    def insert_column(self, at: int) -> None:
        seen = self.see()
        if seen.width < MOST_COLUMNS:
            order: list[int | None] = [*range(seen.width)]
            order.insert(at % (seen.width + 1), None)
            self.where.move_columns(self.title, order)

    def delete_column(self, at: int) -> None:
        seen = self.see()
        kept = {column for name, column in seen.columns.items() if name != PROGRESS}
        spare = [column for column in range(seen.width) if column not in kept]
        if spare:
            gone = spare[at % len(spare)]
            self.where.move_columns(self.title, [column for column in range(seen.width) if column != gone])

    def move_columns(self, dice: Random) -> None:
        order = list(range(self.see().width))
        dice.shuffle(order)
        self.where.move_columns(self.title, order)

    def rename_header(self, ids: bool) -> None:
        seen = self.see()
        other, first = next(pair for pair in RENAMED.items() if (pair[1] == ID) is ids)
        if first not in seen.columns:
            return  # as in into_current
        self.where.enter(self.title, seen.head, seen.columns[first], first if other in seen.headers else other)

    def rename_tab(self) -> None:
        other = OTHER_TITLE if self.title == TAB else TAB
        self.where.rename(self.title, other)
        self.title = other

    def type_a_number(self, n: int) -> None:
        self.typed += 1
        self.into_current(n, Decimal(HAND + self.typed))

    def type_a_formula(self, n: int) -> None:
        self.typed += 1
        self.into_current(n, f"=PI()+{self.typed}")

    def clear(self, n: int) -> None:
        self.into_current(n, None)

    def into_current(self, n: int, value: Value) -> None:
        seen, key = self.see(), f"KR{n}"
        if key not in self.words or key not in seen.by_id() or CURRENT not in seen.columns:
            return  # a run that was killed wrote over the header, and the next puts it back
        touched = key, CURRENT
        before = self.unsure.pop(touched, {seen.by_id()[key].get(CURRENT)})
        old = self.hand.pop(key, None)
        if self.window:
            self.unsure[touched] = {*before, old, value}
        elif value is not None:
            self.hand[key] = value
        self.where.enter(self.title, *seen.place(key, CURRENT), value)

    def type_a_word(self, n: int) -> None:
        seen, key = self.see(), f"KR{n}"
        if key not in self.words or key not in seen.by_id():
            return
        self.typed += 1
        touched, word = (key, WORD), f"word {self.typed}"
        before = self.unsure.pop(touched, {self.words[key]})
        if self.window:
            self.unsure[touched] = {*before, word}
        self.words[key] = word
        self.where.enter(self.title, *seen.place(key, WORD), word)

    def put_a_row_back(self) -> None:
        seen = self.see()
        missing = sorted(self.gone - set(seen.by_id()))
        if missing and not self.window:
            key = missing[0]
            self.where.enter(self.title, seen.height, seen.columns[ID], key)
            self.where.enter(self.title, seen.height, seen.columns[WORD], "back again")
            self.gone.discard(key)
            self.words[key] = "back again"

    def harm_own_tab(self, how: str, dice: Random) -> None:
        if OWN not in self.where.titles():
            return
        self.harmed, self.harmed_in_window = True, self.window or self.harmed_in_window
        cells = self.where.cells(OWN)
        height, width = 1 + max((row for row, _ in cells), default=0), 1 + max((at for _, at in cells), default=0)
        rows, columns = list(range(1, height)), list(range(width))
        dice.shuffle(rows)
        dice.shuffle(columns)
        match how:
            case "delete":
                self.where.remove(OWN)
            case "empty":
                self.where.move_rows(OWN, [])
            case "headers":
                self.where.move_rows(OWN, rows)
            case "columns":
                self.where.move_columns(OWN, columns)
            case _:
                self.where.move_rows(OWN, [0, *rows])

    def allow(self, allowed: Allowed) -> None:
        """Give values typed by hand up, and have deleted rows made anew, as the run that begins now was told to."""
        self.headers = self.see().headers
        if self.layout == "data_tab":
            return
        for key in [key for key in self.hand if allowed.adopt or key in allowed.overwrite]:
            self.unsure[key, CURRENT] = {self.hand.pop(key)}
        if allowed.adopt:
            self.unmade |= self.gone
            self.gone = set()

    def look_again(self) -> None:
        """What became of the cells that were touched in a window, now that the run is over; made rows are seen."""
        if self.layout == "data_tab":
            self.unsure, self.hand = {}, {}
            return
        found = self.see().by_id()
        for key in self.unmade & set(found):
            self.unmade.discard(key)
            self.words[key] = None
        for (key, header), values in self.unsure.items():
            value = found[key].get(header)
            if header == CURRENT and (owner_of(value) == key or value is None):
                continue
            assert value in values, (key, header, value, values)
            (self.hand if header == CURRENT else self.words)[key] = value
        self.unsure = {}

    def untouched(self) -> bool:
        """Whether their tab is as they left it; only where okrsync has a tab of its own."""
        return self.layout != "data_tab" or self.where.cells(self.title) == self.theirs

    def must_find_no_wrong_number(self) -> None:
        """Every word, every value typed by hand, and no number but in its own row, once."""
        if self.layout == "data_tab":
            for key, row in self.own_rows().items():
                assert owner_of(row.get(CURRENT)) in (key, ""), (key, row)
            return
        seen = self.see()
        found = seen.by_id()
        assert set(self.words) <= set(found) <= set(self.words) | self.unmade
        for key in self.words:
            row = found[key]
            assert row.get(WORD) == self.words[key], (key, row)
            assert row.get(TITLE) in (None, f"Reach {key[2:]}00"), (key, row)
            if key in self.hand:
                assert row.get(CURRENT) == self.hand[key], (key, row, self.hand[key])
            else:
                assert row.get(CURRENT) is None or owner_of(row[CURRENT]) == key, (key, row)
        notes = [row for row in seen.rows.values() if ID not in row]
        wanted = [dict(zip(HEADERS, note, strict=True)) for note in NOTES]
        wanted = [{name: word for name, word in row.items() if name in seen.columns and word} for row in wanted]
        assert sorted(notes, key=str) == sorted(wanted, key=str)
        assert not [row for row in seen.rows.values() if any(name.startswith("column ") for name in row)]

    def own_rows(self) -> dict[str, dict[str, Value]]:
        """okrsync's own tab by id; nothing where somebody harmed it."""
        if self.harmed or OWN not in self.where.titles():
            return {}
        cells = self.where.cells(OWN)
        headers = {column: str(value) for (row, column), value in cells.items() if row == 0}
        rows: dict[int, dict[str, Value]] = {}
        for (row, column), value in cells.items():
            rows.setdefault(row, {})[headers[column]] = value
        keys = [str(row.get(ID, "")) for row in rows.values()]
        assert len(set(keys)) == len(keys), keys
        return {key: row for key, row in zip(keys, rows.values(), strict=True) if key.startswith("KR")}

    def lacks(self, wanted: Mapping[str, Decimal]) -> list[str]:
        """The key results that do not show the number of today, though nothing of people's keeps it out."""
        if self.layout == "data_tab":
            self.harmed = False
            own = self.own_rows()
            return [key for key, value in wanted.items() if own.get(key, {}).get(CURRENT) != value]
        seen = self.see()
        if not {ID, CURRENT} <= seen.headers & self.headers:
            return []
        free = {
            key: row for key, row in seen.by_id().items() if key not in self.hand and (key, CURRENT) not in self.unsure
        }
        return [key for key, row in free.items() if row.get(CURRENT) != wanted[key]]
