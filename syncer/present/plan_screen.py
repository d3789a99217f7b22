"""The plan for a terminal: a row per key result, what changed below it, sums and the next step at the end.

What does not fit falls away in this order: the progress before, then the value, which moves to the line below. Titles
are wrapped, never cut.
"""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from config.dataclass import dataclass
from config.plain_text import one_line
from syncer.i18n import join, localize, status_label, translate
from syncer.method.status import Status
from syncer.model.plan import Line, Mark, Plan
from syncer.present.delta_text import delta_text
from syncer.present.plan_foot import LEGEND_GAP, SIGNS, legend, note_texts, short_summary, verdict
from syncer.present.plan_text import held_texts, other_texts, plan_heading, shown_currents
from syncer.present.screen_text import HEAD, QUIET, STYLES, below, pairs, rendered, status_sign
from syncer.present.text_width import padded, to_right, widest, wrapped
from syncer.sheet.number_text import NOTHING, show_percent_change

_MARKS = {
    Mark.NEW: "bold green",
    Mark.CHANGE: "bold yellow",
    Mark.CONFLICT: "bold red",
    Mark.ADOPT: "bold magenta",
    Mark.UNKNOWN: "bold magenta",
    Mark.SAME: QUIET,
    Mark.CALENDAR: QUIET,
}
_WIDEST_ID, _WIDEST_VALUE, _WIDEST_TITLE, _LEAST_TITLE = 24, 26, 72, 28
_DOT = " · "
_FOLDED = Mark.CALENDAR
"""Mark of key results that share one line at the end."""


Following = Sequence[tuple[str, str]]
"""Commands to run next, each with what it does."""


@dataclass(frozen=True, slots=True)
class _Table:
    """Column widths in terminal cells; a `value` of 0: values are on the line below. `before`: earlier progress too."""

    language: str
    width: int
    id: int
    title: int
    value: int
    progress: int
    before: bool

    @property
    def indent(self) -> int:
        """Column where titles, and the lines below them, begin."""
        return 2 + self.id + 2


def plan_screen(plan: Plan, language: str, closing: str, width: int, *, colour: bool, following: Following = ()) -> str:
    """Format the plan for a terminal of `width` cells; `closing` says what was or was not written."""
    shown = [line for line in plan.lines if line.mark is not _FOLDED or line.is_objective]
    table = _table(shown, language, width)
    lines = [Text(text, HEAD) for text in wrapped([plan_heading(plan, language)], width)]
    lines += [Text(), *_heads(table)]
    group = ""
    for index, line in enumerate(shown):
        if index and (line.is_objective or line.objective != group):
            lines += [Text()]
        if line.is_objective:
            group = line.id
            lines += _row(line, table)
            continue
        if line.objective != group:
            group = line.objective
            lines += [Text(translate(language, "Without an objective"), HEAD)]
        lines += [*_row(line, table), *_details(line, table)]
    lines += _notes(plan, language, width)
    meanings = legend(plan, language)
    each = [meanings] if cell_len(meanings) <= width else meanings.split(LEGEND_GAP)
    lines += [Text(), *(Text(text, QUIET) for text in wrapped(each, width) if text)]
    lines += [Text(text, HEAD) for text in wrapped([short_summary(plan, language)], width)]
    tone = "red" if plan.guards else "green"
    first, *rest = verdict(plan, language, closing)
    lines += [Text(text, tone) for text in wrapped([first], width)]
    lines += [Text(text) for text in wrapped(rest, width)]
    if following:
        lines += [Text(), Text(translate(language, "What to do next:"), HEAD), *pairs(following, width, 2, "cyan")]
    return rendered(lines, colour=colour)


