"""The pipeline of a run: read sources and sheet, compute, plan, check, write, verify, record, report."""

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import replace

from config.dataclass import dataclass
from config.errors import UnsafePlanError
from connectors.http import Meter
from connectors.okr_sheet import SheetImage
from connectors.protocol import Reading
from syncer.compute.assess import Assessment, assess
from syncer.compute.basis import basis_of
from syncer.ledger.recall import Recall, recall_read_only
from syncer.ledger.records import SyncOutcome
from syncer.model.plan import Mark, Plan
from syncer.plan.make_plan import Computed, make_plan
from syncer.plan.notes import id_notes, shared_counts
from syncer.plan.renamed import renamed_headers
from syncer.plan.rows import Allowed
from syncer.plan.source_links import SourceLink, source_links
from syncer.run.backfill import fill_cycle_baselines, lacking_baselines
from syncer.run.same_sheet import require_same_sheet, scope_of
from syncer.run.start import Options, Started
from syncer.run.write import Receipt
from syncer.sheet.preview_ids import with_ids


@dataclass(frozen=True, slots=True)
class RunReport:
    """Inputs, plan and result of one run. `receipt` is None if nothing was written."""

    assessment: Assessment
    plan: Plan
    meter: Meter
    receipt: Receipt | None = None
    run: str = ""
    forced: bool = False
    refusal: UnsafePlanError | None = None
    """Why the guards refused the plan."""

    @property
    def failed(self) -> bool:
        """Whether a source could not be read, or a cell reads back otherwise than written."""
        return bool(self.assessment.failures()) or (self.receipt is not None and bool(self.receipt.wrong))

    @property
    def complete(self) -> bool:
        """Whether nothing failed, every key result is known and none is in conflict."""
        return not self.failed and not self.plan.unknown and not self.plan.count(Mark.CONFLICT, Mark.ADOPT)

    @property
    def outcome(self) -> SyncOutcome:
        """How the run ended."""
        if self.refusal is not None:
            return SyncOutcome.REFUSED
        return SyncOutcome.SYNCED if self.complete else SyncOutcome.INCOMPLETE


def dry_run(started: Started, sheet: Future[SheetImage]) -> RunReport:
    """Plan without writing to the sheet that is being read. Raises SheetError."""
    config, context, now, options = started.config, started.context, started.now, started.options
    known = recall_read_only(config, scope_of(config), now, as_of=options.as_of)
    if not options.as_of:
        known = fill_cycle_baselines(config, context, known, lacking_baselines(config, known, now))
    image = sheet.result()
    require_same_sheet(config, image, None if options.moved else known.sheet)
    preview = with_ids(config, image)
    basis = basis_of(config, preview.image, any_ledger(known, options), now)
    seen = assess(basis, started.sources.result(), now, started.read_options)
    plan = plan_of(seen, options)
    return RunReport(seen, replace(plan, notes=(*plan.notes, *id_notes(preview))), context.meter)


def any_ledger(known: Recall, options: Options) -> Recall:
    """Return the history, without the runs by which another ledger is found out where the workspace has moved."""
    return replace(known, run_ids=None) if options.moved else known


def plan_of(seen: Assessment, options: Options) -> Plan:
    """Make the plan of a run, with all warnings and guards."""
    computed = Computed(seen.key_results, seen.objectives, seen.now, _links(seen), _warnings(seen))
    plan = make_plan(seen.config, seen.image, seen.view, computed, Allowed(options.adopt, options.overwrite))
    plan = replace(plan, notes=(*plan.notes, *shared_counts(_shared(seen))))
    return replace(plan, guards=(*renamed_headers(seen.recall.headers, seen.view.layouts), *plan.guards))


def _warnings(seen: Assessment) -> list[tuple[str, str]]:
    """Return (measures, warning): those of a shared reading once, under all its measures, and those of each value."""
    found: list[tuple[str, str]] = []
    for key, names in sorted(seen.planned.names_of().items()):
        answer = seen.answers.get(key)
        shared = answer.warnings if isinstance(answer, Reading) else ()
        found += [(seen.config.name_measures(sorted(names)), text) for text in shared]
        for name in sorted(names):
            found += [(seen.config.name_measures([name]), text) for text in seen.results[name].warnings]
    return found


def _shared(seen: Assessment) -> list[tuple[str, str]]:
    """Return (measure, for whom it was counted) of counts that another workspace got."""
    found = []
    for key, names in sorted(seen.planned.names_of().items()):
        if isinstance(answer := seen.answers.get(key), Reading) and answer.shared:
            found += [(name, answer.shared) for name in sorted(names)]
    return found


def _links(seen: Assessment) -> Mapping[str, SourceLink]:
    """Return the link of each key result's query, by id."""
    answers = {name: seen.answers[key] for name, key in seen.planned.read_of.items() if key in seen.answers}
    return source_links(seen.config, [state.definition for state in seen.key_results], answers, seen.image.tab_links)
