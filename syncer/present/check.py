"""Output of `check` as text and as versioned JSON: what the config holds."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from config.loading.loader import Config
from config.plain_text import one_line
from syncer.i18n import translate, translate_count

VERSION = 1
"""Version of the JSON; incremented when a field is removed or changes meaning, not when one is added."""


def check_text(config: Config) -> str:
    """Say that a config has no problems, and what it holds."""
    language = config.workspace.language
    objectives, key_results = len(config.workspace.objectives), len(config.key_results)
    text = translate(
        language,
        "{path}: {objectives}, {key_results}, {measures}. No problems.",
        path=config.path,
        objectives=translate_count(language, "{count} objective", "{count} objectives", objectives),
        key_results=translate_count(language, "{count} key result", "{count} key results", key_results),
        measures=translate_count(language, "{count} measure", "{count} measures", len(config.measures)),
    )
    return f"{text}\n"


def exposed_text(place: str, file: Path, language: str) -> str:
    """Warn that other users may read the file of a secret; `place` is its dotted path in the config."""
    return translate(
        language,
        "warning: {place}: every user of this machine may read {shown}. Run: chmod 600 {shown}",
        place=place,
        shown=one_line(str(file)),
    )


def check_json(config: Config, exposed: Iterable[tuple[str, Path]], online: Mapping[str, Any] | None) -> str:
    """Format a config without problems as JSON; `online` is what `online_data` returns, None without `--online`."""
    from syncer.present.json_values import json_document

    data = {
        "version": VERSION,
        "config": str(config.path),
        "objectives": len(config.workspace.objectives),
        "key_results": len(config.key_results),
        "measures": len(config.measures),
        "exposed_secrets": [{"path": path, "file": str(file)} for path, file in exposed],
        "online": online,
    }
    return json_document(data)
