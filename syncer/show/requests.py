"""The requests of a run: how many of each kind, what they moved, how long they took."""

from collections import defaultdict
from typing import Any

from connectors.http import Call, Meter
from syncer.reads import PlannedReads
from syncer.words import say


def requests_data(meter: Meter) -> list[dict[str, Any]]:
    """The requests made, by connection and kind."""
    groups: dict[tuple[str, str], list[Call]] = defaultdict(list)
    for call in meter.calls:
        groups[call.connection, call.kind].append(call)
    return [
        {
            "connection": connection,
            "kind": kind,
            "requests": len(calls),
            "bytes": sum(call.bytes_received for call in calls),
            "seconds": round(sum(call.seconds for call in calls), 3),
        }
        for (connection, kind), calls in sorted(groups.items())
    ]


def requests_text(planned: PlannedReads, meter: Meter, language: str) -> str:
    """What was planned and what was made."""
    lines = [say(language, "Reads planned:", "規劃的讀取：")]
    for connection, reads in sorted(planned.by_connection.items()):
        counts = sum(read.count_only for read in reads)
        lines.append(
            "  "
            + say(
                language,
                f"{connection}: {counts} counts, {len(reads) - counts} row reads",
                f"{connection}：計數 {counts} 項、讀列 {len(reads) - counts} 項",
            )
        )
    lines.append(say(language, "Requests made:", "實際請求："))
    lines += [
        f"  {entry['connection']:<12} {entry['kind']:<14} {entry['requests']:>4} × "
        f"{entry['bytes']:>9,} B  {entry['seconds']:>7.3f} s"
        for entry in requests_data(meter)
    ]
    return "\n".join(lines) + "\n"
