"""Registry of the kinds of goals, and construction of a goal from config and sheet."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from types import MappingProxyType
from typing import Any

from config.goals import CheckedGoal
from config.models import Kind
from syncer.method.kinds.composites import Milestone, Parts
from syncer.method.kinds.distances import Decrease, Increase
from syncer.method.kinds.goal import Goal
from syncer.method.kinds.thresholds import AtLeast, AtMost, Between

KINDS: Mapping[Kind, type[Goal]] = MappingProxyType(
    {kind.kind: kind for kind in (Increase, Decrease, AtLeast, AtMost, Between, Milestone, Parts)}
)
"""Goal classes by their name in the config."""


def goal_of(checked: CheckedGoal) -> Goal:
    """Build a goal of the detected kind from the fields that its class has.

    Raises ValueError if a number that the kind requires is missing.
    """
    kind = KINDS[checked.kind]
    given: dict[str, Any] = {field.name: getattr(checked, field.name) for field in fields(kind)}
    if any(given[field.name] is None for field in fields(kind) if field.default is MISSING):
        raise ValueError("this goal was not made by make_goal: a number of its kind is missing")
    parts = tuple((goal_of(part), weight) for part, weight in checked.parts)
    return kind(**given | {"parts": parts})
