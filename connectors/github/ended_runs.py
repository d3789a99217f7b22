"""Find when workflow runs ended.

A run's `updated_at` moves whenever GitHub touches the run later (fchimpan/gh-workflow-stats#11), and its `timing` is
closing down; the times of its jobs stay. GraphQL gives the jobs of 50 runs a request, as check runs of their check
suites. REST gives those of one run a request, and is asked about the runs that GraphQL leaves open: all of a private
repository where the token is fine-grained, since such a token reads no checks (github/rest-api-description#4290), and
those of over 100 jobs.
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from config.errors import AuthError, SourceError
from config.message import Message
from connectors.github.client import GitHubClient
from connectors.github.errors import EFFECT, MissingError, NullError, RefusedError, UnknownFieldError
from connectors.github.graphql import Answer, Question, ask, filled
from connectors.github.pages import PAGE, unexpected
from connectors.github.rows import ENDED, Node, instant, whole

KIND = "jobs"
NEEDING = ("ended", "duration_hours")
"""Columns that need to know when a run ended."""

MOST_ASKED_ALONE = 900
"""Maximum number of runs of one read whose jobs are read over REST; GitHub allows 900 such requests a minute.

Source: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""
_CHECKS = f"checkRuns(first:{PAGE},filterBy:{{checkType:ALL}}){{totalCount nodes{{completedAt detailsUrl}}}}"
_LEFT_OPEN = (AuthError, MissingError, NullError, RefusedError, UnknownFieldError)
"""Errors of GraphQL after which REST may still answer."""


class EndedRuns:
    """Adds to the runs of one read when they ended. `error` is set once that is not known, which fails columns."""

    def __init__(self, client: GitHubClient) -> None:
        self._client = client
        self._alone = 0
        self._denied = False
        self.error: SourceError | None = None

    def added(self, repository: str, runs: Sequence[Node]) -> list[Node]:
        """Return the runs with `ENDED`. Raises KeyError, TypeError, ValueError where they are not as documented."""
        done = [run for run in runs if run["status"] == "completed"]
        ends: dict[int, str | None] = {}
        with ThreadPoolExecutor(self._client.connection.lanes, "okrsync-github-jobs") as lanes:
            for some in lanes.map(self._by_checks, filled(done, lambda _: 1)):
                ends |= some
            left = [run for run in done if run["id"] not in ends]
            self._alone += len(left)
            if self._alone > MOST_ASKED_ALONE:
                self._fail(self._too_many(repository))
            elif self.error is None:
                for run, end in zip(left, lanes.map(lambda run: self._by_jobs(repository, run), left), strict=True):
                    ends[run["id"]] = end
        return [{**run, ENDED: ends.get(run["id"]) if self.error is None else None} for run in runs]

    def _by_checks(self, runs: Sequence[Node]) -> dict[int, str]:
        """Return the ends by run id that one GraphQL request gives. Raises KeyError, TypeError, ValueError."""
        asked = [run for run in runs if run.get("check_suite_node_id")]
        if self._denied or self.error or not asked:
            return {}
        ends: dict[int, str] = {}
        for run, answer in zip(asked, ask(self._client, [_question(run) for run in asked], KIND), strict=True):
            if isinstance(answer, SourceError):
                self._denied = self._denied or isinstance(answer, AuthError)
                if not isinstance(answer, _LEFT_OPEN):
                    self._fail(answer)
            elif end := _end_of_checks(run, answer):
                ends[run["id"]] = end
        return ends

    def _by_jobs(self, repository: str, run: Node) -> str | None:
        """Return when the last job of the latest attempt ended; None where REST does not say it either."""
        path = f"/repos/{repository}/actions/runs/{whole(run['id'])}/jobs"
        ends: list[Any] = []
        number, total = 1, 1
        try:
            while len(ends) < total:
                page = self._client.get(path, {"filter": "latest", "per_page": PAGE, "page": number}, KIND)
                jobs = page["jobs"]
                ends += [job["completed_at"] for job in jobs]
                total = whole(page["total_count"])
                if not jobs:
                    return None
                number += 1
            return _last(run, ends)
        except SourceError as exc:
            self._fail(exc)
        except (KeyError, TypeError, ValueError) as exc:
            self._fail(unexpected(self._client, f"GET {path}", exc))
        return None

    def _fail(self, error: SourceError) -> None:
        self.error = self.error or error

    def _too_many(self, repository: str) -> SourceError:
        saw = Message(
            "reading when more than {most} of the runs ended would take a request each", most=MOST_ASKED_ALONE
        )
        doing = self._client.faults.doing(Message("workflow runs of {repository}", repository=repository))
        advice = Message(
            "Narrow `created`, name a `workflow`, or use a token that may read checks (a classic one, or a GitHub "
            "App's), which read this for 50 runs in one request."
        )
        return SourceError(doing, saw, effect=EFFECT, advice=advice)


def _question(run: Node) -> Question:
    field = f"node(id:$id){{...on CheckSuite{{{_CHECKS}}}}}"
    return Question(field, {"id": str(run["check_suite_node_id"])}, Message("jobs of workflow runs"), type="ID!")


def _end_of_checks(run: Node, suite: Answer) -> str | None:
    """Return when the run's last job ended, if its check suite says so. Raises KeyError, TypeError, ValueError."""
    checks = suite.get("checkRuns") if isinstance(suite, Mapping) else None
    if checks is None or whole(checks["totalCount"]) > PAGE or None in checks["nodes"]:
        return None
    # Reports of tests that an action creates as check runs may be in any suite of the commit (dorny/test-reporter#387).
    job = f"/actions/runs/{run['id']}/"
    return _last(run, (check["completedAt"] for check in checks["nodes"] if job in (check["detailsUrl"] or "")))


def _last(run: Node, ends: Iterable[object]) -> str | None:
    """Return the last end; None if one is missing, there is none, or all are before the run's latest attempt."""
    times = [(instant(end), end) for end in ends]
    began = instant(run.get("run_started_at"))
    if not times or any(at is None for at, _ in times):
        return None
    at, end = max((at, str(end)) for at, end in times if at is not None)
    return end if began is None or at >= began else None
