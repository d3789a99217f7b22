"""The plan of writing scores, before it is confirmed."""

from syncer.planning.plan import Line, Plan
from syncer.sheet.columns import header_of
from syncer.show.figures import NOTHING, fit, one_line, show_value, widest
from syncer.show.plan_text import SIGNS
from syncer.words import say, translated


def score_plan_text(plan: Plan, language: str) -> str:
    """One line per key result: the score that stands there, and the one to be written."""
    head = say(
        language,
        'Plan: {column} in "{title}", {cycle}',
        column=header_of("computed_score", language),
        title=one_line(plan.title),
        cycle=plan.cycle,
    )
    width = widest([line.id for line in plan.lines], 24)
    lines = [f"  {SIGNS[line.mark]} {fit(line.id, width)}  {_moved(line, language)}" for line in plan.lines]
    count = len(plan.changes)
    return "\n".join([head, *lines, say(language, "{count} cells to write.", count=count)]) + "\n"


def _moved(line: Line, language: str) -> str:
    before, after = show_value(line.before.current), show_value(line.after.current)
    if line.held:
        held = line.held[0]
        why = translated(language, held.why)
        return say(language, "kept '{now}' (computed {after}): {why}", now=one_line(held.now), after=after, why=why)
    return after if before in (after, NOTHING) else f"{before} -> {after}"
