"""Faults of a sync as alerts name them: a key by which the same fault is recognized, its text, and one line."""

import hashlib
import re
from typing import TYPE_CHECKING

from config.dataclass import dataclass
from config.errors import OkrsyncError, UnsafePlanError
from config.message import Message
from config.plain_text import one_line
from syncer.i18n import join, localize
from syncer.present.error_text import error_text, one_line_error

if TYPE_CHECKING:
    from syncer.run.pipeline import RunReport


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a sync. `key` does not depend on numbers and times in the text, nor on the language.

    `stopped`: whether it kept the sheet from being updated. `cause` is equal for faults of several workspaces that have
    the same reason, whatever their measures; empty for a fault of one workspace alone.
    """

    key: str
    text: str
    summary: str
    stopped: bool = False
    cause: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """The text, line by line."""
        return tuple(one_line(line) for line in self.text.splitlines() if line.strip())


def fault_of(error: OkrsyncError, language: str) -> Fault:
    """Return the fault that ended a run."""
    return Fault(
        _key("run", _shape(error)), error_text(error, language), one_line(one_line_error(error, language)), True
    )


def faults_of(report: "RunReport", language: str) -> list[Fault]:
    """Return the faults of a run that got as far as a plan: why it was refused, and the sources that failed."""
    seen = report.assessment
    found = [_refused(report.refusal, language)] if report.refusal else []
    for failure in seen.failures():
        measures = seen.config.name_measures(failure.measures)
        text = error_text(failure.error, language, measures)
        summary = one_line(f"{localize(language, measures)} – {one_line_error(failure.error, language)}")
        key = _key("source", *failure.measures, _shape(failure.error))
        found.append(Fault(key, text, summary, cause=_cause(failure.error)))
    return found


def _refused(refusal: UnsafePlanError, language: str) -> Fault:
    reasons = [localize(language, reason) for reason in refusal.reasons]
    shapes = sorted({_shape_of(reason) for reason in refusal.reasons})
    return Fault(_key("refused", *shapes), "\n".join(reasons), one_line(join(language, reasons)), True)


def _cause(error: OkrsyncError) -> str:
    """Return what was done and seen, without numbers: the same for all workspaces that a service failed."""
    return _key("cause", re.sub(r"\d+", "0", f"{error.doing} {error.saw}"))


def _shape(error: OkrsyncError) -> str:
    return f"{error.code} {_shape_of(error.doing)} {_shape_of(error.saw)}"


def _shape_of(text: str) -> str:
    """Return a message without its values, or a text without its numbers."""
    return text.template if isinstance(text, Message) else re.sub(r"\d+", "0", text)


def _key(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
