"""LibreOffice Calc sorts, inserts, deletes and moves in a tab of lookups: each id stays beside its own numbers."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings

from calc_kit import (
    BOOK,
    EMPTY,
    HEADERS,
    IDS,
    LAST,
    NAIVE_BOOK,
    OWN,
    PEOPLE,
    UNLINKED,
    VALUES,
    Calc,
    Value,
    check_ids,
    check_lookups,
    link,
    lookups,
    numbers_of,
    row_of,
    running_calc,
    table,
    title,
)
from calc_walk import MISSED_BY_CALC, Step, Walk, steps

AREA, OWN_AREA = f"A1:F{LAST}", f"A1:L{len(VALUES) + 2}"
BLANK: list[Value] = [""] * len(HEADERS)
BROKEN = "#REF!"

WRITTEN = {
    "7": "7",
    "'7": "7",
    "'1.10": "1.10",
    "1.10": "1.1",  # a number, which shows as 1.1 as well
    "'0123": "0123",
    "0123": "nobody",  # the number 123
    "kr2": "KR2",
    "GROWTH": "Growth",
    "'  KR2 ": "KR2",
    '="KR"&2': "KR2",
    "KR": "nobody",
    "KR1.": "nobody",
    "R1": "nobody",
    "KR1|KR2": "nobody",
    "K.1": "nobody",
    "KR100": "nobody",
    "' ": "nobody",
    '=""': "nobody",
    "": "nobody",
}
"""What people type in the id column, and whose numbers it shows; after an apostrophe it is text."""


@pytest.fixture(scope="module")
def calc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calc]:
    """One Calc for all cases."""
    with running_calc(tmp_path_factory.mktemp("calc")) as running:
        yield running


@pytest.fixture
def sheet(calc: Calc) -> Calc:
    """A fresh workbook."""
    calc.open(BOOK)
    return calc


def test_a_fresh_sheet(sheet: Calc) -> None:
    assert sheet.shown() == table(IDS)
    check_lookups(sheet)


CASES: dict[str, tuple[list[tuple[str, dict[str, Any]]], list[str | None]]] = {
    "sorted by title": (
        [("sort", {"area": AREA, "column": 1})],
        ["0123", "1.10", "7", "Growth", "KR1", "KR10", "KR2", "KR3", "KR4"],
    ),
    "sorted by id, backwards": (
        [("sort", {"area": AREA, "column": 0, "descending": True})],
        ["KR4", "KR3", "KR2", "KR10", "KR1", "Growth", "7", "1.10", "0123"],
    ),
    "sorted by lookups": (
        [("sort", {"area": AREA, "column": 3})],
        ["KR3", "KR10", "1.10", "0123", "KR2", "Growth", "KR1", "7", "KR4"],
    ),
    "sorted in part": (
        [("sort", {"area": "A1:F4", "column": 0, "descending": True})],
        ["KR3", "KR2", "KR1", *IDS[3:]],
    ),
    "rows inserted": (
        [("insert_rows", {"at": 3, "count": 2}), ("insert_rows", {"at": 9})],
        ["KR1", None, None, *IDS[1:5], None, *IDS[5:]],
    ),
    "rows deleted": ([("delete_rows", {"at": 2}), ("delete_rows", {"at": 4, "count": 2})], ["KR2", "KR3", *IDS[5:]]),
    "a row moved": (
        [("insert_rows", {"at": 2}), ("cut", {"area": "A6:F6", "to": "A2"}), ("delete_rows", {"at": 6})],
        ["KR4", "KR1", "KR2", "KR3", *IDS[4:]],
    ),
    "a row moved over another": ([("cut", {"area": "A2:F2", "to": "A4"})], [None, "KR2", "KR1", *IDS[3:]]),
    "rows copied below": ([("copy", {"area": "A2:F3", "to": f"A{LAST + 1}"})], [*IDS, "KR1", "KR2"]),
    "a row copied over another": ([("copy", {"area": "A2:F2", "to": "A4"})], ["KR1", "KR2", "KR1", *IDS[3:]]),
    "own tab sorted": ([("sort", {"tab": OWN, "area": OWN_AREA, "column": 5, "descending": True})], [*IDS]),
    "own tab's rows inserted": (
        [("insert_rows", {"tab": OWN, "at": 1, "count": 3}), ("insert_rows", {"tab": OWN, "at": 7})],
        [*IDS],
    ),
    "own tab's rows moved": (
        [("cut", {"tab": OWN, "area": "A4:L4", "to": "A30"}), ("cut", {"tab": OWN, "area": "A3:L3", "to": "A4"})],
        [*IDS],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_id_keeps_its_own_numbers(case: str, sheet: Calc) -> None:
    acts, ids = CASES[case]
    for step, values in acts:
        sheet.do(step, **values)
    shown = sheet.shown()
    check_ids(shown)
    assert shown == [HEADERS, *(BLANK if key is None else row_of(key) for key in ids)]


def test_columns_of_the_own_tab_may_be_inserted_and_deleted(sheet: Calc) -> None:
    sheet.do("insert_columns", OWN, at="F")
    sheet.do("delete_columns", OWN, at="C", count=2)
    sheet.do("insert_columns", OWN, at="A")
    assert sheet.shown() == table(IDS)


def test_columns_of_a_tab_may_be_inserted_and_deleted(sheet: Calc) -> None:
    sheet.do("insert_columns", at="A", count=2)
    sheet.do("insert_columns", at="F")
    sheet.do("delete_columns", at="D")
    assert sheet.shown() == [["", "", key, *numbers[:1], "", *numbers[1:]] for key, _title, *numbers in table(IDS)]
    check_lookups(sheet, f"D2:D{LAST}", id_column="C")


def test_columns_of_a_tab_may_change_places(sheet: Calc) -> None:
    """The id column goes to H and Current to A."""
    sheet.do("cut", area="A1:A1048576", to="H1")
    sheet.do("cut", area="C1:C1048576", to="A1")
    assert sheet.shown() == [[*row[2:3], row[1], "", *row[3:], "", row[0]] for row in table(IDS)]


def test_ids_cut_without_their_column_leave_no_number(sheet: Calc) -> None:
    """The cells of the id column alone: the lookups still look into the column where these were."""
    sheet.do("cut", area=f"A1:A{LAST}", to="H1")
    assert sheet.shown()[1:] == [["", title(key), *EMPTY, "", key] for key in IDS]


def test_a_deleted_column_shows_an_error(sheet: Calc) -> None:
    sheet.do("delete_columns", OWN, at="F")
    assert [row[2:] for row in sheet.shown()[1:]] == [[BROKEN, *numbers_of(key)[1:]] for key in IDS]
    sheet.do("delete_columns", at="A")
    assert {str(cell)[:3] for row in sheet.shown()[1:] for cell in row[1:]} <= {"Err", "#RE"}


@pytest.mark.parametrize("to", [10, LAST + 3])
def test_a_number_follows_an_id_that_is_cut_and_pasted(to: int, sheet: Calc) -> None:
    """Over another id, and below the table beside lookups that were copied there."""
    sheet.do("copy", area="C2:F2", to=f"C{to}")
    sheet.do("cut", area="A2", to=f"A{to}")
    shown = sheet.shown()
    check_ids(shown)
    assert shown[1] == ["", title("KR1"), *EMPTY]
    assert [shown[to - 1][0], *shown[to - 1][2:]] == ["KR1", 41, 0.41, "on track", "one"]


def test_ids_that_change_places_change_numbers(sheet: Calc) -> None:
    for area, to in (("A2", "A20"), ("A3", "A2"), ("A20", "A3")):
        sheet.do("cut", area=area, to=to)
    shown = sheet.shown()
    check_ids(shown)
    assert [row[:2] for row in shown[1:3]] == [["KR2", title("KR1")], ["KR1", title("KR2")]]


def test_a_reference_to_the_rows_own_id_cell_would_not_do(calc: Calc) -> None:
    """It goes along with an id that is cut: so the tests above can fail."""
    calc.open(NAIVE_BOOK)
    assert calc.shown() == table(IDS)
    calc.do("cut", area="A2", to="A10")
    with pytest.raises(AssertionError):
        check_ids(calc.shown())


def test_an_id_dragged_down_makes_ids_with_their_own_numbers(sheet: Calc) -> None:
    sheet.do("fill_down", area="A2:A6")
    shown = sheet.shown()
    check_ids(shown)
    assert [row[0] for row in shown[1:6]] == ["KR1", "KR2", "KR3", "KR4", "KR5"]
    assert shown[5] == ["KR5", title("KR10"), *EMPTY]


def test_a_row_dragged_down_looks_up_what_its_ids_become(sheet: Calc) -> None:
    sheet.do("fill_down", area=f"A{LAST}:F{LAST + 2}")
    check_ids(sheet.shown())
    sheet.do("type", cell=f"A{LAST + 1}", text="KR3")
    sheet.do("type", cell=f"A{LAST + 2}", text="nobody")
    assert [row[2:] for row in sheet.shown()[LAST:]] == [[0, 0, "not started", "three"], EMPTY]


def test_lookups_cut_or_copied_to_another_row_look_up_its_id(sheet: Calc) -> None:
    sheet.do("cut", area="C2:F2", to="C3")
    sheet.do("copy", area="C4:F4", to="C5")
    sheet.do("fill_down", area="C6:F8")
    assert sheet.shown() == [HEADERS, ["KR1", title("KR1"), *EMPTY], *map(row_of, IDS[1:])]
    check_lookups(sheet, f"C3:F{LAST}")


def test_rows_and_tabs_copied_to_other_tabs(sheet: Calc) -> None:
    """A copy of the tab, and a row that is pasted into it: both look up the ids of their own tab."""
    sheet.do("copy_tab", title="Copy")
    sheet.do("copy", area="A3:F3", to="A2", to_tab="Copy")
    sheet.do("type", cell="A4", text="nobody")
    assert sheet.shown("Copy") == table(["KR2", *IDS[1:]])


@pytest.mark.parametrize("name", ["Team's; own, tab", "OKR進度", "Q4"])
def test_a_renamed_own_tab(name: str, sheet: Calc) -> None:
    sheet.do("rename_tab", OWN, title=name)
    assert sheet.shown() == table(IDS)
    check_lookups(sheet, own_tab=name)


def test_a_renamed_tab(sheet: Calc) -> None:
    sheet.do("rename_tab", PEOPLE, title="Goals")
    assert sheet.shown("Goals") == table(IDS)


def test_a_deleted_own_tab_shows_an_error_until_the_lookups_are_written_again(sheet: Calc) -> None:
    sheet.do("copy_tab", OWN, title="Copy")
    sheet.do("delete_tab", OWN)
    broken = [HEADERS, *([key, title(key), *[BROKEN] * 4] for key in IDS)]
    assert sheet.shown() == broken
    sheet.do("rename_tab", "Copy", title=OWN)
    assert sheet.shown() == broken
    for column, formula in zip("CDEF", lookups(), strict=True):
        for row in range(2, LAST + 1):
            sheet.do("enter", cell=f"{column}{row}", formula=formula)
    assert sheet.shown() == table(IDS)


def test_how_an_id_may_be_written(sheet: Calc) -> None:
    for typed, like in WRITTEN.items():
        sheet.do("type", cell="A2", text=typed)
        shown = sheet.shown()
        check_ids(shown)
        assert shown[1][2:] == numbers_of(like), typed
        assert shown[2:] == table(IDS)[2:], typed


def test_where_the_lookup_reads_an_id_otherwise_than_okrsync(sheet: Calc) -> None:
    """Wildcards, which no id holds, find the first that fits; wide and hard spaces are not trimmed."""
    fits = {"KR?": "KR2", "~KR2": "KR2", "KR1*": "KR10", "\u00a0KR2": "nobody", "KR2\u3000": "nobody"}
    for typed, like in fits.items():
        sheet.do("type", cell="A2", text=typed)
        assert sheet.shown()[1][2:] == numbers_of(like), typed
    for typed in ("*", "ID"):
        sheet.do("type", cell="A2", text=typed)
        assert sheet.shown()[1][2:] == HEADERS[2:], typed


def test_values_of_the_own_tab_show_as_they_change(sheet: Calc) -> None:
    """An empty one shows empty, a zero 0."""
    for text, value in (("0", 0), ("", ""), ("-2.5", -2.5), ("'007", "007"), ('=""', "")):
        sheet.do("type", OWN, cell="F8", text=text)
        assert sheet.shown()[1] == ["KR1", title("KR1"), value, *numbers_of("KR1")[1:]]


def test_a_row_that_leaves_the_own_tab_shows_empty(sheet: Calc) -> None:
    sheet.do("delete_rows", OWN, at=8)
    assert sheet.shown() == [HEADERS, ["KR1", title("KR1"), *EMPTY], *map(row_of, IDS[1:])]


def test_a_source_is_linked(sheet: Calc) -> None:
    """Where the own tab has no link, Calc takes the text itself for one: it does so with each formula of HYPERLINK."""
    unlinked = {UNLINKED: VALUES[UNLINKED][3], "KR4": ""}
    assert sheet.links() == [unlinked.get(key, link(key)) for key in IDS]


def test_links_go_with_their_ids(sheet: Calc) -> None:
    sheet.do("sort", area=AREA, column=1)
    sheet.do("delete_rows", at=2, count=5)
    assert list(filter(None, sheet.links())) == [link("KR10"), link("KR2"), link("KR3")]


@settings(max_examples=6, deadline=None, phases=set(Phase) - {Phase.shrink})  # to shrink a walk takes minutes
@given(walk=steps)
@example(walk=MISSED_BY_CALC)
def test_a_walk_of_thirty_steps(calc: Calc, walk: list[Step]) -> None:
    calc.open(BOOK)
    Walk(calc).go(walk)
