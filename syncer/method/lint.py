"""Lint rules: advice on good OKR practice, never an error that stops a sync."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

from config.dataclass import dataclass
from syncer.method.advice_texts import TEXTS

_NAMES = re.compile(
    r"""
      \b(?:ISO|IEC|IEEE|CNS|SOC|RFC|PCI|COVID|HTTP|Web|Industry|Level|Windows|Office)(?:/[A-Z]+)?[ /-]?\d[\d.:-]*
    | 工業\s?\d(?:\.\d)?
    | [A-Za-z]+-?\d+(?:\.\d+)?[A-Za-z\d]*
    | (?<![\d.,])(?-i:\d[A-Z][A-Za-z]*)(?![\d%])
    | (?<!\d)7-(?:ELEVEN|11)\b
    | (?<!\d)24/7(?!\d)
    | (?<!\d)(?:1[01]\d|20\d\d)\s?(?:年|年度)
    | \b(?:in|by|of|for|during)\s20\d\d\b
    | \b20\d\d[ -]?[QH][1-4]\b
    | 第\s?\d+\s?[季代期屆]
    """,
    re.VERBOSE | re.IGNORECASE,
)
_FIGURE = re.compile(r"\d|百分之|[一二三四五六七八九十兩]+(?:成(?!不變)|倍|萬|億)")

_VAGUE_ALWAYS = re.compile(
    r"(?:變得?|做得?|變的)更好|更上一層樓|盡力|做好工作"
    r"|\b(?:improve|better|fix|optimi[sz]e|enhance) (?:things|everything|stuff|our work|ourselves)\b"
    r"|\b(?:do|be|get|become) better\b|\bdo (?:our|my) best\b|\bwork harder\b",
    re.IGNORECASE,
)
_VAGUE_ALONE = re.compile(r"優化|最佳化|\boptimi[sz]e\b", re.IGNORECASE)
_PURPOSE = re.compile(r"讓|使|好讓|以便|不再|[，,；;]|\b(?:so that|until|so|to|for)\b", re.IGNORECASE)

_TASK = re.compile(
    r"^\s*(?:每[週周月季天日]\s?)?(?:"
    r"發(?=\s?\d)|發[布佈表]|張貼|撰寫|寫(?=\s?\d)|舉辦|辦理|召開|參加|完成|建立|建置|架設|設立|導入|推出|上線|製作|開發|設計|規劃|安排|執行|啟動|拍攝|印製|培訓"
    r"|(?:launch|set up|write|publish|hold|organi[sz]e|implement|create|develop|ship|roll out|conduct|complete|finish"
    r"|migrate|make|prepare|send|install|introduce|attend|kick off)\b(?!-)"
    r"|(?:build|design|draft|host|post|release|run|start)\s(?:an?|the|our|all|new|two|three|four|five|\d+)\b)",
    re.IGNORECASE,
)
_SHARE = re.compile(r"[%％]|百分之|[一二三四五六七八九\d]成(?!不變)|率|\b(?:share|rate|percent) of\b", re.IGNORECASE)
_OUTCOME = re.compile(r"(?:[，,；;、]|並|且|使|讓|\b(?:and|with|so that|reaching|attracting)\b).*\d", re.IGNORECASE)
_SEPARATOR = re.compile(r"[、,，;；/&＆+\n]|\band\b")


def has_figure(title: str) -> bool:
    """Whether a title contains a figure. Names such as B2B, 5G and ISO 27001, and years, do not count."""
    return _FIGURE.search(_NAMES.sub(" ", title)) is not None


def is_vague(title: str) -> bool:
    """Whether a title only asks for improvement: 變更好, "improve things", or 優化 without a purpose."""
    if _VAGUE_ALWAYS.search(title):
        return True
    return _VAGUE_ALONE.search(title) is not None and _PURPOSE.search(title) is None


def is_task(title: str) -> bool:
    """Whether a title describes a task; not one with a measured share (完成 80% 的 CRM 資料更新) or a result."""
    if _TASK.match(title) is None or _SHARE.search(title):
        return False
    return _OUTCOME.search(title) is None


def owner_count(owner: str | None) -> int:
    """Count the people named as owners."""
    return sum(bool(name.strip()) for name in _SEPARATOR.split(owner or ""))


Principle = Literal["focus", "alignment", "commitment", "tracking", "stretch"]

MOST_OBJECTIVES = 3
KEY_RESULTS = (3, 5)
TOO_HARD = Decimal("0.3")


@dataclass(frozen=True, slots=True)
class LintKeyResult:
    """Key result as input of the rules. `has_target`: it has a finish line of any kind (also a range, steps, parts).

    `last_score` is its score at the end of the last cycle, or that of the key result it continues; None without one.
    """

    id: str
    title: str
    owner: str = ""
    has_target: bool = True
    baseline: Decimal | None = None
    target: Decimal | None = None
    last_score: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LintObjective:
    """Objective as input of the rules. `top`: no level is above its own, so alignment is not required.

    `not_above` lists the targets of its alignment if none of them belongs to a higher level.
    """

    id: str
    title: str
    owner: str = ""
    cycle: str = ""
    aligns_to: tuple[str, ...] = ()
    not_above: tuple[str, ...] = ()
    top: bool = True
    key_results: tuple[LintKeyResult, ...] = ()


@dataclass(frozen=True, slots=True)
class Advice:
    """One piece of advice. `reason` and `better` are translatable texts with placeholders for `values`.

    `id` is that of the objective or key result; for rules about all objectives of an owner, the owner's name. A value
    that holds several names is a tuple.
    """

    rule: str
    id: str
    reason: str
    better: str
    values: Mapping[str, object]
    principle: Principle


_Found = Iterator[tuple[str, Mapping[str, object]]]
"""(id, values for the texts) of each match."""


def advise(objectives: Sequence[LintObjective], last_scores: Sequence[Decimal] = ()) -> tuple[Advice, ...]:
    """Return all advice, grouped by principle, then by rule and by objective.

    `last_scores` are the scores of the last cycle; without them, those of the key results are used.
    """
    found = [
        _advice(rule, subject, figures, principle)
        for rule, (principle, check) in RULES.items()
        for subject, figures in check(objectives)
    ]
    scores = last_scores or [kr.last_score for _, kr in _key_results(objectives) if kr.last_score is not None]
    if scores and all(score >= 1 for score in scores):
        found.append(_advice("too_easy", "", {}, "stretch"))
    elif scores and all(score < TOO_HARD for score in scores):
        found.append(_advice("too_hard", "", {}, "stretch"))
    return tuple(found)


def _advice(rule: str, subject: str, figures: Mapping[str, object], principle: Principle) -> Advice:
    reason, better = TEXTS[rule]
    return Advice(rule, subject, reason, better, figures, principle)


def _key_results(objectives: Sequence[LintObjective]) -> Iterator[tuple[LintObjective, LintKeyResult]]:
    return ((objective, key_result) for objective in objectives for key_result in objective.key_results)


def _too_many_objectives(objectives: Sequence[LintObjective]) -> _Found:
    owned: dict[tuple[str, str], int] = {}
    for objective in objectives:
        if objective.owner:
            key = (objective.owner, objective.cycle)
            owned[key] = owned.get(key, 0) + 1
    for (owner, _), count in owned.items():
        if count > MOST_OBJECTIVES:
            yield owner, {"owner": owner, "count": count}


def _key_result_count(objectives: Sequence[LintObjective]) -> _Found:
    for objective in objectives:
        count = len(objective.key_results)
        if not KEY_RESULTS[0] <= count <= KEY_RESULTS[1]:
            yield objective.id, {"count": count}


def _objective_figure(objectives: Sequence[LintObjective]) -> _Found:
    return ((objective.id, {}) for objective in objectives if has_figure(objective.title))


def _objective_vague(objectives: Sequence[LintObjective]) -> _Found:
    return ((objective.id, {}) for objective in objectives if is_vague(objective.title))


def _unaligned(objectives: Sequence[LintObjective]) -> _Found:
    return ((objective.id, {}) for objective in objectives if not objective.top and not objective.aligns_to)


def _not_above(objectives: Sequence[LintObjective]) -> _Found:
    return ((objective.id, {"names": objective.not_above}) for objective in objectives if objective.not_above)


def _no_owner(objectives: Sequence[LintObjective]) -> _Found:
    return ((kr.id, {}) for _, kr in _key_results(objectives) if owner_count(kr.owner) == 0)


def _several_owners(objectives: Sequence[LintObjective]) -> _Found:
    counted = ((kr.id, owner_count(kr.owner)) for _, kr in _key_results(objectives))
    return ((subject, {"count": count}) for subject, count in counted if count > 1)


def _no_finish_line(objectives: Sequence[LintObjective]) -> _Found:
    return ((kr.id, {}) for _, kr in _key_results(objectives) if not kr.has_target)


def _nothing_moves(objectives: Sequence[LintObjective]) -> _Found:
    return ((kr.id, {}) for _, kr in _key_results(objectives) if kr.target is not None and kr.target == kr.baseline)


def _task(objectives: Sequence[LintObjective]) -> _Found:
    return ((kr.id, {}) for _, kr in _key_results(objectives) if is_task(kr.title))


RULES: Mapping[str, tuple[Principle, Callable[[Sequence[LintObjective]], _Found]]] = MappingProxyType(
    {
        "too_many_objectives": ("focus", _too_many_objectives),
        "key_result_count": ("focus", _key_result_count),
        "objective_figure": ("focus", _objective_figure),
        "objective_vague": ("focus", _objective_vague),
        "unaligned": ("alignment", _unaligned),
        "not_above": ("alignment", _not_above),
        "no_owner": ("commitment", _no_owner),
        "several_owners": ("commitment", _several_owners),
        "no_finish_line": ("tracking", _no_finish_line),
        "nothing_moves": ("tracking", _nothing_moves),
        "task": ("tracking", _task),
    }
)
"""Rules by name, with their principles; `too_easy` and `too_hard`, which need the whole last cycle, are not listed."""
