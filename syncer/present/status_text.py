"""Shapes for statuses, readable without colour."""

from collections.abc import Mapping
from decimal import Decimal

from config.plain_text import one_line
from syncer.compute.assess import Assessment
from syncer.compute.change import change_of
from syncer.compute.states import KeyResultState, ObjectiveState
from syncer.i18n import bracketed, join_clauses, localize, translate
from syncer.method.status import Status
from syncer.present.notes_text import (
    known_words,
    kpi_cells,
    notes,
    objective_notes,
    show_end,
    status_words,
    trailing_words,
)
from syncer.present.plan_json import cell
from syncer.present.report.chapters import company_section, health_section, note_section, theme_section
from syncer.present.report.figures import change_text
from syncer.present.text_width import fit, padded, widest
from syncer.sheet.number_text import NOTHING, reason_text, show_percent, show_quantity

SIGNS: Mapping[Status, str] = {
    Status.DONE: "✔",
    Status.MET: "✔",
    Status.ON_TRACK: "●",
    Status.JUST_STARTED: "◔",
    Status.NOT_STARTED: "○",
    Status.AT_RISK: "▲",
    Status.OFF_TRACK: "■",
    Status.NOT_MET: "■",
    Status.STALE: "◷",
    Status.UNKNOWN: "?",
    Status.DROPPED: "–",
}

IN_NEED = (Status.OFF_TRACK, Status.NOT_MET, Status.AT_RISK, Status.STALE, Status.UNKNOWN)
"""Statuses that need attention, worst first."""


BAR = 12
TITLE_WIDTH = 44


def status_text(assessment: Assessment) -> str:
    """Format the status as plain text without colour, for files and pipes."""
    language = assessment.config.workspace.language
    lines = [heading(assessment, language)]
    ids = widest([state.definition.id for state in assessment.key_results] + [o.id for o in assessment.objectives], 24)
    every = [s.definition.title for s in assessment.key_results] + [o.title for o in assessment.objectives]
    titles = widest([one_line(title) for title in every], TITLE_WIDTH)
    for objective, states in grouped(assessment):
        lines.append("")
        if objective is not None:
            own = assessment.config.workspace.cycle_of(objective.id).name
            tag = f"  [{own}]" if own != assessment.config.workspace.cycle.name else ""
            lines.append(_objective(objective, language, ids, titles) + tag)
            lines += [f"    {' ' * ids}{text}" for text in objective_notes(assessment, objective)]
        for state in states:
            lines.append(_key_result(assessment, state, ids, titles))
            lines += [f"    {' ' * ids}{text}" for text in notes(state, language)]
    lines += _health(assessment, language)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _health(assessment: Assessment, language: str) -> list[str]:
    rows = [kpi_cells(kpi, language) for kpi in assessment.kpis]
    names, statuses = widest([row[0] for row in rows], TITLE_WIDTH), widest([row[3] for row in rows], TITLE_WIDTH)
    lines = [
        f"  {fit(name, names)}  {padded(status, statuses)}  {value}{bracketed(language, hold) if hold else ''}"
        for name, value, hold, status in rows
    ]
    return ["", translate(language, "Health metrics"), *lines] if lines else []


def grouped(assessment: Assessment) -> list[tuple[ObjectiveState | None, list[KeyResultState]]]:
    """Group key results by objective, in the order of the objectives; those without one come last, under None."""
    groups: list[tuple[ObjectiveState | None, list[KeyResultState]]] = [
        (objective, [state for state in assessment.key_results if state.definition.objective == objective.id])
        for objective in assessment.objectives
    ]
    known = {objective.id for objective in assessment.objectives}
    others = [state for state in assessment.key_results if state.definition.objective not in known]
    return [*groups, (None, others)] if others else groups


def bar(progress: Decimal | None) -> str:
    """Draw a progress (0 to 1) as a bar of 12 cells; dots when it is unknown."""
    if progress is None:
        return "·" * BAR
    full = int(progress * BAR)
    return "█" * full + "░" * (BAR - full)


def heading(assessment: Assessment, language: str) -> str:
    """Return the workspace's title, its cycle, and the day of the cycle."""
    cycle, today = assessment.config.workspace.cycle, assessment.now.date()
    day = max(0, min((today - cycle.first).days + 1, cycle.days))
    return translate(
        language,
        '"{title}", {name}, day {day} of {days} ({today})',
        title=one_line(assessment.title),
        name=cycle.name,
        day=day,
        days=cycle.days,
        today=today,
    )


