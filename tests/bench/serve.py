"""The sandbox with one of the benchmark's worlds, in a process of its own.

Its first line is JSON: addresses, credentials and what is asked. A search is remembered, as an index would: what the
sandbox spends on finding, or on searching the world for garbage, must not be counted as a client's time. Runs until
its standard input ends.

`--export world.json` writes the same world for another server to load, and ends.
"""

import argparse
import gc
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import worlds
from connectors.sandbox.google_sheets.service import SheetsService
from connectors.sandbox.jira.issues import Issue
from connectors.sandbox.jira.service import JiraSandbox
from connectors.sandbox.server import Request, Response, Sandbox, Service
from rest_github import RestGitHub

SERVICES = {"jira": "jira", "github": "github", "google": "sheets"}
WORLDS = {"mixed": worlds.mixed, "jira-rows": worlds.jira_rows, "github-rows": worlds.github_rows}


class IndexedJira(JiraSandbox):
    """A Jira site that searches once per query, and gives its issues in the order of their keys."""

    def __init__(self, issues: list[Issue]) -> None:
        super().__init__(issues)
        self._selected: dict[str, list[Issue]] = {}

    def select(self, text: str) -> list[Issue]:
        """The issues a query finds."""
        if text not in self._selected:
            self._selected[text] = super().select(text)
        return self._selected[text]


class LoggingSandbox(Sandbox):
    """A sandbox that logs requests: `GET /_sandbox/requests` gives them, `DELETE` forgets them."""

    def __init__(self, services: list[Service], *, latency_seconds: float) -> None:
        super().__init__(services, latency_seconds=latency_seconds)
        self._log: list[tuple[str, str, str, int]] = []

    def answer(self, request: Request) -> Response:
        """Serve the log, and everything else as the sandbox does."""
        if request.path != "/_sandbox/requests":
            return super().answer(request)
        logged = list(self._log)
        if request.method == "DELETE":
            self._log.clear()
        return Response(200, logged)

    def respond(self, service: Service, request: Request) -> Response:
        """Answer and log."""
        response = super().respond(service, request)
        self._log.append((service.name, request.method, request.path, len(response.payload())))
        return response


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("world", choices=WORLDS)
    parser.add_argument("size", type=int)
    parser.add_argument("--latency-ms", type=float, default=0)
    parser.add_argument("--page", type=int, default=100, help="how many issues with fields Jira gives at once")
    parser.add_argument(
        "--export", type=Path, help="write the world and its credentials to this file, and serve nothing"
    )
    stated = parser.parse_args()
    world = WORLDS[stated.world](stated.size)
    jira = IndexedJira(list(world.issues))
    jira.page_cap = stated.page
    github = RestGitHub(world.repositories)
    sheets = SheetsService(*world.books)
    if stated.export:
        exported = _exported(world, _job(world, jira, github, sheets, "http://localhost"))
        stated.export.write_text(json.dumps(exported, default=str), "utf-8")
        return
    gc.freeze()
    gc.set_threshold(100_000)
    with LoggingSandbox([jira, github, sheets], latency_seconds=stated.latency_ms / 1000) as running:
        sys.stdout.write(json.dumps(_job(world, jira, github, sheets, running.url)) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


def _job(world: worlds.World, jira: JiraSandbox, github: RestGitHub, sheets: SheetsService, url: str) -> dict[str, Any]:
    """Addresses, credentials and questions. Another server has the same credentials, and addresses of its own."""
    return {
        "url": url,
        "urls": {name: f"{url}/{path}" for name, path in SERVICES.items()},
        "jira": {"email": jira.email, "token": jira.token},
        "github": {"token": github.token, "repository": worlds.REPOSITORY},
        "sheets": {
            "account": sheets.service_account_info(f"{url}/sheets"),
            "okrs": worlds.OKRS,
            "numbers": worlds.NUMBERS,
        },
        "asked": [asdict(one) for one in world.asked],
    }


def _exported(world: worlds.World, job: dict[str, Any]) -> dict[str, Any]:
    """The world as JSON: Jira's issues, GitHub's repositories, the spreadsheets' cells, and the job."""
    return {
        "issues": [asdict(one) for one in world.issues],
        "repositories": world.repositories,
        "spreadsheets": world.cells,
        "job": job,
    }


if __name__ == "__main__":
    main()
