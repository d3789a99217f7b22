"""One key result or objective for the HTML report, as texts ready for display."""

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import date
from decimal import Decimal

from config.dataclass import dataclass
from config.models import StatusRule
from config.plain_text import one_line
from syncer.compute.assess import Assessment
from syncer.compute.change import change_between
from syncer.compute.states import KeyResultState, ObjectiveState
from syncer.i18n import translate
from syncer.method.status import Standing, Status, status_of
from syncer.model.cells import as_text
from syncer.present.delta_text import delta_text
from syncer.present.meeting import Agenda, Topic
from syncer.present.meeting_text import earlier_check_ins, questions
from syncer.present.notes_text import known_words, notes, objective_notes, revision_texts, status_words, trailing_words
from syncer.present.report.calculation import Calculation, key_result_calculation, objective_calculation
from syncer.present.report.course import course_svg, spark_of
from syncer.present.report.facts import check_in_facts, facts, last_check_in
from syncer.present.report.figures import change_text, current_text, exact_text, target_text
from syncer.present.report.unknown import unknown_text
from syncer.present.status_text import IN_NEED, SIGNS
from syncer.sheet.number_text import show_percent, show_percent_change


@dataclass(frozen=True, slots=True)
class Item:
    """A key result or an objective, as texts for display.

    Attributes:
        status_key: the key of the effective status, such as `on_track`; `sign` is its shape.
        tone: the key of the status that its own progress has against what is expected; it colours the bar.
        share, due: progress and expected progress in percent, 0 to 100.
        about: short texts about an objective: how many of its key results have data, how many trail.
        current, target: texts in its unit; `exact` is the current value with all its digits.
        unknown: why there is no value, in a reader's words.
        change: change of its value since the agenda's earlier day; `trend` is 1 when that is good, -1 when bad;
            `moved` is the change of progress in percentage points.
        attention: why it needs attention; None when it does not.
        changed: what changed since the last check-in or run, and why; empty when nothing did.
        help: what blocks it, what help is needed and who helps.
        due_since: the day since which a check-in is due; None when none is.
        facts: pairs of a name and a text.
        spark, chart: SVG elements, or empty.
        asked: a meeting's questions, each with its answers.
        earlier: the check-ins before the newest, for a one-on-one.
    """

    id: str
    title: str
    owner: str
    team: str
    theme: str
    status: str
    status_key: str
    sign: str
    tone: str
    progress: str
    expected: str
    share: float
    due: float
    known: bool = True
    about: tuple[str, ...] = ()
    current: str = ""
    exact: str = ""
    target: str = ""
    unknown: str = ""
    is_threshold: bool = False
    change: str = ""
    trend: int = 0
    moved: float = 0.0
    attention: str | None = None
    changed: str = ""
    help: str = ""
    due_since: date | None = None
    facts: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    spark: str = ""
    chart: str = ""
    calculation: Calculation = field(default_factory=Calculation)
    asked: tuple[tuple[str, tuple[str, ...]], ...] = ()
    earlier: tuple[str, ...] = ()

    @property
    def initials(self) -> str:
        """Two letters for the owner: those of two names, or the last two characters of a Chinese name."""
        names = self.owner.split()
        if not names:
            return ""
        if not names[0].isascii():
            return names[0][-2:]
        return "".join(name[0] for name in (names[0], *names[1:][-1:])).upper()


def objective_item(assessment: Assessment, state: ObjectiveState) -> Item:
    """Build the item of an objective."""
    language, rollup = assessment.config.workspace.language, state.rollup
    stated, status = assessment.config.workspace.objectives[state.id], state.effective
    counts = trailing_words(rollup, language)
    if rollup.known < rollup.total:
        counts = [known_words(rollup.known, rollup.total, language), *counts]
    return Item(
        id=state.id,
        title=one_line(state.title),
        owner=one_line(stated.owner or ""),
        team=team_title(assessment, state.team),
        theme=one_line(stated.theme or ""),
        status=status_words(state, language),
        status_key=status.value,
        sign=SIGNS[status],
        tone=_tone(rollup.progress, state.expected, assessment.config.workspace.status).value,
        progress=show_percent(rollup.progress),
        expected=show_percent(state.expected),
        share=_share(rollup.progress),
        due=_share(state.expected),
        known=rollup.progress is not None,
        about=tuple(counts),
        facts=tuple(check_in_facts(assessment, last_check_in(assessment, state.id), language)),
        notes=tuple(objective_notes(assessment, state)),
        calculation=objective_calculation(assessment, state),
    )


