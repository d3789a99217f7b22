"""Notes on the figures: status overrides, coverage, actions, revisions, KPIs and themes."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from config.plain_text import one_line
from connectors.protocol import Reading
from syncer.compute.assess import Assessment
from syncer.compute.coverage import Gap, gap_of
from syncer.compute.definitions import Definition
from syncer.compute.projection import FEWEST, Projection
from syncer.compute.states import (
    KeyResultState,
    KpiState,
    ObjectiveState,
    known_sentence,
    override_sentences,
    trailing_sentences,
)
from syncer.i18n import bracketed, join, join_clauses, localize, status_label, translatable, translate
from syncer.method.goal import Goal
from syncer.method.pace import elapsed
from syncer.method.progress import weighted_mean
from syncer.method.status import RollUp
from syncer.model.number_style import NumberStyle
from syncer.sheet.columns import header_of
from syncer.sheet.number_text import NOTHING, reason_text, show_percent, show_quantity
from syncer.sources.reads import notes_of

if TYPE_CHECKING:
    from syncer.make_sheet.try_out import Tried


def expected_text(state: KeyResultState, today: date, language: str) -> str:
    """Describe the expected progress of a key result: its share, and the days that have passed between which dates."""
    definition = state.definition
    day = definition.expected_by(today)
    passed, total = elapsed(definition.start, definition.due, day, definition.pace)
    units = {
        "linear": translatable("{passed} of {total} days"),
        "workdays": translatable("{passed} of {total} workdays"),
        "points": translatable("{passed} of {total} days, in phases"),
    }
    span = translate(language, "{was} to {now}", was=definition.start, now=definition.due)
    words = translate(language, units[definition.pace.kind], passed=passed, total=total)
    return show_percent(state.expected) + bracketed(language, join_clauses(language, (words, span)))


def coverage_text(objective: ObjectiveState, gap: Gap | None, language: str) -> list[str]:
    """Describe why the key results do not cover an objective, in one sentence; empty list without a gap."""
    if gap is None:
        return []
    colon = translate(language, ": ")
    parts = []
    if gap.below:
        names, progress = join(language, gap.below), show_percent(objective.rollup.progress)
        parts.append(
            translate(language, "{names} reached, the objective at {progress}", names=names, progress=progress)
        )
    if gap.confidence is not None or gap.judgement:
        parts.append(translate(language, "all of them reached"))
    if gap.confidence is not None:
        parts.append(f"{header_of('confidence', language)}{colon}{show_percent(gap.confidence)}")
    if gap.judgement:
        parts.append(f"{header_of('judgement', language)}{colon}{one_line(gap.judgement)}")
    head = translate(language, "the key results do not cover the objective")
    return [head + bracketed(language, join_clauses(language, parts))]


def status_words(state: KeyResultState | ObjectiveState, language: str) -> str:
    """Return the effective status; for an override, with the computed status in brackets."""
    shown = status_label(state.effective.value, language)
    if state.override is None:
        return shown
    computed = status_label((state.rollup if isinstance(state, ObjectiveState) else state).status.value, language)
    return translate(language, "{shown} (computed: {computed})", shown=shown, computed=computed)


def known_words(known: int, total: int, language: str) -> str:
    """Describe how many members of a roll-up have a value."""
    return localize(language, known_sentence(known, total))


def trailing_words(rollup: RollUp, language: str) -> list[str]:
    """Describe how many members of a roll-up are off track or at risk; empty list when none is."""
    return [localize(language, text) for text in trailing_sentences(rollup)]


def notes(state: KeyResultState, language: str) -> Iterator[str]:
    """Yield notes on a key result: why it was dropped, its status override, its actions."""
    dropped = state.definition.dropped
    if dropped is not None:
        since = translate(language, "dropped on {date}: ", date=dropped.date)
        yield since + one_line(dropped.reason)
    yield from override_texts(state, language)
    if state.work is not None:
        yield _work(state, language)


def override_texts(state: KeyResultState | ObjectiveState, language: str) -> list[str]:
    """Describe a status override (who set it, until when, why), and why an override is ignored; one line each."""
    return [one_line(localize(language, text)) for text in override_sentences(state.override, state.remark)]


def reading_notes(seen: "Assessment | Tried", name: str) -> list[str]:
    """Return how the reading of a measure was read, where that was detected, and its warnings."""
    result, language = seen.results[name], seen.config.workspace.language
    reading = result.answer
    if not isinstance(reading, Reading):
        return []
    read = notes_of(reading, seen.config.expressions[name])
    return [one_line(localize(language, text)) for text in (*read, *result.all_warnings)]


def objective_notes(assessment: Assessment, state: ObjectiveState) -> list[str]:
    """Return notes on an objective: its status override, and why its key results do not cover it."""
    language = assessment.config.workspace.language
    return [*override_texts(state, language), *coverage_text(state, gap_of(assessment, state), language)]


def revision_texts(definition: Definition, language: str) -> Iterator[str]:
    """Yield the mid-cycle revisions of a key result: day, reason and what changed."""
    for revision in definition.revisions:
        what = bracketed(language, revision.what) if revision.what else ""
        yield (
            translate(language, "revised on {date}", date=revision.date)
            + f"{translate(language, ': ')}{revision.reason}{what}"
        )


def _work(state: KeyResultState, language: str) -> str:
    assert state.work is not None  # noqa: S101 - the caller looked; this tells the type checker
    done, total = (NOTHING if count is None else f"{count:,}" for count in (state.work.done, state.work.total))
    moved = ""
    if state.moved is not None:
        sign = "" if state.moved < 0 else "+"
        far = f"{sign}{show_quantity(state.moved, state.definition.style, language)}"
        moved = translate(language, ", value {far}", far=far)
    return translate(language, "{done} of {total} actions done{moved}", done=done, total=total, moved=moved)


def hold_text(hold: Goal, style: NumberStyle, language: str) -> str:
    """Format the condition that a KPI has to meet, in the config's notation."""
    return hold.condition(partial(show_quantity, style=style, language=language))


