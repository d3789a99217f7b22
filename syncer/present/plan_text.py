"""The plan, and the plan of scores, as text for a terminal. The same plan gives the same bytes."""

from config.dataclass import dataclass
from config.plain_text import one_line
from syncer.i18n import join, localize, status_label, translatable, translate, translate_count
from syncer.model.cells import as_text
from syncer.model.plan import Decision, Line, Mark, Plan
from syncer.plan.rows import PERCENT_COLUMNS, VALUE_COLUMNS
from syncer.present.delta_text import why_text
from syncer.present.plan_foot import SIGNS, legend, note_texts, summary, verdict
from syncer.present.text_width import fit, widest, wrapped
from syncer.run.pipeline import RunReport
from syncer.run.write import Receipt
from syncer.sheet.columns import COLUMNS, ROWS_READ, header_of
from syncer.sheet.number_text import NOTHING, show_change, show_percent, show_percent_change, show_value

TITLE_WIDTH = 44
VALUE_WIDTH = 32


@dataclass(frozen=True, slots=True)
class _Widths:
    """Column widths in terminal cells."""

    id: int
    title: int
    value: int
    progress: int


def plan_text(plan: Plan, language: str, closing: str, *, explain_marks: bool = False) -> str:
    """Format the plan for files and pipes; `closing` says what was or was not written.

    `explain_marks` adds the meaning of the marks at its foot.
    """
    lines = [plan_heading(plan, language)]
    shown = [
        (line, _value(line, language), _progress(line))
        for line in plan.lines
        if line.mark is not Mark.CALENDAR or line.is_objective
    ]
    widths = _Widths(
        widest([line.id for line, _, _ in shown], 24),
        widest([one_line(line.title) for line, _, _ in shown], TITLE_WIDTH),
        widest([value for _, value, _ in shown], VALUE_WIDTH),
        widest([progress for _, _, progress in shown], VALUE_WIDTH),
    )
    above = ""
    for line, value, progress in shown:
        if not line.is_objective and above and line.objective != above:
            above = ""
            lines += ["", f"  {translate(language, 'Without an objective')}"]
        above = line.id if line.is_objective else above
        figures = f"{fit(value, widths.value)}  {fit(progress, widths.progress)}"
        lines += _line(line, figures, language, widths)
    calendar = [line.id for line in plan.lines if line.mark is Mark.CALENDAR and not line.is_objective]
    if calendar:
        lines += [
            "",
            translate(language, "Changed only by the date: {names}", names=join(language, calendar)),
        ]
    if plan.notes:
        lines += ["", *note_texts(plan, language)]
    meanings = legend(plan, language) if explain_marks else ""
    lines += ["", *([meanings] if meanings else []), summary(plan, language)]
    lines += verdict(plan, language, closing)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def plan_heading(plan: Plan, language: str) -> str:
    """Return the title of the plan: workspace, cycle, day of the cycle, and how many key results are unknown."""
    total, unknown = plan.key_results, plan.unknown
    return translate_count(
        language,
        'Plan for "{title}", {cycle}, day {day} of {days} ({count} key result, {unknown} unknown)',
        'Plan for "{title}", {cycle}, day {day} of {days} ({count} key results, {unknown} unknown)',
        total,
        title=one_line(plan.title),
        cycle=plan.cycle,
        day=plan.day,
        days=plan.days,
        unknown=unknown,
    )


def _line(line: Line, figures: str, language: str, widths: _Widths) -> list[str]:
    head = f"{fit(line.id, widths.id)}  {fit(one_line(line.title), widths.title)}"
    explanation = "  ".join(one_line(text) for text in _explanation(line, language) if text)
    if line.is_objective:
        return ["", f"  {head}    {figures}  {explanation}"]
    return [
        f"  {SIGNS[line.mark]} {head}  {figures}  {explanation}",
        *_below(held_texts(line, language)),
        *_below(other_texts(line, language)),
    ]


def _explanation(line: Line, language: str) -> tuple[str, ...]:
    if line.reason:
        return (localize(language, line.reason),)
    return (status_text(line, language), line.source, why_text(line, language))


def status_text(line: Line, language: str) -> str:
    """Return the label of a line's new status; empty when it has none."""
    return status_label(line.after.status, language) if line.after.status else ""


def _value(line: Line, language: str) -> str:
    if line.is_objective:
        return ""
    if line.after.progress is None and line.mark is not Mark.NEW:
        return translate(language, "left as is")
    return _arrow(*shown_currents(line, language))


def shown_currents(line: Line, language: str) -> tuple[str, str]:
    """Format the current value before and after the plan."""
    return show_change(line.before.current, line.after.current, line.style, language)


def _progress(line: Line) -> str:
    if line.after.progress is None:
        return show_percent(line.before.progress)
    return _arrow(*show_percent_change(line.before.progress, line.after.progress))


def _arrow(before: str, after: str) -> str:
    return after if before == after else f"{before} -> {after}"


