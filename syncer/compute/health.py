"""The KPIs that the company watches, and whether what has to hold does. They are never averaged into an objective."""

from collections.abc import Mapping

from config.goal_specs import spec_of
from config.goals import make_goal
from config.key_results import KpiEntry
from config.loading.loader import Config
from config.models import Kpi
from syncer.compute.states import KpiState
from syncer.method.kinds.goal import Goal
from syncer.method.kinds.registry import goal_of
from syncer.method.status import Status
from syncer.sources.figures import Figure, arithmetic


def kpi_states(config: Config, figures: Mapping[str, Figure]) -> tuple[KpiState, ...]:
    """The KPIs of the config, in its order."""
    return tuple(_state(entry, figures) for entry in config.kpis)


def _state(entry: KpiEntry, figures: Mapping[str, Figure]) -> KpiState:
    kpi = entry.definition
    goal = hold_goal(kpi)
    figure = arithmetic(entry.measure, figures) if entry.measure else Figure(None)
    value, reason = figure.value, figure.reason
    if goal is not None and value is not None and (problem := goal.value_problem(value)):
        value, reason = None, problem
    status = None
    if goal is not None:
        progress = goal.progress([value]).progress
        status = Status.UNKNOWN if progress is None else Status.MET if progress == 1 else Status.NOT_MET
    percent = goal.percent if goal else kpi.unit == "percent"
    return KpiState(entry.name, kpi.title or entry.name, value, status, goal, percent, kpi.unit or "", reason)


def hold_goal(kpi: Kpi) -> Goal | None:
    """What has to hold, as a threshold; None for a KPI that is only watched."""
    held = kpi.held
    return goal_of(make_goal(spec_of(held, additive=False))) if held else None
