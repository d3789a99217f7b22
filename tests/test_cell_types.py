"""What a config states about cells: types, marks of numbers, order of dates."""

from datetime import UTC

import pytest

from config.cell_types import CellRules, CellType, Marks, parse_cell_type, parse_marks, parse_order, rules_of, yaml_key
from refusal_kit import refusal


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("1.234,5", Marks(",", ".")),
        ("1,234.5", Marks(".", ",")),
        ("1 234,5", Marks(",", " ")),
        ("1'234.5", Marks(".", "'")),
        ("1’234.5", Marks(".", "'")),
        ("1.234.567,89", Marks(",", ".")),
        ("1234,5", Marks(",", "")),
        ("0,125", Marks(",", "")),
        ("0.5", Marks(".", "")),
        ("１，２３４．５", Marks(".", ",")),
    ],
)
def test_an_example_number_shows_the_marks(text: str, marks: Marks) -> None:
    assert parse_marks(text) == marks


@pytest.mark.parametrize("text", ["1.234", "1,234", "1,234,567", "1234", "comma", "", "1,234,5", "01.234,5"])
def test_an_example_that_shows_no_decimal_mark_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"does not show how numbers are written; write 1,234\.5 or 1\.234,5"):
        parse_marks(text)


@pytest.mark.parametrize(
    ("text", "kind", "order"),
    [
        ("text", "text", None),
        ("Number", "number", None),
        (" boolean ", "boolean", None),
        ("date", "date", None),
        ("date DMY", "date", "DMY"),
        ("date  ymd", "date", "YMD"),
    ],
)
def test_types(text: str, kind: str, order: str | None) -> None:
    found = parse_cell_type(text)
    assert (found.kind, found.order) == (kind, order)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nubmer", "'nubmer' is not a type of cells; did you mean 'number'?"),
        ("", "'' is not a type of cells; write text, number, boolean, date or date DMY"),
        ("money", "'money' is not a type of cells; write text, number, boolean, date or date DMY"),
        ("text DMY", "'text DMY' is not a type of cells; only dates have an order"),
        ("date MM/DD/YYYY", "'MM/DD/YYYY' is not an order of dates; did you mean 'MDY'?"),
        ("date first", "'first' is not an order of dates; write DMY, MDY or YMD"),
    ],
)
def test_what_is_no_type_is_refused(text: str, message: str) -> None:
    assert refusal(parse_cell_type, text) == message


def test_rules_are_the_keys_of_a_query() -> None:
    query = {"path": "a.csv", "types": '{"Due": "date MDY", "sku": "text"}', "numbers": "1.234,5", "dates": "dmy"}
    types = {"due": CellType("date", "MDY"), "sku": CellType("text")}
    assert rules_of(query, UTC) == CellRules(types, Marks(",", "."), "DMY")
    assert rules_of({"path": "a.csv"}, UTC) == CellRules()


def test_orders_in_any_case() -> None:
    assert [parse_order(text) for text in ("dmy", " MDY", "Ymd")] == ["DMY", "MDY", "YMD"]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("due", "due"),
        ("Deal amount", "Deal amount"),
        ("金額", "金額"),
        ("Due (UTC)", "'Due (UTC)'"),
        ("a: b's", "'a: b''s'"),
    ],
)
def test_names_as_keys(name: str, key: str) -> None:
    assert yaml_key(name) == key
