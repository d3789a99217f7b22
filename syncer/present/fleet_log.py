"""Log lines of a fleet's syncs as JSON, one object a line: time, level, workspace, run, and what happened."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from config.loading.workspace_files import shown
from syncer.fleet.sync_all import Result
from syncer.ledger.records import SyncOutcome
from syncer.present.error_text import error_data, failure_data

_ERRORS = (SyncOutcome.FAILED, SyncOutcome.REFUSED)


def log_lines(result: Result, at: datetime) -> Iterator[str]:
    """Yield a line for each read that failed in a sync, and one for how it ended."""
    report = result.report
    about = {
        "workspace": result.member.id or None,
        "file": shown(result.member.file),
        "run": (report.run or None) if report else None,
    }
    failures = failure_data(report.assessment) if report else []
    for failure in failures:
        yield _line(at, "warning", about, {"event": "read_failed", **failure})
    level = "error" if result.outcome in _ERRORS else "warning" if report and not report.complete else "info"
    error = result.error or (report.refusal if report else None)
    ended = {
        "event": result.outcome.value,
        "seconds": round(result.seconds, 3),
        "written": result.written,
        "unknown": result.unknown,
        "conflicts": result.conflicts,
        "error": error_data(error) if error else None,
    }
    yield _line(at, level, about, ended)


def worker_line(at: datetime, text: str) -> str:
    """Return a line about a worker, which is about no workspace."""
    return _line(at, "info", {"workspace": None, "file": None, "run": None}, {"event": "worker", "text": text})


def _line(at: datetime, level: str, about: dict[str, Any], what: dict[str, Any]) -> str:
    return json.dumps({"time": at.isoformat(timespec="seconds"), "level": level, **about, **what}, ensure_ascii=False)
