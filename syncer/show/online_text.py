"""What `check --online` found: each read, and where the sheet's columns stand."""

from connectors.base import Reading
from connectors.http import shorten
from syncer.planning.rows import known_columns
from syncer.sheet.columns import COLUMNS
from syncer.show.figures import one_line, show_number
from syncer.survey import Survey


def online_text(survey: Survey) -> str:
    """One line per measure, then the sheet's tabs with the columns recognised."""
    lines = []
    for name, basis in sorted(survey.bases.items()):
        figure = survey.figures[name]
        if isinstance(basis.answer, Reading):
            rows = f"{basis.answer.count:,} row{'' if basis.answer.count == 1 else 's'}"
            asked = shorten(basis.answer.asked)
            told = (
                "is unknown: " + one_line(figure.reason) if figure.value is None else f"= {show_number(figure.value)}"
            )
            sign = "?   " if figure.value is None else "ok  "
            lines.append(f"  {sign}  {name} {told}  ({basis.source}, {rows}: {one_line(asked)})")
        elif basis.answer is not None:
            lines += [f"  FAIL  {name}", *(f"        {line}" for line in str(basis.answer.error).splitlines())]
    for layout in survey.view.layouts:
        headers = ", ".join(COLUMNS[name].en for name in known_columns(layout))
        lines.append(f"  ok    tab '{one_line(layout.tab.title)}', headers in row {layout.header_row + 1}: {headers}")
    return "\n".join(lines) + "\n"
