"""Sample GitHub data of a fictional product team, deterministic for the same input."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from connectors.sandbox.github.projects import item as project_item
from connectors.sandbox.github.search import stamp
from connectors.sandbox.github.state import deployment, item, repository

PULL_REQUESTS = 1240
MERGED = 1180
MERGED_IN_CYCLE = 60
_OPEN_PULLS = 40
_ISSUES = 80
_IN_MILESTONE = 16
_CLOSED_IN_MILESTONE = 10
_RUNS = 48
_DEPLOYED = 24
_EPIC = 20
_PLANNED = 40
_SUB_ISSUES = range(21, 29)
_PEOPLE = ("amy", "ben", "chia", "dai", "eva")
_TITLES = {
    "en": {"pr": "Improve checkout step {n}", "bug": "Error on page {n}", "feature": "Support case {n}"},
    "zh-TW": {"pr": "改善結帳流程 {n}", "bug": "頁面 {n} 發生錯誤", "feature": "支援情境 {n}"},
}


class _Calendar:
    """Instants within the cycle so far, and before it.

    Half a day around the first midnight of the cycle is left out, so that the cycle has the same items in any time
    zone.
    """

    def __init__(self, first_day: date, today: datetime) -> None:
        midnight = datetime.combine(first_day, time(), UTC)
        self.today = today.astimezone(UTC)
        self._begin = min(midnight + timedelta(hours=14), self.today - timedelta(hours=2))
        self._before = min(midnight - timedelta(hours=14), self._begin - timedelta(hours=2))

    def inside(self, share: float) -> datetime:
        """Return the instant at that share (0 to 1) of the time from the cycle's start to today."""
        return self._begin + (self.today - timedelta(minutes=30) - self._begin) * share

    def before(self, share: float) -> datetime:
        """Return the instant at that share of the time from two years before the cycle to the day before it."""
        return self._before - timedelta(days=730) * (1 - share)


def sample_repositories(first_day: date, today: datetime, language: str) -> dict[str, dict[str, Any]]:
    """Return the repository `acme/app` by name, for a cycle that began on `first_day`, as of `today` (aware).

    1,240 pull requests, 1,180 of them merged, 60 in the cycle with a 90th percentile of 13.1 hours from creation to
    merge; 80 issues, number 20 with 8 sub-issues, 5 of them closed; the milestone v2.0 with 10 of 16 issues closed; 3
    releases in the cycle; workflow runs; 24 deployments to production, 3 of which failed; 640 stars.
    """
    calendar = _Calendar(first_day, today)
    titles = _TITLES.get(language, _TITLES["en"])
    releases = [_release(f"v1.{9 - old}.0", calendar.before(1 - old / 8)) for old in (2, 1)]
    releases += [_release(f"v2.0.{n}", calendar.inside((n + 1) / 4)) for n in range(3)]
    app = repository(
        "acme/app",
        stars=640,
        forks=87,
        watchers=41,
        created_at=stamp(calendar.before(0) - timedelta(days=30)),
        pushed_at=stamp(calendar.inside(1)),
        items=[*_issues(calendar, titles), *_pulls(calendar, titles["pr"])],
        milestones=[
            _milestone(1, "v1.9", calendar.before(0.4), closed_at=stamp(calendar.before(0.95))),
            _milestone(2, "v2.0", calendar.before(0.97), due_on=stamp(calendar.today + timedelta(days=30))),
            _milestone(3, "v2.1", calendar.inside(0.5)),
        ],
        releases=releases,
        runs=list(_runs(calendar)),
        deployments=list(_deployments(calendar)),
    )
    return {"acme/app": app}


def sample_projects(first_day: date, today: datetime) -> dict[str, dict[str, Any]]:
    """Return the project `acme/7` by owner and number: a board over `acme/app`, for a cycle as of `today`.

    40 issues with an estimate of 1 to 5 points, 20 pull requests and 4 drafts; what is done was archived in part.
    """
    calendar = _Calendar(first_day, today)
    iterations = [
        {"title": f"Iteration {n + 1}", "start": (first_day + timedelta(days=14 * n)).isoformat(), "days": 14}
        for n in range(3)
    ]
    items = []
    for n in range(_PLANNED):
        closed = n < _CLOSED_IN_MILESTONE if n < _IN_MILESTONE else n % 8 < 5  # noqa: PLR2004 - as the issues are
        status = "Done" if closed else "In Progress" if n % 3 == 0 else "Todo"
        values = {
            "Status": status,
            "Estimate": float(1 + n % 5),
            "Iteration": iterations[n % 3],
            "Target date": calendar.today.date().isoformat() if n % 4 == 0 else None,
            "Team": "Core" if n % 2 else "Web",
        }
        archived = closed and n % 6 == 0
        items.append(
            project_item(n, f"acme/app#{n + 1}", values, archived=archived, added_at=stamp(calendar.inside(0)))
        )
    items += (
        project_item(_PLANNED + n, f"acme/app#{_ISSUES + MERGED + n + 1}", {"Status": "In Progress"}) for n in range(20)
    )
    items += (
        project_item(_PLANNED + 20 + n, {"title": f"Idea {n + 1}", "author": "amy"}, {"Status": "Todo"})
        for n in range(4)
    )
    fields = {
        "Title": "TITLE",
        "Assignees": "ASSIGNEES",
        "Status": "SINGLE_SELECT",
        "Labels": "LABELS",
        "Estimate": "NUMBER",
        "Iteration": "ITERATION",
        "Target date": "DATE",
        "Team": "TEXT",
    }
    return {"acme/7": {"title": "Roadmap", "fields": fields, "items": items}}


