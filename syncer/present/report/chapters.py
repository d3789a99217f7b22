"""What a report is made of: a chapter for each workspace, and those that could not be read."""

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
    """One workspace.

    `name` is how it was asked for, and told beside its title where it is `apart`: another's sheet is called the same.
    `agenda` is that of a meeting of all teams, where one is told.
    """

    name: str
    assessment: Assessment
    agenda: Agenda | None = None
    apart: bool = False

    @property
    def title(self) -> str:
        """What its sheet is called."""
        title = one_line(self.assessment.image.title)
        return f"{title} ({one_line(self.name)})" if self.apart else title


def told_apart(chapters: Sequence[Chapter]) -> tuple[Chapter, ...]:
    """The same; no two have one title."""
    titles = Counter(chapter.title for chapter in chapters)
    return tuple(replace(chapter, apart=titles[chapter.title] > 1) for chapter in chapters)


@dataclass(frozen=True, slots=True)
class Missing:
    """A workspace that could not be read, and why: in words for people, and as it was raised."""

    name: str
    reason: str
    error: OkrsyncError


@dataclass(frozen=True, slots=True)
class Report:
    """The workspaces in the order in which they were asked for; at least one of them could be read."""

    chapters: tuple[Chapter, ...]
    missing: tuple[Missing, ...] = ()

    @property
    def language(self) -> str:
        """That of the first."""
        return self.chapters[0].assessment.config.workspace.language

    @property
    def several(self) -> bool:
        """Whether more than one workspace was asked for."""
        return len(self.chapters) + len(self.missing) > 1


@dataclass(frozen=True, slots=True)
class Overview:
    """A workspace in one line. `progress` is the mean of its objectives' as far as known; `synced` the last run."""

    title: str
    cycle: str
    objectives: int
    key_results: int
    progress: Decimal | None
    counts: tuple[tuple[Status, int], ...]
    synced: datetime | None

    def count(self, status: Status) -> int:
        """How many key results have it."""
        return dict(self.counts).get(status, 0)


def overview(chapter: Chapter) -> Overview:
    """What the first page says of a workspace."""
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
    """How many key results have each status, worst first."""
    found = Counter(state.effective for state in assessment.key_results)
    return tuple((status, found[status]) for status in sorted(found, key=lambda one: (SEVERITY[one], one)))
