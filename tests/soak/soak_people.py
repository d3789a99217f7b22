"""What people do to the OKR tab at random, and what has to stand there after: nothing lost, nothing astray."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sheet_people as people
from connectors.sandbox.google_sheets.book import GridTab, enter
from connectors.sandbox.google_sheets.rows import delete_rows, insert_rows
from connectors.sandbox.server import Sandbox
from lean_kit import NUMBERS

HAND = 9_000_000
OWNED = (
    "KR id", "Objective", "Key result", "Baseline", "Target", "Current value", "Progress", "Attainment", "Expected",
    "Forecast", "Status", "Source", "Value updated",
)  # fmt: skip
RENAMED = ("Status", "Source", "Expected", "Owner")
Place = tuple[str, str]


@dataclass
class People:
    """Random acts, each of which notes what it did.

    Attributes:
        words: what people typed, by id and header, in cells of theirs and of okrsync's; None for what they cleared.
        hand: where they typed into a cell of okrsync's.
        risky: where they typed in place between a read and its write, with what they had typed there before: the later
            words may be lost, and are counted; a repair may have put the earlier ones back.
        gone: ids whose rows people deleted.
        loose: what stands in rows without an id.
        renamed: headers that they renamed, with what they were.
        done: how often each act was done.
        snapshot: their tab after their last act, cell by cell.
    """

    sandbox: Sandbox
    dice: random.Random
    layout: str
    words: dict[Place, Any] = field(default_factory=dict)
    hand: set[Place] = field(default_factory=set)
    risky: dict[Place, list[Any]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    loose: Counter[str] = field(default_factory=Counter)
    renamed: dict[str, str] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    snapshot: dict[tuple[int, int], Any] = field(default_factory=dict)
    typed: int = 0

    def begin(self) -> None:
        """Take the sheet as it stands for right."""
        found = people.entered_by_id(self.sandbox)
        self.words = {
            (key, header): value
            for key, row in found.items()
            for header, value in row.items()
            if key.startswith("KR") and (header not in OWNED or (key, header) == ("KR1", "Objective"))
        }
        self.hand, self.risky, self.gone, self.renamed = set(), {}, set(), {}
        self.loose = self._loose()
        self._snap()

    def act(self, names: tuple[str, ...], *, window: bool = False) -> str:
        """Do one of these at random; its name."""
        name = self.dice.choice(names)
        before = dict(self.words)
        try:
            ACTS[name](self, people.tab_of(self.sandbox))
        except (StopIteration, KeyError, IndexError):  # what they looked for is not where they looked
            return ""
        if window and self.layout == "in_place" and name in ("note", "number", "insert_column"):
            for place, value in self.words.items():
                if place not in before or before[place] != value:
                    self.risky.setdefault(place, []).append(before.get(place))
        self.done[name + (" in the window" if window else "")] += 1
        self._snap()
        return name

    def _snap(self) -> None:
        self.snapshot = _cells(people.tab_of(self.sandbox))

    def _loose(self) -> Counter[str]:
        """What stands in rows without an id, formulas as far as they do not move."""
        found = people.entered_by_id(self.sandbox)
        texts = [str(v).partition("(")[0] for key, row in found.items() if key[:2] != "KR" for v in row.values()]
        return Counter(texts)

    def lost(self) -> tuple[list[str], int]:
        """People's words that are not there any more, those that may be left out; how many of those."""
        if self.layout == "data_tab":
            cells, then = _cells(people.tab_of(self.sandbox)), self.snapshot
            places = sorted(place for place in cells.keys() | then.keys() if cells.get(place) != then.get(place))
            return [f"{place}: {then.get(place)} became {cells.get(place)}" for place in places], 0
        found = people.entered_by_id(self.sandbox)
        lost, risked = [], 0
        for (key, header), value in list(self.words.items()):
            now = found.get(key, {}).get(header)
            if now == value:
                continue
            if (key, header) in self.risky:
                risked += 1
                if now is not None and (header not in OWNED or now in self.risky[key, header]):
                    self.words[key, header] = now
                else:
                    self.words.pop((key, header))
                    self.hand.discard((key, header))
            else:
                lost.append(f"{key} {header}: {value!r} became {now!r}")
        self.risky.clear()
        return lost, risked

    def astray(self) -> list[str]:
        """Cells that hold what belongs elsewhere, ids that are there twice or not at all."""
        title = "okrsync" if self.layout == "data_tab" else "OKRs"
        rows = people.places_of(people.tab_of(self.sandbox, title)).rows
        found = people.entered_by_id(self.sandbox, title)
        wrong = [f"{key} stands in rows {places}" for key, places in rows.items() if len(places) > 1]
        wanted = {f"KR{n}" for n in NUMBERS} - (self.gone if self.layout == "in_place" else set())
        wrong += [f"{key} has no row" for key in sorted(wanted - set(found))]
        for key, row in found.items():
            if key.startswith("KR"):
                wrong += [f"{key} {name}: {value!r}" for name, value in row.items() if not self._fits(key, name, value)]
        if self.layout == "in_place" and (now := self._loose()) != self.loose:
            wrong.append(f"rows without an id: {now - self.loose} came, {self.loose - now} went")
        return wrong

    def _fits(self, key: str, name: str, value: Any) -> bool:
        if self.layout == "in_place" and (key, name) in self.words:
            return True  # its own check
        n = int(key[2:])
        match self.renamed.get(name, name):
            case "Current value":
                return value in [n * (10 + step) for step in range(1, 10)]
            case "Progress":
                return bool(0.1 < value < 0.2)
            case "Target":
                return bool(value == n * 100)
            case "Key result":
                return bool(value == f"Reach {n}00")
            case "Source":
                return bool(value == f"m{n}")
            case "Source link":
                return bool(value.startswith("http") and ("CORE-" not in value or value.endswith(f"CORE-{n}")))
            case other:
                return other in OWNED

    def old(self, step: int) -> list[str]:
        """Key results that nobody holds and whose current value is not that of this step."""
        found = people.entered_by_id(self.sandbox, "okrsync" if self.layout == "data_tab" else "OKRs")
        held = {key for key, header in self.hand if header in ("Current value", "Target")}
        if self.layout == "data_tab":
            held.clear()
        return [
            f"{key}: {row.get('Current value')!r}, not {int(key[2:]) * (10 + step)}"
            for key, row in found.items()
            if key[:2] == "KR" and key not in held and row.get("Current value") != int(key[2:]) * (10 + step)
        ]


