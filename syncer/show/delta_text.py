"""What changed since the last run, in words: `3 issues done (CORE-7, CORE-9, CORE-12), 1 added, 2 left the query`."""

import re
from collections.abc import Sequence
from decimal import Decimal

from syncer.computing.delta import Delta, MeasureDelta, Step
from syncer.show.figures import one_line, show_number, show_percent
from syncer.words import say

MOST_NAMED = 5
"""Keys named under one measure; of the rest only how many."""

_NOUNS_ZH = {"issues": "議題", "pull requests": " PR ", "rows": "資料"}
_BECAME_ZH = {"done": "完成", "closed": "關閉", "merged": "合併", "open": "開啟"}
_ITEM = re.compile(r"https?://.*/([^/]+)/(?:issues|pull|pulls)/(\d+)")


def delta_text(delta: Delta, language: str, *, percent: bool = False) -> str:
    """One line; empty where there is nothing to tell."""
    told = [
        _step(say(language, name, zh), step, language, percent=percent)
        for name, zh, step in (("baseline", "起始值", delta.baseline), ("target", "目標值", delta.target))
        if step is not None
    ]
    for measure in delta.measures:
        text = _measure(measure, language)
        told.append(f"{measure.measure}{say(language, ': ', '：')}{text}" if delta.several else text)
    return say(language, "; ", "；").join(told)


def _step(name: str, step: Step, language: str, *, percent: bool) -> str:
    def shown(value: Decimal) -> str:
        return show_percent(value) if percent else show_number(value)

    return say(
        language,
        f"{name} changed {shown(step[0])} to {shown(step[1])}",
        f"{name}由 {shown(step[0])} 改為 {shown(step[1])}",
    )


def _measure(found: MeasureDelta, language: str) -> str:
    if found.redefined:
        return say(language, "its query or value in the config changed", "設定檔中的查詢或算式已變更")
    if found.moved:
        return say(language, f"the same {found.noun}, with other values", f"同一批{_noun_zh(found.noun)}，內容數值有變")
    told: list[str] = []
    left_to_name = MOST_NAMED
    for keys, words in (
        (found.began, _began),
        (found.stopped, _stopped),
        (found.added, _added),
        (found.left, _left),
    ):
        if keys:
            text, zh = words(len(keys), found, first=not told)
            named = _named(keys, left_to_name, language)
            left_to_name -= min(left_to_name, len(keys))
            told.append(say(language, text, zh) + named)
            if keys is found.added and found.added_counting:
                told[-1] += _counting(found, language)
    return say(language, ", ", "，").join(told) or _numbers(found, language)


def _noun(found: MeasureDelta, count: int, *, first: bool) -> str:
    if not first:
        return ""
    noun = found.noun.removesuffix("s") if count == 1 else found.noun
    return f" {noun}"


def _noun_zh(noun: str) -> str:
    return _NOUNS_ZH.get(noun, f" {noun} ")


def _began(count: int, found: MeasureDelta, *, first: bool) -> tuple[str, str]:
    became = one_line(found.became)
    zh_noun = _noun_zh(found.noun) if first else ""
    if not became:
        counts = "counts" if count == 1 else "count"
        return f"{count:,}{_noun(found, count, first=first)} now {counts}", f"{count:,} 筆{zh_noun}開始計入"
    zh = _BECAME_ZH.get(became) or f"變為「{became}」"
    return f"{count:,}{_noun(found, count, first=first)} {became}", f"{count:,} 筆{zh_noun}{zh}"


def _stopped(count: int, found: MeasureDelta, *, first: bool) -> tuple[str, str]:
    became = one_line(found.became) or ("counts" if count == 1 else "count")
    zh = f"不再是「{_BECAME_ZH.get(found.became, one_line(found.became))}」" if found.became else "不再計入"
    noun = _noun(found, count, first=first)
    return f"{count:,}{noun} no longer {became}", f"{count:,} 筆{_noun_zh(found.noun) if first else ''}{zh}"


def _added(count: int, found: MeasureDelta, *, first: bool) -> tuple[str, str]:
    noun = _noun(found, count, first=first)
    return f"{count:,}{noun} added", f"新增 {count:,} 筆{_noun_zh(found.noun).rstrip() if first else ''}"


def _left(count: int, found: MeasureDelta, *, first: bool) -> tuple[str, str]:
    noun = _noun(found, count, first=first)
    return f"{count:,}{noun} left the query", f"{count:,} 筆{_noun_zh(found.noun) if first else ''}移出查詢"


def _counting(found: MeasureDelta, language: str) -> str:
    count, became = found.added_counting or 0, one_line(found.became)
    en = f"{count:,} already {became}" if became else f"{count:,} of them {'counts' if count == 1 else 'count'}"
    zh = f"其中 {count:,} 筆已{_BECAME_ZH.get(became) or f'是「{became}」'}" if became else f"其中 {count:,} 筆計入"
    return say(language, f" ({en})", f"（{zh}）")


def _named(keys: Sequence[str], most: int, language: str) -> str:
    names = [key_name(key) for key in keys[:most]]
    if not most or all(name.isdigit() for name in names):  # a service's own numbers tell people nothing
        return ""
    more = len(keys) - len(names)
    listed = say(language, ", ", "、").join(names)
    listed += say(language, f" and {more:,} more", f" 等 {len(keys):,} 筆") if more else ""
    return say(language, f" ({listed})", f"（{listed}）")


def key_name(key: str) -> str:
    """A row's key as people say it: an address on GitHub becomes `app#12`."""
    match = _ITEM.fullmatch(key)
    return one_line(f"{match[1]}#{match[2]}" if match else key)


def _numbers(found: MeasureDelta, language: str) -> str:
    """Where the keys are not known: how many more or fewer."""
    told = []
    for change, en, zh in (
        (found.counted, f"{found.became or 'that count'}", "計入"),
        (found.rows, "in all" if found.counted is not None else "", "全部"),
    ):
        if change:
            more = say(language, "more" if change > 0 else "fewer", "增加" if change > 0 else "減少")
            noun = found.noun.removesuffix("s") if abs(change) == 1 else found.noun
            told.append(say(language, f"{abs(change):,} {more} {noun} {en}".rstrip(), f"{zh}{more} {abs(change):,} 筆"))
    return say(language, ", ", "，").join(told)
