"""Figures as people type them: numbers with units and bounds, alone in a cell or inside a title."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.quantities import Quantity, converted, parse_quantity, quantities_in
from config.scalars import Amount, parse_amount


def quantity(
    value: str, unit: str = "", bound: str | None = None, *, percent: bool = False, strict: bool = False
) -> Quantity:
    return Quantity(Amount(Decimal(value), percent), unit, bound, strict)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("90%", quantity("0.9", percent=True)),
        ("80 pts", quantity("80", "points")),
        ("<8h", quantity("8", "hours", "at_most", strict=True)),
        ("＜ 8 小時", quantity("8", "小時", "at_most", strict=True)),
        ("NT$500,000", quantity("500000", "NT$")),
        ("NT$500k", quantity("500000", "NT$")),
        ("US$2M", quantity("2000000", "US$")),
        ("50萬", quantity("500000")),
        ("50萬元", quantity("500000", "元")),
        (">= 90%", quantity("0.9", bound="at_least", percent=True)),
        ("≧９０％", quantity("0.9", bound="at_least", percent=True)),
        ("90% 以上", quantity("0.9", bound="at_least", percent=True)),
        ("8 小時以內", quantity("8", "小時", "at_most")),
        ("under 2.5 days", quantity("2.5", "days", "at_most", strict=True)),
        ("at least 12 customers", quantity("12", "customers", "at_least")),
        ("至多 3 件", quantity("3", "件", "at_most")),
        ("1e3", quantity("1000")),
        ("-3", quantity("-3")),
    ],
)
def test_a_figure_with_its_unit_and_bound(text: str, found: Quantity) -> None:
    assert parse_quantity(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "TBD",
        "unknown",
        "N/A",
        "P90",
        "8 maybe",
        "5 m",
        "20+",
        "0,125",
        "1.2.3",
        "<8h 以上",
        "NT$5 h",
        "50萬k",
        "Q4",
    ],
)
def test_what_is_no_figure_says_what_would_be_one(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"cannot be read as a number; write 80, 80 pts, 90%, 8 h, <8h, NT\$500,000 or 50萬"
    ):
        parse_quantity(text)


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Resolve 90% of bugs filed this quarter", [quantity("0.9", percent=True)]),
        ("Ship 80 points of work", [quantity("80", "points")]),
        ("P90 review time under 8h", [quantity("8", "hours", "at_most", strict=True)]),
        ("Merge 1,300 PRs", [quantity("1300", "PRs")]),
        ("Zero Sev-1 incidents in B2B, v2.5, 2026-Q4", []),
        ("CSAT >= 90%", [quantity("0.9", bound="at_least", percent=True)]),
        ("平均回應時間縮短至 1 小時以內", [quantity("1", "小時", "at_most")]),
        ("新簽約 10 家客戶，達成 50 萬營收", [quantity("10", "家"), quantity("500000")]),
    ],
)
def test_figures_in_a_title(title: str, found: list[Quantity]) -> None:
    assert list(quantities_in(title)) == found


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("13h", "hours", "13"),
        ("90 min", "小時", "1.5"),
        ("13", "hours", "13"),
        ("2 days", "hours", None),
        ("41 pts", "hours", None),
        ("NT$400k", "元", "400000"),
        ("$400k", "NT$", "400000"),
        ("€5", "NT$", None),
        ("62%", "points", None),
        ("62%", "percent", "0.62"),
        ("13 h", "percent", None),
        ("7 家", "accounts of ours", "7"),
    ],
)
def test_a_value_in_the_unit_of_its_target(text: str, unit: str, value: str | None) -> None:
    found = converted(parse_quantity(text), unit)
    assert (None if found is None else found.value) == (None if value is None else Decimal(value))


@given(st.decimals(min_value=0, max_value=10**9, allow_nan=False, places=2), st.sampled_from(["", "%", "萬"]))
def test_every_number_of_the_config_is_a_figure_of_the_same_value(number: Decimal, suffix: str) -> None:
    text = f"{number}{suffix}"
    assert parse_quantity(text).amount == parse_amount(text)


@given(st.text(max_size=30))
def test_no_text_is_more_than_refused(text: str) -> None:
    try:
        found = parse_quantity(text)
    except ValueError:
        return
    assert found.amount.value.is_finite()
    assert any(letter.isdigit() for letter in text)
