"""A workspace to write and load in the config tests, with tables of their own: `config` knows no connector."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.loading.loader import Config, load_config
from config.models import Connection, JiraConnection
from config.tables import Column, QueryKey, Table

SECRETS = {
    "JIRA_EMAIL": "ann@acme.test",
    "JIRA_TOKEN": "t-t-t-t",
    "GITHUB_TOKEN": "t-t-t-t",
    "GOOGLE_SERVICE_ACCOUNT": "t-t-t-t",
}

_SEARCH = QueryKey("search", "GitHub's search.")
_SHEET = QueryKey("spreadsheet", "A spreadsheet's id.")
_ISSUE = (
    Column("key", "text", "its key"),
    Column("status_category", "text", "its category", values=("new", "indeterminate", "done")),
    Column("lead_time_hours", "number", "from created to resolved", unit="hours"),
    Column("created", "timestamp", "when it was made"),
    Column("labels", "list", "its labels"),
)
_PLAIN = {
    "github": (Table("issues", "Issues.", (_SEARCH,), _ISSUE), Table("pull_requests", "Pulls.", (_SEARCH,), _ISSUE)),
    "google_sheets": (
        Table("rows", "A range.", (_SHEET, QueryKey("range", "A range such as Deals!A:F.")), open=True),
        Table("cell", "A cell.", (_SHEET, QueryKey("cell", "A cell.")), (Column("value", "number", "its number"),)),
    ),
    "http": (
        Table("json", "JSON.", (QueryKey("url", "A path."), QueryKey("rows", "JMESPath.", required=False)), open=True),
    ),
    "files": (
        Table("rows", "Rows.", (QueryKey("path", "A file."), QueryKey("tab", "A tab.", required=False)), open=True),
    ),
}


def tables(kind: str, connection: Connection | None) -> Mapping[str, Table]:
    """What a type of connection offers."""
    if kind == "jira":
        fields = connection.fields if isinstance(connection, JiraConnection) else {}
        custom = tuple(Column(name, field.type, "a custom field") for name, field in fields.items())
        return {"issues": Table("issues", "Issues.", (QueryKey("jql", "JQL."),), (*_ISSUE, *custom))}
    return {table.name: table for table in _PLAIN[kind]}


HEAD = """\
cycle: 2026-Q4
timezone: Asia/Taipei
okr_sheet:
  file: okrs.xlsx
connections:
  jira:
    type: jira
    url: https://acme.atlassian.net
    email: $JIRA_EMAIL
    token: $JIRA_TOKEN
    fields:
      story_points: customfield_10016
  github: {type: github, token: $GITHUB_TOKEN}
  google: {type: google_sheets}
  stats: {type: http, url: https://stats.acme.test/api}
measures:
  bugs: {from: jira.issues, jql: type = Bug, value: count(*)}
  done: {from: jira.issues, jql: type = Bug, value: share(status_category = 'done')}
  hours: {from: github.issues, search: repo:acme/app, value: avg(lead_time_hours)}
"""
"""Nineteen lines that hold; what a test adds begins on line 20, within the measures."""

EXAMPLE = """\
cycle: 2026-Q4                     # or name/start/end
timezone: Asia/Taipei
language: zh-TW

connections:
  jira:
    type: jira
    url: https://acme.atlassian.net
    email: $JIRA_EMAIL
    token: $JIRA_TOKEN
    fields:
      story_points: customfield_10016
  github:
    type: github
    token: $GITHUB_TOKEN
  google:
    type: google_sheets
    service_account: $GOOGLE_SERVICE_ACCOUNT     # a path or the JSON

okr_sheet:
  connection: google               # or a local file
  spreadsheet: 1AbCdEfGhIjK
  tabs: [OKRs]
  columns:
    id: KR 編號

measures:
  bugs_resolved_share:
    from: jira.issues
    jql: |
      project = CORE AND type = Bug AND created >= {cycle.start}
    value: share(status_category = 'done')
  review_hours_p90:
    from: github.pull_requests
    search: repo:acme/app is:merged merged:>={cycle.start}
    value: quantile_cont(lead_time_hours, 0.9)
  new_customers:
    from: google.rows
    spreadsheet: 1XyZ
    range: Deals!A:F
    value: count(*) filter (stage = '成交')
  revenue:
    from: google.rows
    spreadsheet: 1XyZ
    range: Deals!A:F
    value: sum(amount) filter (stage = '成交')

objectives:
  O1:
    title: 讓客戶信賴我們的服務
    team: core
    aligns_to: C1
    key_results:
      KR1:
        title: 本季 Bug 解決率達 90%
        baseline: 40%
        target: 90%
        measure: bugs_resolved_share
      KR2:
        title: p90 的審查時間縮短到 8 小時
        baseline: 30
        target: 8
        unit: hours
        measure: review_hours_p90
      KR3:
        title: 新簽約 10 家企業客戶，達成 50 萬營收
        parts:
          - measure: new_customers
            target: 10
          - measure: revenue
            target: 500000
  C1:
    title: 成為客戶的首選

safety:
  max_falling: 30%
  max_drop: 25pp
  max_rise: 50pp
"""
"""The design's example, and the objective that it aligns to."""


def write(folder: Path, text: str, **others: str) -> Path:
    """The config in a folder, with other files by name (`_` for `/`)."""
    for name, content in others.items():
        (folder / name.replace("_", "/")).with_suffix(".yaml").write_text(content, "utf-8")
    path = folder / "okrsync.yaml"
    path.write_text(text, "utf-8")
    return path


def load(folder: Path, text: str) -> Config:
    """The workspace of a text. Raises ConfigError."""
    return load_config(write(folder, text), tables)


def problems(folder: Path, text: str) -> list[str]:
    """What is wrong with a text: `line path: message`."""
    with pytest.raises(ConfigError) as caught:
        load(folder, text)
    return [f"{one.line} {one.path}: {one.message}" for one in caught.value.problems]
