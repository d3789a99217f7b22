"""Goals as the config and the sheet state them, before kind and numbers are inferred."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from config.models import KeyResult, Kind, Over, Part
from config.scalars import Amount, RelativeChange

_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class GoalStep:
    """One step of a milestone."""

    title: str
    done: bool = False
    weight: Decimal = _ONE


@dataclass(frozen=True, slots=True)
class GoalSpec:
    """A goal as stated by the config or the sheet. None and empty mean: not stated.

    `additive`: the measure is a count or a sum, whose baseline is 0 unless stated. `from_start`: the baseline is the
    first value of the cycle, which is in `baseline` once it is known.
    """

    kind: Kind | None = None
    baseline: Amount | None = None
    target: Amount | None = None
    change: RelativeChange | None = None
    low: Amount | None = None
    high: Amount | None = None
    steps: tuple[GoalStep, ...] = ()
    parts: "tuple[PartSpec, ...]" = ()
    combine: Literal["mean", "all"] = "mean"
    partial: bool = False
    unit: str | None = None
    additive: bool = False
    from_start: bool = False
    over: Over | None = None


@dataclass(frozen=True, slots=True)
class PartSpec:
    """One part of a key result with several numbers."""

    spec: GoalSpec
    weight: Decimal = _ONE


def spec_of(definition: KeyResult | Part, *, additive: bool, parts_additive: Sequence[bool] = ()) -> GoalSpec:
    """Return the goal that the config states for a key result or a part.

    `additive` describes its own measure, `parts_additive` the measures of its parts, in their order.
    """
    steps: tuple[GoalStep, ...] = ()
    parts: tuple[PartSpec, ...] = ()
    combine: Literal["mean", "all"] = "mean"
    if isinstance(definition, KeyResult):
        flags = parts_additive or (False,) * len(definition.parts)
        steps = tuple(GoalStep(step.title, step.done, step.weight.value) for step in definition.steps)
        parts = tuple(
            PartSpec(spec_of(part, additive=flag), part.weight.value if part.weight else _ONE)
            for part, flag in zip(definition.parts, flags, strict=True)
        )
        combine = definition.combine
    return GoalSpec(
        kind=definition.kind,
        baseline=definition.stated_baseline,
        target=definition.target,
        change=definition.change,
        low=definition.min,
        high=definition.max,
        steps=steps,
        parts=parts,
        combine=combine,
        partial=definition.partial,
        unit=definition.unit,
        additive=additive,
        from_start=definition.starts_with_the_cycle,
        over=definition.over,
    )
