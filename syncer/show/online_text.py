"""What `check --online` found: each read, and where the sheet's columns stand."""

from connectors.base import Reading
from connectors.http import shorten
from syncer.planning.rows import known_columns
from syncer.sheet.columns import header_of
from syncer.show.error_text import error_text
from syncer.show.figures import one_line, show_number
from syncer.survey import Survey
from syncer.words import bracketed, clauses, listed, say, say_many, translated


def online_text(survey: Survey) -> str:
    """One line per measure, then the sheet's tabs with the columns recognised."""
    language = survey.config.workspace.language
    lines = []
    for name, basis in sorted(survey.bases.items()):
        figure = survey.figures[name]
        if isinstance(basis.answer, Reading):
            rows = say_many(language, "{count:,} row", "{count:,} rows", basis.answer.count)
            asked = shorten(basis.answer.asked)
            told = (
                say(language, "is unknown: {reason}", reason=one_line(translated(language, figure.reason)))
                if figure.value is None
                else f"= {show_number(figure.value)}"
            )
            sign = "?   " if figure.value is None else "ok  "
            read = clauses(language, (basis.source, rows)) + say(language, ": ") + one_line(asked)
            lines.append(f"  {sign}  {name} {told} {bracketed(language, read)}")
        elif basis.answer is not None:
            lines += [
                f"  FAIL  {name}",
                *(f"        {line}" for line in error_text(basis.answer.error, language).splitlines()),
            ]
    for layout in survey.view.layouts:
        headers = listed(language, (header_of(name, language) for name in known_columns(layout)))
        title, row = one_line(layout.tab.title), layout.header_row + 1
        found = say(language, "tab '{title}', headers in row {row}: {headers}", title=title, row=row, headers=headers)
        lines.append(f"  ok    {found}")
    return "\n".join(lines) + "\n"
