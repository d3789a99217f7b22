"""Rows of objectives in a tab whose objectives and key results share one column. Pure."""

import re
from collections.abc import Mapping

from connectors.okr_sheet import EMPTY, Cell, Tab
from syncer.model.cells import as_text
from syncer.sheet.columns import normal_header
from syncer.sheet.remarks import is_remark

_ID = re.compile(r"o ?\d+|目標 ?(?:\d+|[一二三四五六七八九十]+)")
_ID_OF_KEY_RESULT = re.compile(r"kr\W?\d|key result|關鍵[成結]果")
_TITLE = re.compile(
    r"(?:objective(?: ?\d+)?|目標 ?(?:\d+|[一二三四五六七八九十]+)?|o ?\d+) ?:|o ?\d+(?:\.(?!\d)|、)|(?P<bare>o\d+) "
)
_TITLE_OF_KEY_RESULT = re.compile(
    r"(?:objective|目標|o) ?(?:\d+|[一二三四五六七八九十]+)\W*(?:kr?|key result|關鍵[成結]果) ?\d"
)
"""A title that names its objective first, such as `O1-KR2: Sign ten`."""


def objective_rows(tab: Tab, header_row: int, columns: Mapping[str, int]) -> frozenset[int]:
    """Return the rows whose title is certainly an objective's, by their ids or else by how their titles begin.

    None in a tab with a column of objectives, and none where all rows would be objectives.
    """
    if "objective" in columns or "title" not in columns:
        return frozenset()
    titles = {
        row: normal_header(title)
        for row in range(header_row + 1, len(tab.rows))
        if (title := _text(tab.cell(row, columns["title"]))) and not is_remark(title)
    }
    ids = {row: normal_header(as_text(_cell(tab, row, columns, "id").value)) for row in titles}
    by_id = {row for row, key in ids.items() if _ID.fullmatch(key)}
    if len(by_id) == sum(map(bool, ids.values())):
        by_id = set()
    found = by_id | {
        row
        for row, title in titles.items()
        if not (ids[row] and by_id)
        and not is_id_of_key_result(ids[row])
        and _begins_as_objective(title, has_target=_filled(_cell(tab, row, columns, "target")))
    }
    return frozenset(found) if len(found) < len(titles) else frozenset()


def is_id_of_key_result(key: str) -> bool:
    """Whether an id says that its row is a key result, such as `KR1`."""
    return _ID_OF_KEY_RESULT.match(normal_header(key)) is not None


def _begins_as_objective(title: str, *, has_target: bool) -> bool:
    """Whether a title begins with `O1:`, `Objective:`, `目標一：` or the like; `O2 sensors` needs to lack a target."""
    begin = _TITLE.match(title)
    return begin is not None and not (begin["bare"] and has_target) and not _TITLE_OF_KEY_RESULT.match(title)


def _cell(tab: Tab, row: int, columns: Mapping[str, int], name: str) -> Cell:
    return tab.cell(row, columns[name]) if name in columns else EMPTY


def _filled(cell: Cell) -> bool:
    return cell.value is not None or cell.error is not None


def _text(cell: Cell) -> str:
    return cell.value.strip() if isinstance(cell.value, str) and cell.formula is None else ""