WHY = (
    translatable("was changed by hand"),
    translatable("was typed by hand"),
    translatable("was filled before okrsync"),
    translatable("holds a formula"),
    translatable("protected"),
    translatable("inside a merge"),
)
"""Translatable reasons why a cell is left unchanged; reasons in a service's own words are shown as they are."""


UNDECIDED = frozenset({Decision.CONFLICT, Decision.UNADOPTED})


def held_texts(line: Line, language: str) -> list[str]:
    """Return a line about each cell that keeps another value than the wanted one, and why."""
    texts = []
    for held in line.held:
        percent = held.column in PERCENT_COLUMNS or (line.style.percent and held.column in VALUE_COLUMNS)
        wanted, now = (show_value(value, percent=percent) for value in (held.wanted, held.now))
        advice = ""
        if held.decision is Decision.CONFLICT:
            advice = translate(language, "; --overwrite {id} takes it back", id=line.id)
        elif held.decision is Decision.UNADOPTED:
            advice = translate(language, "; --adopt takes it over")
        elif held.why == "protected":
            advice = translate(
                language, "; it keeps this value until you unprotect it or let okrsync's account edit it"
            )
        kept = translate(
            language,
            "kept {column} '{now}' (wanted {wanted}): {why}{advice}",
            column=header_of(held.column, language),
            now=now,
            wanted=wanted,
            why=localize(language, held.why),
            advice=advice,
        )
        texts.append(kept)
    if any(COLUMNS[held.column].owner == "definition" and held.decision in UNDECIDED for held in line.held):
        blocked = translate(language, "nothing else is written in this row before that is decided")
        texts.append(blocked)
    return texts


def _below(texts: list[str]) -> list[str]:
    return [f"      {text}" for text in texts]


def other_texts(line: Line, language: str) -> list[str]:
    """Return lines about changed definition cells, such as title or target, which the figures do not show."""
    if line.mark is Mark.NEW:
        return []
    shown = {"current", "progress", "attainment", "expected", "status", "updated", "link", ROWS_READ}
    others = [change for change in line.changes if change.column not in shown and not change.follows]
    theirs = [change for change in others if change.before is None and line.place.startswith(f"{change.tab}!")]
    filled = [header_of(change.column, language) for change in theirs]
    texts = [translate(language, "fills in {names}", names=join(language, filled))] if filled else []
    for change in others:
        if change.before is not None:
            moved = f"{show_value(change.before)} -> {show_value(change.after)}"
            texts.append(f"{header_of(change.column, language)}{translate(language, ': ')}{moved}")
    return texts


def score_plan_text(plan: Plan, language: str, width: int = 0) -> str:
    """Format a plan of scores, one line per key result: the score in the sheet and the one to write.

    In a terminal of `width` cells (0: no terminal), the meaning of its marks is added at its foot.
    """
    head = translate(
        language,
        'Plan: {column} in "{title}", {cycle}',
        column=header_of("computed_score", language),
        title=one_line(plan.title),
        cycle=plan.cycle,
    )
    ids = widest([line.id for line in plan.lines], 24)
    lines = [f"  {SIGNS[line.mark]} {fit(line.id, ids)}  {_moved(line, language)}" for line in plan.lines]
    meanings = legend(plan, language) if width else ""
    foot = ["", *wrapped([meanings], width)] if meanings else []
    count = len(plan.changes)
    return (
        "\n".join(
            [head, *lines, *foot, translate_count(language, "{count} cell to write.", "{count} cells to write.", count)]
        )
        + "\n"
    )


def _moved(line: Line, language: str) -> str:
    before, after = show_value(line.before.current), show_value(line.after.current)
    if line.held:
        held = line.held[0]
        why = localize(language, held.why)
        return translate(
            language, "kept '{now}' (computed {after}): {why}", now=one_line(as_text(held.now)), after=after, why=why
        )
    return after if before in (after, NOTHING) else f"{before} -> {after}"


def closing(report: RunReport, language: str, *, dry: bool) -> str:
    """Return what a run wrote, or why it wrote nothing; a second line lists cells that were not written."""
    if dry:
        return translate(language, "Nothing was written (dry run).")
    if report.refusal is not None:
        return translate(language, "Nothing was written.")
    if report.receipt is None:
        return translate(language, "Nothing to write.")
    forced = translate(language, " Guards were lifted (--force).") if report.forced else ""
    written = translate_count(
        language,
        "Written and verified: {count} cell, run {run}.{forced}",
        "Written and verified: {count} cells, run {run}.{forced}",
        report.receipt.written,
        run=report.run,
        forced=forced,
    )
    return "\n".join([written, *_unlike_written(report.receipt, language)])


def scores_written_text(written: int, language: str) -> str:
    """Return how many cells of scores were written."""
    return translate_count(
        language, "Written and verified: {count} cell.", "Written and verified: {count} cells.", written
    )


def _unlike_written(receipt: Receipt, language: str) -> list[str]:
    """List the cells that read back with another value than planned, in one line."""
    if not receipt.wrong:
        return []
    named = translate(language, "; ").join(localize(language, cell) for cell in receipt.wrong)
    return [translate(language, "Reads back differently than written: {named}", named=named)]
