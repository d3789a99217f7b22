"""Run all checks of a workspace beyond its schema: references, expressions, goals, units, dates. No network."""

from collections.abc import Mapping
from pathlib import Path

from config.checks.goals import check_key_results, check_kpis
from config.checks.measures import TableLookup, check_measures
from config.checks.sheet import check_ledger, check_paths, check_sheet
from config.checks.time_checks import check_measured_cycles, check_time
from config.checks.tree import check_tree
from config.connections import BUILT_IN
from config.dataclass import dataclass
from config.expressions import Expression
from config.findings import Findings
from config.key_results import KeyResultEntry, KpiEntry, gather, gather_kpis
from config.message import Message
from config.models import Measure, Workspace


@dataclass(frozen=True, slots=True)
class Checked:
    """Measures with their dotted paths and expressions, by name, inline ones included; key results and KPIs."""

    measures: Mapping[str, Measure]
    measure_paths: Mapping[str, str]
    expressions: Mapping[str, Expression]
    key_results: tuple[KeyResultEntry, ...]
    kpis: tuple[KpiEntry, ...]


def check(workspace: Workspace, base_dir: Path, tables: TableLookup, findings: Findings) -> Checked:
    """Run every check on a workspace that the models accept; problems are added to `findings`."""
    stated = gather(workspace)
    measures = {name: (measure, f"measures.{name}") for name, measure in workspace.measures.items()}
    stated_kpis = gather_kpis(workspace)
    for inline in (*(one.inline for one in stated), *(one.inline for one in stated_kpis)):
        measures.update(inline)
    for name in BUILT_IN:
        if name in workspace.connections:
            findings.add(f"connections.{name}", Message("'{name}' is built in; choose another name", name=name))
    checked = check_measures(measures, workspace, tables, findings)
    names = workspace.measures.keys()
    entries = check_key_results(stated, checked, names, findings)
    kpis = check_kpis(stated_kpis, checked, names, findings)
    check_tree(workspace, stated, findings)
    check_time(workspace, stated, findings)
    check_measured_cycles(workspace, entries, measures, findings)
    check_sheet(workspace, findings)
    check_ledger(workspace, base_dir, findings)
    check_paths(measures, workspace, base_dir, findings)
    return Checked(
        {name: measure for name, (measure, _) in measures.items()},
        {name: path for name, (_, path) in measures.items()},
        {name: measure.expression for name, measure in checked.items()},
        entries,
        kpis,
    )
