"""Numbers as people write them: short, with a unit, and on their side of the numbers that matter."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncer.model.number_style import NumberStyle
from syncer.sheet.number_text import (
    exact_number,
    exact_percent,
    show_change,
    show_number,
    show_percent,
    show_percent_change,
    show_quantity,
)

values = st.decimals(-(10**9), 10**9, places=6)
fractions = st.decimals(0, 2, places=6)


@pytest.mark.parametrize(
    ("value", "number", "percent"),
    [
        ("13.0999", "13.1", "1,310%"),
        ("0.6889", "0.689", "69%"),
        ("0.68888888", "0.689", "69%"),
        ("0.00005", "0.00005", "0.01%"),
        ("-0.0125", "-0.0125", "-1.3%"),
        ("456.7", "457", "45,670%"),
        ("1234567.8", "1,234,568", "123,456,780%"),
        ("1E+3", "1,000", "100,000%"),
        ("0.999", "0.999", "99.9%"),
        ("0.99996", "1", "99.996%"),
        ("1.004", "1", "100.4%"),
        ("0", "0", "0%"),
    ],
)
def test_numbers_have_three_digits_and_percentages_no_needless_decimals(value: str, number: str, percent: str) -> None:
    assert show_number(Decimal(value)) == number
    assert show_percent(Decimal(value)) == percent


@pytest.mark.parametrize(
    ("value", "style", "en", "zh"),
    [
        ("13.0999", NumberStyle(unit="hours"), "13.1 h", "13.1 小時"),
        ("500000", NumberStyle(unit="TWD"), "NT$500,000", "NT$500,000"),
        ("-500000", NumberStyle(unit="NT$"), "-NT$500,000", "-NT$500,000"),
        ("500000", NumberStyle(unit="TWD", large="萬"), "NT$50 萬", "NT$50 萬"),
        ("500000", NumberStyle(unit="元", large="萬"), "50 萬元", "50 萬元"),
        ("412345", NumberStyle(large="萬"), "41.2 萬", "41.2 萬"),
        ("123456789", NumberStyle(large="萬"), "1.23 億", "1.23 億"),
        ("9999", NumberStyle(large="萬"), "9,999", "9,999"),
        ("7", NumberStyle(unit="家"), "7 家", "7 家"),
        ("0.9", NumberStyle(percent=True, unit="percent"), "90%", "90%"),
        ("0.9123", NumberStyle(percent=True, marks=(Decimal("0.9"),)), "91%", "91%"),
        ("0.99968", NumberStyle(percent=True, marks=(Decimal("0.9995"),)), "99.97%", "99.97%"),
    ],
)
def test_units_are_written_as_people_write_them(value: str, style: NumberStyle, en: str, zh: str) -> None:
    assert show_quantity(Decimal(value), style, "en") == en
    assert show_quantity(Decimal(value), style, "zh-TW") == zh


@pytest.mark.parametrize(
    ("value", "target", "style", "shown"),
    [
        ("0.7996", "0.8", NumberStyle(percent=True), "79.96%"),
        ("0.8004", "0.8", NumberStyle(percent=True), "80.04%"),
        ("8.001", "8", NumberStyle(unit="hours"), "8.001 h"),
        ("499999.9", "500000", NumberStyle(), "499,999.9"),
        ("499960", "500000", NumberStyle(large="萬"), "49.996 萬"),
        ("13.0999", "13.0999", NumberStyle(), "13.0999"),
    ],
)
def test_a_rounded_number_never_seems_to_be_the_target(value: str, target: str, style: NumberStyle, shown: str) -> None:
    marked = NumberStyle(style.percent, style.unit, style.large, (Decimal(target),))
    assert show_quantity(Decimal(value), marked, "en") == shown


@pytest.mark.parametrize(
    ("before", "after", "style", "shown"),
    [
        ("79.6", "80.4", NumberStyle(), ("79.6", "80.4")),
        ("1234.4", "1234.6", NumberStyle(), ("1,234", "1,235")),
        ("1234.1", "1234.2", NumberStyle(), ("1,234.1", "1,234.2")),
        ("80", "80", NumberStyle(), ("80", "80")),
        ("400100", "400200", NumberStyle(unit="TWD", large="萬"), ("NT$40.01 萬", "NT$40.02 萬")),
    ],
)
def test_a_change_is_shown_as_two_numbers(before: str, after: str, style: NumberStyle, shown: tuple[str, str]) -> None:
    assert show_change(Decimal(before), Decimal(after), style, "en") == shown


def test_each_part_of_a_change_has_its_own_style() -> None:
    style = NumberStyle(parts=(NumberStyle(unit="家"), NumberStyle(unit="TWD"), NumberStyle(percent=True)))
    shown = show_change("6; 400000; 0.5", "7; 400000; ", style, "en")
    assert shown == ("6 家; NT$400,000; 50%", "7 家; NT$400,000; –")
    assert show_change("about 6", "7; 8; 9", style, "en") == ("about 6", "7 家; NT$8; 900%")


@given(fractions, fractions)
def test_a_percentage_keeps_its_side_of_its_marks_and_a_change_is_seen(value: Decimal, mark: Decimal) -> None:
    shown = Decimal(show_percent(value, [mark]).removesuffix("%").replace(",", "")) / 100
    for each in (Decimal(0), Decimal(1), mark):
        assert (shown < each, shown > each) == (value < each, value > each)
    before, after = show_percent_change(value, mark)
    assert (before == after) == (value == mark)


@given(values)
def test_exact_numbers_keep_twelve_digits(value: Decimal) -> None:
    assert abs(Decimal(exact_number(value).replace(",", "")) - value) <= abs(value) / 10**11
    assert exact_percent(value).endswith("%")
