"""A meeting's agenda in words: three questions for each key result, as text or markdown. It asks, and never blames."""

from collections.abc import Iterator

from syncer.okr.status import Status
from syncer.sheet.columns import header_of
from syncer.show.coverage_text import coverage_text
from syncer.show.delta_text import delta_text
from syncer.show.figures import NOTHING, one_line, show_percent, show_value
from syncer.show.history_text import confidence_of, said_text, sparkline
from syncer.show.outlook_text import forecast_text
from syncer.show.plan_markdown import cell
from syncer.views.meeting import Agenda, Topic
from syncer.words import say, word

EARLIER = 3
"""How many earlier check-ins a one-on-one shows."""

_IN_NEED = (Status.OFF_TRACK, Status.NOT_MET, Status.AT_RISK, Status.STALE, Status.UNKNOWN)
_LOW = 0.5


def meeting_text(agenda: Agenda, language: str, *, markdown: bool, one_on_one: bool = False) -> str:
    """The whole agenda."""
    kind = (
        say(language, "One-on-one", "一對一會議") if one_on_one else say(language, "Check-in meeting", "進度更新會議")
    )
    about = f"{say(language, ': ', '：')}{agenda.about}" if agenda.about else ""
    day = say(language, f"{agenda.today}, compared with {agenda.since}", f"{agenda.today}，與 {agenda.since} 相比")
    lines = [_heading(f"{kind}{about} ({day})", "#" if markdown else "")]
    due = [topic.state.definition.id for topic in agenda.topics if topic.due]
    if due:
        ids = ", ".join(due)
        lines += ["", say(language, f"Check-in due: {ids}", f"待更新：{ids}")]
    for objective, topics in agenda.groups:
        lines.append("")
        if objective is not None:
            status = word(objective.rollup.status.value, language)
            figures = f"{show_percent(objective.rollup.progress)}, {status}"
            lines.append(_heading(f"{objective.id}  {objective.title}  ({figures})", "##" if markdown else ""))
            told = coverage_text(objective, agenda.gaps.get(objective.id), language)
            lines += [each for text in told for each in (("", cell(text)) if markdown else (one_line(text),))]
        for topic in topics:
            lines += ["", *_topic(topic, agenda, language, markdown=markdown, one_on_one=one_on_one)]
    if not agenda.groups:
        lines += ["", say(language, "There is no key result to talk about.", "沒有需要討論的關鍵成果。")]
    return "\n".join(lines) + "\n"


def _topic(topic: Topic, agenda: Agenda, language: str, *, markdown: bool, one_on_one: bool) -> list[str]:
    definition = topic.state.definition
    owner = f"  ({definition.owner})" if definition.owner and not one_on_one else ""
    lines = [_heading(f"{definition.id}  {definition.title}{owner}", "###" if markdown else "")]
    questions = (
        (
            say(language, "Where are we against expected?", "目前進度與應有進度相比如何？"),
            _where(topic, agenda, language),
        ),
        (say(language, "What changed, and why?", "有什麼改變？為什麼？"), _changed(topic, agenda, language)),
        (
            say(language, "What blocks us, and who helps?", "遇到什麼障礙？誰能協助？"),
            _blocked(topic, agenda, language),
        ),
    )
    for number, (question, answers) in enumerate(questions, 1):
        lines += ["", f"{number}. {question}", ""] if markdown else [f"  {number}. {question}"]
        lines += [f"   - {cell(answer)}" if markdown else f"     {one_line(answer)}" for answer in answers]
    if one_on_one and len(topic.check_ins) > 1:
        head = say(language, "Earlier check-ins", "先前的進度更新")
        lines += ["", f"{head}:", ""] if markdown else [f"  {head}:"]
        for each in topic.check_ins[1 : 1 + EARLIER]:
            text = f"{each.day}  {said_text(each, language, agenda.scale)}"
            lines.append(f"- {cell(text)}" if markdown else f"     {one_line(text)}")
    return lines


def _heading(text: str, mark: str) -> str:
    """A heading in markdown, where there is a mark for it; else a plain line."""
    return f"{mark} {cell(text)}" if mark else one_line(text)


def _where(topic: Topic, agenda: Agenda, language: str) -> Iterator[str]:
    state, percent = topic.state, topic.state.definition.percent
    goal = state.definition.goal
    if state.known:
        target = f" / {show_value(goal.target, percent=percent)}" if goal and goal.target is not None else ""
        progress = show_percent(state.progress.progress)
        expected, status = show_percent(state.expected), word(state.effective.value, language)
        value = show_value(state.current, percent=percent)
        yield say(
            language,
            f"{value}{target}: {progress} where {expected} is expected; {status}",
            f"{value}{target}：進度 {progress}，應有進度 {expected}；{status}",
        )
    else:
        yield say(language, f"not known: {state.reason}", f"無資料：{state.reason}")
    if state.outlook.forecast is not None:
        told = forecast_text(state.outlook, state.definition.due, language, percent=percent)
        yield f"{header_of('forecast', language)}{say(language, ': ', '：')}{told}"
    shares = [share for each in reversed(topic.check_ins) if (share := confidence_of(each, agenda.scale)) is not None]
    if shares:
        newest = next(each for each in topic.check_ins if confidence_of(each, agenda.scale) is not None)
        name = f"{header_of('confidence', language)}{say(language, ': ', '：')}"
        yield f"{name}{newest.said['confidence']}/{agenda.scale} {sparkline(shares)}"


def _changed(topic: Topic, agenda: Agenda, language: str) -> Iterator[str]:
    percent = topic.state.definition.percent
    before = topic.before
    if before is None:
        yield say(language, f"nothing is known of {agenda.since}", f"沒有 {agenda.since} 的紀錄")
    else:
        was, now = show_percent(before.progress), show_percent(topic.state.progress.progress)
        if was == now:
            yield say(language, f"still {now}", f"仍為 {now}")
        else:
            yield say(language, f"{was} to {now}", f"{was} 至 {now}")
        if told := delta_text(topic.changed, language, percent=percent):
            yield told
    if note := _said(topic, "note"):
        yield f"{topic.check_ins[0].day} {note}"


def _blocked(topic: Topic, agenda: Agenda, language: str) -> Iterator[str]:
    colon = say(language, ": ", "：")
    told = False
    for column in ("blocker", "help", "helper"):
        if text := _said(topic, column):
            told = True
            yield f"{header_of(column, language)}{colon}{text}"
    share = confidence_of(topic.check_ins[0], agenda.scale) if topic.check_ins else None
    in_need = topic.state.effective in _IN_NEED or (share is not None and share < _LOW)
    if in_need and not _said(topic, "help"):
        yield say(language, "What help is needed?", "需要什麼協助？")
    elif not told:
        yield NOTHING
    if topic.due:
        last = topic.check_ins[0].day if topic.check_ins else None
        yield say(
            language,
            f"a check-in is due (the last one: {last or NOTHING})",
            f"待更新（上次更新：{last or NOTHING}）",
        )


def _said(topic: Topic, column: str) -> str:
    return topic.check_ins[0].said.get(column, "") if topic.check_ins else ""
