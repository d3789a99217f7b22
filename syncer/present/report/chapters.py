"""Chapters of a report, a workspace each, and those that could not be read; the markdown sections around them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from config.dataclass import dataclass
from config.errors import OkrsyncError
from config.plain_text import one_line
from syncer.compute.assess import Assessment
from syncer.i18n import bracketed, join, translate
from syncer.method.progress import weighted_mean
from syncer.method.status import SEVERITY, Status
from syncer.present.meeting import Agenda
from syncer.present.notes_text import kpi_cells, notes, revision_texts, theme_cells, themes
from syncer.present.plan_json import cell


@dataclass(frozen=True, slots=True)
class Chapter:
    """One workspace of a report.

    Attributes:
        name: the path of its config, as given on the command line.
        agenda: the agenda of all teams; None for formats that do not show it.
        apart: whether the title shows `name` too, since another workspace has the same title.
    """

    name: str
    assessment: Assessment
    agenda: Agenda | None = None
    apart: bool = False

    @property
    def title(self) -> str:
        """The title of the workspace, with `name` in brackets when `apart`."""
        title = one_line(self.assessment.title)
        return f"{title} ({one_line(self.name)})" if self.apart else title


def with_distinct_names(chapters: Sequence[Chapter]) -> tuple[Chapter, ...]:
    """Return the chapters with distinct titles: those of the same title get `apart`."""
    titles = Counter(chapter.title for chapter in chapters)
    return tuple(replace(chapter, apart=titles[chapter.title] > 1) for chapter in chapters)


@dataclass(frozen=True, slots=True)
class Missing:
    """A workspace that could not be read: the translated `reason`, and the error as raised."""

    name: str
    reason: str
    error: OkrsyncError


@dataclass(frozen=True, slots=True)
class Report:
    """A report on one or more workspaces, in command-line order; `chapters` is never empty."""

    chapters: tuple[Chapter, ...]
    missing: tuple[Missing, ...] = ()

    @property
    def language(self) -> str:
        """The language of the first workspace."""
        return self.chapters[0].assessment.config.workspace.language

    @property
    def several(self) -> bool:
        """Whether the report is on more than one workspace, including those that could not be read."""
        return len(self.chapters) + len(self.missing) > 1


@dataclass(frozen=True, slots=True)
class Overview:
    """Summary of a workspace: `progress` is the mean of the known progress of its objectives, `synced` the last run."""

    title: str
    cycle: str
    objectives: int
    key_results: int
    progress: Decimal | None
    counts: tuple[tuple[Status, int], ...]
    synced: datetime | None

    def count(self, status: Status) -> int:
        """Return how many key results have a status."""
        return dict(self.counts).get(status, 0)


def overview(chapter: Chapter) -> Overview:
    """Summarise a workspace for the top of a report."""
    assessment = chapter.assessment
    known = [(each.rollup.progress, Decimal(1)) for each in assessment.objectives if each.rollup.progress is not None]
    runs = [record.at for record in assessment.recall.values.values()]
    return Overview(
        title=chapter.title,
        cycle=assessment.config.workspace.cycle.name,
        objectives=len(assessment.objectives),
        key_results=len(assessment.key_results),
        progress=weighted_mean(known) if known else None,
        counts=status_counts(assessment),
        synced=max(runs).astimezone(assessment.now.tzinfo) if runs else None,
    )


def status_counts(assessment: Assessment) -> tuple[tuple[Status, int], ...]:
    """Count the key results of each effective status, worst first."""
    found = Counter(state.effective for state in assessment.key_results)
    return tuple((status, found[status]) for status in sorted(found, key=lambda one: (SEVERITY[one], one)))


def company_section(assessment: Assessment, language: str) -> list[str]:
    """List the company's mission, vision, and strategies with the objectives that support them."""
    workspace = assessment.config.workspace
    company, colon = workspace.company, translate(language, ": ")
    lines = []
    if company.mission:
        lines.append(f"- {translate(language, 'Mission')}{colon}{cell(company.mission)}")
    if company.vision:
        lines.append(f"- {translate(language, 'Vision')}{colon}{cell(company.vision)}")
    for key, strategy in company.strategies.items():
        served = [name for name, objective in workspace.objectives.items() if key in objective.supports]
        shown = join(language, served) or translate(language, "no objective yet")
        lines.append(
            f"- {translate(language, 'Strategy')} {cell(key)}{colon}{cell(strategy)}{bracketed(language, cell(shown))}"
        )
    return ["", *lines] if lines else []


def health_section(assessment: Assessment, language: str) -> list[str]:
    """Format the KPIs as a markdown table."""
    heads = translate(language, "| KPI | value | must hold | status |")
    rows = [kpi_cells(kpi, language) for kpi in assessment.kpis]
    return _table(translate(language, "## Health metrics"), heads, rows)


def theme_section(assessment: Assessment, language: str) -> list[str]:
    """Format the themes as a markdown table, with key results, progress and actions."""
    heads = translate(language, "| theme | key results | progress | actions |")
    rows = [theme_cells(theme, states) for theme, states in themes(assessment)]
    return _table(translate(language, "## Focus areas"), heads, rows)


def note_section(assessment: Assessment, language: str) -> list[str]:
    """List notes on key results: overrides, actions, and what was dropped or revised."""
    lines, colon = [], translate(language, ": ")
    for state in assessment.key_results:
        texts = [*notes(state, language), *revision_texts(state.definition, language)]
        lines += [f"- {cell(state.definition.id)}{colon}{cell(text)}" for text in texts]
    return ["", translate(language, "## Notes"), "", *lines] if lines else []


def _table(title: str, heads: str, rows: Iterable[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(cell(text) for text in row) + " |" for row in rows]
    return ["", title, "", heads, "|---|---|---|---|", *lines] if lines else []
