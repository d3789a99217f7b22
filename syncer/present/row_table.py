"""Rows behind a number: one line per row for files and pipes, or a table fitted to a terminal."""

import re
from collections.abc import Sequence

from rich.cells import cell_len

from config.plain_text import one_line
from syncer.i18n import join, translate, translate_count
from syncer.ledger.records import ShownRow
from syncer.present.text_width import fit, to_right, widest
from syncer.sheet.number_text import NOTHING
from syncer.sources.read_sources import ROWS_SHOWN

INDENT = "    "
"""Indent of every line about rows."""
_LINK = "url"
"""Column of links to rows, which a table leaves out."""
_WIDEST, _GAP = 40, "  "
_NUMBER = re.compile(r"-?[\d,.]+%?")


def row_lines(rows: Sequence[ShownRow], total: int, language: str, most: int = ROWS_SHOWN, width: int = 0) -> list[str]:
    """List up to `most` rows behind a number, with a tick on those that count, and how many of `total` follow.

    A table for a terminal of `width` cells, or with a width of 0 one line of names and values per row.
    """
    columns = list(dict.fromkeys(column for row in rows for column in row.values))
    lines = _table(rows[:most], columns, language, width) if width else _named_values(rows[:most], columns)
    return [*lines, *more_rows(total if rows else 0, language, most)]


def more_rows(total: int, language: str, most: int = ROWS_SHOWN) -> list[str]:
    """Say how many of `total` rows are left out of a list of `most`; empty list if none."""
    more = total - most
    if more <= 0:
        return []
    return [translate_count(language, "    … and {count:,} more row", "    … and {count:,} more rows", more)]


def short(text: str) -> str:
    """Cut a value of a row to at most 60 characters."""
    return text if len(text) <= 60 else text[:59] + "…"  # noqa: PLR2004 - one row on one line


def _tick(row: ShownRow) -> str:
    return f"{INDENT}{'✓' if row.counted else ' '} "


def _named_values(rows: Sequence[ShownRow], columns: Sequence[str]) -> list[str]:
    return [
        _tick(row) + one_line(_GAP.join(f"{column}={short(row.values.get(column, NOTHING))}" for column in columns))
        for row in rows
    ]


def _table(rows: Sequence[ShownRow], columns: Sequence[str], language: str, width: int) -> list[str]:
    """Format rows as a table below the names of its columns; the last columns fall away where it would be too wide."""
    shown = [column for column in columns if column != _LINK]
    if not rows or not shown:
        return [_tick(row).rstrip() for row in rows]
    cells = {column: [one_line(row.values.get(column, NOTHING)) for row in rows] for column in shown}
    widths: dict[str, int] = {}
    kept: list[str] = []
    room = width - len(INDENT) - 2
    for column in shown:
        widths[column] = min(widest([one_line(column), *cells[column]], _WIDEST), max(width - len(INDENT) - 2, 1))
        if kept and room < widths[column]:
            break
        kept.append(column)
        room -= widths[column] + len(_GAP)
    lines = [f"{INDENT}  {_GAP.join(_cell(column, widths[column], cells[column]) for column in kept)}".rstrip()]
    for number, row in enumerate(rows):
        values = (_cell(cells[column][number], widths[column], cells[column]) for column in kept)
        lines.append((_tick(row) + _GAP.join(values)).rstrip())
    if left := shown[len(kept) :]:
        lines.append(
            INDENT + fit(translate(language, "not shown: {names}", names=join(language, left)), width - 4).rstrip()
        )
    return lines


def _cell(text: str, width: int, values: Sequence[str]) -> str:
    """Fit a text to its column; columns of numbers are aligned to the right."""
    numbers = all(_NUMBER.fullmatch(value) or value in ("", NOTHING) for value in values)
    return to_right(text, width) if numbers and cell_len(text) <= width else fit(one_line(text), width)
