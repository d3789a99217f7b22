"""Describe changes since the last run: `3 issues done (CORE-7, CORE-9, CORE-12), 1 added, 2 left the query`."""

import re
from collections.abc import Sequence

from config.plain_text import one_line
from syncer.i18n import bracketed, join, join_clauses, localize, translatable, translate, translate_count
from syncer.model.history import Delta, MeasureDelta, Step
from syncer.model.number_style import NumberStyle
from syncer.model.plan import Line
from syncer.sheet.number_text import show_change

MOST_NAMED = 5
"""Maximum number of row keys listed for one measure; further ones are only counted."""

NOUNS = {
    "issues": (translatable("issue"), translatable("issues")),
    "pull requests": (translatable("pull request"), translatable("pull requests")),
    "rows": (translatable("row"), translatable("rows")),
}
BECAME = (translatable("done"), translatable("closed"), translatable("merged"), translatable("open"))
"""Row states that are translated; any other state is shown as the service names it."""
_ITEM = re.compile(r"https?://.*/([^/]+)/(?:issues|pull|pulls)/(\d+)")


def delta_text(delta: Delta, language: str, *, percent: bool = False) -> str:
    """Describe a delta in one line; empty when nothing changed. `percent`: baseline and target are shares."""
    parts = [
        _step(translate(language, name), step, language, percent=percent)
        for name, step in ((translatable("baseline"), delta.baseline), (translatable("target"), delta.target))
        if step is not None
    ]
    for measure in delta.measures:
        text = _measure(measure, language)
        parts.append(f"{measure.measure}{translate(language, ': ')}{text}" if delta.several else text)
    return translate(language, "; ").join(parts)


def why_text(line: Line, language: str) -> str:
    """Describe where the value of a plan line comes from, and what changed since the last run."""
    changed = delta_text(line.delta, language, percent=line.style.percent)
    return translate(language, "; ").join(text for text in (localize(language, line.why), changed) if text)


def _step(name: str, step: Step, language: str, *, percent: bool) -> str:
    before, after = show_change(step[0], step[1], NumberStyle(percent), language)
    return translate(language, "{name} changed {before} to {after}", name=name, before=before, after=after)


def _measure(found: MeasureDelta, language: str) -> str:
    if found.redefined:
        return translate(language, "its query or value in the config changed")
    if found.moved:
        return translate(language, "the same{things}, with other values", things=_things(found, 2, language))
    parts: list[str] = []
    left_to_name = MOST_NAMED
    for keys, words in (
        (found.began, _began),
        (found.stopped, _stopped),
        (found.added, _added),
        (found.left, _left),
    ):
        if keys:
            things = "" if parts else _things(found, len(keys), language)
            parts.append(words(len(keys), things, found.became, language) + _named(keys, left_to_name, language))
            left_to_name -= min(left_to_name, len(keys))
            if keys is found.added and found.added_counting:
                parts[-1] += _counting(found.added_counting, found.became, language)
    return join_clauses(language, parts) or _numbers(found, language)


def _things(found: MeasureDelta, count: int, language: str) -> str:
    """Return the noun for `count` rows, with a leading space where the language has one."""
    if found.noun not in NOUNS:
        return translate(language, " {noun}", noun=found.noun.removesuffix("s") if count == 1 else found.noun)
    return translate(language, " {things}", things=localize(language, NOUNS[found.noun][count != 1]))


def _state(became: str, language: str) -> str:
    return localize(language, became) if became in BECAME else translate(language, "{state}", state=one_line(became))


def _began(count: int, things: str, became: str, language: str) -> str:
    if not became:
        return translate_count(
            language, "{count:,}{things} now counts", "{count:,}{things} now count", count, things=things
        )
    return translate(language, "{count:,}{things} {state}", count=count, things=things, state=_state(became, language))


def _stopped(count: int, things: str, became: str, language: str) -> str:
    if not became:
        return translate_count(
            language, "{count:,}{things} no longer counts", "{count:,}{things} no longer count", count, things=things
        )
    state = localize(language, one_line(became))
    return translate(language, "{count:,}{things} no longer {state}", count=count, things=things, state=state)


def _added(count: int, things: str, _became: str, language: str) -> str:
    return translate(language, "{count:,}{things} added", count=count, things=things)


def _left(count: int, things: str, _became: str, language: str) -> str:
    return translate(language, "{count:,}{things} left the query", count=count, things=things)


def _counting(count: int, became: str, language: str) -> str:
    if not became:
        return translate_count(language, " ({count:,} of them counts)", " ({count:,} of them count)", count)
    return translate(language, " ({count:,} already {state})", count=count, state=_state(became, language))


def _named(keys: Sequence[str], most: int, language: str) -> str:
    names = [key_name(key) for key in keys[:most]]
    if not most or all(name.isdigit() for name in names):  # a service's own numbers tell people nothing
        return ""
    more = len(keys) - len(names)
    shown = join(language, names)
    shown += translate(language, " and {more:,} more", more=more) if more else ""
    return bracketed(language, shown)


def key_name(key: str) -> str:
    """Shorten a row's key for display: the URL of a GitHub issue or pull request becomes `app#12`."""
    match = _ITEM.fullmatch(key)
    return one_line(f"{match[1]}#{match[2]}" if match else key)


def _numbers(found: MeasureDelta, language: str) -> str:
    """Describe how many rows more or fewer there are, when their keys are not known."""
    counted = (translatable("{count:,} more{things} {state}"), translatable("{count:,} fewer{things} {state}"))
    in_all = (translatable("{count:,} more{things} in all"), translatable("{count:,} fewer{things} in all"))
    of_rows = (
        in_all
        if found.counted is not None
        else (translatable("{count:,} more{things}"), translatable("{count:,} fewer{things}"))
    )
    parts = []
    for change, messages in ((found.counted, counted), (found.rows, of_rows)):
        if change:
            things = _things(found, abs(change), language)
            that_count = translatable("that counts") if abs(change) == 1 else translatable("that count")
            state = found.became or translate(language, that_count)
            parts.append(translate(language, messages[change < 0], count=abs(change), things=things, state=state))
    return join_clauses(language, parts)
