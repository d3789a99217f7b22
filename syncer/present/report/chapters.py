"""Data of a report: a chapter for each workspace, and the workspaces that could not be read."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from config.errors import OkrsyncError
from config.plain_text import one_line
from syncer.compute.assess import Assessment
from syncer.method.progress import weighted_mean
from syncer.method.status import SEVERITY, Status
from syncer.present.meeting import Agenda


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
        """The title of the sheet, with `name` in brackets when `apart`."""
        title = one_line(self.assessment.image.title)
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
