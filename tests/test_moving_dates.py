"""Placeholders from the config to what services are asked and files give: `{today-14d}` in queries and values."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from command_kit import Shell
from connectors.sandbox.github.sample import sample_repositories
from connectors.sandbox.github.service import GitHubService
from github_kit import NOW
from past_kit import make_workspace
from sandbox_kit import Sandbox

CONFIG = """\
cycle: 2026-Q4
timezone: Asia/Taipei
okr_sheet:
  file: okrs.csv
connections:
  github:
    type: github
    url: {url}
    token: $GITHUB_TOKEN
measures:
  fresh:
    from: github.pull_requests
    search: |
      repo:acme/app created:>={{cycle.start+1m-1d}}
    value: count(*)
  waiting:
    from: github.pull_requests
    search: |
      repo:acme/app is:open
    value: count(*) filter (created < {{today-14d}})
  overdue:
    from: files.rows
    path: invoices.csv
    value: count(*) filter (due < {{today-30d}})
key_results:
  KR1: {{title: Fresh, target: 100, measure: fresh}}
  KR2: {{title: Waiting, kind: at_most, target: 0, measure: waiting}}
  KR3: {{title: Overdue, kind: at_most, target: 1, measure: overdue}}
"""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox([GitHubService(sample_repositories(date(2026, 10, 1), NOW, "en"))]) as running:
        yield running


@pytest.fixture
def workspace(shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("GITHUB_TOKEN", "sandbox-token")
    config = CONFIG.format(url=sandbox.service_url("github"))
    (shell.folder / "okrsync.yaml").write_text(config, "utf-8")
    (shell.folder / "invoices.csv").write_text("no,due\nA1,2026-10-16\nA2,2026-10-17\nA3,2026-11-20\n", "utf-8")
    shell.at("2026-11-16T09:30:00+08:00")
    assert shell.run("init", "--sheet").code == 0
    return shell


def test_services_are_asked_for_the_moved_instant(workspace: Shell, sandbox: Sandbox) -> None:
    done = workspace.run("dry-run")
    assert done.code == 0, done.out + done.err
    asked = " ".join(request.body.decode() for request in sandbox.requests())
    assert "created:>=2026-10-31T00:00:00+08:00" in asked
    assert "today" not in asked


def test_a_value_counts_rows_before_the_moved_instant(workspace: Shell) -> None:
    done = workspace.run("explain", "KR3")
    assert done.code == 0, done.err
    explained = done.out
    assert "✓ no=A1 due=2026-10-16\n" in explained
    assert explained.count("✓") == 1
    assert "  = 1\n" in explained


@pytest.mark.parametrize("source", ["search", "value"])
def test_a_misspelt_placeholder_is_sent_nowhere(workspace: Shell, sandbox: Sandbox, source: str) -> None:
    path = workspace.folder / "okrsync.yaml"
    right = "{cycle.start+1m-1d}" if source == "search" else "{today-14d}"
    path.write_text(path.read_text("utf-8").replace(right, "{tody-14d}"), "utf-8")
    before = len(sandbox.requests())
    done = workspace.run("dry-run")
    assert done.code == 1
    assert "unknown placeholder {tody}; did you mean 'today'?" in done.err
    assert len(sandbox.requests()) == before


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("count(*) filter (day <= {as_of})", 0),
        ("count(*) filter (day <= {as_of-1d})", 0),
        ("count(*) filter (day < {today-1d})", 1),
    ],
)
def test_a_log_goes_back_where_its_value_names_the_day(shell: Shell, tmp_path: Path, value: str, code: int) -> None:
    make_workspace(tmp_path)
    config = tmp_path / "okrsync.yaml"
    stated = "path: now.csv\n    value: count(*)\n"
    assert stated in config.read_text("utf-8")
    config.write_text(config.read_text("utf-8").replace(stated, f"path: log.csv\n    value: {value}\n"), "utf-8")
    (tmp_path / "log.csv").write_text("no,day\n1,2026-11-01\n2,2026-11-02\n3,2026-11-05\n", "utf-8")
    done = shell.run("backfill", "KR2", "--from", "2026-11-02", "--to", "2026-11-03")
    assert done.code == code, done.err
    if code:
        assert "does not contain {as_of}" in done.err
    else:
        first = "2.5%" if "-1d" in value else "5%"
        assert [line.split()[:2] for line in done.out.splitlines() if line.startswith("2026")] == [
            ["2026-11-02", first],
            ["2026-11-03", "5%"],
        ]
