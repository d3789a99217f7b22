"""Metrics of a fleet in the text format of Prometheus, for the textfile collector of node_exporter or an endpoint."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from syncer.fleet.status import State
from syncer.fleet.sync_all import Result
from syncer.ledger.records import SyncOutcome

Samples = Sequence[tuple[Mapping[str, str], float]]
"""Values of one metric, each with its labels."""

_FILES = "files"


def fleet_metrics(states: Sequence[State], results: Sequence[Result]) -> str:
    """Format how every workspace is doing, by its ledger, and what its sync just now took and asked."""
    known = [(one.card.id, one.last) for one in states if one.card and one.last]
    synced = [(one.member.id, one) for one in results if one.member.id and one.report]
    calls, seconds = _requests(results)
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
            [({"workspace": key}, round(one.seconds, 3)) for key, one in synced],
        ),
        _metric("okrsync_requests", "Requests of the last fleet sync.", calls),
        _metric("okrsync_request_seconds", "Time from sending to the last byte, all requests together.", seconds),
    ]
    return "".join(parts)


def _requests(results: Iterable[Result]) -> tuple[Samples, Samples]:
    """Return number and seconds of the requests of all workspaces, by service."""
    calls: Counter[str] = Counter()
    seconds: defaultdict[str, float] = defaultdict(float)
    for one in results:
        if not one.report or not one.member.opened:
            continue
        connections = one.member.opened.config.workspace.connections
        for call in one.report.meter.calls:
            service = connections[call.connection].type if call.connection in connections else _FILES
            calls[service] += 1
            seconds[service] += call.seconds
    labels = [({"service": service}, service) for service in sorted(calls)]
    return [(each, calls[name]) for each, name in labels], [(each, round(seconds[name], 3)) for each, name in labels]


def _metric(name: str, meaning: str, samples: Samples) -> str:
    if not samples:
        return ""
    lines = [f"{name}{{{_labels(labels)}}} {value:.15g}" for labels, value in samples]
    return "\n".join([f"# HELP {name} {meaning}", f"# TYPE {name} gauge", *lines, ""])


def _labels(labels: Mapping[str, str]) -> str:
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
