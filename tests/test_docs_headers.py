"""`docs/headers.md` lists the headers that are known; `script/golden` writes it."""

import os
from pathlib import Path

from syncer.sheet.columns import COLUMNS, SheetColumn

PAGE = Path(__file__).parents[1] / "docs" / "headers.md"
HEAD = """\
# Headers of an OKR sheet

Known by name in either language, whatever the case, width and spaces. Set other headers in the config:
`okr_sheet: {columns: {owner: Who}}`, with a name of the first column below. `okrsync check --online` lists headers
that are not read.

依名稱辨識，中英文皆可，不分大小寫、全半形與空白。其他標題請寫在設定檔的 `okr_sheet.columns`，左欄就是要用的名稱。

| name | English | 繁體中文 | also known 其他寫法 | filled by 填寫者 |
|---|---|---|---|---|
"""
FILLED_BY = {"id": "you 您", "definition": "you, or the config 您或設定檔", "computed": "okrsync", "people": "you 您"}
OWN = ("rows_read", "measures")
"""Columns of okrsync's own tab alone."""


def row(column: SheetColumn) -> str:
    """One column of the sheet."""
    by = FILLED_BY[column.owner] + (" (typed values: you 手動填寫的數值：您)" if column.name == "current" else "")
    return f"| `{column.name}` | {column.en} | {column.zh} | {', '.join(column.other)} | {by} |\n"


def test_the_page_of_headers_is_up_to_date() -> None:
    text = HEAD + "".join(row(column) for column in COLUMNS.values() if column.name not in OWN)
    if os.environ.get("OKRSYNC_GOLDEN") == "write":
        PAGE.write_text(text, "utf-8")
    assert PAGE.read_text("utf-8") == text
