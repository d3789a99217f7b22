"""OKR sheets as teams keep them: titles, notes, merged objectives, units in texts, two departments, no ids."""

from pathlib import Path
from typing import Any

from openpyxl import Workbook

from connectors.sandbox.google_sheets.book import Book

Tabs = dict[str, list[list[Any]]]
Merges = dict[str, list[tuple[int, int, int, int]]]
"""Half-open ranges from 0: top, left, bottom, right."""

ENGLISH: Tabs = {
    "Apps": [
        ["Orchard Inc: OKRs of the last quarter"],
        ["Please fill in before Thursday"],
        [],
        ["Objective", "Key Results", "DRI", "Target", "Current", "Hints"],
        ["People trust the app", "Fix 80% of bugs that users report", "Ana", 0.8, 0.4],
        [None, "Ship 60 points of requests", "Ben", "60 pts", "30 pts"],
        [None, "P95 review time under 6h", "Cy", "<6h", "90 min"],
        ["We keep what we promise", "Merge 900 PRs", "Cy", 900, None],
        [None, "Zero outages over an hour", "Ana", 0, 2],
        [],
        ["Notes: the third target is a draft"],
    ],
    "Field": [
        ["Field team"],
        ["Objective", "Key Results", "DRI", "Target", "Current", "Hints"],
        ["Companies choose us", "Win 12 accounts", "Di", 12, 9],
        [None, "NT$300k new revenue", "Di", "NT$300,000", "NT$150k"],
        [None, "CSAT >= 85%", "Eli", "85%", "TBD"],
        ["Total", None, None, None, 12],
    ],
}
MERGES: Merges = {"Apps": [(4, 0, 7, 1), (7, 0, 9, 1), (0, 0, 1, 5)], "Field": [(0, 0, 1, 5), (2, 0, 5, 1)]}

CHINESE: Tabs = {
    "研發處": [
        ["群峰科技 OKR"],
        ["目標", "關鍵結果", "負責同仁", "目標值", "目前值"],
        ["讓客戶信賴我們的服務", "客戶回報的臭蟲解決 80%", "怡君", "80%", "40%"],
        [None, "審查時間 6 小時以內", "柏宇", "6 小時以內", "9 小時"],
        [None, "零重大事故", "小明", 0, 0],
        ["備註：第二項待討論"],
    ],
    "業務處": [
        ["目標", "關鍵結果", "負責同仁", "目標值", "目前值"],
        ["新客戶成長", "新簽約 12 家企業客戶", "惠美", "12 家", "9 家"],
        [None, "營收 50 萬", "惠美", "50萬", "未定"],
        [None, "客戶滿意度達 85% 以上", "雅婷", 0.85, 0.9],
    ],
}
CHINESE_MERGES: Merges = {"研發處": [(2, 0, 5, 1)], "業務處": [(1, 0, 4, 1)]}


def workbook(path: Path, tabs: Tabs, merges: Merges) -> Path:
    """Write a workbook with these tabs."""
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for title, rows in tabs.items():
        tab = book.create_sheet(title)
        for row in rows:
            tab.append(row)
        for top, left, bottom, right in merges[title]:
            tab.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom, end_column=right)
    book.save(path)
    return path


def google_book(key: str, tabs: Tabs, merges: Merges) -> Book:
    """Make a spreadsheet of the sandbox with these tabs."""
    book = Book.of_values(key, "Team OKRs", tabs)
    for tab in book.tabs:
        tab.merges = list(merges[tab.title])
    return book