def _objective(state: ObjectiveState, language: str, ids: int, titles: int) -> str:
    rollup = state.rollup
    counts = join_clauses(
        language, [known_words(rollup.known, rollup.total, language), *trailing_words(rollup, language)]
    )
    return (
        f"{fit(state.id, ids + 2)}  {fit(one_line(state.title), titles)}  {bar(rollup.progress)} "
        f"{show_percent(rollup.progress):>6}  {status_words(state, language)}{bracketed(language, counts)}"
    )


def _key_result(assessment: Assessment, state: KeyResultState, ids: int, titles: int) -> str:
    definition, language = state.definition, assessment.config.workspace.language
    more = [expected_words(state, language), *change_words(assessment, state, language)]
    return (
        f"  {fit(definition.id, ids)}  {fit(one_line(definition.title), titles)}  {bar(state.progress.progress)} "
        f"{show_percent(state.progress.progress):>6}  {status_words(state, language)}  {value_words(state, language)}"
        f"{bracketed(language, join_clauses(language, more))}"
    )


def value_words(state: KeyResultState, language: str) -> str:
    """Format the current value, target and unit, or the reason why the value is unknown."""
    definition, goal = state.definition, state.definition.goal
    if not state.known:
        return reason_text(state.reason, language)
    value = show_quantity(state.current, definition.style, language)
    target = show_quantity(goal.target, definition.style, language) if goal and goal.target is not None else ""
    return f"{value} / {target}" if target else value


def change_words(assessment: Assessment, state: KeyResultState, language: str) -> list[str]:
    """Format the change since the last check-in; empty when nothing moved."""
    change = change_of(assessment, state)
    text = change_text(state, change, language)
    return [translate(language, "{change} since {day}", change=text, day=change.day)] if change and text else []


def expected_words(state: KeyResultState, language: str) -> str:
    """Format the progress expected today, and the forecast when there is one."""
    due = show_percent(state.expected)
    return translate(language, "expected {due}", due=due) + _forecast(state, language)


def _forecast(state: KeyResultState, language: str) -> str:
    if state.projection.forecast is None:
        return ""
    end = show_end(state.projection, state.definition.style, language)
    return translate(language, ", forecast {end}", end=end)


def status_markdown(assessment: Assessment) -> str:
    """Format the status as markdown, with mission, KPIs, themes, notes and key results without a value."""
    language = assessment.config.workspace.language
    heads = translate(language, "| id | key result | owner | current | target | progress | expected | status |")
    lines = [f"# {cell(heading(assessment, language))}", *company_section(assessment, language)]
    for objective, states in grouped(assessment):
        if objective is not None:
            rollup = objective.rollup
            lines += ["", f"## {cell(objective.id)} {cell(objective.title)}", ""]
            progress = show_percent(rollup.progress) + bracketed(language, f"{rollup.known}/{rollup.total}")
            lines += [join_clauses(language, (progress, status_words(objective, language)))]
            lines += [each for text in objective_notes(assessment, objective) for each in ("", cell(text))]
        lines += ["", heads, "|---|---|---|---|---|---|---|---|", *(_row(state, language) for state in states)]
    lines += [
        *health_section(assessment, language),
        *theme_section(assessment, language),
        *note_section(assessment, language),
    ]
    if unknown := [state for state in assessment.key_results if not state.known and not state.dropped]:
        colon = translate(language, ": ")
        lines += ["", translate(language, "## Without a value"), ""]
        lines += [f"- {cell(state.definition.id)}{colon}{cell(localize(language, state.reason))}" for state in unknown]
    return "\n".join(lines) + "\n"


def _row(state: KeyResultState, language: str) -> str:
    definition, goal = state.definition, state.definition.goal
    cells = (
        definition.id,
        definition.title,
        definition.owner,
        show_quantity(state.current, definition.style, language),
        show_quantity(goal.target, definition.style, language) if goal else NOTHING,
        show_percent(state.progress.progress),
        show_percent(state.expected),
        status_words(state, language),
    )
    return "| " + " | ".join(cell(text) for text in cells) + " |"
