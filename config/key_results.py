"""Key results and KPIs of a workspace as flat lists, with names for their inline measures."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from config.dataclass import dataclass
from config.models import KeyResult, Kpi, Measure, Part, Workspace

if TYPE_CHECKING:
    from config.expressions import Arithmetic


@dataclass(frozen=True, slots=True)
class KeyResultEntry:
    """One key result of the config.

    `measure` is None where people type the value in the sheet; `parts` has one entry for each part. `path` is its
    dotted path in the files. `work` names the two measures that count its actions: done, and all.
    """

    id: str
    objective_id: str | None
    definition: KeyResult
    measure: "Arithmetic | None"
    parts: "tuple[Arithmetic | None, ...]"
    path: str
    work: tuple[str, str] | None = None

    @property
    def starts_with_the_cycle(self) -> bool:
        """Whether the key result or one of its parts has `baseline: {at: cycle.start}`."""
        return any(goal.starts_with_the_cycle for goal in (self.definition, *self.definition.parts))

    @property
    def spans_periods(self) -> bool:
        """Whether the key result or one of its parts is a threshold over each week or month."""
        return any(goal.over for goal in (self.definition, *self.definition.parts))


@dataclass(frozen=True, slots=True)
class KpiEntry:
    """One KPI of the config."""

    name: str
    definition: Kpi
    measure: "Arithmetic | None"


@dataclass(frozen=True, slots=True)
class MeasureUse:
    """Source of the number of a key result or a part: `text` is arithmetic or a name, None when typed by hand."""

    text: str | None
    path: str
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Stated:
    """A key result as the config states it, with names for its inline measures: `KR3#1` is the first.

    The measures that count its actions are `KR3#work.done` and `KR3#work.all`.
    """

    id: str
    objective_id: str | None
    definition: KeyResult
    path: str
    measure: MeasureUse
    parts: tuple[MeasureUse, ...]
    inline: Mapping[str, tuple[Measure, str]]
    work: tuple[str, str] | None = None

    def numbers(self) -> Iterator[tuple[KeyResult | Part, MeasureUse, str]]:
        """Yield each number that is computed by itself: the key result, or each of its parts, with its dotted path."""
        if not self.parts:
            yield self.definition, self.measure, self.path
        for number, (part, use) in enumerate(zip(self.definition.parts, self.parts, strict=True), 1):
            yield part, use, f"{self.path}.parts.{number}"


@dataclass(frozen=True, slots=True)
class StatedKpi:
    """A KPI as the config states it; the inline measure of a KPI `csat` is named `kpi:csat`."""

    name: str
    definition: Kpi
    measure: MeasureUse
    inline: Mapping[str, tuple[Measure, str]]


def gather(workspace: Workspace) -> tuple[Stated, ...]:
    """Return all key results in the order of the file: first those nested in objectives, then the others."""
    found = []
    for objective_id, objective in workspace.objectives.items():
        around = f"objectives.{objective_id}.key_results"
        for name, key_result in objective.key_results.items():
            found.append(_stated(workspace, name, objective_id, key_result, f"{around}.{name}"))
    for name, key_result in workspace.key_results.items():
        found.append(_stated(workspace, name, key_result.objective, key_result, f"key_results.{name}"))
    return tuple(found)


def gather_kpis(workspace: Workspace) -> tuple[StatedKpi, ...]:
    """Return all KPIs in the order of the file."""
    found = []
    for name, kpi in workspace.kpis.items():
        use = _use_of_kpi(name, kpi, f"kpis.{name}.measure")
        inline = {use.text: (kpi.measure, use.path)} if use.text and isinstance(kpi.measure, Measure) else {}
        found.append(StatedKpi(name, kpi, use, inline))
    return tuple(found)


def _use_of_kpi(name: str, kpi: Kpi, path: str) -> MeasureUse:
    if isinstance(kpi.measure, Measure):
        return MeasureUse(f"kpi:{name}", path, inline=True)
    return MeasureUse(kpi.measure, path)


def _stated(workspace: Workspace, name: str, objective_id: str | None, definition: KeyResult, path: str) -> Stated:
    """Name the inline measures of a key result; each has the cycle of the objective unless it states its own."""
    objective = workspace.objectives.get(objective_id or "")
    inline: dict[str, tuple[Measure, str]] = {}

    def named(generated: str, measure: Measure, place: str) -> None:
        cycle = measure.cycle or (objective.cycle if objective else None)
        inline[generated] = (measure.model_copy(update={"cycle": cycle}), place)

    def use(measure: str | Measure | None, place: str) -> MeasureUse:
        if not isinstance(measure, Measure):
            return MeasureUse(measure, place)
        generated = f"{name}#{len(inline) + 1}"
        named(generated, measure, place)
        return MeasureUse(generated, place, inline=True)

    kpi = workspace.kpis.get(definition.kpi or "")
    if kpi is not None and definition.measure is None:
        own = _use_of_kpi(definition.kpi or "", kpi, f"{path}.kpi")
    else:
        own = use(definition.measure, f"{path}.measure")
    parts = tuple(
        use(part.measure, f"{path}.parts.{number}.measure") for number, part in enumerate(definition.parts, 1)
    )
    work = (f"{name}#work.done", f"{name}#work.all") if definition.work else None
    if definition.work and work:
        for generated, measure in zip(work, definition.work.measures(), strict=True):
            named(generated, measure, f"{path}.work")
    return Stated(name, objective_id, definition, path, own, parts, inline, work)
