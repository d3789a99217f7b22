"""Text of a proposal for `init --sheet`, and a CSV of the overwritten values."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Sequence

from config.plain_text import one_line
from connectors.grids.a1 import cell_name, letters
from syncer.i18n import join, join_clauses, localize, translate, translate_count
from syncer.make_sheet.missing_tabs import NewSheet
from syncer.make_sheet.proposal import Proposal, TabProposal
from syncer.plan.notes import header_text
from syncer.plan.own_tab_plan import spans
from syncer.sheet.columns import header_of
from syncer.sheet.layout import filled_down
from syncer.sheet.unknown_headers import unknown_headers

MOST_IDS = 12
"""Number of ids of a new tab that are shown."""


def proposal_text(proposal: Proposal, language: str) -> str:
    """Format a proposal for confirmation."""
    lines = []
    for tab in proposal.tabs:
        if not tab.empty:
            lines.append(_head(tab, language))
            lines += [f"  {one_line(localize(language, header_text(one)))}" for one in unknown_headers(tab.layout)]
            lines += _tab_lines(tab, language)
    lines += _unnamed(proposal, language)
    count = sum(len(tab.ids) + len(tab.columns) + len(tab.lookups) for tab in proposal.tabs)
    lines.append(
        translate_count(
            language,
            "{count} cell would be written; nothing else changes.",
            "{count} cells would be written; nothing else changes.",
            count,
        )
    )
    return "\n".join(lines)


def additions_lines(proposal: Proposal, language: str) -> Iterator[str]:
    """List what `init --sheet` would add to tabs that are there."""
    for tab in proposal.tabs:
        if not tab.empty:
            yield _head(tab, language)
            yield from _tab_lines(tab, language)
    yield from _unnamed(proposal, language)


def new_sheet_lines(sheet: NewSheet, language: str) -> Iterator[str]:
    """List the tabs that `init --sheet` would make, with their columns and rows."""
    columns = translate_count(language, "{count} column", "{count} columns", len(sheet.columns))
    for tab in sheet.tabs:
        rows = translate_count(language, "{count:,} row", "{count:,} rows", len(tab.ids))
        size = join_clauses(language, (columns, rows))
        named = [translate(language, "tab '{title}'", title=tab.title)] if tab.title else []
        yield join_clauses(language, (*named, size)) + localize(language, tab.meant)
        if tab.ids:
            yield "  " + translate(language, "ids: {ids}", ids=join(language, _some(tab.ids, language)))
    yield "  " + translate(language, "columns: {columns}", columns=join(language, sheet.headers))
    for title in sheet.further:
        yield translate(language, "tab '{title}'", title=title)


def _some(ids: Sequence[str], language: str) -> list[str]:
    more = len(ids) - MOST_IDS
    return [*ids[:MOST_IDS], *([translate(language, "and {more} more", more=more)] if more > 0 else [])]


def _head(tab: TabProposal, language: str) -> str:
    title, row = tab.layout.tab.title, tab.layout.header_row + 1
    return translate(language, "Tab '{tab}', headers in row {row}:", tab=title, row=row)


def _tab_lines(tab: TabProposal, language: str) -> Iterator[str]:
    """List the columns, ids and lookups that a tab lacks."""
    if tab.columns:
        heads = [f"{letters(index)} {header_of(name, language)}" for name, index in tab.columns.items()]
        yield "  " + translate(language, "new columns: {columns}", columns=join(language, heads))
    for new in tab.ids:
        above = filled_down(tab.layout, new.row, "objective")
        objective = above.value if above is not None and isinstance(above.value, str) else ""
        title = f"{objective} / {new.title}" if objective and objective.strip() != new.title else new.title
        yield f"  {cell_name(new.row, tab.id_column)}  {new.id}  {' '.join(title.split())}"
        if new.may_be_objective:
            yield "    " + translate(
                language,
                "it may be an objective, as it has no target, owner or current value, and the next row has; if it is "
                "one, answer no, begin its title with `Objective: ` and run this again",
            )
    yield from _lookup_lines(tab, language)


def _unnamed(proposal: Proposal, language: str) -> Iterator[str]:
    if proposal.unnamed:
        yield translate(
            language,
            "Other tabs that look like OKRs: {tabs}. List them in okr_sheet.tabs to include them.",
            tabs=join(language, proposal.unnamed),
        )


def _lookup_lines(tab: TabProposal, language: str) -> Iterator[str]:
    """List the lookups by column, and one by one where they overwrite manual values."""
    rows: dict[str, set[int]] = defaultdict(set)
    for one in tab.lookups:
        if not one.replaced:
            rows[one.column].add(one.row + 1)
    alike: dict[str, list[str]] = defaultdict(list)
    for name, numbers in rows.items():
        alike[spans(numbers)].append(header_of(name, language))
    for stretch, names in alike.items():
        lookups = translate(
            language,
            "lookups of okrsync's numbers in {columns}, rows {rows}",
            columns=join(language, names),
            rows=stretch,
        )
        yield f"  {lookups}"
    for one in tab.lookups:
        if one.replaced:
            place = cell_name(one.row, one.index)
            lookup = translate(
                language, "a lookup over '{value}', which was typed by hand", value=" ".join(one.replaced.split())
            )
            yield f"  {place}  {header_of(one.column, language)}: {lookup}"


def replaced_csv(proposal: Proposal) -> str:
    """Return the values that lookups overwrite as CSV: tab, cell, value."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("tab", "cell", "value"))
    writer.writerows((title, cell_name(one.row, one.index), one.replaced) for title, one in proposal.replaced)
    return out.getvalue()
