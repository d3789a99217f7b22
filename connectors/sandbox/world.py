"""All sandbox services with sample data, which can be saved to and loaded from a single file."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from config.languages import Language
from config.secrets import write_private
from connectors.sandbox.github.sample import sample_projects, sample_repositories
from connectors.sandbox.github.service import GitHubService
from connectors.sandbox.google_sheets.sample import sample_spreadsheets
from connectors.sandbox.google_sheets.service import SheetsService
from connectors.sandbox.jira.issues import issues_from_csv
from connectors.sandbox.jira.sample import sample_board, sample_issues
from connectors.sandbox.jira.service import JiraSandbox
from connectors.sandbox.server import Sandbox, Service

Rows = list[list[str | float | None]]
_PEOPLE = ("林怡君", "陳建宏", "王淑芬", "張家豪")
_NOTES: Mapping[Language, Mapping[str, str]] = {
    "en": {"KR1": "The last regressions are in review.", "KR5": "Two contracts are with their lawyers."},
    "zh-TW": {"KR1": "剩下的 regression bug 正在 code review。", "KR5": "兩份合約正由對方法務審閱。"},
}
_TITLES: Mapping[Language, tuple[str, str]] = {
    "en": ("Customers trust our service", "Companies choose us"),
    "zh-TW": ("讓客戶信賴我們的服務", "企業客戶選擇我們"),
}


def okr_rows(language: Language) -> tuple[Rows, list[tuple[int, int, int, int]]]:
    """Return the rows of the demo's OKR sheet with ids, owners and notes, and the merged objective cells.

    KR6 has no row yet.
    """
    first, second = _TITLES[language]
    rows: Rows = []
    for number in (1, 2, 3, 4, 5, 7, 8):
        row: list[str | float | None] = [None] * 14
        row[0], row[3] = f"KR{number}", _PEOPLE[number % len(_PEOPLE)]
        row[1] = first if number == 1 else second if number == 5 else None  # noqa: PLR2004 - the first of each
        row[13] = _NOTES[language].get(f"KR{number}")
        row[12] = float(5 + number % 4)
        rows.append(row)
    rows[5][6] = 3.0
    return rows, [(0, 1, 4, 2), (4, 1, 7, 2)]


def sample_services(first_day: date, now: datetime, language: Language) -> list[Service]:
    """Create Jira (Cloud and Data Center), GitHub and Sheets in a cycle that began on `first_day`."""
    rows, merges = okr_rows(language)
    cloud, server = JiraSandbox(cloud=True), JiraSandbox(cloud=False)
    for site in (cloud, server):
        site.replace(sample_issues(first_day, now, language))
        site.boards = {1: sample_board(first_day, now)}
    github = GitHubService(sample_repositories(first_day, now, language), sample_projects(first_day, now))
    return [cloud, server, github, SheetsService(*sample_spreadsheets(first_day, now.date(), language, rows, merges))]


def load_jira_csv(services: list[Service], path: Path) -> int:
    """Load issues from a CSV (issuekey, title, storypoint ...) into both Jiras; return their number."""
    issues = []
    for service in services:
        if isinstance(service, JiraSandbox):
            issues = issues_from_csv(path)
            for number, issue in enumerate(issues, service.next_id()):
                issue.id = number  # files know keys only, and two files must not share ids
                service.put(issue)
    return len(issues)


def save(sandbox: Sandbox, path: Path) -> None:
    """Save the state of all services to a file with mode 0600."""
    state = {name: service.dump() for name, service in sandbox.services.items()}
    write_private(path, json.dumps(state, ensure_ascii=False))


def load(services: list[Service], path: Path) -> None:
    """Restore the state from a file written by `save`. Raises OSError, ValueError."""
    state: dict[str, Any] = json.loads(path.read_text("utf-8"))
    for service in services:
        if service.name in state:
            service.load(state[service.name])


def demo_config(url: str, cycle: str, language: Language) -> str:
    """Render the demo's okrsync.yaml."""
    from jinja2 import Template

    text = files("connectors.sandbox").joinpath(f"demo.{language}.yaml").read_text("utf-8")
    return str(Template(text, keep_trailing_newline=True).render(url=url, cycle=cycle))


def secret_files(services: list[Service], url: str) -> dict[str, str]:
    """Return the content of the demo's `file:` references by name; these secrets are valid only in the sandbox."""
    found = {}
    for service in services:
        if isinstance(service, JiraSandbox) and service.cloud:
            found["jira-token"] = service.token
        elif isinstance(service, GitHubService):
            found["github-token"] = service.token
        elif isinstance(service, SheetsService):
            found["service-account.json"] = json.dumps(service.service_account_info(f"{url}/sheets"))
    return found
