"""Output of `history` as versioned JSON: the runs, or the values and check-ins of one key result."""

import json
from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from config.message import unpacked
from config.plain_text import plain
from syncer.compute.with_history import confidence_of
from syncer.ledger.records import CheckIn, Run, ValueRecord
from syncer.model.history import NOTHING as NO_DELTA
from syncer.present.json_values import delta_data, json_instant, json_number, json_text
from syncer.present.status_json import forecast_data
from syncer.run.past import Story

VERSION = 1
"""Version of the JSON; incremented when a field is removed or changes meaning, not when one is added."""


def runs_json(runs: Sequence[Run], zone: tzinfo) -> str:
    """Format runs as JSON, in the order given, with times in `zone`."""
    data = {"version": VERSION, "runs": [_run(run, zone) for run in runs]}
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def history_json(story: Story, zone: tzinfo) -> str:
    """Format one key result over time as JSON: its last value of each day, its check-ins, and its forecast."""
    days = {record.day: record for record in story.values}
    data = {
        "version": VERSION,
        "id": story.key,
        "values": [
            {
                **value_data(record, zone),
                "changed": delta_data(story.changes.get(day, NO_DELTA), percent=story.percent),
            }
            for day, record in sorted(days.items())
        ],
        "check_ins": [check_in_data(each, story.scale) for each in story.check_ins],
        "forecast": forecast_data(story.projection),
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _run(run: Run, zone: tzinfo) -> dict[str, Any]:
    return {
        "id": run.id,
        "command": run.command,
        "outcome": run.outcome,
        "now": json_instant(run.now, zone),
        "started_at": json_instant(run.started_at, zone),
        "finished_at": json_instant(run.finished_at, zone),
        "forced": run.forced,
        "counts": {name: count for name, count in sorted(run.counts.items()) if count},
        "config_hash": run.config_hash,
        "okrsync_version": run.version,
    }


def value_data(record: ValueRecord, zone: tzinfo) -> dict[str, Any]:
    """Return one recorded value of a key result as JSON data."""
    return {
        "day": record.day.isoformat(),
        "computed_for": json_instant(record.at, zone),
        "run": record.run,
        "backfilled": record.backfilled,
        "current": json_number(record.value),
        "values": [json_number(each) for each in record.numbers],
        "shares": [json_number(each) for each in record.shares],
        "baseline": json_number(record.baseline),
        "target": json_number(record.target),
        "progress": json_number(record.progress),
        "raw": json_number(record.raw),
        "expected": json_number(record.expected),
        "status": record.status or None,
        "reason": json_text(unpacked(record.reason)),
        "source": record.source or None,
    }


def check_in_data(check_in: CheckIn, scale: int) -> dict[str, Any]:
    """Return a check-in as JSON data; `scale` is the highest confidence."""
    return {
        "day": check_in.day.isoformat(),
        "confidence": json_number(confidence_of(check_in, scale)),
        "cells": {name: plain(text) for name, text in check_in.said.items() if name != "date"},
    }