def kpi_cells(kpi: KpiState, language: str) -> tuple[str, str, str, str]:
    """Return a KPI's title, value (or why it is unknown), condition and status; empty texts where it has none."""
    known = show_quantity(kpi.value, kpi.style, language)
    value = known if kpi.value is not None else reason_text(kpi.reason, language)
    hold = hold_text(kpi.hold, kpi.style, language) if kpi.hold else ""
    return one_line(kpi.title), value, hold, status_label(kpi.status.value, language) if kpi.status else ""


def themes(assessment: Assessment) -> list[tuple[str, Sequence[KeyResultState]]]:
    """Return the themes in order of first use, each with its key results that were not dropped."""
    found: dict[str, list[KeyResultState]] = {}
    for state in assessment.key_results:
        if state.definition.theme and not state.dropped:
            found.setdefault(state.definition.theme, []).append(state)
    return list(found.items())


def theme_cells(theme: str, states: Sequence[KeyResultState]) -> tuple[str, str, str, str]:
    """Return a theme's name, number of key results, mean of the known progress, and actions done of all."""
    known = [(state.progress.progress, Decimal(1)) for state in states if state.progress.progress is not None]
    work = [state.work for state in states if state.work]
    counts = [(one.done, one.total) for one in work if one.done is not None and one.total is not None]
    effort = NOTHING
    if counts and len(counts) == len(work):
        effort = f"{sum(done for done, _ in counts):,} / {sum(total for _, total in counts):,}"
    return one_line(theme), str(len(states)), show_percent(weighted_mean(known) if known else None), effort


def show_end(projection: Projection, style: NumberStyle, language: str) -> str:
    """Format the value that is forecast for the last day."""
    if projection.is_progress:
        return show_percent(projection.end_value)
    return show_quantity(projection.end_value, style, language)


def forecast_text(projection: Projection, last: date, language: str, style: NumberStyle) -> str:
    """Describe a forecast: its value on `last`, the day the target is met, and the number of days it is based on."""
    found = projection.forecast
    if found is None:
        return translate(
            language,
            "none: it needs values on {FEWEST} different days of the cycle, there are {days}",
            FEWEST=FEWEST,
            days=projection.days,
        )
    end = show_end(projection, style, language)
    if found.met_on is None:
        met = translate(language, "on this trend, the target is never met")
    elif found.met_on > last:
        met = translate(language, "target met {met_on}, after the end", met_on=found.met_on)
    else:
        met = translate(language, "target met {met_on}", met_on=found.met_on)
    return translate(
        language,
        "{end} on {last}; {met} (a straight line through {points} days)",
        end=end,
        last=last,
        met=met,
        points=found.points,
    )
