"""The top of the HTML report: overall progress against expected, statuses, time left, and what moved since."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from config.cycles import Cycle
from config.dataclass import dataclass
from syncer.compute.assess import Assessment
from syncer.i18n import status_label, translate_count
from syncer.method.status import SEVERITY, Status
from syncer.present.report.chart import Point, spark_svg
from syncer.present.report.item import Item
from syncer.present.report.overall import overall_of
from syncer.present.status_text import SIGNS
from syncer.sheet.number_text import show_percent


@dataclass(frozen=True, slots=True)
class Count:
    """How many key results have a status: its key, label, sign and count."""

    key: str
    word: str
    sign: str
    count: int


@dataclass(frozen=True, slots=True)
class Glance:
    """The state of one or more workspaces at a glance.

    Attributes:
        tone: status key of the overall progress; `word` and `sign` show it.
        share, due: progress and expected progress in percent, 0 to 100.
        points: percentage points of progress since `since`, with a sign; empty when unknown or none.
        rose, fell, level: how many key results moved towards their target since, away from it, or not.
        left: how many days are left; empty unless all have the same cycle.
        passed_share: days that have passed, in percent.
    """

    tone: str
    word: str
    sign: str
    progress: str
    expected: str
    share: float
    due: float
    points: str
    since: date
    spark: str
    counts: tuple[Count, ...]
    rose: int
    fell: int
    level: int
    left: str
    passed_share: int
    is_threshold: bool = False


def glance_of(assessments: Sequence[Assessment], items: Sequence[Item], since: date) -> Glance:
    """Build the top of a report on one or more workspaces, whose key results are `items`."""
    language = assessments[0].config.workspace.language
    overall = overall_of(assessments, since)
    left, passed = _time(assessments, language)
    live = [item for item in items if item.status_key != Status.DROPPED.value]
    return Glance(
        tone=overall.status.value,
        word=status_label(overall.status.value, language),
        sign=SIGNS[overall.status],
        progress=show_percent(_whole(overall.progress)),
        expected=show_percent(_whole(overall.expected)),
        share=_percent(overall.progress),
        due=_percent(overall.expected),
        points=_points(overall.progress, overall.before, language),
        since=since,
        spark=spark_svg([Point(day, float(share)) for day, share in overall.course]),
        counts=counts_of(items, language),
        rose=sum(item.trend > 0 for item in live),
        fell=sum(item.trend < 0 for item in live),
        level=sum(item.trend == 0 for item in live),
        left=left,
        passed_share=passed,
    )


def counts_of(items: Iterable[Item], language: str) -> tuple[Count, ...]:
    """Count key results by status, worst first."""
    found = Counter(Status(item.status_key) for item in items)
    return tuple(
        Count(status.value, status_label(status.value, language), SIGNS[status], found[status])
        for status in sorted(found, key=lambda one: (SEVERITY[one], one))
    )


def passed_days(cycle: Cycle, today: date) -> int:
    """Return how many days of a cycle have passed."""
    return max(0, min((today - cycle.first).days, cycle.days))


def _time(assessments: Sequence[Assessment], language: str) -> tuple[str, int]:
    cycles = {(each.config.workspace.cycle.first, each.config.workspace.cycle.last) for each in assessments}
    if len(cycles) > 1:
        return "", 0
    cycle, today = assessments[0].config.workspace.cycle, assessments[0].now.date()
    left = max(0, (cycle.last - today).days)
    return translate_count(language, "{count} day left", "{count} days left", left), round(
        100 * passed_days(cycle, today) / cycle.days
    )


def _whole(share: Decimal | None) -> Decimal | None:
    return None if share is None else round(share, 2)


def _percent(share: Decimal | None) -> float:
    return 0.0 if share is None else round(float(share) * 100, 1)


def _points(now: Decimal | None, before: Decimal | None, language: str) -> str:
    if now is None or before is None:
        return ""
    moved = round((now - before) * 100)
    sign = "+" if moved > 0 else "−" if moved < 0 else "±"
    return sign + translate_count(language, "{count} point", "{count} points", abs(moved))
