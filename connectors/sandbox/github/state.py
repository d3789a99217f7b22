"""State of the GitHub sandbox: repositories as plain JSON, with cached searches."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.sandbox.github.search import Item, UnknownRepositoryError, parse, stamp

_ITEM: dict[str, Any] = {
    "type": "issue",
    "title": "",
    "state": "open",
    "state_reason": None,
    "labels": [],
    "milestone": None,
    "author": None,
    "assignees": [],
    "updated_at": None,
    "closed_at": None,
    "merged_at": None,
    "draft": False,
    "additions": 0,
    "deletions": 0,
    "changed_files": 0,
    "reviews": 0,
    "comments": 0,
    "base": "main",
    "head": "topic",
    "parent": None,
}
_REPOSITORY: dict[str, Any] = {
    "stars": 0,
    "forks": 0,
    "watchers": 0,
    "default_branch": "main",
    "archived": False,
    "created_at": "2020-01-01T00:00:00Z",
    "pushed_at": None,
    "items": [],
    "milestones": [],
    "releases": [],
    "runs": [],
    "deployments": [],
}


def item(number: int, created_at: str, **given: Any) -> dict[str, Any]:
    """Create an issue (or, with `type="pr"`, a pull request) with defaults; times are texts in UTC with `Z`."""
    full = {**_ITEM, "labels": [], "assignees": [], **given, "number": number, "created_at": created_at}
    full["updated_at"] = full["updated_at"] or full["closed_at"] or created_at
    return full


def deployment(id_: int, created_at: str, *statuses: tuple[str, str], **given: Any) -> dict[str, Any]:
    """Create a deployment to production with defaults; `statuses` are states with their times, oldest first."""
    named = {"environment": "production", "ref": "main", "sha": f"{id_:040x}", "creator": "amy", **given}
    return {"id": id_, "created_at": created_at, "statuses": [list(status) for status in statuses], **named}


def repository(name: str, **given: Any) -> dict[str, Any]:
    """Create a repository `owner/name` with defaults: items, milestones, releases, runs, deployments, stars ..."""
    lists = {key: list(value) for key, value in _REPOSITORY.items() if isinstance(value, list)}
    return {**_REPOSITORY, **lists, **given, "name": name}


def suite_id(repository: str, run: Mapping[str, Any]) -> str:
    """Return the node id of the check suite of a repository's workflow run."""
    return f"CS_{repository}#{run['id']}"


class State:
    """Repositories by `owner/name`, and projects by `owner/number`. Searches are cached until the next change.

    `renamed` has the new names of repositories by their former ones, which GraphQL and REST follow and searches do not.
    `hidden` are private repositories that the token may not read; only their owners show. `without_checks` says that
    the repositories are private and the token is fine-grained, so that it reads no checks. `scopes` are those of a
    classic token; None: it may read everything. `users` are the owners that are no organisations.
    """

    def __init__(
        self,
        repositories: Mapping[str, Mapping[str, Any]],
        projects: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.projects = {name: dict(project) for name, project in (projects or {}).items()}
        self.scopes: tuple[str, ...] | None = None
        self.users: set[str] = set()
        self.renamed: dict[str, str] = {}
        self.hidden: set[str] = set()
        self.without_checks = False
        self.repositories: dict[str, dict[str, Any]] = {}
        for name, values in repositories.items():
            items = [{**one, "repository": name} for one in values.get("items", ())]
            self.repositories[name] = {**repository(name), **values, "name": name, "items": items}
        self._found: dict[str, list[Item]] = {}
        self._children: dict[str, list[Item]] | None = None

    def rename(self, former: str, name: str) -> None:
        """Rename or move a repository. Raises KeyError."""
        repo = self.repositories.pop(former)
        repo["name"] = name
        repo["items"] = [{**one, "repository": name} for one in repo["items"]]
        self.repositories[name] = repo
        self.renamed[former] = name
        self.forget()

    def repository(self, name: str, *, renames: bool = False) -> dict[str, Any] | None:
        """Return the repository of that name, case-insensitive; with `renames` by a former name as well."""
        if renames:
            name = next((now for former, now in self.renamed.items() if former.lower() == name.lower()), name)
        return next((found for key, found in self.repositories.items() if key.lower() == name.lower()), None)

    def suite(self, id_: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Return the repository and the workflow run of a check suite by its node id."""
        name, _, number = id_.removeprefix("CS_").rpartition("#")
        repo = self.repository(name)
        run = next((run for run in repo["runs"] if str(run["id"]) == number), None) if repo else None
        return (repo, run) if repo and run else None

    def sub_issues(self, item: Item) -> list[Item]:
        """Return the issues whose `parent` is this one, given as `owner/name#number`."""
        if self._children is None:
            self._children = {}
            for one in (one for repo in self.repositories.values() for one in repo["items"] if one["parent"]):
                self._children.setdefault(one["parent"], []).append(one)
        return self._children.get(f"{item['repository']}#{item['number']}", [])

    def search(self, text: str) -> list[Item]:
        """Return the items that match a search, in order. Raises SearchRefusedError.

        If none of the repositories exists, the search is refused.
        """
        if text not in self._found:
            search = parse(text)
            known = list(self._named(search.repositories))
            if not known:
                raise UnknownRepositoryError(
                    "The listed users and repositories cannot be searched either because the resources do not exist "
                    "or you do not have permission to view them."
                )
            self._found[text] = search.run(one for repo in known for one in repo["items"])
        return self._found[text]

    def _named(self, names: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Yield the repositories of these names, `owner/*` being all of an owner, each once."""
        for name, repo in self.repositories.items():
            if {name.lower(), f"{name.partition('/')[0].lower()}/*"} & set(names):
                yield repo

    def change_item(self, change: Mapping[str, Any]) -> dict[str, Any]:
        """Close, reopen, merge or edit an issue or pull request. Raises KeyError (unknown repository or number)."""
        repo = self.repositories[change["repository"]]
        found: dict[str, Any] | None = next((one for one in repo["items"] if one["number"] == change["number"]), None)
        if found is None:
            raise KeyError(f"{change['repository']}#{change['number']}")
        now = change.get("at") or stamp(datetime.now(UTC))
        found |= {key: value for key, value in change.items() if key in _ITEM and key != "state"}
        if "state" in change:
            found |= _moved(str(change["state"]), now)
            if change["state"] == "closed" and found["type"] == "issue":
                found["state_reason"] = change.get("state_reason") or "completed"
        found["updated_at"] = now
        self.forget()
        return found

    def add_item(self, new: Mapping[str, Any]) -> dict[str, Any]:
        """Add an issue or pull request with the next number. Raises KeyError (unknown repository)."""
        items = self.repositories[new["repository"]]["items"]
        given = {key: value for key, value in new.items() if key in _ITEM}
        number = max((one["number"] for one in items), default=0) + 1
        made = item(number, new.get("created_at") or stamp(datetime.now(UTC)), **given)
        made["repository"] = new["repository"]
        items.append(made)
        self.forget()
        return made

    def forget(self) -> None:
        """Clear what is cached; call it after changing a repository directly."""
        self._found.clear()
        self._children = None


def _moved(state: str, now: str) -> dict[str, Any]:
    if state == "open":
        return {"state": "open", "state_reason": "reopened", "closed_at": None, "merged_at": None}
    if state not in ("closed", "merged"):
        raise ValueError(f"state is open, closed or merged, not {state!r}")
    return {"state": "closed", "closed_at": now, "merged_at": now if state == "merged" else None}