def _issues(calendar: _Calendar, titles: dict[str, str]) -> Iterator[dict[str, Any]]:
    for n in range(_ISSUES):
        kind = "bug" if n % 2 == 0 else "feature"
        in_milestone = n < _IN_MILESTONE
        closed = n < _CLOSED_IN_MILESTONE if in_milestone else n % 8 < 5  # noqa: PLR2004 - five of eight
        in_cycle = in_milestone or n % 4 == 0
        share = (n * 37 % _ISSUES) / _ISSUES
        ended = calendar.inside(0.2 + 0.8 * share) if in_cycle else calendar.before(0.5 + 0.5 * share)
        created = ended - timedelta(hours=10 + n * 2)
        yield item(
            n + 1,
            stamp(created),
            title=titles[kind].format(n=n + 1),
            state="closed" if closed else "open",
            state_reason=("not_planned" if n % 16 == 12 else "completed") if closed else None,  # noqa: PLR2004 - one in 16
            labels=[kind, "urgent"] if n % 10 == 0 else [kind],
            milestone="v2.0" if in_milestone else None,
            author=_PEOPLE[n % 5],
            assignees=[_PEOPLE[(n + 1) % 5]] if n % 3 else [],
            closed_at=stamp(ended) if closed else None,
            updated_at=stamp(ended),
            comments=n % 7,
            parent=f"acme/app#{_EPIC}" if n + 1 in _SUB_ISSUES else None,
        )


def _deployments(calendar: _Calendar) -> Iterator[dict[str, Any]]:
    """Yield deployments to production and staging; each success makes the one before it inactive."""
    for environment in ("staging", "production"):
        next_success = ""
        for n in reversed(range(_DEPLOYED)):
            created = calendar.inside(n / _DEPLOYED)
            failed = environment == "production" and n % 8 == 5  # noqa: PLR2004 - one in eight
            ended = stamp(created + timedelta(minutes=4))
            statuses = [("in_progress", stamp(created)), ("failure" if failed else "success", ended)]
            if next_success and not failed:
                statuses.append(("inactive", next_success))
            next_success = next_success if failed else ended
            number = 5000 + 2 * n + (environment == "production")
            yield deployment(number, stamp(created), *statuses, environment=environment)


def _pulls(calendar: _Calendar, title: str) -> Iterator[dict[str, Any]]:
    for n in range(PULL_REQUESTS):
        recent = n - (MERGED - MERGED_IN_CYCLE)
        merged = n < MERGED
        hours = 2 + (n * 53 % 97) * 0.5
        if recent >= 0 and merged:
            hours = 0.5 + 14 * (recent * 37 % MERGED_IN_CYCLE) / (MERGED_IN_CYCLE - 1)
            ended = calendar.inside((recent + 1) / MERGED_IN_CYCLE)
        elif merged:
            ended = calendar.before(n / (MERGED - MERGED_IN_CYCLE))
        else:
            ended = calendar.before(1 - (n - MERGED) / 400)
        is_open = n >= PULL_REQUESTS - _OPEN_PULLS
        yield item(
            _ISSUES + n + 1,
            stamp(ended - timedelta(hours=hours)),
            type="pr",
            title=title.format(n=n + 1),
            state="open" if is_open else "closed",
            author=_PEOPLE[n % 5],
            labels=["bug"] if n % 4 == 0 else [],
            draft=is_open and n % 5 == 0,
            closed_at=None if is_open else stamp(ended),
            merged_at=stamp(ended) if merged else None,
            updated_at=stamp(ended),
            additions=5 + n * 7 % 300,
            deletions=n * 3 % 120,
            changed_files=1 + n % 12,
            reviews=n % 4,
            comments=n % 6,
            head=f"topic-{n + 1}",
        )


def _runs(calendar: _Calendar) -> Iterator[dict[str, Any]]:
    for n in range(_RUNS):
        started = calendar.inside(n / _RUNS)
        done = n < _RUNS - 1
        yield {
            "id": 9_000_000_000 + n,
            "workflow": "deploy.yml" if n % 4 == 0 else "ci.yml",
            "event": "push" if n % 2 else "pull_request",
            "branch": "main" if n % 3 else f"topic-{n}",
            "status": "completed" if done else "in_progress",
            "conclusion": ("failure" if n % 8 == 5 else "success") if done else None,  # noqa: PLR2004 - one in eight
            "created_at": stamp(started),
            "started_at": stamp(started),
            "updated_at": stamp(min(started + timedelta(minutes=6 + n % 9), calendar.today)),
            "attempt": 2 if n % 8 == 5 else 1,  # noqa: PLR2004 - what failed was tried again
        }


def _milestone(
    number: int, title: str, created: datetime, *, due_on: str | None = None, closed_at: str | None = None
) -> dict[str, Any]:
    state = "closed" if closed_at else "open"
    times = {"due_on": due_on, "created_at": stamp(created), "closed_at": closed_at}
    return {"number": number, "title": title, "state": state, **times}


def _release(tag: str, published: datetime) -> dict[str, Any]:
    times = {"created_at": stamp(published - timedelta(minutes=5)), "published_at": stamp(published)}
    return {"tag": tag, "name": tag, "draft": False, "prerelease": False, "author": "amy", **times}
