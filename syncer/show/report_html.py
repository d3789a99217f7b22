"""The report people open on Monday: one self-contained HTML file, light and dark, for phone, wall and paper."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from syncer.compute import KeyResultState, ObjectiveState
from syncer.okr.status import SEVERITY, Status
from syncer.records import ValueRecord
from syncer.show.chart import ChartPoint, chart_svg
from syncer.show.explain_text import explain_key_result
from syncer.show.figures import one_line, show_percent, show_value
from syncer.show.status_text import grouped
from syncer.survey import Survey
from syncer.three_way import as_text
from syncer.words import say, word

if TYPE_CHECKING:
    from jinja2 import Template

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
"""A shape beside each status, so that nobody has to tell colours apart."""

PEOPLE = ("confidence", "note", "blocker", "help", "helper")


@dataclass(frozen=True, slots=True)
class Item:
    """One key result as the page shows it; texts are ready to read, `share` and `due` are 0 to 100."""

    id: str
    title: str
    owner: str
    team: str
    status: str
    status_key: str
    sign: str
    value: str
    progress: str
    expected: str
    share: float
    due: float
    reason: str
    words: Mapping[str, str]
    chart: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Group:
    """An objective with its key results; `head` is None for those without one."""

    head: Item | None
    known: str
    items: tuple[Item, ...]


def report_html(survey: Survey, history: Mapping[str, Sequence[ValueRecord]]) -> str:
    """The page. `history` holds each key result's values of the cycle, oldest first; it may be empty."""
    language = survey.config.workspace.language
    cycle, today = survey.config.workspace.cycle, survey.now.date()
    passed = max(0, min((today - cycle.first).days, cycle.days))
    groups = [_group(survey, head, states, history) for head, states in grouped(survey)]
    items = [item for group in groups for item in group.items]
    return _template().render(
        language=language,
        title=one_line(survey.image.title),
        cycle=cycle,
        today=today,
        passed=passed,
        passed_share=round(100 * passed / cycle.days),
        groups=groups,
        counts=_counts(survey),
        at_risk=[item for item in items if item.status_key in ("at_risk", "off_track", "not_met", "stale", "unknown")],
        blocked=[item for item in items if item.words.get("blocker") or item.words.get("help")],
        owners=sorted({item.owner for item in items if item.owner}),
        teams=sorted({item.team for item in items if item.team}),
        statuses=[(key, text) for key, text, _, _ in _counts(survey)],
        say=lambda en, zh: say(language, en, zh),
    )


@lru_cache(maxsize=1)
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("syncer"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("report.html.j2")


def _counts(survey: Survey) -> list[tuple[str, str, str, int]]:
    """How many key results have each status, worst first: key, word, sign, count."""
    language = survey.config.workspace.language
    found: dict[Status, int] = {}
    for state in survey.key_results:
        found[state.status] = found.get(state.status, 0) + 1
    ordered = sorted(found, key=lambda status: (SEVERITY[status], status))
    return [(status.value, word(status.value, language), SIGNS[status], found[status]) for status in ordered]


def _group(
    survey: Survey,
    head: ObjectiveState | None,
    states: Sequence[KeyResultState],
    history: Mapping[str, Sequence[ValueRecord]],
) -> Group:
    items = tuple(_key_result(survey, state, history.get(state.definition.id, ())) for state in states)
    if head is None:
        return Group(None, "", items)
    language = survey.config.workspace.language
    rollup = head.rollup
    known = say(language, f"{rollup.known} of {rollup.total} known", f"{rollup.total} 項中已知 {rollup.known} 項")
    top = Item(
        head.id,
        head.title,
        survey.config.workspace.objectives[head.id].owner or "",
        head.team,
        word(rollup.status.value, language),
        rollup.status.value,
        SIGNS[rollup.status],
        "",
        show_percent(rollup.progress),
        show_percent(head.expected),
        _share(rollup.progress),
        _share(head.expected),
        "",
        {},
        "",
        "",
    )
    return Group(top, known, items)


def _key_result(survey: Survey, state: KeyResultState, past: Sequence[ValueRecord]) -> Item:
    language, definition = survey.config.workspace.language, state.definition
    goal = definition.goal
    shown = show_value(state.current, percent=definition.percent)
    target = show_value(goal.target, percent=definition.percent) if goal and goal.target is not None else ""
    unit = f" {definition.unit}" if definition.unit and not definition.percent else ""
    points = [ChartPoint(record.day, record.progress) for record in past if record.progress is not None]
    if state.progress.progress is not None:
        points = [point for point in points if point.day != survey.now.date()]
        points.append(ChartPoint(survey.now.date(), state.progress.progress))
    label = say(language, f"{definition.id}: progress over the cycle", f"{definition.id}：週期內的進度")
    return Item(
        id=definition.id,
        title=one_line(definition.title) or definition.id,
        owner=one_line(definition.owner),
        team=one_line(definition.team),
        status=word(state.status.value, language),
        status_key=state.status.value,
        sign=SIGNS[state.status],
        value=(f"{shown} / {target}{unit}" if target else f"{shown}{unit}") if state.known else "",
        progress=show_percent(state.progress.progress),
        expected=show_percent(state.expected),
        share=_share(state.progress.progress),
        due=_share(state.expected),
        reason=one_line(state.reason),
        words=_words(survey, definition.id),
        chart=chart_svg(points, definition.start, definition.due, label) if points else "",
        explanation=explain_key_result(survey, state),
    )


def _words(survey: Survey, key: str) -> dict[str, str]:
    """What people wrote about a key result in the sheet."""
    row = survey.view.row_of(key)
    cells = {name: row.cell(name) for name in PEOPLE} if row else {}
    return {name: one_line(text) for name, cell in cells.items() if cell and (text := as_text(cell.value))}


def _share(fraction: Any) -> float:
    return 0.0 if fraction is None else round(float(fraction) * 100, 1)
