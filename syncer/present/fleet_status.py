"""Output of `fleet status` as text and as versioned JSON."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from config.fleet import Fleet
from config.loading.card import Card
from config.plain_text import one_line, plain
from syncer.fleet.status import Condition, State
from syncer.i18n import join, localize, translatable, translate
from syncer.present.error_text import error_data
from syncer.present.fleet import apart, counted_json, page, problem_texts, table

_CONDITIONS = {
    Condition.UNREADABLE: translatable("unreadable"),
    Condition.FAILED: translatable("failed"),
    Condition.REFUSED: translatable("refused"),
    Condition.LATE: translatable("late"),
    Condition.NEVER: translatable("no sync yet"),
    Condition.INCOMPLETE: translatable("incomplete"),
    Condition.PAUSED: translatable("paused"),
    Condition.SYNCED: translatable("synced"),
    Condition.ENDED: translatable("cycle over"),
}
_COUNTS = {
    Condition.UNREADABLE: translatable("{count} unreadable"),
    Condition.FAILED: translatable("{count} failed"),
    Condition.REFUSED: translatable("{count} refused"),
    Condition.LATE: translatable("{count} late"),
    Condition.NEVER: translatable("{count} without a sync yet"),
    Condition.INCOMPLETE: translatable("{count} incomplete"),
    Condition.PAUSED: translatable("{count} paused"),
    Condition.SYNCED: translatable("{count} synced"),
    Condition.ENDED: translatable("{count} whose cycle is over"),
}


_A_MOMENT = timedelta(minutes=1)


def status_text(fleet: Fleet, states: Sequence[State], language: str) -> str:
    """List the state of each workspace, then why the failing ones fail, then the sums."""
    rows = [
        (one.name, localize(language, _CONDITIONS[one.condition]), _last_good(one, language), _rest(one, language))
        for one in states
    ]
    counts = Counter(one.condition for one in states)
    sums = [translate(language, _COUNTS[kind], count=counts[kind]) for kind in Condition if counts[kind]]
    end = translate(language, "{counts}.", counts=join(language, sums))
    return page([*table(rows), *apart(problem_texts(fleet, language)), *_reasons(states, language)], end)


def _last_good(state: State, language: str) -> str:
    if state.lag is None:
        return "" if state.last is None else translate(language, "no good run yet")
    if state.lag < _A_MOMENT:
        return translate(language, "last good run just now")
    return translate(language, "last good run {lag} ago", lag=_length(state.lag, language))


def _length(lag: timedelta, language: str) -> str:
    minutes = max(int(lag.total_seconds() // 60), 0)
    hours, days = minutes // 60, minutes // 1440
    if days > 1:
        return translate(language, "{count} days", count=days)
    return translate(language, "{count} h", count=hours) if hours else translate(language, "{count} min", count=minutes)


def _rest(state: State, language: str) -> str:
    parts = []
    if state.last and state.last.unknown:
        parts.append(translate(language, "{count} unknown", count=state.last.unknown))
    if state.until:
        parts.append(translate(language, "until {until}", until=_instant(state.until)))
    return join(language, parts)


def _instant(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _reasons(states: Sequence[State], language: str) -> list[str]:
    """List each reason once, under the workspaces that have it, with what to do if that is known."""
    names: dict[tuple[str, str], list[str]] = {}
    for one in states:
        if one.why:
            why = localize(language, one.why)
            advice = localize(language, one.error.advice) if one.error else ""
            names.setdefault((why, advice), []).append(one_line(one.name))
    texts = []
    for (why, advice), who in names.items():
        lines = [f"  {line}" for line in (one_line(why), one_line(advice)) if line]
        texts += ["", translate(language, "{names}:", names=_names(who, language)), *lines]
    return texts


_MOST_NAMES = 5


def _names(names: Sequence[str], language: str) -> str:
    more = len(names) - _MOST_NAMES
    if more <= 0:
        return join(language, names)
    shown = join(language, names[:_MOST_NAMES])
    return translate(language, "{names} and {count} more", names=shown, count=more)


def paused_text(card: Card, until: datetime | None, language: str) -> str:
    """Say that a workspace is left out, and until when."""
    if until is None:
        return translate(
            language, "{name} is paused until `okrsync fleet resume {id}`.", name=one_line(card.name), id=card.id
        )
    return translate(language, "{name} is paused until {until}.", name=one_line(card.name), until=_instant(until))


def resumed_text(card: Card, language: str, *, was_paused: bool) -> str:
    """Say that a workspace is synced again."""
    name = one_line(card.name)
    if not was_paused:
        return translate(language, "{name} was not paused.", name=name)
    return translate(language, "{name} is synced again.", name=name)


def left_out_text(names: Sequence[str], language: str) -> str:
    """Say which paused workspaces a sync left out."""
    return translate(language, "Paused, not synced: {names}.", names=join(language, [one_line(name) for name in names]))


def status_json(fleet: Fleet, states: Sequence[State]) -> str:
    """Format the states of a fleet as JSON."""
    return counted_json(fleet, Condition, [one.condition for one in states], [*map(_state, states)])


def _state(state: State) -> dict[str, Any]:
    last = state.last
    return {
        "id": state.card.id if state.card else None,
        "name": state.name,
        "file": str(state.file),
        "condition": state.condition.value,
        "outcome": last.outcome.value if last else None,
        "at": last.at.isoformat() if last else None,
        "last_good": last.last_good.isoformat() if last and last.last_good else None,
        "lag_seconds": int(state.lag.total_seconds()) if state.lag is not None else None,
        "unknown": last.unknown if last else None,
        "why": plain(state.why) or None,
        "paused_until": state.until.isoformat() if state.until else None,
        "okrsync": last.version if last else None,
        "error": error_data(state.error) if state.error else None,
    }
