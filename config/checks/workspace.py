"""What a schema cannot see: references, expressions, goals, units, dates. No network."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.checks.goals import check_key_results, check_kpis
from config.checks.measures import FILES, TableLookup, check_measures
from config.checks.sheet import check_ledger, check_paths, check_sheet
from config.checks.time_checks import check_measured_cycles, check_time
from config.checks.tree import check_tree
from config.expressions import Expression
from config.findings import Findings
from config.key_results import KeyResultEntry, KpiEntry, Stated, gather, gather_kpis
from config.loading.workspace_model import Draft
from config.message import Message
from config.models import NAME_PATTERN, Measure, Workspace


@dataclass(frozen=True, slots=True)
class Checked:
    """What the checks made of a workspace: every measure and its expression by name, inline ones included."""

    measures: Mapping[str, Measure]
    expressions: Mapping[str, Expression]
    key_results: tuple[KeyResultEntry, ...]
    kpis: tuple[KpiEntry, ...]


def check(draft: Draft, workspace: Workspace, base_dir: Path, tables: TableLookup, findings: Findings) -> Checked:
    """Run every check on what could be validated; faults go to `findings`."""
    stated = gather(workspace)
    measures = {name: (measure, f"measures.{name}") for name, measure in workspace.measures.items()}
    stated_kpis = gather_kpis(workspace)
    for inline in (*(one.inline for one in stated), *(one.inline for one in stated_kpis)):
        measures.update(inline)
    if FILES in workspace.connections:
        findings.add(f"connections.{FILES}", Message("'{files}' is built in; choose another name", files=FILES))
    checked = check_measures(measures, draft, tables, findings)
    names = _known_names(draft, workspace, stated)
    entries = check_key_results(stated, checked, names, findings)
    kpis = check_kpis(stated_kpis, checked, names, findings)
    check_tree(draft, workspace, stated, findings)
    check_time(draft, workspace, stated, findings)
    if not draft.lacks("cycle"):
        check_measured_cycles(workspace, entries, measures, findings)
    if not draft.lacks("okr_sheet"):
        check_sheet(draft, workspace, findings)
    check_ledger(workspace, base_dir, findings)
    check_paths(measures, workspace, base_dir, findings)
    return Checked(
        {name: measure for name, (measure, _) in measures.items()},
        {name: measure.expression for name, measure in checked.items()},
        entries,
        kpis,
    )


def _known_names(draft: Draft, workspace: Workspace, stated: Collection[Stated]) -> Collection[str]:
    """The measures that a key result may name. Where the whole section was at fault, any name will do."""
    names = dict.fromkeys((*workspace.measures, *sorted(draft.names_left_out("measures"))))
    if draft.lacks("measures"):
        texts = (use.text or "" for one in stated for use in (one.measure, *one.parts))
        names.update(dict.fromkeys(word for text in texts for word in re.findall(NAME_PATTERN, text)))
    return names.keys()
