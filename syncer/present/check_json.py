"""Output of `check` as versioned JSON: what the config holds, and with `--online` what each read and tab gave."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from config.loading.loader import Config
from connectors.protocol import ReadError, Reading
from syncer.compute.assess import Assessment
from syncer.model.history import Cause
from syncer.plan.rows import known_columns
from syncer.present.error_text import error_data
from syncer.present.json_values import json_instant, json_number, json_reason, json_text

VERSION = 1
"""Version of the JSON; incremented when a field is removed or changes meaning, not when one is added."""


def check_json(config: Config, exposed: Iterable[tuple[str, Path]], seen: Assessment | None) -> str:
    """Format a config without problems as JSON; `seen` holds the readings of `--online`, None without it."""
    data = {
        "version": VERSION,
        "config": str(config.path),
        "objectives": len(config.workspace.objectives),
        "key_results": len(config.key_results),
        "measures": len(config.measures),
        "exposed_secrets": [{"path": path, "file": str(file)} for path, file in exposed],
        "online": _online(seen) if seen else None,
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _online(seen: Assessment) -> dict[str, Any]:
    return {
        "measures": [measure_data(seen, name) for name, result in sorted(seen.results.items()) if result.answer],
        "tabs": [
            {
                "title": layout.tab.title,
                "header_row": layout.header_row + 1,
                "columns": list(known_columns(layout)),
            }
            for layout in seen.view.layouts
        ],
    }


def measure_data(seen: Assessment, name: str) -> dict[str, Any]:
    """Return what the read of a measure gave, as JSON data."""
    result, figure = seen.results[name], seen.figures[name]
    reading = result.answer if isinstance(result.answer, Reading) else None
    error = result.answer.error if isinstance(result.answer, ReadError) else None
    return {
        "name": name,
        "from": result.source,
        "asked": reading.asked if reading else None,
        "link": (reading.link or None) if reading else None,
        "read_at": json_instant(reading.read_at, seen.now.tzinfo) if reading else None,
        "rows": reading.count if reading else None,
        "counted": result.counted,
        "value": json_number(figure.value),
        "notes": [json_text(text) for text in reading.notes] if reading else [],
        "warnings": [json_text(text) for text in reading.warnings] if reading else [],
        "reason": json_reason(figure.reason, Cause.READ_FAILED if error else Cause.NO_VALUE),
        "error": error_data(error) if error else None,
    }
