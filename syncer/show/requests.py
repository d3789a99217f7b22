"""The requests of a run: before it what will be asked of whom; after it what was sent, its bytes and its time."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from config.loading.loader import Config
from connectors.base import Read
from connectors.http import Call, Meter
from syncer.reading.reads import PlannedReads
from syncer.sheet.open_sheet import sheet_name
from syncer.words import say

OKR_SHEET = "okr_sheet"
KINDS: Mapping[str, tuple[str, str]] = {
    "counts": ("counts", "計數"),
    "rows": ("rows", "讀列"),
    "cells": ("cells", "儲存格"),
    OKR_SHEET: ("OKR sheet", "OKR 試算表"),
}
"""What a planned read asks for, in both languages."""


def planned_data(config: Config, planned: PlannedReads) -> list[dict[str, Any]]:
    """What will be asked, by connection, kind and table: distinct queries, the measures they serve, the columns wanted.

    Each `queries` is one read; how many requests it takes is the connector's affair (counts share them, long answers
    come in pages). The OKR sheet is read last, as one query of its connection.
    """
    measures = {key: len(names) for key, names in planned.names_of().items()}
    groups: dict[tuple[str, str, str], list[Read]] = defaultdict(list)
    for connection, reads in planned.by_connection.items():
        for read in reads:
            groups[connection, _kind(read), read.table].append(read)
    entries: list[dict[str, Any]] = [
        {
            "connection": connection,
            "kind": kind,
            "table": table,
            "queries": len(reads),
            "measures": sum(measures[read.key] for read in reads),
            "columns": sorted({column for read in reads for column in read.columns}),
        }
        for (connection, kind, table), reads in sorted(groups.items())
    ]
    sheet = config.workspace.okr_sheet
    place = {"connection": sheet.connection or "files", "kind": OKR_SHEET, "table": sheet_name(config)}
    return [*entries, {**place, "queries": 1, "measures": 0, "columns": []}]


def _kind(read: Read) -> str:
    if read.count_only:
        return "counts"
    return "cells" if read.table == "cell" else "rows"


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


def planned_text(config: Config, planned: PlannedReads, language: str) -> str:
    """What will be asked, for people."""
    lines = [say(language, "Requests planned:", "規劃的請求：")]
    for entry in planned_data(config, planned):
        kind, queries, measures = say(language, *KINDS[entry["kind"]]), entry["queries"], entry["measures"]
        start = f"  {entry['connection']:<12} {kind}"
        if entry["kind"] == OKR_SHEET:
            lines.append(f"{start} {entry['table']}")
            continue
        served = say(
            language,
            f"{entry['table']}, {_many(queries, 'query', 'queries')} for {_many(measures, 'measure', 'measures')}",
            f"{entry['table']}，{queries} 個查詢供 {measures} 個指標使用",
        )
        columns = ", ".join(entry["columns"])
        lines.append(f"{start} {served}" + (say(language, f": {columns}", f"：{columns}") if columns else ""))
    return "\n".join(lines) + "\n"


def _many(count: int, one: str, more: str) -> str:
    return f"{count:,} {one if count == 1 else more}"


def requests_text(meter: Meter, language: str) -> str:
    """What was sent, for people. Lanes work side by side, so times add up to more than the run took."""
    made = requests_data(meter)
    if not made:
        return say(language, "Requests made: none.", "實際請求：無。") + "\n"
    lines = [say(language, "Requests made:", "實際請求：")]
    lines += [
        f"  {entry['connection']:<12} {entry['kind']:<14} {entry['requests']:>4} × "
        f"{entry['bytes']:>9,} B  {entry['seconds']:>7.3f} s"
        for entry in made
    ]
    return "\n".join(lines) + "\n"
