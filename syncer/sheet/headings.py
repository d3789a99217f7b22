"""Objectives of rows of the OKR sheet: of a merged cell, of the row itself, or of the nearest row above. Pure."""

import re
from typing import NamedTuple

from connectors.okr_sheet import EMPTY
from syncer.model.cells import as_text
from syncer.sheet.layout import Layout, cell_id, filled_down
from syncer.sheet.new_ids import is_heading, is_left_out, own_text
from syncer.sheet.shared_column import is_id_of_key_result

_PERIOD = re.compile(r"\b(?:Q[1-4]|H[12]|20\d\d|FY ?\d\d)\b|第[一二三四1-4]季|[上下]半年|年度", re.IGNORECASE)


class Heading(NamedTuple):
    """An objective by its tab, its first row and its text."""

    tab: str
    row: int
    title: str


def heading_of(layout: Layout, row: int) -> Heading | None:
    """Return the objective of a row with a key result; None without one.

    An objective counts for its own row and those below, up to the next one.
    """
    if "objective" not in layout.columns and not layout.objective_rows:
        return None
    for above in range(row, layout.header_row, -1):
        objective = _objective(layout, above)
        if (
            objective
            and not is_left_out(layout, above)
            and (own_text(layout, above, "title") or is_heading(layout, above))
        ):
            merge = layout.merge(above, "objective")
            return Heading(layout.tab.title, merge.top if merge else above, objective)
    return None


def may_be_objective(layout: Layout, row: int) -> bool:
    """Whether a key result without target, owner and value leads one with them, in a tab that names no objective."""
    named = "objective" in layout.columns or layout.objective_rows
    if named or _has_figures(layout, row) or is_id_of_key_result(cell_id(layout.cell(row, "id") or EMPTY)):
        return False
    below = (
        number
        for number in range(row + 1, len(layout.tab.rows))
        if cell_id(layout.cell(number, "title") or EMPTY) and not is_left_out(layout, number)
    )
    following = next(below, None)
    return following is not None and _has_figures(layout, following)


def _has_figures(layout: Layout, row: int) -> bool:
    cells = [layout.cell(row, name) or EMPTY for name in ("target", "owner", "current")]
    return any(cell.value is not None or cell.error is not None for cell in cells)


def team_of_tab(layout: Layout, count: int) -> str:
    """Return the team whose OKRs a tab holds if OKRs are in several tabs; empty for a tab named after a period."""
    title = layout.tab.title
    return title if count > 1 and _PERIOD.search(title) is None else ""


def _objective(layout: Layout, row: int) -> str:
    if row in layout.objective_rows:
        return own_text(layout, row, "objective")
    cell = filled_down(layout, row, "objective")
    return as_text(cell.value) if cell is not None and isinstance(cell.value, str) else ""
