"""Output of `check --online` as text and as JSON data: what the reads found, and what `init --sheet` would add."""

from collections.abc import Iterator
from typing import Any

from config.plain_text import one_line
from connectors.http import shorten
from connectors.protocol import Reading
from syncer.i18n import bracketed, join, join_clauses, localize, translate, translate_count
from syncer.make_sheet.proposal_text import additions_lines, new_sheet_lines
from syncer.make_sheet.try_out import Tried
from syncer.plan.notes import header_text
from syncer.plan.rows import known_columns
from syncer.present.error_text import error_text
from syncer.present.measure_json import measure_data
from syncer.present.notes_text import reading_notes
from syncer.sheet.columns import header_of
from syncer.sheet.number_text import reason_text, show_number
from syncer.sheet.unknown_headers import unknown_headers


def online_text(seen: Tried) -> str:
    """List the measures with value or error, then the sheet's tabs with their recognised columns."""
    language = seen.config.workspace.language
    lines = []
    for name, result in sorted(seen.results.items()):
        figure, reason = seen.figures[name], result.figure.reason
        named = translate(language, "{name} ({place})", name=name, place=seen.config.place_of(name))
        if isinstance(result.answer, Reading):
            rows = translate_count(language, "{count:,} row", "{count:,} rows", result.answer.count)
            asked = shorten(result.answer.asked)
            value = (
                translate(language, "is unknown: {reason}", reason=reason_text(reason, language))
                if figure.value is None
                else f"= {show_number(figure.value)}"
            )
            sign = "?   " if figure.value is None else "ok  "
            read = join_clauses(language, (result.source, rows)) + translate(language, ": ") + one_line(asked)
            lines.append(f"  {sign}  {named} {value}{bracketed(language, read)}")
            lines += [f"        {line}" for line in reading_notes(seen, name)]
        elif result.answer is not None:
            lines += [
                f"  FAIL  {named}",
                *(f"        {line}" for line in error_text(result.answer.error, language).splitlines()),
            ]
    for layout in seen.layouts:
        headers = join(language, (header_of(name, language) for name in known_columns(layout)))
        title, row = one_line(layout.tab.title), layout.header_row + 1
        found = translate(
            language, "tab '{title}', headers in row {row}: {headers}", title=title, row=row, headers=headers
        )
        lines.append(f"  ok    {found}")
        unread = (one_line(localize(language, header_text(one))) for one in unknown_headers(layout))
        lines += [f"        {text}" for text in unread]
    lines += _init_sheet_lines(seen, language)
    return "".join(f"{line}\n" for line in lines)


def _init_sheet_lines(seen: Tried, language: str) -> Iterator[str]:
    """Say what `init --sheet` would make and add."""
    if seen.new_sheet and seen.new_sheet.file:
        file = one_line(seen.new_sheet.file)
        text = (
            translate(language, "{file} is empty; `okrsync init --sheet` would fill it:", file=file)
            if seen.config.workspace.okr_sheet.link
            else translate(language, "{file} does not exist yet; `okrsync init --sheet` would make it:", file=file)
        )
        yield f"  new   {text}"
    elif seen.new_sheet:
        text = translate(language, "the OKR sheet has tabs missing; `okrsync init --sheet` would make them:")
        yield f"  new   {text}"
    if seen.new_sheet:
        yield from (_indented(line) for line in new_sheet_lines(seen.new_sheet, language))
    if seen.additions:
        text = translate(language, "`okrsync init --sheet` would add what the sheet lacks, after showing it:")
        yield f"  new   {text}"
        yield from (_indented(line) for line in additions_lines(seen.additions, language))


def _indented(line: str) -> str:
    text = line.lstrip()
    return " " * (8 + len(line) - len(text)) + one_line(text)


def online_data(seen: Tried) -> dict[str, Any]:
    """Return what the reads of measures and of the sheet gave, as JSON data."""
    return {
        "measures": [measure_data(seen, name) for name, result in sorted(seen.results.items()) if result.answer],
        "tabs": [
            {
                "title": layout.tab.title,
                "header_row": layout.header_row + 1,
                "columns": list(known_columns(layout)),
            }
            for layout in seen.layouts
        ],
        "init_sheet": _init_sheet(seen) if seen.new_sheet or seen.additions else None,
    }


def _init_sheet(seen: Tried) -> dict[str, Any]:
    """Return what `init --sheet` would make and add."""
    new, added = seen.new_sheet, seen.additions
    return {
        "file": (new.file or None) if new else None,
        "new_tabs": [{"title": tab.title or None, "ids": list(tab.ids)} for tab in new.tabs] if new else [],
        "new_columns": list(new.columns) if new else [],
        "further_tabs": list(new.further) if new else [],
        "added": [
            {
                "tab": tab.layout.tab.title,
                "columns": list(tab.columns),
                "ids": [{"row": one.row + 1, "id": one.id, "title": one.title} for one in tab.ids],
                "lookups": len(tab.lookups),
            }
            for tab in (added.tabs if added else ())
            if not tab.empty
        ],
    }
