"""Translate reads into GitHub queries: placeholders filled, issue or PR type added, repositories listed."""

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Literal

from config.dataclass import dataclass
from config.errors import SourceError
from config.message import Message
from config.placeholders import fill, iso_with_offset
from config.tables import Column, Table
from connectors.github.queries import (
    Numbered,
    excluded_in,
    repositories_in,
    repository_page,
    search_page,
    split_issues,
    split_projects,
    split_repositories,
    web_url,
    with_type,
    words,
)
from connectors.github.rows import columns_of
from connectors.protocol import Read

_KINDS: dict[str, Literal["issue", "pr"]] = {"issues": "issue", "pull_requests": "pr"}
_PAGES = {
    "milestones": "/milestones",
    "releases": "/releases",
    "workflow_runs": "/actions",
    "deployments": "/deployments",
    "repositories": "",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The GitHub query of one read.

    Attributes:
        read: the read.
        text: the query with its placeholders filled, for display.
        link: address of the query's page on GitHub; may be empty.
        columns: the columns to deliver.
        repositories: the repositories that the query names; a search may name none.
        search: search text, for issues and pull requests; empty otherwise.
        created: date filter, for workflow runs and deployments.
        workflow: workflow file name, for workflow runs.
        environment: name of an environment, for deployments.
        numbered: the issues whose sub-issues are read, or the projects whose items are.
        failed: the error of each column that cannot be delivered.
    """

    read: Read
    text: str
    link: str
    columns: tuple[Column, ...]
    repositories: tuple[str, ...]
    search: str = ""
    created: str = ""
    workflow: str = ""
    environment: str = ""
    numbered: tuple[Numbered, ...] = ()
    failed: Mapping[str, SourceError] = field(default_factory=dict)

    @property
    def excluded(self) -> tuple[str, ...]:
        """The repositories that the search excludes."""
        return excluded_in(self.search)

    @property
    def by_question(self) -> bool:
        """Whether GraphQL questions answer the read, which can share one request with those of other reads."""
        if self.read.table == "project_items":
            return False
        if self.search or self.numbered:
            return self.read.count_only
        if self.read.table == "deployments":
            return self.read.count_only and not (self.created or self.environment)
        return self.read.table != "workflow_runs"


def asked_of(read: Read, api_url: str, table: Table) -> Asked:
    """Translate a read. Raises ValueError: no search, a search of the other type, or an invalid name."""

    def given(name: str) -> str:
        return " ".join(words(fill(read.query.get(name, ""), read.instants, iso_with_offset)))

    columns = columns_of(table, read.columns)
    if read.table in _KINDS:
        return _search(read, api_url, given, columns)
    if read.table == "project_items":
        projects = split_projects(given("project"))
        text = " ".join(f"project:{one.place}/{one.number}" for one in projects)
        return Asked(read, text, "", columns, (), numbered=projects)
    if read.table == "sub_issues":
        return _sub_issues(read, api_url, split_issues(given("parent")), columns)
    repositories = split_repositories(given("repository"))
    created, workflow, environment = map(given, ("created", "workflow", "environment"))
    stated = {"created": created, "workflow": workflow, "environment": environment}
    text = " ".join([*repositories, *(f"{name}:{value}" for name, value in stated.items() if value)])
    link = repository_page(api_url, repositories, _PAGES[read.table])
    return Asked(read, text, link, columns, repositories, created=created, workflow=workflow, environment=environment)


def _sub_issues(read: Read, api_url: str, parents: tuple[Numbered, ...], columns: tuple[Column, ...]) -> Asked:
    text = " ".join(f"parent:{one.place}#{one.number}" for one in parents)
    link = f"{web_url(api_url)}/{parents[0].place}/issues/{parents[0].number}" if len(parents) == 1 else ""
    return Asked(read, text, link, columns, (), numbered=parents)


def _search(read: Read, api_url: str, given: Callable[[str], str], columns: tuple[Column, ...]) -> Asked:
    kind = _KINDS[read.table]
    if not given("search"):
        raise ValueError(Message("the search is missing; write one such as `repo:acme/app is:closed`"))
    search = with_type(given("search"), kind)
    link = search_page(api_url, search, kind)
    return Asked(read, search, link, columns, repositories_in(search), search=search)
