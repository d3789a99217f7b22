"""Output of `--requests`: the queries planned before a run, and the requests made, with bytes and seconds."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from config.loading.loader import Config
from connectors.http import Call, Meter
from connectors.protocol import Read
from syncer.i18n import join, translatable, translate, translate_count, translate_in_context
from syncer.present.text_width import padded
from syncer.sheet.open_sheet import sheet_name
from syncer.sources.reads import PlannedReads

OKR_SHEET = "okr_sheet"
KINDS: Mapping[str, str] = {
    "account": translatable("account", "requests"),
    "cells": translatable("cells", "requests"),
    "count": translatable("count", "requests"),
    "counts": translatable("counts", "requests"),
    "download": translatable("download", "requests"),
    "fields": translatable("fields", "requests"),
    "file": translatable("file", "requests"),
    "history": translatable("history", "requests"),
    "id walk": translatable("id walk", "requests"),
    "jobs": translatable("jobs", "requests"),
    "json": translatable("json", "requests"),
    "query": translatable("query", "requests"),
    "read": translatable("read", "requests"),
    "repositories": translatable("repositories", "requests"),
    "rows": translatable("rows", "requests"),
    "statuses": translatable("statuses", "requests"),
    "token": translatable("token", "requests"),
    "upload": translatable("upload", "requests"),
    "workflow runs": translatable("workflow runs", "requests"),
    "write": translatable("write", "requests"),
    OKR_SHEET: translatable("OKR sheet", "requests"),
}
"""Translatable kinds of planned reads and of requests made (`Call.kind`)."""


def requests_json(config: Config, planned: PlannedReads, meter: Meter) -> dict[str, Any]:
    """Return requests planned and made as JSON data; kinds are codes such as `id_walk`."""
    lists = {
        "requests_planned": planned_data(config, planned),
        "requests": requests_data(meter),
    }
    return {
        name: [{**entry, "kind": entry["kind"].replace(" ", "_")} for entry in entries]
        for name, entries in lists.items()
    }


def planned_data(config: Config, planned: PlannedReads) -> list[dict[str, Any]]:
    """Return the planned queries by connection, kind and table, with the measures they serve and the columns read.

    `queries` counts distinct reads. How many requests a read takes depends on the connector: counts share requests,
    and long results come in pages. The OKR sheet comes last, as one query of its connection.
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
    """Return the requests made by connection and kind, with bytes received and seconds."""
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
    """List the planned queries as text."""
    lines = [translate(language, "Requests planned:")]
    for entry in planned_data(config, planned):
        kind, queries, measures = _kind_word(entry["kind"], language), entry["queries"], entry["measures"]
        start = f"  {entry['connection']:<12} {kind}"
        if entry["kind"] == OKR_SHEET:
            lines.append(f"{start} {entry['table']}")
            continue
        served = translate(
            language,
            "{table}, {queries} for {measures}",
            table=entry["table"],
            queries=translate_count(language, "{count:,} query", "{count:,} queries", queries),
            measures=translate_count(language, "{count:,} measure", "{count:,} measures", measures),
        )
        columns = join(language, entry["columns"])
        lines.append(f"{start} {served}" + (translate(language, ": {columns}", columns=columns) if columns else ""))
    return "\n".join(lines) + "\n"


def _kind_word(kind: str, language: str) -> str:
    return translate_in_context("requests", language, KINDS[kind]) if kind in KINDS else kind


def requests_text(meter: Meter, language: str) -> str:
    """List the requests made as text. Requests run in parallel, so their times can add up to more than the run took."""
    made = requests_data(meter)
    if not made:
        return translate(language, "Requests made: none.") + "\n"
    lines = [translate(language, "Requests made:")]
    lines += [
        f"  {padded(entry['connection'], 12)} {padded(_kind_word(entry['kind'], language), 14)} "
        f"{entry['requests']:>4} × {entry['bytes']:>9,} B  {entry['seconds']:>7.3f} s"
        for entry in made
    ]
    return "\n".join(lines) + "\n"


def requests_markdown(meter: Meter, language: str) -> str:
    """Format the requests made as a markdown table."""
    lines = [
        translate(language, "**Requests**"),
        "",
        translate(language, "| connection | what for | made | bytes | seconds |"),
        "|---|---|---:|---:|---:|",
    ]
    lines += [
        f"| {entry['connection']} | {_kind_word(entry['kind'], language)} | {entry['requests']:,} "
        f"| {entry['bytes']:,} | {entry['seconds']:.3f} |"
        for entry in requests_data(meter)
    ]
    return "\n".join(lines) + "\n"
