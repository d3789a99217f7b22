"""The report people open on Monday: one self-contained HTML file, light and dark, for phone, wall and paper."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from syncer.computing.compute import KeyResultState
from syncer.computing.states import KpiState, ObjectiveState
from syncer.okr.status import SEVERITY, Status
from syncer.show.beside_text import kpi_cells, theme_cells, themes
from syncer.show.figures import one_line
from syncer.show.report_item import Item, key_result_item, objective_item, team_title
from syncer.show.report_tree import Node, alignment_tree, level_of
from syncer.show.signs import SIGNS
from syncer.survey import Survey
from syncer.views.meeting import Agenda
from syncer.words import mark, say, translated, word

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

LEVELS = (mark("company"), mark("department"), mark("team"), mark("individual"))
"""The usual names of levels; a company's own stay as they are."""
_ADDRESS = re.compile(r"https?://[^\s<>\"']+")


@dataclass(frozen=True, slots=True)
class Group:
    """An objective with its key results and the objectives below it; `head` is None for those without one.

    `about` says whose it is and what else is known of it; `above` are the ids it aligns to.
    """

    head: Item | None
    items: tuple[Item, ...]
    about: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    below: tuple["Group", ...] = ()


def report_html(survey: Survey, agenda: Agenda) -> str:
    """The page. `agenda` is that of a meeting of all teams: what changed since the last check-in."""
    language, workspace = survey.config.workspace.language, survey.config.workspace
    cycle, today = workspace.cycle, survey.now.date()
    passed = max(0, min((today - cycle.first).days, cycle.days))
    items = _items(survey, agenda)
    every = list(items.values())
    in_need = sorted((item for item in every if item.attention is not None), key=_severity)
    return _template().render(
        language=language,
        title=one_line(survey.image.title),
        cycle=cycle,
        today=today,
        since=agenda.since,
        passed=passed,
        passed_share=round(100 * passed / cycle.days),
        company=workspace.company,
        strategies=_strategies(survey),
        groups=_groups(survey, items),
        counts=_counts(survey),
        in_need=in_need,
        changed=[item for item in every if item.changed],
        blocked=[item for item in every if item.help],
        due=[item for item in every if item.check_in_due],
        kpis=[_kpi(kpi, language) for kpi in survey.kpis],
        themes=[theme_cells(theme, states) for theme, states in themes(survey)],
        owners=sorted({item.owner for item in every} - {""}),
        teams=sorted({item.team for item in every} - {""}),
        theme_names=sorted({item.theme for item in every} - {""}),
        say=partial(say, language),
    )


@lru_cache(maxsize=1)
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("syncer"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["linked"] = linked
    return environment.get_template("report.html.j2")


def linked(text: str) -> "Markup":
    """Web addresses in a text as links; all else stays text, whatever a tracker put there."""
    from markupsafe import Markup, escape

    parts, end = [], 0
    for match in _ADDRESS.finditer(text):
        link = Markup('<a href="{0}" rel="noopener noreferrer" target="_blank">{0}</a>').format(match[0])
        parts += [escape(text[end : match.start()]), link]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def _items(survey: Survey, agenda: Agenda) -> dict[str, Item]:
    topics = {topic.state.definition.id: topic for topic in agenda.topics}
    teams = {name: team_title(survey, name) for name in survey.config.workspace.teams}

    def item(state: KeyResultState) -> Item:
        key = state.definition.id
        return key_result_item(survey, state, topics.get(key), teams)

    return {state.definition.id: item(state) for state in survey.key_results}


def _kpi(kpi: KpiState, language: str) -> tuple[str, ...]:
    """Its name, value, what has to hold, the word for its status, the status and its sign."""
    return (*kpi_cells(kpi, language), kpi.status or "", SIGNS[kpi.status] if kpi.status else "")


def _severity(item: Item) -> int:
    return SEVERITY[Status(item.status_key)]


def _counts(survey: Survey) -> list[tuple[str, str, str, int]]:
    """How many key results have each status, worst first: key, word, sign, count."""
    language = survey.config.workspace.language
    found: dict[Status, int] = {}
    for state in survey.key_results:
        found[state.effective] = found.get(state.effective, 0) + 1
    ordered = sorted(found, key=lambda status: (SEVERITY[status], status))
    return [(status.value, word(status.value, language), SIGNS[status], found[status]) for status in ordered]


def _strategies(survey: Survey) -> list[tuple[str, str, list[str]]]:
    """The company's strategies: id, words, and the objectives that serve them."""
    workspace = survey.config.workspace
    return [
        (key, one_line(text), [name for name, objective in workspace.objectives.items() if key in objective.supports])
        for key, text in workspace.company.strategies.items()
    ]


def _groups(survey: Survey, items: Mapping[str, Item]) -> tuple[Group, ...]:
    states = {objective.id: objective for objective in survey.objectives}
    own: dict[str, list[Item]] = {}
    for state in survey.key_results:
        home = state.definition.objective if state.definition.objective in states else ""
        own.setdefault(home, []).append(items[state.definition.id])

    def group(node: Node) -> Group:
        objective = states[node.id]
        return Group(
            objective_item(survey, objective),
            tuple(own.get(node.id, ())),
            tuple(_about(survey, objective)),
            survey.config.workspace.objectives[node.id].aligns_to,
            tuple(group(child) for child in node.below),
        )

    tree = tuple(group(node) for node in alignment_tree(survey.config))
    return (*tree, Group(None, tuple(own[""]))) if "" in own else tree


def _about(survey: Survey, state: ObjectiveState) -> Iterator[str]:
    workspace, rollup = survey.config.workspace, state.rollup
    language, stated, cycle = workspace.language, workspace.objectives[state.id], workspace.cycle_of(state.id)
    level = one_line(level_of(survey.config, state.id))
    if level:
        yield translated(language, level)
    if state.team and team_title(survey, state.team) != level:
        yield team_title(survey, state.team)
    if stated.owner:
        yield one_line(stated.owner)
    if cycle.name != workspace.cycle.name:
        yield cycle.name
    if stated.type == "committed":
        yield say(language, "committed")
    if stated.theme:
        yield one_line(stated.theme)
    yield say(language, "{known} of {total} known", known=rollup.known, total=rollup.total)
