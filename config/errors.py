"""Exception classes. The class decides what the engine does next.

OkrsyncError             one clear message, no traceback, exit 1
  ConfigError            before any network call; lists its problems
  BrokenTypeError        before any network call; names the package that has to be updated or removed
  SourceError            the measures that depend on this read are unknown today; continue with the rest
    TransientSourceError   retried first
    AuthError              never retried
  SheetError             the OKR sheet could not be read or written; names what was and was not written
    StaleSheetError        the sheet, the config or the readings changed after the plan was made
    UncertainWriteError    whether the write arrived is unknown: read again, plan again
    LeaseLostError         another run took the workspace over; nothing was written
    UnsafePlanError        the plan is shown, nothing is written
    LedgerError            the ledger could not be read or written
  BusyError              another run has the workspace; nothing was written
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass  # noqa: TID251 - one class here is ordered
from itertools import groupby
from typing import ClassVar

from config.message import Message, in_turn
from config.plain_text import plain


class OkrsyncError(Exception):
    """Base class: a message of four parts: `doing` (the operation), `saw` (the fault), `effect` on the data, `advice`.

    Secrets and control characters are removed from each part, whatever a service answered. `code` is the error's kind
    in JSON output.
    """

    code: ClassVar[str] = "failed"

    def __init__(self, doing: str, saw: str, *, effect: str = "", advice: str = "") -> None:
        self.doing = _part(doing)
        self.saw = _part(saw)
        self.effect = _part(effect)
        self.advice = _part(advice)
        super().__init__(self.doing, self.saw, self.effect, self.advice)

    @property
    def summary(self) -> str:
        """What was done and what was seen, in one line."""
        return Message("{doing}: {saw}", doing=self.doing, saw=self.saw)

    def __str__(self) -> str:
        first = f"{self.doing}: {self.saw}"
        first = first if first.endswith((".", "?", "!")) else f"{first}."
        lines = [f"{first} {self.effect}".rstrip(), self.advice]
        return "\n".join(line for line in lines if line)


def _part(text: str) -> str:
    return text if isinstance(text, Message) else plain(text)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault in a config: its place and a message.

    `line` counts from 1; 0 means the file as a whole. `path` is dotted, as in `measures.bugs.jql`.
    """

    file: str
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        place = f"line {self.line}" if self.line else "file"
        return f"{place:<9} {self.path}  {self.message}" if self.path else f"{place:<9} {self.message}"


class ConfigError(OkrsyncError):
    """An invalid config. Its problems are listed at once, sorted by file and line; the text ends with the advice.

    Without an advice it ends with the effect. Beyond the first `MOST_SHOWN` problems only their number is shown.
    """

    code = "config"
    MOST_SHOWN = 50

    def __init__(self, problems: Sequence[Problem], *, advice: str = "") -> None:
        self.problems = tuple(sorted(problems))
        files = sorted({problem.file for problem in self.problems})
        super().__init__("config", ", ".join(files), effect="Nothing was read or written.", advice=advice)

    @property
    def summary(self) -> str:
        """The first problem with its place, and the number of others."""
        first, *others = self.problems
        place = Message("{file}, line {line}", file=first.file, line=first.line) if first.line else first.file
        said = Message("{place}: {path}  {message}", place=place, path=first.path, message=first.message)
        said = said if first.path else Message("{doing}: {saw}", doing=place, saw=first.message)
        more = Message(
            "{first} (and {count} more problem)", "{first} (and {count} more problems)", first=said, count=len(others)
        )
        return more if others else said

    @property
    def end(self) -> str:
        """The last line of the text."""
        return self.advice or self.effect

    @property
    def shown(self) -> tuple[Problem, ...]:
        """The problems that are shown."""
        return self.problems[: self.MOST_SHOWN]

    @property
    def more(self) -> int:
        """Number of problems that are not shown."""
        return len(self.problems) - len(self.shown)

    @property
    def count_of(self) -> Counter[str]:
        """Number of problems by file, shown or not."""
        return Counter(problem.file for problem in self.problems)

    def __str__(self) -> str:
        lines: list[str] = []
        for file, problems in groupby(self.shown, lambda problem: problem.file):
            count = self.count_of[file]
            lines.append(f"{file}: {count} problem{'s' if count != 1 else ''}")
            lines.extend(plain(f"  {problem}") for problem in problems)
        if self.more:
            lines.append(f"  ... and {self.more} more; correct these first")
        return "\n".join([*lines, self.end])


class BrokenTypeError(OkrsyncError):
    """An installed package offers a connection type that cannot be used."""

    def __init__(self, name: str, saw: str, package: str) -> None:
        super().__init__(
            Message("loading the connection type '{name}'", name=name),
            saw,
            effect="Nothing was read or written.",
            advice=Message("Update or uninstall {package}.", package=package),
        )


class SourceError(OkrsyncError):
    """A failed read; the measures that depend on it are unknown today. `status` is that of an HTTP answer, if any."""

    code = "source"
    status: int | None = None


class TransientSourceError(SourceError):
    """A failed read that may succeed when retried: network faults, HTTP 429 and 5xx.

    `retry_after_seconds` is the wait that the service requested; None when it requested none.
    """

    def __init__(
        self, doing: str, saw: str, *, effect: str = "", advice: str = "", retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(doing, saw, effect=effect, advice=advice)
        self.retry_after_seconds = retry_after_seconds


class AuthError(SourceError):
    """Credentials or their scope were refused by the service. Never retried."""

    code = "credentials"


class SheetError(OkrsyncError):
    """The OKR sheet could not be read or written as planned."""

    code = "sheet"


class StaleSheetError(SheetError):
    """The sheet, the config or the readings changed after the plan was made."""

    code = "outdated_plan"


class UncertainWriteError(SheetError):
    """A write without an answer. The write is not sent again: the sheet is read and planned again."""

    code = "uncertain_write"


class LeaseLostError(SheetError):
    """Another run took the workspace over before this one wrote."""

    code = "lease_lost"


class BusyError(OkrsyncError):
    """Another run has the workspace."""

    code = "busy"


class UnsafePlanError(OkrsyncError):
    """A plan that guards refused. `reasons` has one line per guard; `head` and `end` are the lines before and after."""

    code = "unsafe_plan"

    def __init__(self, reasons: Sequence[str], *, head: str, end: str) -> None:
        self.reasons = tuple(reasons)
        self.head = head
        self.end = end
        super().__init__("checking the plan", f"{len(self.reasons)} guards refused")

    @property
    def summary(self) -> str:
        """Why the guards refused it."""
        return in_turn(self.reasons)

    def __str__(self) -> str:
        return "\n".join([self.head, *(f"  - {plain(reason)}" for reason in self.reasons), self.end])


class LedgerError(OkrsyncError):
    """The ledger could not be read or written. The sheet never depends on the ledger."""

    code = "ledger"
