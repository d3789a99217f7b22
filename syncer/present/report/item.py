"""One key result or objective for the HTML report, as texts ready for display."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from config.plain_text import one_line
from syncer.compute.assess import Assessment
from syncer.compute.states import KeyResultState, ObjectiveState
from syncer.i18n import join_clauses, translate
from syncer.method.status import Status
from syncer.model.cells import as_text
from syncer.present.delta_text import delta_text
from syncer.present.explain_text import explain_objective
from syncer.present.meeting import Agenda, Topic
from syncer.present.meeting_text import earlier_check_ins, questions
from syncer.present.notes_text import notes, objective_notes, revision_texts, status_words
from syncer.present.number_text import reason_text, show_change, show_percent, show_percent_change
from syncer.present.report.course import course_svg
from syncer.present.report.facts import check_in_facts, facts, last_check_in
from syncer.present.status_text import IN_NEED, SIGNS


@dataclass(frozen=True, slots=True)
class Item:
    """A key result or an objective, as texts for display.

    Attributes:
        status_key: the key of the effective status, such as `on_track`; `sign` is its shape.
        share, due: progress and expected progress in percent, 0 to 100.
        attention: why it needs attention; None when it does not.
        changed: what changed since the last check-in or run; empty when nothing did.
        help: what blocks it, what help is needed and who helps.
        due_since: the day since which a check-in is due; None when none is.
        facts: pairs of a name and a text.
        chart: an SVG element, or empty.
        explanation: how its value is calculated; text, or markup that is safe as HTML.
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
    progress: str
    expected: str
    share: float
    due: float
    attention: str | None = None
    changed: str = ""
    help: str = ""
    due_since: date | None = None
    facts: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    chart: str = ""
    explanation: str = ""
    asked: tuple[tuple[str, tuple[str, ...]], ...] = ()
    earlier: tuple[str, ...] = ()


def objective_item(assessment: Assessment, state: ObjectiveState) -> Item:
    """Build the item of an objective."""
    language = assessment.config.workspace.language
    stated, status = assessment.config.workspace.objectives[state.id], state.effective
    return Item(
        id=state.id,
        title=one_line(state.title),
        owner=one_line(stated.owner or ""),
        team=team_title(assessment, state.team),
        theme=one_line(stated.theme or ""),
        status=status_words(state, language),
        status_key=status.value,
        sign=SIGNS[status],
        progress=show_percent(state.rollup.progress),
        expected=show_percent(state.expected),
        share=_share(state.rollup.progress),
        due=_share(state.expected),
        facts=tuple(check_in_facts(assessment, last_check_in(assessment, state.id), language)),
        notes=tuple(objective_notes(assessment, state)),
        explanation=explain_objective(assessment, state),
    )


def key_result_item(
    assessment: Assessment, state: KeyResultState, topic: Topic | None, teams: Mapping[str, str]
) -> Item:
    """Build the item of a key result; `topic` is None when it was dropped, `teams` are display names by team id."""
    language, definition = assessment.config.workspace.language, state.definition
    status = state.effective
    check_in = last_check_in(assessment, definition.id)
    return Item(
        id=definition.id,
        title=one_line(definition.title) or definition.id,
        owner=one_line(definition.owner),
        team=teams.get(definition.team, one_line(definition.team)),
        theme=one_line(definition.theme),
        status=status_words(state, language),
        status_key=status.value,
        sign=SIGNS[status],
        progress=show_percent(state.progress.progress),
        expected=show_percent(state.expected),
        share=_share(state.progress.progress),
        due=_share(state.expected),
        attention=_attention(assessment, state) if status in IN_NEED else None,
        changed=_changed(state, topic, language),
        help=_help(assessment, state),
        due_since=state.due_since,
        facts=tuple(facts(assessment, state, check_in, teams)),
        notes=(*notes(state, language), *(one_line(text) for text in revision_texts(definition, language))),
        chart=course_svg(assessment, state),
    )


def team_title(assessment: Assessment, team: str) -> str:
    """Return a team's title, or its id when it has none."""
    stated = assessment.config.workspace.teams.get(team)
    return one_line((stated.title if stated else None) or team)


def _attention(assessment: Assessment, state: KeyResultState) -> str:
    """Describe why a key result needs attention: its figures, or why they are missing or stale."""
    language, seen = assessment.config.workspace.language, assessment.recall.past.last_check_in.get(state.definition.id)
    if state.reason:
        return reason_text(state.reason, language)
    if state.effective is Status.STALE and seen is not None:
        return translate(language, "no update since {seen}", seen=seen)
    progress, due = show_percent(state.progress.progress), show_percent(state.expected)
    if state.definition.is_threshold:
        return progress
    return translate(language, "{progress} where {due} is expected", progress=progress, due=due)


def _changed(state: KeyResultState, topic: Topic | None, language: str) -> str:
    """Describe what changed since the agenda's earlier value, or else since the last run; empty when nothing did."""
    percent = state.definition.percent
    if topic is None or topic.before is None:
        changed = delta_text(state.delta, language, percent=percent)
        return translate(language, "since the last run: {changed}", changed=changed) if changed else ""
    before, moved = topic.before, []
    if before.value is not None and isinstance(state.current, Decimal) and before.value != state.current:
        moved.append(" → ".join(show_change(before.value, state.current, state.definition.style, language)))
    was, now = show_percent_change(before.progress, state.progress.progress)
    if was != now:
        moved.append(translate(language, "progress {was} → {now}", was=was, now=now))
    both = (join_clauses(language, moved), delta_text(topic.changed, language, percent=percent))
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
