"""One workspace for the HTML report, as data ready for the template."""

from datetime import date

from config.cycles import Cycle
from config.dataclass import dataclass
from config.okr_models import Company
from config.plain_text import one_line
from syncer.compute.assess import Assessment
from syncer.compute.states import KeyResultState, KpiState
from syncer.method.status import SEVERITY, Status
from syncer.present.adoption import Adoption, adoption_of
from syncer.present.meeting import Agenda, teams_below
from syncer.present.notes_text import kpi_cells, theme_cells, themes
from syncer.present.report.chapters import Chapter, Overview, overview
from syncer.present.report.glance import Glance, glance_of
from syncer.present.report.groups import Group, groups_of
from syncer.present.report.item import Item, key_result_item, team_title, with_questions
from syncer.present.status_text import SIGNS
from syncer.sheet.number_text import NOTHING


@dataclass(frozen=True, slots=True)
class Part:
    """A workspace in the page.

    Attributes:
        prefix: prefix of its ids in anchors; empty when the page has one workspace.
        since: the day that changes are compared with.
        strategies: id, text and the objectives that support it.
        in_need: the items that need attention, worst status first.
        teams: the teams of the filter by title, each with the titles it shows: its own and those below it.
    """

    prefix: str
    title: str
    assessment: Assessment
    cycle: Cycle
    today: date
    since: date
    synced: str
    summary: Overview
    glance: Glance
    company: Company
    strategies: list[tuple[str, str, list[str]]]
    groups: tuple[Group, ...]
    items: list[Item]
    in_need: list[Item]
    kpis: list[tuple[str, ...]]
    themes: list[tuple[str, ...]]
    adoption: Adoption
    teams: dict[str, list[str]]

    @property
    def has_actions(self) -> bool:
        """Whether any of its themes counts actions."""
        return any(cells[-1] != NOTHING for cells in self.themes)

    @property
    def changed(self) -> list[Item]:
        """The items that changed since the last check-in, those that moved furthest first."""
        return sorted((item for item in self.items if item.changed or item.change), key=lambda item: -abs(item.moved))

    @property
    def blocked(self) -> list[Item]:
        """The items with a blocker or a request for help."""
        return [item for item in self.items if item.help]

    @property
    def due(self) -> list[Item]:
        """The items whose check-in is due."""
        return [item for item in self.items if item.due_since]

    @property
    def objectives(self) -> list[Item]:
        """The objectives of the tree, each before those below it."""
        found: list[Item] = []
        waiting = list(reversed(self.groups))
        while waiting:
            group = waiting.pop()
            found += [group.head] if group.head else []
            waiting += reversed(group.below)
        return found


def part_of(chapter: Chapter, agenda: Agenda, prefix: str) -> Part:
    """Build the page's data of a chapter; `agenda` provides the changes since the last check-in."""
    assessment, summary = chapter.assessment, overview(chapter)
    language, workspace = assessment.config.workspace.language, assessment.config.workspace
    items = _items(assessment, agenda)
    every = list(items.values())
    return Part(
        prefix=prefix,
        title=chapter.title,
        assessment=assessment,
        cycle=workspace.cycle,
        today=assessment.now.date(),
        since=agenda.since,
        synced=f"{summary.synced:%Y-%m-%d %H:%M}" if summary.synced else NOTHING,
        summary=summary,
        glance=glance_of([assessment], every, agenda.since),
        company=workspace.company,
        strategies=_strategies(assessment),
        groups=groups_of(assessment, items),
        items=every,
        in_need=sorted((item for item in every if item.attention is not None), key=severity),
        kpis=[_kpi(kpi, language) for kpi in assessment.kpis],
        themes=[theme_cells(theme, states) for theme, states in themes(assessment)],
        adoption=_adoption(assessment),
        teams=_teams(assessment),
    )


def _items(assessment: Assessment, agenda: Agenda) -> dict[str, Item]:
    topics = {topic.state.definition.id: topic for topic in agenda.topics}
    teams = {name: team_title(assessment, name) for name in assessment.config.workspace.teams}
    language = assessment.config.workspace.language

    def item(state: KeyResultState) -> Item:
        topic = topics.get(state.definition.id)
        return with_questions(key_result_item(assessment, state, topic, teams), topic, agenda, language)

    return {state.definition.id: item(state) for state in assessment.key_results}


def _kpi(kpi: KpiState, language: str) -> tuple[str, ...]:
    """Return a KPI's title, value, condition, status label, status key and sign."""
    return (*kpi_cells(kpi, language), kpi.status or "", SIGNS[kpi.status] if kpi.status else "")


def severity(item: Item) -> tuple[int, float]:
    """Sort key of key results that need attention: worst status first, furthest behind first."""
    return SEVERITY[Status(item.status_key)], item.share - item.due


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


def _adoption(assessment: Assessment) -> Adoption:
    return adoption_of(
        assessment.config,
        assessment.title,
        [state.definition for state in assessment.key_results],
        assessment.recall,
        assessment.now.date(),
    )