def key_result_item(
    assessment: Assessment, state: KeyResultState, topic: Topic | None, teams: Mapping[str, str]
) -> Item:
    """Build the item of a key result; `topic` is None when it was dropped, `teams` are display names by team id."""
    language, definition = assessment.config.workspace.language, state.definition
    status = state.effective
    change = change_between(state, topic.before if topic else None)
    return Item(
        id=definition.id,
        title=one_line(definition.title) or definition.id,
        owner=one_line(definition.owner),
        team=teams.get(definition.team, one_line(definition.team)),
        theme=one_line(definition.theme),
        status=status_words(state, language),
        status_key=status.value,
        sign=SIGNS[status],
        tone=_key_result_tone(assessment, state).value,
        progress=show_percent(state.progress.progress),
        expected=show_percent(state.expected),
        share=_share(state.progress.progress),
        due=_share(state.expected),
        known=state.known,
        current=current_text(state, language),
        exact=exact_text(state),
        target=target_text(definition, language),
        unknown=unknown_text(state, language),
        is_threshold=definition.is_threshold,
        change=change_text(state, change, language),
        trend=change.trend if change else 0,
        moved=float(change.progress) * 100 if change else 0.0,
        attention=_attention(assessment, state) if status in IN_NEED else None,
        changed=_changed(state, topic, language),
        help=_help(assessment, state),
        due_since=state.due_since,
        facts=tuple(facts(assessment, state, last_check_in(assessment, definition.id), teams)),
        notes=(*notes(state, language), *(one_line(text) for text in revision_texts(definition, language))),
        spark=spark_of(assessment, state),
        chart=course_svg(assessment, state),
        calculation=key_result_calculation(assessment, state),
    )


def team_title(assessment: Assessment, team: str) -> str:
    """Return a team's title, or its id when it has none."""
    stated = assessment.config.workspace.teams.get(team)
    return one_line((stated.title if stated else None) or team)


def _tone(progress: Decimal | None, expected: Decimal, rule: StatusRule, *, is_threshold: bool = False) -> Status:
    return status_of(Standing(progress, expected, is_threshold), rule)


def _key_result_tone(assessment: Assessment, state: KeyResultState) -> Status:
    if state.dropped or state.status is Status.NOT_STARTED:
        return state.status
    rule, is_threshold = assessment.config.workspace.status, state.definition.is_threshold
    return _tone(state.progress.progress, state.expected, rule, is_threshold=is_threshold)


def _attention(assessment: Assessment, state: KeyResultState) -> str:
    """Describe why a key result needs attention: its figures, or why they are missing or stale."""
    language, seen = assessment.config.workspace.language, assessment.recall.past.last_check_in.get(state.definition.id)
    if state.reason:
        return unknown_text(state, language)
    if state.effective is Status.STALE and seen is not None:
        return translate(language, "no update since {seen}", seen=seen)
    if state.definition.is_threshold:
        current, target = current_text(state, language), target_text(state.definition, language)
        return translate(language, "{current}, target {target}", current=current, target=target)
    progress, due = show_percent(state.progress.progress), show_percent(state.expected)
    return translate(language, "{progress}, expected {due}", progress=progress, due=due)


def _changed(state: KeyResultState, topic: Topic | None, language: str) -> str:
    """Describe what changed since the agenda's earlier value, or else since the last run; empty when nothing did."""
    percent = state.definition.percent
    if topic is None or topic.before is None:
        changed = delta_text(state.delta, language, percent=percent)
        return translate(language, "since the last run: {changed}", changed=changed) if changed else ""
    was, now = show_percent_change(topic.before.progress, state.progress.progress)
    moved = translate(language, "progress {was} → {now}", was=was, now=now) if was != now else ""
    told = replace(topic.changed, measures=tuple(one for one in topic.changed.measures if not one.moved))
    both = (moved, delta_text(told, language, percent=percent))
    return translate(language, "; ").join(text for text in both if text)


def _help(assessment: Assessment, state: KeyResultState) -> str:
    """Describe what blocks a key result, what help is needed and who helps, from the sheet's row; empty for none."""
    row = assessment.view.row_of(state.definition.id)
    cells = {name: row.cell(name) for name in ("blocker", "help", "helper")} if row else {}
    texts = {name: one_line(as_text(cell.value)) for name, cell in cells.items() if cell and cell.value is not None}
    needs = [texts[name] for name in ("blocker", "help") if texts.get(name)]
    if not needs or state.dropped:
        return ""
    return translate(assessment.config.workspace.language, "; ").join(needs) + (
        f" – {texts['helper']}" if texts.get("helper") else ""
    )


def _share(fraction: Decimal | None) -> float:
    return 0.0 if fraction is None else round(float(fraction) * 100, 1)


def with_questions(item: Item, topic: Topic | None, agenda: Agenda, language: str) -> Item:
    """Return the item with the meeting's three questions; unchanged for a dropped key result, which has no topic."""
    if topic is None:
        return item
    asked = tuple((text, tuple(map(one_line, answers))) for text, answers in questions(topic, agenda, language))
    return replace(item, asked=asked, earlier=tuple(map(one_line, earlier_check_ins(topic, agenda, language))))
