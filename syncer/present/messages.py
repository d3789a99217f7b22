"""Texts of digests, reminders and alerts, in the workspace's language. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from config.plain_text import one_line
from connectors.messages import Link, Message, Section
from syncer.compute.assess import Assessment
from syncer.compute.states import KeyResultState
from syncer.i18n import bracketed, join, join_clauses, status_label, translate
from syncer.ledger.records import ValueRecord
from syncer.method.status import SEVERITY, Status
from syncer.present.faults import Fault
from syncer.present.report.overall import means
from syncer.present.status_text import IN_NEED
from syncer.sheet.columns import header_of
from syncer.sheet.number_text import reason_text, show_change, show_percent, show_percent_change, show_quantity

MOST_ITEMS = 12
MOST_TITLES = 3


def digest(seen: Assessment, before: Mapping[str, ValueRecord]) -> Message:
    """Build the weekly digest: what changed since `before`, what needs attention or help, and whose check-in is due.

    `before` holds earlier values by key result and may be empty. Each section lists at most `MOST_ITEMS` items.
    """
    language = seen.config.workspace.language
    states = [state for state in seen.key_results if not state.dropped]
    title = translate(language, "{title}: weekly digest, {date}", title=one_line(seen.title), date=seen.now.date())
    changed = [text for state in states if (text := _changed(state, before.get(state.definition.id), language))]
    attention = [_attention(state, language) for state in states if state.effective in IN_NEED]
    unchanged = (
        translate(language, "No progress changed.")
        if before
        else translate(language, "There are no values from a week ago to compare with yet.")
    )
    sections = (
        (translate(language, "Changed this week"), changed or [unchanged]),
        (translate(language, "Needs attention"), attention),
        (translate(language, "What help is needed?"), [text for state in states if (text := _help(seen, state))]),
        (translate(language, "Check-ins due"), _due(states, language)),
    )
    made = tuple(Section(head, _short(items, language)) for head, items in sections if items)
    return Message(title, (_overview(seen, states),), made, _links(seen, report_first=True))


def reminder(seen: Assessment, owner: str, states: Sequence[KeyResultState]) -> Message:
    """Build the reminder to one owner: the key results that wait for a check-in, and where to write it."""
    language = seen.config.workspace.language
    title = translate(language, "{title}: your OKR check-in is due", title=one_line(seen.title))
    asked = translate(
        language,
        "Hello {owner}, these key results are due for a check-in. A short note is enough; please also update "
        "values that are typed by hand. If something blocks you, write what help you need.",
        owner=one_line(owner),
    )
    items = [_waiting(seen, state) for state in states]
    file = seen.config.workspace.okr_sheet.file
    where = [f"{translate(language, 'OKR sheet')}{translate(language, ': ')}{file}"] if file else []
    return Message(title, (asked, *where), (Section("", _short(items, language)),), _links(seen))


def alert(title: str, faults: Sequence[Fault], language: str) -> Message:
    """Build the alert about faults of a sync; `title` names the workspace."""
    stopped = any(fault.stopped for fault in faults)
    name = one_line(title)
    head = (
        translate(language, "{title}: the OKR sheet was not updated", title=name)
        if stopped
        else translate(language, "{title}: not everything could be read", title=name)
    )
    if len(faults) == 1:
        return Message(head, _short(faults[0].lines, language))
    return Message(head, (), (Section("", _short([" ".join(fault.lines) for fault in faults], language)),))


def shared_alert(titles: Sequence[str], fault: Fault, language: str) -> Message:
    """Build the alert about a fault that several workspaces of one run have: the fault, and the list of them."""
    head = translate(language, "{title}: not everything could be read", title=_titles(titles, language))
    listed = Section(translate(language, "Workspaces"), _short([one_line(title) for title in titles], language))
    return Message(head, _short(fault.lines, language), (listed,))


def resolved_together(ended: Mapping[str, Sequence[tuple[str, datetime]]], language: str) -> Message:
    """Build the message that faults have ended in several workspaces of one run, by title."""
    head = translate(language, "{title}: resolved", title=_titles(list(ended), language))
    each = (resolved(title, faults, language).sections[0].items for title, faults in ended.items())
    return Message(head, (), tuple(Section(one_line(title), items) for title, items in zip(ended, each, strict=True)))


def reminder_together(messages: Mapping[str, Message], language: str) -> Message:
    """Build one reminder of those that an owner gets for several workspaces, by title."""
    head = translate(language, "{title}: your OKR check-in is due", title=_titles(list(messages), language))
    sections = []
    for title, message in messages.items():
        places = (*message.lines[1:], *(link.line for link in message.links))
        sections.append(Section(one_line(title), (*message.sections[0].items, *places)))
    return Message(head, next(iter(messages.values())).lines[:1], tuple(sections))


def _titles(titles: Sequence[str], language: str) -> str:
    """Name workspaces in a title: up to three, and how many more."""
    names = join(language, [one_line(title) for title in titles[:MOST_TITLES]])
    more = len(titles) - MOST_TITLES
    return translate(language, "{names} and {count} more", names=names, count=more) if more > 0 else names


def resolved(title: str, ended: Sequence[tuple[str, datetime]], language: str) -> Message:
    """Build the message that faults have ended; each is a text and when it was first seen."""
    head = translate(language, "{title}: resolved", title=one_line(title))
    items = [
        one_line(text) + bracketed(language, translate(language, "since {day}", day=f"{since:%Y-%m-%d %H:%M}"))
        for text, since in ended
    ]
    return Message(head, (), (Section("", _short(items, language)),))


def _overview(seen: Assessment, states: Sequence[KeyResultState]) -> str:
    """Describe the day of the cycle, the overall progress, and how many key results have which status."""
    language, cycle = seen.config.workspace.language, seen.config.workspace.cycle
    day = max(0, min((seen.now.date() - cycle.first).days + 1, cycle.days))
    counts: dict[Status, int] = {}
    for state in sorted(states, key=lambda state: -SEVERITY[state.effective]):
        counts[state.effective] = counts.get(state.effective, 0) + 1
    listed = [
        translate(language, "{count} {status}", count=count, status=status_label(status.value, language))
        for status, count in counts.items()
    ]
    return translate(
        language,
        "{cycle}, day {day} of {days}: {counts}",
        cycle=cycle.name,
        day=day,
        days=cycle.days,
        counts=translate(language, "; ").join([*_overall(seen), join(language, listed)]),
    )


def _overall(seen: Assessment) -> list[str]:
    """Describe the mean progress of the objectives, and what is expected of them; empty if no progress is known."""
    progress, expected = means(seen.objectives)
    if progress is None or expected is None:
        return []
    return [_against(progress, expected, seen.config.workspace.language)]


def _against(progress: Decimal | None, expected: Decimal, language: str) -> str:
    now, due = show_percent(progress), show_percent(expected)
    return translate(language, "progress {now}, expected {expected}", now=now, expected=due)


def _changed(state: KeyResultState, before: ValueRecord | None, language: str) -> str:
    """Describe the change of value and progress since an earlier record; empty if the progress is the same."""
    now, then = state.progress.progress, before.progress if before else None
    if before is None or now is None or then is None or now == then:
        return ""
    sign = "▲" if now > then else "▼"
    was, is_now = show_percent_change(then, now)
    points = show_percent(abs(now - then)).removesuffix("%")
    moved = translate(
        language,
        "progress {then} → {now} ({change} points), expected {expected}",
        then=was,
        now=is_now,
        change=f"{'+' if now > then else '-'}{points}",
        expected=show_percent(state.expected),
    )
    clauses = [text for text in (_value_change(state, before, language), moved) if text]
    return f"{sign} {_name(state)}{translate(language, ': ')}{translate(language, '; ').join(clauses)}"


def _value_change(state: KeyResultState, before: ValueRecord, language: str) -> str:
    if before.value is None or not isinstance(state.current, Decimal) or before.value == state.current:
        return _value(state, language)
    was, now = show_change(before.value, state.current, state.definition.style, language)
    return f"{was} → {now}{_target(state, language)}"


def _value(state: KeyResultState, language: str) -> str:
    """Format the current value of a known key result with its unit and target."""
    return show_quantity(state.current, state.definition.style, language) + _target(state, language)


def _target(state: KeyResultState, language: str) -> str:
    goal = state.definition.goal
    if goal is None or goal.target is None:
        return ""
    target = show_quantity(goal.target, state.definition.style, language)
    return bracketed(language, translate(language, "target {target}", target=target))


def _attention(state: KeyResultState, language: str) -> str:
    owner = bracketed(language, one_line(state.definition.owner)) if state.definition.owner else ""
    status = status_label(state.effective.value, language)
    words = [status, reason_text(state.reason, language)] if state.reason else [status, *_figures(state, language)]
    return f"{_name(state)}{owner}{translate(language, ': ')}{join_clauses(language, words)}"


def _figures(state: KeyResultState, language: str) -> list[str]:
    figures = _against(state.progress.progress, state.expected, language)
    return [_value(state, language)] if state.definition.is_threshold else [_value(state, language), figures]


def _help(seen: Assessment, state: KeyResultState) -> str:
    """Describe what blocks a key result and who helps, from its newest check-in; empty without a blocker or request."""
    language = seen.config.workspace.language
    check_ins = seen.recall.check_ins.get(state.definition.id, ())
    texts = check_ins[-1].texts if check_ins else {}
    if not (texts.get("blocker") or texts.get("help")):
        return ""
    colon = translate(language, ": ")
    said = [
        f"{header_of(name, language)}{colon}{one_line(texts[name])}"
        for name in ("blocker", "help", "helper")
        if texts.get(name)
    ]
    return f"{_name(state)}{colon}{translate(language, '; ').join(said)}"


def _due(states: Sequence[KeyResultState], language: str) -> list[str]:
    """List whose check-in is due, for which key results and since when; owners in the order of their key results."""
    found: dict[str, dict[date, list[str]]] = {}
    for state in states:
        if state.due_since is not None:
            owner = one_line(state.definition.owner) or translate(language, "no owner")
            found.setdefault(owner, {}).setdefault(state.due_since, []).append(state.definition.id)
    colon, semicolon = translate(language, ": "), translate(language, "; ")
    return [
        owner
        + colon
        + semicolon.join(
            translate(language, "{ids} since {day}", ids=join(language, ids), day=day) for day, ids in days.items()
        )
        for owner, days in found.items()
    ]


def _waiting(seen: Assessment, state: KeyResultState) -> str:
    """Describe a key result that waits for its owner's check-in."""
    language = seen.config.workspace.language
    last = seen.recall.past.last_check_in.get(state.definition.id)
    since = state.due_since or last
    waits = [
        translate(language, "due since {day}", day=since) if since else "",
        translate(language, "last update {day}", day=last) if last else "",
    ]
    figures = _value(state, language) if state.known else ""
    words = [text for text in (figures, *waits) if text]
    return f"{_name(state)}{translate(language, ': ')}{join_clauses(language, words)}"


def _links(seen: Assessment, *, report_first: bool = False) -> tuple[Link, ...]:
    """Return the links to the report, where the config states one, and to the OKR sheet, where it has an address."""
    language, report = seen.config.workspace.language, seen.config.workspace.report.url
    layouts = seen.view.layouts
    sheet = seen.image.tab_links.get(layouts[0].tab.title, seen.image.link) if layouts else seen.image.link
    colon = translate(language, ": ")
    links = [
        *([Link(translate(language, "Report"), report, colon)] if report else []),
        *([Link(translate(language, "OKR sheet"), sheet, colon)] if sheet.startswith("https://") else []),
    ]
    return tuple(links if report_first else reversed(links))


def _short(items: Sequence[str], language: str) -> tuple[str, ...]:
    more = len(items) - MOST_ITEMS
    return (*items[:MOST_ITEMS], *([translate(language, "and {more} more", more=more)] if more > 0 else []))


def _name(state: KeyResultState) -> str:
    return f"{state.definition.id} {one_line(state.definition.title)}".strip()
