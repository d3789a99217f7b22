"""Texts of digest and alert messages, in the workspace's language. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from config.plain_text import one_line
from connectors.notify import Message
from syncer.compute.assess import Assessment
from syncer.compute.states import KeyResultState
from syncer.i18n import bracketed, status_label, translate
from syncer.ledger.records import ValueRecord
from syncer.method.status import Status
from syncer.present.number_text import reason_text, show_percent_change

MOST_LINES = 12
RISKY = frozenset({Status.AT_RISK, Status.OFF_TRACK, Status.NOT_MET})
SILENT = frozenset({Status.STALE, Status.UNKNOWN})


def digest(assessment: Assessment, before: Mapping[str, ValueRecord]) -> Message:
    """Build the digest: progress changes since `before`, key results at risk, and those that need an update.

    `before` holds earlier values by key result and may be empty. Each section lists at most `MOST_LINES` key results.
    """
    language = assessment.config.workspace.language
    states = assessment.key_results
    title = translate(
        language,
        "{title}, {name}: {date}",
        title=one_line(assessment.title),
        name=assessment.config.workspace.cycle.name,
        date=assessment.now.date(),
    )
    moved = [line for state in states if (line := _moved(state, before.get(state.definition.id)))]
    risky = [
        f"{_name(state)} – {status_label(state.status.value, language)}" for state in states if state.status in RISKY
    ]
    silent = [_asked(state, language) for state in states if state.status in SILENT]
    lines = [
        *_section(translate(language, "What moved"), moved, language),
        *_section(translate(language, "Needs a look"), risky, language),
        *_section(translate(language, "What help is needed? A word from"), silent, language),
    ]
    return Message(title, tuple(lines) or (translate(language, "Nothing moved."),))


def alert(title: str, reasons: Sequence[str], language: str) -> Message:
    """Build the alert about a sync that failed or was refused; `title` names the workspace."""
    head = translate(language, "okrsync could not update {title}", title=title)
    lines = [one_line(line) for reason in reasons for line in reason.splitlines() if line.strip()]
    return Message(head, tuple(_short(lines, language)))


def _section(head: str, lines: Sequence[str], language: str) -> list[str]:
    return ["", head, *(f"- {line}" for line in _short(lines, language))] if lines else []


def _short(lines: Sequence[str], language: str) -> list[str]:
    more = len(lines) - MOST_LINES
    rest = [translate(language, "and {more} more", more=more)] if more > 0 else []
    return [*lines[:MOST_LINES], *rest]


def _name(state: KeyResultState) -> str:
    return f"{state.definition.id} {one_line(state.definition.title)}".strip()


def _moved(state: KeyResultState, before: ValueRecord | None) -> str:
    now, then = state.progress.progress, before.progress if before else None
    if now is None or then is None or now == then:
        return ""
    sign = "▲" if now - then > Decimal(0) else "▼"
    before_text, now_text = show_percent_change(then, now)
    return f"{sign} {_name(state)}: {before_text} → {now_text}"


def _asked(state: KeyResultState, language: str) -> str:
    owner = one_line(state.definition.owner)
    why = reason_text(state.reason, language) or status_label(state.status.value, language)
    asked = _name(state) + bracketed(language, why)
    return f"{owner}{translate(language, ': ')}{asked}" if owner else asked