def _table(shown: Sequence[Line], language: str, width: int) -> _Table:
    ids = widest([line.id for line in shown], _WIDEST_ID)
    natural = widest([one_line(line.title) for line in shown], _WIDEST_TITLE)
    values = [cell_len(_value(line, language)) for line in shown]
    value = max((each for each in values if each <= _WIDEST_VALUE), default=0)
    statuses = widest([_status(line, language).plain for line in shown], _WIDEST_ID)
    table = _Table(language, width, ids, natural, value, 0, before=True)
    value = max(value, cell_len(translate(language, "Value"))) if value else 0
    for with_value, before in ((value, True), (value, False), (0, False)):
        shares = [_progress(line, before=before) for line in shown]
        if with_value:
            shares.append(translate(language, "Progress"))
        progress = widest(shares, _WIDEST_VALUE)
        room = width - 2 - ids - 2 - (with_value + 2 if with_value else 0) - 2 - progress - 2 - statuses
        title = min(natural, max(room, _LEAST_TITLE // 2))
        table = _Table(language, width, ids, title, with_value, progress, before)
        if room >= min(natural, _LEAST_TITLE):
            break
    return table


def _heads(table: _Table) -> Iterator[Text]:
    """Yield the names of the two columns of numbers; nothing where there is only one."""
    if table.value:
        value = to_right(translate(table.language, "Value"), table.value)
        progress = to_right(translate(table.language, "Progress"), table.progress)
        yield Text(f"{' ' * (table.indent + table.title)}  {value}  {progress}", QUIET)


def _row(line: Line, table: _Table) -> Iterator[Text]:
    """Yield the row of a key result or an objective; further lines hold the rest of its title."""
    titles = wrapped([one_line(line.title)], table.title) or [""]
    quiet = QUIET if line.mark in (Mark.SAME, _FOLDED) and not line.is_objective else ""
    weight = HEAD if line.is_objective else quiet
    row = Text()
    if line.is_objective:
        row.append(f"{padded(line.id, table.id + 2)}  ", HEAD)
    else:
        row.append(SIGNS[line.mark], _MARKS[line.mark]).append(f" {padded(line.id, table.id)}  ", quiet)
    row.append(padded(titles[0], table.title), weight)
    value = _value(line, table.language)
    if table.value:
        inside = value if cell_len(value) <= table.value else ""
        row.append("  ").append_text(_moved(to_right(inside, table.value), quiet))
    row.append("  ").append_text(_moved(to_right(_progress(line, before=table.before), table.progress), quiet))
    yield row.append("  ").append_text(_status(line, table.language))
    yield from (Text(" " * table.indent).append(title, weight) for title in titles[1:])
    if cell_len(value) > table.value:
        yield Text(" " * table.indent).append_text(_moved(value, quiet))


def _moved(text: str, style: str) -> Text:
    """Style a text such as `70% -> 100%`: what was is quiet, what is now stands out."""
    before, arrow, after = text.rpartition(" -> ")
    if not arrow:
        return Text(text, style)
    return Text().append(before + arrow, QUIET).append(after, HEAD)


def _value(line: Line, language: str) -> str:
    if line.is_objective or (line.after.progress is None and line.mark is not Mark.NEW):
        return ""
    return _arrow(*shown_currents(line, language))


def _progress(line: Line, *, before: bool) -> str:
    was, now = show_percent_change(line.before.progress, line.after.progress)
    if line.after.progress is None:
        return was
    return _arrow(was if before else NOTHING, now)


def _arrow(before: str, after: str) -> str:
    return after if before in (after, NOTHING) else f"{before} -> {after}"


def _status(line: Line, language: str) -> Text:
    if line.after.progress is None and not line.is_objective:
        return Text(status_sign(Status.UNKNOWN, language), STYLES[Status.UNKNOWN])
    if not line.after.status:
        return Text()
    status = Status(line.after.status)
    return Text(status_sign(status, language), STYLES[status])


def _details(line: Line, table: _Table) -> Iterator[Text]:
    """Yield what changed, why, and where from, below a row; nothing below an unchanged one."""
    language = table.language
    if line.reason:
        yield from below(one_line(localize(language, line.reason)), table.indent, table.width)
    elif line.mark is not Mark.SAME:
        was = line.before.status
        changed = [delta_text(line.delta, language, percent=line.style.percent)]
        if was and was != line.after.status:
            changed.insert(0, translate(language, "was {status}", status=status_label(was, language)))
        if news := _DOT.join(one_line(text) for text in changed if text):
            yield from below(news, table.indent, table.width)
        quiet = _DOT.join(one_line(text) for text in (localize(language, line.why), line.source) if text)
        if quiet:
            yield from below(quiet, table.indent, table.width, QUIET)
    for text in (*held_texts(line, language), *other_texts(line, language)):
        yield from below(text, table.indent, table.width)


def _notes(plan: Plan, language: str, width: int) -> list[Text]:
    calendar = [line.id for line in plan.lines if line.mark is _FOLDED and not line.is_objective]
    texts = note_texts(plan, language)
    if calendar:
        texts.insert(0, translate(language, "Changed only by the date: {names}", names=join(language, calendar)))
    lines = [Text(line) for text in texts for line in wrapped([text], width)]
    return [Text(), *lines] if lines else []
