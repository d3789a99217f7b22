from datetime import date
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.scalars import (
    Amount,
    RelativeChange,
    parse_amount,
    parse_change,
    parse_date,
    parse_seconds,
    parse_share,
    plain,
    quoted,
)
from refusal_kit import refusal


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("5m", 300), ("1h", 3600), ("1.5", 1.5), ("0", 0), (" 2 m ", 120), ("１０ｓ", 10)],
)
def test_lengths_of_time(text: str, seconds: float) -> None:
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "5d", "5 minutes", "-1s", "1e9", "inf", "nan", "5m30s"])
def test_what_is_no_length_of_time(text: str) -> None:
    with pytest.raises(ValueError, match="is not a length of time; write 30s, 5m or 1h"):
        parse_seconds(text)


_WIDE = str.maketrans("0123456789.,%+-", "０１２３４５６７８９．，％＋－")


@pytest.mark.parametrize(
    ("text", "value", "percent"),
    [
        ("1234", "1234", False),
        ("1,234", "1234", False),
        ("1,234,567.50", "1234567.50", False),
        ("12.5", "12.5", False),
        (".5", "0.5", False),
        ("-3", "-3", False),
        ("−3", "-3", False),
        ("+3", "3", False),
        ("1e3", "1000", False),
        ("40%", "0.4", True),
        ("40 %", "0.4", True),
        ("133.3%", "1.333", True),
        ("50萬", "500000", False),
        ("50 萬", "500000", False),
        ("1.5億", "150000000", False),
        ("3千萬", "30000000", False),
        ("2百萬", "2000000", False),
        ("5千", "5000", False),
        ("1兆", "1000000000000", False),
        ("１２３", "123", False),
        ("１，２３４", "1234", False),
        ("４０％", "0.4", True),
        (" 8 ", "8", False),
        ("0123", "123", False),
        ("0", "0", False),
    ],
)
def test_numbers_as_people_write_them(text: str, value: str, percent: bool) -> None:
    assert parse_amount(text) == Amount(Decimal(value), percent)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "N/A",
        "-",
        "%",
        "1 234",
        "1,23",
        "1,2345",
        ",123",
        "0,125",
        "00,500",
        "1.",
        "1.2.3",
        "1e",
        "e5",
        "1e9999",
        "十",
        "5萬萬",
        "0x10",
        "inf",
        "nan",
        "1_000",
        "5%%",
        "--5",
        "$5",
        "5 hours",
        "90%以上",
        "१२",
    ],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a number; write 1234, 1,234, 12\.5, 40% or 50萬"):
        parse_amount(text)


def test_more_digits_than_can_be_kept_are_refused() -> None:
    assert parse_amount("1" * 28).value == Decimal("1" * 28)
    with pytest.raises(ValueError, match="has more than 28 digits; round it"):
        parse_amount("1" * 29)


def test_a_long_text_is_cut_in_the_message() -> None:
    with pytest.raises(ValueError, match=r"^'x{57}\.\.\.' is not a number"):
        parse_amount("x" * 10_000)


decimals = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12)


@given(decimals)
def test_a_number_comes_back_exactly_however_it_is_written(number: Decimal) -> None:
    for text in (f"{number:f}", f"{number:,f}", f"{number:f}".translate(_WIDE), f"{number:,f}".translate(_WIDE)):
        assert parse_amount(text) == Amount(number)


@given(decimals)
def test_a_percent_is_a_hundredth_exactly(number: Decimal) -> None:
    amount = parse_amount(f"{number:f}%")
    assert amount.percent
    assert amount.value * 100 == number


@given(st.text(max_size=30))
def test_any_text_is_refused_in_words_or_holds_a_digit(text: str) -> None:
    for parse in (parse_amount, parse_change, parse_share, parse_date):
        refused = ""
        try:
            parse(text)
        except ValueError as exc:
            refused = str(exc)
        assert " " in refused or any(letter.isdigit() for letter in text)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("+30%", "factor", "1.3"),
        ("-10%", "factor", "0.9"),
        ("-2pp", "points", "-0.02"),
        ("+2.5 pp", "points", "0.025"),
        ("+5PP", "points", "0.05"),
        ("+5個百分點", "points", "0.05"),
        ("-5 百分點", "points", "-0.05"),
        ("+2000", "amount", "2000"),
        ("＋２，０００", "amount", "2000"),
        ("-5萬", "amount", "-50000"),
    ],
)
def test_changes(text: str, kind: Literal["factor", "points", "amount"], value: str) -> None:
    assert parse_change(text) == RelativeChange(kind, Decimal(value))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("30%", "'30%' is not a change; write its sign: +30%, -10%, -2pp or +2000"),
        ("", "'' is not a change; write its sign: +30%, -10%, -2pp or +2000"),
        ("+x", "'+x' is not a number; write 1234, 1,234, 12.5, 40% or 50萬"),
        ("+2%pp", "'+2%pp' has two units; write % or pp"),
    ],
)
def test_what_is_no_change_is_refused(text: str, message: str) -> None:
    assert refusal(parse_change, text) == message


@pytest.mark.parametrize(
    ("text", "value"), [("30%", "0.3"), ("25pp", "0.25"), ("0.3", "0.3"), ("0", "0"), ("100%", "1")]
)
def test_shares(text: str, value: str) -> None:
    assert parse_share(text) == Decimal(value)


@pytest.mark.parametrize("text", ["30", "-5%", "101%", "1.01", "300pp"])
def test_a_share_beyond_its_range_is_never_guessed(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a share of 0% to 100%; write 30% or 0\.3"):
        parse_share(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-01",
        "2026/10/1",
        "2026.10.01",
        "2026年10月1日",
        "115/10/01",
        "115-10-1",
        "115年10月1日",
        "民國115年10月1日",
        "２０２６－１０－０１",
        "１１５／１０／０１",
        " 2026-10-01 ",
    ],
)
def test_dates_in_both_calendars(text: str) -> None:
    assert parse_date(text) == date(2026, 10, 1)


def test_an_early_year_of_the_republic_needs_its_name() -> None:
    assert parse_date("民國99年1月2日") == date(2010, 1, 2)
    with pytest.raises(ValueError, match="'99/1/2' is not a date; write 2026-10-01 or 115/10/01"):
        parse_date("99/1/2")


@pytest.mark.parametrize("text", ["", "10/01/2026", "1/10/115", "2026-10", "2026-10-01T00:00", "tomorrow", "20261001"])
def test_a_date_is_never_guessed(text: str) -> None:
    with pytest.raises(ValueError, match="is not a date; write 2026-10-01 or 115/10/01"):
        parse_date(text)


@pytest.mark.parametrize("text", ["2026-02-29", "2026-13-01", "115/00/01", "0000-01-01"])
def test_a_day_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a date: "):
        parse_date(text)


@given(st.dates())
def test_a_day_comes_back_however_it_is_written(day: date) -> None:
    written = [f"{day.year:04}-{day.month}-{day.day}", f"{day.year:04}年{day.month}月{day.day}日"]
    if day.year > 1911:
        written.append(f"民國{day.year - 1911}年{day.month}月{day.day}日")
    for text in written if day.year < 2911 else written[:2]:
        assert parse_date(text) == day
        assert parse_date(text.translate(_WIDE)) == day


def test_plain_keeps_words_and_straightens_width() -> None:
    assert plain("　ＡＢＣ，１２　") == "ABC,12"
    assert quoted("O'Neil") == '"O\'Neil"'
