"""Write a draft as the text of a config, with its questions and measure stubs as comments. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence

from config.dataclass import dataclass
from config.goal_specs import shown
from config.plain_text import one_line
from config.yaml_scalar import yaml_scalar
from syncer.draft.draft import Draft, DraftedGoal, DraftedKeyResult, DraftedObjective, Question, Tracker
from syncer.i18n import join, localize, translatable, translate
from syncer.sheet.columns import header_of


@dataclass(frozen=True, slots=True)
class DraftSettings:
    """What a draft does not say itself: the workspace's identity, cycle, time zone, and where the sheet is."""

    workspace: Sequence[str]
    """Lines below `workspace:`."""
    cycle: str
    timezone: str
    connection: Sequence[str]
    """Lines below `connections:`; empty for a local file."""
    sheet: Sequence[str]
    """Lines below `okr_sheet:`."""
    name: str
    """The sheet as people call it."""


def draft_yaml(draft: Draft, settings: DraftSettings) -> str:
    """Return the text of the config."""
    language = draft.language
    lines = [*_head(draft, settings), "workspace:", *_indented(settings.workspace, 2), ""]
    lines += [f"cycle: {settings.cycle}", f"timezone: {settings.timezone}"]
    lines += [f"language: {language}", ""]
    if settings.connection:
        lines += ["connections:", *_indented(settings.connection, 2), ""]
    lines += [
        "okr_sheet:",
        *_indented(settings.sheet, 2),
        "  tabs:",
        *(f"    - {yaml_scalar(tab)}" for tab in draft.tabs),
    ]
    if draft.columns:
        lines += ["  columns:", *(f"    {name}: {yaml_scalar(header)}" for name, header in draft.columns.items())]
    own = [objective for objective in draft.objectives if objective.id]
    loose = [one for objective in draft.objectives if not objective.id for one in objective.key_results]
    if own:
        lines += ["", "objectives:", *_indented([line for one in own for line in _objective(one, language)], 2)]
    if loose:
        lines += ["", "key_results:", *_indented([line for one in loose for line in _key_result(one, language)], 2)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _head(draft: Draft, settings: DraftSettings) -> Iterator[str]:
    """Yield comments about the whole draft."""
    language = draft.language
    yield "# " + translate(
        language,
        "Drafted from {name} by `okrsync init --from-sheet`. From now on, this file wins over the sheet.",
        name=one_line(settings.name),
    )
    yield "# " + translate(
        language,
        "Key results without a measure are typed by hand, in the sheet's column {column}.",
        column=one_line(draft.current_header) or header_of("current", language),
    )
    yield "# " + translate(language, "To let okrsync read its number, delete the `# ` before the lines of its measure.")
    if draft.left_out:
        rows = join(language, draft.left_out)
        yield "# " + translate(language, "Rows without objectives and key results: {rows}", rows=one_line(rows))
    for question in draft.questions:
        yield "# ? " + question_text(question, language)
    yield ""


def question_text(question: Question, language: str) -> str:
    """Return a question in one line: the cell, what it holds, and what was assumed."""
    return translate(
        language,
        "{place} '{seen}': {assumed}",
        place=one_line(question.place),
        seen=one_line(question.seen),
        assumed=one_line(localize(language, question.assumed)),
    )


def _objective(objective: DraftedObjective, language: str) -> list[str]:
    lines = [f"{objective.id}:", f"  title: {yaml_scalar(objective.title)}"]
    if objective.team:
        lines.append(f"  team: {yaml_scalar(objective.team)}")
    inner = [line for one in objective.key_results for line in _key_result(one, language)]
    return [*lines, "  key_results:", *_indented(inner, 4)]


def _key_result(one: DraftedKeyResult, language: str) -> Iterator[str]:
    for question in one.questions:
        yield "# ? " + question_text(question, language)
    yield f"{one.id}:"
    yield f"  title: {yaml_scalar(one.title)}"
    for name, text in (("owner", one.owner), ("team", one.team)):
        if text:
            yield f"  {name}: {yaml_scalar(text)}"
    yield from _indented(list(_goal(one.goal)), 2)
    if one.tracker:
        yield from _indented([f"# {line}" for line in measure_stub(one, one.tracker, language)], 2)


def _goal(goal: DraftedGoal) -> Iterator[str]:
    if goal.kind:
        yield f"kind: {goal.kind}"
    if goal.baseline is not None:
        yield f"baseline: {shown(goal.baseline)}"
    if goal.target is not None:
        yield f"target: {shown(goal.target)}"
    if goal.unit:
        yield f"unit: {yaml_scalar(goal.unit)}"


def measure_stub(one: DraftedKeyResult, tracker: Tracker, language: str) -> Sequence[str]:
    """Return the lines of a measure to fill in, without comment signs, by the unit of the key result."""
    unit = one.goal.unit
    percent = one.goal.target is not None and one.goal.target.percent
    hours = "hours" if unit in ("hours", "小時") else ""
    money = "money" if unit in _MONEY or (not unit and _REVENUE.search(one.title)) else ""
    rating = "rating" if percent and _RATING.search(one.title) else ""
    query, value = _STUBS[tracker](rating or ("percent" if percent else hours or money or unit))
    why = translate(language, _WHERE[tracker])
    return (f"measure:  # {why}", *_indented((f"from: {_TABLES[tracker]}", *query, f"value: {value}"), 2))


def _jira(unit: str) -> tuple[Sequence[str], str]:
    value = {"percent": "share(status_category = 'done')", "hours": "quantile_cont(lead_time_hours, 0.9)"}.get(unit)
    if unit in ("points", "點"):
        value = "sum(story_points) filter (status_category = 'done')"
    return ("jql: |", "  project = CORE AND type = Bug AND created >= {cycle.start}"), value or "count(*)"


def _github(unit: str) -> tuple[Sequence[str], str]:
    value = {"percent": "share(lead_time_hours <= 24)", "hours": "quantile_cont(lead_time_hours, 0.9)"}.get(unit)
    return ("search: |", "  repo:acme/app is:merged merged:>={cycle.start}"), value or "count(*)"


def _rows(unit: str) -> tuple[Sequence[str], str]:
    value = {"money": "sum(amount)", "rating": "avg(score)", "percent": "share(status = 'done')"}.get(unit, "count(*)")
    return ("path: data/deals.csv",), value


_MONEY = ("NT$", "US$", "$", "€", "£", "¥", "元")
_REVENUE = re.compile(r"\b(?:revenue|bookings|turnover|arr|mrr)\b|營收|營業額|業績", re.IGNORECASE)
_RATING = re.compile(r"\b(?:csat|nps|satisf\w*|rating|score)\b|滿意|評分", re.IGNORECASE)
_STUBS = {"jira": _jira, "github": _github, "rows": _rows}
_TABLES: Mapping[Tracker, str] = {"jira": "jira.issues", "github": "github.pull_requests", "rows": "files.rows"}
_WHERE: Mapping[Tracker, str] = {
    "jira": translatable("a guess by the title; needs a connection `jira`"),
    "github": translatable("a guess by the title; needs a connection `github`"),
    "rows": translatable("a guess by the title; a file, or google.rows with spreadsheet and range"),
}


def _indented(lines: Sequence[str], by: int) -> list[str]:
    return [" " * by + line for line in lines]
