"""Output of `check` as text and as versioned JSON: what the config holds; with `--online` what the reads found."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from config.loading.loader import Config
from config.plain_text import one_line
from connectors.http import shorten
from connectors.protocol import ReadError, Reading
from syncer.compute.assess import Assessment
from syncer.i18n import bracketed, join, join_clauses, localize, translate, translate_count
from syncer.make_sheet.proposal_text import additions_lines, new_sheet_lines
from syncer.make_sheet.try_out import Tried
from syncer.model.history import Cause
from syncer.plan.notes import header_text
from syncer.plan.rows import known_columns
from syncer.present.error_text import error_data, error_text
from syncer.present.json_values import json_document, json_instant, json_number, json_reason, json_text
from syncer.present.notes_text import reading_notes
from syncer.sheet.columns import header_of
from syncer.sheet.number_text import reason_text, show_number
from syncer.sheet.unknown_headers import unknown_headers
from syncer.sources.reads import notes_of


def check_text(config: Config) -> str:
    """Say that a config has no problems, and what it holds."""
    language = config.workspace.language
    objectives, key_results = len(config.workspace.objectives), len(config.key_results)
    text = translate(
        language,
        "{path}: {objectives}, {key_results}, {measures}. No problems.",
        path=config.path,
        objectives=translate_count(language, "{count} objective", "{count} objectives", objectives),
        key_results=translate_count(language, "{count} key result", "{count} key results", key_results),
        measures=translate_count(language, "{count} measure", "{count} measures", len(config.measures)),
    )
    return f"{text}\n"


def exposed_text(place: str, file: Path, language: str) -> str:
    """Warn that other users may read the file of a secret; `place` is its dotted path in the config."""
    return translate(
        language,
        "warning: {place}: every user of this machine may read {shown}. Run: chmod 600 {shown}",
        place=place,
        shown=one_line(str(file)),
    )


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
        text = translate(language, "{file} does not exist yet; `okrsync init --sheet` would make it:", file=file)
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


VERSION = 1
"""Version of the JSON; incremented when a field is removed or changes meaning, not when one is added."""


def check_json(config: Config, exposed: Iterable[tuple[str, Path]], seen: Tried | None) -> str:
    """Format a config without problems as JSON; `seen` holds the readings of `--online`, None without it."""
    data = {
        "version": VERSION,
        "config": str(config.path),
        "objectives": len(config.workspace.objectives),
        "key_results": len(config.key_results),
        "measures": len(config.measures),
        "exposed_secrets": [{"path": path, "file": str(file)} for path, file in exposed],
        "online": _online(seen) if seen else None,
    }
    return json_document(data)


def _online(seen: Tried) -> dict[str, Any]:
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


def measure_data(seen: Assessment | Tried, name: str) -> dict[str, Any]:
    """Return what the read of a measure gave, as JSON data."""
    result, place = seen.results[name], seen.config.place_of(name)
    reading = result.answer if isinstance(result.answer, Reading) else None
    error = result.answer.error if isinstance(result.answer, ReadError) else None
    return {
        "name": name,
        "file": place.file,
        "line": place.line or None,
        "from": result.source,
        "asked": reading.asked if reading else None,
        "link": (reading.link or None) if reading else None,
        "read_at": json_instant(reading.read_at, seen.now.tzinfo) if reading else None,
        "rows": reading.count if reading else None,
        "counted": result.counted,
        "value": json_number(seen.figures[name].value),
        "notes": [json_text(text) for text in notes_of(reading, seen.config.expressions[name])] if reading else [],
        "warnings": [json_text(text) for text in result.all_warnings],
        "reason": json_reason(result.figure.reason, Cause.READ_FAILED if error else Cause.NO_VALUE),
        "error": error_data(error) if error else None,
    }
