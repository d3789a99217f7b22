"""The plan as people read it in a terminal. The same plan gives the same bytes."""

from syncer.plan import Line, Mark, Plan
from syncer.show.figures import fit, one_line, show_percent, show_value, widest
from syncer.three_way import Decision
from syncer.words import say

SIGNS = {
    Mark.NEW: "+",
    Mark.CHANGE: "~",
    Mark.UNKNOWN: "?",
    Mark.CONFLICT: "!",
    Mark.ADOPT: "a",
    Mark.CALENDAR: " ",
    Mark.SAME: "=",
}
TITLE_WIDTH = 44
VALUE_WIDTH = 32


def plan_text(plan: Plan, language: str, closing: str) -> str:
    """The whole plan; `closing` is the last sentence: what was or was not written."""
    lines = [_heading(plan, language), ""]
    ids = widest([line.id for line in plan.lines], 24)
    titles = widest([one_line(line.title) for line in plan.lines], TITLE_WIDTH)
    for line in plan.lines:
        if line.mark is not Mark.CALENDAR or line.is_objective:
            lines += _line(line, language, ids, titles)
    calendar = [line.id for line in plan.lines if line.mark is Mark.CALENDAR and not line.is_objective]
    if calendar:
        lines += [
            "",
            say(language, f"Only the calendar moves: {', '.join(calendar)}", f"僅日期推移：{'、'.join(calendar)}"),
        ]
    if plan.notes:
        lines += ["", *plan.notes]
    lines += ["", summary(plan, language), *_safety(plan, language, closing)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _heading(plan: Plan, language: str) -> str:
    total, unknown = plan.key_results, plan.count(Mark.UNKNOWN)
    return say(
        language,
        f'Plan for "{one_line(plan.title)}", {plan.cycle}, day {plan.day} of {plan.days} '
        f"({total} key results, {unknown} unknown)",
        f"「{one_line(plan.title)}」變更計畫，{plan.cycle}，第 {plan.day}／{plan.days} 天"
        f"（{total} 項關鍵成果，{unknown} 項無資料）",
    )


def _line(line: Line, language: str, ids: int, titles: int) -> list[str]:
    indent = "" if line.is_objective else "  "
    sign = SIGNS[line.mark] if not line.is_objective else " "
    head = f"{indent}{sign} {fit(line.id, ids)}  {fit(one_line(line.title), titles)}"
    if line.is_objective:
        moved = _arrow(show_percent(line.before.progress), show_percent(line.after.progress))
        return ["", f"{head}    {fit(moved, VALUE_WIDTH)}  {line.after.status}  {line.why}"]
    if line.mark is Mark.UNKNOWN:
        left = say(language, "left as is", "維持原樣")
        return [f"{head}  {fit(left, VALUE_WIDTH)}  {one_line(line.reason)}", *_held(line, language)]
    value = _arrow(
        show_value(line.before.current, percent=line.percent), show_value(line.after.current, percent=line.percent)
    )
    progress = _arrow(show_percent(line.before.progress), show_percent(line.after.progress))
    figures = f"{value}  {progress}" if value else progress
    told = "  ".join(text for text in (line.after.status, line.source, line.why) if text)
    if line.mark is Mark.CONFLICT and line.reason:
        told = one_line(line.reason)
    return [f"{head}  {fit(figures, VALUE_WIDTH)}  {one_line(told)}", *_held(line, language), *_others(line, language)]


def _arrow(before: str, after: str) -> str:
    return after if before == after else f"{before} -> {after}"


def _held(line: Line, language: str) -> list[str]:
    texts = []
    for held in line.held:
        wanted = show_value(held.wanted, percent=line.percent and held.column in ("current", "baseline", "target"))
        advice = ""
        if held.decision is Decision.CONFLICT:
            advice = say(language, f"; --overwrite {line.id} takes it back", f"；--overwrite {line.id} 可改回")
        elif held.decision is Decision.UNADOPTED:
            advice = say(language, "; --adopt takes it over", "；--adopt 可接手")
        texts.append(
            "      "
            + say(
                language,
                f"kept {held.column} '{one_line(held.now)}' (wanted {wanted}): {held.why}{advice}",
                f"保留 {held.column}「{one_line(held.now)}」（應為 {wanted}）：{held.why}{advice}",
            )
        )
    return texts


def _others(line: Line, language: str) -> list[str]:
    """The definition cells that change, which the figures do not show."""
    if line.mark is Mark.NEW:
        return []
    shown = {"current", "progress", "attainment", "expected", "status", "updated"}
    return [
        "      "
        + say(
            language,
            f"{change.column}: {show_value(change.before)} -> {show_value(change.after)}",
            f"{change.column}：{show_value(change.before)} -> {show_value(change.after)}",
        )
        for change in line.changes
        if change.column not in shown
    ]


def summary(plan: Plan, language: str) -> str:
    """The counts in one line."""
    write = plan.count(Mark.CHANGE, Mark.CALENDAR)
    new, same = plan.count(Mark.NEW), plan.count(Mark.SAME)
    unknown, held = plan.count(Mark.UNKNOWN), plan.count(Mark.CONFLICT, Mark.ADOPT)
    return say(
        language,
        f"{write} to write, {new} new, {same} unchanged, {unknown} unknown, {held} in conflict; "
        f"{len(plan.changes)} cells.",
        f"寫入 {write} 項、新增 {new} 項、不變 {same} 項、無資料 {unknown} 項、不一致 {held} 項；"
        f"共 {len(plan.changes)} 格。",
    )


def _safety(plan: Plan, language: str, closing: str) -> list[str]:
    if not plan.guards:
        return [say(language, f"Safe: yes. {closing}", f"安全檢查：通過。{closing}")]
    return [
        say(language, "Safe: no, `okrsync sync` would refuse this plan:", "安全檢查：未通過，`okrsync sync` 會拒絕："),
        *(f"  - {refusal.reason}" for refusal in plan.guards),
        closing,
    ]
