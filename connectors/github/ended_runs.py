"""Find when workflow runs ended.

A run's `updated_at` is its end at first, but GitHub may move it later (fchimpan/gh-workflow-stats#11). The times of
jobs do not move. They cost a request per run, so that jobs are read only for runs that seem to have taken longer than a
job on GitHub's own machines may take.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from config.errors import SourceError
from config.message import Message
from connectors.github.client import GitHubClient
from connectors.github.errors import EFFECT
from connectors.github.pages import PAGE, unexpected
from connectors.github.rows import ENDED, Node, hours, instant, whole

KIND = "jobs"
NEEDING = ("ended", "duration_hours")
"""Columns that need to know when a run ended."""

LONGEST_JOB_HOURS = 6.0
"""Maximum time of a job on a GitHub-hosted runner.

Source: https://docs.github.com/en/actions/reference/limits
"""
MOST_LOOKED_UP = 1000
"""Maximum number of runs of one read whose jobs are read; GitHub allows 5,000 requests per hour."""


class EndedRuns:
    """Adds to the runs of one read when they ended. `error` is set once that is not known, which fails columns."""

    def __init__(self, client: GitHubClient) -> None:
        self._client = client
        self._looked_up = 0
        self.error: SourceError | None = None

    def added(self, repository: str, runs: Sequence[Node]) -> list[Node]:
        """Return the runs with `ENDED`. Raises KeyError, TypeError, ValueError where they are not as documented."""
        long = [run for run in runs if _seems_long(run)]
        ended = {run["id"]: run["updated_at"] if run["status"] == "completed" else None for run in runs}
        self._looked_up += len(long)
        if self._looked_up > MOST_LOOKED_UP:
            self.error = self.error or self._too_many(repository)
        if self.error is None and long:
            with ThreadPoolExecutor(self._client.connection.lanes, "okrsync-github-jobs") as lanes:
                found = lanes.map(lambda run: self._ended_or_error(repository, run), long)
                for run, end in zip(long, found, strict=True):
                    ended[run["id"]] = None if isinstance(end, SourceError) else end
                    self.error = self.error or (end if isinstance(end, SourceError) else None)
        return [{**run, ENDED: ended[run["id"]] if self.error is None else None} for run in runs]

    def _ended_or_error(self, repository: str, run: Node) -> str | SourceError | None:
        try:
            return self._by_jobs(repository, run)
        except SourceError as exc:
            return exc

    def _by_jobs(self, repository: str, run: Node) -> str | None:
        """Return when the last job of the latest attempt ended; None if there is none. Raises SourceError."""
        path = f"/repos/{repository}/actions/runs/{whole(run['id'])}/jobs"
        ends: list[str | None] = []
        number, total = 1, 1
        try:
            while len(ends) < total:
                page = self._client.get(path, {"filter": "latest", "per_page": PAGE, "page": number}, KIND)
                jobs = page["jobs"]
                ends += [job["completed_at"] for job in jobs]
                total = whole(page["total_count"])
                if not jobs:
                    break
                number += 1
            times = [(at, end) for end in ends if (at := instant(end)) is not None]
            began = instant(run.get("run_started_at"))
        except (KeyError, TypeError, ValueError) as exc:
            raise unexpected(self._client, f"GET {path}", exc) from exc
        if len(times) < len(ends) or len(ends) < total or not times:
            return None
        last, end = max(times)
        return end if began is None or last >= began else None

    def _too_many(self, repository: str) -> SourceError:
        saw = Message(
            "more than {most} runs seem to have taken over {hours:g} hours, most likely because GitHub changed them "
            "later; telling when each ended takes a request",
            most=MOST_LOOKED_UP,
            hours=LONGEST_JOB_HOURS,
        )
        doing = self._client.doing(Message("workflow runs of {repository}", repository=repository))
        advice = "Narrow `created` to the last three months, or name a `workflow`."
        return SourceError(doing, saw, effect=EFFECT, advice=advice)


def _seems_long(run: Node) -> bool:
    began = run.get("run_started_at") or run["created_at"]
    took = hours(began, run["updated_at"]) if run["status"] == "completed" else None
    return took is not None and not 0 <= took <= LONGEST_JOB_HOURS
