"""The KPIs that the company watches, and whether what has to hold does. They are never averaged into an objective."""

from collections.abc import Mapping

from config.goal_specs import GoalSpec
from config.goals import Goal, make_goal, value_problem
from config.key_results import KpiEntry
from config.loading.loader import Config
from config.models import Kpi
from syncer.compute.states import KpiState
from syncer.method.progress import measure_progress
from syncer.method.status import Status
from syncer.sources.evaluate import Figure, arithmetic


def kpi_states(config: Config, figures: Mapping[str, Figure]) -> tuple[KpiState, ...]:
    """The KPIs of the config, in its order."""
    return tuple(_state(entry, figures) for entry in config.kpis)


def _state(entry: KpiEntry, figures: Mapping[str, Figure]) -> KpiState:
    kpi = entry.definition
    goal = hold_goal(kpi)
    figure = arithmetic(entry.measure, figures) if entry.measure else Figure(None)
    value, reason = figure.value, figure.reason
    if goal is not None and value is not None and (problem := value_problem(goal, value)):
        value, reason = None, problem
    status = None
    if goal is not None:
        progress = measure_progress(goal, value).progress
        status = Status.UNKNOWN if progress is None else Status.MET if progress == 1 else Status.NOT_MET
    percent = goal.percent if goal else kpi.unit == "percent"
    return KpiState(entry.name, kpi.title or entry.name, value, status, goal, percent, kpi.unit or "", reason)


def hold_goal(kpi: Kpi) -> Goal | None:
    """What has to hold, as a threshold; None for a KPI that is only watched."""
    hold = kpi.hold
    if hold is None:
        return None
    if hold.kind == "between":
        return make_goal(GoalSpec(low=hold.low, high=hold.high, unit=kpi.unit))
    return make_goal(GoalSpec(kind=hold.kind, target=hold.low or hold.high, unit=kpi.unit))
