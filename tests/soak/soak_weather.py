"""Faults at random on every service a run speaks to, and whether they explain how a run ended."""

import random
import re
from dataclasses import dataclass, field

from sandbox_kit import Fault, Sandbox

HTML = {"Content-Type": "text/html"}
TARGETS = (
    ("jira", "/rest/"),
    ("github", "/graphql"),
    ("sheets", "/values:batchGet"),
    ("sheets", "/v4/spreadsheets/demo-okrs"),
    ("sheets", ":batchUpdate"),
    ("sheets", "/token"),
)
HANG_SECONDS = 1.3
TIMEOUT_SECONDS = 1.0
KINDS = (
    "429", "429 and when", "500", "502", "503", "504", "reset", "cut short", "truncated JSON", "HTML with 200", "hang",
)  # fmt: skip


def fault(dice: random.Random) -> tuple[str, Fault]:
    """One fault, once or so often that no retry helps; with its name."""
    service, match = dice.choice(TARGETS)
    kind = dice.choice(KINDS) if dice.random() < 0.9 else "hang"
    times = 1 if kind == "hang" else dice.choice((1, 1, 2, 6))
    made = Fault(service, match, times=times, skip=dice.choice((0, 0, 1)))
    made.after = match == ":batchUpdate" and dice.random() < 0.5
    match kind:
        case "429":
            made.status, made.body = 429, {"message": "later"}
        case "429 and when":
            made.status, made.headers = 429, {"Retry-After": dice.choice(("1", "7", "90000", "soon"))}
        case "500" | "502" | "503" | "504":
            made.status, made.body = int(kind), b"<html>"
        case "reset":
            made.status, made.body, made.cut = 200, b"{}" * 99, 0
        case "cut short":
            made.status, made.body, made.cut = 200, b'{"sheets": [{"properties": ' + b" " * 99, 9
        case "truncated JSON":
            made.status, made.body = 200, b'{"sheets": [{"properties": {"sheetId": 1'
        case "HTML with 200":
            made.status, made.body, made.headers = 200, b"<html>log in</html>", HTML
        case "hang":
            made.delay_seconds, made.status, made.body, made.after = HANG_SECONDS, 503, b"", False
    if made.status == 429:
        made.after = False  # who refuses has done nothing
    return f"{kind} on {service}{match}", made


@dataclass
class Weather:
    """What was put in the way of one run."""

    fault: Fault | None = None
    name: str = ""
    moves: int = 0
    given: int = field(default=0)

    @classmethod
    def some(cls, sandbox: Sandbox, dice: random.Random, share: float) -> "Weather":
        """A fault in so many of the runs."""
        sandbox.faults.clear()
        if dice.random() >= share:
            return cls()
        name, made = fault(dice)
        sandbox.faults.append(made)
        return cls(made, name, given=made.times)

    @property
    def struck(self) -> bool:
        """Whether the fault was met."""
        return self.fault is not None and self.fault.times < self.given

    def on_sheet(self) -> bool:
        """Whether it was met where the OKR sheet is read or written, or told its account to wait."""
        return self.struck and self.fault is not None and self.fault.service == "sheets"

    def reason(self, code: int, output: str) -> str:
        """Why the run ended with that code, if what was put in its way explains it; else empty."""
        for name, words, so in self._known():
            if so and re.search(words, output):
                return f"{code}: {name}"
        return ""

    def _known(self) -> tuple[tuple[str, str, object], ...]:
        broken = r"Timeout|timed out|Connection|Chunked|broke off|no complete answer"
        answer = rf"HTTP (429|50\d)|not sent|{broken}|not the API's JSON|no access token"
        return (
            ("the OKR sheet's service failed", answer, self.on_sheet()),
            (
                "a row or column that people took away meanwhile",
                "no row with that id|no such column|wanted '",
                self.moves,
            ),
            ("people typed over a number or an id stands twice", r"[1-9]\d* in conflict", True),
            ("a tracker failed, its key results stay", r"[1-9]\d* unknown", self.struck),
        )
