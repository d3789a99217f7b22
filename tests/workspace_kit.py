"""A small workspace on disk for tests: a config text, data files, an instant, and a sheet in memory."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from config.loading.loader import Config, load_config
from connectors import registry
from connectors.http import Policy
from connectors.registry import Context
from memory_sheet import MemorySheet
from syncer.compute.assess import Assessment
from syncer.model.plan import Plan
from syncer.plan.make_plan import Computed, make_plan
from syncer.plan.rows import Allowed
from syncer.run.read_and_assess import read_and_assess

TAIPEI = ZoneInfo("Asia/Taipei")
NOW = datetime(2026, 11, 16, 9, 30, tzinfo=TAIPEI)
"""Day 47 of 92: half of 2026-Q4 has passed."""

HEAD = """\
cycle: 2026-Q4
timezone: Asia/Taipei
okr_sheet:
  file: okrs.xlsx
"""


def load(folder: Path, text: str, files: Mapping[str, str] | None = None) -> Config:
    """The config of a text; `files` are written beside it."""
    for name, content in (files or {}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, "utf-8")
    (folder / "okrsync.yaml").write_text(text, "utf-8")
    return load_config(folder / "okrsync.yaml", registry.tables)


def context_of(config: Config) -> Context:
    """A context that never sleeps."""
    return Context(config.base_dir, Policy(sleep=lambda _seconds: None))


def look(config: Config, sheet: MemorySheet, now: datetime = NOW) -> Assessment:
    """What a run sees."""
    return read_and_assess(config, sheet, context_of(config), now)


def plan_of(config: Config, sheet: MemorySheet, now: datetime = NOW, allowed: Allowed | None = None) -> Plan:
    """What a run plans."""
    seen = look(config, sheet, now)
    return make_plan(
        config, seen.image, seen.view, Computed(seen.key_results, seen.objectives, now), allowed or Allowed()
    )
