"""The plan of writing scores, before it is confirmed."""

from config.plain_text import one_line
from syncer.i18n import localize, translate
from syncer.model.cells import as_text
from syncer.model.plan import Line, Plan
from syncer.present.number_text import NOTHING, fit, show_value, widest
from syncer.present.plan_text import SIGNS
from syncer.sheet.columns import header_of


def score_plan_text(plan: Plan, language: str) -> str:
    """One line per key result: the score that stands there, and the one to be written."""
    head = translate(
        language,
        'Plan: {column} in "{title}", {cycle}',
        column=header_of("computed_score", language),
        title=one_line(plan.title),
        cycle=plan.cycle,
    )
    width = widest([line.id for line in plan.lines], 24)
    lines = [f"  {SIGNS[line.mark]} {fit(line.id, width)}  {_moved(line, language)}" for line in plan.lines]
    count = len(plan.changes)
    return "\n".join([head, *lines, translate(language, "{count} cells to write.", count=count)]) + "\n"


def _moved(line: Line, language: str) -> str:
    before, after = show_value(line.before.current), show_value(line.after.current)
    if line.held:
        held = line.held[0]
        why = localize(language, held.why)
        return translate(
            language, "kept '{now}' (computed {after}): {why}", now=one_line(as_text(held.now)), after=after, why=why
        )
    return after if before in (after, NOTHING) else f"{before} -> {after}"
