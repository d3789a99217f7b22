from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncer.present.number_text import show_number, show_percent


@pytest.mark.parametrize(
    ("value", "number", "percent"),
    [
        ("0.5125", "0.5125", "51.3%"),
        ("0.5135", "0.5135", "51.4%"),
        ("-0.5125", "-0.5125", "-51.3%"),
        ("0.68888888", "0.6889", "68.9%"),
        ("0.00005", "0.0001", "0%"),
        ("-0.00001", "0", "0%"),
        ("1234567.8", "1,234,567.8", "123,456,780%"),
        ("1E+3", "1,000", "100,000%"),
        ("0", "0", "0%"),
    ],
)
def test_numbers_and_percentages_are_rounded_half_up(value: str, number: str, percent: str) -> None:
    assert show_number(Decimal(value)) == number
    assert show_percent(Decimal(value)) == percent


@given(st.decimals(-(10**9), 10**9, places=6))
def test_a_shown_number_is_at_most_half_a_place_off(value: Decimal) -> None:
    assert abs(Decimal(show_number(value).replace(",", "")) - value) <= Decimal("0.00005")
