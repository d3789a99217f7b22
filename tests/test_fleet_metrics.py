"""Metrics and JSON logs of `fleet sync`, with what failed among what did not."""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from command_kit import Shell
from connectors.http import Call, Meter
from fleet_kit import Teams
from golden_files import check_golden
from syncer.fleet.sync_all import Result
from syncer.present.fleet_metrics import WorkerMetrics, _labels

SAMPLE = re.compile(r'[a-z_]+\{([a-z]+="(\\.|[^"\\])*",?)*\} [0-9.e+-]+')


@pytest.fixture
def teams(shell: Shell) -> Teams:
    made = Teams(shell)
    for name in ("ads", "broken", "core"):
        made.add(name)
    (shell.folder / "teams/core/deals.csv").unlink()
    return made


def test_metrics_of_good_and_bad_workspaces(teams: Teams) -> None:
    assert teams.shell.run("fleet", "sync").code == 4
    (teams.shell.folder / "teams/broken/okrsync.yaml").write_text(
        "workspace: {id: broken-2222}\ncycle: 2026-Q4\n", "utf-8"
    )
    teams.shell.at("2026-11-17T09:30:00+08:00")
    assert teams.shell.run("fleet", "sync", "--metrics", "okrsync.prom").code == 1
    text = Path("okrsync.prom").read_text("utf-8")
    lines = text.splitlines()
    assert all(re.match(r"# (HELP|TYPE) okrsync_[a-z_]+ ", line) or SAMPLE.fullmatch(line) for line in lines)
    names = [line.partition("{")[0] for line in lines if not line.startswith("#")]
    assert names == sorted(names, key=list(dict.fromkeys(names)).index), "the samples of a metric are together"
    check_golden("fleet_metrics.txt", re.sub(r"(seconds\{.*\}) [0-9.e-]+", r"\1 SECONDS", text))
    assert list(teams.shell.folder.glob(".okrsync.prom*")) == []


def test_what_services_were_asked_and_how_long_requests_waited() -> None:
    connections = {"tracker": SimpleNamespace(type="jira"), "sheets": SimpleNamespace(type="google_sheets")}
    opened = SimpleNamespace(config=SimpleNamespace(workspace=SimpleNamespace(connections=connections)))
    meter = Meter()
    meter.add(Call("tracker", "count", 10, 0.25))
    meter.add_wait("sheets", 61.5)
    member = SimpleNamespace(id="ads-2222", opened=opened)
    result = cast("Result", SimpleNamespace(member=member, report=SimpleNamespace(meter=meter), seconds=2.0))
    metrics = WorkerMetrics()
    metrics.add(result)
    metrics.add(result)
    lines = [line for line in metrics.text([]).splitlines() if not line.startswith("# HELP")]
    assert lines == [
        "# TYPE okrsync_sync_seconds gauge",
        'okrsync_sync_seconds{workspace="ads-2222"} 2',
        "# TYPE okrsync_requests_total counter",
        'okrsync_requests_total{service="google_sheets"} 0',
        'okrsync_requests_total{service="jira"} 2',
        "# TYPE okrsync_request_seconds_total counter",
        'okrsync_request_seconds_total{service="google_sheets"} 0',
        'okrsync_request_seconds_total{service="jira"} 0.5',
        "# TYPE okrsync_wait_seconds_total counter",
        'okrsync_wait_seconds_total{service="google_sheets"} 123',
        'okrsync_wait_seconds_total{service="jira"} 0',
    ]


def test_labels_are_escaped() -> None:
    assert _labels({"workspace": 'a"b\\c\nd'}) == r'workspace="a\"b\\c\nd"'


def test_logs_are_json_lines(teams: Teams) -> None:
    (teams.shell.folder / "teams/broken/okrsync.yaml").write_text(
        "workspace: {id: broken-2222}\ncycle: 2026-Q4\n", "utf-8"
    )
    done = teams.shell.run("fleet", "sync", "--log-format", "json")
    lines = [json.loads(line) for line in done.err.splitlines()]
    assert sorted((one["workspace"], one["level"], one["event"], one["run"] is not None) for one in lines) == [
        ("ads-2222", "info", "synced", True),
        ("broken-2222", "error", "failed", False),
        ("core-2222", "warning", "incomplete", True),
        ("core-2222", "warning", "read_failed", True),
    ]
    assert {one["time"] for one in lines} == {"2026-11-16T01:30:00+00:00"}
    [failed] = [one for one in lines if one["event"] == "read_failed"]
    assert failed["measures"] == ["deals"]
    assert failed["error"]["code"] == "source"
