"""What a schedule runs and when, by workspace: names of units and jobs, minutes of their own, syncs and messages."""

import hashlib
import re
from pathlib import Path
from zoneinfo import ZoneInfo

from config.dataclass import dataclass
from syncer.schedule.cron import Cron, calendar_lines, parse_cron, plain_cron, utc_crons

SYNC_HOUR, MESSAGE_HOUR = 8, 9
_LAST_HOUR = 23
_LONGEST_NAME = 40
"""A CronJob of Kubernetes may have 52 characters, of which a step's suffix takes some."""


@dataclass(frozen=True, slots=True)
class Step:
    """One command that a schedule runs; `options` are its words besides the config."""

    name: str
    cron: Cron
    timezone: str
    command: str
    options: tuple[str, ...] = ()

    @property
    def calendar(self) -> list[str]:
        """Schedule for systemd."""
        return calendar_lines(self.cron, self.timezone)

    @property
    def plain_cron(self) -> str:
        """Schedule for Kubernetes and GitHub Actions."""
        return plain_cron(self.cron)

    @property
    def utc(self) -> list[str] | None:
        """Schedule in UTC; None if it cannot be expressed."""
        return utc_crons(self.cron, ZoneInfo(self.timezone))

    def words(self, config: object) -> tuple[str, ...]:
        """Return the command line after `okrsync`."""
        return (self.command, "-c", str(config), *self.options)


def steps_of(name: str, cron: str, timezone: str, *, digest: bool, reminders: bool) -> tuple[Step, ...]:
    """Return the steps of a workspace: its sync, the digest on Mondays, and reminders on the other workdays.

    Messages go out an hour after a sync that comes once a day, else at 9. Raises OkrsyncError for a wrong expression.
    """
    synced = parse_cron(cron)
    minute, hour = synced.minutes[0], MESSAGE_HOUR
    if len(synced.hours) == 1 and synced.hours[0] < _LAST_HOUR:
        hour = synced.hours[0] + 1
    steps = [Step(name, synced, timezone, "sync", ("--fail-on", "error"))]
    if digest:
        steps.append(Step(f"{name}-digest", parse_cron(f"{minute} {hour} * * 1"), timezone, "notify"))
    if reminders:
        days = parse_cron(f"{minute} {hour} * * {2 if digest else 1}-5")
        steps.append(Step(f"{name}-reminders", days, timezone, "notify", ("--remind",)))
    return tuple(steps)


def own_cron(workspace: str) -> str:
    """Return workdays at 8, at a minute that a hash of the workspace's id gives, so that not all begin at once."""
    minute = 1 + int(hashlib.sha256(workspace.encode()).hexdigest(), 16) % 59
    return f"{minute} {SYNC_HOUR} * * 1-5"


def job_name(workspace_id: str, config_path: Path) -> str:
    """Return a name for units and objects from a workspace's id; without one, from the name of its config.

    An id that such a name cannot hold as it is gets a hash behind it, so that no two have one name.
    """
    stated = workspace_id or config_path.stem.lower()
    words = re.sub(r"[^a-z0-9]+", "-", stated.lower()).strip("-")
    name = f"okrsync-{words.removeprefix('okrsync-')}" if words not in ("", "okrsync") else "okrsync"
    if workspace_id and (words != workspace_id or len(name) > _LONGEST_NAME):
        mark = hashlib.sha256(workspace_id.encode()).hexdigest()[:6]
        return f"{name[: _LONGEST_NAME - 7].rstrip('-')}-{mark}"
    return name[:_LONGEST_NAME].rstrip("-")
