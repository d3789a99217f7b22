"""One workspace for the HTML report, as data ready for the template."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from config.cycles import Cycle
from config.okr_models import Company
from config.plain_text import one_line, plain
from connectors.protocol import Reading, Row
from syncer.compute.assess import Assessment
from syncer.compute.states import KeyResultState, KpiState
from syncer.i18n import status_label
from syncer.method.status import SEVERITY, Status
from syncer.present.adoption import AdoptionTable, adoption_of, adoption_table
from syncer.present.explain_text import explain_key_result, short
from syncer.present.meeting import Agenda, teams_below
from syncer.present.notes_text import kpi_cells, theme_cells, themes
from syncer.present.number_text import NOTHING, show_percent
from syncer.present.report.chapters import Chapter, Overview, overview
from syncer.present.report.groups import Group, groups_of
from syncer.present.report.item import Item, key_result_item, team_title, with_questions
from syncer.present.status_text import SIGNS
from syncer.sources.evaluate import TracedRow
from syncer.sources.reads import table_of

if TYPE_CHECKING:
    from markupsafe import Markup


_ADDRESS = re.compile(r"https?://[^\s<>\"'\\]+")
_TOKEN = re.compile(r"\S+")


def links_of(assessment: Assessment, measures: Iterable[str]) -> dict[str, str]:
    """Return the links for the explanation of measures: texts that occur in it, and their http(s) URLs."""
    links: dict[str, str] = {}
    for name in measures:
        answer = assessment.results[name].answer if name in assessment.results else None
        if not isinstance(answer, Reading):
            continue
        if _ADDRESS.fullmatch(answer.link) and answer.link == plain(answer.link):
            links[answer.link] = answer.link
        table = table_of(assessment.config, assessment.config.measures[name])
        for row in assessment.traced.get(name, ()):
            address = row.values.get(table.link)
            if isinstance(address, str) and _ADDRESS.fullmatch(address) and address == plain(address):
                links |= {short(str(row.values.get(table.key) or address)): address, short(address): address}
    return links


def without_addresses(assessment: Assessment) -> Assessment:
    """Return the assessment without the URL column in rows that also have a key: the page links the key."""
    traced = dict(assessment.traced)
    for name, rows in assessment.traced.items():
        table = table_of(assessment.config, assessment.config.measures[name])
        if table.link and table.key not in ("", table.link):
            traced[name] = tuple(TracedRow(_without(row.values, table.link), row.counted) for row in rows)
    return replace(assessment, traced=traced)


def _without(values: Row, column: str) -> Row:
    return {name: value for name, value in values.items() if name != column}


def linked(text: str, links: Mapping[str, str]) -> "Markup":
    """Escape a text as HTML and link its words in `links`, also after a column's name (`key=CORE-7`)."""
    from markupsafe import Markup, escape

    parts, end = [], 0
    for match in _TOKEN.finditer(text) if links else ():
        token = match[0]
        name, sign, value = ("", "", token) if token in links else token.partition("=")
        if value in links:
            link = Markup('<a href="{}" rel="noopener noreferrer" target="_blank">{}</a>').format(links[value], value)
            parts += [escape(text[end : match.start()] + name + sign), link]
            end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


@dataclass(frozen=True, slots=True)
class Count:
    """How many key results have a status: its key, label, sign and count."""

    key: str
    word: str
    sign: str
    count: int


@dataclass(frozen=True, slots=True)
class Part:
    """A workspace in the page.

    Attributes:
        prefix: prefix of its ids in anchors; empty when the page has one workspace.
        since: the day that changes are compared with.
        passed: days of the cycle that have passed; `passed_share` is the same in percent, 0 to 100.
        strategies: id, text and the objectives that support it.
        in_need: the items that need attention, worst status first.
        teams: the teams of the filter by title, each with the titles it shows: its own and those below it.
    """

    prefix: str
    title: str
    cycle: Cycle
    today: date
    since: date
    passed: int
    passed_share: int
    progress: str
    synced: str
    summary: Overview
    company: Company
    strategies: list[tuple[str, str, list[str]]]
    counts: list[Count]
    groups: tuple[Group, ...]
    items: list[Item]
    in_need: list[Item]
    kpis: list[tuple[str, ...]]
    themes: list[tuple[str, ...]]
    adoption: AdoptionTable
    teams: dict[str, list[str]]

    @property
    def changed(self) -> list[Item]:
        """The items that changed since the last check-in."""
        return [item for item in self.items if item.changed]

    @property
    def blocked(self) -> list[Item]:
        """The items with a blocker or a request for help."""
        return [item for item in self.items if item.help]

    @property
    def due(self) -> list[Item]:
        """The items whose check-in is due."""
        return [item for item in self.items if item.due_since]


