"""The HTML report: one file, no outside request, everything people look for, nothing that a tracker could inject."""

import re
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest

from command_kit import Shell
from demo_kit import demo_workspace
from syncer.show.chart import ChartPoint, chart_svg

VOID = {"meta", "input", "br"}


class Balanced(HTMLParser):
    """Fails on a tag that is not closed in order; keeps the text that people see."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.text.append(data)


def read(page: str) -> Balanced:
    parsed = Balanced()
    parsed.feed(page)
    assert parsed.open == []
    return parsed


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Needs a look", "on track", "Why this figure", "46 of 92 days have passed")),
        ("zh-TW", ("需要關注", "如期進行", "這個數字怎麼來的", "已過 46／92 天")),
    ],
)
def test_the_page_is_one_whole_file(shell: Shell, language: str, words: tuple[str, ...]) -> None:
    with demo_workspace(shell.folder, "zh-TW" if language == "zh-TW" else "en"):
        shell.run("sync")
        assert shell.run("report", "--out", "okr.html").code == 0
    parsed = read(Path("okr.html").read_text("utf-8"))
    text = " ".join("".join(parsed.text).split())
    for word in (*words, "KR1", "KR8", "CORE-27"):
        assert word in text
    assert [address for address in parsed.addresses if not address.startswith("#")] == []


def test_titles_from_outside_stay_text(shell: Shell) -> None:
    with demo_workspace(shell.folder):
        config = Path("okrsync.yaml").read_text("utf-8")
        hostile = '"<script>alert(1)</script>\\" onload=x \\x1b[31m"'
        Path("okrsync.yaml").write_text(config.replace("90% of this quarter's bugs are resolved", hostile), "utf-8")
        assert shell.run("report", "--out", "okr.html").code == 0
    page = Path("okr.html").read_text("utf-8")
    assert page.count("<script>") == 1
    assert "alert(1)" in "".join(read(page).text)
    assert "\x1b" not in page


def test_a_chart_shows_what_was_reached_over_what_was_expected() -> None:
    points = [ChartPoint(date(2026, 10, 1), Decimal(0)), ChartPoint(date(2026, 12, 31), Decimal(1))]
    svg = chart_svg(points, date(2026, 10, 1), date(2026, 12, 31), 'KR "1" <b>')
    expected, reached = re.findall(r'points="([^"]*)"', svg)
    assert expected == reached
    assert "KR &quot;1&quot; &lt;b&gt;" in svg
    assert svg.count("<circle") == 2


def test_days_outside_the_key_result_are_left_out() -> None:
    svg = chart_svg([ChartPoint(date(2026, 9, 1), Decimal(1))], date(2026, 10, 1), date(2026, 12, 31), "x")
    assert "<circle" not in svg
