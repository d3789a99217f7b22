"""The plan as a markdown table, for a pull request or a chat."""

from config.plain_text import one_line
from syncer.i18n import localize, translate
from syncer.model.plan import Line, Mark, Plan
from syncer.present.number_text import show_percent
from syncer.present.plan_text import SIGNS, shown_currents, status_text, summary


def plan_markdown(plan: Plan, language: str, closing: str) -> str:
    """Format the plan as markdown, without unchanged key results; `closing` is the last line."""
    heads = translate(language, "| | id | key result | current | progress | status | source |")
    lines = [f"### {cell(plan.title)} · {plan.cycle}", "", heads, "|---|---|---|---|---|---|---|"]
    lines += [_row(line, language) for line in plan.lines if line.mark is not Mark.SAME or line.is_objective]
    lines += ["", summary(plan, language)]
    if plan.guards:
        lines += ["", translate(language, "**Refused by the guards:**"), ""]
        lines += [f"- {cell(localize(language, refusal.reason))}" for refusal in plan.guards]
    lines += [f"- {cell(localize(language, note.text))}" for note in plan.notes]
    return "\n".join([*lines, "", closing]) + "\n"


def cell(text: str) -> str:
    """Escape a text for a markdown table cell: one line, with markdown and HTML characters escaped."""
    cleaned = one_line(text)
    for char in "\\`*_[]<>|#":
        cleaned = cleaned.replace(char, f"\\{char}")
    return cleaned


def _row(line: Line, language: str) -> str:
    if line.is_objective:
        status = cell(status_text(line, language))
        return f"| | **{cell(line.id)}** | **{cell(line.title)}** | | {_moved(line)} | {status} | |"
    before, after = shown_currents(line, language)
    value = before if line.after.progress is None else after
    told = (
        localize(language, line.reason)
        or translate(language, "; ").join(f"{held.column}: {localize(language, held.why)}" for held in line.held)
        or line.source
    )
    current = cell(value if value == before else f"{before} → {value}")
    return (
        f"| `{SIGNS[line.mark].strip() or '·'}` | {cell(line.id)} | {cell(line.title)} | {current} "
        f"| {_moved(line)} | {cell(status_text(line, language))} | {cell(told)} |"
    )


def _moved(line: Line) -> str:
    before, after = show_percent(line.before.progress), show_percent(line.after.progress)
    return after if before == after else f"{before} → {after}"
