"""The plan of writing scores, before it is confirmed."""

from syncer.planning.plan import Line, Plan
from syncer.sheet.columns import COLUMNS
from syncer.show.figures import NOTHING, fit, one_line, show_value, widest
from syncer.show.plan_text import SIGNS, WHY_ZH
from syncer.words import say


def score_plan_text(plan: Plan, language: str) -> str:
    """One line per key result: the score that stands there, and the one to be written."""
    column = COLUMNS["computed_score"]
    head = say(
        language,
        f'Plan: {column.en} in "{one_line(plan.title)}", {plan.cycle}',
        f"變更計畫：「{one_line(plan.title)}」{plan.cycle} 的{column.zh}",
    )
    width = widest([line.id for line in plan.lines], 24)
    lines = [f"  {SIGNS[line.mark]} {fit(line.id, width)}  {_moved(line, language)}" for line in plan.lines]
    count = len(plan.changes)
    return "\n".join([head, *lines, say(language, f"{count} cells to write.", f"寫入 {count} 格。")]) + "\n"


def _moved(line: Line, language: str) -> str:
    before, after = show_value(line.before.current), show_value(line.after.current)
    if line.held:
        held = line.held[0]
        why = say(language, held.why, WHY_ZH.get(held.why, held.why))
        return say(language, f"kept '{one_line(held.now)}' (computed {after}): {why}",
                   f"保留「{one_line(held.now)}」（系統 {after}）：{why}")  # fmt: skip
    return after if before in (after, NOTHING) else f"{before} -> {after}"
