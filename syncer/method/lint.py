"""Advice on good practice. It never enforces: a set of OKRs with every advice open still syncs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

from syncer.method.advice_texts import TEXTS
from syncer.method.wording import has_figure, is_task, is_vague, owner_count

Principle = Literal["focus", "alignment", "commitment", "tracking", "stretch"]

MOST_OBJECTIVES = 3
KEY_RESULTS = (3, 5)
TOO_HARD = Decimal("0.3")


@dataclass(frozen=True, slots=True)
class LintKeyResult:
    """A key result as the rules see it. `has_target`: it has a finish line of any kind (range, steps, parts too).

    `last_score` is what it, or what it continues, scored at the end of the last cycle; None when there was none.
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
    """An objective as the rules see it. `top`: nothing stands above its level, so it need not align.

    `not_above` are what it aligns to where none of that stands above it.
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
    """One advice. `reason` and `better` are marked messages; `values` go into them, several names as a tuple.

    `id` is the objective's or key result's; an owner's name where the rule is about all that one owns.
    """

    rule: str
    id: str
    reason: str
    better: str
    values: Mapping[str, object]
    principle: Principle


_Found = Iterator[tuple[str, Mapping[str, object]]]
"""Ids in question, and the figures that go into the texts."""


def advise(objectives: Sequence[LintObjective], last_scores: Sequence[Decimal] = ()) -> tuple[Advice, ...]:
    """All advice, grouped by principle and then in the order of the rules and of the objectives.

    `last_scores` are the scores of the last cycle; where they are not given, those of the key results are taken.
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
"""The rules by name, with their principles; `too_easy` and `too_hard` look at the last cycle as a whole."""