def _cells(tab: GridTab) -> dict[tuple[int, int], Any]:
    return {place: dict(cell.entered) for place, cell in tab.cells.items() if cell.entered}


def _type(who: People, tab: GridTab, key: str, header: str, value: Any) -> None:
    places = people.places_of(tab)
    enter(tab, places.rows[key][0], places.columns[header], value)
    who.words[key, header] = value


def _some_key(who: People, tab: GridTab) -> str:
    return who.dice.choice(sorted(key for key in people.places_of(tab).rows if key.startswith("KR")))


def note(who: People, tab: GridTab) -> None:
    who.typed += 1
    theirs = [name for name in people.places_of(tab).columns if name not in OWNED and name not in who.renamed]
    _type(who, tab, _some_key(who, tab), who.dice.choice(sorted(theirs)), f"words {who.typed}")


def number(who: People, tab: GridTab) -> None:
    who.typed += 1
    key, header = _some_key(who, tab), who.dice.choice(("Current value",) * 4 + ("Target",))
    _type(who, tab, key, header, HAND + who.typed)
    who.hand.add((key, header))


def give_up(who: People, tab: GridTab) -> None:
    key, header = who.dice.choice(sorted(who.hand))
    _type(who, tab, key, header, None)
    del who.words[key, header]
    who.hand.remove((key, header))


