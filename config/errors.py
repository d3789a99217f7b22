"""Every deliberate error. What the engine does next is the type.

OkrsyncError             one clear message, no traceback, exit 1
  ConfigError            before any network call; lists every problem
  BrokenTypeError        before any network call; names the package that has to be updated or removed
  SourceError            the measures that stand on this read are unknown today; go on with the rest
    TransientSourceError   retried first
    AuthError              never retried
  SheetError             the OKR sheet could not be read or written; says what was and was not written
    StaleSheetError        the sheet, the config or the readings moved on after the plan was made
    UncertainWriteError    nobody knows whether the write arrived: read again, plan again
  UnsafePlanError        the plan is shown, nothing is written
  LedgerError            the history could not be read or kept
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from config.message import Message
from config.plain_text import plain


class OkrsyncError(Exception):
    """A message of four parts: what we were doing, what we saw, its effect on the data, what to do next.

    No part holds a secret or a control character, whatever a service answered. `code` names its kind in JSON.
    """

    code: ClassVar[str] = "failed"

    def __init__(self, doing: str, saw: str, *, effect: str = "", advice: str = "") -> None:
        self.doing = _part(doing)
        self.saw = _part(saw)
        self.effect = _part(effect)
        self.advice = _part(advice)
        super().__init__(self.doing, self.saw, self.effect, self.advice)

    def __str__(self) -> str:
        first = f"{self.doing}: {self.saw}"
        first = first if first.endswith((".", "?", "!")) else f"{first}."
        lines = [f"{first} {self.effect}".rstrip(), self.advice]
        return "\n".join(line for line in lines if line)


def _part(text: str) -> str:
    return text if isinstance(text, Message) else plain(text)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault of a config: where it stands and what is wrong with it.

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
    """The config cannot be used. All problems are listed at once, sorted by file and line."""

    code = "config"

    def __init__(self, problems: Sequence[Problem], *, advice: str = "Nothing was read or written.") -> None:
        self.problems = tuple(sorted(problems))
        files = sorted({problem.file for problem in self.problems})
        super().__init__("config", ", ".join(files), advice=advice)

    def __str__(self) -> str:
        lines: list[str] = []
        for file in sorted({problem.file for problem in self.problems}):
            mine = [problem for problem in self.problems if problem.file == file]
            lines.append(f"{file}: {len(mine)} problem{'s' if len(mine) != 1 else ''}")
            lines.extend(plain(f"  {problem}") for problem in mine)
        return "\n".join([*lines, self.advice])


class BrokenTypeError(OkrsyncError):
    """An installed package offers a type of connection that cannot be used."""

    def __init__(self, name: str, saw: str, package: str) -> None:
        super().__init__(
            Message("loading the connection type '{name}'", name=name),
            saw,
            effect="Nothing was read or written.",
            advice=Message("Update or uninstall {package}.", package=package),
        )


class SourceError(OkrsyncError):
    """A read failed; what stands on it is unknown today."""

    code = "source"


class TransientSourceError(SourceError):
    """A read failed in a way that may pass: network faults, 429 and 5xx.

    `retry_after_seconds` is what the service asked for, None when it asked for nothing.
    """

    def __init__(
        self, doing: str, saw: str, *, effect: str = "", advice: str = "", retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(doing, saw, effect=effect, advice=advice)
        self.retry_after_seconds = retry_after_seconds


class AuthError(SourceError):
    """The service refused our credentials or their scope. Never retried."""

    code = "credentials"


class SheetError(OkrsyncError):
    """The OKR sheet could not be read or written as planned."""

    code = "sheet"


class StaleSheetError(SheetError):
    """What the plan was made from has changed since."""

    code = "outdated_plan"


class UncertainWriteError(SheetError):
    """The answer to a write never came. It is not sent again: the sheet is read and planned anew."""

    code = "uncertain_write"


class UnsafePlanError(OkrsyncError):
    """Guards refused the plan. `reasons` holds one line per guard that did; `head` and `end` stand around them."""

    code = "unsafe_plan"

    def __init__(self, reasons: Sequence[str], *, head: str, end: str) -> None:
        self.reasons = tuple(reasons)
        self.head = head
        self.end = end
        super().__init__("checking the plan", f"{len(self.reasons)} guards refused")

    def __str__(self) -> str:
        return "\n".join([self.head, *(f"  - {plain(reason)}" for reason in self.reasons), self.end])


class LedgerError(OkrsyncError):
    """The ledger could not be read or written. What the sheet holds never depends on it."""

    code = "ledger"
