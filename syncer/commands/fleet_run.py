"""`fleet run`: a worker of a fleet, and what it shows of itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from syncer.commands.command_line import QuietOption
from syncer.commands.fleet_options import (
    FleetPath,
    LogFormat,
    LogOption,
    find_in_its_language,
    log_result,
    sync_in_its_language,
)
from syncer.commands.notify import Synced, send_alerts
from syncer.commands.screen import say
from syncer.i18n import CURRENT_LANGUAGE, localize, translate

if TYPE_CHECKING:
    from syncer.fleet.run import Worker
    from syncer.fleet.sync_all import Result
    from syncer.present.fleet_metrics import WorkerMetrics
    from syncer.run.pipeline import RunReport
    from syncer.run.workspace import Opened


def run(
    *,
    fleet: FleetPath = None,
    log: LogOption = LogFormat.TEXT,
    listen: Annotated[
        str | None, typer.Option("--listen", metavar="HOST:PORT", help="Serve /metrics and /healthz: 127.0.0.1:9464.")
    ] = None,
    _quiet: QuietOption = False,
) -> int:
    """Sync the fleet on its schedule until stopped. Several workers, on any machines, share the work."""
    import asyncio

    from syncer.fleet.needed import require_procrastinate
    from syncer.present.fleet import result_line
    from syncer.present.fleet_log import worker_line

    require_procrastinate()
    from syncer.fleet.run import Worker
    from syncer.fleet.timing import Screen
    from syncer.present.fleet_metrics import WorkerMetrics

    find_in_its_language(fleet)
    language = "en" if log is LogFormat.JSON else CURRENT_LANGUAGE.get()
    metrics = WorkerMetrics()

    def report(text: str) -> None:
        now = datetime.now(UTC)
        say(worker_line(now, text) if log is LogFormat.JSON else f"{now:%Y-%m-%d %H:%M:%S}Z  {text}", err=True)

    def finished(result: "Result") -> None:
        metrics.add(result)
        if log is LogFormat.JSON:
            log_result(result)
        else:
            report(result_line(result, language))

    screen = Screen(lambda text: report(localize(language, text)), finished)
    worker = Worker(fleet, sync_and_alert, screen)
    with _watched(listen, worker, metrics) as address:
        report(translate(language, "working; send SIGTERM to stop after the current syncs"))
        if address:
            report(translate(language, "listening at {address}: /metrics, /healthz", address=address))
        asyncio.run(worker.serve())
    report(translate(language, "stopped"))
    return 0


@contextmanager
def _watched(listen: str | None, worker: "Worker", metrics: "WorkerMetrics") -> "Iterator[str]":
    """Serve a worker's metrics and health while it runs; yield the address."""
    from syncer.fleet.listen import listening
    from syncer.fleet.status import fleet_state

    def metrics_page() -> tuple[int, str]:
        return 200, metrics.text(fleet_state(worker.fleet.terms, datetime.now(UTC), None))

    def health_page() -> tuple[int, str]:
        lines = ["alive" if worker.is_alive else "stuck", *(localize("en", text) for text in worker.waits_for)]
        return 200 if worker.is_alive else 503, "\n".join(lines) + "\n"

    if listen is None:
        yield ""
        return
    with listening(listen, {"/metrics": metrics_page, "/healthz": health_page}) as (host, port):
        yield f"http://{host}:{port}"


def sync_and_alert(opened: "Opened") -> "RunReport":
    """Sync one workspace in its own language, and send the alerts about its faults."""
    synced: list[Synced] = []
    try:
        return sync_in_its_language(synced, opened)
    finally:
        send_alerts(synced)