def sort(who: People, tab: GridTab) -> None:
    rows = [row for places in people.places_of(tab).rows.values() for row in places]
    order = list(range(max(rows) + 1 - min(rows)))
    who.dice.shuffle(order)
    people.shuffle(tab, order, min(rows))


def insert_row(who: People, tab: GridTab) -> None:
    rows = [row for places in people.places_of(tab).rows.values() for row in places]
    at = who.dice.randrange(min(rows), max(rows) + 2)
    insert_rows(people.book_of(who.sandbox), tab, at, who.dice.choice((1, 1, 2)), inherit=who.dice.random() < 0.5)


def delete_empty_row(who: People, tab: GridTab) -> None:
    used = {row for (row, _), cell in tab.cells.items() if cell.entered}
    empty = [row for row in range(people.places_of(tab).head + 1, max(used)) if row not in used]
    delete_rows(people.book_of(who.sandbox), tab, who.dice.choice(empty), 1)


def delete_row(who: People, tab: GridTab) -> None:
    places = people.places_of(tab)
    key = _some_key(who, tab)
    delete_rows(people.book_of(who.sandbox), tab, places.rows[key][0], 1)
    who.gone.add(key)
    who.words = {place: value for place, value in who.words.items() if place[0] != key}
    who.hand = {place for place in who.hand if place[0] != key}


def insert_column(who: People, tab: GridTab) -> None:
    places = people.places_of(tab)
    at = who.dice.randrange(1, max(places.columns.values()) + 1)
    tab.merges.clear()
    people.move_columns(tab, lambda column: column + (column >= at))
    tab.columns += 1
    who.typed += 1
    header = f"Extra {who.typed}"
    enter(tab, places.head, at, header)
    _type(who, tab, _some_key(who, tab), header, f"words {who.typed}")


def delete_column(who: People, tab: GridTab) -> None:
    places = people.places_of(tab)
    header = who.dice.choice(sorted(name for name in places.columns if name.startswith("Extra")))
    at = places.columns[header]
    tab.merges.clear()
    people.move_columns(tab, lambda column: None if column == at else column - (column > at))
    who.words = {place: value for place, value in who.words.items() if place[1] != header}


def move_column(who: People, tab: GridTab) -> None:
    """Two neighbours change places."""
    at = who.dice.randrange(0, max(people.places_of(tab).columns.values()))
    tab.merges.clear()
    people.move_columns(tab, lambda column: {at: at + 1, at + 1: at}.get(column, column))


def rename_header(who: People, tab: GridTab) -> None:
    former = who.dice.choice(RENAMED)
    _rename(who, tab, former, f"Our {former}")
    who.renamed[f"Our {former}"] = former


def rename_back(who: People, tab: GridTab) -> None:
    now = who.dice.choice(sorted(who.renamed))
    _rename(who, tab, now, who.renamed[now])
    del who.renamed[now]


def _rename(who: People, tab: GridTab, now: str, then: str) -> None:
    places = people.places_of(tab)
    enter(tab, places.head, places.columns[now], then)
    who.words = {(key, then if header == now else header): value for (key, header), value in who.words.items()}


ACTS: dict[str, Callable[[People, GridTab], None]] = {
    one.__name__: one
    for one in (
        note, number, give_up, sort, insert_row, delete_empty_row, delete_row, insert_column, delete_column,
        move_column, rename_header, rename_back,
    )
}  # fmt: skip
MOVES = ("sort", "insert_row", "insert_row", "insert_column", "move_column", "delete_empty_row")
WORDS = (*["note"] * 6, *["number"] * 3, *["give_up"] * 3)
QUIET = (*MOVES, *WORDS, "delete_column", "rename_header", *["rename_back"] * 2)
WINDOW = (*MOVES, *MOVES, "note", "note", "number", "delete_column", "rename_header", "delete_row")
