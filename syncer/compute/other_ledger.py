"""Leave pushed values unknown where another ledger was used for the sheet: it may have values that this one lacks."""

from dataclasses import replace

from config.errors import SourceError
from config.loading.loader import Config
from config.measure_models import PUSHED
from config.message import Message
from connectors.protocol import ReadError
from syncer.ledger.recall import Recall
from syncer.sheet.view import SheetView
from syncer.sources.figures import Figure, MeasureResult, measure_figures
from syncer.sources.read_sources import SourceResults
from syncer.sources.reads import Answer


def unknown_without_its_ledger(config: Config, view: SheetView, recall: Recall, seen: SourceResults) -> SourceResults:
    """Return the results, pushed values unknown where the ledger lacks the run that wrote the sheet last."""
    names = [name for name in seen.results if config.measures[name].connection == PUSHED]
    last = _last_runs(view)
    if not names or not last or recall.run_ids is None or last & recall.run_ids:
        return seen
    run = max(last)
    failed = {name: _failed(seen.answers[seen.planned.read_of[name]], run) for name in names}
    results = {**seen.results, **failed}
    return replace(seen, results=results, figures={**seen.figures, **measure_figures(config, results)})


def _last_runs(view: SheetView) -> frozenset[str]:
    """Return the ids of the runs that wrote the sheet in the last second in which one did; ids begin with it."""
    stamp = view.own.stamp if view.own else None
    runs = {stamp.run} - {""} if stamp else set(view.base.runs.values())
    second = max(runs, default="").partition("-")[0]
    return frozenset(run for run in runs if run.partition("-")[0] == second)


def _failed(answer: Answer, run: str) -> MeasureResult:
    error = SourceError(
        "reading recorded values",
        Message("the sheet was last written by run {run}, which is not in this ledger", run=run),
        effect="Values may be missing here, so its key results were left as they were.",
        advice="Run okrsync where that ledger is, or share one in PostgreSQL. If it is lost, bring its values back by "
        "`okrsync record --restore FILE`, and run `okrsync sync --moved` once.",
    )
    reason = Message("{doing}: {saw}", doing=error.doing, saw=error.saw)
    return MeasureResult(Figure(None, reason), ReadError(answer.read, error), PUSHED)
