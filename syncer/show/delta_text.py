"""What changed since the last run, in words: `3 issues done (CORE-7, CORE-9, CORE-12), 1 added, 2 left the query`."""

import re
from collections.abc import Sequence
from decimal import Decimal

from syncer.computing.delta import Delta, MeasureDelta, Step
from syncer.show.figures import one_line, show_number, show_percent
from syncer.words import bracketed, clauses, listed, mark, say, say_many, translated

MOST_NAMED = 5
"""Keys named under one measure; of the rest only how many."""

NOUNS = {
    "issues": (mark("issue"), mark("issues")),
    "pull requests": (mark("pull request"), mark("pull requests")),
    "rows": (mark("row"), mark("rows")),
}
BECAME = (mark("done"), mark("closed"), mark("merged"), mark("open"))
"""What a row becomes; a state of a service's own is told in its own word."""
_ITEM = re.compile(r"https?://.*/([^/]+)/(?:issues|pull|pulls)/(\d+)")


def delta_text(delta: Delta, language: str, *, percent: bool = False) -> str:
    """One line; empty where there is nothing to tell."""
    told = [
        _step(say(language, name), step, language, percent=percent)
        for name, step in ((mark("baseline"), delta.baseline), (mark("target"), delta.target))
        if step is not None
    ]
    for measure in delta.measures:
        text = _measure(measure, language)
        told.append(f"{measure.measure}{say(language, ': ')}{text}" if delta.several else text)
    return say(language, "; ").join(told)


def _step(name: str, step: Step, language: str, *, percent: bool) -> str:
    def shown(value: Decimal) -> str:
        return show_percent(value) if percent else show_number(value)

    return say(language, "{name} changed {before} to {after}", name=name, before=shown(step[0]), after=shown(step[1]))


def _measure(found: MeasureDelta, language: str) -> str:
    if found.redefined:
        return say(language, "its query or value in the config changed")
    if found.moved:
        return say(language, "the same{things}, with other values", things=_things(found, 2, language))
    told: list[str] = []
    left_to_name = MOST_NAMED
    for keys, words in (
        (found.began, _began),
        (found.stopped, _stopped),
        (found.added, _added),
        (found.left, _left),
    ):
        if keys:
            things = "" if told else _things(found, len(keys), language)
            told.append(words(len(keys), things, found.became, language) + _named(keys, left_to_name, language))
            left_to_name -= min(left_to_name, len(keys))
            if keys is found.added and found.added_counting:
                told[-1] += _counting(found.added_counting, found.became, language)
    return clauses(language, told) or _numbers(found, language)


def _things(found: MeasureDelta, count: int, language: str) -> str:
    """What the rows are, with the space that stands before it in this language."""
    if found.noun not in NOUNS:
        return say(language, " {noun}", noun=found.noun.removesuffix("s") if count == 1 else found.noun)
    return say(language, " {things}", things=translated(language, NOUNS[found.noun][count != 1]))


def _state(became: str, language: str) -> str:
    return translated(language, became) if became in BECAME else say(language, "{state}", state=one_line(became))


def _began(count: int, things: str, became: str, language: str) -> str:
    if not became:
        return say_many(language, "{count:,}{things} now counts", "{count:,}{things} now count", count, things=things)
    return say(language, "{count:,}{things} {state}", count=count, things=things, state=_state(became, language))


def _stopped(count: int, things: str, became: str, language: str) -> str:
    if not became:
        return say_many(
            language, "{count:,}{things} no longer counts", "{count:,}{things} no longer count", count, things=things
        )
    state = translated(language, one_line(became))
    return say(language, "{count:,}{things} no longer {state}", count=count, things=things, state=state)


def _added(count: int, things: str, _became: str, language: str) -> str:
    return say(language, "{count:,}{things} added", count=count, things=things)


def _left(count: int, things: str, _became: str, language: str) -> str:
    return say(language, "{count:,}{things} left the query", count=count, things=things)


def _counting(count: int, became: str, language: str) -> str:
    if not became:
        return say_many(language, " ({count:,} of them counts)", " ({count:,} of them count)", count)
    return say(language, " ({count:,} already {state})", count=count, state=_state(became, language))


def _named(keys: Sequence[str], most: int, language: str) -> str:
    names = [key_name(key) for key in keys[:most]]
    if not most or all(name.isdigit() for name in names):  # a service's own numbers tell people nothing
        return ""
    more = len(keys) - len(names)
    shown = listed(language, names)
    shown += say(language, " and {more:,} more", more=more) if more else ""
    return bracketed(language, shown)


def key_name(key: str) -> str:
    """A row's key as people say it: an address on GitHub becomes `app#12`."""
    match = _ITEM.fullmatch(key)
    return one_line(f"{match[1]}#{match[2]}" if match else key)


def _numbers(found: MeasureDelta, language: str) -> str:
    """Where the keys are not known: how many more or fewer."""
    counted = (mark("{count:,} more{things} {state}"), mark("{count:,} fewer{things} {state}"))
    in_all = (mark("{count:,} more{things} in all"), mark("{count:,} fewer{things} in all"))
    of_rows = in_all if found.counted is not None else (mark("{count:,} more{things}"), mark("{count:,} fewer{things}"))
    state = found.became or say(language, "that count")
    parts = []
    for change, messages in ((found.counted, counted), (found.rows, of_rows)):
        if change:
            things = _things(found, abs(change), language)
            parts.append(say(language, messages[change < 0], count=abs(change), things=things, state=state))
    return clauses(language, parts)
