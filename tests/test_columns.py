"""Types of columns: certain ones are found, stated ones hold, all others are refused with the key for them."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel import Locale as CldrLocale
from hypothesis import given
from hypothesis import strategies as st

from config.cell_types import COMMA, POINT, CellRules, Locale, Marks, parse_cell_type
from connectors.google_sheets.locales import MARKS, ORDERS, locale_of
from connectors.grids.columns import TypedColumn, typed_column

TAIPEI = ZoneInfo("Asia/Taipei")
GERMAN, AMERICAN = locale_of("de_DE"), locale_of("en_US")


def column(*cells: Any, stated: str = "", **rules: Any) -> TypedColumn:
    types = {"n": parse_cell_type(stated)} if stated else {}
    return typed_column("n", cells, CellRules(types, **rules), lambda index: f"A{index + 2}")


def day(year: int, month: int, number: int) -> datetime:
    return datetime(year, month, number, tzinfo=UTC)


OCTOBER_1, OCTOBER_13 = day(2026, 10, 1), day(2026, 10, 13)


@pytest.mark.parametrize(
    ("cells", "values", "note"),
    [
        (("10/13/2026", "10/1/2026"), [OCTOBER_13, OCTOBER_1], "dates, month first, as A2 '10/13/2026' shows"),
        (("1.10.2026", "13.10.2026"), [OCTOBER_1, OCTOBER_13], "dates, day first, as A3 '13.10.2026' shows"),
        (("10/10/2026",), [day(2026, 10, 10)], "dates"),
        (("Oct 13, 2026", "Oct 1, 2026"), [OCTOBER_13, OCTOBER_1], "dates"),
        (("13/Oct/26", "1-Oct-2026", "1. October 2026"), [OCTOBER_13, OCTOBER_1, OCTOBER_1], "dates"),
        (("Tue, 13 Oct 2026 00:00:00 GMT",), [OCTOBER_13], "dates"),
        (("2026-10-13", "115/10/01", "2026年10月1日"), [OCTOBER_13, OCTOBER_1, OCTOBER_1], "dates"),
        (("0,125", "1,500"), [0.125, 1.5], "numbers such as 1.234,5, as A2 '0,125' shows"),
        (("1.234,5", "1.234"), [1234.5, 1234], "numbers such as 1.234,5, as A2 '1.234,5' shows"),
        (("1,234", "0.5"), [1234, 0.5], "numbers"),
        (("1.234", "1234.5"), [1.234, 1234.5], "numbers"),
        (("1,234,567",), [1234567], "numbers"),
        (("12.50", "9.9", "3.25"), [12.5, 9.9, 3.25], "numbers"),
        (("08", "10", "07"), [8, 10, 7], "numbers"),
        (("10", "10.0"), [10, 10], "numbers"),
        (("1e-05", "0.5"), [1e-05, 0.5], "numbers"),
        ((1, "2"), [1, 2], "numbers"),
        (("A004", "1001"), ["A004", "1001"], "text, as A2 'A004' shows"),
        (("1001", "0123"), ["1001", "0123"], "text, as A3 '0123' shows"),
        (("won", "lost"), ["won", "lost"], "text such as A2 'won'"),
        ((None, ""), [None, None], "no values yet"),
        ((True, "false"), [True, False], "true or false"),
    ],
)
def test_what_is_certain_is_found(cells: tuple[Any, ...], values: list[Any], note: str) -> None:
    found = column(*cells)
    assert (found.values, found.note, found.bad, found.doubt) == (values, note, (), None)


@pytest.mark.parametrize(
    ("cells", "saw", "advice"),
    [
        (
            ("01/10/2026", "2/10/2026"),
            "'n' holds dates that no cell shows to be day first or month first: A2 '01/10/2026'",
            "Set `types: {n: date DMY}`, or `dates: DMY` for all columns; the orders are DMY, MDY.",
        ),
        (("26/10/13",), "no cell shows to be day first or year first", "the orders are DMY, YMD"),
        ((date(2026, 1, 10), "13/10/2026"), "dates and texts that may be dates: A2 '2026-01-10', A3", "date DMY"),
        (("1,500",), "'n' holds A2 '1,500', which may be 1500 or 1.5", 'Set `numbers: "1,234.5"` or'),
        (("1.234", "2"), "'n' holds A2 '1.234', which may be 1.234 or 1234", 'Set `numbers: "1,234.5"` or'),
        (("45%", "0.5"), "percents and plain numbers: A2 '45%', A3 '0.5'", "`types: {n: number}` if the plain ones"),
        (("12", "1E3"), "A3 '1E3', which may be a number or an id", "`types: {n: number}` or `types: {n: text}`"),
        (("1.1", "1.10"), "A2 '1.1' and A3 '1.10', one number or two ids", "`types: {n: text}`"),
        (("08", "8"), "A2 '08' and A3 '8', one number or two ids", "`types: {n: text}`"),
    ],
)
def test_what_is_not_certain_says_which_key_decides(cells: tuple[Any, ...], saw: str, advice: str) -> None:
    found = column(*cells)
    assert found.doubt
    assert saw in found.doubt.saw
    assert advice in found.doubt.advice
    assert found.type == "text"


@pytest.mark.parametrize(
    ("cells", "stated", "rules", "values"),
    [
        (("01/10/2026",), "date DMY", {}, [OCTOBER_1]),
        (("10/01/2026",), "", {"order": "MDY"}, [OCTOBER_1]),
        (("10/01/2026",), "date", {"order": "MDY"}, [OCTOBER_1]),
        (("20261001", 20261013), "date", {}, [OCTOBER_1, OCTOBER_13]),
        (("26/10/13",), "date YMD", {}, [OCTOBER_13]),
        ((date(2026, 10, 1), "13/10/2026"), "date DMY", {}, [OCTOBER_1, OCTOBER_13]),
        (("1.234", "2"), "", {"marks": COMMA}, [1234, 2]),
        (("1 234,5", "2"), "", {"marks": Marks(",", " ")}, [1234.5, 2]),
        (("1'234.5",), "number", {"marks": Marks(".", "'")}, [1234.5]),
        (("45%", "0.5"), "number", {}, [0.45, 0.5]),
        (("0123", "1E3"), "number", {}, [123, 1000]),
        ((1.0, "1E3", date(2026, 1, 2)), "text", {}, ["1", "1E3", "2026-01-02"]),
        (("yes", "0", "是"), "boolean", {}, [True, False, True]),
        (("01/10/2026",), "", {"locale": GERMAN}, [OCTOBER_1]),
        (("10/01/2026",), "", {"locale": AMERICAN}, [OCTOBER_1]),
        (("1,500",), "", {"locale": GERMAN}, [1.5]),
        (("1,500",), "", {"locale": AMERICAN}, [1500]),
    ],
)
def test_what_is_stated_holds_and_a_locale_decides_the_rest(
    cells: tuple[Any, ...], stated: str, rules: dict[str, Any], values: list[Any]
) -> None:
    found = column(*cells, stated=stated, **rules)
    assert (found.values, found.bad, found.doubt) == (values, (), None)


def test_cells_that_do_not_fit_what_is_stated_are_bad() -> None:
    assert column("1,5", "x", None, stated="number").bad == (1,)
    assert column("10/13/2026", stated="date DMY").bad == (0,)
    assert column("1.5", "2", marks=COMMA).note == "text, as A2 '1.5' shows"
    assert column("maybe", "yes", stated="boolean").bad == (0,)


def test_a_locale_that_is_not_known_decides_nothing() -> None:
    assert locale_of("xx_YY") == Locale("xx_YY", None, None)
    assert column("1,500", locale=locale_of("fr_FR")).doubt


@pytest.mark.parametrize("name", sorted({*MARKS, *ORDERS}))
def test_locales_are_those_of_the_cldr(name: str) -> None:
    cldr = CldrLocale.parse({"in_ID": "id_ID", "iw_IL": "he_IL", "no_NO": "nb_NO"}.get(name, name))
    symbols = cldr.number_symbols["latn"]
    if name in MARKS:
        assert Marks(symbols["decimal"], symbols["group"]) == MARKS[name]
    if name in ORDERS:
        pattern = cldr.date_formats["short"].pattern.upper()
        assert sorted("DMY", key=pattern.index) == list(ORDERS[name])


DAYS = st.dates(date(1970, 1, 1), date(2068, 12, 31))
WRITTEN: dict[str, Callable[[date], str]] = {
    "DMY": lambda one: f"{one:%d/%m/%Y}",
    "DMY short": lambda one: f"{one.day}.{one.month}.{one:%y}",
    "MDY": lambda one: f"{one.month}/{one.day}/{one.year}",
    "YMD": lambda one: f"{one:%y-%m-%d}",
    "ISO": lambda one: one.isoformat(),
    "words": lambda one: f"{one:%b} {one.day}, {one.year}",
    "Jira": lambda one: f"{one:%d/%b/%y} 12:00 AM",
}


@pytest.mark.parametrize("form", WRITTEN)
@given(days=st.lists(DAYS, min_size=1, max_size=5))
def test_a_column_of_dates_is_read_back_or_refused(form: str, days: list[date]) -> None:
    written = [WRITTEN[form](one) for one in days]
    right = [day(one.year, one.month, one.day) for one in days]
    found = column(*written)
    if found.doubt is None:
        assert found.values == right
    order = form.partition(" ")[0]
    if order in ("DMY", "MDY", "YMD"):
        assert column(*written, stated=f"date {order}").values == right


@pytest.mark.parametrize("marks", [POINT, COMMA, Marks(",", " "), Marks(".", "'"), Marks(",", "")])
@given(
    numbers=st.lists(st.decimals(-(10**9), 10**9, places=3), min_size=1, max_size=5),
    places=st.integers(0, 3),
    grouped=st.booleans(),
)
def test_a_column_of_numbers_is_read_back_or_refused(
    marks: Marks, numbers: list[Decimal], places: int, grouped: bool
) -> None:
    rounded = [round(number, places) for number in numbers]
    written = [f"{number:{',' if grouped and marks.group else ''}.{places}f}" for number in rounded]
    table = str.maketrans({",": marks.group, ".": marks.decimal})
    written = [text.translate(table) for text in written]
    right = [float(number) for number in rounded]
    assert column(*written, marks=marks).values == right
    found = column(*written)
    if found.type == "number":
        assert found.values == right