def part_of(chapter: Chapter, agenda: Agenda, prefix: str) -> Part:
    """Build the page's data of a chapter; `agenda` provides the changes since the last check-in."""
    assessment, summary = chapter.assessment, overview(chapter)
    language, workspace = assessment.config.workspace.language, assessment.config.workspace
    cycle, today = workspace.cycle, assessment.now.date()
    passed = max(0, min((today - cycle.first).days, cycle.days))
    items = _items(assessment, agenda)
    every = list(items.values())
    return Part(
        prefix=prefix,
        title=chapter.title,
        cycle=cycle,
        today=today,
        since=agenda.since,
        passed=passed,
        passed_share=round(100 * passed / cycle.days),
        progress=show_percent(summary.progress),
        synced=f"{summary.synced:%Y-%m-%d %H:%M}" if summary.synced else NOTHING,
        summary=summary,
        company=workspace.company,
        strategies=_strategies(assessment),
        counts=[
            Count(one.value, status_label(one.value, language), SIGNS[one], number) for one, number in summary.counts
        ],
        groups=groups_of(assessment, items),
        items=every,
        in_need=sorted((item for item in every if item.attention is not None), key=_severity),
        kpis=[_kpi(kpi, language) for kpi in assessment.kpis],
        themes=[theme_cells(theme, states) for theme, states in themes(assessment)],
        adoption=_adoption(assessment),
        teams=_teams(assessment),
    )


def _items(assessment: Assessment, agenda: Agenda) -> dict[str, Item]:
    topics = {topic.state.definition.id: topic for topic in agenda.topics}
    teams = {name: team_title(assessment, name) for name in assessment.config.workspace.teams}
    shown, language = without_addresses(assessment), assessment.config.workspace.language

    def item(state: KeyResultState) -> Item:
        names = {name for measure in state.definition.measures if measure for name in measure.names}
        explanation = linked(explain_key_result(shown, state), links_of(assessment, names))
        found = key_result_item(assessment, state, topics.get(state.definition.id), teams)
        return with_questions(
            replace(found, explanation=explanation), topics.get(state.definition.id), agenda, language
        )

    return {state.definition.id: item(state) for state in assessment.key_results}


def _kpi(kpi: KpiState, language: str) -> tuple[str, ...]:
    """Return a KPI's title, value, condition, status label, status key and sign."""
    return (*kpi_cells(kpi, language), kpi.status or "", SIGNS[kpi.status] if kpi.status else "")


def _severity(item: Item) -> int:
    return SEVERITY[Status(item.status_key)]


def _strategies(assessment: Assessment) -> list[tuple[str, str, list[str]]]:
    """Return the company's strategies: id, text, and the objectives that support them."""
    workspace = assessment.config.workspace
    return [
        (key, one_line(text), [name for name, objective in workspace.objectives.items() if key in objective.supports])
        for key, text in workspace.company.strategies.items()
    ]


def _teams(assessment: Assessment) -> dict[str, list[str]]:
    """Return the teams with key results of their own or of teams below, by title, with the titles each filter shows."""
    own = {state.definition.team for state in assessment.key_results} - {""}
    wanted = {team: teams_below(assessment.config, team) & own for team in {*assessment.config.workspace.teams, *own}}
    return {
        team_title(assessment, team): sorted(team_title(assessment, one) for one in below)
        for team, below in wanted.items()
        if below
    }


def _adoption(assessment: Assessment) -> AdoptionTable:
    found = adoption_of(
        assessment.config,
        assessment.title,
        [state.definition for state in assessment.key_results],
        assessment.recall,
        assessment.now.date(),
    )
    return adoption_table(found, assessment.config.workspace.language)
