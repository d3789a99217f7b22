"""Metrics of a fleet in the text format of Prometheus, for the textfile collector of node_exporter or an endpoint."""

import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence

from config.dataclass import dataclass
from syncer.fleet.status import State
from syncer.fleet.sync_all import Result
from syncer.ledger.records import SyncOutcome

Samples = Sequence[tuple[Mapping[str, str], float]]
"""Values of one metric, each with its labels."""

_FILES = "files"


@dataclass(slots=True)
class _Use:
    """Requests to a service, the seconds that they took, and the seconds that they waited before they were sent."""

    requests: int = 0
    seconds: float = 0.0
    waited: float = 0.0


def fleet_metrics(states: Sequence[State], results: Sequence[Result]) -> str:
    """Format how every workspace is doing, by its ledger, and what its sync just now took and asked."""
    uses: dict[str, _Use] = defaultdict(_Use)
    for one in results:
        _add(uses, one)
    took = {one.member.id: one.seconds for one in results if one.member.id and one.report}
    return _workspaces(states, took) + _services(uses, "", "of the last fleet sync")


class WorkerMetrics:
    """Metrics of a worker while it runs. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._took: dict[str, float] = {}
        self._uses: dict[str, _Use] = defaultdict(_Use)

    def add(self, result: Result) -> None:
        """Add a sync that has ended."""
        with self._lock:
            _add(self._uses, result)
            if result.member.id and result.report:
                self._took[result.member.id] = result.seconds

    def text(self, states: Sequence[State]) -> str:
        """Format how every workspace is doing, by its ledger, and what this worker's syncs took and asked."""
        with self._lock:
            return _workspaces(states, self._took) + _services(self._uses, "_total", "of this worker")


def _workspaces(states: Sequence[State], took: Mapping[str, float]) -> str:
    known = [(one.card.id, one.last) for one in states if one.card and one.last]
    parts = [
        _metric(
            "okrsync_last_success_timestamp",
            "When the workspace's last good run was, in seconds since 1970.",
            [({"workspace": key}, last.last_good.timestamp()) for key, last in known if last.last_good],
        ),
        _metric(
            "okrsync_sync_outcome",
            "How the workspace's last sync ended: 1 for that outcome.",
            [
                ({"workspace": key, "outcome": kind.value}, float(last.outcome is kind))
                for key, last in known
                for kind in SyncOutcome
            ],
        ),
        _metric(
            "okrsync_unknown_key_results",
            "Key results without a value in the workspace's last sync, if that came to its end.",
            [({"workspace": key}, last.unknown) for key, last in known if last.outcome.is_good],
        ),
        _metric(
            "okrsync_sync_seconds",
            "How long the workspace's sync took.",
            [({"workspace": key}, round(seconds, 3)) for key, seconds in took.items()],
        ),
    ]
    return "".join(parts)


def _services(uses: Mapping[str, _Use], suffix: str, whose: str) -> str:
    kind = "counter" if suffix else "gauge"
    parts = (
        ("requests", f"Requests {whose}.", lambda use: float(use.requests)),
        ("request_seconds", "Time from sending to the last byte, all requests together.", lambda use: use.seconds),
        (
            "wait_seconds",
            "Time that requests waited for quota, or before they were sent again.",
            lambda use: use.waited,
        ),
    )
    return "".join(
        _metric(
            f"okrsync_{name}{suffix}",
            meaning,
            [({"service": service}, round(value(uses[service]), 3)) for service in sorted(uses)],
            kind,
        )
        for name, meaning, value in parts
    )


def _add(uses: dict[str, _Use], result: Result) -> None:
    """Add the requests and waits of a sync, by service."""
    if not result.report or not result.member.opened:
        return
    connections = result.member.opened.config.workspace.connections

    def use_of(name: str) -> _Use:
        return uses[connections[name].type if name in connections else _FILES]

    for call in result.report.meter.calls:
        use = use_of(call.connection)
        use.requests += 1
        use.seconds += call.seconds
    for name, seconds in result.report.meter.waits.items():
        use_of(name).waited += seconds


def _metric(name: str, meaning: str, samples: Samples, kind: str = "gauge") -> str:
    if not samples:
        return ""
    lines = [f"{name}{{{_labels(labels)}}} {value:.15g}" for labels, value in samples]
    return "\n".join([f"# HELP {name} {meaning}", f"# TYPE {name} {kind}", *lines, ""])


def _labels(labels: Mapping[str, str]) -> str:
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
