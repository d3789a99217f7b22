"""A meeting's agenda as text or markdown: three neutral questions for each key result."""

from collections.abc import Iterator
from datetime import date
from itertools import takewhile

from config.plain_text import one_line
from syncer.compute.check_ins import confidence_of
from syncer.i18n import bracketed, join, join_clauses, localize, status_label, translate
from syncer.method.status import Status
from syncer.present.delta_text import delta_text
from syncer.present.history import check_in_text
from syncer.present.meeting import Agenda, Topic, due_by_day
from syncer.present.notes_text import coverage_text, forecast_text, override_texts, status_words
from syncer.present.plan_json import cell
from syncer.sheet.columns import header_of
from syncer.sheet.number_text import NOTHING, show_percent, show_percent_change, show_quantity

EARLIER = 3
"""Number of earlier check-ins that a one-on-one shows."""
CONFIDENCES = 4
"""How many confidences a topic shows, the newest last."""

_IN_NEED = (Status.OFF_TRACK, Status.NOT_MET, Status.AT_RISK, Status.STALE, Status.UNKNOWN)
_LOW = 0.5


def meeting_text(agenda: Agenda, language: str, *, markdown: bool, one_on_one: bool = False) -> str:
    """Format an agenda as markdown or text; a one-on-one also lists earlier check-ins."""
    lines = [_heading(meeting_title(agenda, language, one_on_one=one_on_one), "#" if markdown else "")]
    for text in due_texts(agenda, language):
        lines += ["", text]
    for objective, topics in agenda.groups:
        lines.append("")
        if objective is not None:
            figures = join_clauses(
                language, (show_percent(objective.rollup.progress), status_words(objective, language))
            )
            lines.append(
                _heading(f"{objective.id}  {objective.title}{bracketed(language, figures)}", "##" if markdown else "")
            )
            texts = [
                *override_texts(objective, language),
                *coverage_text(objective, agenda.gaps.get(objective.id), language),
            ]
            lines += [each for text in texts for each in (("", cell(text)) if markdown else (one_line(text),))]
        for topic in topics:
            lines += ["", *_topic(topic, agenda, language, markdown=markdown, one_on_one=one_on_one)]
    if not agenda.groups:
        lines += ["", translate(language, "There is no key result to talk about.")]
    return "\n".join(lines) + "\n"


def due_texts(agenda: Agenda, language: str) -> list[str]:
    """List the key results whose check-in is due, a line for each day since which it is, oldest first."""
    due = due_by_day(topic.state for topic in agenda.topics)
    return [
        translate(
            language,
            "Check-in due since {since}: {ids}",
            since=since,
            ids=join(language, (state.definition.id for state in states)),
        )
        for since, states in due.items()
    ]


def meeting_title(agenda: Agenda, language: str, *, one_on_one: bool) -> str:
    """Return the title of a meeting: its kind, its team or owner, and the days compared."""
    kind = translate(language, "One-on-one") if one_on_one else translate(language, "Check-in meeting")
    about = f"{translate(language, ': ')}{agenda.about}" if agenda.about else ""
    day = translate(language, "{today}, compared with {since}", today=agenda.today, since=agenda.since)
    return f"{kind}{about}{bracketed(language, day)}"


def _topic(topic: Topic, agenda: Agenda, language: str, *, markdown: bool, one_on_one: bool) -> list[str]:
    definition = topic.state.definition
    owner = bracketed(language, definition.owner) if definition.owner and not one_on_one else ""
    lines = [_heading(f"{definition.id}  {definition.title}{owner}", "###" if markdown else "")]
    for number, (question, answers) in enumerate(questions(topic, agenda, language), 1):
        lines += ["", f"{number}. {question}", ""] if markdown else [f"  {number}. {question}"]
        lines += [f"   - {cell(answer)}" if markdown else f"     {one_line(answer)}" for answer in answers]
    if one_on_one and (earlier := earlier_check_ins(topic, agenda, language)):
        head = translate(language, "Earlier check-ins")
        head += translate(language, ": ").rstrip()
        lines += ["", head, ""] if markdown else [f"  {head}"]
        lines += [f"- {cell(text)}" if markdown else f"     {one_line(text)}" for text in earlier]
    return lines


