"""The KPIs that the company watches, and whether what has to hold does. They are never averaged into an objective."""

from collections.abc import Mapping

from config.goal_specs import spec_of
from config.goals import make_goal
from config.key_results import KpiEntry
from config.loading.loader import Config
from config.models import Kpi
from connectors.protocol import ReadError
from syncer.compute.states import KpiState
from syncer.method.kinds.goal import Goal
from syncer.method.kinds.registry import goal_of
from syncer.method.status import Status
from syncer.model.cause import Cause
from syncer.sources.figures import Figure, MeasureResult, arithmetic


def kpi_states(
    config: Config, figures: Mapping[str, Figure], results: Mapping[str, MeasureResult]
) -> tuple[KpiState, ...]:
    """The KPIs of the config, in its order."""
    return tuple(_state(entry, figures, results) for entry in config.kpis)


def _state(entry: KpiEntry, figures: Mapping[str, Figure], results: Mapping[str, MeasureResult]) -> KpiState:
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
    names = entry.measure.names if entry.measure else ()
    failed = any(isinstance(results[name].answer, ReadError) for name in names if name in results)
    cause = None if not reason else Cause.READ_FAILED if failed else Cause.NO_VALUE
    title, unit = kpi.title or entry.name, kpi.unit or ""
    return KpiState(entry.name, title, value, status, goal, percent, unit, reason, cause)


def hold_goal(kpi: Kpi) -> Goal | None:
    """What has to hold, as a threshold; None for a KPI that is only watched."""
    held = kpi.held
    return goal_of(make_goal(spec_of(held, additive=False))) if held else None
