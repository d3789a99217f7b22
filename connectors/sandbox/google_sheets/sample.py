"""Sample spreadsheets: `demo-okrs` with the given OKRs, and `demo-sales` with deals.

Seven deals of the cycle are won and add up to 400,000; two amounts are texts, as people type them.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from config.languages import Language
from connectors.google_sheets.values import to_serial
from connectors.sandbox.google_sheets.book import Book

OKRS, SALES = "demo-okrs", "demo-sales"
"""Ids of the two spreadsheets."""

HEADERS: dict[Language, tuple[str, ...]] = {
    "zh-TW": (
        "KR 編號",
        "目標",
        "關鍵成果",
        "負責人",
        "起始值",
        "目標值",
        "目前值",
        "進度",
        "應有進度",
        "狀態",
        "資料來源",
        "數值更新日",
        "信心指數",
        "說明",
    ),
    "en": (
        "KR id",
        "Objective",
        "Key result",
        "Owner",
        "Baseline",
        "Target",
        "Current value",
        "Progress",
        "Expected",
        "Status",
        "Source",
        "Value updated",
        "Confidence",
        "Note",
    ),
}
DEAL_HEADERS: dict[Language, tuple[str, ...]] = {
    "zh-TW": ("成交日", "客戶", "業務", "階段", "金額"),
    "en": ("Date", "Customer", "Owner", "Stage", "Amount"),
}
STAGES: dict[Language, tuple[str, str, str]] = {
    "zh-TW": ("成交", "洽談中", "流失"),
    "en": ("Won", "Open", "Lost"),
}
_CUSTOMERS = (
    "台北科技", "宏遠物流", "Bluebird", "日新食品", "Nimbus Labs", "大同醫材",
    "Fernwood", "綠能源", "港灣航運", "Orchid Bank", "青禾文創", "Summit",
)  # fmt: skip
_PEOPLE = ("amy", "ben", "chia-ling")
_WON, _OPEN, _LOST = range(3)
_DEALS: tuple[tuple[int, str | int], ...] = (
    (_WON, "10萬"), (_OPEN, 80000), (_WON, 64000), (_WON, "5.2萬"), (_LOST, 45000), (_WON, 48000),
    (_OPEN, 120000), (_WON, 56000), (_LOST, 30000), (_WON, 38000), (_WON, 42000), (_OPEN, 66000),
)  # fmt: skip
"""(stage, amount); the won deals add up to 400,000."""
_CSAT = 0.91
_PERCENT = {"type": "PERCENT", "pattern": "0%"}
_DATE = {"type": "DATE", "pattern": "yyyy-mm-dd"}


def sample_spreadsheets(
    first_day: date,
    today: date,
    language: Language,
    rows: Sequence[Sequence[str | float | None]] = (),
    merges: Sequence[tuple[int, int, int, int]] = (),
) -> list[Book]:
    """Create both spreadsheets.

    Args:
        first_day: first day of the cycle; all deals are between it and `today`.
        today: last day that may have a deal.
        language: language of headers, stages and titles.
        rows: the OKR tab below its headers, each row as wide as `HEADERS` or shorter.
        merges: merged cells among those rows, from 0 below the headers: (top, left, bottom, right), half-open.
    """
    title = f"Acme {first_day.year}-Q{(first_day.month - 1) // 3 + 1} OKR"
    okrs = Book.of_values(OKRS, title, {"OKRs": [[title], HEADERS[language], *rows]})
    sheet = okrs.tabs[0]
    sheet.frozen_rows = 2
    sheet.merges = [(0, 0, 1, len(HEADERS[language]))]
    sheet.merges += [(top + 2, left, bottom + 2, right) for top, left, bottom, right in merges]
    for row in range(2, 2 + len(rows)):
        for column in (7, 8):  # progress and expected
            sheet.cell(row, column).number_format = dict(_PERCENT)
        sheet.cell(row, 11).number_format = dict(_DATE)
    summary: list[list[Any]] = [["客服滿意度" if language == "zh-TW" else "Customer service", None]]
    summary.append(["CSAT", {"value": _CSAT, "format": _PERCENT}])
    sales_title = "業務報表" if language == "zh-TW" else "Sales"
    sales = Book.of_values(SALES, sales_title, {"Deals": _deals(first_day, today, language), "Summary": summary})
    return [okrs, sales]


def _deals(first_day: date, today: date, language: Language) -> list[Sequence[Any]]:
    days = max((today - first_day).days, 0)
    rows: list[Sequence[Any]] = [DEAL_HEADERS[language]]
    for number, (stage, amount) in enumerate(_DEALS):
        day = first_day + timedelta(days=days * number // (len(_DEALS) - 1))
        dated = {"value": to_serial(day), "format": _DATE}
        rows.append((dated, _CUSTOMERS[number], _PEOPLE[number % len(_PEOPLE)], STAGES[language][stage], amount))
    return rows