def questions(topic: Topic, agenda: Agenda, language: str) -> list[tuple[str, list[str]]]:
    """Return the three questions about a key result, each with the answers known from the data."""
    return [
        (translate(language, "Where are we against expected?"), list(_where(topic, agenda, language))),
        (translate(language, "What changed, and why?"), list(_changed(topic, agenda, language))),
        (translate(language, "What blocks us, and who helps?"), list(_blocked(topic, agenda, language))),
    ]


def earlier_check_ins(topic: Topic, agenda: Agenda, language: str) -> list[str]:
    """Return up to `EARLIER` check-ins before the newest one, newest first, each in one line."""
    percent = topic.state.definition.percent
    earlier = topic.check_ins[1 : 1 + EARLIER]
    return [f"{each.day}  {check_in_text(each, language, agenda.scale, percent=percent)}" for each in earlier]


def _heading(text: str, mark: str) -> str:
    """Format a markdown heading, or a plain line when `mark` is empty."""
    return f"{mark} {cell(text)}" if mark else one_line(text)


def _where(topic: Topic, agenda: Agenda, language: str) -> Iterator[str]:
    state, style = topic.state, topic.state.definition.style
    goal = state.definition.goal
    if state.known:
        target = f" / {show_quantity(goal.target, style, language)}" if goal and goal.target is not None else ""
        progress = show_percent(state.progress.progress)
        expected, status = show_percent(state.expected), status_label(state.effective.value, language)
        value = show_quantity(state.current, style, language)
        yield translate(
            language,
            "{value}{target}: {progress} where {expected} is expected; {status}",
            value=value,
            target=target,
            progress=progress,
            expected=expected,
            status=status,
        )
    else:
        yield translate(language, "not known: {reason}", reason=localize(language, state.reason))
    if state.projection.forecast is not None:
        forecast = forecast_text(state.projection, state.definition.due, language, style)
        yield f"{header_of('forecast', language)}{translate(language, ': ')}{forecast}"
    said = [each.texts["confidence"] for each in topic.check_ins if confidence_of(each, agenda.scale) is not None]
    if said:
        name = f"{header_of('confidence', language)}{translate(language, ': ')}"
        yield f"{name}{' → '.join(reversed(said[:CONFIDENCES]))}" + ("" if "%" in said[0] else f"/{agenda.scale}")


def _changed(topic: Topic, agenda: Agenda, language: str) -> Iterator[str]:
    percent = topic.state.definition.percent
    before = topic.before
    if before is None:
        yield translate(language, "nothing is known of {since}", since=agenda.since)
    else:
        unknown = status_label(Status.UNKNOWN.value, language)
        both = (before.progress, topic.state.progress.progress)
        texts = zip(both, show_percent_change(*both), strict=True)
        was, now = (unknown if one is None else text for one, text in texts)
        if was == now:
            yield translate(language, "still {now}", now=now)
        else:
            yield f"{was} → {now}"
        if changed := delta_text(topic.changed, language, percent=percent):
            yield changed
    if note := _check_in(topic, "note"):
        yield f"{_since(topic, 'note')} {note}"


def _blocked(topic: Topic, agenda: Agenda, language: str) -> Iterator[str]:
    colon = translate(language, ": ")
    named = False
    for column in ("blocker", "help", "helper"):
        if text := _check_in(topic, column):
            named = True
            yield f"{header_of(column, language)}{colon}{text}"
    share = confidence_of(topic.check_ins[0], agenda.scale) if topic.check_ins else None
    in_need = topic.state.effective in _IN_NEED or (share is not None and share < _LOW)
    if in_need and not _check_in(topic, "help"):
        yield translate(language, "What help is needed?")
    elif not named:
        yield NOTHING
    if (since := topic.state.due_since) is not None:
        last = topic.check_ins[0].day if topic.check_ins else None
        yield translate(
            language, "a check-in is due since {since} (the last one: {last})", since=since, last=last or NOTHING
        )


def _since(topic: Topic, column: str) -> date:
    """Return the day of the check-in that first said what a column says now."""
    same = takewhile(lambda one: one.texts.get(column) == _check_in(topic, column), topic.check_ins)
    return [one.day for one in same][-1]


def _check_in(topic: Topic, column: str) -> str:
    return topic.check_ins[0].texts.get(column, "") if topic.check_ins else ""
